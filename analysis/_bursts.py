"""Bursts: hours with more new sightings on a platform than the hour of the week lets expect, for as much as we watched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import duckdb
import numpy as np

from analysis._disclosure import SMALL
from analysis._events import DAY_H, Event, Rule, stretches
from analysis._hourly import BACK_H, HOUR, LEAST_H, WATCHED, Series, series
from analysis._negative_binomial import DAY, WEEK, Expected, Floats, least, tail
from analysis._overlap import benjamini_hochberg
from analysis._rows import INSUFFICIENT
from analysis._time import iso

PAIR, RATE = 0.001, 0.01  # two hours in a row below this; or one that stands at this rate among all series of a day


class Hour(NamedTuple):
    """An hour by its place in the series, and the chance of as many posts or more."""

    place: int
    p: float


def bursts(con: duckdb.DuckDBPyConnection, parameters: dict[str, Any], now: datetime) -> Iterator[Event]:
    """Yield the bursts of the last week."""
    found = series(con, parameters, now)
    settled = [settle(one) for one in found]
    limit = _limits([hours for _, hours in settled])
    for one, tested in settled:
        hours = {hour.place: hour for hour in tested}
        flagged = [place for place, hour in hours.items() if _is_burst(place, hours, limit) and _may_tell(one, place)]
        moments = [one.begin + place * HOUR for place in flagged]
        for since, until in stretches(moments, timedelta(hours=DAY_H)):
            yield _event(one, hours, since, until)


def rule(con: duckdb.DuckDBPyConnection, parameters: dict[str, Any], now: datetime) -> Rule:
    """Return how many bursts a week the predictives themselves give, hour by hour of the week that comes."""
    found = series(con, parameters, now)
    weeks = [week for one in found if (week := _week(settle(one)[0]))]
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


def _week(one: Series) -> list[Expected] | None:
    """Return what to expect in each hour of the week that comes, watched as much as the last one."""
    last = len(one.counts) - 1
    share = float(one.watched[-WEEK:].mean())
    week = [one.expected(last, ahead=hour, watched=share) for hour in range(1, WEEK + 1)]
    return [hour for hour in week if hour is not None] or None


def _reached(expected: Expected, alpha: float) -> float:
    """Return the chance that a count is unlikely enough: below alpha, as counts are whole numbers; and never below SMALL."""
    return tail(max(SMALL, least(expected, alpha)), expected)


def settle(one: Series) -> tuple[Series, list[Hour]]:
    """Return a series without its bursts to rest on, and the hours of the last week with their chances.

    A burst that lasts longer than a day is no longer left out: it is the new level.
    """
    base, usual = one.watched.copy(), one.usual()
    hours: list[Hour] = []
    settled = one._replace(base=base)  # it sees what is taken out of the base below
    begun = last = -WEEK
    for place in np.flatnonzero(one.watched >= WATCHED).tolist():
        hour = _test(settled, place, usual)
        if hour is None:
            continue
        if hour.p < PAIR and (hour.p < RATE / DAY or (hours and hours[-1].place == place - 1 and hours[-1].p < PAIR)):
            begun, last = begun if place - last <= DAY else place, place
            base[place - 1 : place + 1] *= place - begun >= DAY
        hours.append(hour)
    return settled, [hour for hour in hours if hour.place >= len(one.counts) - BACK_H]


def _test(one: Series, place: int, usual: Floats) -> Hour | None:
    """Return how unlikely an hour is; None where too few hours before it were watched."""
    if one.counts[place] < SMALL or not one.is_high(place, usual):
        return Hour(place, 1.0)
    expected = one.expected(place)
    return None if expected is None else Hour(place, tail(int(one.counts[place]), expected))


def _limits(tested: Sequence[Sequence[Hour]]) -> dict[int, float]:
    """Return for each hour the p-value that stands among those of all series in the day that ends with it."""
    by_place: dict[int, list[float]] = {}
    for hours in tested:
        for hour in hours:
            by_place.setdefault(hour.place, []).append(hour.p)
    limits = {}
    for place in by_place:
        day = np.array([p for hour in range(place - DAY + 1, place + 1) for p in by_place.get(hour, ())])
        limits[place] = benjamini_hochberg(day, len(day), RATE)
    return limits


def _is_burst(place: int, hours: dict[int, Hour], limits: dict[int, float]) -> bool:
    p = hours[place].p
    beside = (hours.get(place - 1), hours.get(place + 1))
    return p <= limits[place] or (p < PAIR and any(hour is not None and hour.p < PAIR for hour in beside))


def _may_tell(one: Series, place: int) -> bool:
    """Say whether an hour has enough posts, of enough private accounts if any: what a few of them do is nobody's alert."""
    return one.counts[place] >= SMALL and (not one.private[place] or int(one.accounts[place]) >= SMALL)


def _event(one: Series, hours: dict[int, Hour], since: datetime, last: datetime) -> Event:
    places = range((since - one.begin) // HOUR, (last - one.begin) // HOUR + 1)
    seen = int(sum(one.counts[place] for place in places if place in hours))
    expected = (one.expected(place) for place in places if place in hours)
    due = sum(hour.mean for hour in expected if hour is not None)
    first = min(hours[place].p for place in places if place in hours)
    until = last + HOUR
    return Event(
        "burst", {"platform": one.platform}, since, until, f"burst on {one.platform}",
        f"{seen} new sightings on {one.platform} between {iso(since)} and {iso(until)}, where {due:.2g} were to be expected at these hours of the week.",
        f"{len(places)} hours, {sum(float(one.watched[place]) for place in places):.1f} of them watched; p = {first:.1g} in the hour that stands out most",
        calm_h=DAY_H, value=float(seen), n=seen,
    )  # fmt: skip
