"""Let through, or stopped: how a comparison with controls is read, and what it could have shown at all."""

from __future__ import annotations

from math import inf, isfinite
from typing import NamedTuple

from analysis._proportions import Bounded, power, smallest_difference, smallest_ratio

MARGIN = 1.5  # hazards that differ by less are called alike, where the whole interval says so
# A verdict has three ways to be wrong by chance (more often, less often, more often where found), so each takes limits of
# 98 %, wider by this on the logarithm; with those of 95 %, 6 in 100 worlds without any effect got a verdict that names one.
_SURE = 2.326 / 1.960
FLOOR = 20  # posts read again in each group, below which nothing is concluded
ACTIVE = 5  # posts that a platform said it took down, to hold that it takes down anything

STOPPED = "being stopped"
WHERE_FOUND = "being stopped where found"
LET = "consistent with being let through"
LESS = "removed less often than controls"
CANNOT_TELL = "cannot tell"
INSUFFICIENT = "insufficient"


class Seeable(NamedTuple):
    """What could have been seen: the power to see twice the controls' share lost, and the least effects seen 4 times in 5."""

    power: float
    difference: float
    ratio: float


def reading(everything: Bounded | None, easy: Bounded | None, hard: Bounded | None, removing: int) -> str:
    """Return the verdict on hazard ratios: of all posts, of those that a search finds easily, and of the others."""
    if _alike(hard) and _above(easy):
        return WHERE_FOUND
    if _above(everything):
        return STOPPED
    if _alike(everything) and not _above(easy) and not _above(hard):
        return LET if removing >= ACTIVE else CANNOT_TELL
    return LESS if _below(everything) else CANNOT_TELL


def seeable(share: float, lost: int, watched: tuple[int, int]) -> Seeable:
    """Return what numbers like these can show, from the controls' share lost and losses alone: the answer plays no part.

    ``watched`` counts posts and controls. Where no control was lost we reckon as if one had been.
    """
    if not min(watched):
        return Seeable(0.0, inf, inf)
    expected, part = max(share, 1 / watched[1]), watched[0] / sum(watched)
    return Seeable(
        power(min(2 * expected, 1.0), expected, *watched),
        smallest_difference(expected, *watched),
        smallest_ratio(max(lost, 1) / (1 - part), part),
    )


def _above(ratio: Bounded | None) -> bool:
    return ratio is not None and _wider(ratio[1], ratio[0]) > 1


def _below(ratio: Bounded | None) -> bool:
    return ratio is not None and _wider(ratio[2], ratio[0]) < 1


def _wider(limit: float, value: float) -> float:
    """Return a limit of 95 % as one of 98 %; where nothing was lost in one group there is no value to reckon it from."""
    if 0 < value < inf and 0 < limit < inf:
        return float(value * (limit / value) ** _SURE)
    return limit / MARGIN if value == inf else limit * MARGIN


def _alike(ratio: Bounded | None) -> bool:
    return ratio is not None and isfinite(ratio[2]) and ratio[1] >= 1 / MARGIN and ratio[2] <= MARGIN
