"""Feeds, RSS and Atom, as outlets really write them: an entry is an article, or a video of a YouTube channel's feed.

Terms: a feed is published to be read by machines; each is asked for at the outlet's own pace and only for what changed.
Limits: a feed holds its newest entries only, so what fell out between two readings is a gap, and the window says so.
Texts are stripped of markup; a time that cannot be is unknown. Channel feeds of YouTube count views and likes (stars);
whether they cost quota is unconfirmed [U].
"""

from __future__ import annotations

import io
import re
from calendar import timegm
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any

import feedparser
from feedparser.encodings import convert_to_utf8

from spillover import (
    Answer,
    Author,
    Broken,
    Changed,
    Collector,
    Counts,
    Page,
    Post,
    Query,
    Reject,
    Window,
    read_count,
    read_time,
)

_BIGGEST = 8 * 2**20  # bytes
_DEEPEST = 50_000  # tags open at once; feedparser's time grows with the square: 200,000 took 8 s, 1,300,000 took 52 s
_UNFOLDED = 10 * 2**20  # characters that a feed's own entities may add
_LONGEST = 100_000  # characters of one text
_ENTITY = re.compile(rb"<!ENTITY\s[^\"'>]*(\"[^\"]*\"|'[^']*')", re.IGNORECASE)
_LANG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_OPEN_OR_CLOSE = re.compile(rb"<(/?)[a-zA-Z][^<>]*(?<!/)>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_FIRST = datetime(1990, 1, 1, tzinfo=UTC)  # before the web there was no article on it


class Rss(Collector):
    """One query is one feed; one answer is one page."""

    name = "rss"
    hosts = ("*",)
    finds = frozenset({"feed"})
    terms = "https://www.rssboard.org/rss-specification"

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        url = query.text if "://" in query.text else f"https://{query.text}"
        answer = self.client.get(url, conditional=True)
        if answer.unchanged:
            yield Page(done=True, window=Window(since=window.since, until=answer.fetched_at))
            return
        if answer.status != 200:
            raise Broken(f"the feed answers {answer.status}")
        yield _page(_parse(answer), window, answer.fetched_at)


def _parse(answer: Answer) -> Any:
    """Parse a feed without letting it unfold, open a file or reach the network."""
    if len(answer.body) > _BIGGEST:
        raise Broken(f"a feed of more than {_BIGGEST} bytes")
    headers = {name: answer.headers[name] for name in ("content-type", "content-language") if name in answer.headers}
    plain = convert_to_utf8(headers, answer.body, {})  # entities can hide in any encoding
    entities = _ENTITY.findall(plain)
    nested = any(b"&" in value.replace(b"&#", b"") for value in entities)
    if nested or max(map(len, entities), default=0) * plain.count(b"&") > _UNFOLDED:
        raise Broken("a feed whose entities would unfold into more than we read")
    if _depth(plain) > _DEEPEST:
        raise Broken("a feed of tags that nobody closes")
    place = {"content-location": answer.url}
    feed = feedparser.parse(io.BytesIO(answer.body), response_headers=headers | place, sanitize_html=False)
    if not feed.get("version"):
        raise Changed("what came is no feed")
    return feed


def _depth(plain: bytes) -> int:
    """Return how many tags are open at once, at most; unclosed ones of HTML count too, so a page of them is no bomb."""
    depth = deepest = 0
    for tag in _OPEN_OR_CLOSE.finditer(plain):
        depth += -1 if tag[1] else 1
        deepest = max(deepest, depth)
    return deepest


def _page(feed: Any, window: Window, now: datetime) -> Page:
    page = Page(done=True)
    seen: set[str] = set()
    for number, entry in enumerate(feed.entries, 1):
        id = str(entry.get("yt_videoid") or entry.get("id") or entry.get("link") or "").strip()
        if not id:
            page.rejects.append(Reject(line=number, reason="an entry with neither id nor link"))
        elif id not in seen:
            seen.add(id)
            page.posts.append(_post(id, entry, feed.feed, now))
    times = [post.published_at for post in page.posts if post.published_at]
    page.window, page.cut_short = _covered(times, window, now)
    return page


def _covered(times: list[datetime], window: Window, now: datetime) -> tuple[Window, str | None]:
    """Return what a feed covers: it holds its newest entries, so its oldest one is where it begins."""
    oldest = min(times, default=None)
    if oldest is None or (window.since and oldest <= window.since):
        return Window(since=window.since or now, until=now), None
    reason = f"feed reaches back only to {oldest:%Y-%m-%dT%H:%M:%SZ}" if window.since else None
    return Window(since=min(oldest, now), until=now), reason


def _post(id: str, entry: Any, feed: Any, now: datetime) -> Post:
    title, text = _Plain(entry.get("title_detail")), _Plain(_body(entry))
    published_at, precision = _published(entry, now)
    is_video = "yt_videoid" in entry
    return Post(
        id=id,
        platform="youtube" if is_video else "",
        url=next(filter(_is_web, (entry.get("link"), id)), None),
        kind="video" if is_video else "article",
        title=title.text or None,
        text=text.text or None,
        author=_author(entry, feed),
        published_at=published_at,
        published_precision=precision,
        lang=_lang(entry, feed),
        links=tuple(
            dict.fromkeys(filter(_is_web, [*text.links, *(e.get("href") for e in entry.get("enclosures", []))]))
        ),
        counts=_counts(entry),
    )


def _body(entry: Any) -> Any:
    return entry.get("summary_detail") or next(iter(entry.get("content", [])), None)


def _author(entry: Any, feed: Any) -> Author | None:
    """Return who wrote an entry; None where it is the outlet itself."""
    detail = entry.get("author_detail", {})
    if detail.get("name") == feed.get("title") and "yt_channelid" not in entry:
        return None
    id = entry.get("yt_channelid") or detail.get("href") or detail.get("email") or detail.get("name")
    return Author(id=id, names=tuple(filter(None, [detail.get("name")]))) if id else None


def _published(entry: Any, now: datetime) -> tuple[datetime | None, str]:
    for name in ("published", "updated"):
        written, parsed = (
            dict.get(entry, name) or "",
            dict.get(entry, f"{name}_parsed"),
        )  # its own get warns and guesses
        moment = _moment(written, parsed, now)
        if moment is not None and _FIRST < moment < now + timedelta(days=2):
            return moment, "second" if ":" in written else "day"
    return None, "second"


def _moment(written: str, parsed: Any, now: datetime) -> datetime | None:
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC) if parsed else read_time(written, seen_at=now)[0]
    except (ValueError, OverflowError, OSError):
        return None


