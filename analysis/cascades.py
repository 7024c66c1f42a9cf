"""What fed what: cascades out of stated shares, as aggregates; never one person's tree."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from analysis._cascade_rows import FIELDS, OF_POSTS, of_platform, planted
from analysis._disclosure import SMALL, WITHHELD, Crowd, Hidden, Table, suppress
from analysis._parents import DIRECT
from analysis._rows import COLUMNS
from analysis._scope import SCOPE
from analysis._time import TOLD, naive

_PLATFORM = ("platform",)
_VALUES = ("value", "low", "high", "n")
# The first stated parent counts; of several at once, what the post shares comes before what it answers. An edge that leads
# to another platform is a crossing, not a share. Parents that are not held stand as posts of which nothing is known.
_NODES = f"""
WITH {SCOPE}, mine AS MATERIALIZED (SELECT post_key, platform, account, published_at FROM scope),
stated AS (
    SELECT e.post_key, e.parent_key, e.relation, e.seen_at, h.post_key IS NOT NULL AS held
    FROM held.edge e JOIN mine s USING (post_key)
    LEFT JOIN mine h ON h.post_key = e.parent_key
    LEFT JOIN held.post p ON p.post_key = e.parent_key
         AND ($as_of::TIMESTAMP IS NULL OR p.first_seen_at <= $as_of::TIMESTAMP)
    WHERE ($as_of::TIMESTAMP IS NULL OR e.seen_at <= $as_of::TIMESTAMP)
      AND e.parent_key <> e.post_key AND coalesce(p.platform = s.platform, true)
), firsts AS MATERIALIZED (
    FROM stated QUALIFY row_number() OVER (PARTITION BY post_key
        ORDER BY seen_at, list_position(['repost', 'forward', 'quote', 'reply'], relation), parent_key) = 1
), direct AS (
    SELECT unnest($platforms) AS platform, unnest($relations) AS relation
), nodes AS (
    SELECT s.*, c.followers_log2, f.parent_key, d.relation IS NOT NULL AS direct, true AS held
    FROM mine s LEFT JOIN firsts f USING (post_key)
    LEFT JOIN direct d ON d.platform = s.platform AND d.relation = f.relation
    JOIN held.post_campaign c ON c.post_key = s.post_key AND c.campaign_id = (SELECT campaign_id FROM k)
    UNION ALL
    SELECT DISTINCT f.parent_key, s.platform, NULL, NULL::TIMESTAMP, NULL, NULL, false, false
    FROM firsts f JOIN mine s USING (post_key) WHERE NOT f.held
), numbered AS MATERIALIZED (
    SELECT *, row_number() OVER (PARTITION BY platform ORDER BY held, published_at NULLS LAST, post_key) - 1 AS number
    FROM nodes
)
SELECT n.platform, coalesce(p.number, -1) AS above, coalesce(NOT p.held, false) AS orphan, n.held, n.direct,
       n.account IS NOT NULL AS private, hash(n.account) AS account,
       epoch(n.published_at) AS published, n.followers_log2::DOUBLE AS followers
