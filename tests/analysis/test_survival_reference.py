"""Curves, causes and tests against R's survival package, and closed forms; the tables are in the given material."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis._proportions import (
    clopper_pearson,
    difference,
    power,
    ratio_of_rates,
    smallest_difference,
    smallest_ratio,
)
from analysis._survival import aalen_johansen, kaplan_meier, log_rank, loglog_interval
from analysis._turnbull import turnbull


@pytest.fixture
def tables(shared: Path) -> Path:
    return shared / "data" / "methods"


def test_kaplan_meier_and_greenwood_are_those_of_r(tables):
    rows, expected = pd.read_csv(tables / "aml.csv"), pd.read_csv(tables / "km_aml_R.csv")
    for strata, reference in expected.groupby("strata"):
        arm = rows[rows["x"] == strata.removeprefix("x=")]
        curve = kaplan_meier(arm["time"], arm["status"])
        assert list(curve.times) == list(reference["time"])
        assert list(curve.at_risk) == list(reference["n.risk"])
        np.testing.assert_allclose(curve.share, reference["surv"], atol=1e-12)
        np.testing.assert_allclose(curve.se[:-1], reference["se"][:-1], atol=1e-12)  # R's last one is not a number at 0


def test_the_log_rank_test_is_that_of_r(tables):
    aml, lung = pd.read_csv(tables / "aml.csv"), pd.read_csv(tables / "lung.csv")
    assert log_rank(aml["time"], aml["status"], aml["x"] == "Maintained").statistic == pytest.approx(
        3.39638870, abs=1e-8
    )
    by_sex = log_rank(lung["time"], lung["status"] == 2, lung["sex"] == 2)
    assert by_sex.statistic == pytest.approx(10.32674195, abs=1e-8)
    assert by_sex.p == pytest.approx(0.00131, abs=1e-5)


def test_a_stratum_of_its_own_leaves_the_log_rank_test_as_it_was(tables):
    lung = pd.read_csv(tables / "lung.csv")
    twice = pd.concat([lung, lung])
    strata = np.repeat([0, 1], len(lung))
    once = log_rank(lung["time"], lung["status"] == 2, lung["sex"] == 2)
    both = log_rank(twice["time"], twice["status"] == 2, twice["sex"] == 2, strata=strata)
    assert both.statistic == pytest.approx(2 * once.statistic)


def test_causes_are_told_apart_as_in_r(tables):
    rows = pd.read_csv(tables / "mgus2_competing.csv")
    curves = aalen_johansen(rows["time"], rows["event"])
    expected = {
        60: (0.034103713, 0.32036701),
        120: (0.063722168, 0.53181770),
        240: (0.099813716, 0.72402798),
        360: (0.134041644, 0.78420825),
    }
    for time, shares in expected.items():
        place = np.searchsorted(curves[0].times, time, side="right") - 1
        assert [curve.share[place] for curve in curves] == pytest.approx(shares, abs=1e-8)


def test_turnbulls_shares_are_those_of_r_for_diabetics(tables):
    rows = pd.read_csv(tables / "diabetes_interval.csv")
    boxes = turnbull(rows["left"], rows["right"])
    _, up = boxes.share_up([5, 10, 15, 20, 25, 30])
    expected = [0.983910265, 0.885778602, 0.542445758, 0.222256836, 0.089274430, 0.031981498]
    np.testing.assert_allclose(up, expected, atol=1e-6)
    assert boxes.gap < 1e-8


@pytest.mark.parametrize(
    ("group", "expected"), [("ce", [5 / 6, 7 / 9, 27 / 35, 7 / 12]), ("ge", [1.0, 1.0, 0.5, 1 / 3])]
)
def test_turnbulls_shares_are_the_fractions_of_the_maximum_for_mice(tables, group, expected):
    rows = pd.read_csv(tables / "mice_interval.csv").query("grp == @group")
    boxes = turnbull(rows["l"], rows["u"].fillna(np.inf))
    np.testing.assert_allclose(boxes.share_up([400, 500, 600, 700])[1], expected, atol=1e-5)
    assert boxes.gap < 1e-8


def test_a_share_inside_a_box_is_bounds_and_no_point():
    boxes = turnbull([0.0, 4.0], [4.0, np.inf])
    low, high = boxes.share_up([2.0, 4.0])
    assert (list(low), list(high)) == ([0.5, 0.5], [1.0, 0.5])


def test_late_entry_keeps_those_not_yet_found_out_of_the_risk_set():
    curve = kaplan_meier([1.0, 5.0, 6.0], [1, 1, 1], entry=[0.0, 0.0, 2.0])
    assert list(curve.at_risk) == [2, 2, 1]
    assert curve.share[0] == 0.5


@given(st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=1, max_size=40))
def test_known_moments_make_turnbull_and_one_cause_equal_to_kaplan_meier(rows):
    times = np.array([time for time, _ in rows], float)
    lost = np.array([gone for _, gone in rows])
    curve = kaplan_meier(times, lost)
    if lost.any():
        boxes = turnbull(times, np.where(lost, times, np.inf))
        np.testing.assert_allclose(boxes.share_up(curve.times)[1], curve.share, atol=1e-6)
        one = aalen_johansen(times, lost.astype(int))[0]
        np.testing.assert_allclose(one.share, 1 - curve.share, atol=1e-12)
        np.testing.assert_allclose(one.se[curve.share > 0], curve.se[curve.share > 0], atol=1e-9)


def test_an_interval_on_the_loglog_scale_stays_within_0_and_1():
    low, high = loglog_interval(10 / 11, 0.0866784172041448)
    assert 0.5 < low < 10 / 11 < high < 1
    assert loglog_interval(1.0, 0.0) == (1.0, 1.0)


@pytest.mark.parametrize(("tries", "high"), [(30, 0.1157), (100, 0.0362)])
def test_nothing_lost_still_has_an_upper_bound(tries, high):
    assert clopper_pearson(0, tries) == pytest.approx((0.0, high), abs=1e-4)


def test_exact_intervals_mirror_each_other_and_widen_with_less():
    low, high = clopper_pearson(3, 20)
    assert clopper_pearson(17, 20) == pytest.approx((1 - high, 1 - low))
    assert (low, high) == pytest.approx((0.03207, 0.37893), abs=1e-5)  # published tables
    assert low < clopper_pearson(3.5, 20)[0] < clopper_pearson(4, 20)[0]


@pytest.mark.parametrize(("n", "chance"), [(50, 0.29), (100, 0.52), (200, 0.81), (400, 0.98)])
def test_the_power_to_see_20_against_10_per_cent(n, chance):
    assert power(0.2, 0.1, n, n) == pytest.approx(chance, abs=0.02)


def test_the_least_effects_are_those_that_have_that_power():
    least = smallest_difference(0.1, 200, 200)
    assert power(0.1 + least, 0.1, 200, 200) == pytest.approx(0.8)
    assert smallest_ratio(191, 0.5) == pytest.approx(1.5, abs=0.01)  # Schoenfeld's own kind of example
    assert smallest_difference(0.1, 2, 2) == float("inf")


def test_differences_and_ratios_carry_the_doubt_of_both():
    value, low, high = difference((0.7, 0.6, 0.8), (0.1, 0.05, 0.2))
    assert (value, low, high) == pytest.approx((0.6, 0.6 - 0.02**0.5, 0.6 + 0.0125**0.5))
    assert ratio_of_rates(0, 5.0, 3, 5.0)[:2] == (0.0, 0.0)
    assert ratio_of_rates(10, 5.0, 10, 10.0)[0] == pytest.approx(2.0)


def test_the_quick_interval_of_many_joins_the_exact_one():
    exact, quick = clopper_pearson(500, 4000), clopper_pearson(501, 4000)
    assert quick == pytest.approx(exact, abs=5e-4)
