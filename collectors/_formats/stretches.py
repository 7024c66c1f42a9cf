"""The stretches of time that a search has still to ask for, the newest last, and how a cursor keeps them.

A platform ends its results somewhere. What met that end is asked for again in halves, down to a shortest stretch.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct


class Stretch(Struct, frozen=True, omit_defaults=True):
    """A stretch of time, in one of several places where there are several."""

    since: datetime | None
    until: datetime
    where: str = ""


class Place(Struct, omit_defaults=True):
    """Where a search stands; within the newest stretch it has read ``seen`` results, down to ``edge``."""

    left: list[Stretch]
    token: str | None = None
    edge: datetime | None = None
    seen: int = 0

    @classmethod
    def of(cls, cursor: str | None, *whole: Stretch) -> Place:
        """Return where a cursor says, or the beginning; one that cannot be read is of an older version."""
        try:
            return msgspec.json.decode(cursor or "", type=cls)
        except msgspec.DecodeError:
            return cls([*whole])

    def cursor(self) -> str | None:
        """Return what says where to go on; None where nothing is left."""
        return msgspec.json.encode(self).decode() if self.left else None

    def follow(self, token: str, edge: datetime, seen: int) -> None:
        """Note that the newest stretch goes on at a page."""
        self.token, self.edge, self.seen = token, edge, seen

    def finish(self) -> None:
        """Leave the newest stretch behind."""
        self.left.pop()
        self._begin()

    def halve(self, shortest: timedelta) -> bool:
        """Put two halves in the place of the newest stretch; say no, and leave it behind, where it is as short as can be."""
        stretch = self.left.pop()
        self._begin()
        if stretch.since is None or stretch.until - stretch.since <= shortest:
            return False
        middle = stretch.since + (stretch.until - stretch.since) / 2
        self.left += [Stretch(stretch.since, middle, stretch.where), Stretch(middle, stretch.until, stretch.where)]
        return True

    def restart(self) -> None:
        """Ask the newest stretch from where it has been read, as one of its own."""
        stretch = self.left.pop()
        self.left.append(Stretch(stretch.since, self.edge or stretch.until, stretch.where))
        self._begin()

    def _begin(self) -> None:
        self.token, self.edge, self.seen = None, None, 0


def stamp(moment: datetime | None) -> str | None:
    """Return a time as APIs want it, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
