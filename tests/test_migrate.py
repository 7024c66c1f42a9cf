"""Numbered steps: an empty file becomes the newest one, a newer one is refused, a failed step leaves no trace."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from spillover import migrate as steps
from spillover.config import Workspace
from spillover.errors import UsageError
from spillover.store import PUBLIC_VIEWS, Store

SCHEMAS = Path(__file__).parent / "recorded" / "schema"


def test_an_empty_file_gets_every_table_and_view(workspace: Workspace) -> None:
    store = Store(workspace)
    views = {row[0] for row in store.rows("SELECT view_name FROM duckdb_views() WHERE NOT internal")}
    store.close()
    assert views == PUBLIC_VIEWS


def test_opening_again_changes_nothing(workspace: Workspace) -> None:
    for _ in range(2):
        store = Store(workspace)
        assert store.rows("SELECT value FROM held.meta WHERE key = 'schema_version'") == [(str(steps.NEWEST),)]
        store.close()


def test_a_file_of_a_newer_program_is_refused_and_left_alone(workspace: Workspace) -> None:
    store = Store(workspace)
    store.rows("UPDATE held.meta SET value = '999' WHERE key = 'schema_version'")
    store.close()
    with pytest.raises(UsageError, match="install a newer spillover"):
        Store(workspace)


def test_a_step_that_fails_is_undone_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def half(db: duckdb.DuckDBPyConnection) -> None:
        db.execute("CREATE TABLE held.half (a INTEGER)")
        db.execute("SELECT no_such_column")

    db = released(1)
    monkeypatch.setattr(steps, "STEPS", (half,))
    with pytest.raises(duckdb.BinderException):
        steps.migrate(db)
    assert db.execute("SELECT value FROM held.meta WHERE key = 'schema_version'").fetchall() == [("1",)]
    assert db.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'half'").fetchall() == [(0,)]


def released(version: int) -> duckdb.DuckDBPyConnection:
    """Return a database as a released program made it."""
    db = duckdb.connect()
    db.execute((SCHEMAS / f"{version}.sql").read_text())
    db.execute("INSERT INTO held.meta VALUES ('schema_version', ?)", [str(version)])
    return db


def columns(db: duckdb.DuckDBPyConnection) -> list[tuple[str, ...]]:
    return db.execute(
        """SELECT schema_name, table_name, column_name, data_type, is_nullable FROM duckdb_columns()
           WHERE NOT internal ORDER BY schema_name, table_name, column_index"""
    ).fetchall()


@pytest.mark.parametrize("version", range(1, steps.NEWEST))
def test_an_older_file_ends_with_the_columns_of_a_new_one(version: int) -> None:
    old, new = released(version), duckdb.connect()
    steps.migrate(old)
    steps.migrate(new)
    assert columns(old) == columns(new)


def test_the_rows_of_an_older_file_stay() -> None:
    db = released(1)
    db.execute("INSERT INTO held.availability VALUES (1, '2026-01-01', 'r', 'api', 'up', NULL, 'stated', NULL, NULL)")
    db.execute(
        "INSERT INTO held.post (post_key, platform, id, policy, first_seen_at, last_seen_at) VALUES (1, 'youtube', 'x', 'youtube', '2026-01-01', '2026-01-01')"
    )
    steps.migrate(db)
    assert db.execute("SELECT id, status, said FROM availability").fetchall() == [("x", "up", None)]
    assert db.execute("SELECT id, status FROM statuses").fetchall() == [("x", "up")]
