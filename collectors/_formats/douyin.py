"""Douyin: ``aweme`` records, as search, detail, feed and list answers hold them, and as its pages embed them (camelCase).

What stays unconfirmed: which cases beside ``is_delete`` make ``status.is_prohibited`` true.
"""

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
    bare,
    counts,
    dicts,
    first,
    hashtags_in,
    identity,
    language,
    published,
    seconds,
    text,
    unique,
)  # fmt: skip
from collectors._formats.regions import from_code, from_label
from spillover import Availability, Post, read_wording

NAME = "douyin"
_URL = "https://www.douyin.com/video/{}"
_PICTURES = 68  # aweme_type of a series of pictures


def finds(record: Json) -> bool:
    """Say whether this is a video, a card that carries one, or what stands in the place of one."""
    if "aweme_id" in record and "filter_reason" in record:
        return True
    if "aweme_id" in record:
        return "desc" in record or "author" in record
    return isinstance(record.get("aweme_info"), dict) or ("awemeId" in record and "desc" in record)


def knows(record: Json) -> bool:
    """Say whether this is an answer that may hold videos: lists that end, comments, suggestions of words."""
    return "status_code" in record and ("log_pb" in record or "has_more" in record or "aweme_list" in record)


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the video, and what the platform says of its status where it is not up."""
    if "filter_reason" in record:
        yield from _filtered(record, seen)
        return
    aweme = record["aweme_info"] if isinstance(record.get("aweme_info"), dict) else record
    aweme_id = identity(first(aweme, "aweme_id", "awemeId"), "aweme_id")
    platform = (
        "tiktok" if "tiktok.com" in str(aweme.get("share_url")) else "douyin"
    )  # TikTok's app answers in the same shape
    if (check := _availability(aweme.get("status"), aweme_id, platform, seen)) is not None:
        yield check
    date = published(first(aweme, "create_time", "createTime"), "create_time", seen)
    label = from_label(first(aweme, "ip_label", "ip_attribution", "ipAttribution"))
    yield Post(
        id=aweme_id,
        platform=platform,
        url=f"https://www.tiktok.com/@_/video/{aweme_id}" if platform == "tiktok" else _URL.format(aweme_id),
        kind="post" if aweme.get("images") or aweme.get("aweme_type") == _PICTURES else "video",
        text=text(aweme.get("desc")),
        author=_author(first(aweme, "author", "authorInfo")),
        published_at=date.at,
        published_precision=date.precision,
        lang=language(aweme.get("desc_language")),
        region=label or from_code(aweme.get("region")),
        region_basis="ip_label" if label else "tagged" if from_code(aweme.get("region")) else None,
        hashtags=_hashtags(aweme),
        duration_s=_duration(aweme),
        counts=_counts(first(aweme, "statistics", "stats")),
        observed_at=seen.observed_at,
    )


def _counts(stats: Any) -> Any:
    """Return the counts. Answers of the web and of search write 0 for plays, which they do not show."""
    found = stats if isinstance(stats, dict) else {}
    if "diggCount" in found:
        return counts(
            found | {"playCount": above_zero(found.get("playCount"))},
            views="playCount",
            likes="diggCount",
            shares="shareCount",
            comments="commentCount",
        )
    return counts(
        found | {"play_count": above_zero(found.get("play_count"))},
        views="play_count",
        likes="digg_count",
        shares="share_count",
        comments="comment_count",
    )


def _filtered(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield what a detail answer says of a video that it does not show; words that nobody knows say nothing."""
    aweme_id = identity(record["aweme_id"], "aweme_id")
    words = [text(record.get(name)) for name in ("detail_msg", "notice")]
    said = next((found for found in (read_wording(one, NAME) for one in words if one) if found), None)
    check = Availability(
        id=aweme_id, platform=NAME, status=said.status if said else "unknown", cause=said.cause if said else "error",
        basis=said.basis if said else "inferred", said=said.said if said else None, checked_at=seen.observed_at,
    )  # fmt: skip
    yield check
    yield bare(check, _URL.format(aweme_id), "video")


def _author(author: Any) -> Any:
    found = author if isinstance(author, dict) else {}
    return account(
        first(found, "uid", "id", "sec_uid", "secUid"),
        found.get("nickname"),
        found.get("unique_id"),
        found.get("short_id"),
        first(found, "sec_uid", "secUid"),
    )


def _hashtags(aweme: Json) -> tuple[str, ...]:
    extras = dicts(first(aweme, "text_extra", "textExtra"))
    tags = unique(first(extra, "hashtag_name", "hashtagName") for extra in extras)
    return (
        tags
        or unique(item.get("cha_name") for item in dicts(aweme.get("cha_list")))
        or hashtags_in(text(aweme.get("desc")))
    )


def _duration(aweme: Json) -> float | None:
    """Return the length; the platform writes milliseconds."""
    length = seconds(first(aweme, "duration") or at(aweme, "video", "duration"))
    return length / 1000 if length else None


def _availability(status: Any, aweme_id: str, platform: str, seen: Seen) -> Availability | None:
    if at(status, "is_delete"):
        return Availability(id=aweme_id, platform=platform, status="gone", checked_at=seen.observed_at)
    if at(status, "is_prohibited"):
        return Availability(
            id=aweme_id, platform=platform, status="gone", cause="platform", checked_at=seen.observed_at
        )
    if at(status, "is_private"):
        return Availability(
            id=aweme_id, platform=platform, status="private", cause="author", checked_at=seen.observed_at
        )
    return None
