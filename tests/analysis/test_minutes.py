"""Every minute is accounted for, by what became of it; on made-up runs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from analysis.coverage import coverage

NOON = datetime(2026, 3, 1, 12)
PARTS = ("watched", "partly", "refused", "broken", "not_asked", "not_watched")


def run(
    store, at: int, outcome: str, window: tuple[int, int] | None = None, query: str = "q", mode: str = "search"
) -> None:
    """Write a run that began ``at`` minutes after noon and covered a window of minutes."""
    since, until = (NOON + timedelta(minutes=minute) for minute in window) if window else (None, None)
    at_ = NOON + timedelta(minutes=at)
    good = outcome in ("answered", "cut_short")
    row = {
        "asked": int(outcome != "not_asked"),
        "answered": int(good),
        "refused": int(outcome == "refused"),
        "broken": int(outcome == "broken"),
    }
    store.insert(
        "run", run_id=f"{query}{mode}{at}", seq=1, collector="c", mode=mode, campaign_id=1, query=query, started_at=at_, ended_at=at_,
        outcome=outcome, posts=0, matched=0, rejected=0, window_from=since, window_to=until, **row,
    )  # fmt: skip


def minutes(store, until: int) -> dict[str, int]:
    [row] = coverage(store.con, "made-up", until=NOON + timedelta(minutes=until)).to_dict("records")
    found = {part: row[f"minutes_{part}"] for part in PARTS}
    assert sum(found.values()) == row["minutes"]
    return {part: count for part, count in found.items() if count}


def test_overlapping_windows_count_once(store) -> None:
    run(store, 60, "answered", (0, 60))
    run(store, 120, "answered", (30, 120))
    assert minutes(store, 120) == {"watched": 120}


def test_a_gap_is_named_by_the_last_failure_in_it(store) -> None:
    run(store, 60, "answered", (0, 60))
    run(store, 90, "broken")
    run(store, 100, "refused")
    run(store, 180, "answered", (120, 180))
    assert minutes(store, 200) == {"watched": 120, "refused": 60, "not_watched": 20}


@pytest.mark.parametrize("outcome", ["refused", "broken", "not_asked"])
def test_a_query_that_failed_while_another_answered_leaves_the_minutes_partly_watched(store, outcome: str) -> None:
    for query in ("one", "two"):
        run(store, 60, "answered", (0, 60), query)
    run(store, 120, "answered", (60, 120), "one")
    run(store, 120, outcome, None, "two")
    assert minutes(store, 120) == {"watched": 60, "partly": 60}


def test_a_query_that_the_campaign_gave_up_does_not_spoil_what_came_after(store) -> None:
    for query in ("one", "two"):
        run(store, 60, "answered", (0, 60), query)
    run(store, 120, "answered", (60, 120), "one")
    assert minutes(store, 120) == {"watched": 120}


def test_what_was_cut_short_is_partly_watched(store) -> None:
    run(store, 60, "cut_short", (0, 60))
    assert minutes(store, 60) == {"partly": 60}


def test_re_reads_watch_for_nothing_new(store) -> None:
    run(store, 60, "answered", (0, 60))
    run(store, 70, "answered", (70, 70), "reread", "reread")
    assert minutes(store, 100) == {"watched": 60, "not_watched": 40}


def test_a_collector_that_only_failed_has_all_its_minutes_named(store) -> None:
    run(store, 0, "refused")
    run(store, 30, "not_asked")
    assert minutes(store, 60) == {"not_asked": 30, "not_watched": 30}
