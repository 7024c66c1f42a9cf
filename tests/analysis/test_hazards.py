"""Hazards from two looks: closed forms, and how often the intervals hold the truth of made-up worlds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis._hazards import Spells, hazard_ratio, incidence
from analysis._letting import CANNOT_TELL, LESS, LET, STOPPED, WHERE_FOUND, reading, seeable
from analysis._proportions import clopper_pearson, difference, mid_p

TIMES = (24.0, 168.0)
WORLDS = 100
_EDGES = np.array([0.0, 2.0, 48.0, 1e9])
_LOOKS = np.concatenate([[0.0], 0.25 * (2.0 ** np.arange(8) - 1), 24.0 * np.arange(2, 10)])


def cumulative(base: float, hours: float | np.ndarray) -> np.ndarray:
    """Return the true cumulative hazard: four times the base for two hours, a quarter of it after two days."""
    return np.interp(hours, _EDGES, np.concatenate([[0.0], np.cumsum(base * np.array([4, 1, 0.25]) * np.diff(_EDGES))]))


def world(rng: np.random.Generator, n: int, base: float, out: float, *, late: bool = False, crowd: int = 1) -> Spells:
    """Watch n posts of accounts of ``crowd`` posts each, that go together; nobody looks for twelve hours from ``out`` on."""
    grid = np.concatenate([np.linspace(0, 60, 6001), np.linspace(61, 4e4, 4000)])
    moments = np.interp(rng.exponential(size=n), cumulative(base, grid), grid)
    account = np.arange(n) // crowd
    moments = moments[np.arange(n) // crowd * crowd]  # an account goes at one moment
    entry = rng.exponential(6.0, n) if late else np.zeros(n)
    looks = entry[:, None] + _LOOKS * rng.uniform(0.9, 1.1, (n, 1))
    blind = (looks > out) & (looks < out + 12)
    blind[:, 0] = False
    up = np.where((looks < moments[:, None]) & ~blind, looks, -1).max(axis=1)
    down = np.where((looks >= moments[:, None]) & ~blind, looks, np.inf).min(axis=1)
    found = moments > entry  # what is gone before we find it is in no set
    return Spells(entry[found], up[found], down[found], account[found])


def spells(*rows: tuple[float, float, float]) -> Spells:
    entry, up, down = np.array(rows, float).T
    return Spells(entry, up, down, np.arange(len(rows)))


def test_one_gap_for_all_gives_the_plain_share():
    watched = spells(*[(0, 10, math.inf)] * 30, *[(0, 0, 10)] * 10)
    assert incidence(watched, (10.0,))[0][0] == pytest.approx(0.25, abs=1e-5)
    assert incidence(watched, (10.0,))[0][1:] == pytest.approx(mid_p(10, 40), abs=0.01)


def test_what_went_at_one_moment_went_then():
    watched = spells(*[(0, 500, math.inf)] * 30, *[(0, 2.9, 3.0)] * 30)
    share, low, high = incidence(watched, TIMES)[0]
    assert share == pytest.approx(0.5, abs=1e-4)
    assert (low, high) == pytest.approx(mid_p(30, 60), abs=0.005)
    shares = incidence(watched, (2.5, 3.5))
    assert shares[0][0] == 0.0 and shares[1][0] == pytest.approx(0.5, abs=1e-4)


def test_an_interval_holds_the_truth_as_often_as_it_says_and_the_exact_one_more_often():
    for tries, share in ((50, 0.1), (80, 0.12), (100, 0.2)):
        chance = [math.comb(tries, hits) * share**hits * (1 - share) ** (tries - hits) for hits in range(tries + 1)]
        held = {
            interval: sum(
                weight
                for hits, weight in enumerate(chance)
                if interval(hits, tries)[0] <= share <= interval(hits, tries)[1]
            )
            for interval in (mid_p, clopper_pearson)
        }
        assert 0.935 < held[mid_p] < 0.965 < held[clopper_pearson] + 0.001


def test_nothing_lost_gives_an_upper_bound_and_no_zero():
    assert incidence(spells(*[(0, 200, math.inf)] * 30), TIMES) == [(0.0, 0.0, clopper_pearson(0, 30)[1])] * 2
    assert incidence(spells((0, 0, math.inf)), TIMES) == [(0.0, 0.0, 1.0)] * 2  # never read again: nothing is known


def test_late_entry_counts_a_post_from_when_it_was_found():
    early = spells(*[(0, 20, math.inf)] * 20, *[(0, 0, 10)] * 10)
    late = spells(*[(10, 20, math.inf)] * 300)  # found when the danger was past: they say nothing of it
    both = Spells(
        *(np.concatenate([getattr(early, name), getattr(late, name)]) for name in ("entry", "up", "down", "account"))
    )
    assert incidence(both, (10.0,))[0][0] == pytest.approx(1 / 3, abs=1e-4)


def test_a_ratio_of_plain_rates_is_their_ratio():
    one, other = (
        spells(*[(0, 10, math.inf)] * 30, *[(0, 0, 10)] * 10),
        spells(*[(0, 10, math.inf)] * 35, *[(0, 0, 10)] * 5),
    )
    ratio, low, high = hazard_ratio(one, other)
    assert ratio == pytest.approx(math.log(40 / 30) / math.log(40 / 35), rel=1e-4)
    assert low < 1 < ratio < high
    assert hazard_ratio(spells((0, 9, math.inf)), spells((0, 9, math.inf))) is None
    assert hazard_ratio(one, spells(*[(0, 10, math.inf)] * 40))[2] == math.inf


def test_posts_of_one_account_count_as_one_piece_of_evidence():
    rng = np.random.default_rng(5)
    watched = world(rng, 200, 0.002, 500.0, crowd=10)
    alone = Spells(watched.entry, watched.up, watched.down, np.arange(len(watched.up)))
    together, apart = incidence(watched, TIMES)[1], incidence(alone, TIMES)[1]
    assert together[0] == apart[0]
    assert together[2] - together[1] > 1.5 * (apart[2] - apart[1])


def test_accounts_of_two_groups_are_different_accounts():
    rng = np.random.default_rng(5)
    one, other = world(rng, 100, 0.002, 500.0), world(rng, 100, 0.002, 500.0)
    renumbered = Spells(other.entry, other.up, other.down, other.account + 1000)
    assert hazard_ratio(one, other) == pytest.approx(hazard_ratio(one, renumbered), rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(("base", "ratio", "late"), [(0.002, 1.0, False), (0.003, 2.5, False), (0.002, 1.0, True)])
def test_intervals_hold_the_truth_in_about_95_of_100_worlds(base, ratio, late):
    rng = np.random.default_rng(11)
    since = 4.0 if late else 0.0
    held, above = [], []
    for _ in range(WORLDS):
        out = rng.uniform(0, 40)
        one, other = world(rng, 100, base * ratio, out, late=late), world(rng, 250, base, out, late=late)
        shares = [incidence(watched, TIMES, since=since) for watched in (one, other)]
        for place, time in enumerate(TIMES):
            truth = [-math.expm1(-k * (cumulative(base, time) - cumulative(base, since))) for k in (ratio, 1.0)]
            held += [share[place][1] <= true <= share[place][2] for share, true in zip(shares, truth, strict=True)]
            gap = difference(shares[0][place], shares[1][place])
            held.append(gap[1] <= truth[0] - truth[1] <= gap[2])
        found = hazard_ratio(one, other)
        held.append(found[1] <= ratio <= found[2])
        above.append(found[1] > 1)
    assert 0.93 <= np.mean(held) <= 0.985
    assert np.mean(above) <= 0.05 if ratio == 1 else np.mean(above) > 0.9


def test_a_comparison_is_read_by_the_table():
    high, like, open_ = (3.0, 2.0, 5.0), (1.0, 0.8, 1.3), (1.2, 0.5, 3.0)
    assert reading(high, high, like, 0) == WHERE_FOUND
    assert reading(high, high, high, 0) == reading(high, None, None, 0) == STOPPED
    assert reading(like, like, open_, 9) == LET
    assert reading(like, like, open_, 4) == CANNOT_TELL  # nothing shows that the platform removes anything
    assert reading(like, high, open_, 9) == CANNOT_TELL
    assert reading(open_, None, None, 9) == reading(None, None, None, 9) == CANNOT_TELL
    assert reading((0.3, 0.1, 0.6), None, None, 9) == LESS


def test_what_could_have_been_seen_is_known_before_the_answer():
    assert seeable(0.1, 10, (100, 100)).power == pytest.approx(0.52, abs=0.02)
    assert seeable(0.0, 0, (50, 150)).ratio == seeable(0.0, 1, (50, 150)).ratio
    assert seeable(0.1, 1, (0, 3)) == (0.0, math.inf, math.inf)
