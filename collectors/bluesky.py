"""Bluesky as it happens: posts and deletions from Jetstream, the public stream of the network's changes.

Terms: the stream is open to all, without an account; its maintainers ask readers to use it in place of search.
Limits: it looks back 36 hours; asked for more it starts later, and the page then says what is missing.
``createdAt`` is the author's claim: one that is later than the server's clock, or older than the network, gives way to
``time_us``, when the server saw the post. The stream counts nothing. A post that its author deletes is ``gone``; the
end of a whole account is left out, because nothing that is stored leads from an account to its posts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar
from urllib.parse import urlencode, urlsplit

from msgspec import Meta, Raw, Struct, field
from msgspec.json import Decoder

from spillover import (
    Author,
    Availability,
    Changed,
    CollectError,
    Collector,
    Page,
    Post,
    Query,
    Reject,
    Window,
    read_time,
)

_POSTS = "app.bsky.feed.post"
_PAGE_FRAMES = 2_000
_PAGE_AGE = timedelta(seconds=5)
_REWIND_US = 5_000_000  # frames were seen 32 ms out of order, and servers' clocks differ
_MISSED_US = 60_000_000  # the network is never silent for so long: what begins later than asked lacks something
_UNREADABLE = 100  # since the last readable post; one author's junk always has others' posts in between
_SKEW = timedelta(minutes=10)  # of authors' clocks
_FIRST = datetime(2022, 11, 1, tzinfo=UTC)  # no post is older than the network
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNFIT = (ValueError, RecursionError)  # what the decoders raise for bytes of another shape
_LANG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_AT_POST = re.compile(rf"at://([\w.:%-]+)/{re.escape(_POSTS)}/([\w.~:-]+)", re.ASCII)
_URL = "https://bsky.app/profile/{}/post/{}"


class _Commit(Struct):
    operation: str
    collection: str
    rkey: Annotated[str, Meta(min_length=1)]
    record: Raw = field(default_factory=Raw)


class _Frame(Struct):
    did: Annotated[str, Meta(min_length=1)]
    time_us: Annotated[int, Meta(ge=10**15, lt=4 * 10**15)]  # a smaller cursor would be taken for a sequence number
    kind: str
    commit: _Commit | None = None


class _Facet(Struct):
    features: list[dict[str, Any]] = []


class _Record(Struct):
    text: str
    createdAt: Any = None
    langs: list[str] | None = None
    tags: list[str] | None = None
    facets: list[_Facet] | None = None
    embed: dict[str, Any] | None = None


_read_frame = Decoder(_Frame).decode
_read_record = Decoder(_Record).decode


class Bluesky(Collector):
    """Every post passes; which of them are about a campaign is decided behind the door."""

    name = "bluesky"
    hosts = ("jetstream2.us-east.bsky.network",)
    finds = frozenset({"link", "title", "phrase", "hashtag"})
    terms = "https://docs.bsky.app/blog/jetstream"
    address: ClassVar[str] = "wss://jetstream2.us-east.bsky.network/subscribe"

    def stream(self, queries: Sequence[Query], cursor: str | None) -> Iterator[Page]:
        """Follow the stream. ``cursor`` is the latest server time that was taken in, in microseconds since 1970."""
        reader = _Reader(cursor)
        ended: CollectError | None = None
        begun_at = self.client.now()
        try:
            for frame in self.client.frames(f"{self.address}?{urlencode(reader.asks())}"):
                reader.take(frame)
                now = self.client.now()
                if reader.frames >= _PAGE_FRAMES or now - begun_at >= _PAGE_AGE:
                    yield reader.page()
                    begun_at = now
        except Changed:
            raise  # without a page, so that what could not be read is asked for again
        except CollectError as error:
            ended = error
        if reader.frames:
            yield reader.page()
        if ended:
            raise ended


class _Reader:
    """Gathers frames into pages. Times are microseconds since 1970, by the server's clock."""

    def __init__(self, cursor: str | None) -> None:
        self.resumed_us = int(cursor) if cursor else None
        self.since_us: int | None = None
        self.newest_us = self.resumed_us or 0
        self.seen = 0  # frames of the whole run
        self.frames = 0  # of this page
        self.unreadable = 0
        self._page = Page()

    def asks(self) -> dict[str, str]:
        """Return the parameters that say what is wanted, and from when."""
        rewound = {} if self.resumed_us is None else {"cursor": str(self.resumed_us - _REWIND_US)}
        return {"wantedCollections": _POSTS, **rewound}

    def take(self, raw: bytes) -> None:
        """Take in a frame; raise Changed where nothing can be read any more."""
        self.seen += 1
        self.frames += 1
        try:
            frame = _read_frame(raw)
            self._see(frame.time_us)
            if frame.kind == "commit":
                self._commit(frame)
        except _UNFIT as error:
            self._reject(raw, error)

    def page(self) -> Page:
        """Return what has come since the last page."""
        if not self.newest_us:
            raise Changed(f"none of {self.seen} frames can be read: {self._page.rejects[-1].reason}")
        page, self._page, self.frames = self._page, Page(), 0
        page.window = Window(since=_moment(self.since_us or self.newest_us), until=_moment(self.newest_us))
        page.cursor = str(self.newest_us)
        self.since_us = self.newest_us
        return page

    def _see(self, time_us: int) -> None:
        if self.since_us is None:
            self._begin(time_us)
        self.newest_us = max(self.newest_us, time_us)

    def _begin(self, time_us: int) -> None:
        """Note where this run really starts: at the frame that we had last, or later, where the stream forgot."""
        if self.resumed_us is None or time_us <= self.resumed_us + _MISSED_US:
            self.since_us = min(time_us, self.resumed_us or time_us)
            return
        self.since_us = time_us
        self._page.cut_short = (
            f"the stream begins at {_moment(time_us):%F %T} UTC; asked from {_moment(self.resumed_us):%F %T}"
        )

    def _commit(self, frame: _Frame) -> None:
        commit = frame.commit
        if commit is None:
            raise ValueError("a commit that does not say what was committed")
        if commit.collection != _POSTS:
            return
        post_id = f"at://{frame.did}/{_POSTS}/{commit.rkey}"
        if commit.operation == "delete":
            gone = Availability(id=post_id, status="gone", cause="author", checked_at=_moment(frame.time_us))
            self._page.availability.append(gone)
        elif commit.operation in ("create", "update"):
            self._page.posts.append(_post(frame, commit.rkey, _read_record(commit.record)))
        else:
            raise ValueError(f"an operation that we do not know: {commit.operation[:20]!r}")
        self.unreadable = 0

    def _reject(self, raw: bytes, error: Exception) -> None:
        self.unreadable += 1
        if self.unreadable > _UNREADABLE:
            raise Changed(f"{self.unreadable} frames in a row cannot be read: {error}") from error
        shown = raw[:500].decode(errors="backslashreplace")
        self._page.rejects.append(Reject(line=self.seen, reason=str(error), raw=shown))


