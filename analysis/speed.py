"""How fast: new known views an hour, and in how many hours that doubles or halves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from math import isfinite, log
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from analysis._disclosure import WITHHELD, crowds_of, hidden
from analysis._envelope import envelope_sql
from analysis._growth import Increments, rate, trend
from analysis._rows import INSUFFICIENT, as_answer
from analysis._scope import SCOPE, splits
from analysis._time import iso, naive

VELOCITY, TREND = 24, 72  # hours before the last reading
LEAST_POSTS = 5
LEAST_DF = 3.0  # with fewer an interval is wider than what it is about
CANNOT_TELL = "cannot tell"

_READINGS = f"SELECT o.* FROM held.observation o JOIN recent r USING (post_key) WHERE o.observed_at >= r.last - INTERVAL {TREND} HOUR"
_RECENT = f"""
WITH {SCOPE}, lasts AS (
    SELECT post_key, max(observed_at) AS last FROM held.observation SEMI JOIN scope USING (post_key)
    WHERE views IS NOT NULL AND ($as_of::TIMESTAMP IS NULL OR observed_at <= $as_of::TIMESTAMP) GROUP BY post_key
), recent AS (
    SELECT post_key, {{names}}, account, max(last) OVER (PARTITION BY {{names}}) AS last FROM lasts JOIN scope USING (post_key)
), {envelope_sql("views", _READINGS)}
SELECT {{names}}, post_key, account, (t0 - epoch_us(last)) / 3.6e9 AS since, (t1 - epoch_us(last)) / 3.6e9 AS until, grown, last
FROM pairs JOIN recent USING (post_key) ORDER BY ALL"""


def speed(
    con: duckdb.DuckDBPyConnection, campaign: str, *, by: Sequence[str] = ("platform",), as_of: datetime | None = None
) -> pd.DataFrame:
    """Return velocity (new known views an hour) of the last day, and the hours in which it doubles or halves, of three days.

    What it says: the rate of the posts that were read three times or more in that time, and its exponential trend.
    What it does not say: the rate of posts that are read too rarely, or that the trend will go on. Posts count as
    independent: what drives all of them at once (the hour of the day, the news) is in the trend, not in the interval.
    Formula: sum of growth over time of each post, jackknife over its increments; trend: Poisson regression with an intercept
    a post, variance robust by post (Wooldridge, Journal of Econometrics 90, 1999, 77); doubling ln 2 / slope.
    Unknowns: a trend whose interval holds 0 is ``cannot tell``, with the fastest doubling that it allows as low; fewer than
    5 posts, or 3 degrees of freedom, are ``insufficient``.
    """
    keys = splits(by)
    parameters = {"campaign": campaign, "as_of": naive(as_of)}
    frame = con.execute(_RECENT.format(names=", ".join(keys)), parameters).df()
    return as_answer([row for hours in (VELOCITY, TREND) for row in _over(frame, keys, hours)])


def _over(frame: pd.DataFrame, keys: Sequence[str], hours: int) -> Iterator[dict[str, Any]]:
    """Yield the rows over the last hours: velocity of the short stretch, doubling of the long one."""
    name, say = ("velocity", _velocity) if hours == VELOCITY else ("doubling_hours", _doubling)
    frame = frame[frame["since"] >= -hours]
    frame = frame[frame.groupby("post_key")["since"].transform("size") >= 2]
    small = hidden(crowds_of(frame, keys))[tuple(keys)]
    for cell, part in frame.groupby(list(keys), sort=True):
        told = {"question": "reach", "metric": name, "keys": dict(zip(keys, cell, strict=True))}
        if cell in small:
            yield told | {"rests_on": WITHHELD, "suppressed": True}
            continue
        rests_on = f"posts with three readings or more in the {hours} hours to {iso(part['last'].iloc[0])}"
        shown = {"n": part["post_key"].nunique(), "rests_on": rests_on, "suppressed": False}
        for row in say(_increments(part)):
            yield told | shown | row


def _increments(part: pd.DataFrame) -> Increments:
    post = np.unique(part["post_key"].to_numpy(), return_inverse=True)[1]
    return Increments(post, *(part[name].to_numpy(dtype=float) for name in ("since", "until", "grown")))


def _velocity(found: Increments) -> Iterator[dict[str, Any]]:
    fitted = rate(found)
    if fitted is None or found.post.max() + 1 < LEAST_POSTS or fitted.df < LEAST_DF:
        yield {"metric": "velocity", "verdict": INSUFFICIENT}
    else:
        yield {"metric": "velocity", "value": fitted.value, "low": fitted.low, "high": fitted.high}


def _doubling(found: Increments) -> Iterator[dict[str, Any]]:
    fitted = trend(found)
    if fitted is None or found.post.max() + 1 < LEAST_POSTS or fitted.df < LEAST_DF or not isfinite(fitted.low):
        yield {"metric": "doubling_hours", "verdict": INSUFFICIENT}
    elif fitted.low > 0:
        yield {"metric": "doubling_hours"} | _hours(fitted.value, fitted.low, fitted.high)
    elif fitted.high < 0:
        yield {"metric": "doubling_hours", "verdict": "falling"}
        yield {"metric": "halving_hours"} | _hours(-fitted.value, -fitted.high, -fitted.low)
    else:
        yield {
            "metric": "doubling_hours",
            "low": log(2) / fitted.high if fitted.high > 0 else None,
            "verdict": CANNOT_TELL,
        }


def _hours(slope: float, low: float, high: float) -> dict[str, float]:
    return {"value": log(2) / slope, "low": log(2) / high, "high": log(2) / low}
