"""The truth about reach: what platforms counted, how fast it grew, where it lay."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spillover.world import words
from spillover.world.happening import Happening
from spillover.world.plan import END_H, Floats, Plan, Whole, moment
from spillover.world.truth import Asked, Rows

TIMES, TIMES_BY_LANG = (60.0, 132.0, END_H), (36.0, 48.0, 60.0, 72.0, 84.0, 96.0, 108.0, 132.0, 180.0)
_VELOCITY_H, _TREND_H, _BUCKET_H = 24.0, 72.0, 6.0


def reach(plan: Plan, h: Happening) -> Rows:
    """Yield the true rows of one platform, and of each of its languages."""
    post, hour = h.readings()
    order = np.lexsort((hour, post))
    post, hour = post[order], hour[order]
    for time in TIMES:
        until = hour <= time
        yield from _at(h, post[until], hour[until], Asked("reach", as_of=time), {"platform": h.platform.name})
    for time in TIMES_BY_LANG:
        until = hour <= time
        for lang in np.unique(h.posts.lang).tolist():
            inside = until & (h.posts.lang[post] == lang)
            keys = {"platform": h.platform.name, "lang": words.LANGUAGES[lang]}
            yield from _at(h, post[inside], hour[inside], Asked("reach", by="platform,lang", as_of=time), keys)
    yield from _over_time(h, post, hour)


def _at(h: Happening, post: Whole, hour: Floats, asked: Asked, keys: Mapping[str, str]) -> Rows:
    if not len(post):
        return
    last = np.flatnonzero(np.diff(post, append=-1))
    held, read_at = post[last], hour[last]
    age = read_at - h.posts.at[held]
    yield asked.row("bound", "known_views", float(h.counters.counted(held, age).sum()), **keys)
    yield asked.row("number", "posts", len(held), **keys)
    velocity = _velocity(h, post, hour)
    if velocity is not None:
        yield asked.row("interval", "velocity", velocity, **keys)
        yield asked.row("interval", "halving_hours", h.platform.halving_h, **keys)
    if "lang" in keys:  # a language tells of the region
        return
    likely = h.posts.likely[held]
    if 0 < likely.mean() < 1 and not h.posts.led.any():
        weight = (1 - np.exp(-h.platform.slope * age)) * h.posts.declared[held]
        outside = float((weight * likely).sum() / weight.sum())
        for metric in ("outside_origin", "outside_origin_without_top_post"):
            yield asked.row("interval", metric, outside, **keys)


def _velocity(h: Happening, post: Whole, hour: Floats) -> float | None:
    """Return the views to be expected an hour, of the posts with two growths at least in the last day."""
    recent = hour >= hour.max() - _TREND_H
    post, hour = post[recent], hour[recent]
    pair = np.flatnonzero((np.diff(post) == 0) & (hour[:-1] >= hour.max() - _VELOCITY_H))
    counts = np.bincount(post[pair], minlength=len(h.posts))
    enough = np.flatnonzero(counts >= 2)
    if not len(enough):
        return None
    since, until = np.full(len(h.posts), np.inf), np.full(len(h.posts), -np.inf)
    np.minimum.at(since, post[pair], hour[pair])
    np.maximum.at(until, post[pair], hour[pair + 1])
    ages = since[enough] - h.posts.at[enough], until[enough] - h.posts.at[enough]
    return float((h.counters.growth(enough, *ages) / (ages[1] - ages[0])).sum())


def _over_time(h: Happening, post: Whole, hour: Floats) -> Rows:
    """Yield what was counted anew in each stretch, of posts between their first and last reading."""
    asked = Asked("reach", by="platform,6h")
    first, last = np.flatnonzero(np.diff(post, prepend=-1)), np.flatnonzero(np.diff(post, append=-1))
    held, begins, ends = post[first], hour[first], hour[last]
    dark = [(one.since, one.until) for one in h.looks.outages]
    for start in np.arange(0, END_H, _BUCKET_H):
        a, b = np.maximum(begins, start), np.minimum(ends, start + _BUCKET_H)
        inside = a < b
        if not inside.any():
            continue
        posts, at = held[inside], h.posts.at[held[inside]]
        grown = _clean(h, posts, b[inside] - at) - _clean(h, posts, a[inside] - at)
        unwatched = any(since < start + _BUCKET_H and until > start for since, until in dark)
        row = asked.row(
            "bound",
            "new_views",
            float(grown.sum()),
            platform=h.platform.name,
            start=f"{moment(float(start)):%Y-%m-%dT%H:%MZ}",
        )
        yield row | ({"about": "outage"} if unwatched else {})


def _clean(h: Happening, post: Whole, age: Floats) -> Floats:
    """Return what a platform counts by an age, without what it takes back later."""
    corrected = np.isfinite(h.counters.corrected_at[post])
    return np.where(corrected, h.counters.views(post, age), h.counters.counted(post, age))
