"""How long posts were under watch, piece of time by piece, summed as far as the likelihood of their hazards allows.

A post that is still up enters it by its hours alone, so all of those are added up, and their squares by account; only
posts that were lost stay one by one. So a hundred thousand posts cost as little as the few that went.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Exposure:
    """Hours by piece of time; where there are two groups, first and second in this order."""

    seen: Floats  # by group: hours that its posts were seen up
    hours: Floats  # by group: those and the hours between the last look up and the first look down
    squares: Floats  # by group: the sum over accounts of products of their hours seen up
    between: Floats  # a row a lost post: its hours between the last look up and the first look down
    second: NDArray[np.bool_]  # of each lost post, whether it is of the second group
    loser: Ints  # of each lost post, its account among those that lost any
    lost_hours: Floats  # a row an account that lost any: the hours that all its posts were seen up
    lost_second: NDArray[np.bool_]


def exposure(
    entry: Floats, up: Floats, down: Floats, account: Ints, second: NDArray[np.bool_], edges: Floats
) -> Exposure:
    """Return the hours of posts, which are sorted by account; an account is of one group."""
    lost = np.isfinite(down)
    between = overlap(up[lost], np.minimum(down[lost], edges[-1]), edges)
    starts = np.flatnonzero(np.diff(account, prepend=-1))
    by_account = _columns(entry, up, edges)
    if len(starts) < len(account):
        by_account = np.add.reduceat(by_account, starts, axis=1)
    place = np.searchsorted(starts, np.flatnonzero(lost), side="right") - 1
    losers, loser = np.unique(place, return_inverse=True)
    groups = [by_account[:, chosen] for chosen in (~second[starts], second[starts])]
    seen = np.array([group.sum(axis=1) for group in groups])
    gaps = np.array([between[~second[lost]].sum(axis=0), between[second[lost]].sum(axis=0)])
    return Exposure(
        seen,
        seen + gaps,
        np.array([group @ group.T for group in groups]),
        between,
        second[lost],
        loser,
        by_account[:, losers].T,
        second[starts][losers],
    )


def overlap(start: Floats, end: Floats, edges: Floats) -> Floats:
    """Return a row a stretch of time: how much of it lies in each piece."""
    return _columns(start, end, edges).T


def _columns(start: Floats, end: Floats, edges: Floats) -> Floats:
    """Return a row a piece: long rows are quick to add up."""
    until = np.minimum(np.maximum(end, start), edges[:, None])  # a stretch that ends before it begins is none
    hours = np.diff(until, axis=0)
    if (start > edges[0]).any():
        hours -= np.diff(np.minimum(start, edges[:, None]), axis=0)
    return hours
