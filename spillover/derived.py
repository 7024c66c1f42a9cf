"""The derived tables: what each is, in one SQL definition over the append-only tables, and how they are made again.

The drain keeps them up to date row by row; ``rebuild`` makes them from nothing; ``differences`` proves both equal.
All sums are of whole numbers, so equal means equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

METRICS = ("views", "likes", "shares", "comments")

BAND = """
CASE WHEN role = 'control' THEN role WHEN verdict = 'reject' THEN 'rejected' WHEN verdict = 'accept' THEN 'reviewed'
     WHEN kind IS NULL AND version IS NOT NULL THEN 'dropped' WHEN kind IS NULL THEN role
     WHEN confidence >= 0.9 THEN 'high' WHEN confidence >= 0.6 THEN 'medium' ELSE 'low' END"""


def member_sql(post_campaign: str, match: str, review: str) -> str:
    """Return the query for held.member over these relations: of one post and campaign the last match and verdict count."""
    return f"""
    WITH m AS (
        SELECT post_key, campaign_id, unnest(arg_max(
            {{'version': version, 'kind': kind, 'term': term, 'confidence': confidence, 'video': video, 'matched_at': matched_at}},
            (version, matched_at, confidence, coalesce(term, ''))))
        FROM {match} GROUP BY post_key, campaign_id
    ), r AS (
        SELECT post_key, campaign_id, arg_max(verdict, (reviewed_at, verdict)) AS verdict, max(reviewed_at) AS reviewed_at
        FROM {review} GROUP BY post_key, campaign_id
    )
    SELECT post_key, campaign_id, role, version, kind, term, confidence, video, matched_at, verdict, reviewed_at, {BAND} AS band
    FROM {post_campaign} LEFT JOIN m USING (post_key, campaign_id) LEFT JOIN r USING (post_key, campaign_id)"""


def latest_sql(observation: str) -> str:
    """Return the query for held.post_latest over this relation: per metric the last known value."""
    last = ", ".join(
        f"max(observed_at) FILTER ({m} IS NOT NULL) AS {m}_at, "
        + ", ".join(
            f"arg_max_null({m}{b}, observed_at) FILTER ({m} IS NOT NULL) AS {m}{b}" for b in ("", "_low", "_high")
        )
        for m in METRICS
    )
    return f"""
    SELECT post_key, max(observed_at) AS observed_at, min(observed_at) AS first_observed_at, count(*)::INTEGER AS readings, {last}
    FROM {observation} GROUP BY post_key"""


def pairs_sql(readings: str) -> str:
    """Return the query for the increments between consecutive known readings: post_key, t0, v0, t1, v1.

    The first known reading of a post is a baseline and makes no increment; after the last one nothing is known.
    """
    return f"""
    SELECT post_key, lag(observed_at) OVER w AS t0, lag(views) OVER w AS v0, observed_at AS t1, views AS v1
    FROM {readings} WHERE views IS NOT NULL
    WINDOW w AS (PARTITION BY post_key ORDER BY observed_at)
    QUALIFY t0 IS NOT NULL"""


def spread_sql(pairs: str, sign: int = 1) -> str:
    """Return the query for held.reach_hourly over increments: each is spread evenly over the time between its two readings.

    An hour gets the difference of the interpolated, whole-numbered counter at its two ends, so the hours of one increment
    add up to it exactly. Counters that fall give negative hours.
    """
    return f"""
    WITH p AS (SELECT post_key, epoch_us(t0) AS t0, epoch_us(t1) AS t1, (v1 - v0)::HUGEINT AS dv FROM ({pairs})),
    h AS (
        SELECT post_key, t0, t1, dv, unnest(range(t0 - t0 % 3600000000, t1, 3600000000)) AS h0 FROM p
    ), parts AS (
        SELECT post_key, make_timestamp(h0) AS hour,
            (dv * (least(h0 + 3600000000, t1) - t0) // (t1 - t0) - dv * (greatest(h0, t0) - t0) // (t1 - t0))::BIGINT AS views
        FROM h
    )
    SELECT hour, campaign_id, platform, coalesce(region, 'unknown') AS region, coalesce(lang, 'unknown') AS lang, band,
        ({sign} * sum(views))::BIGINT AS views, ({sign} * count(*))::BIGINT AS increments
    FROM parts JOIN held.post USING (post_key) JOIN held.member USING (post_key) GROUP BY ALL"""


def watch_sql(availability: str) -> str:
    """Return the query for held.watch over this relation: what the checks of each post say together."""
    up = "status = 'up' OR (status = 'withheld' AND NOT coalesce(len(allowed_in) = 0, false))"
    return f"""
    SELECT post_key, count(*) AS checks, count(*) FILTER (status = 'unknown' AND basis <> 'absent') AS unread,
           min(checked_at) FILTER ({up}) AS first_up_at, max(checked_at) FILTER ({up}) AS last_up_at,
           max(checked_at) AS last_checked_at, arg_max(status, (checked_at, status)) AS last_status
    FROM {availability} WHERE vantage <> 'archive' GROUP BY post_key"""


def controls_sql(availability: str, sign: int = 1, counted: str = "true") -> str:
    """Return the query for held.run_controls over this relation: of each run, the controls it found up, and those it missed."""
    return f"""
    SELECT run_id, ({sign} * count(*) FILTER (up))::BIGINT AS up, ({sign} * count(*) FILTER (missed))::BIGINT AS missed
    FROM (
        SELECT *, status = 'up' AS up,
               basis = 'absent' AND lag(status) OVER (PARTITION BY post_key ORDER BY checked_at, status) = 'up' AS missed
        FROM {availability} SEMI JOIN (FROM held.post_campaign WHERE role = 'control') USING (post_key) WHERE vantage <> 'archive')
    WHERE {counted} GROUP BY run_id HAVING bool_or(up) OR bool_or(missed)"""


DEFINITIONS = {
    "member": member_sql("held.post_campaign", "held.match", "held.review"),
    "post_latest": latest_sql("held.observation"),
    "reach_hourly": spread_sql(pairs_sql("held.observation")),
    "watch": watch_sql("held.availability"),
    "run_controls": controls_sql("held.availability"),
}
_TOTALS = {  # reach_hourly and run_controls hold partial sums
    "member": "SELECT * FROM held.member",
    "post_latest": "SELECT * FROM held.post_latest",
    "reach_hourly": """
        SELECT hour, campaign_id, platform, region, lang, band, sum(views)::BIGINT AS views, sum(increments)::BIGINT AS increments
        FROM held.reach_hourly GROUP BY ALL HAVING sum(views) <> 0 OR sum(increments) <> 0""",
    "watch": "SELECT * FROM held.watch",
    "run_controls": """
        SELECT run_id, sum(up)::BIGINT AS up, sum(missed)::BIGINT AS missed FROM held.run_controls GROUP BY run_id
        HAVING sum(up) <> 0 OR sum(missed) <> 0""",
}


def rebuild(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make every derived table again from the append-only ones, in one transaction a table."""
    for name, definition in DEFINITIONS.items():
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE again AS {definition}")
        cursor.execute("BEGIN")
        cursor.execute(f"DELETE FROM held.{name}")
        if cursor.execute("SELECT count(*) FROM again").fetchall()[0][0]:
            cursor.execute(f"INSERT INTO held.{name} BY NAME SELECT * FROM again")
        cursor.execute("COMMIT")
    cursor.execute("DROP TABLE again")


def differences(cursor: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return for each derived table in how many rows it differs from its definition; all 0 when sound."""
    found = {}
    for name, definition in DEFINITIONS.items():
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE want AS {definition}")
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE have AS {_TOTALS[name]}")
        found[name] = cursor.execute(
            """SELECT (SELECT count(*) FROM (SELECT * FROM want EXCEPT ALL SELECT * FROM have))
                    + (SELECT count(*) FROM (SELECT * FROM have EXCEPT ALL SELECT * FROM want))"""
        ).fetchall()[0][0]
    cursor.execute("DROP TABLE want")
    cursor.execute("DROP TABLE have")
    return found
