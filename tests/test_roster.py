"""How the collectors of an installation fare: what broke stays said until it runs well again."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from spillover import roster
from spillover.clock import SystemClock
from spillover.config import Workspace
from spillover.store import Store

NOON = datetime(2026, 3, 1, 12, 0)
Line = tuple[int, str, str, str, str | None]  # minute, mode, query, outcome, reason
MISSED = "the canary was not found"


@pytest.mark.parametrize(
    ("lines", "state", "why"),
    [
        ([(0, "search", "a", "answered", None)], "on", None),
        ([(0, "search", "a", "broken", MISSED)], "broken", MISSED),
        ([(0, "search", "a", "broken", MISSED), (9, "search", "a", "answered", None)], "on", None),
        ([(0, "search", "a", "broken", MISSED), (1, "search", "b", "answered", None)], "broken", f"{MISSED} (1 of 2 queries)"),
        ([(0, "search", "a", "broken", MISSED), (1, "reread", "reread", "answered", None)], "broken", f"{MISSED} (1 of 2 queries)"),
        ([(0, "search", "a", "broken", MISSED), (9, "search", "a", "not_asked", "budget")], "broken", MISSED),
        ([(0, "search", "a", "broken", MISSED), (9, "search", "a", "running", None)], "broken", MISSED),
        ([(0, "search", "removed", "broken", MISSED), (1500, "search", "b", "answered", None)], "on", None),
    ],
)  # fmt: skip
def test_a_query_that_broke_is_said_until_it_runs_well(
    workspace: Workspace, tmp_path: Path, lines: list[Line], state: str, why: str | None
) -> None:
    store = Store(workspace)
    with store.cursor() as cursor:
        for number, (minute, mode, query, outcome, reason) in enumerate(lines):
            at = NOON + timedelta(minutes=minute)
            cursor.execute(
                """INSERT INTO held.run BY NAME SELECT ? AS run_id, 1 AS seq, 'bluesky' AS collector, ? AS mode, ? AS query,
                   ? AS started_at, ? AS ended_at, ? AS outcome, 1 AS asked, 1 AS answered, 0 AS refused, 0 AS broken, 0 AS posts,
                   0 AS matched, 0 AS rejected, ? AS reason""",
                [str(number), mode, query, at, at, outcome, reason],
            )
    found = {row["name"]: row for row in roster.overview(store, [], frozenset(), tmp_path, SystemClock().now())}
    store.close()
    assert (found["bluesky"]["state"], found["bluesky"]["why"]) == (state, why)
