"""What is answered as of a day is what was answered on that day, whatever came later and speaks of earlier."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from analysis.questions import answer
from spillover.config import Workspace
from tests.analysis.conftest import NOON
from tests.analysis.replaying import ASKED, HOUR, Replay, replayed


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    workspace = Workspace(tmp_path_factory.mktemp("replay") / "workspace")
    workspace.make()
    with pytest.MonkeyPatch.context() as monkeypatch:
        made = replayed(workspace, monkeypatch)
        yield made
        made.owner.close()


@pytest.fixture(scope="module")
def looked_back(replay: Replay):
    """What is answered of each day but the last, after which nothing came."""
    return {moment: replay.ask(moment) for moment in list(replay.kept)[:-1]}


def numbers(row: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers of a row so that sums of fractions in another order are the same."""
    return {name: pytest.approx(value, rel=1e-9) for name, value in row.items() if isinstance(value, float)}


@pytest.mark.parametrize(("question", "by"), ASKED)
def test_the_answer_as_of_a_day_is_the_one_that_was_given_on_it(
    replay: Replay, looked_back, question: str, by: str
) -> None:
    for moment, answers in looked_back.items():
        then, now = replay.kept[moment][question, by], answers[question, by]
        assert len(then) == len(now), moment
        for one, other in zip(then, now, strict=True):
            assert {**one, **numbers(one)} == other, moment


@pytest.mark.parametrize(("question", "by"), ASKED)
def test_the_days_differ_or_the_replay_proves_nothing(replay: Replay, question: str, by: str) -> None:
    first, *_, last = (kept[question, by] for kept in replay.kept.values())
    assert first != last and any(row["value"] is not None or row["low"] is not None for row in last)


def runs_elsewhere(store, *starts):
    """Write down runs of before the campaign was registered, as a file tells of them."""
    numbers = dict.fromkeys(("asked", "answered"), 1) | dict.fromkeys(
        ("refused", "broken", "posts", "matched", "rejected"), 0
    )
    for number, start in enumerate(starts):
        store.insert(
            "run", run_id=f"r{number}", seq=1, collector="youtube", mode="search", campaign_id=1, query="q", started_at=start,
            ended_at=start, outcome="answered", **numbers,
        )  # fmt: skip


def test_before_the_campaign_what_runs_elsewhere_found_later_was_not_known(store):
    days = [NOON - timedelta(days=days) for days in (9, 5)]
    runs_elsewhere(store, *days)
    early = store.posts_of(6, first_seen_at=days[0], run_id="r0")
    store.posts_of(6, first_seen_at=days[0], run_id="r1")  # seen by an archive on the first day, found on the second
    store.insert(
        "observation", post_key=early[0], observed_at=days[0] - HOUR, run_id="r1", views=7, views_low=7, views_high=7
    )
    store.con.execute("UPDATE held.observation SET run_id = 'r1' WHERE post_key > 6")
    store.derive()
    posts = [posts_as_of(store, moment) for moment in (days[0], days[1], NOON)]
    assert posts == [6, 12, 12]


def test_before_the_campaign_what_runs_of_here_brought_counts_by_its_own_time(store):
    runs_elsewhere(store, NOON + HOUR)
    store.posts_of(6, first_seen_at=NOON - timedelta(days=9), run_id="r0")
    store.con.execute("UPDATE held.observation SET run_id = 'r0'")
    store.derive()
    assert posts_as_of(store, NOON - timedelta(days=8)) == 6
    assert posts_as_of(store, NOON + timedelta(minutes=30)) is None


def posts_as_of(store, moment):
    rows = answer(store.con, "reach", "made-up", by=["platform"], as_of=moment.isoformat())
    return next((row["value"] for row in rows if row["metric"] == "posts"), None)
