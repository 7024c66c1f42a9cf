"""Rates, trends and shares with their intervals, against simulated truths; bounds against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis._bounds import union
from analysis._growth import Increments, rate, trend
from analysis._interval import quantile_t, share

T = {2: 4.303, 3: 3.182, 5: 2.571, 10: 2.228, 30: 2.042}  # of any table


def grown(
    chance: np.random.Generator, slope: float, *, posts: int, readings: int, scatter: float
) -> tuple[Increments, float]:
    """Return increments of posts of very unlike size over unequal stretches, overdispersed, and the true sum of rates."""
    size = chance.lognormal(3, 1, posts)
    moments = np.sort(chance.uniform(-24, 0, (posts, readings)), axis=1)
    since, until = moments[:, :-1].ravel(), moments[:, 1:].ravel()
    post = np.repeat(np.arange(posts), readings - 1)
    hours = np.expm1(slope * (until - since)) * np.exp(slope * since) / slope if slope else until - since
    mean = size[post] * hours * chance.gamma(1 / scatter, scatter, len(post))
    return Increments(post, since, until, chance.poisson(mean).astype(float)), float(size.sum())


WORLDS = [
    {"posts": 10, "readings": 9, "scatter": 0.5},
    {"posts": 30, "readings": 9, "scatter": 0.5},
    {"posts": 100, "readings": 7, "scatter": 1.0},
]


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_the_interval_of_a_rate_holds_the_truth_as_often_as_it_says(world):
    chance = np.random.default_rng(11)
    found = [(rate(increments), truth) for increments, truth in (grown(chance, 0.0, **world) for _ in range(800))]
    assert 0.93 <= sum(fit.low <= truth <= fit.high for fit, truth in found) / 800 <= 0.97


@pytest.mark.parametrize(("world", "slope"), list(zip(WORLDS, (0.05, -0.1, 0.05), strict=True)), ids=str)
def test_the_interval_of_a_trend_holds_the_truth_as_often_as_it_says(world, slope):
    chance = np.random.default_rng(12)
    found = [trend(grown(chance, slope, **world)[0]) for _ in range(400)]
    assert 0.93 <= sum(fit.low <= slope <= fit.high for fit in found) / 400 <= 0.97


def test_growth_that_is_exactly_exponential_gives_its_slope_over_long_stretches_too():
    since = np.array([0.0, 10, 13, 0, 20, 50])
    until = np.array([10.0, 13, 40, 20, 50, 51])
    post = np.array([0, 0, 0, 1, 1, 1])
    size = np.exp(0.1 * until) - np.exp(0.1 * since)
    assert trend(Increments(post, since, until, size)).value == pytest.approx(0.1, abs=1e-9)


def test_posts_that_stand_still_have_a_rate_of_nothing_and_no_trend():
    still = Increments(np.array([0, 0]), np.array([0.0, 1]), np.array([1.0, 2]), np.zeros(2))
    assert rate(still) is None and trend(still) is None


def test_one_post_that_carries_everything_gives_no_trend():
    alone = Increments(np.zeros(3, int), np.array([0.0, 1, 2]), np.array([1.0, 2, 3]), np.array([1.0, 2, 4]))
    assert trend(alone) is None


@pytest.mark.parametrize(("df", "expected"), T.items())
def test_quantiles_of_t_are_those_of_a_table(df, expected):
    assert quantile_t(df) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(("posts", "tail"), [(40, 1.0), (100, 1.5), (300, 1.5), (300, 2.0)])
def test_the_interval_of_a_share_holds_the_truth_as_often_as_it_says(posts, tail):
    chance = np.random.default_rng(13)
    held = 0
    for _ in range(1500):
        views = chance.lognormal(5, tail, posts)
        low, high = share(views * (chance.random(posts) < 0.3), views)
        held += low <= 0.3 <= high
    assert 0.93 <= held / 1500 <= 0.97


def test_a_share_in_which_all_agree_has_an_interval_still():
    views = np.full(30, 10.0)
    assert share(views * 0, views) == (0.0, pytest.approx(0.1157, abs=1e-4))  # Clopper-Pearson, 0 of 30
    assert share(views, views) == (pytest.approx(1 - 0.1157, abs=1e-4), 1.0)


def test_bounds_on_a_union_are_the_closed_form():
    found = union([50, 40], 100)
    assert (found.low, found.independent, found.high) == (50, pytest.approx(70), 90)
    assert union([80, 60], 100).high == 100
    assert union([], 100) == (0, 0, 0)


@given(st.lists(st.frozensets(st.integers(0, 30)), max_size=6))
def test_bounds_on_a_union_hold_every_union(groups):
    truth = len(frozenset().union(*groups))
    found = union([len(group) for group in groups], 31)
    assert found.low <= truth <= found.high
