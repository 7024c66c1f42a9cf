"""Reading from outside: the public views and nothing else, with and without a running owner."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import spillover
from spillover.config import Workspace
from spillover.errors import UsageError
from spillover.owner import Owner
from tests.rows import MINUTE, START, put_readings


@pytest.fixture(params=["beside an owner", "alone"])
def readable(workspace: Workspace, request: pytest.FixtureRequest) -> Iterator[Workspace]:
    (workspace.campaign_file("made-up")).write_text(
        'name = "made-up"\ntitle = "Made up"\n[[videos]]\ntitle.en = "The bridge never built"\n'
    )
    put_readings(workspace.spool, (1, START, 100), (1, START + MINUTE, 150))
    owner = Owner(workspace)
    if request.param == "alone":
        owner.store.drain()
        owner.close()
        yield workspace
    else:
        owner.start()
        yield workspace
        owner.close()


def test_views_can_be_read_in_duckdbs_own_ways(readable: Workspace) -> None:
    with spillover.connect(readable.root) as store:
        assert store.execute("SELECT views FROM observations ORDER BY observed_at").fetchall() == [(100,), (150,)]
        assert store.execute("SELECT views FROM observations WHERE views > ?", [120]).fetchall() == [(150,)]
        assert list(store.sql("SELECT max(views) AS most FROM observations").df()["most"]) == [150]


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM observations",
        "SELECT 1; SELECT 2",
        "SELECT * FROM held.post",
        "SELECT * FROM 'spillover.duckdb'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM (SELECT * FROM read_text('/etc/passwd'))",
        "WITH posts AS (SELECT * FROM held.post) SELECT * FROM posts",
        "COPY posts TO '/tmp/x.csv'",
        "ATTACH '/tmp/x.db'",
        "SELECT * FROM query('SELECT 1')",
        "SELECT * FROM duckdb_settings()",
        "SET memory_limit = '1GB'",
        "INSTALL httpfs",
        "selec 1",
        "",
    ],
)
def test_anything_else_is_refused(readable: Workspace, query: str) -> None:
    with spillover.connect(readable.root) as store, pytest.raises(UsageError):
        store.execute(query)


def test_a_folder_that_is_no_workspace_is_named(tmp_path: object) -> None:
    with pytest.raises(UsageError, match="spillover init"):
        spillover.connect(f"{tmp_path}/nowhere")
