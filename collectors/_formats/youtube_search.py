"""YouTube search as relays of its web page answer: views as the page knows them, dates only as "10 hours ago"."""

from __future__ import annotations

from collections.abc import Iterator

from collectors._formats.fields import (
    Item,
    Json,
    Seen,
    account,
    counts,
    first,
    hashtags_in,
    identity,
    links_in,
    published,
    seconds,
    text,
)
from spillover import Post

NAME = "youtube_search"
PLATFORM = "youtube"


def finds(record: Json) -> bool:
    """Say whether this is a video of such a list."""
    return "video_id" in record and ("number_of_views" in record or "published_time" in record)


def knows(record: Json) -> bool:
    """Say whether this is such a list, without a video."""
    return "number_of_videos" in record and isinstance(record.get("videos"), list)


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the video."""
    video_id, body = identity(record.get("video_id"), "video_id"), text(record.get("description"))
    date = published(record.get("published_time"), "published_time", seen)
    yield Post(
        id=video_id,
        platform=PLATFORM,
        url=f"https://www.youtube.com/watch?v={video_id}",
        kind="video",
        title=text(record.get("title")),
        text=body,
        author=account(record.get("channel_id"), first(record, "author", "channel_name")),
        published_at=date.at,
        published_precision=date.precision,
        hashtags=hashtags_in(text(record.get("title"))),
        links=links_in(body),
        duration_s=seconds(record.get("video_length")),
        counts=counts(record, views="number_of_views"),
        observed_at=seen.observed_at,
    )
