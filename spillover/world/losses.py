"""What goes away: posts of the campaign and any others, by hazards that are known, and by whom."""

from __future__ import annotations

import numpy as np

from spillover.world.plan import END_H, Floats, Marks, Plan, Platform, hazard

CAUSES = ("author", "account", "platform")
_MINE = (0.6, 0.2, 0.2)  # of what is lost anyhow
_AGES = np.concatenate([np.arange(0, 24, 0.05), np.arange(24, 4 * END_H, 1.0)])
_HAZARD = hazard(_AGES)
_EVASIVE = 0.25  # of the excess reaches copies that a search does not find
_HIDDEN = 0.06  # of a platform's posts are withheld in a country


def strictness(plan: Plan, platform: Platform, exact: Marks) -> Floats:
    """Return how many times as likely posts of the campaign are lost as others."""
    excess = (platform.strict - 1) if "removal" in plan.effects else 0.0
    return np.asarray(1 + excess * np.where(exact, 1.0, _EVASIVE))


def ages_at_loss(platform: Platform, times: Floats, alive: Floats, chance: np.random.Generator) -> Floats:
    """Return the age at which each post is lost, of posts that are up at the age ``alive``; ``times``: of the usual hazard."""
    spent = hazard(alive) + chance.exponential(1.0, len(times)) / (platform.lost * times)
    return np.asarray(np.interp(spent, _HAZARD, _AGES, right=np.inf))


def share_lost(platform: Platform, times: Floats, since: Floats, until: Floats) -> Floats:
    """Return how likely a post that is up at one age is gone by another."""
    return np.asarray(-np.expm1(-platform.lost * times * (hazard(until) - hazard(since))))


def causes(times: Floats, chance: np.random.Generator) -> Floats:
    """Return whose doing a loss is, as a place in CAUSES; what goes beyond the usual is the platform's."""
    usual = chance.random(len(times)) < 1 / times
    return np.where(usual, chance.choice(len(CAUSES), len(times), p=_MINE), CAUSES.index("platform"))


def hidden_from(platform: Platform, count: int, chance: np.random.Generator) -> Floats:
    """Return from which age posts are withheld in Russia, inf: never; of YouTube alone, which says so."""
    drawn = (chance.random(count) < _HIDDEN) & (platform.name == "youtube")
    return np.where(drawn, chance.uniform(5, 80, count), np.inf)
