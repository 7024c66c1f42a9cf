"""Which region leads which, against the chance that a common driver makes; on series whose truth is known."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from analysis._jitter import FINEST_S, WITHIN_S, Lead, cells, false_discovery, law, lead, pairs_in_order, seconds, steps
from analysis.crossings import crossings

NOON = datetime(2026, 3, 1, 12)
SECONDS = 3600.0


def driven(rng: np.random.Generator, days: int = 14, rate: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return two series of moments that share a day's rhythm and bursts of news, and nothing else."""
    hours = np.arange(0, days * 24, 0.05)
    level = 1 + 0.8 * np.sin(2 * np.pi * hours / 24)
    for start in rng.uniform(0, days * 24, days):
        since = np.maximum(hours - start, 0)
        level = level + 6 * np.exp(-since / 3) * (1 - np.exp(-since)) * (hours > start)
    series = []
    for _ in range(2):
        counts = rng.poisson(level * rate * 0.05)
        series.append(np.sort(np.repeat(hours, counts) + rng.uniform(0, 0.05, counts.sum())) * SECONDS)
    return series[0], series[1]


def led(leader: np.ndarray, follower: np.ndarray, block: int) -> Lead:
    """Return what is said of two series at a width of block, in cells of an hour and a half."""
    starts = cells([leader, follower])
    places = np.searchsorted(starts, seconds(follower), side="right") - 1
    chance = law(steps(leader, starts), block, len(starts) // block)
    return lead(pairs_in_order(leader, follower), chance, places // block)


def called(link: float, runs: int, block: int) -> float:
    """Return how often a lead is called at 5 %."""
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(runs):
        one, other = driven(rng)
        offspring = rng.poisson(link, len(one))
        brought = np.repeat(one, offspring) + rng.exponential(0.5 * SECONDS, offspring.sum())
        follower = np.sort(np.concatenate([other, brought]))
        hits += led(one, follower, block).p <= 0.05
    return hits / runs


@pytest.mark.parametrize("block", [1, 2])
def test_a_common_driver_without_interaction_is_seldom_called_a_lead(block):
    assert called(0.0, 60, block) <= 0.10


def test_a_third_of_an_offspring_each_is_found_half_the_time_at_least():
    assert called(0.3, 40, 1) >= 0.5


def test_d_is_counted_as_defined():
    one, other = np.array([0.0, 1000.0, 9000.0]), np.array([500.0, 1000.0, 4000.0, 12_700.0])
    after = sum(0 < b - a <= 3600 for a in one for b in other)
    before = sum(0 < a - b <= 3600 for a in one for b in other)
    assert pairs_in_order(one, other) == after - before


def redrawn(leader: np.ndarray, follower: np.ndarray, width: int, draws: int) -> np.ndarray:
    """Return D for so many draws of the follower's moments within their blocks, by the definition."""
    rng, ahead = np.random.default_rng(5), np.sort(seconds(leader))
    total = np.zeros(draws, dtype=int)
    for start in seconds(follower) // width * width:
        at = start + rng.integers(0, width, draws)
        total += np.searchsorted(ahead, at) - np.searchsorted(ahead, at - WITHIN_S)
        total -= np.searchsorted(ahead, at + WITHIN_S, side="right") - np.searchsorted(ahead, at, side="right")
    return total


@pytest.mark.parametrize("block", [1, 2, 4])
@pytest.mark.parametrize("posts", [20, 120])
def test_what_is_said_without_draws_is_what_draws_say(posts, block):
    rng = np.random.default_rng(posts)
    for shift in (0.0, 900.0):  # plain chance, and a follower that follows
        one = np.sort(np.concatenate([rng.uniform(0, 4 * 86_400, posts // 2), rng.normal(1e5, 9000, posts // 2)]))
        other = np.where(rng.random(len(one)) < 0.4, one + shift, rng.uniform(0, 4 * 86_400, len(one)))
        seen, found = pairs_in_order(one, other), led(one, other, block)
        drawn = redrawn(one, other, block * FINEST_S, 10_000)
        p, slack = float((drawn >= seen).mean()), drawn.std() / 20
        assert found.p == pytest.approx(p, rel=0.15, abs=4 * (max(p, 1e-4) / 10_000) ** 0.5)
        bounds = (seen - drawn.mean(), seen - np.quantile(drawn, 0.975), seen - np.quantile(drawn, 0.025))
        assert (found.excess, found.low, found.high) == pytest.approx(bounds, abs=slack + 0.5)


def test_a_lead_that_nothing_can_exceed_has_the_chance_of_just_that():
    """One leader, and followers one second after it: each draw is right after it with the same chance."""
    leader, follower = np.full(3, 5.0), np.full(20, 6.0)
    seen, found = pairs_in_order(leader, follower), led(leader, follower, 1)
    assert seen == 60
    assert found.p == pytest.approx(max((3600 / 5400) ** 20, 1e-12), rel=1e-9)


def test_followers_that_no_leader_is_near_say_nothing():
    found = led(np.array([0.0]), np.full(20, 50_000.0), 1)
    assert (found.excess, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)


def test_false_discovery_is_benjamini_and_hochbergs():
    """Their own example (1995, table 1): at .05 the four smallest of fifteen are called."""
    p = [.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1.0]  # fmt: skip
    rates = false_discovery(p)
    assert (rates <= 0.05).sum() == 4
    assert rates[3] == pytest.approx(0.0095 * 15 / 4)
    assert false_discovery([]).tolist() == []


def test_a_region_that_follows_another_is_told_apart_from_stated_edges(store):
    rng = np.random.default_rng(2)
    one = np.sort(rng.uniform(0, 96, 60))
    for n, hours in enumerate(one):
        for region, late in (("TW", 0.0), ("HK", float(rng.exponential(0.3)))):
            at = NOON + timedelta(hours=float(hours) + late)
            store.post(author=f"{region}{n % 9}", region=region, platform="bluesky", published_at=at, first_seen_at=at)
    rows = [row for row in crossings(store.derive(), "made-up", by=()).to_dict("records") if row["metric"] == "lead"]
    verdicts = {(row["keys"]["from"], row["keys"]["region"], row["keys"]["block_h"]): row["verdict"] for row in rows}
    assert verdicts == {("TW", "HK", b): "leads" for b in (1.5, 3.0, 6.0)} | {
        ("HK", "TW", b): "no sign" for b in (1.5, 3.0, 6.0)
    }
    assert {row["keys"]["edges"] for row in rows} == {"inferred"}
    assert all(row["low"] <= row["value"] <= row["high"] for row in rows)


def test_few_posts_make_no_lead(store):
    for region, many in (("TW", 19), ("HK", 30)):
        for n in range(many):
            store.post(author=f"{region}{n}", region=region, published_at=NOON + n * timedelta(hours=1))
    rows = crossings(store.derive(), "made-up", by=()).to_dict("records")
    assert not [row for row in rows if row["metric"] == "lead"]
