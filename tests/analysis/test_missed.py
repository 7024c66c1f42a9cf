"""What was missed at least and what is still to come, on made-up runs; how often intervals hold is tested with the formulas."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from analysis.missed import missed, newest

NOON = datetime(2026, 3, 1, 12)
HOUR = timedelta(hours=1)


@pytest.fixture
def run(store):
    def write(name: str, collector: str = "youtube", mode: str = "search", at: float = 0, **given: object) -> str:
        row = {
            "run_id": name, "seq": 1, "collector": collector, "mode": mode, "campaign_id": 1, "query": "q",
            "started_at": NOON + at * HOUR, "ended_at": NOON + at * HOUR, "outcome": "answered", "asked": 1, "answered": 1,
            "refused": 0, "broken": 0, "posts": 0, "matched": 0, "rejected": 0, **given,
        }  # fmt: skip
        store.insert("run", **row)
        return name

    return write


def found_by(store, first: str, *again: str, items: int, **given) -> None:
    """Make posts that one run brought first and others found again."""
    keys = store.many_posts([{"run_id": first, **given}] * items)
    seen = [
        {"post_key": key, "observed_at": NOON + n * HOUR, "run_id": name}
        for key in keys
        for n, name in enumerate(again)
    ]
    store.many("observation", seen)


def rows(frame: pd.DataFrame, **keys: str) -> dict[str, dict[str, object]]:
    return {row["metric"]: row for row in frame.to_dict("records") if row["keys"] == keys}


def test_two_routes_give_chapmans_number_less_what_was_found(store, run):
    run("s"), run("t", mode="stream")
    found_by(store, "s", items=140)
    found_by(store, "t", items=90)
    found_by(store, "s", "t", items=60)
    row = rows(missed(store.derive(), "made-up"), platform="youtube")["missed_at_least"]
    assert row["value"] == pytest.approx(496.557377049 - 290, abs=1e-8)
    assert 0 < row["low"] < row["value"] < row["high"]
    assert (row["n"], row["verdict"]) == (290, "at least")
    assert row["rests_on"] == "290 items by youtube search, youtube stream; 60 by more than one; Chapman"


def test_published_data_rest_on_nobody_private(store, run):
    run("s")
    found_by(store, "s", items=30, policy="published")
    assert rows(missed(store.derive(), "made-up"), platform="youtube")["missed_at_least"]["verdict"] == "insufficient"


def test_one_route_has_nothing_to_be_compared_with_and_re_reads_are_no_route(store, run):
    run("s"), run("again"), run("r", mode="reread")
    found_by(store, "s", "again", "r", items=30)
    row = rows(missed(store.derive(), "made-up"), platform="youtube")["missed_at_least"]
    assert (row["value"], row["verdict"], row["n"]) == (None, "insufficient", 30)
    assert row["rests_on"] == "one route, youtube search: nothing to compare it with"


def test_routes_that_hardly_met_are_insufficient(store, run):
    run("s"), run("t", mode="stream")
    found_by(store, "s", items=140)
    found_by(store, "s", "t", items=6)
    assert rows(missed(store.derive(), "made-up"), platform="youtube")["missed_at_least"]["verdict"] == "insufficient"


def test_articles_are_counted_by_the_sources_that_found_them(store):
    chance = np.random.default_rng(21)
    total = 2000
    sources = {"gdelt": 0.3, "mediacloud": 0.3, "naver": 0.3, "rss": 1.0}  # the last one's ids are the feeds' own
    store.many_posts(
        [
            {"platform": source, "id": f"https://news.example/{article}"}
            for article in range(total)
            for source, share in sources.items()
            if chance.random() < share
        ]
    )
    found = rows(missed(store.derive(), "made-up"), articles="by source")
    for metric in ("missed_at_least", "missed_at_least_chao2"):
        row = found[metric]
        assert row["verdict"] == "at least" and row["low"] <= total - row["n"] <= row["high"]


def test_sources_of_unlike_strength_are_not_taken_for_occasions(store):
    shares = {"gdelt": 0.8, "mediacloud": 0.1, "naver": 0.1}
    chance = np.random.default_rng(24)
    store.many_posts(
        [
            {"platform": source, "id": f"https://news.example/{article}"}
            for article in range(600)
            for source, share in shares.items()
            if chance.random() < share
        ]
    )
    found = rows(missed(store.derive(), "made-up"), articles="by source")
    assert list(found) == ["missed_at_least"] and found["missed_at_least"]["value"] < 200


def test_routes_of_few_accounts_are_suppressed(store, run):
    run("s"), run("t", mode="stream")
    found_by(store, "s", items=140)
    found_by(store, "s", "t", items=20, author="the same")
    row = rows(missed(store.derive(), "made-up"), platform="youtube")["missed_at_least"]
    assert row["suppressed"] and row["value"] is None and row["n"] is None


def searched(store, run, *, hours: range, every: int, late: float, posts: int = 200) -> pd.DataFrame:
    """Search every so many hours; a share of posts comes a look late, and some of those another. Return the truth."""
    chance = np.random.default_rng(22)
    looks = list(hours)[::every]
    for hour in looks:
        run(f"s{hour}", at=hour)
    made, rows = [], []
    for _ in range(posts):
        at = chance.uniform(hours.start, hours.stop - 1)
        look = int(np.searchsorted(looks, at)) + int(chance.geometric(1 - late)) - 1
        made.append(at)
        if look < len(looks):
            seen = NOON + looks[look] * HOUR
            rows.append({"run_id": f"s{looks[look]}", "published_at": NOON + at * HOUR, "first_seen_at": seen})
    store.many_posts(rows)
    return pd.DataFrame({"hour": made})


def test_waiting_for_the_next_look_is_no_delay(store, run):
    searched(store, run, hours=range(0, 61), every=6, late=0.0)
    assert newest(store.derive(), "made-up").empty


def test_the_newest_stretches_are_filled_up_by_the_delays_seen_before(store, run):
    truth = searched(store, run, hours=range(0, 97), every=2, late=0.4, posts=2000)
    frame = newest(store.derive(), "made-up")
    assert 2 <= len(frame) <= 4
    for row in frame.to_dict("records"):
        since, until = (
            (datetime.strptime(row["keys"][end], "%Y-%m-%dT%H:%MZ") - NOON) / HOUR for end in ("start", "until")
        )
        there = int(((truth["hour"] > since) & (truth["hour"] <= until)).sum())
        assert row["n"] < row["value"] and row["low"] <= there <= row["high"]


def test_an_outage_is_no_delay_and_makes_no_nowcast(store, run):
    """Twenty hours without a look; what was published then comes with the first look after it."""
    looks = [*range(0, 60, 2), 80, 82, 84]
    for hour in looks:
        run(f"s{hour}", at=hour)
    rows = []
    for at in np.linspace(0, 84, 400):
        look = looks[int(np.searchsorted(looks, at))]
        rows.append({"run_id": f"s{look}", "published_at": NOON + at * HOUR, "first_seen_at": NOON + look * HOUR})
    store.many_posts(rows)
    assert newest(store.derive(), "made-up").empty


def test_a_stretch_after_an_outage_has_no_nowcast_as_its_posts_had_more_time(store, run):
    chance, looks, rows = np.random.default_rng(5), [*range(0, 60, 2), 80], []
    for hour in looks:
        run(f"s{hour}", at=hour)
    for at in chance.uniform(0, 80, 800):
        look = int(np.searchsorted(looks, at + chance.exponential(2.0)))
        if look < len(looks):
            rows.append(
                {
                    "run_id": f"s{looks[look]}",
                    "published_at": NOON + at * HOUR,
                    "first_seen_at": NOON + looks[look] * HOUR,
                }
            )
    store.many_posts(rows)
    store.derive()
    before, after = (newest(store.con, "made-up", as_of=NOON + hour * HOUR)["keys"] for hour in (58, 80))
    assert "2026-03-03T22:00Z" in [keys["until"] for keys in before]
    assert [keys["until"] for keys in after] and "2026-03-04T20:00Z" not in [keys["until"] for keys in after]


def test_an_hour_of_a_stream_is_a_look(store, run):
    run("t", "bluesky", "stream", window_from=NOON, window_to=NOON + 48 * HOUR)
    chance = np.random.default_rng(23)
    times = [(at, at + chance.exponential(1.5)) for at in chance.uniform(0, 48, 1500)]
    store.many_posts(
        [
            {
                "platform": "bluesky",
                "run_id": "t",
                "published_at": NOON + at * HOUR,
                "first_seen_at": NOON + seen * HOUR,
            }
            for at, seen in times
            if seen < 48
        ]
    )
    frame = newest(store.derive(), "made-up")
    assert len(frame) >= 2 and (frame["value"].astype(float) > frame["n"].astype(float)).all()


def test_few_delays_are_insufficient_and_few_accounts_suppressed(store, run):
    searched(store, run, hours=range(0, 13), every=2, late=0.3, posts=20)
    assert newest(store.derive(), "made-up")["verdict"].tolist() == ["insufficient"]
    store.con.execute("UPDATE held.post_campaign SET author = 'one'::BLOB")
    (row,) = newest(store.con, "made-up").to_dict("records")
    assert row["suppressed"] and row["n"] is None


def test_posts_dated_to_the_day_and_posts_out_of_files_have_no_delay(store, run):
    run("s"), run("s2", at=4), run("f", "file", "load", at=4)
    given = {"published_at": NOON + HOUR, "first_seen_at": NOON + 4 * HOUR}
    store.many_posts([{"run_id": "s2", "published_precision": "day", **given}] * 40)
    store.many_posts([{"run_id": "f", **given}] * 40)
    assert newest(store.derive(), "made-up").empty


def test_as_of_a_moment_equals_a_store_that_ends_then(store, run):
    searched(store, run, hours=range(0, 97), every=2, late=0.4, posts=600)
    run("t", mode="stream", at=1)
    again = [{"post_key": key, "observed_at": NOON + key / 2 * HOUR, "run_id": "t"} for key in range(1, 200, 3)]
    store.many("observation", again)
    store.derive()
    moment = NOON + 60 * HOUR
    past = [question(store.con, "made-up", as_of=moment) for question in (missed, newest)]
    for table, column in {"observation": "observed_at", "post": "first_seen_at", "run": "started_at"}.items():
        store.con.execute(f"DELETE FROM held.{table} WHERE {column} > ?", [moment])
    store.derive()
    for question, frame in zip((missed, newest), past, strict=True):
        pd.testing.assert_frame_equal(frame, question(store.con, "made-up"))
        assert len(frame)
