"""Bilibili: videos of search, view, ranking and list answers; search writes flat fields, the others nest ``stat`` and ``owner``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors._formats.fields import (
    Item,
    Json,
    Seen,
    account,
    at,
    counts,
    first,
    identity,
    plain,
    published,
    seconds,
    unique,
)
from collectors._formats.regions import from_label
from spillover import Post

NAME = "bilibili"
TOTAL = ("numResults",)


def finds(record: Json) -> bool:
    """Say whether this is a video; a part of one has no title of its own, a user and a live room have no ``bvid``."""
    return (
        ("bvid" in record or record.get("type") == "video")
        and "title" in record
        and ("aid" in record or "pubdate" in record)
    )


def knows(record: Json) -> bool:
    """Say whether this is an answer that may hold videos: it ended, or holds users, live rooms and series only."""
    return "numResults" in record or ("ttl" in record and "code" in record and "message" in record)


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the video. "Danmaku" are remarks that fly over the picture, not comments; favourites are not shares."""
    bvid = identity(record.get("bvid"), "bvid")
    date = published(first(record, "pubdate", "ctime", "senddate"), "pubdate", seen)
    label = from_label(record.get("pub_location"))
    yield Post(
        id=bvid,
        platform=NAME,
        url=f"https://www.bilibili.com/video/{bvid}",
        kind="video",
        title=plain(record.get("title")),
        text=plain(first(record, "description", "desc")),
        author=_author(record),
        published_at=date.at,
        published_precision=date.precision,
        region=label,
        region_basis="ip_label" if label else None,
        hashtags=unique(tag.strip() for tag in str(record.get("tag") or "").split(",")),
        duration_s=seconds(first(record, "duration", "length")),
        counts=_counts(record),
        observed_at=seen.observed_at,
    )


def _author(record: Json) -> Any:
    if isinstance(record.get("owner"), dict):
        return account(at(record, "owner", "mid"), at(record, "owner", "name"))
    return account(record.get("mid"), record.get("author"))


def _counts(record: Json) -> Any:
    if isinstance(record.get("stat"), dict):
        return counts(record["stat"], views="view", likes="like", shares="share", comments="reply")
    return counts(record, views="play", likes="like", comments="review" if "review" in record else "comment")
