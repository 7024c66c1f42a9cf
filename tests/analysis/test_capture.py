"""Captures: the values of R's packages, and simulated truths; the tables of R are read where they are given."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from analysis._capture import best_log_linear, chao1, chao2, chapman, log_linear

CHAO1 = [
    (117.473684210526, 11.5837848486587),
    (117.214285714286, 15.91895263909),
    (141.230769230769, 23.0014048932778),
    (111.55, 8.91966293035993),
    (136.0, 15.4673436940977),
]
HIV = {  # pairs of lists: abundance, standard error, deviance, BIC
    (): (11124.5784691849, 904.751977599415, 13.0261369482937, 117.799503856154),
    ((0, 1),): (12318.4676767586, 1188.72152038319, 7.61375926332809, 119.934627854004),
    ((0, 1), (1, 2)): (13569.0439358484, 1751.04212121375, 6.09559774623694, 125.963968019727),
}


@pytest.fixture(scope="module")
def given(shared: Path) -> Path:
    return shared / "data" / "methods"


def table(path: Path) -> list[list[int]]:
    with path.open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    return [[int(value) for value in row] for row in rows]


def test_chapman_gives_the_closed_form():
    found = chapman(200, 150, 60)
    assert found.total == pytest.approx(496.557377049, abs=1e-8)
    assert found.se**2 == pytest.approx(1657.64753, abs=1e-5)
    assert 290 < found.low < found.total < found.high


def test_chao1_gives_what_vegan_gives(given):
    for counts, (total, se) in zip(table(given / "bci_first5.csv"), CHAO1, strict=True):
        kinds = [sum(count == times for count in counts) for times in (1, 2)]
        found = chao1(sum(count > 0 for count in counts), *kinds)
        assert (found.total, found.se) == (pytest.approx(total, abs=1e-8), pytest.approx(se, abs=1e-8))


def test_chao2_gives_what_vegan_gives():
    found = chao2(225, 21, 19, 50)
    assert found.total == pytest.approx(236.3731579, abs=1e-7)
    assert found.se == pytest.approx(6.543610381, abs=1e-7)


def test_chao2_has_a_value_where_nothing_was_found_twice():
    found = chao2(10, 10, 0, 3)
    assert found.total == pytest.approx(10 + 2 / 3 * 45) and found.low >= 10


def test_log_linear_models_give_what_rcapture_gives(given):
    counts = {tuple(row[:4]): row[4] for row in table(given / "rcapture_hiv.csv")}
    for pairs, (total, se, deviance, bic) in HIV.items():
        found = log_linear(counts, pairs)
        assert (found.estimate.total, found.estimate.se) == (
            pytest.approx(total, abs=1e-2),
            pytest.approx(se, abs=1e-2),
        )
        assert (found.deviance, found.bic) == (pytest.approx(deviance, abs=1e-6), pytest.approx(bic, abs=1e-6))


def test_every_model_with_pairs_and_the_choice_between_them_are_those_of_rcapture(given):
    counts = {tuple(row[:4]): row[4] for row in table(given / "rcapture_hiv.csv")}
    with (given / "rcapture_hiv_loglinear.csv").open(encoding="utf-8", newline="") as file:
        reference = list(csv.reader(file))[1:]
    compared = 0
    for name, total, _, deviance, *_ in reference:
        sets = [[int(letter) - 1 for letter in part] for part in name.strip("[]").split(",")]
        if max(map(len, sets)) > 2:
            continue  # terms of three lists are not offered
        found = log_linear(counts, tuple((a, b) for a, b in (pair for pair in sets if len(pair) == 2)))
        assert found.estimate.total == pytest.approx(float(total), rel=1e-5)
        assert found.deviance == pytest.approx(float(deviance), abs=1e-5)
        compared += 1
    assert compared == 64
    best = best_log_linear(counts)
    assert best and best.pairs == ()


def test_a_table_without_a_fit_gives_no_estimate():
    assert best_log_linear({(1, 0, 0): 5, (0, 1, 0): 4, (0, 0, 1): 3}) is None


def captures(chance: np.random.Generator, total: int, shares: np.ndarray) -> dict[tuple[int, ...], int]:
    found = chance.random((total, shares.shape[-1])) < shares
    histories, items = np.unique(found[found.any(axis=1)].astype(int), axis=0, return_counts=True)
    return {tuple(map(int, history)): int(n) for history, n in zip(histories, items, strict=True)}


@pytest.mark.slow
def test_the_interval_of_two_independent_routes_holds_the_truth_as_often_as_it_says():
    chance = np.random.default_rng(7)
    held = 0
    for _ in range(2000):
        counts = captures(chance, 1000, np.array([0.3, 0.2]))
        first, second, both = (
            sum(n for h, n in counts.items() if cut(h)) for cut in (lambda h: h[0], lambda h: h[1], all)
        )
        found = chapman(first, second, both)
        held += found.low <= 1000 <= found.high
    assert 0.93 <= held / 2000 <= 0.97


@pytest.mark.slow
def test_the_interval_of_three_independent_routes_holds_the_truth_as_often_as_it_says():
    chance = np.random.default_rng(8)
    held = 0
    for _ in range(800):
        found = log_linear(captures(chance, 1000, np.array([0.3, 0.2, 0.25]))).estimate
        held += found.low <= 1000 <= found.high
    assert 0.93 <= held / 800 <= 0.97


def test_routes_that_find_the_same_popular_posts_say_too_little_and_never_less_than_was_found():
    chance = np.random.default_rng(9)
    for _ in range(200):
        popular = 1 / (1 + np.exp(1.5 - 1.5 * chance.standard_normal((1000, 1))))
        counts = captures(chance, 1000, np.hstack([popular] * 3))
        first, second = (sum(n for h, n in counts.items() if h[place]) for place in (0, 1))
        both = sum(n for h, n in counts.items() if h[0] and h[1])
        assert first + second - both <= chapman(first, second, both).total < 1000
        once, twice = (sum(n for h, n in counts.items() if sum(h) == times) for times in (1, 2))
        assert sum(counts.values()) <= chao2(sum(counts.values()), once, twice, 3).total < 1000
