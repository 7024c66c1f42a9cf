"""What collectors do: searches with windows, outages, quotas, cut answers; a second route; who is found when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from spillover.world.plan import END_H, Floats, Plan, Platform, Whole
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


def looks(plan: Plan, number: int, posts: Posts, gone_at: Floats, chance: np.random.Generator) -> Looks:
    """Return what was looked for on one platform, and when each of its posts was found."""
    platform, dark = plan.platforms[number], outages(chance)
    ready = posts.at + platform.delay_h * np.exp(chance.normal(0, 0.8, len(posts)))
    ready[chance.random(len(posts)) < _NEVER] = np.inf
    searched = np.full(len(posts), np.inf)
    runs = list(_searches(plan, number, posts, ready, gone_at, searched, dark, chance.uniform(0, 0.5)))
    other = np.full(len(posts), np.inf)
    if platform.second:
        caught = chance.random(len(posts)) < _CAUGHT[platform.second]
        runs += _second(number, platform, posts, gone_at, caught, other, chance)
    return Looks(sorted(runs, key=lambda run: run.hour), dark, np.minimum(searched, other), searched, other)


def _searches(
    plan: Plan, number: int, posts: Posts, ready: Floats, gone_at: Floats, searched: Floats, dark: list[Outage], offset: float
) -> Iterator[Run]:  # fmt: skip
    """Yield the searches of one platform, and note in ``searched`` when each post came."""
    platform, last, spent = plan.platforms[number], 0.0, {}
    for hour in offset + _grid(_OFTEN_H, _SELDOM_H):
        run = Run(number, platform.name, "search", float(hour), query="phrase:the lighthouse keeper")
        day = int(hour // 24)
        failed = failing(dark, hour)
        if failed is None and spent.get(day, 0) >= _QUOTA.get(platform.name, 99):
            failed, run.reason = "not_asked", _SPENT
        if failed is not None:
            run.outcome, run.reason = failed, run.reason or _WHY[failed]
            yield run
            continue
        spent[day] = spent.get(day, 0) + 1
        here = (ready <= hour) & (gone_at > hour) & np.isinf(searched) & (posts.at >= hour - platform.reach_h)
        found = np.flatnonzero(here)[::-1]  # newest first
        run.claimed, run.found = len(found), np.sort(found[: _MOST[plan.size]])
        if len(found) > len(run.found):
            run.outcome, run.reason = "cut_short", f"{len(run.found)} of {len(found)} results"
        searched[run.found] = hour
        run.since, run.until = max(last, hour - platform.reach_h), float(hour)
        last = float(hour)
        yield run


def _grid(often: float, seldom: float) -> Floats:
    return np.concatenate([np.arange(0, _BUSY_H, often), np.arange(_BUSY_H, END_H - 1, seldom)])


def _second(
    number: int, platform: Platform, posts: Posts, gone_at: Floats, caught: np.ndarray, other: Floats, chance: np.random.Generator
) -> Iterator[Run]:  # fmt: skip
    """Yield the runs of the other route: a stream that shows posts at once, or a file that somebody brings each day."""
    stream = platform.second == "stream"
    every, name, mode = (6.0, platform.name, "stream") if stream else (24.0, "file", "load")
    dark = outages(chance) if stream else []
    for hour in np.arange(every, END_H - 1, every):
        run = Run(number, name, mode, float(hour))
        inside = caught & (posts.at > hour - every) & (posts.at <= hour) & (gone_at > (posts.at + 0.01 if stream else hour))
        if (failed := failing(dark, hour - every / 2)) is not None:
            yield Run(number, name, mode, float(hour), outcome=failed, reason=_WHY[failed])
            continue
        run.found = np.flatnonzero(inside)
        other[run.found] = posts.at[run.found] + 10 / 3600 if stream else hour
        run.since, run.until = (float(hour - every), float(hour)) if stream else (None, None)
        yield run
