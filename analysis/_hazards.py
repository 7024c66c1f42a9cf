"""Hazards of losses that are known to lie between two looks, with late entry, and how they differ between two groups.

The hazard is constant within pieces of time: the complementary log-log model of person-periods (Prentice & Gloeckler,
Biometrics 34, 1978) for looks at any moments. Pieces are joined until each holds a few losses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sqrt

import numpy as np
from numpy.typing import NDArray

from analysis._exposure import Exposure, Floats, exposure, overlap
from analysis._proportions import Bounded, clopper_pearson, ratio_of_rates

EDGES = (0.5, 1, 2, 4, 8, 16, 24, 48, 96, 168, 336, 720, 2160, 8760)  # hours: where looks are double as far apart
FEW = 5  # losses below which a ratio is computed exactly
_Z = 1.959963984540054
MANY = 30  # losses from which the normal approximation is used
_LITTLE = 0.05
_EACH = 1  # losses that make a piece: a coarse one blames the slow hours for what the quick ones took
_ROUNDS = 3000


@dataclass(frozen=True)
class Spells:
    """Posts under watch, in hours: from ``entry`` on, last seen up at ``up``, down by ``down`` (infinity: still up).

    Posts of one ``account`` (numbered from 0) may go together, so they count as one piece of evidence for intervals.
    """

    entry: Floats
    up: Floats
    down: Floats
    account: NDArray[np.int64]

    @property
    def lost(self) -> NDArray[np.bool_]:
        return np.isfinite(self.down)

    def where(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> Spells:
        return Spells(self.entry[which], self.up[which], self.down[which], self.account[which])


@dataclass(frozen=True)
class _Fit:
    """Hazards by piece, the ratio of the second group's to them, and the spread of the logarithms of all these."""

    edges: Floats
    hazard: Floats
    ratio: float
    hours: Floats  # under watch, by piece
    spread: Floats


def incidence(spells: Spells, at: Sequence[float], *, since: float = 0.0) -> list[Bounded]:
    """Return the share lost by each of these times, of what is up at ``since``, with 95 % intervals.

    Where nothing was lost, the upper bound of Clopper and Pearson over the posts that were watched for as long.
    """
    fit = _fit(spells, np.zeros(len(spells.entry), bool), cuts=(since, *at))
    return [_share(spells, fit, time, since) for time in at]


def hazard_ratio(first: Spells, other: Spells) -> Bounded | None:
    """Return the hazard of the first group as a multiple of the other's, with its 95 % interval; None with no loss."""
    apart = Spells(other.entry, other.up, other.down, other.account + first.account.max(initial=0) + 1)
    both = Spells(*(np.concatenate(pair) for pair in zip(_parts(first), _parts(apart), strict=True)))
    second = np.arange(len(both.entry)) < len(first.entry)
    hits, others = int(first.lost.sum()), int(other.lost.sum())
    if hits + others == 0:
        return None
    fit = _fit(both, second)
    if min(hits, others) < FEW:
        expected, other_expected = _expected(first, fit), _expected(other, fit)
        return ratio_of_rates(hits, expected, others, other_expected) if min(expected, other_expected) > 0 else None
    width = _Z * sqrt(fit.spread[-1, -1])
    return fit.ratio, fit.ratio * exp(-width), fit.ratio * exp(width)


def _expected(spells: Spells, fit: _Fit) -> float:
    """Return how many of these posts would have been lost at the hazards of another fit."""
    end = np.where(spells.lost, (spells.up + np.minimum(spells.down, fit.edges[-1])) / 2, spells.up)
    return float((overlap(spells.entry, end, fit.edges) @ fit.hazard).sum())


def _parts(spells: Spells) -> tuple[NDArray[np.generic], ...]:
    return spells.entry, spells.up, spells.down, spells.account


def _share(spells: Spells, fit: _Fit, time: float, since: float) -> Bounded:
    gradient = fit.hazard * overlap(np.array([since]), np.array([time]), fit.edges)[0]
    total = float(gradient.sum())
    share = 1 - exp(-total)
    hits = float((fit.hazard * fit.hours)[(fit.edges[:-1] >= since) & (fit.edges[1:] <= time)].sum())
    variance = max(float(gradient @ fit.spread[:-1, :-1] @ gradient), 0.0)
    worth = min(hits, total**2 / variance) if variance > 0 else hits  # as many losses as are known one by one
    if worth < _LITTLE:
        watched = int(((spells.entry <= since) & (spells.up >= time)).sum())
        return share, 0.0, clopper_pearson(0, watched)[1] if watched else 1.0
    if worth < MANY:
        return share, *clopper_pearson(worth, worth / share)
    width = _Z * sqrt(variance) / total
    low, high = (1 - exp(-total * exp(sign * width)) for sign in (-1, 1))
    return share, low, high


def _fit(spells: Spells, second: NDArray[np.bool_], cuts: Sequence[float] = (24.0, 168.0)) -> _Fit:
    if (np.diff(spells.account) < 0).any():
        order = np.argsort(spells.account, kind="stable")
        spells, second = spells.where(order), second[order]
    edges = _pieces(spells, cuts)
    data = exposure(spells.entry, spells.up, spells.down, spells.account, second, edges)
    hazard, ratio = _maximum(data)
    return _Fit(edges, hazard, ratio, data.hours.sum(axis=0), _spread(data, hazard, ratio))


