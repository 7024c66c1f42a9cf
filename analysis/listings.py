"""On which lists did it stand, and when: places on charts and hot lists, by region and time."""

from __future__ import annotations

from datetime import datetime

import duckdb
import pandas as pd

from analysis._disclosure import crowds, suppress
from analysis._scope import SCOPE
from analysis._time import aware, naive, width

_KEYS = ("platform", "region", "start")
_PLACES = f"""
WITH {SCOPE}, places AS (
    SELECT s.platform, l.region, time_bucket($step::INTERVAL, l.observed_at) AS start, s.post_key, s.account, l.rank
    FROM scope s JOIN held.listing l USING (post_key)
    WHERE l.region IS NOT NULL
      AND l.observed_at >= coalesce($since::TIMESTAMP, '-infinity')
      AND l.observed_at < coalesce($until::TIMESTAMP, 'infinity')
)"""


def on_lists(
    con: duckdb.DuckDBPyConnection,
    campaign: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    grain: str = "day",
) -> pd.DataFrame:
    """Return how many posts stood on a region's lists in each step: start, region, platform, posts, best_rank, suppressed.

    What it says: the posts of this campaign that we read on a chart or hot list of the region, and the best place held.
    What it does not say: how many people of the region saw them, or anything of a step without a reading.
    Formula: count of different posts with a reading in the step; the least rank among them.
    Unknowns: a step without a row was not read, or held none of the posts; coverage tells these apart.
    """
    parameters = {
        "campaign": campaign, "as_of": None, "since": naive(since), "until": naive(until), "step": width(grain),
    }  # fmt: skip
    frame = con.execute(
        f"""{_PLACES} SELECT start, region, platform, count(DISTINCT post_key) AS posts, min(rank) AS best_rank
        FROM places GROUP BY ALL ORDER BY start, region, platform""",
        parameters,
    ).df()
    frame = frame.astype({"posts": "Int64", "best_rank": "Int64"})
    query = f"{_PLACES} SELECT platform, region, start, account FROM places"
    frame, _ = suppress(frame, crowds(con, _KEYS, query, parameters)[0], values=("posts", "best_rank"))
    return aware(frame, "start")
