"""How far a campaign strays from the pooled signals: effects of region, platform and language, learned from its own labels.

A multinomial logistic regression with the pooled distribution as offset; each effect is held back by what such effects
are in size, so that a platform without a label still has one, as uncertain as that. Uncertainty is Laplace's (normal).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analysis._pooling import Array, Counts

_STEPS = 25


class Effects(NamedTuple):
    """Effects (features x regions) and the Cholesky factor of their precision."""

    values: Array
    precision: Array


def chances(offsets: Array, features: Array, values: Array) -> Array:
    """Return each row's distribution: its offset (a log distribution) and the effects of what it features; for many draws at once."""
    scores = offsets + features @ values
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def settle(offsets: Array, features: Array, labels: Counts, sizes: Array) -> Effects:
    """Return the effects under which the labels are likeliest; ``sizes`` is the standard deviation of each feature's effects."""
    wide, regions = features.shape[1], offsets.shape[1]
    seen = labels.sum(axis=1) > 0
    offsets, features, labels = offsets[seen], features[seen], labels[seen]
    tries = labels.sum(axis=1)
    hold = np.repeat(1 / sizes**2, regions)
    values = np.zeros((wide, regions))
    for _ in range(_STEPS):
        found = chances(offsets, features, values)
        slope = (features.T @ (labels - tries[:, None] * found)).ravel() - hold * values.ravel()
        step = np.linalg.solve(_curve(features, found, tries, hold), slope).reshape(wide, regions)
        largest = float(np.abs(step).max())
        values = values + step * min(1.0, 3.0 / max(largest, 1e-12))
        if largest < 1e-3:
            break
    found = chances(offsets, features, values)
    return Effects(values, _cholesky(_curve(features, found, tries, hold)))


def _cholesky(curve: Array) -> Array:
    return np.asarray(np.linalg.cholesky(curve), dtype=float)


def _curve(features: Array, found: Array, tries: Array, hold: Array) -> Array:
    """Return the curvature: over pairs of features and of regions."""
    wide, regions = features.shape[1], found.shape[1]
    pairs = np.einsum("gj,gh->gjh", features * tries[:, None], features).reshape(len(tries), wide**2)
    spread = -np.einsum("gk,gl->gkl", found, found)
    spread[:, np.arange(regions), np.arange(regions)] += found
    curve = (pairs.T @ spread.reshape(len(tries), regions**2)).reshape(wide, wide, regions, regions)
    flat = curve.transpose(0, 2, 1, 3).reshape(wide * regions, wide * regions)
    flat[np.diag_indices_from(flat)] += hold
    return np.asarray(flat)


def drawn(effects: Effects, count: int, rng: np.random.Generator) -> Array:
    """Return effects as they may be as well: draws x features x regions.

    Half the variance is taken off, so that the mean of what is raised to e stays where the likeliest effects have it.
    """
    noise = np.linalg.solve(effects.precision.T, rng.standard_normal((effects.values.size, count))).T
    noise = noise.reshape(count, *effects.values.shape)
    return np.asarray(effects.values + noise - noise.var(axis=0) / 2)
