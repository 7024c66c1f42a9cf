"""Bursts: hours with more new sightings on a platform than the hour of the week lets expect, for as much as we watched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import duckdb
import numpy as np
from numpy.typing import NDArray

from analysis._disclosure import SMALL
from analysis._events import DAY_H, Event, Rule, stretches
from analysis._negative_binomial import DAY, WEEK, Expected, Floats, least, predict, tail
from analysis._overlap import benjamini_hochberg
from analysis._rows import INSUFFICIENT
from analysis._scope import SCOPE
from analysis._time import iso

PAIR, RATE = 0.001, 0.01  # two hours in a row below this; or one that stands at this rate among all series of a day
BASE_H, LEAST_H = 28 * DAY, 72  # hours before that are looked at, and how many of them must have been watched
APART_H = 3  # the hours just before belong to what is tested
WATCHED = 0.5  # an hour of which less was watched is a gap
_BACK_H = 7 * DAY
_HOUR = timedelta(hours=1)
# posts by the hour in which they were published, where that is known to the hour
_COUNTS = f"""
WITH {SCOPE}
SELECT s.platform, date_trunc('hour', s.published_at) AS hour, count(*)::DOUBLE, count(DISTINCT account), bool_or(account IS NOT NULL)
FROM scope s JOIN held.post p USING (post_key)
WHERE s.published_at > $since AND s.published_at < $until AND coalesce(p.published_precision, 'second') <> 'day'
GROUP BY ALL ORDER BY ALL"""
# what share of each hour the windows of a platform's own collectors cover; a cut window still counts what it brought
_EXPOSURE = f"""
WITH {SCOPE}, asked AS (
    SELECT DISTINCT s.platform, r.collector FROM scope s JOIN runs r ON r.run_id = s.run_id WHERE r.mode IN ('search', 'stream')
), windows AS (
    SELECT a.platform, greatest(window_from, $since) AS a, least(window_to, $until) AS b FROM runs r JOIN asked a USING (collector)
    WHERE campaign = $campaign AND mode IN ('search', 'stream') AND window_to > window_from
      AND (outcome IN ('answered', 'cut_short') OR (mode = 'stream' AND outcome = 'running'))
      AND ($as_of::TIMESTAMP IS NULL OR coalesce(ended_at, started_at) <= $as_of::TIMESTAMP)
), fresh AS ( -- each window from where those before it ended
    SELECT platform, b, greatest(a, max(b) OVER (PARTITION BY platform ORDER BY a, b ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS a
    FROM windows WHERE b > a
), hours AS (
    SELECT *, unnest(range(date_trunc('hour', a), b, INTERVAL 1 HOUR)) AS hour FROM fresh WHERE b > a
)
SELECT platform, hour, sum(epoch(least(b, hour + INTERVAL 1 HOUR) - greatest(a, hour))) / 3600 FROM hours GROUP BY ALL ORDER BY ALL"""


class Series(NamedTuple):
    """Hours one after another: how many posts, of how many private accounts, and what share was watched."""

    platform: str
    begin: datetime
    counts: Floats
    accounts: NDArray[np.int64]
    private: NDArray[np.bool_]
    watched: Floats

    def expected(self, place: int, *, ahead: int = 0, watched: float | None = None) -> Expected | None:
        """Return what to expect in an hour, or so many hours after it, from those before; None where too few were watched."""
        start, end = max(0, place - BASE_H), max(0, place - APART_H + 1)
        used = np.flatnonzero(self.watched[start:end] >= WATCHED) + start
        if self.watched[used].sum() < LEAST_H:
            return None
        share = float(self.watched[place]) if watched is None else watched
        return predict(
            self.counts[used], self.watched[used], self._of_week(used), int(self._of_week(place + ahead)), share
        )

    def _of_week(self, places: Any) -> Any:
        first = self.begin.weekday() * DAY + self.begin.hour
        return (np.asarray(places) + first) % WEEK


class _Hour(NamedTuple):
    place: int
    p: float
    expected: Expected


def bursts(con: duckdb.DuckDBPyConnection, parameters: dict[str, Any], now: datetime) -> Iterator[Event]:
    """Yield the bursts of the last week."""
    found = series(con, parameters, now)
    tested = {one.platform: _tested(one) for one in found}
    limit = _limits(tested)
    for one in found:
        hours = {hour.place: hour for hour in tested[one.platform]}
        flagged = [place for place, hour in hours.items() if _is_burst(place, hours, limit) and _may_tell(one, place)]
        moments = [one.begin + place * _HOUR for place in flagged]
        for since, until in stretches(moments, timedelta(hours=DAY_H)):
            yield _event(one, hours, since, until)


def rule(con: duckdb.DuckDBPyConnection, parameters: dict[str, Any], now: datetime) -> Rule:
    """Return how many bursts a week the predictives themselves give, hour by hour of the week that comes."""
    found = series(con, parameters, now)
    weeks = [week for one in found if (week := _week(one))]
    said = f"chances of the predictive of each hour of a week, on {len(weeks)} of {len(found)} platforms; {LEAST_H} watched hours are needed"
    return Rule("burst", promised(weeks) if weeks else None, len(weeks), said, None if weeks else INSUFFICIENT)


def promised(weeks: Sequence[Sequence[Expected]]) -> float:
    """Return how many false alarms the hours of these weeks give: hours that stand alone, and pairs."""
    alone = RATE / (DAY * max(1, len(weeks)))
    total = 0.0
    for week in weeks:
        pairs = [_reached(hour, PAIR) for hour in week]
        total += sum(_reached(hour, alone) for hour in week) + sum(a * b for a, b in pairwise(pairs))
    return total


def series(con: duckdb.DuckDBPyConnection, parameters: dict[str, Any], now: datetime) -> list[Series]:
    """Return the hours of each platform that a collector of its own watches, up to the hour that has begun."""
    end = now.replace(minute=0, second=0, microsecond=0) + _HOUR
    begin, size = end - (BASE_H + _BACK_H) * _HOUR, BASE_H + _BACK_H
    given = parameters | {"since": begin, "until": end}
    watched: dict[str, Floats] = {}
    for platform, hour, share in con.execute(_EXPOSURE, given).fetchall():
        watched.setdefault(platform, np.zeros(size))[(hour - begin) // _HOUR] = min(1.0, share)
    counts = {platform: np.zeros((3, size)) for platform in watched}
    for platform, hour, *row in con.execute(_COUNTS, given).fetchall():
        if platform in counts:
            counts[platform][:, (hour - begin) // _HOUR] = row
    return [
        Series(name, begin, found[0], found[1].astype(np.int64), found[2] > 0, watched[name])
        for name, found in sorted(counts.items())
    ]


def _week(one: Series) -> list[Expected] | None:
    """Return what to expect in each hour of the week that comes, watched as much as the last one."""
    last = len(one.counts) - 1
    share = float(one.watched[-WEEK:].mean())
    week = [one.expected(last, ahead=hour, watched=share) for hour in range(1, WEEK + 1)]
    return [hour for hour in week if hour is not None] or None


def _reached(expected: Expected, alpha: float) -> float:
    """Return the chance that a count is unlikely enough: below alpha, as counts are whole numbers; and never below SMALL."""
    return tail(max(SMALL, least(expected, alpha)), expected)


def _tested(one: Series) -> list[_Hour]:
    hours = []
    for place in range(len(one.counts) - _BACK_H, len(one.counts)):
        expected = one.expected(place) if one.watched[place] >= WATCHED else None
        if expected is not None:
            hours.append(_Hour(place, tail(int(one.counts[place]), expected), expected))
    return hours


def _limits(tested: dict[str, list[_Hour]]) -> dict[int, float]:
    """Return for each hour the p-value that stands among those of all series in the day that ends with it."""
    by_place: dict[int, list[float]] = {}
    for hours in tested.values():
        for hour in hours:
            by_place.setdefault(hour.place, []).append(hour.p)
    limits = {}
    for place in by_place:
        day = np.array([p for hour in range(place - DAY + 1, place + 1) for p in by_place.get(hour, ())])
        limits[place] = benjamini_hochberg(day, len(day), RATE)
    return limits


def _is_burst(place: int, hours: dict[int, _Hour], limits: dict[int, float]) -> bool:
    p = hours[place].p
    beside = (hours.get(place - 1), hours.get(place + 1))
    return p <= limits[place] or (p < PAIR and any(hour is not None and hour.p < PAIR for hour in beside))


def _may_tell(one: Series, place: int) -> bool:
    """Say whether an hour has enough posts, of enough private accounts if any: what a few of them do is nobody's alert."""
    return one.counts[place] >= SMALL and (not one.private[place] or int(one.accounts[place]) >= SMALL)


def _event(one: Series, hours: dict[int, _Hour], since: datetime, last: datetime) -> Event:
    places = range((since - one.begin) // _HOUR, (last - one.begin) // _HOUR + 1)
    seen = int(sum(one.counts[place] for place in places if place in hours))
    due = sum(hours[place].expected.mean for place in places if place in hours)
    first = min(hours[place].p for place in places if place in hours)
    until = last + _HOUR
    return Event(
        "burst", {"platform": one.platform}, since, until, f"burst on {one.platform}",
        f"{seen} new sightings on {one.platform} between {iso(since)} and {iso(until)}, where {due:.2g} were to be expected at these hours of the week.",
        f"{len(places)} hours, {sum(float(one.watched[place]) for place in places):.1f} of them watched; p = {first:.1g} in the hour that stands out most",
        calm_h=DAY_H, value=float(seen), n=seen,
    )  # fmt: skip
