"""Known views and other counts, on made-up rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from analysis.reach import increments, posts_over_time, reach

NOON = datetime(2026, 3, 1, 12)
HOUR = timedelta(hours=1)


def cell(frame: pd.DataFrame, metric: str = "known_views", **keys: str) -> dict[str, object]:
    wanted = {"platform": "youtube", **keys}
    (row,) = [row for row in frame.to_dict("records") if row["metric"] == metric and row["keys"] == wanted]
    return row


def test_an_empty_campaign_has_no_rows(store):
    assert reach(store.derive(), "made-up").empty
    assert reach(store.con, "no such campaign").empty


def test_views_are_the_sum_of_the_last_known_values(store):
    first, *_ = store.posts_of(6)
    store.reading(first, NOON + HOUR, views=150)
    row = cell(reach(store.derive(), "made-up"))
    assert (row["value"], row["low"], row["high"], row["n"]) == (650, 650, 650, 6)
    assert row["rests_on"] == "6 of 6 posts show views; last read 2026-03-01T13:00Z"


def test_a_counter_that_falls_counts_as_last_shown(store):
    first, *_ = store.posts_of(6)
    store.reading(first, NOON + HOUR, views=90)
    assert cell(reach(store.derive(), "made-up"))["value"] == 590


def test_a_reading_that_comes_late_is_not_the_last(store):
    first, *_ = store.posts_of(6)
    store.reading(first, NOON - HOUR, views=90)
    assert cell(reach(store.derive(), "made-up"))["value"] == 600


def test_a_hidden_count_is_left_out_and_said(store):
    store.posts_of(6)
    hidden = store.post(author="hides")
    store.reading(hidden, NOON + HOUR)
    row = cell(reach(store.derive(), "made-up"))
    assert (row["value"], row["n"]) == (600, 6)
    assert row["rests_on"] == "6 of 7 posts show views; 1 hide them; last read 2026-03-01T12:00Z"


def test_a_count_hidden_later_keeps_its_last_known_value(store):
    first, *_ = store.posts_of(6)
    store.reading(first, NOON + HOUR)
    assert cell(reach(store.derive(), "made-up"))["value"] == 600


def test_a_count_that_all_hide_is_unknown_and_not_zero(store):
    store.posts_of(6)
    row = cell(reach(store.derive(), "made-up"), "known_likes")
    assert pd.isna(row["value"]) and pd.isna(row["high"])
    assert row["n"] == 0
    assert row["rests_on"] == "0 of 6 posts show likes; 6 hide them; last read never"


def test_rounded_counts_add_up_to_an_interval(store):
    first, *_ = store.posts_of(6)
    store.reading(first, NOON + HOUR, views=12000, views_low=11500, views_high=12499)
    row = cell(reach(store.derive(), "made-up"))
    assert (row["low"], row["value"], row["high"]) == (12000, 12500, 12999)


@pytest.mark.parametrize("past", [None, NOON + 2 * HOUR])
def test_one_count_without_an_upper_bound_leaves_the_sum_without_one(store, past):
    first, *_ = store.posts_of(6)
    store.reading(first, NOON + HOUR, views=1_000_000, views_low=1_000_000, views_high=None)
    row = cell(reach(store.derive(), "made-up", as_of=past))
    assert (row["low"], row["value"]) == (1_000_500, 1_000_500)
    assert pd.isna(row["high"])


def test_platforms_are_never_added_up(store):
    store.posts_of(6)
    store.posts_of(6, platform="bilibili")
    frame = reach(store.derive(), "made-up", by=("region",))
    assert [k["platform"] for k in frame["keys"].drop_duplicates()] == ["bilibili", "youtube"]


def test_a_region_that_is_not_known_is_called_unknown(store):
    store.posts_of(6)
    assert (
        cell(reach(store.derive(), "made-up", by=("platform", "region", "lang")), region="unknown", lang="unknown")["n"]
        == 6
    )


def test_a_split_that_does_not_exist_is_refused(store):
    with pytest.raises(ValueError, match=r"no split by 'author'"):
        reach(store.derive(), "made-up", by=("author",))


def test_a_post_on_many_charts_is_one_post_in_its_own_region(store):
    keys = store.posts_of(6)
    for region in ("HK", "TW", "RU"):
        store.insert("listing", post_key=keys[0], list="trending", region=region, rank=1, observed_at=NOON, run_id="r")
    frame = reach(store.derive(), "made-up", by=("platform", "region"))
    assert cell(frame, region="unknown")["value"] == 600
    assert len(frame["keys"].map(str).unique()) == 1


def test_controls_and_rejected_posts_are_out_and_kept_ones_are_in(store):
    store.posts_of(6)
    store.posts_of(6, role="kept", kind=None, region="kept")
    store.posts_of(6, role="control", kind=None, region="control")
    store.posts_of(6, kind=None, region="matches no longer")
    rejected = store.posts_of(6, region="rejected")
    accepted = store.posts_of(6, role="control", kind=None, region="accepted")
    for key, verdict in [*((k, "reject") for k in rejected), *((k, "accept") for k in accepted)]:
        store.insert("review", post_key=key, campaign_id=1, verdict=verdict, reviewer="made-up", reviewed_at=NOON)
    frame = reach(store.derive(), "made-up", by=("platform", "region", "band"))
    assert {(k["region"], k["band"]) for k in frame["keys"]} == {
        ("unknown", "high"),
        ("kept", "kept"),
        ("accepted", "reviewed"),
    }


def test_posts_of_another_campaign_do_not_count(store):
    store.campaign("other", 2)
    store.posts_of(6)
    store.posts_of(6, campaign=2)
    assert cell(reach(store.derive(), "made-up"), "posts")["value"] == 6


def test_as_of_a_day_equals_a_store_that_ends_that_day(store):
    for n in range(12):
        first_seen = NOON + n * 6 * HOUR
        key = store.post(author=f"a{n}", first_seen_at=first_seen, region=("HK", "TW")[n % 2])
        for step in range(8):
            counts = {"views": None if (n + step) % 5 == 0 else 1000 * n + 37 * step, "likes": step}
            store.reading(key, first_seen + step * 7 * HOUR, **counts)
    store.insert(
        "review", post_key=3, campaign_id=1, verdict="reject", reviewer="made-up", reviewed_at=NOON + 50 * HOUR
    )
    store.derive()
    days = [NOON + n * 13 * HOUR for n in range(12)]
    by = ("platform", "region", "band")
    past = [reach(store.con, "made-up", by=by, as_of=day) for day in days]
    for day, frame in reversed(list(zip(days, past, strict=True))):
        for table, column in {"observation": "observed_at", "post": "first_seen_at", "review": "reviewed_at"}.items():
            store.con.execute(f"DELETE FROM held.{table} WHERE {column} > ?", [day])
        pd.testing.assert_frame_equal(frame, reach(store.derive(), "made-up", by=by))
    assert len({str(frame["value"].tolist()) for frame in past}) > 6


def test_as_of_counts_what_was_read_up_to_that_moment_itself(store):
    first, *_ = store.posts_of(6)
    store.reading(first, NOON + HOUR, views=150)
    store.derive()
    assert cell(reach(store.con, "made-up", as_of=NOON + HOUR))["value"] == 650
    assert cell(reach(store.con, "made-up", as_of=NOON + HOUR - timedelta(microseconds=1)))["value"] == 600
    assert cell(reach(store.con, "made-up", as_of=(NOON + HOUR).replace(tzinfo=UTC)))["value"] == 650
    assert reach(store.con, "made-up", as_of=NOON - HOUR).empty


def test_each_increment_is_spread_over_the_time_between_its_two_readings(store):
    for key in store.posts_of(6):
        store.reading(key, NOON + 4 * HOUR, views=500)
    frame = increments(store.derive(), "made-up")
    assert frame["views"].tolist() == [600] * 4
    assert frame["start"].tolist() == [pd.Timestamp(NOON + n * HOUR, tz="UTC") for n in range(4)]
    assert increments(store.con, "made-up", grain="day")["views"].tolist() == [2400]
    assert increments(store.con, "made-up", since=NOON + 2 * HOUR, until=NOON + 3 * HOUR)["views"].tolist() == [600]


def test_increments_of_rejected_posts_do_not_count(store):
    for key in store.posts_of(12):
        store.reading(key, NOON + HOUR, views=200)
    for key in range(1, 7):
        store.insert("review", post_key=key, campaign_id=1, verdict="reject", reviewer="made-up", reviewed_at=NOON)
    assert increments(store.derive(), "made-up")["views"].tolist() == [600]


def test_a_campaign_without_increments_gives_an_empty_series(store):
    assert increments(store.derive(), "made-up").empty
    assert posts_over_time(store.con, "made-up").empty


def test_posts_count_when_they_were_first_seen(store):
    store.posts_of(6)
    store.posts_of(5, first_seen_at=NOON + 7 * HOUR, region="HK")
    frame = posts_over_time(store.derive(), "made-up", grain="6h")
    assert frame["posts"].tolist() == [6, 5]
    assert frame["start"].tolist() == [pd.Timestamp("2026-03-01T12:00Z"), pd.Timestamp("2026-03-01T18:00Z")]


def test_an_unknown_grain_is_refused(store):
    with pytest.raises(ValueError, match="no grain 'week'"):
        posts_over_time(store.derive(), "made-up", grain="week")
