"""The table of scores that is committed says what must hold; docs/make_scores.py makes it."""

from __future__ import annotations

import pytest

from tests.conftest import ROOT

ROWS = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in (ROOT / "docs/scores.md").read_text("utf-8").splitlines()
    if line.count("|") == 9 and not line.startswith("| question")
]
TABLE = {
    (row[0], row[1]): dict(zip(("n", "error", "intervals", "cover", "bounds", "held"), row[2:], strict=True))
    for row in ROWS
}


@pytest.mark.parametrize("question", ["reach", "removals"])
def test_intervals_hold_the_truth_as_often_as_they_say(question: str) -> None:
    row = TABLE[question, "all intervals"]
    assert int(row["intervals"]) >= 2000 and 0.93 <= float(row["cover"]) <= 0.97


@pytest.mark.parametrize("metric", ["known_views", "new_views", "new_views (outage)"])
def test_bounds_of_reach_always_hold_also_over_an_outage(metric: str) -> None:
    assert int(TABLE["reach", metric]["bounds"]) >= 300 and float(TABLE["reach", metric]["held"]) == 1.0


def test_an_outage_does_not_read_as_removals() -> None:
    row = TABLE["removals", "gone_24h (outage)"]
    assert int(row["bounds"]) >= 30 and float(row["held"]) >= 0.95


def test_crossings_lie_between_their_bounds() -> None:
    assert float(TABLE["crossings", "crossed_by"]["held"]) >= 0.95


@pytest.mark.parametrize("question", ["removals", "coordination", "crossings"])
def test_nothing_is_concluded_where_there_is_no_effect(question: str) -> None:
    row = TABLE[question, "concluded without effect"]
    assert int(row["n"]) >= 30 and float(row["error"]) <= 0.05


def test_pairs_told_of_are_planted() -> None:
    assert float(TABLE["coordination", "pairs told of that are not planted"]["error"]) <= 0.05
