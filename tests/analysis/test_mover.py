"""Differences and ratios from the limits of two estimates: against closed forms, and cover by seeded simulation."""

from __future__ import annotations

from math import isclose, log

import numpy as np
import pytest

from analysis._means import mean
from analysis._mover import Limits, difference, ratio, widest_difference, widest_ratio
from analysis._proportions import clopper_pearson
from analysis._proportions import difference as newcombe

ONE, OTHER = Limits(0.7, 0.5, 0.85), Limits(0.4, 0.3, 0.6)


def test_the_difference_of_two_shares_is_newcombes():
    one, other = ((hits / tries, *clopper_pearson(hits, tries)) for hits, tries in ((56, 70), (48, 80)))
    assert np.allclose(difference(Limits(*one), Limits(*other)), newcombe(one, other), atol=1e-12)


def test_symmetric_limits_give_the_root_of_the_summed_squares():
    found = difference(Limits(10, 7, 13), Limits(4, 0, 8))
    assert found == (6, 1, 11)


def test_a_ratio_is_a_difference_of_logarithms():
    found = ratio(ONE, OTHER)
    logs = difference(*(Limits(*map(log, limits)) for limits in (ONE, OTHER)))
    assert np.allclose([log(end) for end in found], logs)
    back = ratio(OTHER, ONE)
    assert isclose(found.low * back.high, 1) and isclose(found.value * back.value, 1)


def test_the_widest_limits_hold_the_others():
    for near, wide in ((difference, widest_difference), (ratio, widest_ratio)):
        one, other = near(ONE, OTHER), wide(ONE, OTHER)
        assert other.low < one.low < one.value == other.value < one.high < other.high
    assert np.allclose(widest_difference(ONE, OTHER), (0.3, -0.1, 0.55))


@pytest.mark.parametrize("combine", [difference, widest_difference])
def test_a_limit_that_is_not_known_leaves_open_what_it_bounds(combine):
    assert combine(Limits(5, None, 6), Limits(1, 0, 2))[1] is None
    assert combine(Limits(5, None, 6), Limits(1, 0, 2))[2] is not None
    assert combine(Limits(5, 4, 6), Limits(1, None, 2))[2] is None
    assert combine(Limits(None, None, None), Limits(1, 0, 2)) == (None, None, None)


def test_a_ratio_to_nothing_is_nothing_and_a_limit_of_nothing_is_open():
    assert ratio(Limits(5, 4, 6), Limits(0, 0, 0)) == (None, None, None)
    found = ratio(Limits(5, 4, 6), Limits(2, 0, 3))
    assert found.value == 2.5 and found.high is None and found.low is not None
    assert ratio(Limits(5, 0, 6), Limits(2, 1, 3)).low == 0


def wilson(hits, tries):
    z = 1.959963984540054
    share, slack = hits / tries, z * z / tries
    width = z * np.sqrt(share * (1 - share) / tries + slack / tries / 4)
    return Limits(share, (share + slack / 2 - width) / (1 + slack), (share + slack / 2 + width) / (1 + slack))


@pytest.mark.parametrize(("p", "n", "q", "m"), [(0.3, 60, 0.1, 90), (0.5, 40, 0.45, 200), (0.05, 150, 0.2, 150)])
def test_the_limits_of_a_difference_of_shares_hold_it_in_93_to_97_percent(p, n, q, m):
    chance = np.random.default_rng(20261127)
    drawn = zip(chance.binomial(n, p, 4000), chance.binomial(m, q, 4000), strict=True)
    held = [low <= p - q <= high for _, low, high in (difference(wilson(a, n), wilson(b, m)) for a, b in drawn)]
    assert 0.93 <= np.mean(held) <= 0.97


@pytest.mark.parametrize("combine", [difference, ratio])
def test_the_limits_of_means_with_a_tail_hold_difference_and_ratio_in_93_to_97_percent(combine):
    """Sizes of cascades: geometric, so skewed to the right; 60 and 90 of them."""
    chance = np.random.default_rng(7)
    truth = {difference: 4 - 2.5, ratio: 4 / 2.5}[combine]
    held = []
    for _ in range(2500):
        one, other = (mean(chance.geometric(1 / size, n)) for size, n in ((4, 60), (2.5, 90)))
        found = combine(*(Limits(*made[:3]) for made in (one, other)))
        held.append(found.low <= truth <= found.high)
    assert 0.93 <= np.mean(held) <= 0.97
