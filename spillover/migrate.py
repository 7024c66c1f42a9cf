"""Numbered steps from any older database to this one."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from typing import TYPE_CHECKING

from spillover.derived import DEFINITIONS
from spillover.errors import UsageError

if TYPE_CHECKING:
    import duckdb

Step = Callable[["duckdb.DuckDBPyConnection"], None]


def _widen_the_seam(db: duckdb.DuckDBPyConnection) -> None:
    """Runs say lag and cost, checks their words; edges, controls, measures and expiries get their tables."""
    for addition in (
        "run ADD COLUMN lag_s DOUBLE",
        "run ADD COLUMN spent VARCHAR",
        "post_campaign ADD COLUMN followers_log2 TINYINT",
        "availability ADD COLUMN said VARCHAR",
        "availability ADD COLUMN evidence VARCHAR",
    ):
        db.execute(f"ALTER TABLE held.{addition}")
    for table in (
        """edge (post_key BIGINT NOT NULL, parent_key BIGINT NOT NULL, relation VARCHAR NOT NULL, seen_at TIMESTAMP NOT NULL,
            run_id VARCHAR NOT NULL)""",
        """control (campaign_id INTEGER NOT NULL, post_key BIGINT NOT NULL, control_key BIGINT NOT NULL, agrees VARCHAR[] NOT NULL,
            run_id VARCHAR NOT NULL)""",
        """measure (campaign_id INTEGER NOT NULL, collector VARCHAR NOT NULL, series VARCHAR NOT NULL, subject VARCHAR NOT NULL,
            unit VARCHAR NOT NULL, region VARCHAR, lang VARCHAR, since TIMESTAMP NOT NULL, until TIMESTAMP NOT NULL, value DOUBLE,
            read_at TIMESTAMP NOT NULL, run_id VARCHAR NOT NULL)""",
        """expiry (expired_at TIMESTAMP NOT NULL, policy VARCHAR NOT NULL, what VARCHAR NOT NULL, rows BIGINT NOT NULL,
            reason VARCHAR NOT NULL)""",
    ):
        db.execute(f"CREATE TABLE held.{table}")


def _keep_alerts(db: duckdb.DuckDBPyConnection) -> None:
    """Events that people are told of, and each attempt to tell them, get their tables."""
    db.execute(
        """CREATE TABLE held.alert (event_key VARCHAR NOT NULL, campaign_id INTEGER NOT NULL, kind VARCHAR NOT NULL,
            series VARCHAR NOT NULL, keys VARCHAR NOT NULL, since TIMESTAMP NOT NULL, told_by VARCHAR, title VARCHAR NOT NULL,
            text VARCHAR NOT NULL, rests_on VARCHAR NOT NULL, raised_at TIMESTAMP NOT NULL)"""
    )
    db.execute(
        """CREATE TABLE held.delivery (event_key VARCHAR NOT NULL, target VARCHAR NOT NULL, attempt INTEGER NOT NULL,
            outcome VARCHAR NOT NULL, reason VARCHAR, at_ TIMESTAMP NOT NULL, retry_at TIMESTAMP)"""
    )


def _add_up_checks(db: duckdb.DuckDBPyConnection) -> None:
    """Checks are added up by post, and controls by run, as readings have been."""
    for table, columns in {
        "watch": """post_key BIGINT NOT NULL, checks BIGINT NOT NULL, unread BIGINT NOT NULL, first_up_at TIMESTAMP,
            last_up_at TIMESTAMP, last_checked_at TIMESTAMP NOT NULL, last_status VARCHAR NOT NULL""",
        "run_controls": "run_id VARCHAR NOT NULL, up BIGINT NOT NULL, missed BIGINT NOT NULL",
    }.items():
        db.execute(f"CREATE TABLE held.{table} ({columns})")
        db.execute(f"INSERT INTO held.{table} BY NAME {DEFINITIONS[table]}")


def _answer_faster_and_tell(db: duckdb.DuckDBPyConnection) -> None:
    """Both came with one release."""
    _keep_alerts(db)
    _add_up_checks(db)


STEPS: tuple[Step, ...] = (
    _widen_the_seam,
    _answer_faster_and_tell,
)  # step n leads from version n to n+1; a released step never changes
NEWEST = len(STEPS) + 1


def migrate(db: duckdb.DuckDBPyConnection) -> None:
    """Bring the database to the newest version, a transaction a step; raise UsageError when it comes from a newer program."""
    version = _version(db)
    if version > NEWEST:
        raise UsageError(f"this database has version {version}, this program knows {NEWEST}: install a newer spillover")
    if version == 0:
        _in_one(db, _make, NEWEST)
    for number in range(version, NEWEST) if version else ():
        _in_one(db, STEPS[number - 1], number + 1)
    db.execute(_read("views.sql"))


def _make(db: duckdb.DuckDBPyConnection) -> None:
    db.execute(_read("schema.sql"))


def _in_one(db: duckdb.DuckDBPyConnection, step: Step, version: int) -> None:
    db.execute("BEGIN")
    try:
        step(db)
        db.execute("INSERT OR REPLACE INTO held.meta VALUES ('schema_version', ?)", [str(version)])
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def _read(name: str) -> str:
    return resources.files("spillover").joinpath(name).read_text("utf-8")


def _version(db: duckdb.DuckDBPyConnection) -> int:
    known = db.execute(
        "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'held' AND table_name = 'meta'"
    ).fetchall()
    if not known[0][0]:
        return 0
    rows = db.execute("SELECT value FROM held.meta WHERE key = 'schema_version'").fetchall()
    return int(rows[0][0]) if rows else 0
