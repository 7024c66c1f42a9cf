"""What a world is made of: platforms, sizes, and which effects are in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]

START = datetime(2025, 5, 1, tzinfo=UTC)
END_H = 288.0  # hours of a world: four days of spread, and a week in which the last posts are watched
ORIGIN = "US"
EFFECTS = ("removal", "coordination", "lead")
CHOICES = ("drawn", "none", "all", *EFFECTS)  # drawn: the seed decides for each effect
_WEEK = 168.0


@dataclass(frozen=True)
class Platform:
    """How posts spread, are shown, are found and are lost on one platform."""

    name: str
    regions: Mapping[str, float]  # where its posts come from, in shares
    declared: float  # share of posts whose region is said
    halving_h: float  # in which the growth of a counter halves
    lost: float  # hazard of any post in its first week, all told
    strict: float  # by how much it is higher for copies that a search finds, where removal is an effect
    reach_h: float  # how far back a search goes
    delay_h: float  # median until a post can be found
    relation: str  # what a share says of its parent
    chain: bool = True  # the parent is the post before, not the first of all
    step: tuple[int, int] = (0, 0)  # from which count on views are cut down to whole steps, and to which
    states: bool = True  # says of a post that it is gone; else it is merely not there
    second: str = ""  # another route to the same posts

    @property
    def slope(self) -> float:
        """Return by how much an hour the logarithm of growth falls."""
        return float(np.log(2) / self.halving_h)


PLATFORMS = (
    Platform("youtube", {"US": 0.45, "TW": 0.35, "GB": 0.2}, 0.75, 30, 0.22, 1.0, 720, 0.7, "quote", chain=False),
    Platform("weibo", {"CN": 1.0}, 1.0, 18, 0.35, 3.0, 12, 0.5, "repost", chain=False, step=(10_000, 1_000), second="file"),
    Platform("x", {"US": 0.5, "JP": 0.3, "TW": 0.2}, 0.6, 14, 0.25, 1.0, 48, 0.3, "quote", second="stream"),
    Platform("vk", {"RU": 0.85, "KZ": 0.15}, 0.9, 24, 0.3, 2.5, 48, 0.6, "repost", states=False),
    Platform("telegram", {"RU": 0.6, "UA": 0.4}, 0.6, 20, 0.25, 1.0, 24, 0.4, "reply", step=(1_000, 100)),
    Platform("bilibili", {"CN": 0.9, "HK": 0.1}, 0.9, 36, 0.3, 3.0, 48, 1.0, "quote", chain=False, step=(10_000, 1_000)),
    Platform("douyin", {"CN": 1.0}, 1.0, 16, 0.35, 3.0, 24, 0.5, "quote", chain=False, step=(10_000, 1_000), second="file"),
    Platform("bluesky", {"US": 0.6, "GB": 0.25, "DE": 0.15}, 0.5, 20, 0.2, 1.0, 48, 0.2, "quote", second="stream"),
)  # fmt: skip
SIZES = {"small": (5, 90), "medium": (8, 400), "large": (8, 4_000)}  # platforms, and posts on each


@dataclass(frozen=True)
class Plan:
    """A world before anything happens in it."""

    seed: int
    size: str
    platforms: tuple[Platform, ...]
    posts: int  # on each platform, about
    effects: frozenset[str]
    shares: float = 0.35  # that each post brings, on average

    @property
    def name(self) -> str:
        return f"world-{self.seed}"


def plan(seed: int, size: str, effect: str) -> Plan:
    """Return the plan of a seed."""
    platforms, posts = SIZES[size]
    drawn = np.random.default_rng([seed, 7]).random(len(EFFECTS)) < 0.5
    here = {"none": [], "all": EFFECTS, "drawn": [name for name, is_in in zip(EFFECTS, drawn, strict=True) if is_in]}
    return Plan(seed, size, PLATFORMS[:platforms], posts, frozenset(here.get(effect, [effect])))


def hazard(age: Floats) -> Floats:
    """Return the part of a week's hazard that lies before an age in hours: much of it in the first ones."""
    return np.asarray(0.35 * (1 - np.exp(-age / 8)) / (1 - np.exp(-_WEEK / 8)) + 0.65 * age / _WEEK)


def moment(hour: float) -> datetime:
    """Return the moment of an hour of the world, to the second."""
    return START + timedelta(seconds=round(float(hour) * 3600))


@lru_cache(maxsize=4096)  # a run writes one moment many times
def iso(hour: float) -> str:
    """Return the same as it is written."""
    return moment(hour).strftime("%Y-%m-%dT%H:%M:%SZ")
