"""Following Bluesky's Jetstream: what to ask it for, what of it makes a page, and where to go on after a cut.

A cursor is ``TIME`` or ``TIME:SEQ``: when the server saw the newest frame that was taken in, in microseconds since 1970,
and the number that it gave to the last one. Numbers are exact and belong to one server; times serve everywhere, and
are gone back from a little. Where the number is not known any more, or leads to another frame, the time is used.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from collectors._formats.bluesky import POSTS, error_in
from collectors._formats.jetstream import ZDICT, Frame, Frames, item_of, moment_of
from spillover import AccountState, Availability, Broken, Changed, CollectError, Page, Post, Reject, Window

_REWIND_US = 5_000_000  # frames were seen 32 ms out of order, and servers' clocks differ
_MISSED_US = 60_000_000  # the network is never silent for so long: what begins later than asked lacks something
_AHEAD_US = 3_600_000_000  # more than clocks differ
_UNREADABLE = 100  # since the last readable post; one author's junk always has others' posts in between
_UNFIT = (ValueError, RecursionError)  # what the decoders raise for bytes of another shape
_SECOND, _FIRST = "/xrpc/network.bsky.jetstream.subscribeEvents", "/subscribe"


class Elsewhere(Broken):
    """The frame that we had last is another one here: these numbers are another server's."""


class Follower:
    """Gathers frames into pages. Times are microseconds since 1970, by the server's clock."""

    def __init__(self, cursor: str | None) -> None:
        time_us, _, seq = (cursor or "").partition(":")
        self.resumed_us = int(time_us) if time_us else None
        self.seq = int(seq) if seq else None
        self.since_us: int | None = None
        self.newest_us = self.resumed_us or 0
        self.seen = 0  # frames of the whole run
        self.frames = 0  # of this page
        self.unreadable = 0
        self._asked_seq: int | None = None
        self._second, self._packed, self._forgot = True, True, False
        self._read = Frames().read
        self._page = Page()

    def path(self) -> str:
        """Return what to ask for, and from when."""
        self._asked_seq = self.seq if self._second else None
        rewound = {} if self.resumed_us is None else {"cursor": str(self.resumed_us - _REWIND_US)}
        if not self._second:
            return f"{_FIRST}?{urlencode({'wantedCollections': POSTS, **rewound})}"
        exact = rewound if self._asked_seq is None else {"cursor": str(self._asked_seq)}
        packed = {"zstdDictionary": str(ZDICT)} if self._packed else {}
        return f"{_SECOND}?{urlencode({'kinds': ('commit', 'account'), 'collections': POSTS, **packed, **exact}, doseq=True)}"

    def yields(self, error: CollectError) -> bool:
        """Say whether there is another way to ask, after a server took the last one for wrong; go over to it."""
        named = error_in(error.body)
        if isinstance(error, Elsewhere) or (named == "CursorTooOld" and self._asked_seq is not None):
            self.seq = None
        elif self.seen or not isinstance(error, Broken) or not self._second:
            return False
        elif named == "UnknownZstdDictionary" and self._packed:
            self._packed = False
        else:
            self._second = False  # a server without version 2 says so in many ways
        return True

    @property
    def told(self) -> bool:
        """Say whether there is something for a page: notices alone say nothing of any time."""
        return self.frames > 0 and (self.newest_us > 0 or bool(self._page.rejects))

    def take(self, raw: bytes, now: datetime) -> None:
        """Take in a frame; raise Changed where nothing can be read any more."""
        self.seen += 1
        self.frames += 1
        try:
            frame = self._read(raw)
            if isinstance(frame, str):
                self._forgot |= frame == "OutdatedCursor"
                return
            if frame.time_us > now.timestamp() * 1e6 + _AHEAD_US:
                raise ValueError("a time that has not come: who went on from there would miss what lies before")
            self._see(frame)
            if (item := item_of(frame)) is not None:
                self._keep(item)
        except _UNFIT as error:
            self._reject(raw, error)

    def page(self) -> Page:
        """Return what has come since the last page."""
        if not self.newest_us:
            raise Changed(f"none of {self.seen} frames can be read: {self._page.rejects[-1].reason}")
        page, self._page, self.frames = self._page, Page(), 0
        page.window = Window(since=moment_of(self.since_us or self.newest_us), until=moment_of(self.newest_us))
        page.cursor = str(self.newest_us) if self.seq is None else f"{self.newest_us}:{self.seq}"
        self.since_us = self.newest_us
        return page

    def _see(self, frame: Frame) -> None:
        if self.since_us is None:
            self._begin(frame)
        self.newest_us = max(self.newest_us, frame.time_us)
        self.seq = frame.seq

    def _begin(self, frame: Frame) -> None:
        """Note where this run really starts: at the frame that we had last, or later, where the stream forgot."""
        time_us, resumed_us = frame.time_us, self.resumed_us
        known = frame.seq == self._asked_seq and abs(time_us - (resumed_us or 0)) <= _REWIND_US
        if self._asked_seq is not None and not known:
            self.seq, self.seen, self.frames = None, 0, 0
            raise Elsewhere("the numbers of the stream lead elsewhere")
        if resumed_us is None or (time_us <= resumed_us + _MISSED_US and not self._forgot):
            self.since_us = min(time_us, resumed_us or time_us)
            return
        self.since_us = time_us
        self._page.cut_short = (
            f"the stream begins at {moment_of(time_us):%F %T} UTC; asked from {moment_of(resumed_us):%F %T}"
        )

    def _keep(self, item: Post | Availability | AccountState) -> None:
        if isinstance(item, Post):
            self._page.posts.append(item)
        elif isinstance(item, Availability):
            self._page.availability.append(item)
        else:
            self._page.accounts.append(item)
            return  # one readable account says nothing of posts
        self.unreadable = 0

    def _reject(self, raw: bytes, error: Exception) -> None:
        self.unreadable += 1
        if self.unreadable > _UNREADABLE:
            raise Changed(f"{self.unreadable} frames in a row cannot be read: {error}") from error
        shown = raw[:500].decode(errors="backslashreplace")
        self._page.rejects.append(Reject(line=self.seen, reason=str(error), raw=shown))
