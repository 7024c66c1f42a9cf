"""Whether the shares of one kind of object are more in step than chance allows, and where that can be said of a group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from analysis._coshares import Edges, Meetings, Shares, Whole, edges, meetings
from analysis._disclosure import SMALL
from analysis._groups import sizes
from analysis._shared_objects import Sharing
from analysis._shuffles import Chance, Threshold, against_chance

WINDOWS = (10, 60, 300)  # seconds
WEIGHTS = (2, 3, 4, 5)  # different objects that two accounts share in step; one is a coincidence
NOMINAL = 0.05  # of the pairs behind a group, how many may be chance
ERROR = 0.025  # of answers without effect, how many may name one: half of what we allow, as shuffles only estimate it
CAP = 100  # shares of one object within one window: of more, two in step mean nothing
IN_STEP = "more in step than chance allows"
NOT_IN_STEP = "no more in step than chance allows"
INSUFFICIENT = "insufficient"


@dataclass(frozen=True)
class Found:
    """What one kind of object shows in one cell of an answer."""

    sharing: Sharing
    met: dict[int, Meetings]
    able: int  # accounts that share two objects at least that others share too
    bound: float  # how probably a label dealt to a share in step comes from the same object, nothing changing
    chances: dict[Threshold, Chance] = field(default_factory=dict)
    steps: dict[Threshold, Edges] = field(default_factory=dict)

    def people(self, threshold: Threshold) -> int:
        """Return how many accounts stand behind the pairs of a threshold."""
        return accounts(self.steps[threshold])

    def groups(self, threshold: Threshold) -> Whole:
        """Return the sizes of the groups at a threshold that are large enough to be told of."""
        each = sizes(self.steps[threshold])
        return each[each >= SMALL]

    def p(self) -> float:
        """Return the least p-value of a threshold with a group that is large enough to be told of."""
        return min((chance.p for at, chance in self.chances.items() if len(self.groups(at))), default=1.0)


def accounts(found: Edges) -> int:
    """Return how many accounts these pairs have."""
    return len(np.union1d(found.low, found.high))


def look(sharing: Sharing) -> Found:
    """Return which shares stand in step; a time known to the minute says nothing of shorter windows."""
    met = {}
    for window in WINDOWS:
        rows = np.flatnonzero(~sharing.rough | (window >= 60))
        found = meetings(sharing.shares.only(rows), window, cap=CAP)
        met[window] = Meetings(rows[found.first].astype(np.int32), rows[found.second].astype(np.int32), found.crowded)
    return Found(sharing, met, _able(sharing.shares), _bound(sharing.shares, met[max(WINDOWS)], sharing.among))


def _able(shares: Shares) -> int:
    both = np.unique(np.stack([shares.object, shares.account]), axis=1)
    common = np.bincount(both[0])[both[0]] > 1
    return int(np.count_nonzero(np.bincount(both[1][common]) > 1))


def _bound(shares: Shares, met: Meetings, among: Whole) -> float:
    rows = np.unique(np.concatenate([met.first, met.second]))
    if not len(rows):
        return 0.0
    cell = among * (int(shares.object.max()) + 1) + shares.object
    _, place, alike = np.unique(cell, return_inverse=True, return_counts=True)
    return float(np.mean(alike[place[rows]] / np.bincount(among)[among[rows]]))


def beside_chance(looked: Sequence[Found], rounds: int = 200) -> list[Found]:
    """Return what was looked at beside chance, where there are accounts enough.

    What stands out after so many shuffles is shuffled as often as it takes to stand out among all cells (Holm's first step).
    """
    needed = 2 * round(sum(found.able >= SMALL for found in looked) / ERROR)
    tested = [_against(found, rounds) if found.able >= SMALL else found for found in looked]
    return [_against(found, needed) if needed > rounds and found.p() <= ERROR else found for found in tested]


def _against(found: Found, rounds: int) -> Found:
    shares = found.sharing.shares
    steps = {}
    for window, met in found.met.items():
        pairs = edges(shares, met, shares.account, least=min(WEIGHTS))
        for least in WEIGHTS:
            steps[Threshold(window, least)] = Edges(*(column[pairs.weight >= least] for column in pairs))
    chances = against_chance(shares, found.met, WEIGHTS, rounds=rounds, among=found.sharing.among)
    return replace(found, steps=steps, chances=chances)


def verdicts(tested: Sequence[Found]) -> list[str]:
    """Return a verdict for each cell; in an answer without effect any cell errs once in 40 times at most (Holm)."""
    ranked = sorted((found.p(), place) for place, found in enumerate(tested) if found.chances)
    beyond = set()
    for rank, (p, place) in enumerate(ranked):
        if p * (len(ranked) - rank) > ERROR:
            break
        beyond.add(place)
    return [_verdict(found, place in beyond) for place, found in enumerate(tested)]


def _verdict(found: Found, beyond: bool) -> str:
    if beyond:
        return IN_STEP
    small = any(chance.p <= ERROR for at, chance in found.chances.items() if not len(found.groups(at)))
    return INSUFFICIENT if not found.chances or small or found.bound > 0.5 else NOT_IN_STEP
