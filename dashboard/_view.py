"""What a page looks at: the values of the filter bar, and the stretch of time that they mean."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

RANGES = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}
BANDS = {  # at least how sure we are that a post is about the campaign; kept ones were kept by choice, unmatched
    "any": ("reviewed", "high", "medium", "low", "kept"),
    "medium": ("reviewed", "high", "medium"),
    "high": ("reviewed", "high"),
    "reviewed": ("reviewed",),
}
_DAYS = re.compile(r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)")


Version = tuple[str, int]


@dataclass(frozen=True)
class Chosen:
    """The campaign that a page is about, in one state of the data: workspace and data version."""

    version: Version
    campaign: str

    @property
    def zone(self) -> tzinfo:
        return UTC


@dataclass(frozen=True)
class View(Chosen):
    """One state of the filter bar. Times are aware; ``until`` is the moment up to which rows count."""

    since: datetime
    until: datetime
    range: str = "all"
    platforms: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    own_regions: tuple[str, ...] = ()  # those of them that posts name as their own; charts name others
    band: str = "any"
    as_of: datetime | None = None
    to_the_end: bool = False  # whether it ends with the last thing that is held
    zone_name: str = "UTC"

    @property
    def zone(self) -> tzinfo:
        return ZoneInfo(self.zone_name)

    @property
    def known_at(self) -> datetime | None:
        """Return up to when rows count, or None for all of them: then the latest values are at hand, summed up already."""
        return None if self.to_the_end else self.until

    @property
    def grain(self) -> str:
        """How wide the steps of a picture are, so that it stays under some 400 steps."""
        length = self.until - self.since
        return "hour" if length <= timedelta(days=8) else "6h" if length <= timedelta(days=92) else "day"

    @property
    def step(self) -> timedelta:
        return {"hour": timedelta(hours=1), "6h": timedelta(hours=6), "day": timedelta(days=1)}[self.grain]

    @property
    def filtered(self) -> bool:
        return bool(self.platforms or self.regions or self.band != "any")


def days(code: str) -> tuple[date, date] | None:
    """Return the first and last day of a range like 2026-03-01..2026-03-09, or None where it is none."""
    found = _DAYS.fullmatch(code)
    try:
        first, last = (date.fromisoformat(text) for text in found.groups()) if found else (date.max, date.min)
    except ValueError:
        return None
    return (first, last) if first <= last else None


def is_range(code: str) -> bool:
    return code == "all" or code in RANGES or days(code) is not None


def is_day(code: str) -> bool:
    return days(f"{code}..{code}") is not None


def is_zone(code: str) -> bool:
    try:
        return bool(ZoneInfo(code))
    except (ValueError, OSError, KeyError):
        return False


def stretch(code: str, held: tuple[datetime, datetime], as_of: datetime | None) -> tuple[datetime, datetime]:
    """Return from when to when a range reaches: it ends with what we know last, or with ``as_of``."""
    first, last = held
    end = min(last, as_of) if as_of else last
    if chosen := days(code):
        return midnight(chosen[0]), min(max(end, midnight(chosen[0])), midnight(chosen[1] + timedelta(days=1)))
    start = end - RANGES[code] if code in RANGES else first
    return _hour(max(start, min(first, end))), end


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def end_of(day: date) -> datetime:
    return midnight(day + timedelta(days=1))


def latest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
