"""What collectors do: searches with windows, outages, quotas, cut answers; a second route; who is found when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from spillover.world.plan import END_H, Floats, Marks, Plan, Platform, Whole
from spillover.world.spread import Posts

_BUSY_H, _OFTEN_H, _SELDOM_H = 132.0, 2.0, 6.0  # while posts come, every two hours; then every six
_MOST = {"small": 40, "medium": 100, "large": 500}  # posts of an answer
_QUOTA = {"youtube": 11}  # searches a day
_NEVER = 0.02  # of posts, that a search never finds
_CAUGHT = {"stream": 0.5, "file": 0.4}
_WHY = {
    "refused": "HTTP 429: too many requests",
    "broken": "Changed: the answer has an unknown shape",
    "not_asked": "the collector was switched off",
}
AT_ONCE_H = 10 / 3600  # a stream is behind
_SPENT = "quota spent until midnight"


@dataclass
class Run:
    """One run: what was asked, how it ended, which posts it showed first. Posts are those of its platform."""

    platform: int
    collector: str
    mode: str
    hour: float
    outcome: str = "answered"
    since: float | None = None
    until: float | None = None
    query: str | None = None
    reason: str | None = None
    claimed: int | None = None
    found: Whole = field(default_factory=lambda: np.zeros(0, np.int64))


@dataclass(frozen=True)
class Outage:
    """A stretch in which a collector got nothing."""

    since: float
    until: float
    outcome: str


@dataclass(frozen=True)
class Looks:
    """The runs of one platform that look for posts, its outages, and when each post was found; inf: never."""

    runs: list[Run]
    outages: list[Outage]
    first: Floats  # by any route
    searched: Floats
    other: Floats


def outages(chance: np.random.Generator) -> list[Outage]:
    """Return when a collector gets nothing, and how that ends up in the ledger."""
    starts = np.sort(chance.uniform(12, 200, 1 + chance.poisson(1.0)))
    lengths = chance.uniform(3, 18, len(starts))
    kinds = chance.choice(list(_WHY), len(starts))
    return [Outage(float(a), float(a + b), str(kind)) for a, b, kind in zip(starts, lengths, kinds, strict=True)]


def failing(dark: list[Outage], hour: float) -> str | None:
    """Return how a run of this hour fails, None where it does not."""
    return next((one.outcome for one in dark if one.since <= hour < one.until), None)


@dataclass(frozen=True)
class _Scene:
    """The posts of one platform, and when each can be found and is gone."""

    number: int
    platform: Platform
    posts: Posts
    ready: Floats
    gone: Floats


def looks(plan: Plan, number: int, posts: Posts, gone_at: Floats, chance: np.random.Generator) -> Looks:
    """Return what was looked for on one platform, and when each of its posts was found."""
    platform, dark = plan.platforms[number], outages(chance)
    ready = posts.at + platform.delay_h * np.exp(chance.normal(0, 0.8, len(posts)))
    ready[chance.random(len(posts)) < _NEVER] = np.inf
    scene, offset = _Scene(number, platform, posts, ready, gone_at), chance.uniform(0, 0.5)
    searched, other = np.full(len(posts), np.inf), np.full(len(posts), np.inf)
    runs = []
    for run in _searches(scene, dark, offset, _MOST[plan.size], searched):
        searched[run.found] = run.hour
        runs.append(run)
    for run, hours in _second(scene, chance) if platform.second else ():
        other[run.found] = hours
        runs.append(run)
    return Looks(sorted(runs, key=lambda run: run.hour), dark, np.minimum(searched, other), searched, other)


def _searches(scene: _Scene, dark: list[Outage], offset: float, most: int, searched: Floats) -> Iterator[Run]:
    """Yield the searches of one platform; ``searched`` tells which posts have come already."""
    platform, last, spent = scene.platform, 0.0, Counter[int]()
    for hour in (offset + _grid()).tolist():
        run = Run(scene.number, platform.name, "search", hour, query="phrase:the lighthouse keeper")
        day, failed = int(hour // 24), failing(dark, hour)
        if failed is not None:
            run.outcome, run.reason = failed, _WHY[failed]
        elif spent[day] >= _QUOTA.get(platform.name, 99):
            run.outcome, run.reason = "not_asked", _SPENT
        else:
            spent[day] += 1
            _answer(run, scene, most, np.isinf(searched))
            run.since, run.until = max(last, hour - platform.reach_h), hour
            last = hour
        yield run


def _answer(run: Run, scene: _Scene, most: int, new: Marks) -> None:
    """Fill in what a search shows: what can be found and has not come, the newest first, as many as an answer holds."""
    there = (scene.ready <= run.hour) & (scene.gone > run.hour)
    found = np.flatnonzero(new & there & (scene.posts.at >= run.hour - scene.platform.reach_h))[::-1]
    run.claimed, run.found = len(found), np.sort(found[:most])
    if len(found) > most:
        run.outcome, run.reason = "cut_short", f"{most} of {len(found)} results"


def _grid() -> Floats:
    return np.concatenate([np.arange(0, _BUSY_H, _OFTEN_H), np.arange(_BUSY_H, END_H - 1, _SELDOM_H)])


def _second(scene: _Scene, chance: np.random.Generator) -> Iterator[tuple[Run, Floats]]:
    """Yield the runs of the other route, and when each post came: a stream shows it at once, a file is brought each day."""
    at, stream = scene.posts.at, scene.platform.second == "stream"
    every, name, mode = (6.0, scene.platform.name, "stream") if stream else (24.0, "file", "load")
    caught = chance.random(len(at)) < _CAUGHT[scene.platform.second]
    seen = at + AT_ONCE_H if stream else np.ceil(at / every) * every
    dark = outages(chance) if stream else []
    for hour in np.arange(every, END_H - 1, every).tolist():
        run = Run(scene.number, name, mode, hour - every if stream else hour)  # a stream begins with its window
        if (failed := failing(dark, hour - every / 2)) is not None:
            run.outcome, run.reason = failed, _WHY[failed]
        else:
            run.found = np.flatnonzero(caught & (at > hour - every) & (at <= hour) & (scene.gone > seen))
            run.since, run.until = (hour - every, hour) if stream else (None, None)
        yield run, seen[run.found]
