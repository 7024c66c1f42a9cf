"""Erase what a platform's terms no longer let us hold, and write down how much: never what.

Two rules. What was not read again for ``storage_days`` loses its words, and older readings go. A post that is stated to
be gone loses its words, its author and its address ``forget_h`` after; that it was there and went stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from spillover.derived import rebuild
from spillover.policies import Policies, Policy

if TYPE_CHECKING:
    import duckdb

_FORGOTTEN = """
UPDATE held.post SET title = NULL, text = NULL, url = NULL, hashtags = NULL, links = NULL, id = 'forgotten:' || to_hex(post_key)
WHERE post_key IN (SELECT post_key FROM t_keys) RETURNING post_key"""
_NAMELESS = """
UPDATE held.post_campaign SET author = NULL, publisher = NULL, sealed = NULL
WHERE post_key IN (SELECT post_key FROM t_keys) AND (author IS NOT NULL OR publisher IS NOT NULL OR sealed IS NOT NULL)
RETURNING post_key"""
_GONE = """
CREATE OR REPLACE TEMP TABLE t_keys AS
SELECT p.post_key FROM statuses s JOIN held.post p USING (post_key)
WHERE p.policy = $policy AND s.status = 'gone' AND list_contains($causes, s.cause)
  AND coalesce(s.confirmed_at, s.first_missing_at, s.last_checked_at) <= $before AND NOT starts_with(p.id, 'forgotten:')"""
_STALE = """
CREATE OR REPLACE TEMP TABLE t_keys AS
SELECT post_key FROM held.post WHERE policy = $policy AND last_seen_at < $before AND NOT starts_with(id, 'forgotten:')"""
_OLD = """
DELETE FROM held.{table} WHERE {moment} < $before
AND post_key IN (SELECT post_key FROM held.post WHERE policy = $policy) RETURNING post_key"""
_OVERDUE = """
SELECT count(*) FROM held.observation SEMI JOIN (FROM held.post WHERE policy = $policy) USING (post_key) WHERE observed_at < $before"""
_READINGS = {"observation": "observed_at", "availability": "checked_at", "listing": "observed_at"}


def expire(cursor: duckdb.DuckDBPyConnection, policies: Policies, now: datetime) -> list[dict[str, Any]]:
    """Erase what is due by ``now`` and return a row for each thing erased: policy, what, rows, reason."""
    moment = now.replace(tzinfo=None)
    held = [row[0] for row in cursor.execute("SELECT DISTINCT policy FROM held.post ORDER BY 1").fetchall()]
    cursor.execute("BEGIN")
    try:
        done = [row for name in held for row in _of_policy(cursor, name, policies.of(name), moment)]
        if done:
            rows = [(moment, row["policy"], row["what"], row["rows"], row["reason"]) for row in done]
            cursor.executemany("INSERT INTO held.expiry VALUES (?, ?, ?, ?, ?)", rows)
        cursor.execute("COMMIT")
    except BaseException:
        cursor.execute("ROLLBACK")
        raise
    if any(row["what"] in ("observation", "availability") for row in done):
        rebuild(cursor)  # sums of what is erased go with it
    return done


def overdue(cursor: duckdb.DuckDBPyConnection, policies: Policies, now: datetime) -> list[dict[str, Any]]:
    """Return how many readings are older than each policy allows, where there are any: policy, readings, storage_days."""
    found = []
    for (name,) in cursor.execute("SELECT DISTINCT policy FROM held.post ORDER BY 1").fetchall():
        if days := policies.of(name).storage_days:
            values = {"policy": name, "before": now.replace(tzinfo=None) - timedelta(days=days)}
            readings = cursor.execute(_OVERDUE, values).fetchall()[0][0]
            found.append({"policy": name, "readings": readings, "storage_days": days})
    return [row for row in found if row["readings"]]


def _of_policy(cursor: duckdb.DuckDBPyConnection, name: str, policy: Policy, now: datetime) -> Iterator[dict[str, Any]]:
    def erased(what: str, reason: str, query: str, values: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if rows := len(cursor.execute(query, values or None).fetchall()):
            yield {"policy": name, "what": what, "rows": rows, "reason": reason}

    if policy.forget_causes:
        before, reason = now - timedelta(hours=policy.forget_h), f"gone for {policy.forget_h} hours"
        values = {"policy": name, "causes": list(policy.forget_causes), "before": before}
        cursor.execute(_GONE, values)
        yield from erased("author", reason, _NAMELESS, {})
        yield from erased("post", reason, _FORGOTTEN, {})
    if policy.storage_days:
        before, reason = now - timedelta(days=policy.storage_days), f"not read again for {policy.storage_days} days"
        cursor.execute(_STALE, {"policy": name, "before": before})
        yield from erased("author", reason, _NAMELESS, {})
        yield from erased("post", reason, _FORGOTTEN, {})
        for table, column in _READINGS.items():
            query = _OLD.format(table=table, moment=column)
            yield from erased(
                table, f"older than {policy.storage_days} days", query, {"policy": name, "before": before}
            )
