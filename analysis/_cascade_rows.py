"""What is told of the cascades of one platform, row by row, each with the floor below which it is ``insufficient``."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, isfinite, nan
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis._branching import reproduction
from analysis._disclosure import SMALL
from analysis._doubling import doubling, growth
from analysis._means import Mean, mean
from analysis._parents import ORIGIN
from analysis._seismic import forecast, weigh
from analysis._trees import NONE, Forest, forest, shapes

OF_POSTS = ("stated_share", "orphan_share")
FIELDS = ("generation", "platform", "metric", "value", "low", "high", "n", "rests_on", "verdict", "closed")
_CASCADES, _SHARES, _NEW, _SIZED = (
    10,
    30,
    30,
    50,
)  # floors: cascades, shares that could have had theirs, new posts, shares
_TOO_WIDE = 10  # a forecast that spans more than this is of no use
_LAST = 10  # generation that is told apart; what lies deeper is told with it
_HOUR, _DAY = 3600, 24

Row = dict[str, Any]


class Wood(NamedTuple):
    """The trees of a platform and its posts, one row a node, in the same order."""

    trees: Forest
    posts: pd.DataFrame


def planted(posts: pd.DataFrame) -> Wood:
    """Return the trees of one platform's posts; marks posts of trees of two or more, and of those with a known shape."""
    trees = forest(posts["above"].to_numpy(dtype=np.int64))
    edge = trees.parent != NONE
    vague = np.bincount(trees.tree, edge & ~posts["direct"].to_numpy(dtype=bool)) > 0
    grown = np.bincount(trees.tree) > 1
    marks = {"tree": trees.tree, "generation": np.minimum(trees.depth, _LAST), "grown": grown[trees.tree]}
    return Wood(trees, posts.assign(**marks, shaped=(grown & ~vague)[trees.tree]))


def of_platform(platform: str, wood: Wood, until: float) -> Iterator[Row]:
    """Yield the rows of a platform."""
    for row in (*_of_posts(wood), *_of_sizes(wood), *_of_shapes(platform, wood, until), *_of_times(wood, until)):
        yield {"platform": platform, "generation": None, "verdict": None, "closed": False, **row}


def _row(metric: str, found: Mean, rests_on: str, floor: int = 0) -> Row:
    low, high = (end if isfinite(end) else nan for end in (found.low, found.high))
    named = {"metric": metric, "value": found.value, "low": low, "high": high, "n": found.n, "rests_on": rests_on}
    return named | ({"verdict": "insufficient"} if found.n < floor else {})


def _exactly(metric: str, value: float, n: int, rests_on: str) -> Row:
    return _row(metric, Mean(value, value, value, n), rests_on)


def _of_posts(wood: Wood) -> Iterator[Row]:
    held = wood.posts[wood.posts["held"].astype(bool)]
    stated, orphans = int((held["above"] != NONE).sum()), int(held["orphan"].sum())
    said = f"{stated} of {len(held)} posts state a parent; {orphans} of these parents are not held"
    yield _exactly("stated_share", stated / len(held) if len(held) else nan, len(held), said)
    if stated:
        yield _exactly("orphan_share", orphans / stated, stated, said)


def _rest(wood: Wood, flag: str) -> str:
    """Return of which part something is told: cascades, posts in them, orphans among these, cycles."""
    inside = wood.posts[wood.posts[flag]]
    cycles = f"; {wood.trees.cycles} cycles cut" if wood.trees.cycles else ""
    orphans = int(inside["orphan"].sum())
    return f"{inside['tree'].nunique()} cascades of {len(inside)} posts, {orphans} orphans among them{cycles}"


def _of_sizes(wood: Wood) -> Iterator[Row]:
    sizes = shapes(wood.trees).size
    grown = sizes > 1
    said = _rest(wood, "grown")
    yield _exactly("cascades", float(grown.sum()), int(grown.sum()), said)
    if grown.any():
        yield _row("size", mean(sizes[grown], least=2), said, _CASCADES)
        largest = int(sizes.argmax())
        yield _one(wood, largest) | _exactly("largest_size", float(sizes[largest]), int(sizes[largest]), said)


def _apart(wood: Wood, inside: Any) -> Row:
    """Return whether some cascades must stay closed: fewer than 5 accounts in them, or in all others together."""
    private = wood.posts["grown"] & wood.posts["private"]
    crowds = (wood.posts["account"][chosen & private].nunique() for chosen in (inside, ~inside))
    return {"closed": any(0 < people < SMALL for people in crowds)}


def _one(wood: Wood, tree: int) -> Row:
    return _apart(wood, wood.posts["tree"] == tree)


