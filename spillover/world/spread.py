"""How posts spread: first posts of each region after it was reached, and shares of shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spillover.world import words
from spillover.world.plan import ORIGIN, Floats, Marks, Plan, Platform, Whole

FADE_H = 24.0  # in which the first posts of a region grow fewer by e
LAST_H = 110.0  # of first posts; 280 h of everything
_SHARE_H = 3.0  # mean delay of a share
_GROUP, _LINKS = 12, 5  # accounts of a planted group, and the links that they post in step
_LED, _LED_H = 0.6, 0.4  # posts that follow on one of the leading region, and how soon


@dataclass(frozen=True)
class Posts:
    """Posts about the campaign on one platform, in the order of their times; hours since the world began."""

    at: Floats
    region: Whole  # of the platform's regions, in their order
    lang: Whole
    parent: Whole  # -1: none
    root: Whole
    account: Whole
    exact: Marks  # carries the title; else only a phrase of it
    declared: Marks
    link: Whole  # -1: none
    planted: Marks  # by a group that posts in step
    led: Marks  # follows on a post of the leading region
    likely: Floats  # of being outside the origin region, given its time

    def __len__(self) -> int:
        return len(self.at)


def spread(plan: Plan, platform: Platform, chance: np.random.Generator) -> Posts:
    """Return the posts of one platform, from its first to the last share."""
    reached = _reached(platform, chance)
    at, region, led = _first_posts(plan, platform, reached, chance)
    planted = np.zeros(len(at), bool)
    if "coordination" in plan.effects and platform.name in ("x", "weibo"):
        more = _in_step(chance)
        at, planted = np.concatenate([at, more]), np.concatenate([planted, np.ones(len(more), bool)])
        led = np.concatenate([led, np.zeros(len(more), bool)])
        region = np.concatenate([region, _drawn(_at(platform, reached, more), chance)])
    parent, at, region, planted, led = _shares(plan, platform, reached, at, region, planted, led, chance)
    return _in_order(platform, reached, parent, at, region, planted, led, chance)


def _reached(platform: Platform, chance: np.random.Generator) -> Floats:
    """Return when each region is reached: the origin at once where the video was first, the others within two days."""
    at = chance.uniform(1, 36, len(platform.regions))
    return np.where([name == ORIGIN and platform.name == "youtube" for name in platform.regions], 0.0, at)


def _first_posts(
    plan: Plan, platform: Platform, reached: Floats, chance: np.random.Generator
) -> tuple[Floats, Whole, Marks]:
    count = int(chance.poisson(plan.posts * (1 - plan.shares)))
    mix = np.array(list(platform.regions.values()))
    region = chance.choice(len(mix), count, p=mix / mix.sum())
    at = reached[region] + chance.exponential(FADE_H, count)
    at, region = at[at < LAST_H], region[at < LAST_H]
    led = np.zeros(len(at), bool)
    if "lead" in plan.effects and platform.name == "youtube":
        leads = np.flatnonzero((region == 0) & (chance.random(len(at)) < _LED))
        at = np.concatenate([at, at[leads] + chance.exponential(_LED_H, len(leads))])
        region = np.concatenate([region, np.ones(len(leads), np.int64)])
        led = np.concatenate([led, np.ones(len(leads), bool)])
    return at, region.astype(np.int64), led


def _in_step(chance: np.random.Generator) -> Floats:
    """Return when a planted group posts: each link by all of them within half a minute."""
    starts = chance.uniform(40, 90, _LINKS)
    return np.asarray((starts[:, None] + chance.uniform(0, 25 / 3600, (_LINKS, _GROUP))).ravel())


def _shares(
    plan: Plan, platform: Platform, reached: Floats, at: Floats, region: Whole, planted: Marks, led: Marks,
    chance: np.random.Generator,
) -> tuple[Whole, Floats, Whole, Marks, Marks]:  # fmt: skip
    """Return all posts with the shares that they bring, generation after generation."""
    parent, last = np.full(len(at), -1, np.int64), np.flatnonzero(~planted)
    while len(last):
        above = np.repeat(last, chance.poisson(plan.shares, len(last)))
        times = at[above] + 0.01 + chance.exponential(_SHARE_H, len(above))
        above, times = above[times < 280], times[times < 280]
        last = np.arange(len(at), len(at) + len(above))
        at, parent = np.concatenate([at, times]), np.concatenate([parent, above])
        region = np.concatenate([region, _drawn(_at(platform, reached, times), chance)])
        planted, led = (np.concatenate([marks, np.zeros(len(above), bool)]) for marks in (planted, led))
    return parent, at, region, planted, led


def _at(platform: Platform, reached: Floats, at: Floats) -> Floats:
    """Return for each time the shares of the regions among posts of that time."""
    mix = np.array(list(platform.regions.values()))
    since = at[:, None] - reached
    weight = np.where(since >= 0, mix * np.exp(-np.maximum(since, 0) / FADE_H), 0.0)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _drawn(shares: Floats, chance: np.random.Generator) -> Whole:
    return np.asarray((shares.cumsum(axis=1) < chance.random((len(shares), 1))).sum(axis=1), np.int64).clip(
        0, shares.shape[1] - 1
    )


def _in_order(
    platform: Platform, reached: Floats, parent: Whole, at: Floats, region: Whole, planted: Marks, led: Marks,
    chance: np.random.Generator,
) -> Posts:  # fmt: skip
    """Return posts by time, to the second, with what else is known of each."""
    at = np.round(at * 3600) / 3600
    order = np.argsort(at, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    parent = np.where(parent[order] >= 0, place[parent[order]], -1)
    count, planted = len(at), planted[order]
    account = chance.integers(0, max(count // 2, 10), count) + 2 * _GROUP
    link = np.where(chance.random(count) < 0.4, chance.integers(0, 15, count), -1)
    number = np.cumsum(planted) - 1
    account[planted], link[planted] = number[planted] % _GROUP, 100 + number[planted] // _GROUP
    names = list(platform.regions)
    outside = np.array([name != ORIGIN for name in names], float)
    return Posts(
        at=at[order], region=region[order], lang=_languages(names, region[order], chance), parent=parent, root=_roots(parent),
        account=account, exact=chance.random(count) < 0.55, declared=chance.random(count) < platform.declared, link=link,
        planted=planted, led=led[order], likely=_at(platform, reached, at[order] + 1 / 3600) @ outside,
    )  # fmt: skip


def _languages(names: list[str], region: Whole, chance: np.random.Generator) -> Whole:
    spoken = np.array([[words.SPOKEN[name].get(lang, 0.0) for lang in words.LANGUAGES] for name in names])
    return _drawn(spoken[region], chance)


def _roots(parent: Whole) -> Whole:
    root = np.arange(len(parent))
    for place in range(len(parent)):  # a parent stands before its shares
        if parent[place] >= 0:
            root[place] = root[parent[place]]
    return root


