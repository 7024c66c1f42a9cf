"""Xiaohongshu (RedNote): notes of its API, as pages embed them (camelCase), and as a capture reads them off a page.

Made from the published field names of 4CAT; no recorded answer was at hand. Lists show likes only; the time is missing
until a note was opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors._formats.fields import (
    CHINA,
    Item,
    Json,
    Seen,
    account,
    at,
    count,
    dicts,
    first,
    hashtags_in,
    identity,
    published,
    text,
    unique,
)
from collectors._formats.regions import from_label
from spillover import Counts, Post

NAME = "xiaohongshu"


def finds(record: Json) -> bool:
    """Say whether this is a note, or a card that carries one."""
    return any(
        isinstance(record.get(name), dict) for name in ("note_card", "noteCard", "interact_info", "interactInfo")
    ) or (record.get("_zs-origin") == "html" and "title" in record)


def knows(record: Json) -> bool:
    """A tile without a note says nothing but that there is one."""
    return "xsec_token" in record or "xsecToken" in record


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the note."""
    note = next(
        (record[name] for name in ("note_card", "noteCard", "note") if isinstance(record.get(name), dict)), record
    )
    note_id = identity(first(record, "id", "note_id", "noteId") or first(note, "note_id", "noteId", "id"))
    body = text(note.get("desc"))
    date = published(first(note, "time", "publish_time"), "time", seen, CHINA)
    label = from_label(first(note, "ip_location", "ipLocation"))
    yield Post(
        id=note_id,
        platform=NAME,
        url=f"https://www.xiaohongshu.com/explore/{note_id}",
        kind="video" if first(note, "type") == "video" else "post",
        title=text(first(note, "title", "display_title", "displayTitle")),
        text=body,
        author=_author(note),
        published_at=date.at,
        published_precision=date.precision,
        region=label,
        region_basis="ip_label" if label else None,
        hashtags=unique(tag.get("name") for tag in dicts(first(note, "tag_list", "tagList"))) or hashtags_in(body),
        counts=_counts(note),
        observed_at=seen.observed_at,
    )


def _author(note: Json) -> Any:
    user = note.get("user")
    return account(
        at(user, "user_id") or at(user, "userId"),
        at(user, "nickname") or at(user, "nick_name"),
        note.get("author_name"),
    )


def _counts(note: Json) -> Counts:
    shown = first(note, "interact_info", "interactInfo")
    found = shown if isinstance(shown, dict) else note
    return Counts(
        likes=count(first(found, "liked_count", "likedCount", "likes"), "liked_count"),
        shares=count(first(found, "share_count", "shareCount", "shared_count"), "share_count"),
        comments=count(first(found, "comment_count", "commentCount"), "comment_count"),
    )
