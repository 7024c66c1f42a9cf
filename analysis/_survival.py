"""How long things last where the moments are known: curves, causes and a test between two groups.

A post is at risk after ``entry`` (when we first saw it) and up to ``until``: what was lost before we found it is in no
set, so it must be in no risk set either.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
_Z = 1.959963984540054  # of a 95 % interval


@dataclass(frozen=True)
class Curve:
    """A share at each of ``times``, with its standard error and how many were at risk just before."""

    times: Floats
    at_risk: Floats
    share: Floats
    se: Floats


@dataclass(frozen=True)
class LogRank:
    """A test of two groups: chi-squared on one degree of freedom, what the second group lost and was expected to."""

    statistic: float
    p: float
    lost: float
    expected: float


def kaplan_meier(until: ArrayLike, lost: ArrayLike, entry: ArrayLike | None = None) -> Curve:
    """Return the share still up after each loss (Kaplan & Meier, JASA 53, 1958), with Greenwood's standard error."""
    times, at_risk, by_cause = _risk_table(until, np.asarray(lost, int), entry)
    gone = by_cause.sum(axis=1)
    share = np.cumprod(1 - gone / at_risk)
    left = at_risk - gone
    terms = np.divide(gone, at_risk * left, out=np.zeros_like(gone), where=left > 0)
    return Curve(times, at_risk, share, share * np.sqrt(np.cumsum(terms)))


def loglog_interval(share: float, se: float) -> tuple[float, float]:
    """Return the 95 % interval of a share still up on the log(-log) scale, which never leaves 0 to 1."""
    if not 0 < share < 1 or se <= 0:
        return share, share
    width = _Z * se / (share * abs(np.log(share)))
    return float(share ** np.exp(width)), float(share ** np.exp(-width))


def aalen_johansen(until: ArrayLike, cause: ArrayLike, entry: ArrayLike | None = None) -> list[Curve]:
    """Return for each cause the share lost to it by each time; cause 0 is not lost yet, 1, 2, ... are the causes.

    Aalen & Johansen, Scand. J. Statist. 5, 1978; the standard error by the delta method (Marubini & Valsecchi, 1995).
    """
    times, at_risk, by_cause = _risk_table(until, np.asarray(cause, int), entry)
    gone = by_cause.sum(axis=1)
    before = np.concatenate([[1.0], np.cumprod(1 - gone / at_risk)[:-1]])
    return [_incidence(times, at_risk, gone, of_cause, before) for of_cause in by_cause.T]


def _incidence(times: Floats, n: Floats, gone: Floats, of_cause: Floats, before: Floats) -> Curve:
    share = np.cumsum(before * of_cause / n)
    all_lost = np.divide(gone, n * (n - gone), out=np.zeros_like(gone), where=n > gone)
    own = before**2 * (n - of_cause) * of_cause / n**3
    both = before * of_cause / n**2
    # sum over u <= t of (F(t)-F(u))^2 all_lost + own - 2 (F(t)-F(u)) both, with the square multiplied out
    sums = [np.cumsum(term) for term in (all_lost, all_lost * share, all_lost * share**2, own, both, both * share)]
    spread = share**2 * sums[0] - 2 * share * sums[1] + sums[2] + sums[3] - 2 * share * sums[4] + 2 * sums[5]
    return Curve(times, n, share, np.sqrt(np.maximum(spread, 0)))


def log_rank(
    until: ArrayLike,
    lost: ArrayLike,
    second: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    entry: ArrayLike | None = None,
) -> LogRank:
    """Return the log-rank test of two groups, summed over strata (Mantel, Cancer Chemother. Rep. 50, 1966)."""
    exits, events, group = np.asarray(until, float), np.asarray(lost, int), np.asarray(second, bool)
    entries = _entry(exits, entry)
    of = np.zeros(len(exits)) if strata is None else np.asarray(strata)
    sums = np.zeros(3)
    for stratum in np.unique(of):
        here = of == stratum
        sums += _observed_expected(exits[here], events[here], group[here], entries[here])
    observed, expected, variance = (float(value) for value in sums)
    statistic = (observed - expected) ** 2 / variance if variance > 0 else 0.0
    return LogRank(statistic, erfc(sqrt(statistic / 2)), observed, expected)


def _observed_expected(until: Floats, lost: NDArray[np.int_], second: NDArray[np.bool_], entry: Floats) -> Floats:
    times = np.unique(until[lost > 0])
    n, n2 = _at_risk(times, until, entry), _at_risk(times, until[second], entry[second])
    d, d2 = _count(times, until[lost > 0]), _count(times, until[(lost > 0) & second])
    share = n2 / n
    spread = np.divide(d * share * (1 - share) * (n - d), n - 1, out=np.zeros_like(n), where=n > 1)
    return np.array([d2.sum(), (d * share).sum(), spread.sum()])


def _risk_table(
    until: ArrayLike, cause: NDArray[np.int_], entry: ArrayLike | None
) -> tuple[Floats, Floats, NDArray[np.float64]]:
    """Return the times of losses, how many were at risk just before each, and the losses by cause."""
    exits = np.asarray(until, float)
    times = np.unique(exits[cause > 0])
    counts = [_count(times, exits[cause == number]) for number in range(1, max(cause.max(initial=1), 1) + 1)]
    return times, _at_risk(times, exits, _entry(exits, entry)), np.stack(counts, axis=1)


def _entry(until: Floats, entry: ArrayLike | None) -> Floats:
    return np.full(len(until), -np.inf) if entry is None else np.asarray(entry, float)


def _at_risk(times: Floats, until: Floats, entry: Floats) -> Floats:
    """Count who entered before each time and was not out before it."""
    entered = np.searchsorted(np.sort(entry), times, side="left")
    left = np.searchsorted(np.sort(until), times, side="left")
    return (entered - left).astype(float)


def _count(times: Floats, at: Floats) -> Floats:
    return np.bincount(np.searchsorted(times, at), minlength=len(times)).astype(float)
