"""What was watched and what was not; on made-up runs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest

from analysis.coverage import gaps, ledger, strip

NOON = datetime(2026, 3, 1, 12)
HOUR = timedelta(hours=1)


@pytest.fixture
def run(store):
    def write(
        start: float, end: float | None = None, *, outcome: str = "answered", name: str = "", **given: object
    ) -> None:
        at = NOON + start * HOUR
        row = {
            "run_id": name or f"run{start}{outcome}", "seq": 1, "collector": "bluesky", "mode": "stream",
            "campaign_id": 1, "query": "q", "started_at": at, "ended_at": at, "outcome": outcome, "posts": 3,
            "asked": 1, "answered": 1, "refused": 0, "broken": 0, "matched": 1, "rejected": 0,
            "window_from": at if end is not None else None,
            "window_to": NOON + end * HOUR if end is not None else None, **given,
        }  # fmt: skip
        store.insert("run", **row)

    return write


def states(store, hours: int, step: timedelta = HOUR) -> list[tuple[str, float]]:
    frame = strip(store.con, "made-up", since=NOON, until=NOON + hours * HOUR, step=step)
    return [(row["state"], round(row["share"], 3)) for row in frame.to_dict("records")]


def test_an_hour_that_a_run_covers_is_watched_and_one_without_is_not(store, run):
    run(0, 1)
    assert states(store, 2) == [("watched", 1.0), ("partly", 0.0)]  # the end of the window touches the next hour
    run(1.25, 1.75)
    assert states(store, 3) == [("watched", 1.0), ("partly", 0.5), ("not_watched", 0.0)]


def test_windows_that_overlap_are_counted_once(store, run):
    run(0, 0.5)
    run(0.25, 0.5, name="inside")
    run(0.25, 0.75, name="overlaps")
    assert states(store, 1) == [("partly", 0.75)]


def test_a_run_cut_short_leaves_its_hour_partly_watched(store, run):
    run(0, 1, outcome="cut_short")
    assert states(store, 1) == [("partly", 1.0)]


def test_refused_and_broken_hours_say_so(store, run):
    run(0.5, outcome="refused")
    run(1.5, outcome="broken")
    assert states(store, 3) == [("refused", 0.0), ("broken", 0.0), ("not_watched", 0.0)]


def test_a_run_without_a_window_is_one_look(store, run):
    run(0.5)
    assert states(store, 1) == [("partly", 0.0)]


def test_a_run_that_is_under_way_covers_nothing_yet(store, run):
    run(0, 1, outcome="running")
    assert states(store, 1) == [("not_watched", 0.0)]


def test_only_the_last_line_of_a_run_counts(store, run):
    run(0, 0.5, name="one", outcome="running")
    run(0, 1, name="one", seq=2)
    assert states(store, 1) == [("watched", 1.0)]
    assert ledger(store.con, "made-up")["runs"].tolist() == [1]


def test_the_runs_of_another_campaign_do_not_count(store, run):
    store.campaign("other", 2)
    run(0, 1, campaign_id=2)
    assert states(store, 1) == []


def test_the_ledger_counts_runs_by_how_they_ended(store, run):
    run(0, 1)
    run(1, 2, outcome="cut_short", reason="page limit")
    run(3, outcome="refused", reason="403")
    run(4, outcome="broken", reason="no answer")
    (row,) = ledger(store.con, "made-up").to_dict("records")
    counts = {name: row[name] for name in ("runs", "answered", "refused", "broken", "cut_short", "posts", "matched")}
    assert counts == {"runs": 4, "answered": 1, "refused": 1, "broken": 1, "cut_short": 1, "posts": 12, "matched": 4}
    assert (row["first_from"], row["last_to"]) == (
        pd.Timestamp(NOON, tz="UTC"),
        pd.Timestamp(NOON + 2 * HOUR, tz="UTC"),
    )
    assert row["last_reason"] == "no answer"


def test_a_gap_lies_between_what_was_covered(store, run):
    run(0, 2)
    run(1, 1.5, name="inside")
    run(5, 6)
    frame = gaps(store.con, "made-up")
    assert frame[["since", "until"]].values.tolist() == [[pd.Timestamp(NOON + h * HOUR, tz="UTC") for h in (2, 5)]]
    assert gaps(store.con, "made-up", at_least=4 * HOUR).empty


def test_refusals_after_the_last_answer_make_a_gap(store, run):
    run(0, 2)
    run(6, outcome="refused")
    assert gaps(store.con, "made-up")["until"].tolist() == [pd.Timestamp(NOON + 6 * HOUR, tz="UTC")]


def test_without_runs_there_is_nothing_to_say(store):
    assert states(store, 2) == []
    assert ledger(store.con, "made-up").empty
    assert gaps(store.con, "made-up").empty
