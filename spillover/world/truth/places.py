"""The truth about regions: of the posts that were found, how many are of each."""

from __future__ import annotations

from collections import Counter

import numpy as np

from spillover.world.happening import Happening
from spillover.world.plan import END_H, Plan
from spillover.world.truth import Asked, Rows

TIMES = (60.0, 96.0, 132.0, END_H)


def regions(plan: Plan, happenings: list[Happening]) -> Rows:
    """Yield the share of each region, on each platform and over all; every post shows its language at least."""
    for time in TIMES:
        asked, whole = Asked("regions", as_of=time), Counter[str]()
        for h in happenings:
            names = list(h.platform.regions)
            found = Counter(names[place] for place in h.posts.region[h.looks.first <= time].tolist())
            whole += found
            for region, count in found.items() if len(names) > 1 else ():  # all of one region is nothing to estimate
                share = count / found.total()
                yield asked.row("interval", "share", share, platform=h.platform.name, region=region)
        for region, count in whole.items():
            yield asked.row("interval", "share", count / whole.total(), region=region)
        if np.isclose(time, END_H):
            yield asked.row("number", "calibration_error", 0.0)
