"""On which lists did it stand, and when: places on charts and hot lists, by region, post and time."""

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
_POST_KEYS = ("platform", "id", "region")
_POST_TIMES = ("first_seen_at", "published_at", "last_unseen_at")
_POSTS = f"""
WITH {SCOPE}, places AS (
    SELECT s.platform, p.id, p.title, l.region, s.post_key, s.account, s.published_at, l.observed_at, l.rank, l.list
    FROM scope s JOIN held.listing l USING (post_key) JOIN held.post p USING (post_key)
    WHERE l.region IS NOT NULL AND ($as_of::TIMESTAMP IS NULL OR l.observed_at <= $as_of::TIMESTAMP)
)"""
# the same list was read before, by a run for this campaign that ended well, and this post was not seen there
_FIRST = f"""
{_POSTS}, firsts AS (
    SELECT platform, id, any_value(title) AS title, region, min(observed_at) AS first_seen_at,
           any_value(published_at) AS published_at, arg_min(list, observed_at) AS list, min(rank) AS best_rank, count(*) AS n
    FROM places GROUP BY platform, id, region
), looks AS (
    SELECT l.list, max(l.observed_at) AS seen_to FROM runs r JOIN held.listing l USING (run_id)
    WHERE r.campaign = $campaign AND r.outcome = 'answered' GROUP BY l.list, r.run_id
)
SELECT platform, id, title, region, first_seen_at, published_at, max(seen_to) AS last_unseen_at, best_rank, n
FROM firsts LEFT JOIN looks ON looks.list = firsts.list AND looks.seen_to < firsts.first_seen_at
GROUP BY ALL ORDER BY platform, id, first_seen_at, region"""


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
    step = width(grain)
    parameters = {"campaign": campaign, "as_of": None, "since": naive(since), "until": naive(until), "step": step}
    frame = con.execute(
        f"""{_PLACES} SELECT start, region, platform, count(DISTINCT post_key) AS posts, min(rank) AS best_rank
        FROM places GROUP BY ALL ORDER BY start, region, platform""",
        parameters,
    ).df()
    frame = frame.astype({"posts": "Int64", "best_rank": "Int64"})
    query = f"{_PLACES} SELECT platform, region, start, account FROM places"
    frame, _ = suppress(frame, crowds(con, _KEYS, query, parameters)[0], values=("posts", "best_rank"))
    return aware(frame, "start")


def first_by_post(con: duckdb.DuckDBPyConnection, campaign: str, *, as_of: datetime | None = None) -> pd.DataFrame:
    """Return for each post and region when it was first on a list there: id, title, the times, best_rank, n, suppressed.

    What it says: when one post was first seen on lists of each region, and when we last read the list in vain.
    What it does not say: when it came there; that lies between last_unseen_at and first_seen_at.
    Formula: least time of n readings up to ``as_of``; arrival is interval-censored (Turnbull, JRSS B 38, 1976).
    Unknowns: last_unseen_at is empty where the list was not read before (left-censored).
    """
    parameters = {"campaign": campaign, "as_of": naive(as_of)}
    frame = con.execute(_FIRST, parameters).df().astype({"best_rank": "Int64", "n": "Int64"})
    query = f"{_POSTS} SELECT platform, id, region, account FROM places"
    frame, _ = suppress(
        frame, crowds(con, _POST_KEYS, query, parameters)[0], values=("title", *_POST_TIMES, "best_rank", "n")
    )
    return aware(frame, *_POST_TIMES)
