"""How many are in a union of groups of which only the sizes are known."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple


class Union(NamedTuple):
    """The least and the most that there can be, and how many if the groups were independent of one another."""

    low: float
    independent: float
    high: float


def union(sizes: Sequence[float], population: float) -> Union:
    """Return max R_i <= |union| <= min(sum R_i, N), and N (1 - prod(1 - R_i / N)) (Boole; Frechet, 1935)."""
    held = [min(size, population) for size in sizes]
    return Union(
        max(held, default=0.0),
        population * (1 - prod(1 - size / population for size in held)),
        min(sum(held), population),
    )
