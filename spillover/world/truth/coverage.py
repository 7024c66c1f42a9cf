"""The truth about what was not seen: posts that no route found, and posts still to come to light."""

from __future__ import annotations

import numpy as np

from spillover.world.happening import Happening
from spillover.world.plan import END_H, Plan, moment
from spillover.world.truth import Asked, Rows

TIMES = (48.0, 60.0, 72.0, 84.0, 96.0)


def coverage(plan: Plan, h: Happening) -> Rows:
    """Yield the true rows of one platform."""
    name = h.platform.name
    if h.platform.second:
        never = int((np.isinf(h.looks.first)).sum())
        yield Asked("coverage", by="missed").row("at_least", "missed_at_least", never, platform=name)
        return
    yield Asked("coverage", by="collector").row("number", "minutes_watched", _watched(h), collector=name)
    for time in TIMES:
        yield from _newest(h, Asked("coverage", by="missed", as_of=time))


def _watched(h: Happening) -> int:
    """Return how many minutes the windows of answered searches cover."""
    covered = np.zeros(int(END_H * 60) + 1, bool)
    for run in h.looks.runs:
        if run.outcome == "answered" and run.since is not None and run.until is not None:
            covered[int(run.since * 60) : int(run.until * 60)] = True
    return int(covered.sum())


def _newest(h: Happening, asked: Asked) -> Rows:
    """Yield how many posts of each stretch between two looks are found in the end."""
    looked = [run.hour for run in h.looks.runs if run.outcome in ("answered", "cut_short") and run.hour <= asked.as_of]
    found = h.posts.at[np.isfinite(h.looks.searched)]
    for since, until in zip(looked[-8:], looked[-7:], strict=False):
        count = int(((found > since) & (found <= until)).sum())
        start, end = (f"{moment(hour):%Y-%m-%dT%H:%MZ}" for hour in (since, until))
        yield asked.row("interval", "nowcast", count, platform=h.platform.name, start=start, until=end)
