"""Telegram: messages of public channels, one a line, with ``sender_id`` of the channel and ``message_id`` within it."""

from __future__ import annotations

from collections.abc import Iterator

from collectors._formats.fields import (
    Item,
    Json,
    Seen,
    account,
    count,
    first,
    hashtags_in,
    identity,
    links_in,
    published,
    text,
)
from spillover import Counts, Parent, Post

NAME = "telegram_news"
PLATFORM = "telegram"
_CHANNEL = "-100"  # what the API puts before the number of a channel


def finds(record: Json) -> bool:
    """Say whether this is a message of a channel."""
    return (
        ("message_id" in record or "msg_id" in record)
        and "date" in record
        and ("sender_id" in record or "channel_id" in record or "channel" in record)
    )


def knows(record: Json) -> bool:
    """Nothing else is written to such files."""
    return False


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the message; its id is the channel's number and its own, which stay when the channel takes another name."""
    channel = identity(_number(first(record, "channel_id", "sender_id", "channel")), "sender_id")
    message_id = identity(first(record, "message_id", "msg_id"), "message_id")
    body = text(first(record, "text", "message"))
    date = published(record.get("date"), "date", seen)
    yield Post(
        id=f"{channel}/{message_id}",
        platform=PLATFORM,
        url=None if channel.isdecimal() else f"https://t.me/{channel}/{message_id}",
        text=body,
        author=account(channel, record.get("channel")),
        published_at=date.at,
        published_precision=date.precision,
        hashtags=hashtags_in(body),
        links=links_in(body),
        parents=tuple(_parents(record, channel)),
        counts=Counts(
            views=count(record.get("views"), "views"),
            shares=count(record.get("forwards"), "forwards"),
            comments=count(record.get("replies"), "replies"),
        ),
        observed_at=seen.observed_at,
    )


def _parents(record: Json, channel: str) -> Iterator[Parent]:
    """Yield the message that was forwarded, and the one that is answered, where a reader of pages tells them."""
    source, number = record.get("fwd_from_channel"), record.get("fwd_from_msg_id")
    if source and number:
        yield Parent(id=f"{_number(source)}/{number}", relation="forward")
    if reply := record.get("reply_to_msg_id"):
        yield Parent(id=f"{channel}/{reply}", relation="reply")


def _number(channel: object) -> object:
    """Return a channel's number without what the API puts before it."""
    digits = str(channel)
    if isinstance(channel, (int, str)) and digits.lstrip("-").isdecimal():
        return digits.removeprefix(_CHANNEL).lstrip("-")
    return channel
