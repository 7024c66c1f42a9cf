"""What a platform, a language and a chart say about regions before any post was read; all of it before a campaign's own posts.

Every table is a distribution over regions. A region is a country or territory by its ISO 3166-1 code, never anything smaller.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

# Where a platform has its audience at home, and which part of it. By hand, from the platforms' own and market figures of
# 2023 to 2025: orders of magnitude, which a workspace's own posts correct.
_HOMES: dict[str, tuple[str, float]] = {
    **dict.fromkeys(("douyin", "weibo", "kuaishou", "wechat", "wechat_channels", "toutiao", "ixigua"), ("CN", 0.96)),
    **dict.fromkeys(("bilibili", "youku", "qqvideo", "zhihu", "acfun"), ("CN", 0.94)),
    "xiaohongshu": ("CN", 0.88),
    **dict.fromkeys(("vk", "ok"), ("RU", 0.8)),
    **dict.fromkeys(("rutube", "dzen"), ("RU", 0.9)),
    **dict.fromkeys(("naver", "navertv", "kakao", "kakaotv"), ("KR", 0.96)),
    "niconico": ("JP", 0.95),
    **dict.fromkeys(("truthsocial", "gab"), ("US", 0.75)),
    **dict.fromkeys(("rumble", "bitchute"), ("US", 0.5)),
    **dict.fromkeys(("reddit", "hackernews"), ("US", 0.4)),
}
# Blocked or not offered there; what is left are ways around it. After OONI's measurements and the platforms' own words.
_CLOSED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("youtube", "facebook", "instagram", "x", "threads"), ("CN", "IR", "KP", "TM")),
    **dict.fromkeys(
        ("telegram", "reddit", "vimeo", "twitch", "dailymotion", "bluesky", "rumble", "odysee"), ("CN", "KP")
    ),
    "tiktok": ("CN", "IN", "KP"),
}
_THROUGH = 0.01  # of the usual audience where a platform is blocked
_HINDERED = {"facebook": "RU", "instagram": "RU", "x": "RU", "threads": "RU"}  # since 2022, widely gone around
_AROUND = 0.3
_NEIGHBOURS: dict[str, tuple[str, ...]] = {"RU": ("BY", "KZ", "UA", "UZ", "KG", "AM", "MD", "GE")}
_SIZE = (
    0.75  # who talks of a video grows with the readers of a region, though not in step: a small one is named more often
)
_ELSEWHERE = 0.01  # of what a region writes, in any language: travellers, diasporas, slips of a detector


class World(NamedTuple):
    """The regions, how many readers each has, and what each of them reads."""

    regions: tuple[str, ...]
    prior: Vector
    languages: Mapping[str, Vector]  # for each language what share of each region reads it


@cache
def world() -> World:
    """Return the regions and what is read in each (CLDR 45)."""
    told = json.loads((files("spillover") / "data" / "speakers.json").read_text("utf-8"))["regions"]
    regions = tuple(told)
    people = np.array([told[region]["people"] for region in regions], dtype=float)
    prior = people**_SIZE / (people**_SIZE).sum()
    names = sorted({language for region in regions for language in told[region]["languages"]})
    languages = {name: np.array([told[region]["languages"].get(name, 0.0) for region in regions]) for name in names}
    return World(regions, prior, languages)


@cache
def of_platform(platform: str) -> Vector:
    """Return where a platform's audience is at home; that it is blocked somewhere is told by ``reached``."""
    regions, prior, _ = world()
    if platform not in _HOMES:
        return prior
    home, part = _HOMES[platform]
    near = np.array([region in _NEIGHBOURS.get(home, ()) for region in regions]) * prior
    beyond = near / near.sum() * 0.7 + prior * 0.3 if near.any() else prior.copy()
    beyond[regions.index(home)] = 0
    return np.asarray(part * (np.array(regions) == home) + (1 - part) * beyond / beyond.sum())


@cache
def reached(platform: str) -> Vector:
    """Return where those are who can reach a platform: all readers, few where it is blocked."""
    regions, prior, _ = world()
    audience = prior.copy()
    for closed in _CLOSED.get(platform, ()):
        audience[regions.index(closed)] *= _THROUGH
    if platform in _HINDERED:
        audience[regions.index(_HINDERED[platform])] *= _AROUND
    return np.asarray(audience / audience.sum())


@cache
def of_language(language: str, sure: float) -> Vector | None:
    """Return where those are who read a language, as far as it is sure; None for one that we know of nowhere.

    Chinese whose characters do not tell which they are counts half as simplified, half as traditional.
    """
    halves = {"zh": ("zh-Hans", "zh-Hant")}.get(language, (language,))
    parts = [_readers(half) for half in halves]
    known = [part for part in parts if part is not None]
    return None if not known else sure * sum(known) / len(known) + (1 - sure) * world().prior


def _readers(language: str) -> Vector | None:
    _, prior, languages = world()
    if language not in languages:
        return None
    share = languages[language]
    readers = prior * ((1 - _ELSEWHERE) * share + _ELSEWHERE * float(prior @ share))
    return np.asarray(readers / readers.sum())


def has_home(platform: str) -> bool:
    """Say whether a platform by itself points to one region."""
    return platform in _HOMES and _HOMES[platform][1] > 0.5


def at(regions: Mapping[str, float], sure: float) -> Vector:
    """Return the distribution of a statement: these regions by weight, as far as it is sure; the rest is as everywhere."""
    names, prior, _ = world()
    stated = np.array([regions.get(name, 0.0) for name in names])
    return prior if not stated.sum() else sure * stated / stated.sum() + (1 - sure) * prior
