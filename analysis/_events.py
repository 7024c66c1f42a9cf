"""What an alert is about: something that happened once, with a name that stays the same however often it is computed.

A series is what can happen again (a burst on one platform). Two events of one series are the same where they lie closer
together than ``calm_h``: a wave that grows is one wave. An event without ``calm_h`` happens once and never again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from analysis._disclosure import SMALL
from analysis._time import iso

KINDS = ("crossing", "first_seen", "removal_wave", "burst", "broken")
DAY_H = 24.0
NO_TEST = "no test"  # the verdict on a rule that reads facts and so is never wrong by chance


class Event(NamedTuple):
    """One event: what, where, since and until when, what is said of it, and what that rests on."""

    kind: str
    keys: dict[str, str]
    since: datetime  # naive UTC
    until: datetime
    title: str
    text: str
    rests_on: str
    calm_h: float | None = None
    told_by: str | None = None  # the series of another event that says this as well
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    suppressed: bool = False

    @property
    def series(self) -> str:
        return "/".join((self.kind, *self.keys.values()))

    @property
    def key(self) -> str:
        """The name of the event in its campaign."""
        return self.series if self.calm_h is None else f"{self.series}@{iso(self.since)}"


class Rule(NamedTuple):
    """What one kind of alert watches for, and how often a week it is expected to be wrong; None: it is no test."""

    kind: str
    false_a_week: float | None
    n: int  # series that it watches
    rests_on: str
    verdict: str | None = None


def how_many(posts: int, accounts: int, suppressed: bool = False) -> str:
    """Return a number of posts for people; one that 1 to 4 private accounts stand behind is not said."""
    if suppressed or 0 < accounts < SMALL:
        return "a few posts"
    return f"{posts} post{'' if posts == 1 else 's'}"


def stretches(flagged: list[datetime], apart: timedelta) -> list[tuple[datetime, datetime]]:
    """Return the stretches of moments that lie no farther apart than this: first and last of each."""
    found: list[tuple[datetime, datetime]] = []
    for moment in sorted(flagged):
        if found and moment - found[-1][1] <= apart:
            found[-1] = (found[-1][0], moment)
        else:
            found.append((moment, moment))
    return found
