"""The database: opened for writing by one process at a time, here and nowhere else."""

from __future__ import annotations

import os
import threading
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from spillover import derived
from spillover.campaign import Campaign
from spillover.config import Workspace
from spillover.drain import drain
from spillover.errors import Busy, UsageError
from spillover.expiry import expire
from spillover.migrate import migrate
from spillover.policies import Policies

PUBLIC_VIEWS = frozenset(
    (
        "campaigns",
        "posts",
        "observations",
        "availability",
        "listings",
        "matches",
        "reviews",
        "runs",
        "latest",
        "reach_hourly",
        "edges",
        "controls",
        "measures",
        "statuses",
        "alerts",
        "deliveries",
    )
)
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,  # nothing is ever fetched
    "autoload_known_extensions": False,
    "enable_external_access": False,  # SQL reads our tables, never a file or an address
    "python_enable_replacements": False,  # a Python variable is never taken for a table
    "preserve_insertion_order": False,  # halves the memory of large inserts
}


def campaign_id(name: str) -> int:
    """Return the number of a campaign: a checksum of its name, so that any host knows it without asking."""
    return zlib.crc32(name.encode()) & 0x7FFFFFFF


class Store:
    """One open database. Cursors are cheap; use one for each thread."""

    def __init__(self, workspace: Workspace, *, memory_limit: str = "") -> None:
        self.workspace = workspace
        settings = dict(_SETTINGS, memory_limit=os.environ.get("SPILLOVER_MEMORY_LIMIT") or memory_limit or "2GB")
        try:
            self._db = duckdb.connect(str(workspace.database), config=settings)
        except duckdb.IOException as error:
            raise _explain(workspace.database, error) from error
        self._write = threading.Lock()
        self.version = 0  # grows with every committed change
        self._db.execute("SET TimeZone = 'UTC'")
        migrate(self._db)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor; the caller closes it."""
        return self._db.cursor()

    def close(self) -> None:
        """Close the file; what was committed is in it."""
        with self._write:
            self._db.close()

    def drain(self) -> int:
        """Take in every segment that waits; return how many."""
        total = 0
        with self._write, self.cursor() as cursor:
            while taken := drain(cursor, self.workspace.spool):
                total += taken
                self.version += 1
        return total

    def drained(self, segment_ids: list[str]) -> dict[str, int]:
        """Return what came of these segments: found, observations, duplicates, new_posts."""
        names = ("found", "observations", "duplicates", "new_posts")
        sums = "count(*), coalesce(sum(observations), 0), coalesce(sum(duplicates), 0), coalesce(sum(new_posts), 0)"
        row = self.rows(f"SELECT {sums} FROM held.segment WHERE segment_id IN (SELECT unnest(?))", [segment_ids])[0]
        return dict(zip(names, map(int, row), strict=True))

    def rows(self, query: str, parameters: list[Any] | dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Return the rows of a query of our own."""
        with self.cursor() as cursor:
            return cursor.execute(query, parameters or []).fetchall()

    def append(self, table: str, rows: list[dict[str, Any]]) -> None:
        """Add rows to an append-only table, all or none; they are on disk when this returns."""
        if not rows:
            return
        names = ", ".join(rows[0])
        marks = ", ".join(f"${name}" for name in rows[0])
        with self._write, self.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.executemany(f"INSERT INTO held.{table} ({names}) VALUES ({marks})", rows)
            cursor.execute("COMMIT")
            self.version += 1

    def save_campaign(self, campaign: Campaign) -> int:
        """Take in a campaign file: a new version when its text changed. Return the version that holds."""
        key = campaign_id(campaign.name)
        now = datetime.now(UTC).replace(tzinfo=None)
        with self._write:
            last = self.rows(
                "SELECT version, source FROM held.campaign_version WHERE campaign_id = ? ORDER BY version DESC LIMIT 1",
                [key],
            )
            if last and last[0][1] == campaign.source:
                return int(last[0][0])
            version = last[0][0] + 1 if last else 1
            with self.cursor() as cursor:
                cursor.execute("BEGIN")
                if not last:
                    cursor.execute(
                        "INSERT INTO held.campaign VALUES (?, ?, 'active', ?, ?)",
                        [key, campaign.name, campaign.live, now],
                    )
                values = [key, version, campaign.title, campaign.source, now]
                cursor.execute("INSERT INTO held.campaign_version VALUES (?, ?, ?, ?, ?)", values)
                cursor.execute("COMMIT")
            self.version += 1
        return int(version)

    def set_campaign(self, name: str, *, state: str | None = None, live: bool | None = None) -> None:
        """Pause, resume or archive a campaign, or switch its live collection."""
        with self._write, self.cursor() as cursor:
            found = cursor.execute(
                "UPDATE held.campaign SET state = coalesce(?, state), live = coalesce(?, live) WHERE name = ? RETURNING name",
                [state, live, name],
            ).fetchall()
            self.version += 1
        if not found:
            raise UsageError(f"no campaign {name!r}; see: spillover campaign list")

    def checkpoint(self, collector: str, mode: str, campaign: int, query: str) -> str | None:
        """Return where a collector has to go on, or None."""
        found = self.rows(
            """SELECT arg_max_null(cursor, saved_at) FROM held.checkpoint
               WHERE collector = ? AND mode = ? AND campaign_id = ? AND query = ?""",
            [collector, mode, campaign, query],
        )
        return None if not found else found[0][0]

    def differences(self) -> dict[str, int]:
        """Return for each derived table in how many rows it differs from what the base tables say."""
        with self._write, self.cursor() as cursor:
            return derived.differences(cursor)

    def expire(self, policies: Policies, now: datetime) -> list[dict[str, Any]]:
        """Erase what platforms' terms no longer let us hold; return how much of what."""
        with self._write, self.cursor() as cursor:
            done = expire(cursor, policies, now)
            self.version += bool(done)
            return done

    def rebuild(self) -> None:
        """Make the derived tables again."""
        with self._write, self.cursor() as cursor:
            derived.rebuild(cursor)
            self.version += 1


def _explain(path: Path, error: duckdb.IOException) -> Exception:
    if "lock" in str(error).lower():
        return Busy(f"{path}: another process has this database open; stop it, or talk to it with the same --workspace")
    return UsageError(f"{path}: {error}")
