"""When each region was reached, in which order, by which route; on made-up rows."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from analysis.crossings import crossings
from analysis.questions import answer
from tests.analysis.test_crossings import listed, run

NOON = datetime(2026, 3, 1, 12)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def told(store, by: tuple[str, ...] = (), **given: object) -> dict[tuple[str, str], dict[str, object]]:
    """Return the rows about places, by metric and region."""
    rows = crossings(store.derive(), "made-up", by=by, **given).to_dict("records")
    return {(row["metric"], row["keys"]["region"]): row for row in rows if "from" not in row["keys"]}


def routes(store) -> dict[tuple[str, str], dict[str, object]]:
    rows = crossings(store.derive(), "made-up", by=()).to_dict("records")
    return {(row["keys"]["from"], row["keys"]["region"]): row for row in rows if row["metric"] == "stated_edges"}


def posts(store, region: str, hours: float, many: int = 6, **given: object) -> list[int]:
    """Make posts of a region, a minute apart, each of an account of its own, seen ten minutes after they were published."""
    keys = []
    for n in range(many):
        at = NOON + hours * HOUR + n * timedelta(minutes=1)
        more = {"platform": "bluesky", "published_at": at, "first_seen_at": at + timedelta(minutes=10)} | given
        keys.append(store.post(author=f"{region}{hours}{n}", region=region, **more))
    return keys


def search(store, name: str, begins: float, ends: float, **given: object) -> None:
    asked = {"collector": "bluesky", "mode": "search", "query": "phrase:made up"} | given
    run(store, name, NOON + ends * HOUR, window_from=NOON + begins * HOUR, window_to=NOON + ends * HOUR, **asked)


def test_a_region_watched_from_before_is_reached_when_its_first_post_says(store):
    search(store, "r", -5, 3)
    posts(store, "TW", 2)
    row = told(store)["crossed_by", "TW"]
    assert [row[name] for name in ("value", "low", "high")] == [text(NOON + 2 * HOUR)] * 3
    assert (row["verdict"], row["n"]) == ("between", 6)


def test_a_post_of_no_known_region_may_have_been_the_first(store):
    search(store, "r", -5, 3)
    posts(store, "unknown", 1)
    posts(store, "TW", 2)
    store.con.execute("UPDATE held.post SET region = NULL WHERE region = 'unknown'")
    row = told(store)["crossed_by", "TW"]
    assert [row[name] for name in ("low", "high")] == [text(NOON + HOUR), text(NOON + 2 * HOUR)]


def test_a_region_that_nobody_watched_before_was_reached_at_the_latest_then(store):
    search(store, "r", 2.5, 3)
    posts(store, "TW", 2)
    found = told(store)
    row = found["crossed_by", "TW"]
    assert (row["value"], row["low"], row["verdict"]) == (text(NOON + 2 * HOUR), None, "at the latest")
    assert found["coverage_start", "TW"]["value"] == text(NOON + 2.5 * HOUR)
    assert found["first_collected", "TW"]["value"] == text(NOON + 2 * HOUR + timedelta(minutes=10))
    assert found["first_published", "TW"]["value"] == text(NOON + 2 * HOUR)


def test_the_interval_begins_where_watching_first_broke_off(store):
    search(store, "before", -8, -6)
    search(store, "more", -6, -4)
    search(store, "r", -1, 3)
    posts(store, "TW", 2)
    found = told(store)
    assert found["crossed_by", "TW"]["low"] == text(NOON - 4 * HOUR)
    assert found["watched_share", "TW"]["value"] == pytest.approx(0.7)


@pytest.mark.parametrize(
    "other", [{"outcome": "cut_short"}, {"query": "phrase:another"}, {"mode": "load"}, {"mode": "reread"}]
)
def test_a_run_that_did_not_look_there_bounds_nothing(store, other):
    search(store, "other", -5, 1, **other)
    search(store, "r", 2.5, 3)
    posts(store, "TW", 2)
    assert told(store)["crossed_by", "TW"]["low"] is None


def test_a_watch_that_began_after_the_first_post_of_all_leaves_later_regions_open(store):
    search(store, "r", 1, 9)
    posts(store, "US", 0, run_id="elsewhere")
    posts(store, "TW", 8)
    assert told(store)["crossed_by", "TW"]["low"] is None


def test_a_post_without_a_time_counts_from_when_we_saw_it_and_is_open_below(store):
    search(store, "r", -5, 3)
    posts(store, "TW", 2, published_at=None)
    row = told(store)["crossed_by", "TW"]
    assert (row["value"], row["low"]) == (text(NOON + 2 * HOUR + timedelta(minutes=10)), None)


def test_a_day_without_an_hour_is_a_day_wide(store):
    search(store, "r", -99, 99)
    posts(store, "TW", 0, published_at=NOON, published_precision="day", first_seen_at=NOON + 2 * DAY)
    row = told(store)["crossed_by", "TW"]
    assert (row["low"], row["high"]) == (text(NOON), text(NOON + DAY))


def test_a_chart_is_reached_between_two_readings_of_it(store):
    for day, regions in enumerate((("JP",), ("JP",), ("JP", "HK"))):
        run(store, f"day{day}", NOON + day * DAY)
        for region in regions:
            for _ in range(6):
                listed(
                    store,
                    store.post(policy="published", published_at=NOON - DAY),
                    region,
                    NOON + day * DAY,
                    run_id=f"day{day}",
                )
    found = told(store)
    assert [found["crossed_by", "HK"][name] for name in ("low", "high")] == [text(NOON + DAY), text(NOON + 2 * DAY)]
    assert found["crossed_by", "JP"]["low"] is None
    assert found["first_published", "HK"]["value"] == text(NOON - DAY)


def test_a_route_that_nobody_watched_leaves_the_region_open_below(store):
    search(store, "r", -5, 3)
    posts(store, "TW", 2)
    posts(store, "TW", 9, platform="telegram", run_id="file")
    run(store, "file", NOON + DAY)
    assert told(store)["crossed_by", "TW"]["low"] is None
    assert told(store, by=("platform",))["crossed_by", "TW"]["verdict"] in ("between", "at the latest")
    rows = crossings(store.con, "made-up").to_dict("records")
    lows = {row["keys"]["platform"]: row["low"] for row in rows if row["metric"] == "crossed_by"}
    assert lows == {"bluesky": text(NOON + 2 * HOUR), "telegram": None}


def test_regions_whose_intervals_overlap_are_a_tie(store):
    search(store, "r", -5, 30)
    search(store, "late", 8, 9, query="phrase:late")
    posts(store, "TW", 1)
    posts(store, "HK", 3)
    posts(store, "US", 7, run_id="late")  # nobody watched for it before: it may have been the first
    found = told(store)
    ranks = {
        region: tuple(found["rank", region][name] for name in ("value", "low", "high")) for region in ("TW", "HK", "US")
    }
    assert ranks == {"TW": (None, 1, 2), "HK": (None, 2, 3), "US": (None, 1, 3)}
    assert {found["rank", region]["verdict"] for region in ranks} == {"tie"}


def test_regions_apart_are_ranked(store):
    search(store, "r", -5, 30)
    for place, region in enumerate(("TW", "HK", "US")):
        posts(store, region, place)
    found = told(store)
    assert [(found["rank", region]["value"], found["rank", region]["verdict"]) for region in ("TW", "HK", "US")] == [
        (1, "ranked"), (2, "ranked"), (3, "ranked"),
    ]  # fmt: skip


def edge(store, post: int, parent: int, when: datetime = NOON) -> None:
    store.insert("edge", post_key=post, parent_key=parent, relation="repost", seen_at=when, run_id="r")


def test_the_candidate_route_is_the_region_of_the_earliest_stated_parent(store):
    there, here, far = posts(store, "TW", 0), posts(store, "HK", 1), posts(store, "US", 2)
    for a, b, c in zip(there, here, far, strict=True):
        edge(store, b, a)
        edge(store, c, b)
    for key in posts(store, "US", 3):
        edge(store, key, there[0])
        edge(store, key, 9999)
    found = routes(store)
    assert {way: (row["value"], row["verdict"]) for way, row in found.items()} == {
        ("TW", "HK"): (6, "candidate route"),
        ("HK", "US"): (6, "candidate route"),
        ("TW", "US"): (6, None),
        ("not held", "US"): (6, None),
    }
    assert all(row["keys"]["edges"] == "stated" for row in found.values())


def test_a_route_of_four_accounts_is_not_shown(store):
    there, here = posts(store, "TW", 0), posts(store, "HK", 1)
    for a, b in list(zip(there, here, strict=True))[:4]:
        edge(store, b, a)
    assert routes(store)["TW", "HK"]["suppressed"]
    assert routes(store)["TW", "HK"]["value"] is None


def test_a_region_of_four_accounts_is_not_shown_nor_ranked_nor_named_as_a_number(store):
    posts(store, "TW", 0, many=4)
    here = posts(store, "HK", 1)
    posts(store, "US", 2)
    for key in here:
        edge(store, key, 1)
    found = told(store)
    hidden = {region for (metric, region), row in found.items() if metric == "crossed_by" and row["suppressed"]}
    assert "TW" in hidden
    assert ("rank", "TW") not in found
    assert routes(store)["TW", "HK"]["suppressed"]


def test_as_of_a_moment_equals_a_store_that_ends_then(store):
    for hour in range(8):
        search(store, f"s{hour}", hour - 1, hour)
    for place, region in enumerate(("TW", "HK", "US")):
        for key in posts(store, region, 3 * place + 0.2, run_id=f"s{3 * place + 1}"):
            if place:
                edge(store, key, 1, NOON + (3 * place + 0.5) * HOUR)
    moments = [NOON + hours * HOUR for hours in (2, 5)]
    past = [crossings(store.derive(), "made-up", by=(), as_of=moment) for moment in moments]
    for moment, frame in reversed(list(zip(moments, past, strict=True))):
        for table, column in {"post": "first_seen_at", "run": "started_at", "edge": "seen_at"}.items():
            store.con.execute(f"DELETE FROM held.{table} WHERE {column} > ?", [moment])
        pd.testing.assert_frame_equal(frame, crossings(store.derive(), "made-up", by=()))
    assert [len(frame) for frame in past] == sorted({len(frame) for frame in past})


def test_the_answer_is_plain_rows_by_platform_and_region_only(store):
    posts(store, "TW", 0)
    rows = answer(store.derive(), "crossings", "made-up", by=["platform"], as_of=None)
    assert json.loads(json.dumps(rows)) == rows
    assert {"crossed_by", "first_published", "first_collected", "coverage_start", "rank"} <= {
        row["metric"] for row in rows
    }
    with pytest.raises(ValueError, match="not by lang"):
        crossings(store.con, "made-up", by=("lang",))


def test_a_campaign_without_posts_gives_no_rows(store):
    assert crossings(store.derive(), "made-up").empty


def test_the_truth_lies_within_the_bounds_however_watching_breaks_off(store):
    """20 regions, reached at random, watched in random stretches; only what was published while we watched is found."""
    rng = np.random.default_rng(4)
    store.post(platform="bluesky", policy="published", published_at=NOON, first_seen_at=NOON)  # the video itself
    truth = {}
    for place in range(20):
        region, query = f"{chr(65 + place % 26)}{chr(65 + place // 26)}", f"phrase:{place}"
        times = np.sort(rng.uniform(0, 48, 8))
        breaks = np.sort(rng.uniform(-6, 54, 6)).reshape(3, 2)
        for n, (begins, ends) in enumerate(breaks):
            search(store, f"{place}-{n}", begins, ends, query=query)
        seen = [(at, n) for at in times for n, (begins, ends) in enumerate(breaks) if begins <= at <= ends]
        for at, n in seen:
            moment = NOON + timedelta(hours=float(at))
            given = {"published_at": moment, "first_seen_at": NOON + timedelta(hours=float(breaks[n][1]))}
            store.post(region=region, platform="bluesky", run_id=f"{place}-{n}", policy="published", **given)
        if seen:
            truth[region] = text(NOON + timedelta(hours=float(times[0])))
    found = told(store)
    held = [
        (found["crossed_by", region]["low"] or "") <= when <= found["crossed_by", region]["high"]
        for region, when in truth.items()
    ]
    assert len(held) > 15
    assert all(held)
    assert sum(found["crossed_by", region]["low"] is not None for region in truth) >= 3


def test_posts_are_counted_in_whole_numbers_also_beside_a_hidden_cell(store):
    for region, authors in (("KR", 6), ("JP", 2), ("HK", 7), ("TW", 8)):
        store.posts_of(authors, region=region)
    counts = [row["n"] for row in crossings(store.derive(), "made-up").to_dict("records")]
    assert None in counts and {type(count) for count in counts if count is not None} == {int}
