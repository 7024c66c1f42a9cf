"""MediaWiki's action API (formatversion 2): lists of pages, how a page stands, what an error means; and Wikimedia's views."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from collectors._formats.asking import plain
from collectors._formats.fields import Json, identity, text, unique
from collectors._formats.spellings import spellings
from spillover import Answer, Availability, Broken, Changed, CollectError, Measure, Post, Query, RateLimited, Refused

_NOT_NOW, _NOT_US = {"ratelimited", "maxlag"}, {"readapidenied", "permissiondenied", "blocked", "autoblocked"}
_BROKEN = ("internal_api_error", "readonly", "unknownerror", "search-", "cirrussearch")
_LANGUAGES = {"simple": "en", "zh-yue": "yue", "zh-min-nan": "nan", "zh-classical": "lzh"}  # editions not named by one


def asks(query: Query) -> list[dict[str, str]]:
    """Return what to ask for, one after the other; only articles, for pages of users are named after accounts."""
    if query.kind == "link":
        fixed = {"list": "exturlusage", "eunamespace": "0", "eulimit": "500", "euprotocol": "https"}
        bare = unique(url.partition("://")[2] for url in spellings(query.text))
        return [fixed | {"euquery": address} for address in bare]
    fixed = {"list": "search", "srnamespace": "0", "srlimit": "500", "srinfo": "totalhits", "srprop": ""}
    return [fixed | {"srsearch": f'insource:"{plain(query.text)}"'}]


def post(row: Json, base: str) -> Post:
    """Return a page that is listed; its language is that of its edition."""
    wiki, page_id = urlsplit(base).netloc, identity(row["pageid"], "pageid")
    edition = wiki.removesuffix(".wikipedia.org")
    return Post(
        id=f"{wiki}:{page_id}",
        url=f"{base}/?curid={page_id}",
        kind="page",
        title=text(row["title"]),
        lang=_LANGUAGES.get(edition, edition) if edition != wiki else None,
        links=unique([row.get("url")]),
    )


def standing(post_id: str, page: Json | None) -> Availability:
    """Say how a page stands. Only administrators can delete, so ``missing`` is a removal that the wiki states."""
    if page is None:
        return Availability(id=post_id, status="unknown", cause="missing", basis="absent")
    if page.get("missing"):
        return Availability(id=post_id, status="gone", cause="moderation", said="missing")
    if not text(page["title"]):
        raise ValueError("a page without a title")
    return Availability(id=post_id, status="up")


def views(item: Json, post_id: str) -> Measure:
    """Return a day's views of a page."""
    day = datetime.strptime(item["timestamp"][:8], "%Y%m%d").replace(tzinfo=UTC)
    edition = post_id.partition(".")[0]
    return Measure(
        series="pageviews",
        subject=post_id,
        value=int(item["views"]),
        unit="views",
        since=day,
        until=day + timedelta(days=1),
        lang=_LANGUAGES.get(edition, edition),
    )


def refusal(error: Json, answer: Answer) -> CollectError:
    """Return what an error stands for; they come with status 200."""
    code, wait = str(error["code"]), answer.headers.get("retry-after", "")
    message = f"{urlsplit(answer.url).hostname} answered {code}: {error.get('info')}"[:200]
    if code in _NOT_NOW:
        retry_at = answer.fetched_at + timedelta(seconds=int(wait)) if wait.isdecimal() else None
        return RateLimited(message, retry_at=retry_at)
    if code in _NOT_US or code.startswith("assert"):
        return Refused(message)
    return Broken(message) if code.startswith(_BROKEN) else Changed(message)
