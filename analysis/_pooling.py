"""Several signals about a region pooled into one distribution, with weights that are fitted and never a product of likelihoods.

score_r = b_r + sum over signals of w_s log(P_s(r) / prior(r)): multinomial logistic regression over what each signal says.
Signals hang together (a platform and a language name the same people), so that multiplied they would be far too sure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Counts = NDArray[np.float64] | NDArray[np.int64]

_STEPS = 60
_CLOSE = 1e-9


class Weights(NamedTuple):
    """A weight for each signal and an intercept for each region."""

    signals: Array
    regions: Array


def posterior(ratios: Sequence[Array] | Array, weights: Weights, log_prior: Array) -> Array:
    """Return for each row the distribution over regions; ``ratios`` are log(P_s / prior), one array of rows a signal."""
    scores = log_prior + weights.regions + np.tensordot(weights.signals, np.asarray(ratios), axes=1)
    scores = scores - scores.max(axis=1, keepdims=True)
    raised = np.exp(scores)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def fit(ratios: Array, labels: Counts, log_prior: Array, *, start: Weights, ridge: float = 1.0) -> Weights:
    """Return the weights under which the labels are likeliest, held back towards ``start`` by ``ridge``.

    ``labels`` counts, for each row, how many of its posts are of each region. Newton's steps, halved where they overshoot.
    """
    found, best = start, _penalised(ratios, labels, log_prior, start, start, ridge)
    for _ in range(_STEPS):
        step = _step(ratios, labels, log_prior, found, start, ridge)
        size = 1.0
        while size > 1e-4:
            tried = Weights(found.signals + size * step.signals, found.regions + size * step.regions)
            value = _penalised(ratios, labels, log_prior, tried, start, ridge)
            if value >= best:
                break
            size /= 2
        else:
            return found
        gained, found, best = value - best, tried, value
        if gained < _CLOSE * max(abs(best), 1.0):
            return found
    return found


def _penalised(ratios: Array, labels: Counts, log_prior: Array, at: Weights, start: Weights, ridge: float) -> float:
    chances = posterior(ratios, at, log_prior)
    away = ((at.signals - start.signals) ** 2).sum() + ((at.regions - start.regions) ** 2).sum()
    return float((labels * np.log(np.maximum(chances, 1e-300))).sum() - ridge / 2 * away)


def _step(ratios: Array, labels: Counts, log_prior: Array, at: Weights, start: Weights, ridge: float) -> Weights:
    """Return Newton's step: gradient over curvature, of weights and intercepts; a region without labels keeps its own."""
    whole, tries = posterior(ratios, at, log_prior), labels.sum(axis=1)
    named = np.flatnonzero(labels.sum(axis=0) > 0)
    signals, chances, weighed = len(at.signals), whole[:, named], tries[:, None] * whole
    off = labels - weighed
    slope = np.concatenate([np.tensordot(ratios, off, axes=2), off.sum(axis=0)[named]])
    slope -= ridge * np.concatenate([at.signals - start.signals, (at.regions - start.regions)[named]])
    means = (ratios * whole).sum(axis=2)  # of each signal, in each row
    curve = np.zeros((len(slope), len(slope)))
    curve[:signals, :signals] = np.einsum("sgr,tgr,gr->st", ratios, ratios, weighed) - (means * tries) @ means.T
    weighed = weighed[:, named]
    across = np.einsum("sgr,gr->sr", ratios[:, :, named], weighed) - means @ weighed
    curve[:signals, signals:], curve[signals:, :signals] = across, across.T
    curve[signals:, signals:] = np.diag(weighed.sum(axis=0)) - chances.T @ weighed
    curve[np.diag_indices_from(curve)] += ridge
    step = np.linalg.solve(curve, slope)
    regions = np.zeros(len(at.regions))
    regions[named] = step[signals:]
    return Weights(step[:signals], regions)


def own_mix(chances: Array, counts: Counts, mix: Array, *, held: float = 0.0, steps: int = 500) -> Array:
    """Return the mix of regions in a sample whose distributions were made for another mix.

    EM of Saerens, Latinne and Decaestecker (Neural Computation 14, 2002); ``held`` posts' worth of the old mix is kept.
    Many mixes, each with distributions of its own, can stand one above another.
    """
    old = np.maximum(mix, 1e-12)
    new = old
    for _ in range(steps):
        shifted = chances * (new / old)[..., None, :]
        shifted *= counts[:, None] / shifted.sum(axis=-1, keepdims=True)
        summed = shifted.sum(axis=-2) + held * old
        now = np.maximum(summed / summed.sum(axis=-1, keepdims=True), 1e-12)
        moved, new = float(np.abs(now - new).max()), now
        if moved < 1e-7:
            break
    return np.asarray(new)
