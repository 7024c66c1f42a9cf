"""The truth about removals: how likely a post of each group was gone by then, given when it was found."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spillover.world.happening import Happening
from spillover.world.losses import share_lost
from spillover.world.plan import END_H, Floats, Marks, Plan
from spillover.world.truth import Asked, Rows

TIMES = (196.0, 240.0, END_H)
AFTER = {"24h": 24.0, "7d": 168.0}
_AGES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
_FEW = 5
STOPPED = ("being stopped", "being stopped where found", "removed less often than controls")


def removals(plan: Plan, h: Happening) -> Rows:
    """Yield the true rows of one platform; cells of its languages hold too few losses for more than exact intervals."""
    for time in TIMES:
        yield from _at(h, Asked("removals", as_of=time))
    ends = [one.until for one in h.looks.outages if 60 < one.until < 200]
    chosen = plan.platforms[plan.seed % len(plan.platforms)]  # of one platform, since each moment is an answer
    for end in ends[:1] if h.platform is chosen else ():  # the share gone must not rise because nobody could look
        for row in _at(h, Asked("removals", as_of=end + 0.05)):
            if row["kind"] == "interval" and row["metric"].startswith("gone") and row["keys"]["since"] == "found":
                yield dict(row) | {"kind": "at_least", "about": "outage"}


def _at(h: Happening, asked: Asked) -> Rows:
    held, keys = h.watched.found <= asked.as_of, {"platform": h.platform.name}
    groups = {"matched": held & ~h.watched.control, "controls": held & h.watched.control}
    if min(group.sum() for group in groups.values()) < _FEW:
        return
    for metric, hours in AFTER.items():
        if asked.as_of < hours:
            continue
        gone = {group: _found(h, which, hours) for group, which in groups.items()}
        yield from _rows(asked, metric, gone, **keys, since="found")
        for age in _AGES:
            gone = {group: _published(h, which, age, hours) for group, which in groups.items()}
            yield from _rows(asked, metric, gone, f"up at an age of {age:g} h", **keys, since="published")
    effect = bool((h.times != 1).any())
    if not effect:
        yield asked.row("interval", "hazard_ratio", 1.0, **keys, posts="all")
    yield asked.row("verdict", "hazard_ratio", effect, **keys, posts="all")


def _rows(asked: Asked, metric: str, gone: Mapping[str, float], says: str | None = None, **keys: str) -> Rows:
    for group, share in gone.items():
        yield asked.row("interval", f"gone_{metric}", share, says, group=group, **keys)
    yield asked.row("interval", f"difference_{metric}", gone["matched"] - gone["controls"], says, **keys)


def _found(h: Happening, which: Marks, hours: float) -> float:
    age: Floats = (h.watched.found - h.watched.at)[which]
    return float(share_lost(h.platform, h.times[which], age, age + hours).mean())


def _published(h: Happening, which: Marks, age: float, hours: float) -> float:
    """Return the share gone of those that were up at an age; who is likely gone by then weighs less."""
    ages, ends, nought = (np.full(int(which.sum()), one) for one in (age, hours, 0.0))
    there, still = (1 - share_lost(h.platform, h.times[which], nought, end) for end in (ages, ends))
    return float(1 - still.sum() / there.sum())