def _of_shapes(platform: str, wood: Wood, until: float) -> Iterator[Row]:
    every = shapes(wood.trees)
    chosen = np.unique(wood.posts["tree"][wood.posts["shaped"]].to_numpy(dtype=np.int64))
    names = ("depth", "breadth", "virality")
    said = _rest(wood, "shaped")
    if len(chosen) < (every.size > 1).sum():
        said += f"; the others do not name the direct parent: {ORIGIN.get(platform, 'not known of this platform')}"
    rows = [
        _row(name, mean(values[chosen], least=1), said, _CASCADES)
        for name, values in zip(names, (every.depth, every.breadth, every.virality), strict=True)
    ]
    closed = _apart(wood, wood.posts["shaped"])
    for row in (*rows, *_of_generations(wood, said), *_of_reproduction(wood, said, until)):
        yield row | closed


def _of_generations(wood: Wood, said: str) -> Iterator[Row]:
    shaped = wood.posts[wood.posts["shaped"]]
    for generation, posts in shaped.groupby("generation").size().items():
        yield _exactly("posts_in_generation", float(posts), int(posts), said) | {"generation": generation}


def _of_reproduction(wood: Wood, said: str, until: float) -> Iterator[Row]:
    keep = np.flatnonzero(wood.posts["shaped"].to_numpy())
    numbers = np.full(len(wood.posts), NONE, dtype=np.int64)
    numbers[keep] = np.arange(len(keep))
    above = wood.trees.parent[keep]
    inside = forest(np.where(above == NONE, NONE, numbers[above]))
    found = reproduction(inside, wood.posts["published"].to_numpy(dtype=float)[keep], until)
    waited = f"; older than {found.delay / _HOUR:.2g} h, within which 95 % of shares came" if found.number.n else ""
    row = _row("reproduction_number", found.number, said + waited, _SHARES)
    yield row | ({} if row.get("verdict") else {"verdict": _against(1.0, found.number, "growing", "shrinking")})
    yield _row("shares_of_first_post", found.roots, said + waited, _CASCADES)


def _against(value: float, found: Mean, above: str, below: str) -> str:
    return above if found.low > value else below if found.high < value else "cannot tell"


def _of_times(wood: Wood, until: float) -> Iterator[Row]:
    yield _doubling(wood, until)
    yield _final(wood, until)


def _doubling(wood: Wood, until: float) -> Row:
    """Return how long the shares of an hour take to double, over the last day that we looked at."""
    shared = wood.trees.parent != NONE
    times = wood.posts["published"].to_numpy(dtype=float)[shared]
    ages = np.floor((until - times[times <= until]) / _HOUR)
    ages = ages[ages < _DAY]
    counts = np.bincount(ages.astype(np.int64))[::-1] if len(ages) else np.zeros(0)
    rate = growth(counts)
    value, low, high = doubling(rate)
    found = Mean(value if value < inf else nan, low, high, len(ages))
    row = _row("doubling_hours", found, f"{len(ages)} shares in the last {len(counts)} hours that we looked at", _NEW)
    if "verdict" in row:
        return row | {"value": nan, "low": nan, "high": nan}
    return row | {"verdict": _against(0.0, Mean(rate.rate, rate.low, rate.high, len(ages)), "growing", "shrinking")}


def _final(wood: Wood, until: float) -> Row:
    """Return how many shares the largest cascade will have, where enough of its followers are known."""
    sizes = shapes(wood.trees).size
    tree = int(sizes.argmax())
    posts = wood.posts[(wood.posts["tree"] == tree) & (wood.posts["published"] <= until)].sort_values("published")
    known = posts["followers"].notna()
    said = f"the largest cascade: {int(known.sum())} of {len(posts)} followers known, to the power of two; memory as on Twitter"
    nothing = _row("final_size", Mean(nan, nan, nan, max(len(posts) - 1, 0)), said, _SIZED) | _one(wood, tree)
    if len(posts) <= _SIZED or known.mean() < 0.8:
        return nothing | {"verdict": "insufficient"}
    times = posts["published"].to_numpy(dtype=float)
    sized = posts["followers"].fillna(posts["followers"].median()).round().to_numpy(dtype=np.int64)
    size = forecast(weigh(times - times[0], until - times[0]), sized)
    if not isfinite(size.high) or size.high > _TOO_WIDE * size.low:
        return nothing | {
            "verdict": "insufficient",
            "rests_on": f"{said}; its interval spans more than {_TOO_WIDE} times",
        }
    return nothing | {"value": size.value, "low": size.low, "high": size.high}