FROM numbered n LEFT JOIN numbered p ON p.post_key = n.parent_key AND p.platform = n.platform
ORDER BY n.platform, n.number"""
_UNTIL = f"""
WITH {SCOPE} SELECT epoch(max(seen_at)) FROM (
    SELECT max(first_seen_at) AS seen_at FROM scope UNION ALL
    SELECT max({TOLD}) FROM runs
    WHERE campaign = $campaign AND outcome IN ('answered', 'cut_short') AND ($as_of::TIMESTAMP IS NULL OR {TOLD} <= $as_of::TIMESTAMP))"""


def cascades(
    con: duckdb.DuckDBPyConnection, campaign: str, *, by: Sequence[str] = ("platform",), as_of: datetime | None = None
) -> pd.DataFrame:
    """Return for each platform what its cascades are like: size, depth, breadth, virality, reproduction, growth.

    What it says: means over the cascades that stated reposts, quotes, replies and forwards make of the posts we hold.
    What it does not say: who saw it where; what was shared without saying so; or anything about one cascade, or the
    largest, unless 5 accounts stand in it, and 5 in all others together. Shape (depth, breadth, virality, generations,
    reproduction) is told only of cascades whose every edge names the direct parent, which not every platform shows.
    Generation 10 holds all later ones.
    Formula: tree by first stated parent, cycles cut above their earliest post; virality 2W / (n (n - 1)), W = sum of
    s (n - s) (Goel et al., Management Science 62, 2016); reproduction: mean children of shares older than the 95 % point
    of the delay to a share; doubling ln 2 / r, r by Poisson regression over the last day; final size by SEISMIC (Zhao et
    al., KDD 2015) from followers to the power of two. Intervals of means are between cascades (Cochran 1977, ch. 6).
    Unknowns: a stated parent that we do not hold counts as a post above which nothing is known (its children are orphans);
    a post without a time counts in trees, not in rates; hours we did not watch may hide growth, see coverage.
    """
    if set(by) - {"platform"}:
        raise ValueError(f"cascades are by platform, not by {', '.join(name for name in by if name != 'platform')}")
    pairs = [(platform, relation) for platform, why in DIRECT.items() for relation in why]
    parameters = {"campaign": campaign, "as_of": naive(as_of)}
    known = {"platforms": [one for one, _ in pairs], "relations": [one for _, one in pairs]}
    nodes = con.execute(_NODES, parameters | known).df()
    until = con.execute(_UNTIL, parameters).fetchall()[0][0]
    woods = {
        str(platform): planted(group.reset_index(drop=True)) for platform, group in nodes.groupby("platform", sort=True)
    }
    found = [row for platform, wood in woods.items() for row in of_platform(platform, wood, until)]
    posts = pd.concat([wood.posts for wood in woods.values()]) if woods else planted(nodes).posts
    return _shown(pd.DataFrame(found, columns=list(FIELDS)), posts)


def _shown(frame: pd.DataFrame, posts: pd.DataFrame) -> pd.DataFrame:
    """Return the answer without what rests on fewer than five accounts: what is told of posts, cascades, generations."""
    frame = frame.astype({"value": float, "low": float, "high": float, "n": "Int64", "closed": bool})
    parts: list[pd.DataFrame] = []
    also: Hidden | None = None
    told = np.select([frame["metric"].isin(OF_POSTS), frame["generation"].notna()], ["held", "shaped"], "grown")
    for flag, keys in (("held", _PLATFORM), ("grown", _PLATFORM), ("shaped", (*_PLATFORM, "generation"))):
        tables = {
            keys[:size]: _crowds(posts[posts[flag].astype(bool)], keys[:size]) for size in range(1, len(keys) + 1)
        }
        rows, also = suppress(frame[told == flag].copy(), tables, values=_VALUES, also=also)
        parts.append(rows)
    done = pd.concat(parts).sort_index()
    done["suppressed"] |= done["closed"]
    done[list(_VALUES)] = done[list(_VALUES)].mask(done["suppressed"])
    done["rests_on"] = done["rests_on"].mask(done["suppressed"], WITHHELD)
    done["verdict"] = done["verdict"].astype(object).where(done["verdict"].notna() & ~done["suppressed"], None)
    keys_of = pd.Series([_named(row) for row in done.to_dict("records")], index=done.index, dtype=object)
    return done.assign(question="cascades", keys=keys_of)[list(COLUMNS)]


def _named(row: dict[Hashable, Any]) -> dict[str, Any]:
    generation = {} if pd.isna(row["generation"]) else {"generation": int(row["generation"])}
    return {"platform": row["platform"], **generation}


def _crowds(posts: pd.DataFrame, keys: Sequence[str]) -> Table:
    """Return the private accounts behind each cell."""
    private = posts[posts["private"]]
    return {
        cell: Crowd(len(accounts), frozenset(map(str, accounts)) if len(accounts) < SMALL else None)
        for cell, accounts in private.groupby(list(keys))["account"].unique().items()
        for cell in [cell if isinstance(cell, tuple) else (cell,)]
    }