def _post(frame: _Frame, rkey: str, record: _Record) -> Post:
    seen_at = _moment(frame.time_us)
    published_at, precision = _published(record.createdAt, seen_at)
    title, uris = _embedded(record.embed) if record.embed else (None, [])
    features = [feature for facet in record.facets for feature in facet.features] if record.facets else []
    langs = record.langs or ()
    return Post(
        id=f"at://{frame.did}/{_POSTS}/{rkey}",
        url=_URL.format(frame.did, rkey),
        title=title,
        text=record.text,
        author=Author(id=frame.did),
        published_at=published_at,
        published_precision=precision,
        lang=langs[0] if len(langs) == 1 and _LANG.fullmatch(langs[0]) else None,
        hashtags=_tags([*(_said(feature, "tag") for feature in features), *(record.tags or ())]),
        links=_links([*(_said(feature, "uri") for feature in features), *uris]),
        observed_at=seen_at,
    )


def _embedded(embed: dict[str, Any]) -> tuple[str | None, list[str]]:
    """Return the title of a link's card, and the addresses of the card and of what is quoted."""
    media = embed.get("media")  # a quote with something beside it
    title = _said(embed, "external", "title") or _said(media, "external", "title")
    cards = [_said(embed, "external", "uri"), _said(media, "external", "uri")]
    return title or None, [*cards, _said(embed, "record", "uri"), _said(embed, "record", "record", "uri")]


def _published(claimed: object, seen_at: datetime) -> tuple[datetime, str]:
    try:
        moment, precision = read_time(claimed)
    except ValueError:
        return seen_at, "second"
    return (moment, precision) if _FIRST <= moment <= seen_at + _SKEW else (seen_at, "second")


def _tags(said: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for tag in said if (word := tag.strip("#＃ \t\r\n")))) if said else ()


def _links(said: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(link for uri in said if (link := _link(uri)))) if said else ()


def _link(uri: str) -> str | None:
    """Return a whole web address; a post that is quoted by its at:// address gets its web form."""
    if found := _AT_POST.fullmatch(uri):
        return _URL.format(*found.groups())
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    return uri if parts.scheme in ("http", "https") and parts.hostname else None


def _said(value: object, *path: str) -> str:
    """Return the text that stands in an open object, "" where there is none: apps may put in what they like."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def _moment(time_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=time_us)
