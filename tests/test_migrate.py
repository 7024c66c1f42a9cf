"""Numbered steps: an empty file becomes the newest one, a newer one is refused, a failed step leaves no trace."""

from __future__ import annotations

import duckdb
import pytest

from spillover import migrate as steps
from spillover.config import Workspace
from spillover.errors import UsageError
from spillover.store import PUBLIC_VIEWS, Store


def test_an_empty_file_gets_every_table_and_view(workspace: Workspace) -> None:
    store = Store(workspace)
    views = {row[0] for row in store.rows("SELECT view_name FROM duckdb_views() WHERE NOT internal")}
    store.close()
    assert views == PUBLIC_VIEWS


def test_opening_again_changes_nothing(workspace: Workspace) -> None:
    for _ in range(2):
        store = Store(workspace)
        assert store.rows("SELECT value FROM held.meta WHERE key = 'schema_version'") == [(str(len(steps.STEPS)),)]
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

    db = duckdb.connect()
    steps.migrate(db)
    monkeypatch.setattr(steps, "STEPS", (*steps.STEPS, half))
    with pytest.raises(duckdb.BinderException):
        steps.migrate(db)
    assert db.execute("SELECT value FROM held.meta WHERE key = 'schema_version'").fetchall() == [("1",)]
    assert db.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'half'").fetchall() == [(0,)]
