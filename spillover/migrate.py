"""Numbered steps from any older database to this one."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from typing import TYPE_CHECKING

from spillover.errors import UsageError

if TYPE_CHECKING:
    import duckdb

Step = Callable[["duckdb.DuckDBPyConnection"], None]


def _first_schema(db: duckdb.DuckDBPyConnection) -> None:
    db.execute(resources.files("spillover").joinpath("schema.sql").read_text("utf-8"))


STEPS: tuple[Step, ...] = (_first_schema,)  # step n leads from version n-1 to n; a released step never changes


def migrate(db: duckdb.DuckDBPyConnection) -> None:
    """Bring the database to the newest version, a transaction a step; raise UsageError when it comes from a newer program."""
    version = _version(db)
    if version > len(STEPS):
        raise UsageError(
            f"this database has version {version}, this program knows {len(STEPS)}: install a newer spillover"
        )
    for number in range(version, len(STEPS)):
        db.execute("BEGIN")
        try:
            STEPS[number](db)
            db.execute("INSERT OR REPLACE INTO held.meta VALUES ('schema_version', ?)", [str(number + 1)])
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise


def _version(db: duckdb.DuckDBPyConnection) -> int:
    known = db.execute(
        "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'held' AND table_name = 'meta'"
    ).fetchall()
    if not known[0][0]:
        return 0
    rows = db.execute("SELECT value FROM held.meta WHERE key = 'schema_version'").fetchall()
    return int(rows[0][0]) if rows else 0
