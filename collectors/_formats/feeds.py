"""Feeds, RSS and Atom: parsed without letting one unfold, open a file or reach the network; then its entries.

An entry is an article, or a video where YouTube's own feed of a channel says so. Such a feed shows views. Its stars count
ratings, of both directions at least once (an average of 3.67 of 5 was seen), so they are not taken for likes; whether they
are likes alone since dislikes were hidden is unconfirmed [U]. It prints 0 views for a premiere to come and for a video that
must be paid for, so 0 is a count not shown.
"""

from __future__ import annotations

import io
import re
from calendar import timegm
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import feedparser
from feedparser.encodings import convert_to_utf8
from msgspec.structs import replace

from collectors._formats.fields import above_zero, at, unique
from collectors._formats.markup import Plain
from collectors._formats.web import WEB, known_as
from spillover import (
    Answer,
    Author,
    Broken,
    Changed,
    Counts,
    Page,
    Post,
    Refused,
    Reject,
    is_wall,
    read_count,
    read_time,
    resolve,
)  # fmt: skip

_BIGGEST = 8 * 2**20  # bytes
_DEEPEST = 50_000  # tags open at once; feedparser's time grows with the square: 200,000 took 8 s, 1,300,000 took 52 s
_UNFOLDED = 10 * 2**20  # characters that a feed's own entities may add
_ENTITY = re.compile(rb"<!ENTITY\s[^\"'>]*(\"[^\"]*\"|'[^']*')", re.IGNORECASE)
_LANG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_OPEN_OR_CLOSE = re.compile(rb"<(/?)[a-zA-Z][^<>]*(?<!/)>")
_FIRST = datetime(1990, 1, 1, tzinfo=UTC)  # before the web there was no article on it


def parse(answer: Answer) -> Any:
    """Return an answer as feedparser reads it; raise for what is no feed, and for one that is meant to hurt."""
    if answer.status != 200:
        raise Broken(f"the feed answers {answer.status}", body=answer.body)
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
        raise Refused("a bot wall stands before the feed") if is_wall(plain) else Changed("what came is no feed")
    return feed


def breaks_off(feed: Any) -> bool:
    """Say whether a feed ended before its end; what came was read all the same."""
    trouble = str(feed.get("bozo_exception", ""))
    return "no element found" in trouble or "unclosed" in trouble


def _depth(plain: bytes) -> int:
    """Return how many tags are open at once, at most; unclosed ones of HTML count too, so a page of them is no bomb."""
    depth = deepest = 0
    for tag in _OPEN_OR_CLOSE.finditer(plain):
        depth += -1 if tag[1] else 1
        deepest = max(deepest, depth)
    return deepest


def take(feed: Any, page: Page, now: datetime, read: Callable[[Any, Any, datetime], Post] | None = None) -> None:
    """Add the entries of a feed to a page, each once; ``read`` makes a post of one, and raises ValueError where it cannot."""
    seen: set[str] = set()
    read = read or _reader(feed)
    for number, entry in enumerate(feed.entries, 1):
        try:
            post = read(entry, feed.feed, now)
        except ValueError as error:
            page.rejects.append(Reject(line=number, reason=str(error)))
            continue
        if post.id not in seen:
            seen.add(post.id)
            page.posts.append(post)


def _reader(feed: Any) -> Callable[[Any, Any, datetime], Post]:
    """Return what makes a post of an entry: known by its address, so that one article is one post whoever found it.

    An address that several entries give is that of a programme or a front page, and tells none of them from another.
    """
    ids: dict[str, set[str]] = {}
    for entry in feed.entries:
        ids.setdefault(_page(entry.get("link")), set()).add(str(entry.get("id") or entry.get("title")))

    def read(entry: Any, head: Any, now: datetime) -> Post:
        post, link = article(entry, head, now), entry.get("link") or entry.get("id")
        if post.platform or not _is_web(link) or len(ids.get(_page(link), ())) > 1 or _is_front(link):
            return post
        try:
            place = known_as(link)
        except ValueError:
            return post
        kind = "article" if place.platform == WEB else "post"
        return replace(post, id=place.id, platform=place.platform, url=place.url, kind=kind)

    return read


def _page(link: str | None) -> str:
    return resolve(link or "").page_id or ""


def _is_front(link: str) -> bool:
    parts = urlsplit(link)
    return parts.path in ("", "/") and not parts.query


def article(entry: Any, feed: Any, now: datetime) -> Post:
    """Return an entry as a post, an article or a video of YouTube, by the id that the feed gives."""
    link = entry.get("link")
    video_id = _video_id(entry)
    id = str(video_id or entry.get("id") or link or "").strip()
    if not id:
        raise ValueError("an entry with neither id nor link")
    title, text = Plain(entry.get("title_detail")), Plain(_body(entry))
    published_at, precision = _published(entry, now)
    return Post(
        id=id,
        platform="youtube" if video_id else "",
        url=next(filter(_is_web, (link, id)), None),
        kind="video" if video_id else "article",
        title=title.text or None,
        text=text.text or None,
        author=_author(entry, feed),
        published_at=published_at,
        published_precision=precision,
        lang=_lang(entry, feed),
        links=unique(filter(_is_web, [*text.links, *(e.get("href") for e in entry.get("enclosures", []))])),
        counts=_counts(entry),
    )


def _video_id(entry: Any) -> str | None:
    """Return the id of a video of YouTube; a feed that only says so, and links elsewhere, is not believed."""
    video_id = entry.get("yt_videoid")
    link = resolve(entry.get("link") or "") if video_id else None
    return video_id if link and (link.platform, link.id) == ("youtube", video_id) else None


def _body(entry: Any) -> Any:
    return entry.get("summary_detail") or at(entry.get("content"), 0)


def _author(entry: Any, feed: Any) -> Author | None:
    """Return who wrote an entry; None where it is the outlet itself."""
    detail = entry.get("author_detail", {})
    if detail.get("name") == feed.get("title") and "yt_channelid" not in entry:
        return None
    id = entry.get("yt_channelid") or detail.get("href") or detail.get("email") or detail.get("name")
    return Author(id=id, names=tuple(filter(None, [detail.get("name")]))) if id else None


def _published(entry: Any, now: datetime) -> tuple[datetime | None, str]:
    for name in ("published", "updated"):  # feedparser's own get warns and guesses
        written, parsed = dict.get(entry, name) or "", dict.get(entry, f"{name}_parsed")
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
    declared = at(entry, "title_detail", "language"), at(_body(entry), "language"), feed.get("language")
    tags = (tag.strip().replace("_", "-") for tag in declared if tag)
    return next((tag for tag in tags if _LANG.fullmatch(tag)), None)


def _counts(entry: Any) -> Counts:
    return Counts(
        views=_count(above_zero(at(entry, "media_statistics", "views"))), comments=_count(entry.get("slash_comments"))
    )


def _count(written: object) -> Any:
    try:
        return read_count(written)
    except ValueError:
        return None


def _is_web(url: str | None) -> bool:
    return url is not None and url.startswith(("https://", "http://")) and " " not in url
