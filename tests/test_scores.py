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


@pytest.mark.parametrize(
    ("question", "metrics"),
    [
        ("reach", ("velocity", "halving_hours", "outside_origin")),
        ("removals", ("gone_24h", "gone_7d", "difference_24h", "difference_7d")),
    ],
)
def test_intervals_hold_the_truth_as_often_as_they_say(question: str, metrics: tuple[str, ...]) -> None:
    rows = [TABLE[question, metric] for metric in metrics]
    intervals = sum(int(row["intervals"]) for row in rows)
    held = sum(int(row["intervals"]) * float(row["cover"]) for row in rows)
    assert intervals >= 2000 and 0.93 <= held / intervals <= 0.97


@pytest.mark.parametrize("metric", ["known_views", "new_views", "new_views (outage)"])
def test_bounds_of_reach_hold_also_over_an_outage(metric: str) -> None:
    assert int(TABLE["reach", metric]["bounds"]) >= 500 and float(TABLE["reach", metric]["held"]) >= 0.999


def test_an_outage_does_not_read_as_removals() -> None:
    row = TABLE["removals", "gone_24h (outage)"]
    assert int(row["bounds"]) >= 10 and float(row["held"]) >= 0.95


def test_crossings_lie_between_their_bounds() -> None:
    assert float(TABLE["crossings", "crossed_by"]["held"]) >= 0.95


@pytest.mark.parametrize("question", ["removals", "coordination", "crossings"])
def test_nothing_is_concluded_where_there_is_no_effect(question: str) -> None:
    row = TABLE[question, "concluded without effect"]
    assert int(row["n"]) >= 15 and float(row["error"]) <= 0.05


def test_regions_are_calibrated_and_their_intervals_no_less_wide_than_they_say() -> None:
    """A little too wide here: in these worlds what a post states of its region is always right, which the answer cannot know."""
    row = TABLE["regions", "share"]
    assert int(row["intervals"]) >= 2000 and 0.93 <= float(row["cover"]) <= 0.985
    assert float(TABLE["regions", "calibration_error"]["error"]) <= 0.03


def test_pairs_told_of_are_planted() -> None:
    assert float(TABLE["coordination", "pairs told of that are not planted"]["error"]) <= 0.05
