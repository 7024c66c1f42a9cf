"""The share outside the origin, what one post carries, and the numbers that are given by name only; on made-up rows."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import pytest

from analysis.outside import METRICS, outside
from analysis.people import all_platforms, people

NOON = datetime(2026, 3, 1, 12)


@pytest.fixture
def store(store):
    store.insert(
        "campaign_version", campaign_id=1, version=1, title="made up", source='origin_region = "US"', saved_at=NOON
    )
    return store


def rows(frame: pd.DataFrame, platform: str = "youtube") -> dict[str, dict[str, object]]:
    return {row["metric"]: row for row in frame.to_dict("records") if row["keys"].get("platform") == platform}


def test_the_share_outside_is_of_views_whose_region_is_known(store):
    store.posts_of(6, region="US")
    store.posts_of(18, region="HK")
    store.posts_of(8)
    found = rows(outside(store.derive(), "made-up"))
    share = found["outside_origin"]
    assert (share["value"], share["n"]) == (pytest.approx(0.75), 24)
    assert 0.5 < share["low"] < 0.75 < share["high"] < 0.95
    assert found["region_unknown"]["value"] == pytest.approx(0.25)


def test_the_largest_post_is_a_share_and_never_which_and_the_result_without_it_stands_beside(store):
    store.posts_of(6, region="US")
    store.posts_of(6, region="HK")
    outlet = store.post(publisher="a newspaper", region="HK", id="the-largest")
    store.reading(outlet, NOON, views=1200)
    frame = outside(store.derive(), "made-up")
    found = rows(frame)
    assert found["top_post_share"]["value"] == pytest.approx(0.5)
    assert found["outside_origin"]["value"] == pytest.approx(0.75)
    assert found["outside_origin_without_top_post"]["value"] == pytest.approx(0.5)
    assert "the-largest" not in frame.to_json()


def test_what_a_private_accounts_post_carries_is_not_shown(store):
    store.posts_of(6, region="US")
    store.posts_of(6, region="HK")
    store.reading(store.post(author="somebody", region="HK"), NOON, views=1200)
    found = rows(outside(store.derive(), "made-up"))
    assert [name for name in METRICS if found[name]["suppressed"]] == [
        "outside_origin_without_top_post",
        "top_post_share",
    ]
    assert found["top_post_share"]["value"] is None and found["outside_origin"]["value"] is not None


@pytest.mark.parametrize("few", ["US", "unknown"])
def test_a_share_that_would_give_a_hidden_region_away_is_not_shown(store, few):
    store.posts_of(30, region="HK")
    store.posts_of(3, region=None if few == "unknown" else few)
    assert all(row["suppressed"] and row["value"] is None for row in rows(outside(store.derive(), "made-up")).values())


def test_one_post_that_outweighs_all_others_is_insufficient(store):
    store.posts_of(10, region="US", views=1)
    store.reading(store.post(policy="published", region="HK"), NOON, views=10_000)
    assert rows(outside(store.derive(), "made-up"))["outside_origin"]["verdict"] == "insufficient"


def test_without_an_origin_there_is_no_outside(store):
    store.con.execute("UPDATE held.campaign_version SET source = ''")
    store.posts_of(6, region="US")
    share = rows(outside(store.derive(), "made-up"))["outside_origin"]
    assert (share["verdict"], share["value"]) == ("insufficient", None)
    assert share["rests_on"] == "the campaign file names no origin_region"


def test_the_sum_over_platforms_says_what_it_adds_and_what_it_leaves_out(store):
    store.posts_of(6)
    store.posts_of(7, platform="bilibili")
    store.posts_of(2, platform="x")
    found = rows(all_platforms(store.derive(), "made-up"), "all")
    views = found["known_views_all_platforms"]
    assert (views["value"], views["low"], views["high"], views["n"]) == (1300, 1300, 1300, 13)
    assert views["rests_on"].endswith("bilibili 700, youtube 600; 1 left out")
    assert found["known_likes_all_platforms"]["verdict"] == "insufficient"


def test_people_are_bounds_and_never_a_number(store):
    store.posts_of(6)
    store.reading(store.post(policy="published", platform="bilibili"), NOON, views=500, likes=80)
    (row,) = people(store.derive(), "made-up").to_dict("records")
    assert (row["value"], row["low"], row["high"], row["verdict"]) == (None, 80, 1100, "bounds")


def test_people_have_no_upper_bound_where_a_post_hides_its_views(store):
    store.posts_of(6)
    store.reading(store.post(policy="published"), NOON, likes=80)
    (row,) = people(store.derive(), "made-up").to_dict("records")
    assert (row["low"], row["high"]) == (80, None)


def test_people_are_not_told_where_a_platform_is_suppressed(store):
    store.posts_of(6)
    store.posts_of(2, platform="bilibili")
    (row,) = people(store.derive(), "made-up").to_dict("records")
    assert row["suppressed"] and row["low"] is None and row["high"] is None


def test_a_campaign_without_posts_says_so(store):
    assert outside(store.derive(), "made-up").empty and all_platforms(store.con, "made-up").empty
    assert people(store.con, "made-up")["verdict"].tolist() == ["insufficient"]
