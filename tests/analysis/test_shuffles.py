"""Labels shuffled within the clock hour: what they keep, what they break, and how often they find what is not there."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from analysis._coshares import Shares, meetings
from analysis._in_step import IN_STEP, INSUFFICIENT, NOT_IN_STEP, beside_chance, look, verdicts
from analysis._shared_objects import Sharing
from analysis._shuffles import HOUR, Chance, Shuffled, Threshold, against_chance

WINDOWS = (10, 60, 300)


@pytest.fixture(scope="module")
def russian(shared: Path) -> Shares:
    """The retweets that CooRTweet ships (MIT), ids replaced by numbers; each row a post of its own."""
    file = shared / "data" / "methods" / "coortweet_russian_int.parquet"
    rows = duckdb.sql(f"SELECT object_id, account_id, ts FROM '{file}'").fetchnumpy()
    thing, account = (np.unique(rows[name], return_inverse=True)[1] for name in ("object_id", "account_id"))
    return Shares(np.arange(len(thing)), thing, account, rows["ts"].astype(np.int64))


def in_windows(shares: Shares) -> dict:
    return {window: meetings(shares, window) for window in WINDOWS}


def test_shuffling_keeps_who_is_active_in_each_hour_and_moves_a_post_as_one():
    draw = np.random.default_rng(7)
    post = np.repeat(np.arange(500), 2)
    account, at = draw.integers(0, 40, 500)[post], draw.integers(0, 9 * HOUR, 500)[post]
    dealt = Shuffled(Shares(post, np.arange(1000), account, at), at // HOUR).labels()
    assert (dealt[::2] == dealt[1::2]).all()
    for hour in range(9):
        inside = at // HOUR == hour
        assert sorted(dealt[inside]) == sorted(account[inside])
    assert (dealt != account).mean() > 0.8


def test_the_same_seed_gives_the_same_answer(russian):
    once, again = (against_chance(russian, in_windows(russian), (2, 3), rounds=3) for _ in range(2))
    assert once == again


def test_the_pairs_by_chance_are_those_of_the_method_notes(russian):
    """Within 25 %, the Monte-Carlo error of the 20 shuffles behind the notes; where they expect few, within one pair."""
    found = against_chance(russian, in_windows(russian), (2, 3, 5), rounds=60)
    noted = {
        (10, 2): (2, 0.3), (10, 3): (1, 0.0), (10, 5): (0, 0.0),
        (60, 2): (32, 10.7), (60, 3): (3, 0.2), (60, 5): (0, 0.0),
        (300, 2): (392, 203), (300, 3): (64, 10), (300, 5): (11, 0.1),
    }  # fmt: skip
    for (window, least), (seen, expected) in noted.items():
        chance = found[Threshold(window, least)]
        assert chance.seen == seen
        assert chance.expected == pytest.approx(expected, rel=0.25, abs=0.6)
    assert found[Threshold(300, 2)].share()[0] == pytest.approx(0.52, abs=0.06)
    assert found[Threshold(300, 5)].share()[2] <= 0.04


def test_of_a_shuffled_set_all_is_chance(russian):
    by_chance = Shares(russian.post, russian.object, Shuffled(russian, russian.at // HOUR, seed=3).labels(), russian.at)
    found = against_chance(by_chance, in_windows(by_chance), (2, 3), rounds=40)
    share, low, high = found[Threshold(300, 2)].share()
    assert share == pytest.approx(1, abs=0.15)
    assert low < share < high
    assert min(chance.p for chance in found.values()) > 0.05


def test_of_nothing_seen_there_is_no_share_by_chance():
    nothing = Shares(*(np.arange(3) for _ in range(3)), np.array([0, 5, 9]))
    found = against_chance(nothing, {10: meetings(nothing, 10)}, (2,), rounds=5)
    assert found[Threshold(10, 2)].share() is None
    assert found[Threshold(10, 2)].p == 1


def test_what_no_shuffle_gives_may_still_come_by_chance():
    """Three in as many shuffles as gave none: the rule of three."""
    assert Chance(seen=10, expected=0, error=1.5 / 200, p=0.01).share() == pytest.approx((0, 0, 3 / 200 / 10), rel=0.03)


def world(seed: int, *, planted: int = 0, posts: int = 400, hours: int = 8) -> Sharing:
    """Make posts of 40 accounts, some more active, that share 30 links, some more liked, in bursts of their own.

    Planted accounts do the same, and share four links besides within eight seconds of each other.
    """
    draw = np.random.default_rng(seed)
    like = 1 / np.arange(1, 31)
    busy = draw.pareto(1.5, 40 + planted) + 0.2
    thing = draw.choice(30, posts, p=like / like.sum())
    burst = draw.integers(0, hours * HOUR, 30)
    at = np.where(
        draw.random(posts) < 0.5, burst[thing] + draw.exponential(900, posts), draw.integers(0, hours * HOUR, posts)
    )
    account = draw.choice(40 + planted, posts, p=busy / busy.sum())
    times = draw.integers(0, hours * HOUR - 60, 4)
    more = np.array([(30 + i, 40 + a, times[i] + draw.integers(0, 8)) for i in range(4) for a in range(planted)])
    columns = np.concatenate(
        [np.stack([thing, account, at.astype(np.int64)], axis=1), more.reshape(-1, 3).astype(np.int64)]
    )
    shares = Shares(np.arange(len(columns)), *columns.T)
    return Sharing(("x",), "link", shares, np.zeros(len(columns), bool), shares.at // HOUR, len(columns), 0, 0)


@pytest.mark.slow
def test_no_more_than_one_world_in_twenty_without_coordination_gives_a_finding():
    said = [verdicts(beside_chance([look(world(seed))], rounds=80))[0] for seed in range(40)]
    assert said.count(IN_STEP) <= 2
    assert said.count(NOT_IN_STEP) > 35


@pytest.mark.parametrize("seed", range(4))
def test_a_planted_group_is_found_with_fewer_false_pairs_than_nominal(seed):
    (found,) = beside_chance([look(world(seed, planted=10))])
    assert verdicts([found]) == [IN_STEP]
    best = found.steps[Threshold(10, 4)]
    assert found.chances[Threshold(10, 4)].share()[2] <= 0.05
    false = [(a, b) for a, b in zip(best.low.tolist(), best.high.tolist(), strict=True) if min(a, b) < 40]
    assert len(false) <= 0.05 * len(best.low)
    assert set(range(40, 50)) <= set(best.low.tolist()) | set(best.high.tolist())


def test_hours_that_hold_nothing_else_cannot_be_told_from_chance():
    """Eight accounts alone in three hours: whoever is dealt which label, the same pairs come out."""
    thing, account = np.repeat(np.arange(3), 8), np.tile(np.arange(8), 3)
    shares = Shares(np.arange(24), thing, account, thing * HOUR + account)
    sharing = Sharing(("x",), "link", shares, np.zeros(24, bool), thing, 24, 0, 0)
    assert verdicts(beside_chance([look(sharing)])) == [INSUFFICIENT]
