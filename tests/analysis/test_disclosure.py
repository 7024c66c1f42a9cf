"""No cell shows fewer than five private accounts, and no sum gives one away; on made-up rows."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis._disclosure import SMALL, WITHHELD, Crowd, hidden
from analysis.crossings import first_seen
from analysis.overview import headline
from analysis.reach import increments, posts_over_time, reach

NOON = datetime(2026, 3, 1, 12)
HOUR = timedelta(hours=1)


def shown(frame: pd.DataFrame, metric: str = "known_views") -> dict[str, int | None]:
    rows = frame[frame["metric"] == metric].to_dict("records")
    return {
        row["keys"].get("region", row["keys"]["platform"]): None if row["suppressed"] else row["value"] for row in rows
    }


def by_region(store) -> pd.DataFrame:
    return reach(store.derive(), "made-up", by=("platform", "region"))


def test_four_accounts_are_not_shown_and_five_are(store):
    store.posts_of(4, platform="bilibili")
    store.posts_of(5)
    frame = reach(store.derive(), "made-up")
    assert shown(frame) == {"bilibili": None, "youtube": 500}
    hidden_rows = frame[frame["suppressed"]]
    assert hidden_rows[["value", "low", "high", "n"]].isna().all().all()
    assert set(hidden_rows["rests_on"]) == {WITHHELD}


def test_many_posts_of_one_account_are_one_account(store):
    for _ in range(9):
        store.reading(store.post(author="the same"), NOON, views=1)
    assert shown(reach(store.derive(), "made-up")) == {"youtube": None}


def test_a_post_without_an_author_is_an_account_of_its_own(store):
    for _ in range(5):
        store.reading(store.post(), NOON, views=1)
    assert shown(reach(store.derive(), "made-up")) == {"youtube": 5}


@pytest.mark.parametrize(
    "public",
    [
        {"policy": "published", "author": None},
        {"publisher": "A newspaper"},
        {"kind": "link", "term": "https://www.youtube.com/watch?v=a", "url": "https://www.youtube.com/watch?v=a"},
    ],
)
def test_published_data_publishers_and_the_video_itself_are_shown(store, public):
    given = dict(public)
    if "kind" in given:  # the kind of match; a post has a kind of its own
        assert given["term"] == given["url"]
    store.reading(store.post(**{"author": "one"} | given), NOON, views=7)
    assert shown(reach(store.derive(), "made-up")) == {"youtube": 7}


def test_that_others_published_a_post_does_not_make_its_author_public(store):
    store.reading(store.post(author="one", policy="published"), NOON, views=7)
    assert shown(reach(store.derive(), "made-up")) == {"youtube": None}


def test_a_post_that_only_links_to_the_video_is_private(store):
    key = store.post(
        author="one", kind="link", term="https://www.youtube.com/watch?v=a", url="https://x.com/i/status/1"
    )
    store.reading(key, NOON, views=7)
    assert shown(reach(store.derive(), "made-up")) == {"youtube": None}


def test_publishers_do_not_hide_a_private_account_among_them(store):
    store.posts_of(9, publisher="A newspaper")
    store.posts_of(1, region=None)
    assert shown(reach(store.derive(), "made-up")) == {"youtube": None}


def test_a_count_that_few_accounts_show_is_hidden_while_others_are_shown(store):
    first, *_ = store.posts_of(9)
    store.reading(first, NOON + HOUR, likes=3)
    frame = reach(store.derive(), "made-up")
    assert shown(frame) == {"youtube": 900}
    assert shown(frame, "known_likes") == {"youtube": None}
    assert not frame["rests_on"].str.contains("show likes").any()


def test_a_count_that_all_hide_does_not_tell_the_size_of_a_small_cell(store):
    store.posts_of(3)
    assert set(reach(store.derive(), "made-up")["rests_on"]) == {WITHHELD}


def test_one_small_region_takes_the_next_smallest_with_it(store):
    for region, authors in {"HK": 2, "TW": 6, "JP": 9}.items():
        store.posts_of(authors, region=region)
    assert shown(reach(store.derive(), "made-up")) == {"youtube": 1700}
    assert shown(by_region(store)) == {"HK": None, "TW": None, "JP": 900}


def test_small_regions_that_hide_each_other_take_no_other_with_them(store):
    for region, authors in {"HK": 3, "TW": 4, "JP": 9}.items():
        store.posts_of(authors, region=region)
    assert shown(by_region(store)) == {"HK": None, "TW": None, "JP": 900}


def test_small_regions_of_few_accounts_together_take_another_with_them(store):
    for region, authors in {"HK": 2, "TW": 2, "JP": 9, "KR": 12}.items():
        store.posts_of(authors, region=region)
    assert shown(by_region(store)) == {"HK": None, "TW": None, "JP": None, "KR": 1200}


def test_the_same_accounts_in_two_small_regions_do_not_hide_each_other(store):
    for region in ("HK", "TW"):
        for n in range(4):
            store.reading(store.post(author=f"both{n}", region=region), NOON, views=1)
    store.posts_of(9, region="JP")
    store.posts_of(12, region="KR")
    assert shown(by_region(store)) == {"HK": None, "TW": None, "JP": None, "KR": 1200}


def test_a_region_hidden_for_another_is_not_given_away_by_its_languages(store):
    store.posts_of(2, region="HK", lang="yue")
    store.posts_of(6, region="TW", lang="zh")
    store.posts_of(9, region="JP", lang="ja")
    frame = reach(store.derive(), "made-up", by=("platform", "region", "lang"))
    assert shown(frame) == {"HK": None, "TW": None, "JP": 900}


def test_a_small_region_on_one_platform_leaves_other_platforms_alone(store):
    for region, authors in {"HK": 2, "TW": 6}.items():
        store.posts_of(authors, region=region)
    store.posts_of(5, region="HK", platform="bilibili")
    frame = by_region(store)
    assert [k["platform"] for k in frame[~frame["suppressed"]]["keys"].drop_duplicates()] == ["bilibili"]


def test_the_headline_does_not_count_what_is_hidden(store):
    store.posts_of(2, platform="bilibili")
    store.posts_of(6)
    found = headline(store.derive(), "made-up")
    assert found["posts"] == {
        "value": 6, "n": 6, "suppressed": False,
        "rests_on": "posts of 1 platforms; 1 platforms with too few accounts left out",
    }  # fmt: skip
    assert found["known_views"]["bilibili"]["value"] is None
    assert found["known_views"]["youtube"]["value"] == 600


def test_hours_in_which_few_accounts_were_read_are_hidden(store):
    for n, key in enumerate(store.posts_of(9)):
        store.reading(key, NOON + (3 if n < 6 else 6) * HOUR, views=700)
    frame = increments(store.derive(), "made-up")
    assert frame["suppressed"].tolist() == [
        True,
        False,
        False,
        True,
        True,
        True,
    ]  # the first one covers for the last three
    whole = increments(store.con, "made-up", grain="day")
    assert whole["views"].tolist() == [9 * 600]


def test_a_platform_of_few_accounts_has_no_increments_to_show(store):
    for key in store.posts_of(4):
        store.reading(key, NOON + HOUR, views=700)
    assert increments(store.derive(), "made-up")["views"].isna().all()


def test_increments_of_published_posts_are_shown(store):
    store.reading(store.post(policy="published"), NOON, views=1)
    store.reading(1, NOON + 2 * HOUR, views=11)
    assert increments(store.derive(), "made-up")["views"].tolist() == [5, 5]


def test_an_account_read_twice_at_once_counts_once(store):
    for n in range(5):
        key = store.post(author=f"a{n % 4}")
        store.reading(key, NOON, views=1)
        store.reading(key, NOON + HOUR, views=2)
    assert increments(store.derive(), "made-up")["views"].isna().all()


def test_an_hour_in_which_few_came_into_sight_is_hidden(store):
    store.posts_of(6)
    store.posts_of(1, first_seen_at=NOON + HOUR, region="HK")
    store.posts_of(5, first_seen_at=NOON + 2 * HOUR, region="TW")
    store.posts_of(8, first_seen_at=NOON + 3 * HOUR, region="JP")
    frame = posts_over_time(store.derive(), "made-up")
    assert frame["posts"].fillna(-1).tolist() == [6, -1, -1, 8]


def test_a_region_where_few_accounts_were_seen_has_no_date(store):
    store.posts_of(2, region="HK")
    store.posts_of(6, region="TW")
    store.posts_of(7, region="JP")
    frame = first_seen(store.derive(), "made-up").set_index("region")
    assert frame["suppressed"].to_dict() == {"HK": True, "TW": True, "JP": False}
    assert frame.loc["HK", ["first_seen_at", "published_at", "last_unseen_at", "rank", "posts", "n"]].isna().all()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.frozensets(st.integers(0, 12).map(str), max_size=12), min_size=1, max_size=7))
def test_no_sum_minus_what_is_shown_rests_on_one_to_four_accounts(cells):
    table = {("p", n): Crowd(len(who), who if len(who) < SMALL else None) for n, who in enumerate(cells)}
    everyone = frozenset[str]().union(*cells)
    tables = {("platform",): {("p",): Crowd(len(everyone))}, ("platform", "region"): table}
    gone = hidden(tables)
    assert all(len(cells[n]) == 0 or len(cells[n]) >= SMALL for (_, n) in table.keys() - gone["platform", "region"])
    left = frozenset[str]().union(*(cells[n] for _, n in gone["platform", "region"]))
    if not gone["platform",]:
        assert not 0 < len(left) < SMALL
        assert len(gone["platform", "region"]) != 1
