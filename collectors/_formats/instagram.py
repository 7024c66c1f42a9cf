"""Instagram: posts as its web pages hold them, in the three shapes that a capture may show: items, graph nodes, "Polaris".

Made from the published field names of 4CAT; no recorded answer was at hand. A count of -1 is one that is hidden.
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
    count,
    first,
    hashtags_in,
    identity,
    published,
    seconds,
    text,
)
from spillover import Counts, Post

NAME = "instagram"
_VIDEO = 2  # media_type


def finds(record: Json) -> bool:
    """Say whether this is a post: Threads, which shares the shape, adds ``text_post_app_info``."""
    if record.get("text_post_app_info"):
        return False
    return ("code" in record and ("media_type" in record or "taken_at" in record or "like_count" in record)) or (
        "shortcode" in record and ("taken_at_timestamp" in record or "edge_media_to_caption" in record)
    )


def knows(record: Json) -> bool:
    """Advertising is no post."""
    return record.get("product_type") == "ad"


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the post, unless it is advertising."""
    if knows(record):
        return
    code = identity(first(record, "code", "shortcode"), "code")
    body = text(at(record, "caption", "text") or at(record, "edge_media_to_caption", "edges", 0, "node", "text"))
    date = published(first(record, "taken_at", "taken_at_timestamp"), "taken_at", seen)
    user = first(record, "user", "owner")
    yield Post(
        id=code,
        platform=NAME,
        url=f"https://www.instagram.com/p/{code}/",
        kind="video" if record.get("media_type") == _VIDEO or "Video" in str(record.get("__typename")) else "post",
        text=body,
        author=account(at(user, "id") or at(user, "pk"), at(user, "username"), at(user, "full_name")),
        published_at=date.at,
        published_precision=date.precision,
        hashtags=hashtags_in(body),
        duration_s=seconds(record.get("video_duration")),
        counts=_counts(record),
        observed_at=seen.observed_at,
    )


def _counts(record: Json) -> Counts:
    hidden = bool(record.get("like_and_view_counts_disabled"))
    likes = (
        at(record, "edge_media_preview_like", "count")
        if "edge_media_preview_like" in record
        else record.get("like_count")
    )
    comments = (
        at(record, "edge_media_preview_comment", "count")
        if "edge_media_preview_comment" in record
        else record.get("comment_count")
    )
    return Counts(
        views=None
        if hidden
        else count(_not_minus(first(record, "play_count", "view_count", "video_view_count")), "play_count"),
        likes=None if hidden else count(_not_minus(likes), "like_count"),
        comments=count(_not_minus(comments), "comment_count"),
    )


def _not_minus(value: Any) -> Any:
    return above_zero(value) if value in (-1, "-1") else value
