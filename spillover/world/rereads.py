"""Posts that are read again, on the house's own schedule: after a quarter of an hour, then doubled, halved by a change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from spillover.rereading import AT_ONCE, LONGEST_S, SECOND_LOOK_S
from spillover.world.counters import Counters, shown
from spillover.world.looks import Outage, failing
from spillover.world.plan import END_H, Floats, Marks, Platform, Whole

_FIRST_H, _SECOND_H, _LONGEST_H = 0.25, SECOND_LOOK_S / 3600, LONGEST_S / 3600
_BUSY_H, _OFTEN_H, _SELDOM_H = 150.0, 1.0, 6.0  # between turns
_LIES = 0.5  # of broken turns say of every post that it is not there
_BESIDE = 3  # controls that are asked beside a suspected loss


@dataclass(frozen=True)
class Watched:
    """What is read again on one platform: posts of the campaign, then their controls."""

    found: Floats
    gone: Floats  # the hour; inf: never
    at: Floats  # published
    own: int  # how many are posts of the campaign

    @property
    def control(self) -> Marks:
        return np.arange(len(self.found)) >= self.own


@dataclass
class Turn:
    """One turn: which posts were asked for, and which of them were up."""

    hour: float
    outcome: str = "answered"
    posts: Whole = field(default_factory=lambda: np.zeros(0, np.int64))
    up: Marks = field(default_factory=lambda: np.zeros(0, bool))


class _Schedule:
    """When each post is due, as ``spillover.rereading`` has it."""

    def __init__(self, watched: Watched) -> None:
        count = len(watched.found)
        self.watched = watched
        self.last, self.gap = watched.found.copy(), np.full(count, np.nan)
        self.changed, self.suspected, self.done = (np.zeros(count, bool) for _ in range(3))
        self.views = np.full(count, -1, np.int64)

    def due(self, hour: float) -> Whole:
        """Return the posts to ask for now, those that wait longest first; beside a suspected loss some controls."""
        every = np.clip(self.gap * np.where(self.changed, 0.5, 2.0), _FIRST_H, _LONGEST_H)
        every = np.where(self.suspected, _SECOND_H, np.where(np.isnan(self.gap), _FIRST_H, every))
        here = ~self.done & (self.watched.found < hour)
        ready = np.flatnonzero(here & (hour - self.last >= every))
        chosen = ready[np.argsort(-(hour - self.last[ready]) / every[ready], kind="stable")][:AT_ONCE]
        if self.suspected[chosen].any():
            up = np.flatnonzero(here & self.watched.control & ~self.suspected & (self.watched.gone > hour))
            chosen = np.union1d(chosen, up[-_BESIDE:])
        return np.sort(chosen)

    def take(self, hour: float, posts: Whole, up: Marks, *, states: bool) -> None:
        """Note what a turn said."""
        self.gap[posts] = hour - self.last[posts]
        self.last[posts] = hour
        lost = posts[~up]
        self.done[lost] = True if states else self.suspected[lost]
        self.suspected[lost] = True


def rereads(
    platform: Platform, watched: Watched, counters: Counters, dark: list[Outage], chance: np.random.Generator
) -> Iterator[Turn]:
    """Yield the turns that ask for anything."""
    schedule, offset = _Schedule(watched), chance.uniform(0, 0.9)
    for hour in offset + np.concatenate([np.arange(0.0, _BUSY_H, _OFTEN_H), np.arange(_BUSY_H, END_H - 1, _SELDOM_H)]):
        posts = schedule.due(hour)
        if not len(posts):
            continue
        if (failed := failing(dark, hour)) is not None:
            lies = failed == "broken" and chance.random() < _LIES
            yield Turn(float(hour), failed, posts if lies else posts[:0], np.zeros(len(posts) if lies else 0, bool))
            continue
        up = watched.gone[posts] > hour
        schedule.take(hour, posts, up, states=platform.states)
        own = posts[up & (posts < watched.own)]
        views = shown(platform, counters.counted(own, hour - watched.at[own]))[0]
        before = schedule.views[own]
        schedule.changed[own] = (before >= 0) & ((views < before) | (views > 1.1 * before))
        schedule.views[own] = views
        yield Turn(float(hour), "answered", posts, up)
