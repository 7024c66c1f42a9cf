"""Nowcasts: the values of R's surveillance, and simulated delays; the line list of R is read where it is given."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from analysis._nowcast import LEAST, delays, nowcast, shares

BEGIN = date(2011, 5, 1)
NOW = (date(2011, 6, 2) - BEGIN).days


def test_lawless_gives_what_surveillance_gives_within_one(shared: Path):
    folder = shared / "data" / "methods"
    with (folder / "hus_linelist.csv").open(encoding="utf-8", newline="") as file:
        days = [
            [(date.fromisoformat(day) - BEGIN).days for day in row]
            for row in list(csv.reader(file))[1:]
            if "NA" not in row and "" not in row
        ]
    born, seen = np.array(days).T
    held = (seen <= NOW) & (seen - born <= 15)
    counts = np.array([np.count_nonzero(held & (born == NOW - age)) for age in range(16)])
    found = nowcast(counts, delays(born, seen, NOW, 15))
    with (folder / "nowcast_lawless_R.csv").open(encoding="utf-8", newline="") as file:
        reference = {row["date"]: row for row in csv.DictReader(file)}
    for age in range(5, 15):  # younger ones have F below a fifth, or were not printed
        row = reference[date.fromordinal(BEGIN.toordinal() + NOW - age).isoformat()]
        assert found[age].seen == int(row["observed"])
        assert abs(found[age].total - float(row["lawless"])) < 1
    totals = [round(one.total, 1) for one in found[14:4:-1]]
    assert totals == [29.9, 35.1, 65.4, 50.0, 35.0, 52.5, 49.9, 44.1, 35.3, 24.9]


def test_delays_are_read_backwards():
    born, seen = np.array([0, 0, 1, 1, 2, 3]), np.array([0, 1, 1, 3, 2, 3])
    found = delays(born, seen, now=3, longest=2)
    assert found.exactly.tolist() == [4, 1, 1] and found.at_most.tolist() == [4, 4, 4]
    assert shares(found).tolist() == [pytest.approx(3 / 4 * 3 / 4), pytest.approx(3 / 4), 1.0]


def test_what_is_seen_after_now_or_too_late_does_not_count():
    found = delays(np.array([0, 0, 5]), np.array([1, 9, 20]), now=10, longest=5)
    assert found.exactly.tolist() == [0, 1, 0, 0, 0, 0]


def test_steps_of_which_too_little_can_have_been_seen_are_not_drawn():
    chance = np.random.default_rng(3)
    born = np.repeat(np.arange(60), 20)
    seen = born + chance.integers(2, 8, len(born))
    held = seen <= 59
    counts = np.array([np.count_nonzero(held & (born == 59 - age)) for age in range(8)])
    found = nowcast(counts, delays(born[held], seen[held], 59, 7))
    assert [one.share < LEAST for one in found[:2]] == [True, True]
    assert np.isnan([one.total for one in found[:2]]).all() and not np.isnan([one.low for one in found[4:]]).any()


@pytest.mark.slow
def test_the_interval_holds_the_truth_as_often_as_it_says():
    chance = np.random.default_rng(4)
    held = intervals = 0
    for _ in range(200):
        steps = np.arange(72)
        born = np.repeat(steps, chance.poisson(chance.gamma(20, 1.5, len(steps))))
        seen = born + np.minimum(chance.geometric(0.25, len(born)) - 1, 12)
        counts = np.array([np.count_nonzero((seen <= 71) & (born == 71 - age)) for age in range(13)])
        for age, one in enumerate(nowcast(counts, delays(born, seen, 71, 12))):
            if LEAST <= one.share < 0.95:
                truth = np.count_nonzero(born == 71 - age)
                intervals += 1
                held += one.low <= truth <= one.high
    assert intervals > 1000
    assert 0.93 <= held / intervals <= 0.97


def test_the_same_question_has_the_same_answer():
    born = np.repeat(np.arange(20), 5)
    found = delays(born, born + np.arange(100) % 4, 19, 3)
    counts = np.array([2, 3, 4, 5])
    assert nowcast(counts, found) == nowcast(counts, found)
