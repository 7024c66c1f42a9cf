"""From what posts show to a distribution over regions for each pattern: default weights, or such as were learned from labelled posts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis import _audiences as audiences
from analysis._pooling import Array, Weights, fit, posterior
from analysis._signals import PATTERN

ENOUGH = 300  # labelled posts from which weights are learned; below it the defaults stand
SIGNALS = ("platform", "reached", "language", "tag", "listed")
_LISTED = 0.9  # how far a chart is believed to be of the post's audience
_TAG_POSTS, _TAG_LEAST = (
    10.0,
    5,
)  # a hashtag that fewer labelled posts carry says nothing yet; what all posts say counts as so many
_RIDGE = 2.0


class Model(NamedTuple):
    """How patterns become distributions: tables of what was learned by signal and value, and weights."""

    tables: Mapping[tuple[str, str], Array]  # log(P / prior)
    weights: Weights
    labels: int  # posts that it was learned from; 0 for the defaults


@cache
def defaults() -> Model:
    """Return the model with the default weights: fitted on made-up worlds, see docs/make_region_weights.py."""
    told = json.loads((files("spillover") / "data" / "region_weights.json").read_text("utf-8"))
    signals = np.array([told["weights"][name] for name in SIGNALS])
    return Model({}, Weights(signals, np.zeros(len(audiences.world().prior))), 0)


def learn(labelled: pd.DataFrame) -> Model:
    """Return the model learned from labelled posts, or the defaults where they are too few.

    What a hashtag says is learned from one half and weighed on the other, or its weight would be that of hindsight.
    """
    if len(labelled) < ENOUGH:
        return defaults()
    first, second = labelled.iloc[::2], labelled.iloc[1::2]
    tables = learned_tables(first)
    patterns, labels = counted(with_tags(second, tables))
    log_prior = np.log(audiences.world().prior)
    weights = fit(ratios(patterns, tables), labels, log_prior, start=defaults().weights, ridge=_RIDGE)
    return Model(learned_tables(labelled), weights, len(labelled))


def with_tags(posts: pd.DataFrame, tables: Mapping[tuple[str, str], Array]) -> pd.DataFrame:
    """Return the posts with the hashtag of each that says most about a region; none where nothing was learned of any."""
    told = {value: float(np.abs(table).max()) for (signal, value), table in tables.items() if signal == "tag"}
    best = [
        max((tag for tag in tags if tag in told), key=lambda t: (told[t], t), default="") for tags in posts["hashtags"]
    ]
    return posts.assign(tag=best)


def counted(posts: pd.DataFrame) -> tuple[pd.DataFrame, Array]:
    """Return the patterns of posts, and how many of each are stated to be of which region."""
    patterns = posts[list(PATTERN)].drop_duplicates(ignore_index=True)
    place = pd.MultiIndex.from_frame(patterns).get_indexer(pd.MultiIndex.from_frame(posts[list(PATTERN)]))
    labels = np.zeros((len(patterns), len(audiences.world().regions)))
    known = posts["stated"].isin(codes()).to_numpy()
    np.add.at(labels, (place[known], np.array([codes()[code] for code in posts["stated"][known]], dtype=int)), 1.0)
    return patterns, labels


@cache
def codes() -> dict[str, int]:
    return {code: place for place, code in enumerate(audiences.world().regions)}


def chances(patterns: pd.DataFrame, model: Model) -> Array:
    """Return for each pattern its distribution over regions."""
    return posterior(ratios(patterns, model.tables), model.weights, np.log(audiences.world().prior))


def ratios(patterns: pd.DataFrame, tables: Mapping[tuple[str, str], Array]) -> Array:
    """Return log(P / prior) for each signal, pattern and region; 0 where a signal is absent."""
    nothing = np.zeros(len(audiences.world().regions))
    found = [
        [_log(audiences.of_platform(name)) for name in patterns["platform"]],
        [_log(audiences.reached(name)) for name in patterns["platform"]],
        [_spoken(name, sure, nothing) for name, sure in zip(patterns["language"], patterns["sure"], strict=True)],
        [tables.get(("tag", name), nothing) for name in patterns["tag"]],
        [_log(_listed(name)) for name in patterns["listed"]],
    ]
    return np.array(found, dtype=float).reshape(len(SIGNALS), len(patterns), len(nothing))


def _spoken(name: str, sure: float, nothing: Array) -> Array:
    own = audiences.of_language(name, sure) if name else None
    return nothing if own is None else _log(own)


@cache
def _listed(name: str) -> Array:
    places = {name[at : at + 2]: 1.0 for at in range(0, len(name), 2)}
    return audiences.at(places, _LISTED)


def _log(distribution: Array) -> Array:
    return np.asarray(np.log(np.maximum(distribution, 1e-9) / audiences.world().prior))


def learned_tables(labelled: pd.DataFrame) -> dict[tuple[str, str], Array]:
    """Return what labelled posts say of each hashtag that enough of them carry, beside all of them."""
    known = labelled[labelled["stated"].isin(codes())]
    place = known["stated"].map(codes()).astype(int)
    everywhere = _blend(place, audiences.world().prior, 1.0)
    tags = known["hashtags"].explode().dropna()
    return {
        ("tag", str(name)): np.log(_blend(group, everywhere, _TAG_POSTS) / everywhere)
        for name, group in place.loc[tags.index].groupby(tags.to_numpy())
        if len(group) >= _TAG_LEAST
    }


def _blend(places: pd.Series[int], before: Array, worth: float) -> Array:
    seen = np.bincount(places.to_numpy(), minlength=len(before))
    return np.asarray((worth * before + seen) / (worth + seen.sum()))
