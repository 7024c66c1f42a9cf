"""How much of it lies outside the region where the videos come from, and how much one post carries."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from analysis._disclosure import WITHHELD, crowds, hidden
from analysis._interval import effective, share
from analysis._rows import INSUFFICIENT, as_answer
from analysis._scope import splits
from analysis._time import naive
from analysis.reach import posts_sql

LEAST = 3.0  # posts of equal weight: with fewer the share is a matter of one post or two
METRICS = ("outside_origin", "outside_origin_without_top_post", "region_unknown", "top_post_share")
_LARGE = "one private account's post is the largest: what it carries would be about that account"
_ORIGIN = """
SELECT source FROM held.campaign_version JOIN held.campaign USING (campaign_id)
WHERE name = $campaign AND ($as_of::TIMESTAMP IS NULL OR saved_at <= $as_of::TIMESTAMP OR version = 1)
ORDER BY version DESC LIMIT 1"""


def outside(
    con: duckdb.DuckDBPyConnection, campaign: str, *, by: Sequence[str] = ("platform",), as_of: datetime | None = None
) -> pd.DataFrame:
    """Return the share of known views outside the campaign's origin region, the same without the top post, and its share.

    What it says: of the views of posts whose region is known, how many belong to posts of other regions than the origin.
    What it does not say: where the viewers are; a post has the region of its audience as evidenced, not of each viewer.
    Formula: sum of views outside / sum of views; interval by jackknife over posts on the logit, t on the effective number
    of posts, as for a sample of posts. top_post_share: the largest / the sum, never which.
    Unknowns: posts without a region are not in the share; region_unknown says how much of all views they hold. Where the
    largest post is of a private account, its share, and the result without it, are not shown.
    """
    keys = tuple(key for key in splits(by) if key != "region")
    parameters = {"campaign": campaign, "as_of": naive(as_of)}
    origin = origin_region(con, parameters)
    query = f"SELECT * FROM ({posts_sql(as_of is not None)}) WHERE views IS NOT NULL"
    frame = con.execute(
        f"SELECT {', '.join(keys)}, region, views::DOUBLE AS views, account IS NOT NULL AS private FROM ({query}) ORDER BY ALL",
        parameters,
    ).df()
    small = hidden(crowds(con, (*keys, "region"), query, parameters)[0])
    rows: list[dict[str, Any]] = []
    for cell, part in frame.groupby(list(keys), sort=True):
        told = {"question": "reach", "keys": dict(zip(keys, cell, strict=True)), "suppressed": False}
        hide = any((*cell, place) in small[(*keys, "region")] for place in (origin, "unknown")) or cell in small[keys]
        rows += [_withheld(told, row["metric"]) if hide else told | row for row in _metrics(part, origin)]
    return as_answer(rows)


def _metrics(part: pd.DataFrame, origin: str | None) -> Iterator[dict[str, Any]]:
    """Yield what one cell says: the share outside with and without its largest post, what is unknown, the largest post."""
    views, total = part["views"], float(part["views"].sum())
    known = part[part["region"] != "unknown"]
    top = int(views.to_numpy().argmax())
    by_one = _withheld({}, "", _LARGE) if part["private"].iloc[top] else {}
    yield {"metric": METRICS[0]} | _outside(known, origin)
    yield (
        {"metric": METRICS[1]}
        | _outside(known.drop(index=part.index[top], errors="ignore"), origin)
        | _named(by_one, METRICS[1])
    )
    rests_on = f"{len(part) - len(known)} of {len(part)} posts that show views have no region"
    if not total:
        return
    yield {
        "metric": METRICS[2],
        **_exactly(1 - float(known["views"].sum()) / total),
        "n": len(part),
        "rests_on": rests_on,
    }
    rests_on = "the largest count of views, over the sum of all, as shown"
    yield {"metric": METRICS[3], **_exactly(float(views.max()) / total), "n": len(part), "rests_on": rests_on} | _named(
        by_one, METRICS[3]
    )


def _outside(known: pd.DataFrame, origin: str | None) -> dict[str, Any]:
    """Return the share outside with its interval, over the posts whose region is known."""
    views = known["views"].to_numpy(dtype=float)
    if origin is None:
        return {"n": len(known), "rests_on": "the campaign file names no origin_region", "verdict": INSUFFICIENT}
    rests_on = f"views of posts with a region; origin {origin}"
    if not views.sum() or effective(views) < LEAST:
        return {"n": len(known), "rests_on": rests_on, "verdict": INSUFFICIENT}
    part = np.where(known["region"] == origin, 0.0, views)
    low, high = share(part, views)
    return {"value": float(part.sum() / views.sum()), "low": low, "high": high, "n": len(known), "rests_on": rests_on}


def _exactly(value: float) -> dict[str, float]:
    """Return what is no estimate as its own limits."""
    return dict.fromkeys(("value", "low", "high"), value)


def _withheld(told: dict[str, Any], metric: str, why: str = WITHHELD) -> dict[str, Any]:
    hidden_numbers = dict.fromkeys(("value", "low", "high", "n", "verdict"))
    return told | hidden_numbers | {"metric": metric, "rests_on": why, "suppressed": True}


def _named(row: dict[str, Any], metric: str) -> dict[str, Any]:
    return row | {"metric": metric}


def origin_region(con: duckdb.DuckDBPyConnection, parameters: Mapping[str, Any]) -> str | None:
    """Return the origin region of the campaign file as it was then; None where it names none."""
    found = con.execute(_ORIGIN, parameters).fetchall()
    return tomllib.loads(found[0][0]).get("origin_region") if found else None
