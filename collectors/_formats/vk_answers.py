"""VK: saved answers of its API, with posts of walls (``wall.get``, ``newsfeed.search``) or videos (``video.get``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from collectors._formats import vk
from collectors._formats.fields import Item, Json, Seen, Trouble, dicts
from spillover import Author

NAME = "vk_answers"
PLATFORM = "vk"
TOTAL = ("response", "total_count")


def finds(record: Json) -> bool:
    """Say whether this is a list of posts or videos; other lists of the API hold accounts or comments."""
    return any(map(_is_item, dicts(record.get("items"))))


def knows(record: Json) -> bool:
    """Say whether this is an answer without posts, or an error."""
    error = record.get("error")
    return ("response" in record and len(record) == 1) or (isinstance(error, dict) and "error_code" in error)


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the posts, aside what they repost, and how each stands."""
    known = vk.authors(record)
    for item in dicts(record["items"]):
        try:
            yield from _item(item, known, seen) if _is_item(item) else ()
        except (KeyError, TypeError, ValueError) as error:
            yield Trouble(f"{type(error).__name__}: {error}", item)


def _item(item: Json, known: dict[int, Author], seen: Seen) -> Iterator[Item]:
    kind = "video" if _is_video(item) else ""
    found = [vk.video(item, known, seen)] if kind else [*vk.posts(item, known, seen)]
    for post in found:
        yield replace(post, platform=PLATFORM, observed_at=seen.observed_at)
    standing = vk.standing(item, kind)
    if standing.status != "up":
        yield replace(standing, platform=PLATFORM, checked_at=seen.observed_at)


def _is_item(item: Any) -> bool:
    return (
        "id" in item
        and "date" in item
        and ("owner_id" in item or "to_id" in item)
        and ("text" in item or _is_video(item))
    )


def _is_video(item: Json) -> bool:
    return "title" in item and "duration" in item and "text" not in item
