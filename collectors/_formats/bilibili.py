"""Bilibili: videos of search, view, ranking and list answers; search writes flat fields, the others nest ``stat`` and ``owner``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from collectors._formats.fields import (
    Item,
    Json,
    Seen,
    account,
    at,
    bare,
    counts,
    first,
    identity,
    plain,
    published,
    seconds,
    text,
    unique,
)
from collectors._formats.regions import from_label
from spillover import Availability, Post, read_wording, resolve

NAME = "bilibili"
TOTAL = ("numResults",)
_URL = "https://www.bilibili.com/video/{}"
_ASKED = re.compile(r"bilibili\.com/x/web-interface/(?:wbi/)?view\b.*[?&](?:bvid=(?P<bvid>BV\w{10})|aid=(?P<aid>\d+))")


def finds(record: Json) -> bool:
    """Say whether this is a video; a part of one has no title of its own, a user and a live room have no ``bvid``.

    So is a recorded request of one video that was refused: which one it was stands in the address only.
    """
    return _refused(record) is not None or (
        ("bvid" in record or record.get("type") == "video")
        and "title" in record
        and ("aid" in record or "pubdate" in record)
    )


def knows(record: Json) -> bool:
    """Say whether this is an answer that may hold videos: it ended, or holds users, live rooms and series only."""
    return "numResults" in record or ("ttl" in record and "code" in record and "message" in record)


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the video. "Danmaku" are remarks that fly over the picture, not comments; favourites are not shares."""
    if (refused := _refused(record)) is not None:
        yield refused
        yield bare(refused, _URL.format(refused.id), "video")
        return
    bvid = identity(record.get("bvid"), "bvid")
    date = published(first(record, "pubdate", "ctime", "senddate"), "pubdate", seen)
    label = from_label(record.get("pub_location"))
    yield Post(
        id=bvid,
        platform=NAME,
        url=_URL.format(bvid),
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


def _refused(record: Json) -> Availability | None:
    """Return what a recorded request of one video says of it where it was not shown; None for any other record."""
    asked = _ASKED.search(str(record["url"])) if "url" in record and isinstance(record.get("body"), dict) else None
    if asked is None or not record["body"].get("code"):
        return None
    video = resolve(_URL.format(asked["bvid"] or f"av{asked['aid']}"))
    if (said := read_wording(text(record["body"].get("message")) or "", NAME)) is None or not video.id:
        return None
    return Availability(
        id=video.id, platform=NAME, status=said.status, cause=said.cause, basis=said.basis, said=said.said
    )


def _author(record: Json) -> Any:
    if isinstance(record.get("owner"), dict):
        return account(at(record, "owner", "mid"), at(record, "owner", "name"))
    return account(record.get("mid"), record.get("author"))


def _counts(record: Json) -> Any:
    if isinstance(record.get("stat"), dict):
        return counts(record["stat"], views="view", likes="like", shares="share", comments="reply")
    return counts(record, views="play", likes="like", comments="review" if "review" in record else "comment")
