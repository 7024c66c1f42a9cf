"""PeerTube: saved videos, as instances and Sepia Search answer them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from collectors._formats import peertube
from collectors._formats.fields import Item, Json, Seen, at
from spillover import Availability

NAME = "peertube_answers"
PLATFORM = "peertube"
TOTAL = ("total",)
_TO_ALL = (1, 2)  # privacy: public, unlisted


def finds(record: Json) -> bool:
    """Say whether this is a video: a playlist and a channel have no views of one."""
    return "uuid" in record and "name" in record and "views" in record and isinstance(record.get("channel"), dict)


def knows(record: Json) -> bool:
    """Say whether this is an answer without videos: accounts, channels, comments, captions, a list that ended."""
    return (
        (isinstance(record.get("data"), list) and "total" in record)
        or "displayName" in record
        or "storyboards" in record
    )


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the video; of one that is not for all only that it is private."""
    post = replace(peertube.video(record, seen), platform=PLATFORM)
    privacy = at(record, "privacy", "id")
    if privacy is not None and privacy not in _TO_ALL:
        yield Availability(id=post.id, platform=PLATFORM, status="private", cause="author", checked_at=seen.observed_at)
        return
    yield post
