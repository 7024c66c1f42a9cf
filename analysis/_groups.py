"""Accounts that hang together: the connected parts of a network, as a number for each account."""

from __future__ import annotations

import numpy as np

from analysis._coshares import Edges, Whole


def groups(found: Edges) -> tuple[Whole, Whole]:
    """Return the accounts in these pairs, and for each the number of its group."""
    accounts, ends = np.unique(np.concatenate([found.low, found.high]), return_inverse=True)
    one, two = ends[: len(found.low)], ends[len(found.low) :]
    group = np.arange(len(accounts))
    while True:  # each round hands the least number on along the edges, and on to where that number came from
        least = group.copy()
        np.minimum.at(least, one, group[two])
        np.minimum.at(least, two, group[one])
        np.minimum.at(least, group, least)
        least = least[least]
        if np.array_equal(least, group):
            return accounts, group
        group = least


def sizes(found: Edges) -> Whole:
    """Return how many accounts each group has."""
    _, group = groups(found)
    return np.unique(group, return_counts=True)[1]
