"""Is it what many see that goes away: losses beside how fast a post gathered views when we found it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from math import exp
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from analysis._disclosure import SMALL, WITHHELD, crowds_of, hidden
from analysis._hazards import hazard_ratio
from analysis._interval import quantile_t
from analysis._letting import FLOOR
from analysis._rows import INSUFFICIENT, as_answer
from analysis._scope import splits
from analysis._spells import MEMBERS, hours, spells
from analysis._time import naive
from analysis.removals import read_again

SOONER, LATER, NO_DIFFERENCE = "more viewed go sooner", "more viewed go later", "no difference seen"
_VIEWED = f"""
{MEMBERS}
SELECT post_key, arg_min(views, observed_at)::DOUBLE AS first_views, min(observed_at) AS first_read_at, arg_max(views, observed_at)::DOUBLE AS views
FROM held.observation SEMI JOIN members USING (post_key)
WHERE views IS NOT NULL AND ($as_of::TIMESTAMP IS NULL OR observed_at <= $as_of::TIMESTAMP) GROUP BY post_key"""


def by_views(
    con: duckdb.DuckDBPyConnection, campaign: str, *, by: Sequence[str] = ("platform",), as_of: datetime | None = None
) -> pd.DataFrame:
    """Return for each platform and group how many views a post had when it went, and whether the more viewed went sooner.

    What it says: ``views_at_removal``, the geometric mean of the last views shown of what is gone; ``hazard_ratio_more_viewed``,
    the hazard of posts that had gathered more views an hour than half of their group when we first read them, over the rest.
    What it does not say: that views are why a post went: what is seen more is reported more, and found more easily by us.
    Formula: mean of logarithms of views + 1 with Student's t; hazards as in removals, split at the median of views at the first
    reading over age, so that nobody had to last to count as much viewed.
    Unknowns: a post that hides its views, or whose age is not known, is in neither half; fewer than 20 posts read again in a
    half are ``insufficient``; fewer than 5 accounts, in a half or among what is gone, are not shown.
    """
    keys = splits(by)
    frame = spells(con, campaign, as_of)
    viewed = con.execute(_VIEWED, {"campaign": campaign, "as_of": naive(as_of)}).df()
    frame = frame.merge(viewed, on="post_key", how="left")
    age = (frame["first_read_at"] - frame["published_at"]).dt.total_seconds() / 3600
    frame["rate"] = frame["first_views"] / age.where(age > 0)
    inner = ["place", *keys[1:]]
    frame["more"] = frame["rate"] > frame.groupby(inner)["rate"].transform("median")
    gone, halves = frame[frame["gone_at"].notna() & frame["views"].notna()], frame[frame["rate"].notna()]
    small = hidden(crowds_of(gone, inner))[tuple(inner)], hidden(crowds_of(halves, (*inner, "more")))[(*inner, "more")]
    rows: list[dict[str, Any]] = []
    for cell, posts in frame.groupby([*keys, "group"], sort=True):
        named = {"question": "removals", "keys": dict(zip((*keys, "group"), map(str, cell), strict=True))}
        place = (f"{cell[0]} {cell[-1]}", *cell[1:-1])
        hide = place in small[0], any((*place, half) in small[1] for half in (True, False))
        rows += [named | row for row in _rows(posts, hide)]
    return as_answer(rows)


def _rows(posts: pd.DataFrame, hide: tuple[bool, bool]) -> Iterator[dict[str, Any]]:
    """Yield both rows of a cell, each without its numbers where it is hidden."""
    for metric, say, hidden_here in zip(
        ("views_at_removal", "hazard_ratio_more_viewed"), (_at_removal, _ratio), hide, strict=True
    ):
        told = {"rests_on": WITHHELD, "suppressed": True} if hidden_here else say(posts) | {"suppressed": False}
        yield {"metric": metric} | told


def _at_removal(posts: pd.DataFrame) -> dict[str, Any]:
    gone = posts[posts["gone_at"].notna()]
    logs = np.log1p(gone["views"].dropna().to_numpy(dtype=float))
    told = {"n": len(logs), "rests_on": f"{len(logs)} of {len(gone)} posts that are gone had shown views"}
    if len(logs) < SMALL:
        return told | {"verdict": INSUFFICIENT}
    width = quantile_t(len(logs) - 1) * float(logs.std(ddof=1)) / np.sqrt(len(logs))
    value, low, high = (exp(logs.mean() + sign * width) - 1 for sign in (0, -1, 1))
    return told | {"value": value, "low": max(low, 0.0), "high": high}


def _ratio(posts: pd.DataFrame) -> dict[str, Any]:
    known = posts[posts["rate"].notna()]
    halves = [hours(known[known["more"] == half]) for half in (True, False)]
    counts = [read_again(one) for one in halves]
    lost = " and ".join(f"{int(one.lost.sum())} of {count}" for one, count in zip(halves, counts, strict=True))
    told = {"n": sum(counts), "rests_on": f"{lost} gone, of the more and of the less viewed an hour when first read"}
    found = hazard_ratio(halves[0], halves[1]) if min(counts) >= SMALL else None
    if found is None or min(counts) < FLOOR:
        return told | {"verdict": INSUFFICIENT}
    verdict = SOONER if found[1] > 1 else LATER if found[2] < 1 else NO_DIFFERENCE
    return told | dict(zip(("value", "low", "high"), found, strict=True)) | {"verdict": verdict}
