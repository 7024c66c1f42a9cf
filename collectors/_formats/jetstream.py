"""Frames of Bluesky's Jetstream, of a stream or a file, in both of its forms, plain or compressed.

Version 1 is ``{did, time_us, kind, commit}``; version 2 wraps one message, ``{"$type": "message", "payload": …}``.
The ``*.zdict`` beside this file are bluesky-social/jetstream's (MIT OR Apache-2.0, commit 9a30def): a compressed frame
names the one that it was made with.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
import zstandard
from msgspec import Meta, Raw, Struct, field

from collectors._formats.bluesky import PLATFORM, POSTS, Record, post_of
from collectors._formats.fields import Item, Json, Seen, at
from spillover import AccountState, Author, Availability, Broken, Post

NAME = "jetstream"
ZDICT = 20260811  # the number of the dictionary of version 2
BIGGEST = 4 * 2**20  # bytes of a frame, unpacked; the network takes records of a megabyte
_ZDICTS = {ZDICT: "subscribe_events_20260811.zdict", 1612007021: "legacy_subscribe.zdict"}
_PACKED, _SECOND = b"\x28\xb5\x2f\xfd", (b'{"$type"', b'{"payload"')
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_GONE = ("takendown", "suspended", "deleted", "deactivated")  # others are trouble between servers
_Text = Annotated[str, Meta(min_length=1)]
_OLDEST = 10**15
_Micros = Annotated[int, Meta(ge=_OLDEST, lt=4 * 10**15)]  # a smaller cursor would be taken for a sequence number


class Commit(Struct):
    """A change of one record."""

    operation: str
    collection: str
    rkey: _Text
    record: Raw = field(default_factory=Raw)


class Account(Struct):
    """A change of an account."""

    active: bool
    status: str | None = None


class Frame(Struct):
    """A frame of version 1, and what one of version 2 comes to."""

    did: _Text
    time_us: _Micros
    kind: str
    commit: Commit | None = None
    account: Account | None = None
    seq: int | None = None


class _Payload(Struct, rename={"kind": "$type"}):
    kind: str
    seq: int | None = None
    did: str = ""
    time: datetime | None = None
    operation: str = ""
    collection: str = ""
    rkey: str = ""
    record: Raw = field(default_factory=Raw)
    account: Account | None = None
    name: str = ""


class _Message(Struct, rename={"kind": "$type"}):
    kind: str
    payload: _Payload | None = None
    error: str = ""


_read_one = msgspec.json.Decoder(Frame).decode
_read_two = msgspec.json.Decoder(_Message).decode
_read_record = msgspec.json.Decoder(Record).decode


class Frames:
    """Reads frames. One for each stream: what unpacks is not safe to share among threads."""

    def __init__(self) -> None:
        self._unpackers: dict[int, zstandard.ZstdDecompressor] = {}

    def read(self, raw: bytes) -> Frame | str:
        """Return what a frame says, or the name of a notice.

        Raises ValueError for what is no frame, Broken where the server ends the stream.
        """
        if raw[:4] == _PACKED:
            raw = self._unpacked(raw)
        return _second(_read_two(raw)) if raw.startswith(_SECOND) else _read_one(raw)

    def _unpacked(self, raw: bytes) -> bytes:
        try:
            said = zstandard.get_frame_parameters(raw)
            if BIGGEST < said.content_size < zstandard.CONTENTSIZE_UNKNOWN:
                raise ValueError(f"a frame of {said.content_size} bytes, unpacked")
            unpacker = self._unpackers.get(said.dict_id) or self._unpacker(said.dict_id)
            return unpacker.decompress(raw, max_output_size=BIGGEST, allow_extra_data=False)
        except (zstandard.ZstdError, MemoryError) as error:
            raise ValueError(f"a compressed frame that cannot be unpacked: {error}") from error

    def _unpacker(self, number: int) -> zstandard.ZstdDecompressor:
        if number not in _ZDICTS:
            raise ValueError(f"a frame that was compressed with dictionary {number}, which we do not have")
        words = zstandard.ZstdCompressionDict(Path(__file__).with_name(_ZDICTS[number]).read_bytes())
        return self._unpackers.setdefault(number, zstandard.ZstdDecompressor(dict_data=words))


def item_of(frame: Frame) -> Post | Availability | AccountState | None:
    """Return what a frame says about a post or an account, None for anything else."""
    if frame.kind == "account" and frame.account is not None:
        return _state(frame.did, frame.account, moment_of(frame.time_us))
    if frame.kind != "commit":
        return None
    commit = frame.commit
    if commit is None:
        raise ValueError("a commit that does not say what was committed")
    if commit.collection != POSTS:
        return None
    seen_at = moment_of(frame.time_us)
    if commit.operation == "delete":
        post_id = f"at://{frame.did}/{POSTS}/{commit.rkey}"
        return Availability(id=post_id, platform=PLATFORM, status="gone", cause="author", checked_at=seen_at)
    if commit.operation not in ("create", "update"):
        raise ValueError(f"an operation that we do not know: {commit.operation[:20]!r}")
    return post_of(Author(id=frame.did), commit.rkey, _read_record(commit.record), seen_at, observed_at=seen_at)


def moment_of(time_us: int) -> datetime:
    """Return a time that is given in microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=time_us)


def finds(record: Json) -> bool:
    """Say whether this is a frame about a post."""
    return _collection(record) == POSTS


def knows(record: Json) -> bool:
    """Say whether this is any other frame: a like, an identity, an account."""
    return "did" in record and (("kind" in record and "time_us" in record) or ("seq" in record and "time" in record))


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the post of a saved frame, or that it was deleted."""
    frame = Frames().read(msgspec.json.encode(record))
    item = None if isinstance(frame, str) else item_of(frame)
    if isinstance(item, (Post, Availability)):
        yield item


def _collection(record: Json) -> object:
    return at(record, "commit", "collection") if "did" in record else at(record, "payload", "collection")


def _second(message: _Message) -> Frame | str:
    """Return a message of version 2 in the form of version 1."""
    if message.kind == "error":
        raise Broken(f"the stream ended us: {message.error}")
    payload = message.payload
    if payload is None:
        raise ValueError("a message without its payload")
    kind = payload.kind.rpartition("#")[2]
    if kind == "info":
        return payload.name
    if payload.time is None or payload.time.tzinfo is None or payload.seq is None or not payload.did:
        raise ValueError("a message without seq, time or did")
    commit = None
    if kind == "commit":
        if not payload.rkey:
            raise ValueError("a commit without rkey")
        commit = Commit(payload.operation, payload.collection, payload.rkey, payload.record)
    time_us = (payload.time - _EPOCH) // _MICROSECOND
    if time_us < _OLDEST:
        raise ValueError("a message from before the network was")
    return Frame(payload.did, time_us, kind, commit, payload.account, payload.seq)


def _state(did: str, account: Account, checked_at: datetime) -> AccountState:
    """Return how an account stands. An active one says nothing of any single post, so that these are up is inferred."""
    if account.active:
        return AccountState(id=did, status="up", basis="inferred", checked_at=checked_at)
    known = account.status in _GONE
    return AccountState(id=did, status="gone" if known else "unknown", said=account.status, checked_at=checked_at)
