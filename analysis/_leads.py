"""Which region comes before which, from times alone: every pair, several blocks, one rate of false discovery."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis._disclosure import SMALL
from analysis._jitter import FINEST_S, Lead, cells, false_discovery, law, lead, pairs_in_order, seconds, steps
from analysis._trees import Floats

HOUR = 3600.0
BLOCKS = (1, 2, 4)  # in cells of an hour and a half
_TRUSTED = BLOCKS[:2]  # at 6 hours a common driver alone makes one pair in six look like a lead (measured)
_RATE = 0.05
_POSTS, _REGIONS = 20, 8  # floor of posts; regions at most, the largest
_COLUMNS = ("region", "posts", "people", "moments")
MOST = 1000  # posts of a region at most, the earliest


class Pair(NamedTuple):
    """One region before another, at one width of block."""

    part: str
    leader: str
    follower: str
    block: int
    found: Lead


def leads(regions: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield a row for each ordered pair of regions and each block: excess of D, and the false-discovery rate.

    A row of ``regions`` has part, region, how many posts and people, and the moments of the earliest posts.
    """
    pairs = [pair for part, rows in regions.groupby("part") for pair in _pairs(str(part), _series(rows))]
    rates = {block: _rates([pair for pair in pairs if pair.block == block]) for block in BLOCKS}
    for pair in pairs:
        rate = rates[pair.block][pair[:3]]
        sure = all(rates[block][pair[:3]] <= _RATE for block in _TRUSTED)
        hours = pair.block * FINEST_S / HOUR
        said = f"inferred from times alone; p = {pair.found.p:.2g}, false-discovery rate {rate:.2g}"
        named = {"part": pair.part, "region": pair.follower, "origin": pair.leader, "block": hours, "n": pair.found.n}
        yield named | {
            "metric": "lead",
            "value": round(pair.found.excess, 1),
            "low": round(pair.found.low, 1),
            "high": round(pair.found.high, 1),
            "rests_on": f"{said}; against moments anywhere within their {hours:g} h",
            "verdict": "leads" if sure else "no sign",
        }
        yield named | {"metric": "lead_fdr", "value": rate, "low": rate, "high": rate, "rests_on": said}


def _rates(pairs: list[Pair]) -> dict[tuple[Any, ...], float]:
    rates = false_discovery([pair.found.p for pair in pairs])
    return {pair[:3]: float(rate) for pair, rate in zip(pairs, rates, strict=True)}


def _series(regions: pd.DataFrame) -> dict[str, Floats]:
    """Return the moments of the regions that have enough posts, and accounts, to be told."""
    series = {
        str(region): np.asarray(moments, dtype=float)
        for region, posts, people, moments in zip(*(regions[name] for name in _COLUMNS), strict=True)
        if posts >= _POSTS and not 0 < people < SMALL
    }
    return dict(sorted(series.items(), key=lambda one: (-len(one[1]), one[0]))[:_REGIONS])


def _pairs(part: str, series: dict[str, Floats]) -> Iterator[Pair]:
    if len(series) < 2:
        return
    starts = cells(series.values())
    places = {region: np.searchsorted(starts, seconds(at), side="right") - 1 for region, at in series.items()}
    for leader, moments in sorted(series.items()):
        adds = steps(moments, starts)
        laws = {block: law(adds, block, len(starts) // block) for block in BLOCKS}
        for follower in sorted(series.keys() - {leader}):
            seen = pairs_in_order(moments, series[follower])
            for block, chance in laws.items():
                yield Pair(part, leader, follower, block, lead(seen, chance, places[follower] // block))
