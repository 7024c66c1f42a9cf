"""The truth about what crossed when, who led, how shares bred, and who posted in step."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np

from spillover.world.happening import Happening
from spillover.world.plan import Floats, Marks, Plan, Whole, iso
from spillover.world.truth import Asked, Rows

WINDOWS, WEIGHTS = (10, 60, 300), (2, 3, 4, 5)
OBJECTS = ("link", "hashtags", "text", "parent", "video")
IN_STEP = ("more in step than chance allows",)
LEADS = ("leads",)
_LEADER, _FOLLOWER = 0, 1  # of the planted lead: regions of the platform, in their order


def crossings(plan: Plan, happenings: list[Happening]) -> Rows:
    """Yield when each region was reached, on each platform and at all, and whether a lead was planted."""
    apart, together = Asked("crossings"), Asked("crossings", by="region")
    earliest: dict[str, float] = {}
    for h in happenings:
        names = list(h.platform.regions)
        for number, region in enumerate(names):
            at = h.posts.at[h.posts.region == number]
            if len(at):
                yield apart.row("time", "crossed_by", iso(at.min()), platform=h.platform.name, region=region)
                earliest[region] = min(earliest.get(region, np.inf), float(at.min()))
        for leader, follower in permutations(range(len(names)), 2):
            led = bool(h.posts.led.any()) and (leader, follower) == (_LEADER, _FOLLOWER)
            way: dict[str, Any] = {
                "region": names[follower],
                "from": names[leader],
                "edges": "inferred",
                "block_h": 1.5,
            }
            yield apart.row("verdict", "lead", led, platform=h.platform.name, **way)
    for region, at in earliest.items():
        yield together.row("time", "crossed_by", iso(at), region=region)


def cascades(plan: Plan, h: Happening) -> Rows:
    """Yield what a share brings, where its platform names the parent: of what is brought, the part that was found."""
    if not h.platform.chain:
        return
    children = h.posts.parent >= 0
    found = float(np.isfinite(h.looks.first[children]).mean()) if children.any() else 0.0
    brought, asked, name = plan.shares * found, Asked("cascades"), h.platform.name
    yield asked.row("interval", "reproduction_number", brought, platform=name)
    yield asked.row("interval", "shares_of_first_post", float(brought / -np.expm1(-brought)), platform=name)


def coordination(plan: Plan, h: Happening) -> Rows:
    """Yield whether a group was planted, how many of its accounts were found, and its pairs at each threshold."""
    asked, name = Asked("coordination"), h.platform.name
    found = h.posts.planted & np.isfinite(h.looks.first)
    for kind in OBJECTS:
        yield asked.row("verdict", "excess_p", bool(found.any()) and kind == "link", platform=name, object=kind)
    accounts = len(np.unique(h.posts.account[found]))
    for within in WINDOWS:
        for least in WEIGHTS:
            keys: dict[str, Any] = {"platform": name, "object": "link", "within_s": within, "at_least": least}
            yield asked.row("pairs", "share_by_chance", _pairs(h, found, within, least), **keys)
            if accounts:
                yield asked.row("number", "accounts_in_step", accounts, **keys)


def _pairs(h: Happening, found: Marks, within: int, least: int) -> int:
    """Return how many pairs of planted accounts share at least so many links within so many seconds."""
    account, link = h.posts.account[found], h.posts.link[found]
    at: Floats = np.round(h.posts.at[found] * 3600)
    one, two = np.triu_indices(len(account), 1)
    near = (link[one] == link[two]) & (np.abs(at[one] - at[two]) <= within)
    pair: Whole = np.minimum(account[one], account[two])[near] * 1000 + np.maximum(account[one], account[two])[near]
    return int((np.unique(pair, return_counts=True)[1] >= least).sum())
