"""Nostr: saved events, alone or in the messages of a relay (``["EVENT", …, {…}]``). Reactions and profiles are no posts.

A wish to delete names events whose author a file does not tell, so it says nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from collectors._formats import nostr
from collectors._formats.fields import Item, Json, Seen

NAME = "nostr_events"
PLATFORM = "nostr"


def finds(record: Json) -> bool:
    """Say whether this is an event that is a post."""
    return _is_event(record) and record["kind"] in nostr.KINDS


def knows(record: Json) -> bool:
    """Say whether this is any other event."""
    return _is_event(record)


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the post, and aside the original that a repost carries."""
    for post in nostr.posts(record):
        yield replace(post, platform=PLATFORM, observed_at=seen.observed_at)


def _is_event(record: Json) -> bool:
    return "pubkey" in record and "kind" in record and "content" in record and "tags" in record
