"""What answers take from derived tables is what the rows themselves say, whatever came in which order."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from analysis._spells import spells
from analysis.crossings import crossings
from analysis.reach import reach
from analysis.removals import removals
from spillover.config import Workspace
from spillover.store import Store
from tests.rows import MINUTE, START, match, member, post, put, reading

LATER = datetime(2030, 1, 1)  # as of then everything is held, and nothing is taken from a derived table
MATCHED, ALL = range(30), range(60)  # the others are controls
SAID = (("up", "stated"), ("up", "stated"), ("up", "stated"), ("unknown", "stated"), ("private", "stated"), ("withheld", "stated"),
        *[("unknown", "absent")] * 5, ("gone", "stated"))  # fmt: skip


@pytest.fixture
def held(workspace: Workspace) -> Iterator[Store]:
    opened = Store(workspace)
    opened.rows("INSERT INTO held.campaign VALUES (1, 'made-up', 'active', false, '2026-01-01')")
    yield opened
    opened.close()


def news(choose: random.Random) -> dict[str, list[dict[str, Any]]]:
    """Return a segment: posts met again, counts that fall, checks late and early, reviews, roles that change."""
    rows: dict[str, list[dict[str, Any]]] = {
        name: []
        for name in (
            "post",
            "post_campaign",
            "observation",
            "availability",
            "listing",
            "match",
            "review",
            "run",
            "control",
        )
    }
    hours = [choose.randrange(200) for _ in range(3)]
    for hour in hours:
        at = START + timedelta(hours=hour)
        rows["run"].append(ran(f"run {hour}", at, choose.choice(["answered"] * 4 + ["broken"])))
        for key in choose.sample(ALL, 25):
            seen = at + MINUTE * choose.randrange(20)
            shown = {"region": choose.choice(["US", "CN", "TW"])} if choose.random() < 0.3 else {}
            rows["post"].append(post(key, seen, published_at=START, published_precision="second", **shown))
            role = "match" if key in MATCHED or choose.random() < 0.03 else "control"
            rows["post_campaign"].append(member(key, 1, role) | {"run_id": f"run {hour}"})
            up = hour < (key * 37) % 300 or choose.random() < 0.05  # what is gone comes back now and then
            rows["observation"] += [reading(key, seen, choose.choice([None, choose.randrange(1000)]))] * up
            rows["availability"] += checks(choose, key, seen, f"run {hour}", SAID if up else SAID[3:])
            rows["listing"] += [on_list(key, seen)] * (choose.random() < 0.1)
            if key in MATCHED:
                rows["match"].append(match(key, choose.randrange(1, 3), choose.choice([0.7, 0.95]), at))
                rows["control"].append(compared(key, 30 + key))
            if choose.random() < 0.03:
                rows["review"].append(reviewed(key, choose.choice(["accept", "reject"]), seen))
    return rows


def checks(
    choose: random.Random, key: int, at: datetime, run: str, said: Sequence[tuple[str, str]]
) -> list[dict[str, Any]]:
    if choose.random() < 0.2:
        return []
    status, basis = choose.choice(said)
    row = {"post_key": key, "checked_at": at, "run_id": run, "status": status, "basis": basis}
    nowhere = {"allowed_in": choose.choice([[], ["US"]])} if status == "withheld" else {}
    cause = {"cause": choose.choice(["platform", "author"])} if status == "gone" else {}
    vantages = choose.choice([["api"], ["api"], ["api", "web"], ["archive"]])
    return [row | {"vantage": vantage} | nowhere | cause for vantage in vantages]


def ran(run: str, at: datetime, outcome: str) -> dict[str, Any]:
    counts = dict.fromkeys(("asked", "answered", "refused", "broken", "posts", "matched", "rejected"), 0)
    named = {"run_id": run, "seq": 1, "collector": "youtube", "mode": "search", "campaign_id": 1, "query": "q"}
    return named | {"started_at": at, "ended_at": at, "outcome": outcome} | counts


def on_list(key: int, at: datetime) -> dict[str, Any]:
    return {"post_key": key, "list": "chart", "region": "JP", "rank": 1, "observed_at": at, "run_id": "r"}


def compared(key: int, control: int) -> dict[str, Any]:
    return {"campaign_id": 1, "post_key": key, "control_key": control, "agrees": ["age"], "run_id": "r"}


def reviewed(key: int, verdict: str, at: datetime) -> dict[str, Any]:
    return {"post_key": key, "campaign_id": 1, "verdict": verdict, "reviewer": "a", "reviewed_at": at}


@pytest.mark.parametrize("seed", [1, 2])
def test_answers_from_derived_tables_are_those_from_the_rows(held: Store, seed: int) -> None:
    choose = random.Random(seed)
    gone = 0
    for turn in range(8):
        put(held.workspace.spool, **news(choose))
        if choose.random() < 0.3 and turn < 7:
            continue
        held.drain()
        assert not any((found := held.differences()).values()), found
        with held.cursor() as con:
            now, then = (spells(con, "made-up", as_of) for as_of in (None, LATER))
            pd.testing.assert_frame_equal(now, then)
            gone += int(now["gone_at"].notna().sum())
    with held.cursor() as con:
        for question in (reach, crossings, removals):
            pd.testing.assert_frame_equal(question(con, "made-up"), question(con, "made-up", as_of=LATER))
    assert gone > 20
    held.rebuild()
    assert not any((found := held.differences()).values()), found


def test_a_planted_error_in_what_checks_add_up_to_is_found(held: Store) -> None:
    put(held.workspace.spool, **news(random.Random(3)))
    held.drain()
    for table, column in (("watch", "checks"), ("run_controls", "up")):
        held.rows(f"UPDATE held.{table} SET {column} = {column} + 1")
        assert held.differences()[table] > 0
