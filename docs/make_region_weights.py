"""Fit the default weights of regions on made-up worlds whose truth is known; a test says when they are stale.

A world has 3 to 9 regions in a mix of its own and 3 to 7 platforms. Platforms and languages stray from our tables; some people
use those of another region (so the signals hang together), some write English whoever reads it, detectors slip, hashtags are a
region's own or everybody's, charts are of a region that is mostly theirs. On some platforms posts state their region.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "spillover" / "data" / "region_weights.json"
WORLDS, POSTS = 24, 400
SOURCE = f"{WORLDS} made-up worlds of {POSTS} posts, seed 16, by docs/make_region_weights.py"
REGIONS = [
    "CN",
    "HK",
    "TW",
    "SG",
    "MY",
    "US",
    "GB",
    "IN",
    "JP",
    "KR",
    "RU",
    "UA",
    "KZ",
    "DE",
    "FR",
    "ES",
    "MX",
    "BR",
    "ID",
    "VN",
    "TH",
    "TR",
    "IR",
    "EG",
    "CA",
    "AU",
]
PLATFORMS = [
    "youtube",
    "x",
    "telegram",
    "bluesky",
    "tiktok",
    "facebook",
    "weibo",
    "douyin",
    "bilibili",
    "xiaohongshu",
    "vk",
    "rutube",
    "naver",
    "niconico",
    "reddit",
    "web",
]
sys.path.insert(0, str(ROOT))


def world(rng: np.random.Generator, n: int, stated: float, stray: float = 0.7) -> tuple[pd.DataFrame, np.ndarray]:
    """Return made-up posts as analyses read them, of which about this share state their region; and each post's true region."""
    from analysis import _audiences as audiences

    regions, prior, languages = audiences.world()
    weigh = prior[[regions.index(name) for name in REGIONS]] ** 0.5
    some = rng.choice(len(REGIONS), rng.integers(3, 10), replace=False, p=weigh / weigh.sum())
    places = np.array([regions.index(REGIONS[place]) for place in some])
    mix = rng.dirichlet(np.ones(len(places)))
    names = rng.choice(PLATFORMS, rng.integers(3, 8), replace=False)
    used = np.array([audiences.of_platform(str(name))[places] / prior[places] for name in names])
    used = used * np.array([audiences.reached(str(name))[places] / prior[places] for name in names])
    used = used * rng.dirichlet(np.full(len(names), 2.0))[:, None] * np.exp(rng.normal(0, stray, used.shape))
    cells = rng.choice(
        used.size, n, p=(used * mix).ravel() / (used * mix).sum()
    )  # who cannot reach a platform is not there
    platform, as_if = np.divmod(cells, len(places))  # whose platforms and languages they use
    true = np.where(rng.random(n) < 0.05, rng.permutation(as_if), as_if)
    tongues = np.array([*languages], dtype=object)
    spoken = np.array([languages[name][places] for name in tongues])
    language = tongues[_chosen(rng, spoken * np.exp(rng.normal(0, stray, spoken.shape)), as_if)]
    language[rng.random(n) < rng.beta(1, 8) / 2] = "en"
    language[[name.startswith("zh") and rng.random() < 0.15 for name in language]] = "zh"
    sure = rng.choice([0.97, 0.7], n, p=[0.82, 0.18])
    slips = rng.random(n) > np.where(sure > 0.9, 0.985, 0.75)
    language[slips] = rng.choice(tongues, slips.sum())
    silent = rng.random(n) < 0.05
    language[silent], sure[silent] = "", 0.0
    says = np.minimum(np.where(rng.random(len(names)) < 0.7, rng.random(len(names)), 0.0) * 2 * stated, 0.95)
    charted = np.where(rng.random(n) < 0.85, true, rng.permutation(true))
    posts = pd.DataFrame({
        "post_key": np.arange(n), "account": [f"a{number}" for number in range(n)], "platform": names[platform].astype(object),
        "language": language, "sure": sure, "tag": "", "hashtags": [_tags(rng, region) for region in as_if],
        "listed": [regions[places[region]] if rng.random() < 0.08 else "" for region in charted], "trust": 0.98,
        "stated": [regions[places[region]] if rng.random() < says[on] else None for region, on in zip(true, platform, strict=True)],
    })  # fmt: skip
    return posts, places[true]


def _chosen(rng: np.random.Generator, weights: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Return for each region in the list one row of the weights, as likely as its column says."""
    ends = np.cumsum(weights / weights.sum(axis=0), axis=0)
    return np.array((rng.random(len(regions)) > ends[:, regions]).sum(axis=0)).clip(max=len(weights) - 1)


def _tags(rng: np.random.Generator, region: int) -> tuple[str, ...]:
    return (f"{region} {rng.integers(3)}",) if rng.random() < 0.35 else ("all",) if rng.random() < 0.3 else ()


def weights() -> dict[str, float]:
    """Return the weights that are likeliest over all worlds at once, so that no world's own mix is learned."""
    from analysis import _audiences as audiences
    from analysis import _fusion as fusion
    from analysis._pooling import Weights, fit

    rng, shown, truths = np.random.default_rng(16), [], []
    prior = audiences.world().prior
    for _ in range(WORLDS):
        posts, truth = world(rng, POSTS, 1.0)
        posts["stated"] = [audiences.world().regions[place] for place in truth]
        tables = fusion.learned_tables(posts[::2])
        patterns, labels = fusion.counted(fusion.with_tags(posts[1::2], tables))
        shown.append(fusion.ratios(patterns, tables))
        truths.append(labels)
    start = Weights(np.ones(len(fusion.SIGNALS)), np.zeros(len(prior)))
    found = fit(np.concatenate(shown, axis=1), np.concatenate(truths), np.log(prior), start=start, ridge=2.0)
    return {name: round(float(value), 2) for name, value in zip(fusion.SIGNALS, found.signals, strict=True)}


def text() -> str:
    """Return the file as the code makes it now."""
    return json.dumps({"source": SOURCE, "weights": weights()}, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
