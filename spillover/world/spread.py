"""How posts spread: first posts of each region after it was reached, and shares of shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spillover.world import words
from spillover.world.plan import ORIGIN, Floats, Marks, Plan, Platform, Whole

FADE_H = 24.0  # in which the first posts of a region grow fewer by e
LAST_H, _END_H = 110.0, 280.0  # of first posts, of everything
_SHARE_H = 3.0  # mean delay of a share
_GROUP, _LINKS = 12, 5  # accounts of a planted group, and the links that they post in step
_CROWD = 80  # posts of others in that hour: in one that the group has for itself no shuffle shows anything
_LED, _LED_H = 2.0, 0.2  # posts that follow on one of the leading region, and how soon


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


@dataclass
class _Draft:
    """Posts as they come, before they stand in order."""

    at: Floats
    region: Whole
    parent: Whole
    planted: Marks
    led: Marks
    at_once: Marks  # of an hour in which a group posts

    def add(self, at: Floats, region: Whole, *, parent: Whole | None = None, **marks: bool) -> None:
        self.at, self.region = np.concatenate([self.at, at]), np.concatenate([self.region, region])
        none = np.full(len(at), -1, np.int64)
        self.parent = np.concatenate([self.parent, none if parent is None else parent])
        for name in ("planted", "led", "at_once"):
            more = np.full(len(at), marks.get(name, False))
            setattr(self, name, np.concatenate([getattr(self, name), more]))


def spread(plan: Plan, platform: Platform, chance: np.random.Generator) -> Posts:
    """Return the posts of one platform, from its first to the last share."""
    reached = _reached(platform, chance)
    draft = _first_posts(plan, platform, reached, chance)
    if "coordination" in plan.effects and platform.name in ("x", "weibo"):
        hour = float(chance.integers(40, 90))
        more, crowd = _in_step(hour, chance), chance.uniform(hour, hour + 1, _CROWD)
        draft.add(more, np.zeros(len(more), np.int64), planted=True, at_once=True)
        draft.add(crowd, np.zeros(len(crowd), np.int64), at_once=True)
    last = np.flatnonzero(~draft.at_once)
    while len(last):  # generation after generation
        above = np.repeat(last, chance.poisson(plan.shares, len(last)))
        times = draft.at[above] + 0.01 + chance.exponential(_SHARE_H, len(above))
        above, times = above[times < _END_H], times[times < _END_H]
        last = np.arange(len(draft.at), len(draft.at) + len(above))
        draft.add(times, _drawn(_mix(platform, reached, times), chance), parent=above)
    return _in_order(platform, reached, draft, chance)


def _reached(platform: Platform, chance: np.random.Generator) -> Floats:
    """Return when each region is reached: the origin at once where the video was first, the others within two days."""
    at = chance.uniform(1, 36, len(platform.regions))
    return np.where([name == ORIGIN and platform.name == "youtube" for name in platform.regions], 0.0, at)


def _first_posts(plan: Plan, platform: Platform, reached: Floats, chance: np.random.Generator) -> _Draft:
    count = int(chance.poisson(plan.posts * (1 - plan.shares)))
    mix = np.array(list(platform.regions.values()))
    region = chance.choice(len(mix), count, p=mix / mix.sum()).astype(np.int64)
    at = reached[region] + chance.exponential(FADE_H, count)
    at, region = at[at < LAST_H], region[at < LAST_H]
    nothing = np.zeros(0)
    whole, marks = nothing.astype(np.int64), nothing.astype(bool)
    draft = _Draft(nothing, whole, whole, marks, marks, marks)
    draft.add(at, region)
    if "lead" in plan.effects and platform.name == "youtube":
        leads = np.repeat(np.flatnonzero(region == 0), chance.poisson(_LED, int((region == 0).sum())))
        draft.add(at[leads] + chance.exponential(_LED_H, len(leads)), np.ones(len(leads), np.int64), led=True)
    return draft


def _in_step(hour: float, chance: np.random.Generator) -> Floats:
    """Return when a planted group posts: each link by all of them within half a minute, all links within an hour."""
    starts = hour + 0.1 + 0.18 * np.arange(_LINKS)
    return np.asarray((starts[:, None] + chance.uniform(0, 25 / 3600, (_LINKS, _GROUP))).ravel())


def _mix(platform: Platform, reached: Floats, at: Floats) -> Floats:
    """Return for each time the shares of the regions among posts of that time."""
    mix = np.array(list(platform.regions.values()))
    since = at[:, None] - reached
    weight = np.where(since >= 0, mix * np.exp(-np.maximum(since, 0) / FADE_H), 0.0)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _drawn(shares: Floats, chance: np.random.Generator) -> Whole:
    place = (shares.cumsum(axis=1) < chance.random((len(shares), 1))).sum(axis=1)
    return np.asarray(place, np.int64).clip(0, shares.shape[1] - 1)


def _in_order(platform: Platform, reached: Floats, draft: _Draft, chance: np.random.Generator) -> Posts:
    """Return posts by time, to the second, with what else is known of each."""
    at = np.round(draft.at * 3600) / 3600
    order = np.argsort(at, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    parent = np.where(draft.parent[order] >= 0, place[draft.parent[order]], -1)
    at, region, planted, count = at[order], draft.region[order], draft.planted[order], len(order)
    account = chance.integers(0, max(count // 2, 10), count) + 2 * _GROUP
    link = np.where(chance.random(count) < 0.4, chance.integers(0, 15, count), -1)
    number = np.cumsum(planted)[planted] - 1
    account[planted], link[planted] = number % _GROUP, 100 + number // _GROUP
    names = list(platform.regions)
    outside = np.array([name != ORIGIN for name in names], float)
    at_once, lang = draft.at_once[order], _languages(names, region, chance)
    lang[at_once] = words.LANGUAGES.index(max(words.SPOKEN[names[0]].items(), key=lambda one: one[1])[0])
    drawn = _mix(platform, reached, at + 1 / 3600) @ outside
    return Posts(
        at=at, region=region, lang=lang, parent=parent, root=_roots(parent), account=account,
        exact=chance.random(count) < 0.55, declared=chance.random(count) < platform.declared, link=link, planted=planted,
        led=draft.led[order], likely=np.where(at_once, outside[region], drawn),
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
