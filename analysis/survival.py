"""The curve of what is still up, hour after hour since we found it: boxes where only looks bound a loss, and a band."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import duckdb
import numpy as np
import pandas as pd

from analysis._disclosure import crowds_of, hidden
from analysis._exposure import Floats
from analysis._hazards import Spells, incidence
from analysis._scope import splits
from analysis._spells import hours, spells
from analysis._survival import kaplan_meier, loglog_interval
from analysis._turnbull import turnbull

BANDS = (1.0, 2.0, 4.0, 8.0, 16.0, 24.0, 48.0, 96.0, 168.0)  # hours at which an interval is given
_SHORT = 0.1  # of a loss's own time: where all looks were as close as that, a line may be drawn
_VALUES = ("start_h", "end_h", "up_before", "up_after", "low", "high", "at_risk")
# quarters of an hour, then hours, then days: a loss is put between the nearest of them, outwards, or boxes are too many
_GRID = np.concatenate([np.arange(0, 24, 0.25), np.arange(24, 168, 1.0), np.arange(168, 24_000, 24.0)])


class _Step(NamedTuple):
    """A piece of a curve: the share still up before ``start`` and after ``end``; what lies between is not known."""

    kind: str
    start: float
    end: float
    before: float | None
    after: float
    low: float | None
    high: float | None
    at_risk: int


def survival(
    con: duckdb.DuckDBPyConnection, campaign: str, *, by: Sequence[str] = ("platform",), as_of: datetime | None = None
) -> pd.DataFrame:
    """Return pieces of the curve for each cell and group: kind, start_h, end_h, up_before, up_after, low, high, at_risk.

    What it says: the share still up since we found a post. A ``box`` is where losses lie, ``band`` the interval at set
    hours, and ``line``, only where looks were close enough together, the steps of Kaplan and Meier.
    What it does not say: where in a box the losses lie: a line through it would be made up.
    Formula: Turnbull (JRSS B 38, 1976), outwards to quarters of an hour; Kaplan & Meier (1958) with Greenwood's interval on
    the log(-log) scale; bands by hazards constant in pieces (Prentice & Gloeckler, 1978).
    Unknowns: a post that is still up, or was not read again, counts for as long as we saw it; see ``removals``.
    """
    keys = splits(by)
    frame = spells(con, campaign, as_of)
    inner = ("place", *keys[1:])
    small = hidden(crowds_of(frame, inner))[inner]
    rows = [
        (*cell[:-1], cell[-1], *step, (f"{cell[0]} {cell[-1]}", *cell[1:-1]) in small)
        for cell, posts in frame.groupby([*keys, "group"], sort=True)
        for step in _curve(hours(posts))
    ]
    columns = [*keys, "group", "kind", *_VALUES, "suppressed"]
    curve = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(_VALUES[:-1], "Float64") | {"at_risk": "Int64"})
    for column in _VALUES[2:]:
        curve[column] = curve[column].mask(curve["suppressed"].astype(bool))
    return curve


def _curve(watched: Spells) -> Iterator[_Step]:
    longest = float(watched.up.max(initial=0.0))
    yield from _boxes(watched)
    times = [time for time in BANDS if time <= longest]
    for time, (share, low, high) in zip(times, incidence(watched, times) if times else [], strict=True):
        yield _Step("band", time, time, None, 1 - share, 1 - high, 1 - low, _at_risk(watched, time))
    lost = watched.lost
    if lost.any() and bool((watched.down - watched.up <= _SHORT * watched.down)[lost].all()):
        line = kaplan_meier(np.where(lost, watched.down, watched.up), lost)
        before = np.concatenate([[1.0], line.share[:-1]])
        for time, up, after, se, at_risk in zip(line.times, before, line.share, line.se, line.at_risk, strict=True):
            yield _Step("line", time, time, up, after, *loglog_interval(after, se), int(at_risk))


def _boxes(watched: Spells) -> Iterator[_Step]:
    if not watched.lost.any():
        return
    boxes = turnbull(_GRID[np.searchsorted(_GRID, watched.up, side="right") - 1], _outwards(watched.down))
    up = 1.0
    for start, end, mass in zip(boxes.start, boxes.end, boxes.mass, strict=True):
        if np.isfinite(end) and mass > 1e-6:
            yield _Step("box", start, end, up, up - mass, None, None, _at_risk(watched, start))
            up -= mass


def _outwards(down: Floats) -> Floats:
    place = np.minimum(np.searchsorted(_GRID, down), len(_GRID) - 1)
    return np.where(np.isfinite(down), _GRID[place], np.inf)


def _at_risk(watched: Spells, time: float) -> int:
    """Count the posts that were seen up at this time or later."""
    return int((watched.up >= time).sum())
