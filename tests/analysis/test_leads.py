"""Which region leads which, against the chance that a common driver makes; on series whose truth is known."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from analysis import _jitter
from analysis._jitter import clock, false_discovery, lead, scores
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


def called(link: float, runs: int, block: float) -> float:
    """Return how often a lead is called at 5 %."""
    rng = np.random.default_rng(11)
    hits = 0
    for seed in range(runs):
        one, other = driven(rng)
        offspring = rng.poisson(link, len(one))
        brought = np.repeat(one, offspring) + rng.exponential(0.5 * SECONDS, offspring.sum())
        follower = np.sort(np.concatenate([other, brought]))
        hands = clock(one, follower)
        hits += lead(scores(one, hands), follower, hands, block * SECONDS, most=_jitter.FIRST, seed=seed).p <= 0.05
    return hits / runs


@pytest.mark.parametrize("block", [1.5, 3.0])
def test_a_common_driver_without_interaction_is_seldom_called_a_lead(block):
    assert called(0.0, 60, block) <= 0.10


def test_a_third_of_an_offspring_each_is_found_half_the_time_at_least():
    assert called(0.3, 40, 1.5) >= 0.5


def test_d_is_counted_as_defined():
    one, other = np.array([0.0, 1000.0, 9000.0]), np.array([500.0, 1000.0, 4000.0, 12_700.0])
    hands = clock(one, other)
    d = int(scores(one, hands)[((other - hands.start) / hands.tick).astype(int)].sum())
    after = sum(0 < b - a <= 3600 for a in one for b in other)
    before = sum(0 < a - b <= 3600 for a in one for b in other)
    assert d == after - before


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
