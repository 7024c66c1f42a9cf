"""Which region comes before which, from times alone: every pair, several blocks, one rate of false discovery."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis._disclosure import SMALL
from analysis._jitter import ALL, FIRST, Lead, clock, false_discovery, lead, scores
from analysis._trees import Floats

HOUR = 3600.0
BLOCKS = (1.5 * HOUR, 3 * HOUR, 6 * HOUR)
_TRUSTED = BLOCKS[:2]  # at 6 hours a common driver alone makes one pair in six look like a lead (measured)
_RATE = 0.05
_POSTS, _REGIONS, _MOST = 20, 8, 1000  # floor of posts; regions at most, the largest; posts at most, the earliest


class Pair(NamedTuple):
    """One region before another, at one width of block."""

    part: str
    leader: str
    follower: str
    block: float
    found: Lead


def leads(moments: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield a row for each ordered pair of regions and each block: excess of D, and the false-discovery rate."""
    pairs = [pair for part, rows in moments.groupby("part") for pair in _pairs(str(part), _series(rows))]
    rates = {block: _rates([pair for pair in pairs if pair.block == block]) for block in BLOCKS}
    for pair in pairs:
        rate = rates[pair.block][pair[:3]]
        sure = all(rates[block][pair[:3]] <= _RATE for block in _TRUSTED)
        said = f"inferred from times alone; p = {pair.found.p:.2g}, false-discovery rate {rate:.2g}"
        named = {"part": pair.part, "region": pair.follower, "origin": pair.leader, "block": pair.block / HOUR}
        yield named | {
            "metric": "lead",
            "value": round(pair.found.excess, 1),
            "low": round(pair.found.low, 1),
            "high": round(pair.found.high, 1),
            "n": pair.found.n,
            "rests_on": f"{said}; redrawn {FIRST} to {ALL} times within {pair.block / HOUR:g} h",
            "verdict": "leads" if sure else "no sign",
        }
        yield named | {
            "metric": "lead_fdr",
            "value": rate,
            "low": rate,
            "high": rate,
            "n": pair.found.n,
            "rests_on": said,
        }


def _rates(pairs: list[Pair]) -> dict[tuple[Any, ...], float]:
    rates = false_discovery([pair.found.p for pair in pairs])
    return {pair[:3]: float(rate) for pair, rate in zip(pairs, rates, strict=True)}


def _series(rows: pd.DataFrame) -> dict[str, Floats]:
    """Return the moments of the regions that have enough posts, and accounts, to be told."""
    series = {
        str(region): np.array(posts["published"].iloc[:_MOST], dtype=float)
        for region, posts in rows.groupby("region")
        if len(posts) >= _POSTS and not 0 < posts["account"].nunique() < SMALL
    }
    return dict(sorted(series.items(), key=lambda one: (-len(one[1]), one[0]))[:_REGIONS])


def _pairs(part: str, series: dict[str, Floats]) -> Iterator[Pair]:
    if len(series) < 2:
        return
    hands = clock(*series.values())
    for leader, moments in sorted(series.items()):
        by_tick = scores(moments, hands)
        for follower, block in product(sorted(series.keys() - {leader}), BLOCKS):
            yield Pair(part, leader, follower, block, lead(by_tick, series[follower], hands, block))
