"""How fast: new known views an hour, and in how many hours that doubles or halves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from math import isfinite, log
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from analysis._disclosure import WITHHELD, Tables, crowds, hidden
from analysis._envelope import envelope_sql
from analysis._growth import Increments, rate, trend
from analysis._rows import INSUFFICIENT, as_answer
from analysis._scope import SCOPE, splits
from analysis._time import iso, naive

VELOCITY, TREND = 24, 72  # hours before the last reading
LEAST_POSTS = 5
LEAST_DF = 3.0  # with fewer an interval is wider than what it is about
CANNOT_TELL = "cannot tell"

_RECENT = """
WITH {scope}, {envelope}, placed AS (
    SELECT {names}, post_key, account, t0, t1, grown, max(t1) OVER (PARTITION BY {names}) AS last
    FROM pairs JOIN scope USING (post_key)
)
SELECT {names}, post_key, account, (t0 - last) / 3.6e9 AS since, (t1 - last) / 3.6e9 AS until, grown, make_timestamp(last) AS last
FROM placed WHERE t0 >= last - $hours * 3600000000 QUALIFY count(*) OVER (PARTITION BY post_key) >= 2"""


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
    rows: list[dict[str, Any]] = []
    for hours, say in ((VELOCITY, _velocity), (TREND, _doubling)):
        query = _RECENT.format(scope=SCOPE, envelope=envelope_sql("views"), names=", ".join(keys))
        parameters = {"campaign": campaign, "as_of": naive(as_of), "hours": hours}
        frame = con.execute(f"{query} ORDER BY ALL", parameters).df()
        small = _small(crowds(con, keys, query, parameters)[0], keys)
        for cell, part in frame.groupby(list(keys), sort=True):
            told = {"question": "reach", "keys": dict(zip(keys, cell, strict=True)), "n": part["post_key"].nunique()}
            told["rests_on"] = f"posts with three readings or more in the {hours} hours to {iso(part['last'].iloc[0])}"
            rows += (
                [told | row | {"suppressed": False} for row in say(_increments(part))]
                if cell not in small
                else [
                    told | {"metric": name, "n": None, "rests_on": WITHHELD, "suppressed": True}
                    for name in _NAMES[hours]
                ]
            )
    return as_answer(rows)


_NAMES = {VELOCITY: ("velocity",), TREND: ("doubling_hours",)}


def _small(tables: Tables, keys: Sequence[str]) -> set[tuple[object, ...]]:
    return hidden(tables)[tuple(keys)]


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
