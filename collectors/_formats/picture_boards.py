"""9GAG, Imgur and Pinterest: posts as their web pages hold them.

Made from the published field names of 4CAT; no recorded answer was at hand.
"""

from __future__ import annotations

from collections.abc import Iterator

from collectors._formats.fields import (
    Item,
    Json,
    Seen,
    account,
    at,
    count,
    counts,
    dicts,
    first,
    identity,
    plain,
    published,
    text,
    unique,
)
from spillover import Counts, Post


def ninegag(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield a post of 9GAG; one without a creator is anonymous."""
    post_id, date = identity(record.get("id")), published(record.get("creationTs"), "creationTs", seen)
    yield Post(
        id=post_id,
        platform="9gag",
        url=f"https://9gag.com/gag/{post_id}",
        kind="video" if record.get("type") == "Animated" else "post",
        title=plain(record.get("title")),
        text=plain(record.get("description")),
        author=account(
            at(record, "creator", "userId"), at(record, "creator", "username"), at(record, "creator", "fullName")
        ),
        published_at=date.at,
        published_precision=date.precision,
        hashtags=unique(tag.get("key") for tag in dicts(record.get("tags"))),
        links=unique((record.get("sourceUrl"),)),
        counts=counts(record, likes="upVoteCount", comments="commentsCount"),
        observed_at=seen.observed_at,
    )


def imgur(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield a post of Imgur."""
    post_id, date = identity(record.get("id")), published(record.get("created_at"), "created_at", seen)
    yield Post(
        id=post_id,
        platform="imgur",
        url=f"https://imgur.com/gallery/{post_id}",
        kind="video" if at(record, "cover", "type") == "video" else "post",
        title=plain(record.get("title")),
        text=plain(record.get("description")),
        author=account(record.get("account_id"), at(record, "account", "username")),
        published_at=date.at,
        published_precision=date.precision,
        counts=counts(record, views="view_count", likes="upvote_count", comments="comment_count"),
        observed_at=seen.observed_at,
    )


def pinterest(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield a pin; there is often no time."""
    post_id = identity(first(record, "entityId", "id"))
    date = published(first(record, "created_at", "createdAt"), "created_at", seen)
    pinner = record.get("pinner")
    yield Post(
        id=post_id,
        platform="pinterest",
        url=f"https://www.pinterest.com/pin/{post_id}/",
        kind="video" if first(record, "isVideo", "videos") else "post",
        title=text(first(record, "title", "grid_title")),
        text=text(first(record, "description", "body")),
        author=account(
            at(pinner, "id") or at(pinner, "entityId"),
            at(pinner, "username"),
            at(pinner, "fullName") or at(pinner, "full_name"),
        ),
        published_at=date.at,
        published_precision=date.precision,
        links=unique((record.get("link"),)),
        counts=Counts(
            shares=count(first(record, "repin_count", "repinCount"), "repin_count"),
            comments=count(first(record, "comment_count", "commentCount"), "comment_count"),
        ),
        observed_at=seen.observed_at,
    )
