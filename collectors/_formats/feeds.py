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
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

import feedparser
from feedparser.encodings import convert_to_utf8

from collectors._formats.declared import as_declared
from collectors._formats.fields import above_zero, at, unique
from collectors._formats.markup import Plain
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
_DIGITS, _WORD = re.compile(r"\d{1,4}"), re.compile(r"[^\W\d_]{3}")  # a month stands in a date by number or by name
_OTHER_ZONE = re.compile(
    r":\d\d (?!UTC?$|GMT$|[ECMP][SD]T$)[A-Z]{2,5}$"
)  # feedparser makes UTC of a zone that it does not know
_FIRST = datetime(1990, 1, 1, tzinfo=UTC)  # before the web there was no article on it


def parse(answer: Answer) -> Any:
    """Return an answer as feedparser reads it; raise for what is no feed, and for one that is meant to hurt."""
    if answer.status != 200:
        raise Broken(f"the feed answers {answer.status}", body=answer.body)
    if len(answer.body) > _BIGGEST:
        raise Broken(f"a feed of more than {_BIGGEST} bytes")
    headers = {name: answer.headers[name] for name in ("content-type", "content-language") if name in answer.headers}
    if (body := as_declared(answer.body, headers.get("content-type", ""))) is not None:
        headers["content-type"] = "application/xml; charset=utf-8"
    plain = convert_to_utf8(headers, answer.body, {}) if body is None else body  # entities can hide in any encoding
    entities = _ENTITY.findall(plain)
    nested = any(b"&" in value.replace(b"&#", b"") for value in entities)
    if nested or max(map(len, entities), default=0) * plain.count(b"&") > _UNFOLDED:
        raise Broken("a feed whose entities would unfold into more than we read")
    if _depth(plain) > _DEEPEST:
        raise Broken("a feed of tags that nobody closes")
    place = {"content-location": answer.url}
    feed = feedparser.parse(
        io.BytesIO(plain if body is not None else answer.body), response_headers=headers | place, sanitize_html=False
    )
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
    for number, entry in enumerate(feed.entries, 1):
        try:
            post = (read or article)(entry, feed.feed, now)
        except ValueError as error:
            page.rejects.append(Reject(line=number, reason=str(error)))
            continue
        if post.id not in seen:
            seen.add(post.id)
            page.posts.append(post)


def article(entry: Any, feed: Any, now: datetime) -> Post:
    """Return an entry as a post: an article, or a video of YouTube."""
    link = entry.get("link")
    video_id = _video_id(entry)
    title, text = Plain(entry.get("title_detail")), Plain(_body(entry))
    id = str(video_id or entry.get("id") or link or "").strip() or _made_id(title.text, text.text)
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


def _made_id(title: str, text: str) -> str:
    """Return an id for an entry with neither id nor link, which RSS allows: of its words, so that it is the same next time."""
    if not (title or text):
        raise ValueError("an entry with neither id nor link nor words")
    return blake2b(f"{title}\0{text}".encode("utf-8", "replace"), digest_size=16).hexdigest()


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
        moment, precision = _moment(written.strip(), parsed, now)
        if moment is not None and _FIRST < moment < now + timedelta(days=2):
            return moment, precision
    return None, "second"


def _moment(written: str, parsed: Any, now: datetime) -> tuple[datetime | None, str]:
    """Return when a text says, and how precisely; feedparser reads more forms than we, and guesses at others."""
    with suppress(ValueError):
        return read_time(written, seen_at=now)
    try:
        moment = datetime.fromtimestamp(timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError):
        moment = None
    if moment is None or not _FIRST < moment < now + timedelta(days=2) or not _is_written(moment, written):
        return None, "second"
    return moment, "day" if ":" not in written or _OTHER_ZONE.search(written) else "second"


def _is_written(moment: datetime, written: str) -> bool:
    """Say whether the day that was read stands in the text, give or take one for the zone."""
    numbers = {int(digits) for digits in _DIGITS.findall(written)}
    days = [moment + timedelta(days=days) for days in (-1, 0, 1)]
    return any(day.day in numbers and (day.month in numbers or _WORD.search(written)) for day in days)


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
