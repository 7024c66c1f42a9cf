"""Telegram: a channel as Telegram Desktop exports it (``result.json``), and messages as Telethon and 4CAT write them.

Only public channels and groups are read; other chats are refused whole. An export holds neither views nor forwards, and
names the channel by its number, while an address names it by its name: where a message says the name, the id has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors._formats.fields import (
    Item,
    Json,
    Seen,
    Trouble,
    account,
    at,
    count,
    dicts,
    first,
    hashtags_in,
    identity,
    links_in,
    published,
    seconds,
    text,
    unique,
)
from spillover import Counts, Parent, Post

NAME = "telegram_export"
PLATFORM = "telegram"
_PUBLIC = ("public_channel", "public_supergroup")
_VIDEOS = ("video_file", "video_message")


def finds(record: Json) -> bool:
    """Say whether this is an exported chat, or a message of the API."""
    if isinstance(record.get("messages"), list) and "type" in record and "id" in record:
        return True
    return _is_message(record)


def knows(record: Json) -> bool:
    """Say whether this is an export without chats."""
    return "personal_information" in record or ("chats" in record and "about" in record)


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the messages; raise ValueError for a chat that is not public."""
    if _is_message(record):
        yield _message(record, seen)
        return
    if record["type"] not in _PUBLIC:
        raise ValueError(
            f"type: {str(record['type'])[:40]!r} is no public channel or group; only public posts are kept"
        )
    channel = identity(record["id"], "id")
    for message in dicts(record["messages"]):
        if message.get("type") == "message":  # others say who joined, and what was pinned
            try:
                yield _exported(message, channel, seen)
            except ValueError as error:
                yield Trouble(str(error), message)


def _exported(message: Json, channel: str, seen: Seen) -> Post:
    parts = message.get("text_entities") or message.get("text")
    body = (
        text("".join(part if isinstance(part, str) else str(part.get("text", "")) for part in parts))
        if isinstance(parts, list)
        else text(parts)
    )
    linked = (
        first(part, "href") or (part.get("text") if part.get("type") == "link" else None) for part in dicts(parts)
    )
    date = published(first(message, "date_unixtime", "date"), "date", seen)
    reply = message.get("reply_to_message_id")
    return Post(
        id=f"{channel}/{identity(message.get('id'))}",
        platform=PLATFORM,
        kind="video" if message.get("media_type") in _VIDEOS else "post",
        text=body,
        author=account(message.get("from_id") or f"channel{channel}", message.get("from"), message.get("forwarded_from"), message.get("author")),
        published_at=date.at,
        published_precision=date.precision,
        hashtags=unique(str(part["text"]).lstrip("#") for part in dicts(parts) if part.get("type") == "hashtag" and part.get("text")) or hashtags_in(body),
        links=unique((*linked, *links_in(body))),
        parents=(Parent(id=f"{channel}/{reply}", relation="reply"),) if reply and not message.get("reply_to_peer_id") else (),
        duration_s=seconds(message.get("duration_seconds")),
        observed_at=seen.observed_at,
    )  # fmt: skip


def _is_message(record: Json) -> bool:
    return "message" in record and "date" in record and ("peer_id" in record or "_chat" in record) and "id" in record


def _message(record: Json, seen: Seen) -> Post:
    """Return a message of the API."""
    chat, number = record.get("_chat"), at(record, "peer_id", "channel_id")
    if at(record, "peer_id", "user_id") or at(record, "peer_id", "chat_id"):
        raise ValueError("peer_id: of a private chat; only public posts are kept")
    channel = identity(text(at(chat, "username")) or number or at(chat, "id"), "peer_id")
    message_id, body = identity(record.get("id")), text(record.get("message"))
    date = published(record.get("date"), "date", seen)
    media = record.get("media")
    sender = record.get("_sender")
    page = at(media, "webpage")
    return Post(
        id=f"{channel}/{message_id}",
        platform=PLATFORM,
        url=f"https://t.me/{channel}/{message_id}" if text(at(chat, "username")) else None,
        kind="video" if str(at(media, "document", "mime_type")).startswith("video/") else "post",
        text=body,
        author=account(
            at(sender, "id") or at(record, "from_id", "user_id") or number or channel,
            at(sender, "username"), at(sender, "first_name"), at(sender, "last_name"), at(chat, "username"), at(chat, "title"), record.get("post_author"),
            followers=at(chat, "participants_count"),
        ),
        published_at=date.at,
        published_precision=date.precision,
        hashtags=hashtags_in(body),
        links=unique((at(page, "url"), *(part.get("url") for part in dicts(record.get("entities"))), *links_in(body))),
        parents=tuple(_parents(record, channel)),
        counts=Counts(
            views=count(record.get("views"), "views"),
            shares=count(record.get("forwards"), "forwards"),
            comments=count(at(record, "replies", "replies"), "replies"),
        ),
        observed_at=seen.observed_at,
    )  # fmt: skip


def _parents(record: Json, channel: str) -> Iterator[Parent]:
    origin = record.get("fwd_from")
    source = text(at(record, "_forward", "_chat", "username")) or at(origin, "from_id", "channel_id")
    if source and at(origin, "channel_post"):
        yield Parent(id=f"{source}/{at(origin, 'channel_post')}", relation="forward")
    reply: Any = at(record, "reply_to", "reply_to_msg_id")
    if reply and not at(record, "reply_to", "reply_to_peer_id"):
        yield Parent(id=f"{channel}/{reply}", relation="reply")
