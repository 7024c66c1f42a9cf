"""On which lists it stood, and when: by region and step, and by post."""

from __future__ import annotations

from datetime import UTC, timedelta

import pandas as pd

from analysis.listings import first_by_post, on_lists
from tests.analysis.conftest import NOON, MadeUp

DAY = timedelta(days=1)


def listing(store: MadeUp, post: int, region: str, when: object, rank: int, run: str = "r") -> None:
    store.insert("listing", post_key=post, list="chart", region=region, rank=rank, observed_at=when, run_id=run)


def run(store: MadeUp, name: str, when: object, outcome: str = "answered") -> None:
    counts = dict.fromkeys(("asked", "answered", "refused", "broken", "posts", "matched", "rejected"), 1)
    store.insert(
        "run",
        run_id=name,
        seq=1,
        collector="file",
        mode="load",
        campaign_id=1,
        started_at=when,
        outcome=outcome,
        **counts,
    )


def test_posts_are_counted_once_a_region_and_step(store: MadeUp) -> None:
    first, second = store.post(policy="published"), store.post(policy="published")
    for hour in (0, 3):
        listing(store, first, "HK", NOON + timedelta(hours=hour), 9 - hour)
    listing(store, second, "HK", NOON, 40)
    listing(store, second, "TW", NOON + DAY, 2)
    frame = on_lists(store.derive(), "made-up")
    assert list(zip(frame["region"], frame["posts"], frame["best_rank"], strict=True)) == [("HK", 2, 6), ("TW", 1, 2)]
    assert frame["start"].iloc[0] == pd.Timestamp(NOON.replace(hour=0), tz=UTC)


def test_a_range_takes_its_start_and_leaves_its_end(store: MadeUp) -> None:
    post = store.post(policy="published")
    for days in range(3):
        listing(store, post, "HK", NOON + days * DAY, 1)
    frame = on_lists(store.derive(), "made-up", since=NOON, until=NOON + 2 * DAY)
    assert len(frame) == 2


def test_lists_of_few_private_accounts_are_suppressed(store: MadeUp) -> None:
    listing(store, store.post(author="a"), "HK", NOON, 3)
    frame = on_lists(store.derive(), "made-up")
    assert frame["suppressed"].tolist() == [True]
    assert frame["posts"].isna().all()
    by_post = first_by_post(store.con, "made-up")
    assert by_post["suppressed"].tolist() == [True]
    assert by_post[["title", "first_seen_at", "best_rank"]].isna().all(axis=None)


def test_a_first_sight_is_bounded_by_the_last_look_in_vain(store: MadeUp) -> None:
    early, late = store.post(policy="published"), store.post(policy="published", title="the late one")
    for days, name in enumerate(("one", "two", "three")):
        run(store, name, NOON + days * DAY)
        listing(store, early, "HK", NOON + days * DAY, 1, name)
    listing(store, late, "TW", NOON + 2 * DAY, 7, "three")
    frame = first_by_post(store.derive(), "made-up").set_index("region")
    assert frame.loc["TW", "title"] == "the late one"
    assert frame.loc["TW", "last_unseen_at"] == pd.Timestamp(NOON + DAY, tz=UTC)
    assert frame.loc["TW", "first_seen_at"] == pd.Timestamp(NOON + 2 * DAY, tz=UTC)
    assert pd.isna(frame.loc["HK", "last_unseen_at"])
    assert (frame.loc["HK", "n"], frame.loc["HK", "best_rank"]) == (3, 1)


def test_a_look_that_was_refused_bounds_nothing(store: MadeUp) -> None:
    post, other = store.post(policy="published"), store.post(policy="published")
    run(store, "refused", NOON, "refused")
    run(store, "answered", NOON + DAY)
    listing(store, other, "HK", NOON, 1, "refused")
    listing(store, post, "HK", NOON + DAY, 1, "answered")
    frame = first_by_post(store.derive(), "made-up")
    assert frame["last_unseen_at"].isna().all()


def test_as_of_an_earlier_day_later_places_are_left_out(store: MadeUp) -> None:
    post = store.post(policy="published")
    listing(store, post, "HK", NOON, 1)
    listing(store, post, "TW", NOON + DAY, 1)
    frame = first_by_post(store.derive(), "made-up", as_of=NOON)
    assert frame["region"].tolist() == ["HK"]