def _pieces(spells: Spells, cuts: Sequence[float]) -> Floats:
    """Return the edges of pieces: those asked about, and between them as many as there are losses for."""
    end = max(float(np.where(spells.lost, spells.down, spells.up).max(initial=1.0)), max(cuts)) + 1.0
    middle = np.sort(((np.maximum(spells.up, spells.entry) + spells.down) / 2)[spells.lost])
    fixed = {0.0, end, *(cut for cut in cuts if 0 < cut < end)}
    edges = [0.0]
    for edge in sorted(fixed | {edge for edge in EDGES if edge < end}):
        inside = np.searchsorted(middle, edge) - np.searchsorted(middle, edges[-1])
        ahead = min(one for one in fixed if one >= edge)
        after = np.searchsorted(middle, ahead) - np.searchsorted(middle, edge)
        if edge in fixed or (inside >= _EACH and after >= _EACH):
            edges.append(edge)
    return np.unique(edges)


def _maximum(data: Exposure) -> tuple[Floats, float]:
    """Return the likeliest hazards and ratio, by EM over the counts of a Poisson process that is seen only as any or none."""
    first_hours, second_hours = data.hours
    between, second = data.between, data.second
    two = bool(second_hours.any()) and bool(first_hours.any())
    hours = first_hours + second_hours
    hazard, ratio = np.where(hours > 0, len(second) / max(hours.sum(), 1e-300), 0.0), 1.0
    for _ in range(_ROUNDS):
        scale = np.where(second, ratio, 1.0)
        weight = scale / -np.expm1(-np.maximum(scale * (between @ hazard), 1e-12))
        counts = hazard * (weight @ between)
        hours = first_hours + ratio * second_hours
        new = np.divide(counts, hours, out=np.zeros_like(hazard), where=hours > 0)
        if two:
            ratio = float((weight * second) @ (between @ hazard)) / max(float(second_hours @ new), 1e-300)
        moved = float(np.abs(new - hazard).max(initial=0.0))
        hazard = new
        if moved <= 1e-6 * float(hazard.max(initial=0.0)):
            break
    return hazard, ratio


def _spread(data: Exposure, hazard: Floats, ratio: float) -> Floats:
    """Return the covariance of log hazards and log ratio: the wider of the model's and one that lets accounts go at once."""
    scale = np.where(data.second, ratio, 1.0)
    x = np.maximum(scale * (data.between @ hazard), 1e-12)
    pull = np.exp(-x) / -np.expm1(-x)
    curve = pull / -np.expm1(-x)
    rows = np.concatenate([data.between * hazard, (data.between @ hazard)[:, None] * data.second[:, None]], axis=1)
    rows *= scale[:, None]
    pulls = pull[:, None] * rows
    information = (rows * curve[:, None]).T @ rows - _first_order(data, pulls, hazard, ratio)
    inverse = np.linalg.pinv(information, rcond=1e-10, hermitian=True)
    robust = inverse @ _by_accounts(data, pulls, hazard, ratio) @ inverse
    wider = np.sqrt(
        np.maximum(
            1.0, np.divide(np.diag(robust), np.diag(inverse), out=np.ones(len(inverse)), where=np.diag(inverse) > 0)
        )
    )
    return np.asarray(inverse * wider[:, None] * wider[None, :])


def _pushes(hazard: Floats, ratio: float) -> tuple[Floats, Floats]:
    """Return what an hour seen up in each piece takes from the scores: in the first group and in the second."""
    size = len(hazard)
    first = np.concatenate([np.diag(hazard), np.zeros((1, size))])
    return first, ratio * np.concatenate([np.diag(hazard), hazard[None, :]])


def _by_accounts(data: Exposure, pulls: Floats, hazard: Floats, ratio: float) -> Floats:
    """Return the sum over accounts of the square of their score: pulls of posts lost, less pushes of hours seen up."""
    pushes = _pushes(hazard, ratio)
    total = sum(push @ gram @ push.T for push, gram in zip(pushes, data.squares, strict=True))
    lost = np.stack([np.bincount(data.loser, column, len(data.lost_hours)) for column in pulls.T], axis=1)
    pushed = np.where(data.lost_second[:, None], data.lost_hours @ pushes[1].T, data.lost_hours @ pushes[0].T)
    cross = pushed.T @ lost
    return np.asarray(total - cross - cross.T + lost.T @ lost)


def _first_order(data: Exposure, pulls: Floats, hazard: Floats, ratio: float) -> Floats:
    """Return the part of the second derivatives that comes from the logarithms; it vanishes at the maximum but for rounding."""
    pushes = _pushes(hazard, ratio)
    of_second = pulls[data.second].sum(axis=0) - pushes[1] @ data.seen[1]
    total = pulls[~data.second].sum(axis=0) - pushes[0] @ data.seen[0] + of_second
    size = pulls.shape[1]
    part = np.zeros((size, size))
    part[np.arange(size - 1), np.arange(size - 1)] = total[:-1]
    part[-1, -1] = total[-1]
    part[-1, :-1] = part[:-1, -1] = of_second[:-1]
    return part
