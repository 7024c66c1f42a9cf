"""Take segments into the database, exactly once: ledger row and rows in one transaction, files deleted after it.

Two rules of DuckDB 2.0 shape this file. A table gets one INSERT a transaction, and never an empty one: an empty INSERT
followed by a large one into the same table hides rows from filters without an error. And DELETE then INSERT is 2 to 10
times faster than MERGE.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from spillover import segments
from spillover.derived import latest_sql, member_sql, pairs_sql, spread_sql
from spillover.drain_checks import AGAIN, CHECKS, FEWER, MORE, WATCH

if TYPE_CHECKING:
    import duckdb

_OPTIONAL = (
    "url", "kind", "title", "text", "published_at", "published_precision", "lang", "region", "region_basis", "duration_s", "hashtags", "links",
)  # fmt: skip
_DATED = ("published_at", "published_precision")
_EXACT = "coalesce(list_position(['day', 'hour', 'minute', 'second'], {}.published_precision), 0)"
_LAST = ", ".join(  # arg_max passes over NULL: the last one that was shown, and of dates the last of the most exact
    f"arg_max({c}, {f'({_EXACT}, seen_at)'.format('in_post') if c in _DATED else 'seen_at'}) AS {c}" for c in _OPTIONAL
)


def _merged(column: str) -> str:
    """Return SQL for a column of a post that is held (o) and came again (n): what was shown last, of dates the more exact."""
    older = "n.last_at < o.last_seen_at"
    if column in _DATED:
        new, old = _EXACT.format("n"), _EXACT.format("o")
        older = f"{new} < {old} OR ({new} = {old} AND {older})"
    return (
        f"CASE WHEN {older} THEN coalesce(o.{column}, n.{column}) ELSE coalesce(n.{column}, o.{column}) END AS {column}"
    )


_MERGED = ", ".join(map(_merged, _OPTIONAL))

_STAGE = {
    "t_post": f"""
        WITH n AS (
            SELECT post_key, any_value(platform) AS platform, any_value(id) AS id, {_LAST}, any_value(policy) AS policy,
                   min(seen_at) AS first_at, max(seen_at) AS last_at
            FROM in_post GROUP BY post_key)
        SELECT n.post_key, n.platform, n.id, {_MERGED}, coalesce(o.policy, n.policy) AS policy,
               least(o.first_seen_at, n.first_at) AS first_seen_at, greatest(o.last_seen_at, n.last_at) AS last_seen_at,
               o.post_key IS NOT NULL AND ((n.region IS NOT NULL AND n.region IS DISTINCT FROM o.region)
                                        OR (n.lang IS NOT NULL AND n.lang IS DISTINCT FROM o.lang)) AS moved
        FROM n LEFT JOIN held.post o USING (post_key)""",
    "t_pc": """
        WITH n AS (
            SELECT post_key, campaign_id, arg_max(role, role = 'match') AS role, any_value(author) AS author,
                   any_value(publisher) AS publisher, any_value(sealed) AS sealed, min(run_id) AS run_id,
                   max(followers_log2) AS followers_log2, min(seg) AS seg
            FROM in_post_campaign GROUP BY ALL)
        SELECT post_key, campaign_id, CASE WHEN o.role = 'match' OR (o.role = 'kept' AND n.role = 'control') THEN o.role ELSE n.role END AS role,
               coalesce(o.author, n.author) AS author, coalesce(o.publisher, n.publisher) AS publisher,
               coalesce(o.sealed, n.sealed) AS sealed, coalesce(o.run_id, n.run_id) AS run_id,
               coalesce(n.followers_log2, o.followers_log2) AS followers_log2,
               o.post_key IS NULL AS is_new, n.role IS DISTINCT FROM o.role AS changed, n.seg
        FROM n LEFT JOIN held.post_campaign o USING (post_key, campaign_id)""",
    # a reading is a duplicate when this campaign held the post at that moment already; it is stored once for all campaigns;
    # one of a post that nobody holds (a platform answers with what it was not asked for) is of no use
    "t_obs": """
        WITH known AS (
            SELECT post_key, observed_at, true AS held FROM held.observation
            WHERE observed_at BETWEEN (SELECT min(observed_at) FROM in_observation) AND (SELECT max(observed_at) FROM in_observation)
        )
        SELECT i.*, k.held IS NULL AND row_number() OVER (PARTITION BY i.post_key, i.observed_at ORDER BY seg) = 1 AS fresh,
               NOT i.aside AND ((k.held IS NOT NULL AND c.post_key IS NOT NULL) OR row_number()
                   OVER (PARTITION BY i.post_key, i.campaign_id, i.observed_at ORDER BY i.aside, seg) > 1) AS duplicate
        FROM (FROM in_observation SEMI JOIN (SELECT post_key FROM t_post UNION ALL SELECT post_key FROM held.post) USING (post_key)) i
        LEFT JOIN known k ON k.post_key = i.post_key AND k.observed_at = i.observed_at
        LEFT JOIN held.post_campaign c ON c.post_key = i.post_key AND c.campaign_id = i.campaign_id""",
    # the same match found again says nothing new
    "t_match": """
        SELECT DISTINCT ON (post_key, campaign_id, version, kind, term) * EXCLUDE (seg) FROM in_match i
        WHERE NOT EXISTS (FROM held.member m WHERE m.post_key = i.post_key AND m.campaign_id = i.campaign_id
                          AND m.version IS NOT DISTINCT FROM i.version AND m.kind IS NOT DISTINCT FROM i.kind
                          AND m.term IS NOT DISTINCT FROM i.term)
        ORDER BY matched_at""",
    "t_review": "SELECT * EXCLUDE (seg) FROM in_review",
    # posts whose earlier increments must be booked anew: another region, language or certainty, or a reading that came late
    "t_again": """
        SELECT DISTINCT post_key FROM held.post_latest l SEMI JOIN (
            SELECT post_key FROM t_post WHERE moved
            UNION ALL SELECT post_key FROM t_pc WHERE changed
            UNION ALL SELECT post_key FROM t_match UNION ALL SELECT post_key FROM t_review
            UNION ALL SELECT o.post_key FROM t_obs o JOIN held.post_latest x USING (post_key) WHERE o.fresh AND o.observed_at < x.observed_at
        ) USING (post_key)""",
    "t_minus": spread_sql(pairs_sql("(SELECT * FROM held.observation SEMI JOIN t_again USING (post_key))"), sign=-1),
    # one row for each post and campaign whose match, verdict or role may change, from what is held of it and what came
    "t_member": member_sql(
        """(SELECT post_key, campaign_id, role FROM t_pc
            UNION SELECT c.post_key, c.campaign_id, c.role FROM held.post_campaign c
                  SEMI JOIN (SELECT post_key, campaign_id FROM t_match UNION SELECT post_key, campaign_id FROM t_review) USING (post_key, campaign_id)
                  ANTI JOIN t_pc USING (post_key, campaign_id))""",
        """(SELECT post_key, campaign_id, version, kind, term, confidence, video, matched_at FROM t_match
            UNION ALL SELECT post_key, campaign_id, version, kind, term, confidence, video, matched_at FROM held.member
                      SEMI JOIN (SELECT post_key FROM t_pc UNION SELECT post_key FROM t_match UNION SELECT post_key FROM t_review) USING (post_key)
                      WHERE version IS NOT NULL)""",
        """(SELECT post_key, campaign_id, verdict, reviewed_at FROM t_review
            UNION ALL SELECT post_key, campaign_id, verdict, reviewed_at FROM held.member
                      SEMI JOIN (SELECT post_key FROM t_pc UNION SELECT post_key FROM t_match UNION SELECT post_key FROM t_review) USING (post_key)
                      WHERE verdict IS NOT NULL)""",
    ),
    "t_check": CHECKS,
    "t_recheck": AGAIN,
    "t_latest": latest_sql("(SELECT * FROM t_obs WHERE fresh)"),
    "t_pairs": pairs_sql(
        """(SELECT post_key, observed_at, views FROM t_obs WHERE fresh AND post_key NOT IN (FROM t_again)
            UNION ALL SELECT post_key, views_at, views FROM held.post_latest SEMI JOIN t_latest USING (post_key)
                      WHERE views IS NOT NULL AND post_key NOT IN (FROM t_again))"""
    ),
}  # fmt: skip

# what only grows, beside all that the stages above lead to: no other table changes with it
_APPENDED = {
    "listing": """
        SELECT DISTINCT ON (post_key, list, region, observed_at) * EXCLUDE (seg) FROM in_listing i
        WHERE NOT EXISTS (FROM held.listing l WHERE l.post_key = i.post_key AND l.list = i.list
                          AND l.region IS NOT DISTINCT FROM i.region AND l.observed_at = i.observed_at)""",
    "edge": """
        SELECT DISTINCT ON (post_key, parent_key, relation) * EXCLUDE (seg) FROM in_edge i
        WHERE NOT EXISTS (FROM held.edge e WHERE e.post_key = i.post_key AND e.parent_key = i.parent_key AND e.relation = i.relation)
        ORDER BY seen_at""",
    "control": """
        SELECT DISTINCT ON (campaign_id, post_key, control_key) * EXCLUDE (seg) FROM in_control i
        WHERE NOT EXISTS (FROM held.control c WHERE c.campaign_id = i.campaign_id AND c.post_key = i.post_key AND c.control_key = i.control_key)""",
    "measure": "SELECT * EXCLUDE (seg) FROM in_measure",
    "run": "SELECT * EXCLUDE (seg) FROM in_run",
    "checkpoint": "SELECT * EXCLUDE (seg) FROM in_checkpoint",
}  # fmt: skip
_STAGED = frozenset(("post", "post_campaign", "observation", "availability", "account", "match", "review"))

_LATER = ("m.{m}_at IS NULL OR n.{m}_at > m.{m}_at", ("{m}_at", "{m}", "{m}_low", "{m}_high"))
_MERGED_LATEST = ", ".join(
    f"CASE WHEN n.{m}_at IS NOT NULL AND ({_LATER[0].format(m=m)}) THEN n.{c.format(m=m)} ELSE m.{c.format(m=m)} END AS {c.format(m=m)}"
    for m in ("views", "likes", "shares", "comments")
    for c in _LATER[1]
)
_LATEST = f"""
    SELECT n.post_key, greatest(n.observed_at, m.observed_at) AS observed_at,
           least(n.first_observed_at, m.first_observed_at) AS first_observed_at,
           n.readings + coalesce(m.readings, 0) AS readings, {_MERGED_LATEST}
    FROM t_latest n LEFT JOIN held.post_latest m USING (post_key)"""
_REACH = f"""
    SELECT * FROM t_minus UNION ALL
    ({spread_sql(pairs_sql("(SELECT * FROM held.observation SEMI JOIN t_again USING (post_key))"))}) UNION ALL
    ({spread_sql("SELECT * FROM t_pairs")})"""
_LEDGER = """
    SELECT s.segment_id, now()::TIMESTAMP AS drained_at, s.rows, coalesce(o.fresh, 0) AS observations,
           coalesce(o.duplicates, 0) AS duplicates, coalesce(c.new_posts, 0) AS new_posts
    FROM in_segment s
    LEFT JOIN (SELECT seg, count(*) FILTER (fresh) AS fresh, count(*) FILTER (duplicate) AS duplicates FROM t_obs GROUP BY seg) o USING (seg)
    LEFT JOIN (SELECT seg, count(*) FILTER (is_new) AS new_posts FROM t_pc GROUP BY seg) c USING (seg)"""
_LEDGER_OF_RUNS = "SELECT segment_id, now()::TIMESTAMP AS drained_at, rows, 0 AS observations, 0 AS duplicates, 0 AS new_posts FROM in_segment"


def drain(cursor: duckdb.DuckDBPyConnection, spool: Path, *, max_rows: int = 400_000) -> int:
    """Take in the segments that wait, up to ``max_rows`` rows (some 300 MB of memory); return how many were taken.

    A crash before COMMIT changes nothing; a crash between COMMIT and the deletion of files is absorbed by the ledger.
    """
    files = segments.waiting(spool)
    if not files:
        return 0
    taken, fresh = _choose(cursor, files, max_rows)
    if fresh:
        cursor.execute("BEGIN")
        try:
            _take_in(cursor, fresh)
            cursor.execute("COMMIT")
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
    for path in taken:
        path.unlink()
    return len(taken)


def _choose(
    cursor: duckdb.DuckDBPyConnection, files: Sequence[Path], max_rows: int
) -> tuple[list[Path], list[tuple[str, dict[str, pa.Table]]]]:
    """Read segments until there are enough rows; leave out those that the ledger holds, set aside those that are torn."""
    ids = pa.table({"segment_id": [path.stem for path in files]})
    cursor.register("in_ids", ids)
    held = {
        row[0]
        for row in cursor.execute("SELECT segment_id FROM held.segment SEMI JOIN in_ids USING (segment_id)").fetchall()
    }
    cursor.unregister("in_ids")
    taken: list[Path] = []
    fresh: list[tuple[str, dict[str, pa.Table]]] = []
    rows = 0
    for path in files:
        if path.stem not in held:
            try:
                tables = segments.read(path)
            except ValueError:
                segments.set_aside(path)
                continue
            rows += sum(table.num_rows for table in tables.values())
            fresh.append((path.stem, tables))
        taken.append(path)
        if rows >= max_rows:
            break
    return taken, fresh


def _take_in(cursor: duckdb.DuckDBPyConnection, fresh: Sequence[tuple[str, dict[str, pa.Table]]]) -> None:
    came = {name for _, tables in fresh for name, table in tables.items() if table.num_rows}
    staged = bool(came & _STAGED)  # most segments only say how a run went: planning the rest takes 30 times as long
    _register(cursor, fresh, came | _STAGED if staged else came)
    if staged:
        _take_in_posts(cursor)
    for table, query in _APPENDED.items():
        if table in came:
            _insert(cursor, table, f"({query})")
    _insert(cursor, "segment", f"({_LEDGER if staged else _LEDGER_OF_RUNS})")


def _take_in_posts(cursor: duckdb.DuckDBPyConnection) -> None:
    """Take in posts and what is said of them, and bring the derived tables up to date."""
    for name, query in _STAGE.items():
        _stage(cursor, name, query)
    checked = bool(cursor.execute("FROM (SELECT 1 FROM t_check UNION ALL SELECT 1 FROM t_recheck) LIMIT 1").fetchall())
    if checked:
        _stage(cursor, "t_fewer", FEWER)
    _replace(cursor, "post", "(SELECT * EXCLUDE (moved) FROM t_post)", "post_key")
    _replace(cursor, "post_campaign", "(SELECT * EXCLUDE (is_new, changed, seg) FROM t_pc)", "post_key, campaign_id")
    _replace(cursor, "member", "t_member", "post_key, campaign_id")
    fresh = "SELECT * EXCLUDE (campaign_id, aside, seg, fresh, duplicate) FROM t_obs WHERE fresh"
    _insert(cursor, "observation", f"({fresh} ORDER BY post_key, observed_at)")
    _insert(cursor, "match", "t_match")
    _insert(cursor, "review", "t_review")
    _stage(cursor, "t_reach", _REACH)  # before post_latest moves on, after member and observation did
    _insert(cursor, "reach_hourly", "t_reach")
    _stage(cursor, "t_last", _LATEST)
    _replace(cursor, "post_latest", "t_last", "post_key")
    if checked:
        _take_in_checks(cursor)


def _take_in_checks(cursor: duckdb.DuckDBPyConnection) -> None:
    """Take in checks after the posts that they are of."""
    _insert(cursor, "availability", "t_check")
    _stage(cursor, "t_more", MORE)
    _insert(cursor, "run_controls", "t_more")
    _stage(cursor, "t_watch", WATCH)
    _replace(cursor, "watch", "t_watch", "post_key")


def _register(
    cursor: duckdb.DuckDBPyConnection, fresh: Sequence[tuple[str, dict[str, pa.Table]]], names: set[str]
) -> None:
    for name in names:
        parts = [
            tables[name].append_column("seg", pa.array([number] * tables[name].num_rows, pa.int32()))
            for number, (_, tables) in enumerate(fresh)
            if name in tables
        ]
        empty = segments.SCHEMAS[name].append(pa.field("seg", pa.int32())).empty_table()
        cursor.register(f"in_{name}", pa.concat_tables([empty, *parts]))
    ledger = {
        "segment_id": [segment_id for segment_id, _ in fresh],
        "rows": [sum(table.num_rows for table in tables.values()) for _, tables in fresh],
        "seg": pa.array(range(len(fresh)), pa.int32()),
    }
    cursor.register("in_segment", pa.table(ledger))


def _stage(cursor: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")


def _insert(cursor: duckdb.DuckDBPyConnection, table: str, source: str) -> None:
    if cursor.execute(f"SELECT 1 FROM {source} LIMIT 1").fetchall():
        cursor.execute(f"INSERT INTO held.{table} BY NAME SELECT * FROM {source}")


def _replace(cursor: duckdb.DuckDBPyConnection, table: str, source: str, key: str) -> None:
    """Put the rows of a source in the place of those with the same key."""
    same = " AND ".join(f"h.{column} = n.{column}" for column in key.split(", "))
    cursor.execute(f"DELETE FROM held.{table} h USING {source} n WHERE {same}")
    _insert(cursor, table, source)
