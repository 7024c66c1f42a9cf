"""Which share of the views lies outside the origin region, where the region of each post is a distribution."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, log, sqrt
from typing import Any

import pandas as pd

from analysis._interval import effective, share
from analysis._pooling import Array
from analysis._rows import INSUFFICIENT
from analysis.outside import LEAST

_Z = 1.959963984540054


def views_outside(posts: pd.DataFrame, origin: str | None) -> Iterator[dict[str, Any]]:
    """Yield a row a platform; posts give platform, views and at_origin: how likely each is of the origin, empty where unknown."""
    for platform, group in posts[posts["views"].notna()].groupby("platform"):
        known = group[group["at_origin"].notna()]
        views, away = known["views"].to_numpy(dtype=float), 1 - known["at_origin"].to_numpy(dtype=float)
        row = {"question": "regions", "keys": {"platform": platform}, "metric": "outside_origin", "n": len(known)}
        if origin is None:
            yield row | {"rests_on": "the campaign file names no origin_region", "verdict": INSUFFICIENT}
            continue
        row["rests_on"] = (
            f"views of {len(known)} of {len(group)} posts that show views, by how likely each is not of {origin}"
        )
        if not views.sum() or effective(views) < LEAST:
            yield row | {"verdict": INSUFFICIENT}
            continue
        low, high = bounds(views, away)
        yield row | {"value": float(views @ away / views.sum()), "low": low, "high": high}


def bounds(views: Array, away: Array) -> tuple[float, float]:
    """Return the 95 % interval of the share, over which posts we hold and over which region each is of.

    That of a sample of posts (jackknife on the logit), widened on the logit by the variance of a draw of each post's region.
    """
    total = float(views.sum())
    value = float(views @ away) / total
    low, high = share(views * away, views)
    if not 0 < value < 1:
        return low, high
    drawn = _Z * sqrt(float((views**2 * away * (1 - away)).sum())) / total / (value * (1 - value))
    middle = _logit(value)
    widths = (sqrt((middle - _logit(low)) ** 2 + drawn**2), sqrt((_logit(high) - middle) ** 2 + drawn**2))
    return _logistic(middle - widths[0]), _logistic(middle + widths[1])


def _logit(share_: float) -> float:
    inside = min(max(share_, 1e-12), 1 - 1e-12)
    return log(inside / (1 - inside))


def _logistic(x: float) -> float:
    return 1 / (1 + exp(-x)) if x > -700 else 0.0
