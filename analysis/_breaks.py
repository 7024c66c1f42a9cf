"""Collectors that answered and now do not: from two failed turns on, in the mode that used to answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np

from analysis._events import DAY_H, Event, Rule
from analysis._rows import INSUFFICIENT
from analysis._time import iso

TURNS = 2  # a single failure is what networks do
_CALM_H = DAY_H / 4
# a run that a dead process left open says nothing about the collector; a turn is what starts within a minute
_ENDED = """
WITH ended AS (
    SELECT collector, mode, started_at, outcome IN ('refused', 'broken') AS failed, outcome, reason FROM runs
    WHERE campaign = $campaign AND mode <> 'load' AND outcome IN ('answered', 'cut_short', 'refused', 'broken')
      AND NOT (outcome = 'broken' AND coalesce(starts_with(reason, 'the process ended before'), false))
      AND ($as_of::TIMESTAMP IS NULL OR coalesce(ended_at, started_at) <= $as_of::TIMESTAMP)
)"""
_BROKEN = f"""
{_ENDED}, answered AS (
    SELECT collector, mode, max(started_at) AS last_at FROM ended WHERE NOT failed GROUP BY ALL
), since AS (
    SELECT e.collector, e.mode, a.last_at, min(e.started_at) AS since, max(e.started_at) AS until,
           count(DISTINCT date_trunc('minute', e.started_at)) AS turns, arg_max(e.outcome, e.started_at) AS outcome
    FROM ended e JOIN answered a USING (collector, mode) WHERE e.started_at > a.last_at GROUP BY ALL
)
SELECT collector, string_agg(mode, ', ' ORDER BY mode), min(since), max(until), max(last_at), max(turns), arg_max(outcome, until)
FROM since WHERE turns >= {TURNS} GROUP BY collector ORDER BY collector"""
_HISTORY = f"""
{_ENDED}
SELECT collector, mode, list(failed ORDER BY started_at), min(started_at), max(started_at) FROM (
    SELECT collector, mode, date_trunc('minute', started_at) AS started_at, bool_and(failed) AS failed FROM ended GROUP BY ALL)
GROUP BY ALL ORDER BY ALL"""


def breaks(con: duckdb.DuckDBPyConnection, parameters: dict[str, Any]) -> Iterator[Event]:
    """Yield each collector that answered this campaign and has failed since, twice at least."""
    for collector, modes, since, until, last, turns, outcome in con.execute(_BROKEN, parameters).fetchall():
        word = "refused" if outcome == "refused" else "broken"
        yield Event(
            "broken", {"collector": collector}, since, until, f"{collector} is {word}",
            f"{collector} ({modes}) is {word} since {iso(since)}: {turns} turns failed. It answered last at {iso(last)}. "
            "What appears there meanwhile is not seen: a gap, not a silence.",
            f"{turns} turns of the ledger since {iso(since)}", calm_h=_CALM_H, value=float(turns), n=turns,
        )  # fmt: skip


def rule(con: duckdb.DuckDBPyConnection, parameters: dict[str, Any]) -> Rule:
    """Return how often a week two failures in a row come by chance, if single failures have nothing to do with each other."""
    expected, watched, turns = 0.0, 0, 0
    for _, _, failed, first, last in con.execute(_HISTORY, parameters).fetchall():
        weeks = (last - first).total_seconds() / 604_800
        if len(failed) < TURNS or weeks <= 0:
            continue
        down = np.array(failed, dtype=bool)
        alone = down & ~np.r_[False, down[:-1]] & ~np.r_[down[1:], False]  # failures with an answer on both sides
        share = alone.sum() / len(down)
        expected += (len(down) - 1) / weeks * (1 - share) * share**TURNS
        watched, turns = watched + 1, turns + len(down)
    said = f"{turns} turns of {watched} collectors and modes; two failures in a row by chance"
    return Rule("broken", expected if watched else None, watched, said, None if watched else INSUFFICIENT)
