"""Where was it first, and when did it cross: the earliest evidence of each region, with its bounds."""

from __future__ import annotations

from datetime import datetime

import duckdb
import pandas as pd

from analysis._disclosure import crowds, suppress
from analysis._scope import SCOPE
from analysis._time import aware, naive

_TIMES = ("first_seen_at", "published_at", "last_unseen_at")
_KEYS = ("platform", "route", "region")

_SIGHTS = f"""
WITH {SCOPE}, sights AS (
    SELECT s.platform, 'listing' AS route, l.region, s.post_key, s.account, s.published_at,
           l.observed_at AS seen_at, l.rank, l.list, l.run_id
    FROM scope s JOIN held.listing l USING (post_key)
    WHERE l.region IS NOT NULL AND ($as_of::TIMESTAMP IS NULL OR l.observed_at <= $as_of::TIMESTAMP)
    UNION ALL
    SELECT platform, 'post', region, post_key, account, published_at, first_seen_at, NULL, NULL, run_id
    FROM scope WHERE region <> 'unknown'
)"""
# looked there before: an earlier run for this campaign that ended well and read the same list, or asked the same
_FIRST = f"""
{_SIGHTS}, firsts AS (
    SELECT platform, route, region, min(seen_at) AS first_seen_at, min(published_at) AS published_at,
           arg_min(rank, (seen_at, rank)) AS rank, arg_min(list, seen_at) AS list, arg_min(run_id, seen_at) AS run_id,
           count(DISTINCT post_key) AS posts, count(*) AS n
    FROM sights GROUP BY ALL
), answered AS (
    SELECT run_id, collector, mode, query, coalesce(window_to, started_at) AS seen_to FROM runs
    WHERE campaign = $campaign AND outcome = 'answered'
), looks AS (
    SELECT l.list, a.run_id, max(l.observed_at) AS seen_to
    FROM answered a JOIN held.listing l USING (run_id) GROUP BY ALL
), on_lists AS (
    SELECT f.platform, f.route, f.region, max(k.seen_to) AS seen_to FROM firsts f
    JOIN looks k ON k.list = f.list AND k.seen_to < f.first_seen_at WHERE f.route = 'listing' GROUP BY ALL
), by_asking AS (
    SELECT f.platform, f.route, f.region, max(b.seen_to) AS seen_to FROM firsts f
    JOIN answered a ON a.run_id = f.run_id AND a.mode <> 'load'
    JOIN answered b ON b.collector = a.collector AND b.mode = a.mode
        AND b.query IS NOT DISTINCT FROM a.query AND b.seen_to < f.first_seen_at
    WHERE f.route = 'post' GROUP BY ALL
)
SELECT f.region, f.platform, f.route, f.first_seen_at, f.published_at, u.seen_to AS last_unseen_at, f.rank, f.posts, f.n
FROM firsts f LEFT JOIN (FROM on_lists UNION ALL FROM by_asking) u USING (platform, route, region)
ORDER BY f.first_seen_at, f.region, f.platform, f.route"""


def first_seen(con: duckdb.DuckDBPyConnection, campaign: str, *, as_of: datetime | None = None) -> pd.DataFrame:
    """Return the earliest evidence of each region, platform and route (``listing``: its chart; ``post``: its posts).

    What it says: when we first saw it there, when at the earliest it can have been, and when we last looked in vain.
    What it does not say: when it came; that lies between last_unseen_at and first_seen_at, or before if nobody looked.
    A run that read the same list, or asked the same question, counts as having looked at every region of it.
    Formula: least time of n sightings up to ``as_of``; arrival is interval-censored (Turnbull, JRSS B 38, 1976).
    Unknowns: a post without a region is left out; last_unseen_at is empty where we had not looked.
    """
    parameters = {"campaign": campaign, "as_of": naive(as_of)}
    frame = con.execute(_FIRST, parameters).df().astype({"rank": "Int64", "posts": "Int64", "n": "Int64"})
    tables = crowds(con, _KEYS, f"{_SIGHTS} SELECT platform, route, region, account FROM sights", parameters)[0]
    frame, _ = suppress(frame, tables, values=(*_TIMES, "rank", "posts", "n"))
    return aware(frame, *_TIMES)
