"""The sample data that ships: small, published, without people, and made by its script."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
CHARTS = sorted((EXAMPLES / "sample" / "sample-youtube-trending").iterdir())
README = (EXAMPLES / "sample" / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def places() -> list[dict[str, str]]:
    rows = []
    for path in CHARTS:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            rows.extend(csv.DictReader(file))
    return rows


@pytest.fixture(scope="module")
def maker():
    spec = importlib.util.spec_from_file_location("make_sample", EXAMPLES / "make_sample.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_is_small_enough_to_ship():
    assert sum(path.stat().st_size for path in (EXAMPLES / "sample").rglob("*") if path.is_file()) < 1_500_000


def test_there_is_a_file_for_each_of_21_days(places):
    assert len(CHARTS) == 21
    assert len({row["fetched_at"][:10] for row in places}) == 21


def test_the_readme_counts_what_is_there(places):
    said = re.search(r"([\d,]+) places of (\d+) videos", README)
    assert said is not None
    assert int(said[1].replace(",", "")) == len(places)
    assert int(said[2]) == len({row["video_id"] for row in places})


def test_videos_are_seen_to_cross_borders_over_days(places):
    first: dict[tuple[str, str], str] = {}
    for row in places:
        first.setdefault((row["video_id"], row["country"]), row["fetched_at"][:10])
    days: dict[str, set[str]] = {}
    for (video, _), day in first.items():
        days.setdefault(video, set()).add(day)
    assert sum(len(reached) >= 3 for reached in days.values()) >= 25
    assert {"HK", "TW", "RU", "UA", "BY", "JP", "KR"} <= {country for _, country in first}


def test_a_video_and_chart_has_one_place_a_day(places):
    keys = [(row["video_id"], row["country"], row["fetched_at"][:10]) for row in places]
    assert len(keys) == len(set(keys))


def test_no_account_is_in_it(places):
    assert not any(re.search("channel|author|user", column) for column in places[0])


def test_the_campaign_names_every_video_of_the_charts(places):
    campaign = tomllib.loads((EXAMPLES / "sample-youtube-trending.toml").read_text(encoding="utf-8"))
    assert (campaign["name"], campaign["sample"], campaign["live"]) == ("sample-youtube-trending", True, False)
    assert {video["url"][-11:] for video in campaign["videos"]} == {row["video_id"] for row in places}
    titles = {row["title"] for row in places}
    assert all(set(video["title"].values()) <= titles for video in campaign["videos"])


@pytest.mark.parametrize(
    ("day", "title"),
    [
        ("2024-10-28", "中方严正抗议CIA公然发布投靠指南"),
        ("2025-05-06", "中方强烈谴责美中情局招募间谍"),
        ("2025-06-25", "美CIA发中文视频招间谍"),
    ],
)
def test_the_founding_day_is_there_with_the_rest_of_its_list(maker, day, title):
    path = EXAMPLES / "sample" / maker.WEIBO / f"weibo_hot_{day}.csv"
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert title in {row["title"] for row in rows}
    assert len(rows) > 300
    assert {row["day"] for row in rows} == {day}


def test_the_script_makes_the_same_bytes(maker, shared, tmp_path):
    maker.make(shared / "data", tmp_path)
    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert made == {path: (EXAMPLES / path).read_bytes() for path in made}
    assert len(made) == 21 + 3 + 1
