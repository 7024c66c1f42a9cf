"""Signals that hang together, pooled: weights and intercepts are calibrated, a product of likelihoods is not; EM finds the mix."""

from __future__ import annotations

import numpy as np
import pytest

from analysis._calibration import calibration_error
from analysis._effects import chances as with_effects
from analysis._effects import drawn, settle
from analysis._pooling import Weights, fit, own_mix, posterior

MIX = np.array([0.3, 0.2, 0.15, 0.15, 0.12, 0.08])
REACHES = (0.75, 0.6, 0.65, 0.55)  # how often a signal shows what it is about


def world(rng, n, mix):
    """Make posts of six regions with four signals, three of which hang on one thing: whose culture the post is of."""
    true = rng.choice(len(mix), n, p=mix)
    culture = np.where(rng.random(n) < 0.2, rng.integers(0, len(mix), n), true)
    about = (culture, culture, culture, true)
    shown = [
        np.where(rng.random(n) < reach, what, rng.integers(0, len(mix), n))
        for reach, what in zip(REACHES, about, strict=True)
    ]
    return true, np.array(shown)


@pytest.fixture(scope="module")
def learned():
    rng = np.random.default_rng(5)
    true, shown = world(rng, 4000, MIX)
    prior = np.bincount(true, minlength=len(MIX)) / len(true)
    tables = []
    for signal in shown:
        table = np.full((len(MIX), len(MIX)), 0.5)
        np.add.at(table, (signal, true), 1)
        tables.append(np.log(table / table.sum(axis=1, keepdims=True)) - np.log(prior))

    def ratios(shown):
        return np.array([table[signal] for table, signal in zip(tables, shown, strict=True)])

    start = Weights(np.ones(len(shown)), np.zeros(len(MIX)))
    weights = fit(ratios(shown), np.eye(len(MIX))[true], np.log(prior), start=start, ridge=1e-3)
    return ratios, weights, start, prior


def error(chances, true):
    return calibration_error(chances.max(axis=1), (chances.argmax(axis=1) == true).astype(float))


def test_weights_and_intercepts_are_calibrated_and_a_product_of_likelihoods_is_not(learned):
    ratios, weights, product, prior = learned
    true, shown = world(np.random.default_rng(6), 20_000, MIX)
    told = posterior(ratios(shown), weights, np.log(prior))
    multiplied = posterior(ratios(shown), product, np.log(prior))
    assert error(told, true) < 0.04 and error(multiplied, true) > 0.08
    shares = np.bincount(true, minlength=len(MIX)) / len(true)
    assert np.abs(told.mean(axis=0) - shares).max() < 0.01


def test_em_finds_the_mix_of_another_campaign(learned):
    ratios, weights, _, prior = learned
    mix = np.array([0.05, 0.05, 0.5, 0.2, 0.1, 0.1])
    rng = np.random.default_rng(7)
    true = rng.choice(len(mix), 20_000, p=mix)
    culture = np.where(rng.random(len(true)) < 0.2, rng.integers(0, len(mix), len(true)), true)
    shown = [
        np.where(rng.random(len(true)) < reach, what, rng.integers(0, len(mix), len(true)))
        for reach, what in zip(REACHES, (culture, culture, culture, true), strict=True)
    ]
    told = posterior(ratios(np.array(shown)), weights, np.log(prior))
    found = own_mix(told, np.ones(len(told)), prior, steps=5000)
    shares = np.bincount(true, minlength=len(mix)) / len(true)
    counted = np.bincount(told.argmax(axis=1), minlength=len(mix)) / len(true)
    assert np.abs(found - shares).max() < 0.01 < np.abs(counted - shares).max()


def test_a_fit_finds_the_top_and_is_held_back_without_labels():
    rng = np.random.default_rng(8)
    ratios, labels = rng.normal(size=(2, 30, 4)), rng.integers(0, 5, (30, 4)).astype(float)
    start, flat = Weights(np.ones(2), np.zeros(4)), np.log(np.full(4, 0.25))
    found = fit(ratios, labels, flat, start=start, ridge=0.5)

    def height(weights):
        away = ((weights.signals - 1) ** 2).sum() + (weights.regions**2).sum()
        return (labels * np.log(posterior(ratios, weights, flat))).sum() - away / 4

    top = height(found)
    for _ in range(50):
        moved = Weights(found.signals + rng.normal(0, 0.05, 2), found.regions + rng.normal(0, 0.05, 4))
        assert height(moved) < top
    unlabelled = fit(ratios, np.zeros((30, 4)), flat, start=start, ridge=0.5)
    assert unlabelled.signals == pytest.approx(start.signals)


def test_effects_follow_the_labels_and_stay_uncertain_where_there_are_none():
    offsets = np.log(np.array([[0.5, 0.5], [0.5, 0.5]]))
    features, sizes = np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([0.5, 1.0])
    effects = settle(offsets, features, np.array([[90.0, 10.0], [0.0, 0.0]]), sizes)
    told = with_effects(offsets, features, effects.values)
    assert told[0, 0] > 0.75 and told[1, 0] > 0.5
    noise = drawn(effects, 4000, np.random.default_rng(9))
    spread = np.array([with_effects(offsets, features, each)[:, 0] for each in noise]).std(axis=0)
    assert spread[1] > 3 * spread[0]


def test_the_calibration_error_of_what_holds_is_near_nothing_and_of_what_does_not_is_the_gap():
    rng = np.random.default_rng(10)
    said = rng.uniform(0.3, 1, 5000)
    assert calibration_error(said, (rng.random(5000) < said).astype(float)) < 0.02
    assert calibration_error(said, (rng.random(5000) < said - 0.2).astype(float)) == pytest.approx(0.2, abs=0.03)
