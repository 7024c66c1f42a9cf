"""Niconico's videos, as its snapshot search gives them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from collectors._formats.fields import (
    Json,
    Seen,
    account,
    at,
    counts,
    identity,
    links_in,
    plain,
    published,
    seconds,
    text,
)
from spillover import Availability, Post

FIELDS = (
    "contentId,title,description,userId,channelId,viewCounter,likeCounter,commentCounter,lengthSeconds,startTime,tags"
)


def read(item: Json, made_at: datetime) -> Post:
    """Return a video; its counts are those of the moment at which the index was made."""
    video_id = identity(item["contentId"], "contentId")
    date = published(item.get("startTime"), "startTime", Seen(made_at, made_at))
    channel = item.get("channelId")
    return Post(
        id=video_id,
        url=f"https://www.nicovideo.jp/watch/{video_id}",
        kind="video",
        title=text(item["title"]),
        text=plain(item.get("description")),
        author=account(f"ch{channel}" if channel else item.get("userId")),
        published_at=date.at,
        published_precision=date.precision,
        hashtags=tuple(dict.fromkeys((item.get("tags") or "").split())),
        links=links_in(item.get("description")),
        duration_s=seconds(item.get("lengthSeconds")),
        counts=counts(item, views="viewCounter", likes="likeCounter", comments="commentCounter"),
        observed_at=made_at,
    )


def checks(ids: Sequence[str], items: Sequence[Json], made_at: datetime) -> list[Availability]:
    """Say of each video that was asked for whether the index holds it; one that it lacks may be younger than it."""
    there = {at(item, "contentId") for item in items}
    up = [Availability(id=id, status="up", basis="inferred", checked_at=made_at) for id in ids if id in there]
    absent = [id for id in ids if id not in there]
    return up + [
        Availability(id=id, status="unknown", cause="missing", basis="absent", checked_at=made_at) for id in absent
    ]
