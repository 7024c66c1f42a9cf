"""Hacker News: saved items of its API, and hits of Algolia's search."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from collectors._formats import hackernews
from collectors._formats.fields import Item, Json, Seen, bare, first, identity

NAME = "hackernews_answers"
PLATFORM = "hackernews"
TOTAL = ("nbHits",)
_TYPES = ("story", "comment", "job", "poll", "pollopt")


def finds(record: Json) -> bool:
    """Say whether this is an item or a hit."""
    return ("objectID" in record and "created_at_i" in record) or (
        record.get("type") in _TYPES and "id" in record and "time" in record
    )


def knows(record: Json) -> bool:
    """Say whether this is a search that found nothing."""
    return "nbHits" in record and "hits" in record


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the item, and how it stands where it is not up."""
    post_id = identity(first(record, "objectID", "id"))
    if record.get("deleted") is True or record.get("dead") is True:
        check = replace(hackernews.standing(post_id, record), platform=PLATFORM, checked_at=seen.observed_at)
        yield check
        if record.get("deleted") is True:
            yield bare(check, f"https://news.ycombinator.com/item?id={post_id}")
            return
    yield replace(hackernews.post(record), platform=PLATFORM, observed_at=seen.observed_at)