def _lang(entry: Any, feed: Any) -> str | None:
    declared = (
        entry.get("title_detail", {}).get("language"),
        (_body(entry) or {}).get("language"),
        feed.get("language"),
    )
    tags = (tag.strip().replace("_", "-") for tag in declared if tag)
    return next((tag for tag in tags if _LANG.fullmatch(tag)), None)


def _counts(entry: Any) -> Counts:
    views = entry.get("media_statistics", {}).get("views")
    return Counts(
        views=_count(views),
        likes=_count(entry.get("media_starrating", {}).get("count")),
        comments=_count(entry.get("slash_comments")),
    )


def _count(written: object) -> Any:
    try:
        return read_count(written)
    except ValueError:
        return None


def _is_web(url: str | None) -> bool:
    return url is not None and url.startswith(("https://", "http://")) and " " not in url


def _without_comments(text: str) -> str:
    """Take comments out; the parser would search the rest of the text anew for each one that never ends."""
    first, *rest = text.split("<!--")
    return first + "".join(part.partition("-->")[2] for part in rest)


class _Plain(HTMLParser):
    """A text of a feed without its markup, and the addresses that stood in it."""

    def __init__(self, detail: Any) -> None:
        super().__init__()
        self.links: list[str] = []
        self._parts: list[str] = []
        self._hidden = 0
        value = str((detail or {}).get("value", ""))[:_LONGEST]
        if _TAG.search(value):  # the declared type is no help: RSS has none, and feedparser guesses
            self.feed(_without_comments(value))
            self.close()
            value = " ".join("".join(self._parts).split())
        elif "html" in (detail or {}).get("type", ""):
            value = unescape(value)
        self.text = value.strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("script", "style")
        self._parts.append("" if tag in ("a", "b", "i", "em", "strong", "span") else " ")
        self.links += [value for name, value in attrs if name in ("href", "src") and value and tag != "img"]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style") and self._hidden > 0
        self._parts.append("" if tag in ("a", "b", "i", "em", "strong", "span") else " ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._parts.append(data)
