"""YouTube's lists as its pages hold them (InnerTube), and as Invidious and Piped answer: searches, channels, suggestions.

The endpoints are not public; a saved answer is the analyst's. Views and times are texts for people ("21k views",
"2 hours ago"): they are read in English, and stay unknown in other languages, where a point may group or divide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from collectors._formats.fields import (
    Item,
    Json,
    Published,
    Seen,
    above_zero,
    account,
    at,
    count,
    dicts,
    first,
    hashtags_in,
    identity,
    published,
    seconds,
    text,
)
from spillover import Author, Availability, Count, Counts, Post

NAME = "youtube_lists"
PLATFORM = "youtube"
_MARKS = ("viewCountText", "shortViewCountText", "publishedTimeText", "lengthText", "shortBylineText", "longBylineText")
_VIEWS = re.compile(r"([\d,.]+\s?[KMB]?|no)(?: (?:million|billion|thousand))? views?", re.IGNORECASE)
_AGO = re.compile(r"(?:streamed |premiered )?(\d+ \w+ ago)", re.IGNORECASE)
_COUNTRIES = 249  # of ISO 3166-1: a list of all of them is no limit
_SHORT = "shorts-shelf-item-"


@dataclass(frozen=True)
class _Shown:
    """What a list shows of a video."""

    title: str | None = None
    text: str | None = None
    author: Author | None = None
    date: Published = field(default_factory=Published)
    length: object = None
    views: Count = None
    likes: Count = None


def finds(record: Json) -> bool:
    """Say whether this is a video of a list."""
    if "videoId" in record and "title" in record:
        return any(name in record for name in _MARKS) or ("viewCount" in record and "author" in record)
    if record.get("contentType") == "LOCKUP_CONTENT_TYPE_VIDEO":
        return "contentId" in record
    return str(record.get("entityId")).startswith(_SHORT)


def knows(record: Json) -> bool:
    """Say whether this is any other answer: it ended, or holds channels, comments, lists of videos only."""
    return "responseContext" in record or "trackingParams" in record


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the video, and where it may be played where Invidious says so."""
    if "contentId" in record:
        yield _lockup(record, seen)
    elif "entityId" in record:
        yield _short(record, seen)
    elif "viewCount" in record:
        yield from _invidious(record, seen)
    else:
        yield _renderer(record, seen)


def _renderer(record: Json, seen: Seen) -> Post:
    byline = first(record, "ownerText", "longBylineText", "shortBylineText")
    snippets = dicts(record.get("detailedMetadataSnippets"))
    channel = at(byline, "runs", 0, "navigationEndpoint", "browseEndpoint", "browseId")
    views = _views(_words(record.get("viewCountText")))
    shown = _Shown(
        title=_words(record.get("title")),
        text=_words(record.get("descriptionSnippet") or (at(snippets[0], "snippetText") if snippets else None)),
        author=account(channel, _words(byline)),
        date=_ago(_words(record.get("publishedTimeText")), seen),
        length=record.get("lengthInSeconds") or _words(record.get("lengthText")),
        views=_views(_words(record.get("shortViewCountText"))) if views is None else views,
    )
    return _post(record["videoId"], shown, seen)


def _lockup(record: Json, seen: Seen) -> Post:
    about = at(record, "metadata", "lockupMetadataViewModel")
    rows = dicts(at(about, "metadata", "contentMetadataViewModel", "metadataRows"))
    parts = [said for row in rows for part in dicts(row.get("metadataParts")) if (said := _words(part.get("text")))]
    tap = at(about, "image", "decoratedAvatarViewModel", "rendererContext", "commandContext", "onTap")
    shown = _Shown(
        title=_words(at(about, "title")),
        author=account(
            at(tap, "innertubeCommand", "browseEndpoint", "browseId"), parts[0] if len(rows) > 1 and parts else None
        ),
        date=_ago(next((part for part in parts if _AGO.fullmatch(part)), None), seen),
        views=next((found for part in parts if (found := _views(part)) is not None), None),
    )
    return _post(record["contentId"], shown, seen)


def _short(record: Json, seen: Seen) -> Post:
    over = record.get("overlayMetadata")
    shown = _Shown(title=_words(at(over, "primaryText")), views=_views(_words(at(over, "secondaryText"))))
    return _post(record["entityId"].removeprefix(_SHORT), shown, seen)


def _invidious(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield a video as Invidious answers it."""
    allowed = record.get("allowedRegions")
    if isinstance(allowed, list) and allowed:
        limited = len(allowed) < _COUNTRIES
        yield Availability(
            id=identity(record["videoId"], "videoId"), platform=PLATFORM, status="withheld" if limited else "up",
            cause="geo" if limited else None, allowed_in=tuple(map(str, allowed)) if limited else None, checked_at=seen.observed_at,
        )  # fmt: skip
    shown = _Shown(
        title=text(record["title"]),
        text=text(record.get("description")),
        author=account(record.get("authorId"), record.get("author"), followers=record.get("subCount")),
        date=published(record.get("published"), "published", seen),
        length=record.get("lengthSeconds"),
        views=count(record.get("viewCount"), "viewCount"),
        likes=count(above_zero(record.get("likeCount")), "likeCount"),  # 0 where they are hidden
    )
    yield _post(record["videoId"], shown, seen)


def _post(video_id: object, shown: _Shown, seen: Seen) -> Post:
    found = identity(video_id, "videoId")
    return Post(
        id=found,
        platform=PLATFORM,
        url=f"https://www.youtube.com/watch?v={found}",
        kind="video",
        title=shown.title,
        text=shown.text,
        author=shown.author,
        published_at=shown.date.at,
        published_precision=shown.date.precision,
        hashtags=hashtags_in(shown.title),
        duration_s=seconds(shown.length),
        counts=Counts(views=shown.views, likes=shown.likes),
        observed_at=seen.observed_at,
    )


def _words(value: Any) -> str | None:
    runs = at(value, "runs")
    if isinstance(runs, list):
        return text("".join(str(run.get("text", "")) for run in runs if isinstance(run, dict)))
    return text(at(value, "simpleText") or at(value, "content") or value)


def _views(words: str | None) -> Count:
    found = _VIEWS.fullmatch(words or "")
    return count("0" if found[1].lower() == "no" else found[1].upper(), "views") if found else None


def _ago(words: str | None, seen: Seen) -> Published:
    found = _AGO.fullmatch(words or "")
    return published(found[1], "published", seen) if found else Published()
