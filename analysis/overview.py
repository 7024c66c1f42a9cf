"""The first numbers of a campaign, each with what it rests on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import duckdb
import pandas as pd

from analysis._scope import SCOPE
from analysis._time import iso, naive
from analysis.reach import reach

_SEEN = f"""
WITH {SCOPE}, readings AS (
    SELECT count(*) AS readings, count(DISTINCT run_id) AS runs, max(observed_at) AS last_at
    FROM held.observation SEMI JOIN scope USING (post_key)
    WHERE $as_of::TIMESTAMP IS NULL OR observed_at <= $as_of::TIMESTAMP
), places AS (
    SELECT region FROM scope WHERE region <> 'unknown'
    UNION SELECT l.region FROM held.listing l SEMI JOIN scope USING (post_key)
    WHERE l.region IS NOT NULL AND ($as_of::TIMESTAMP IS NULL OR l.observed_at <= $as_of::TIMESTAMP)
)
SELECT (SELECT count(DISTINCT platform) FROM scope), (SELECT count(*) FROM places), readings, runs,
       (SELECT min(first_seen_at) FROM scope), last_at FROM readings"""


def headline(con: duckdb.DuckDBPyConnection, campaign: str, as_of: datetime | None = None) -> dict[str, dict[str, Any]]:
    """Return posts, platforms, regions, readings, first_seen_at, last_seen_at and known_views of each platform.

    What it says: how much we hold; each with value, n, rests_on and suppressed; known_views also low and high.
    What it does not say: how much there is; see coverage. Views are not added up over platforms.
    Formula: counts of posts, platforms, regions (of posts and of charts they stood on) and readings, up to ``as_of``.
    Unknowns: posts without a region count in none; platforms with too few accounts are left out of ``posts`` and said.
    """
    frame = reach(con, campaign, as_of=as_of)
    platforms, regions, readings, runs, first, last = con.execute(
        _SEEN, {"campaign": campaign, "as_of": naive(as_of)}
    ).fetchall()[0]
    posts = frame[frame["metric"] == "posts"]
    shown = posts[~posts["suppressed"]]
    kept_back = (
        f"; {len(posts) - len(shown)} platforms with too few accounts left out" if len(shown) < len(posts) else ""
    )
    total = int(shown["value"].sum()) if len(shown) or not len(posts) else None
    return {
        "posts": _cell(total, total, f"posts of {len(shown)} platforms{kept_back}", suppressed=total is None),
        "platforms": _cell(platforms, platforms, f"platforms with a post up to {iso(last)}"),
        "regions": _cell(regions, regions, "regions of posts, and of charts on which they stood"),
        "readings": _cell(readings, readings, f"readings in {runs} run{'' if runs == 1 else 's'}"),
        "first_seen_at": _cell(_utc(first), readings, "the earliest reading"),
        "last_seen_at": _cell(_utc(last), readings, "the latest reading"),
        "known_views": _views(frame[frame["metric"] == "known_views"]),
    }


def _cell(value: Any, n: int | None, rests_on: str, *, suppressed: bool = False) -> dict[str, Any]:
    return {"value": value, "n": n, "rests_on": rests_on, "suppressed": suppressed}


def _views(rows: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return the row of known views of each platform, with plain numbers or None."""
    names = ("value", "low", "high", "n", "rests_on", "suppressed")
    return {
        row["keys"]["platform"]: {name: None if pd.isna(row[name]) else row[name] for name in names}
        for row in rows.to_dict("records")
    }


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None
