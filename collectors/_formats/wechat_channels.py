"""WeChat Channels (视频号): objects of search and feed answers. They have no address on the open web."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors._formats.fields import (
    Item,
    Json,
    Seen,
    above_zero,
    account,
    at,
    counts,
    first,
    hashtags_in,
    identity,
    plain,
    published,
    seconds,
)  # fmt: skip
from collectors._formats.regions import from_label
from spillover import Availability, Post

NAME = "wechat_channels"


def finds(record: Json) -> bool:
    """Say whether this is an object of a channel."""
    return isinstance(record.get("object_desc") or record.get("objectDesc"), dict)


def knows(record: Json) -> bool:
    """Say whether this is an answer that may hold objects."""
    return isinstance(record.get("media_list"), list) and "last_buff" in record


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the object. Plays are shown to its author only; where they are given at all, 0 means not shown."""
    object_id = identity(first(record, "id", "object_id", "objectId"))
    description = first(record, "object_desc", "objectDesc")
    date = published(first(record, "createtime", "createTime"), "createtime", seen)
    label = from_label(at(record, "ip_region_info", "region_text") or at(record, "ipRegionInfo", "regionText"))
    body = plain(at(description, "description"))
    if first(record, "deletetime", "deleteTime"):
        yield Availability(id=object_id, platform=NAME, status="gone", checked_at=seen.observed_at)
    yield Post(
        id=object_id,
        platform=NAME,
        kind="video",
        title=plain(at(description, "short_title", 0, "short_title") or at(description, "shortTitle", 0, "shortTitle")),
        text=body,
        author=_author(record),
        published_at=date.at,
        published_precision=date.precision,
        region=label,
        region_basis="ip_label" if label else None,
        hashtags=hashtags_in(body),
        duration_s=seconds(
            at(description, "media", 0, "video_play_len") or at(description, "media", 0, "videoPlayLen")
        ),
        counts=_counts(record),
        observed_at=seen.observed_at,
    )


def _counts(record: Json) -> Any:
    plays = at(record, "object_extend", "monotonic_data", "count_info", "read_count")
    found = record | {"plays": above_zero(first(record, "read_count", "readCount") or plays)}
    if "likeCount" in record:
        return counts(found, views="plays", likes="likeCount", shares="forwardCount", comments="commentCount")
    return counts(found, views="plays", likes="like_count", shares="forward_count", comments="comment_count")


def _author(record: Json) -> Any:
    contact = record.get("contact")
    names = (record.get("nickname"), at(contact, "nickname"), record.get("username"), at(contact, "username"))
    return account(first(record, "username") or at(contact, "username"), *names)
