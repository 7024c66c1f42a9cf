"""The earliest evidence of each region, with its bounds; on made-up rows."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd

from analysis.crossings import first_seen

NOON = datetime(2026, 3, 1, 12)
DAY = timedelta(days=1)


def run(store, name: str, when: datetime, **given: object) -> None:
    row = {
        "seq": 1, "collector": "file", "mode": "load", "campaign_id": 1, "query": name, "started_at": when,
        "outcome": "answered", "asked": 1, "answered": 1, "refused": 0, "broken": 0, "posts": 1, "matched": 1,
        "ended_at": when, "rejected": 0, "window_from": when, "window_to": when, **given,
    }  # fmt: skip
    store.insert("run", run_id=name, **row)


def listed(
    store, post: int, region: str, when: datetime, *, rank: int = 1, run_id: str = "r", name: str = "trending"
) -> None:
    store.insert("listing", post_key=post, list=name, region=region, rank=rank, observed_at=when, run_id=run_id)


def rows(store, **given: object) -> dict[str, dict[str, object]]:
    return {row["region"]: row for row in first_seen(store.derive(), "made-up", **given).to_dict("records")}


def test_a_region_is_first_seen_on_the_first_day_of_its_chart(store):
    post = store.post(policy="published", published_at=NOON - DAY)
    for day in (2, 1, 3):
        listed(store, post, "HK", NOON + day * DAY, rank=day)
    row = rows(store)["HK"]
    assert (row["route"], row["platform"], row["rank"], row["posts"], row["n"]) == ("listing", "youtube", 1, 1, 3)
    assert row["first_seen_at"] == pd.Timestamp(NOON + DAY, tz="UTC")
    assert row["published_at"] == pd.Timestamp(NOON - DAY, tz="UTC")


def test_a_region_of_which_we_read_the_list_before_was_not_there_then(store):
    post = store.post(policy="published")
    for day, regions in enumerate((("JP",), ("JP",), ("JP", "HK"))):
        run(store, f"day{day}", NOON + day * DAY)
        for region in regions:
            listed(store, post, region, NOON + day * DAY, run_id=f"day{day}")
    found = rows(store)
    assert found["HK"]["last_unseen_at"] == pd.Timestamp(NOON + DAY, tz="UTC")
    assert pd.isna(found["JP"]["last_unseen_at"])


def test_a_run_that_was_cut_short_or_read_another_list_did_not_look_there(store):
    post = store.post(policy="published")
    run(store, "cut", NOON, outcome="cut_short")
    listed(store, post, "JP", NOON, run_id="cut")
    run(store, "other", NOON + DAY)
    listed(store, post, "JP", NOON + DAY, run_id="other", name="music")
    run(store, "now", NOON + 2 * DAY)
    listed(store, post, "HK", NOON + 2 * DAY, run_id="now")
    assert pd.isna(rows(store)["HK"]["last_unseen_at"])


def test_the_same_reading_of_a_list_is_no_earlier_look(store):
    post = store.post(policy="published")
    run(store, "sweep", NOON)
    listed(store, post, "JP", NOON, run_id="sweep")
    listed(store, post, "HK", NOON + timedelta(minutes=3), run_id="sweep")
    assert pd.isna(rows(store)["HK"]["last_unseen_at"])


def test_a_post_of_a_region_is_evidence_by_itself(store):
    for day in (0, 1):
        run(store, f"search{day}", NOON + day * DAY, collector="bluesky", mode="search", query="phrase:made up")
    store.post(policy="published", platform="bluesky", region="TW", run_id="search1", first_seen_at=NOON + DAY)
    row = rows(store)["TW"]
    assert (row["route"], row["last_unseen_at"]) == ("post", pd.Timestamp(NOON, tz="UTC"))
    assert pd.isna(row["rank"])


def test_as_of_a_day_equals_a_store_that_ends_that_day(store):
    for n, region in enumerate(("HK", "TW", "JP", "KR")):
        post = store.post(policy="published", region=region if n % 2 else None, first_seen_at=NOON + n * DAY)
        for day in range(n, 6):
            run(store, f"{n}-{day}", NOON + day * DAY) if n == 0 else None
            listed(store, post, region, NOON + day * DAY, run_id=f"0-{day}")
    moments = [NOON + day * DAY for day in range(5)]
    past = [first_seen(store.derive(), "made-up", as_of=moment) for moment in moments]
    for moment, frame in reversed(list(zip(moments, past, strict=True))):
        for table, column in {"listing": "observed_at", "post": "first_seen_at", "run": "started_at"}.items():
            store.con.execute(f"DELETE FROM held.{table} WHERE {column} > ?", [moment])
        pd.testing.assert_frame_equal(frame, first_seen(store.derive(), "made-up"))
    assert [len(frame) for frame in past] == [1, 3, 4, 6, 6]


def test_a_campaign_without_sightings_gives_an_empty_frame(store):
    frame = first_seen(store.derive(), "made-up")
    assert frame.empty
    assert str(frame["first_seen_at"].dtype) == "datetime64[us, UTC]"
