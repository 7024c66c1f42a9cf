"""What counters say: views that grow by chance, freeze, are corrected downwards, and are shown rounded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spillover.world.plan import END_H, Floats, Platform, Whole

_STEP = 0.25  # hours between which a count grows evenly
_SCATTER = 0.01  # of a post's views: what comes at once
_FREEZES, _CORRECTED, _TOO_MANY = 0.05, 0.04, 0.3


@dataclass(frozen=True)
class Counters:
    """The counts of the posts of one platform, by age in hours."""

    size: Floats  # views that a post can come to, on average over chance
    slope: float
    path: Floats  # views by age, a column a quarter of an hour
    frozen_from: Floats
    frozen_until: Floats
    corrected_at: Floats  # before it the platform counts what it later takes back

    def growth(self, post: Whole, since: Floats, until: Floats) -> Floats:
        """Return how many views are to be expected between two ages."""
        return np.asarray(self.size[post] * (np.exp(-self.slope * since) - np.exp(-self.slope * until)))

    def views(self, post: Whole, age: Floats) -> Floats:
        """Return the views that people gave by an age, whole numbers."""
        place = np.clip(age / _STEP, 0, self.path.shape[1] - 1.001)
        left = place.astype(np.int64)
        low, high = self.path[post, left], self.path[post, left + 1]
        return np.floor(low + (high - low) * (place - left) + 1e-6)

    def counted(self, post: Whole, age: Floats) -> Floats:
        """Return what the platform counts by then: it stands still for a while, or holds what will be taken back."""
        still = (age >= self.frozen_from[post]) & (age < self.frozen_until[post])
        views = self.views(post, np.where(still, self.frozen_from[post], age))
        return np.where(age < self.corrected_at[post], np.floor(views * (1 + _TOO_MANY)), views)


def counters(platform: Platform, at: Floats, chance: np.random.Generator) -> Counters:
    """Return the counters of posts that were published at these hours."""
    count = len(at)
    size = np.exp(chance.normal(8.0, 1.2, count))
    ages = np.arange(0, END_H + _STEP, _STEP)
    expected = size[:, None] * -np.diff(np.exp(-platform.slope * ages), append=0.0)[None, :-1]
    lump = np.maximum(1.0, _SCATTER * size)[:, None]
    grown = chance.poisson(chance.gamma(expected / lump) * lump)
    path = np.concatenate([np.zeros((count, 1)), np.cumsum(grown, axis=1)], axis=1)
    freezes, corrected = chance.random(count) < _FREEZES, chance.random(count) < _CORRECTED
    frozen_from = np.where(freezes, chance.uniform(2, 48, count), np.inf)
    frozen_until = frozen_from + chance.uniform(6, 24, count)
    corrected_at = np.where(corrected & ~freezes, chance.uniform(12, 72, count), -np.inf)
    return Counters(size, platform.slope, path, frozen_from, frozen_until, corrected_at)


def shown(platform: Platform, counted: Floats) -> tuple[Whole, Whole, Whole]:
    """Return a count as the platform prints it, with the least and the most that it can be."""
    least, step = platform.step
    whole = counted.astype(np.int64)
    rounds = (whole >= least) & (step > 0)
    low = np.where(rounds, whole // max(step, 1) * max(step, 1), whole)
    return low, low, np.where(rounds, low + max(step, 1) - 1, low)
