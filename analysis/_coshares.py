"""Who shares the same thing at nearly the same time: pairs of shares within a window, and what they make of two accounts.

Shares of one object are sorted by time, so that those within a window of each stand in a row behind it, and two binary
searches find its ends: exact, and linear in shares and pairs also where one object has all shares. A banded join in SQL
(bucket ``t // (window + 1)``, each matched with itself and the one before) gives the same pairs in four times the time.
Formula: co-sharing within a window (Righetti and Balluff, CooRTweet, Computational Communication Research 7, 2025).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Shares:
    """Shares of objects, a row each: which post, what it shares, whose it is, and when, in whole seconds.

    Posts, objects and accounts are numbered from 0. A post may share several objects.
    """

    post: Whole
    object: Whole
    account: Whole
    at: Whole

    def only(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Shares:
        """Return the chosen rows."""
        return Shares(self.post[chosen], self.object[chosen], self.account[chosen], self.at[chosen])


class Meetings(NamedTuple):
    """Pairs of shares of one object within a window, as rows of the shares, the earlier first.

    ``crowded`` counts the cells (an object within one stretch of the window's length) that were left out as too full.
    """

    first: npt.NDArray[np.int32]
    second: npt.NDArray[np.int32]
    crowded: int


class Edges(NamedTuple):
    """Pairs of accounts, the lower number first, with their weight."""

    low: Whole
    high: Whole
    weight: Whole


def meetings(shares: Shares, window: int, *, cap: int | None = None) -> Meetings:
    """Return all pairs of shares of the same object at most ``window`` seconds apart, each pair once.

    A cell with more than ``cap`` shares says nothing about two of them, and costs its square: it is left out, and counted.
    """
    if not len(shares.at):
        return Meetings(np.empty(0, np.int32), np.empty(0, np.int32), 0)
    since = shares.at - shares.at.min()
    key = shares.object * (int(since.max()) + window + 1) + since  # no window reaches into the next object
    rows = np.argsort(key, kind="stable").astype(np.int32)
    crowded = 0
    if cap is not None:
        rows, crowded = _uncrowded(rows, shares.object, shares.at // (window + 1), cap)
    return _within(rows, key[rows], window, crowded)


def _within(rows: npt.NDArray[np.int32], key: Whole, window: int, crowded: int) -> Meetings:
    """Pair each of the sorted rows with those that follow it within the window."""
    here = np.arange(len(rows))
    partners = np.searchsorted(key, key + window, side="right") - here - 1
    before = np.cumsum(partners) - partners  # how many pairs earlier rows have
    first = np.repeat(here.astype(np.int32), partners)
    second = np.arange(len(first), dtype=np.int32) - np.repeat((before - here - 1).astype(np.int32), partners)
    return Meetings(rows[first], rows[second], crowded)


def _uncrowded(rows: npt.NDArray[np.int32], thing: Whole, bucket: Whole, cap: int) -> tuple[npt.NDArray[np.int32], int]:
    """Return the sorted rows without those in crowded cells, and how many cells those were."""
    ends = np.flatnonzero((np.diff(thing[rows]) != 0) | (np.diff(bucket[rows]) != 0)) + 1
    sizes = np.diff(np.concatenate([[0], ends, [len(rows)]]))
    full = sizes > cap
    return rows[np.repeat(~full, sizes)], int(full.sum())


def edges(shares: Shares, met: Meetings, account: Whole, *, least: int = 1) -> Edges:
    """Return the pairs of accounts that met, weighted by distinct objects, where that is at least ``least``.

    ``account`` holds the account of each share, which under the null is another than the shares' own.
    A post counts once however many objects it shares: the weight is at most the number of posts on either side.
    """
    if least > 1:  # an account that shares less often cannot weigh so much
        often = (np.bincount(account, minlength=1) >= least)[account]
        met = _only(met, often[met.first] & often[met.second])
    met = _only(met, account[met.first] != account[met.second])
    one, two = account[met.first], account[met.second]
    accounts = int(account.max(initial=0)) + 1
    code = np.minimum(one, two) * accounts + np.maximum(one, two)
    ranked = np.sort(code)
    starts = _starts(ranked)
    pair, weight = ranked[starts], np.ones(len(starts), np.int64)
    again = np.diff(starts, append=len(ranked)) > 1  # what met once weighs one
    if again.any():
        weight[again] = _weights(shares, met, code, pair[again], turned=one > two)
    kept = weight >= least
    return Edges(pair[kept] // accounts, pair[kept] % accounts, weight[kept])


def _only(met: Meetings, chosen: npt.NDArray[np.bool_]) -> Meetings:
    return met if chosen.all() else Meetings(met.first[chosen], met.second[chosen], met.crowded)


def _weights(shares: Shares, met: Meetings, code: Whole, pairs: Whole, *, turned: npt.NDArray[np.bool_]) -> Whole:
    """Return the weight of each of these pairs of accounts, where ``code`` is the pair of each meeting."""
    group = np.minimum(np.searchsorted(pairs, code), len(pairs) - 1)
    theirs = np.flatnonzero(pairs[group] == code)
    group, turn, first, second = group[theirs], turned[theirs], met.first[theirs], met.second[theirs]
    things = (
        shares.object[first],
        shares.post[np.where(turn, second, first)],
        shares.post[np.where(turn, first, second)],
    )
    one, two, three = (_distinct(group, thing, len(pairs)) for thing in things)
    return np.minimum(np.minimum(one, two), three)


def _distinct(group: Whole, value: Whole, groups: int) -> Whole:
    """Return for each group how many different values it has."""
    size = int(value.max(initial=0)) + 1
    code = np.sort(group * size + value)
    counts: Whole = np.bincount(code[_starts(code)] // size, minlength=groups)
    return counts


def _starts(ranked: Whole) -> npt.NDArray[np.intp]:
    """Return where the values of a sorted array change, its beginning included."""
    new = np.ones(len(ranked), np.bool_)
    np.not_equal(ranked[1:], ranked[:-1], out=new[1:])
    return np.flatnonzero(new)
