"""How many shares a share brings: the reproduction number of trees that still grow."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analysis._means import Mean, mean
from analysis._trees import NONE, Floats, Forest, children

LATE = 0.95  # of the delays between a post and its share


class Reproduction(NamedTuple):
    """``number`` is of posts that are shares themselves, ``roots`` of first posts; ``delay`` is the 95 % point in seconds."""

    number: Mean
    roots: Mean
    delay: float


def reproduction(trees: Forest, published: Floats, until: float) -> Reproduction:
    """Return the mean children of posts old enough to have had theirs; times in seconds, nan where not known.

    Old enough is what is older than the 95 % point of the delay between a post and its share (right truncation: Lawless,
    CJS 22, 1994); with that at most a twentieth of the children is still to come. First posts stand apart, or the
    mean of a finished tree were (n - 1) / n whatever happened in it.
    """
    edge = trees.parent != NONE
    delays = published[edge] - published[trees.parent[edge]]
    delays = np.maximum(delays[~np.isnan(delays)], 0)
    if not len(delays):
        nothing = mean([])
        return Reproduction(nothing, nothing, float("nan"))
    late = float(np.quantile(delays, LATE))
    old = until - published >= late  # false where the time is not known
    born = children(trees)
    ours, firsts = (mean(born[old & which], trees.tree[old & which]) for which in (edge, ~edge & (born > 0)))
    return Reproduction(ours, firsts, late)
