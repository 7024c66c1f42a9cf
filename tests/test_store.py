"""The store: exactly once, derived equal to base, and the fault of DuckDB 2.0 that the drain avoids."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

import duckdb
import pytest

from spillover import segments
from spillover.config import Workspace
from spillover.errors import Busy
from spillover.store import Store
from spillover.verify import verify
from tests.rows import MINUTE, START, match, member, post, put, put_readings, reading


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    opened = Store(workspace)
    yield opened
    opened.close()


def test_a_segment_is_taken_in_once_even_when_its_file_comes_back(store: Store) -> None:
    put_readings(store.workspace.spool, (1, START, 100))
    (path,) = segments.waiting(store.workspace.spool)
    copy = path.read_bytes()
    store.drain()
    path.write_bytes(copy)  # as after a crash between COMMIT and the deletion of the file
    store.drain()
    assert store.rows("SELECT count(*) FROM observations") == [(1,)]
    assert not segments.waiting(store.workspace.spool)


def test_the_same_reading_in_another_segment_is_a_duplicate(store: Store) -> None:
    first = put_readings(store.workspace.spool, (1, START, 100), (2, START, 5))
    second = put_readings(store.workspace.spool, (1, START, 100), (1, START + MINUTE, 101))
    store.drain()
    assert store.drained([first]) == {"found": 1, "observations": 2, "duplicates": 0, "new_posts": 2}
    assert store.drained([second]) == {"found": 1, "observations": 1, "duplicates": 1, "new_posts": 0}


def test_a_post_of_two_campaigns_is_one_post_with_one_reading(store: Store) -> None:
    put_readings(store.workspace.spool, (1, START, 100))
    store.drain()
    other = put(
        store.workspace.spool, post=[post(1)], post_campaign=[member(1, 2)], observation=[reading(1, START, 100, 2)]
    )
    store.drain()
    assert store.drained([other]) == {"found": 1, "observations": 0, "duplicates": 0, "new_posts": 1}
    assert store.rows("SELECT count(*) FROM held.post") == [(1,)]


def test_a_reading_of_a_post_that_nobody_holds_is_left_out(store: Store) -> None:
    put_readings(store.workspace.spool, (1, START, 100))
    store.drain()
    later = put(
        store.workspace.spool, observation=[reading(1, START + MINUTE, 101), reading(7, START + MINUTE, 5)]
    )  # as a platform answers with what it was not asked for
    store.drain()
    assert store.drained([later]) == {"found": 1, "observations": 1, "duplicates": 0, "new_posts": 0}
    assert not [row for row in verify(store) if not row["ok"]]


def test_a_torn_segment_is_set_aside_and_the_others_land(store: Store) -> None:
    put_readings(store.workspace.spool, (1, START, 100))
    torn = segments.waiting(store.workspace.spool)[0]
    torn.write_bytes(torn.read_bytes()[:-200])
    put_readings(store.workspace.spool, (2, START, 5))
    store.drain()
    assert store.rows("SELECT id FROM held.post") == [("2",)]
    assert [path.name for path in (store.workspace.spool / "bad").iterdir()] == [torn.name]


def test_the_first_reading_is_a_baseline_and_an_increment_is_spread_over_its_interval(store: Store) -> None:
    start = START.replace(minute=30, second=0)
    put_readings(store.workspace.spool, (1, start, 1_000_000), (1, start + timedelta(hours=2), 1_000_400))
    store.drain()
    hours = store.rows("SELECT hour, sum(views) FROM held.reach_hourly GROUP BY hour ORDER BY hour")
    assert [views for _, views in hours] == [100, 200, 100]


def test_hours_of_an_uneven_increment_add_up_to_it_exactly(store: Store) -> None:
    put_readings(store.workspace.spool, (1, START, 7), (1, START + timedelta(days=3, seconds=11), 1_000_003))
    store.drain()
    assert store.rows("SELECT sum(views) FROM held.reach_hourly") == [(999_996,)]


def test_a_hidden_count_is_no_increment_and_no_zero(store: Store) -> None:
    hour = timedelta(hours=1)
    put_readings(store.workspace.spool, (1, START, 100), (1, START + hour, None), (1, START + 2 * hour, 160))
    store.drain()
    assert store.rows("SELECT sum(views) FROM held.reach_hourly") == [(60,)]
    assert store.rows("SELECT views, readings FROM held.post_latest") == [(160, 3)]


def test_derived_tables_equal_their_definitions_after_any_order_of_news(store: Store) -> None:
    choose = random.Random(7)
    for _ in range(25):
        rows: dict[str, list[dict]] = {"post": [], "post_campaign": [], "observation": [], "match": [], "review": []}
        for _ in range(30):
            key, at = choose.randrange(40), START + MINUTE * choose.randrange(60 * 24 * 20)
            more = {"region": choose.choice(["US", "CN"])} if choose.random() < 0.3 else {}
            rows["post"].append(post(key, at, lang=choose.choice(["en", None]), **more))
            campaign = choose.choice([1, 2])
            rows["post_campaign"].append(member(key, campaign, choose.choice(["match", "kept"])))
            rows["observation"].append(reading(key, at, choose.choice([None, choose.randrange(10**6)])))
            if choose.random() < 0.3:
                rows["match"].append(
                    match(key, choose.randrange(1, 4), choose.choice([0.5, 0.7, 0.95]), at, campaign_id=campaign)
                )
            if choose.random() < 0.1:
                verdict = choose.choice(["accept", "reject"])
                rows["review"].append(
                    {"post_key": key, "campaign_id": campaign, "verdict": verdict, "reviewer": "a", "reviewed_at": at}
                )
        put(store.workspace.spool, **rows)
        if choose.random() < 0.7:
            store.drain()
            assert not any((d := store.differences()).values()), d
    store.drain()
    before = store.rows(
        "SELECT hour, region, band, sum(views) FROM held.reach_hourly GROUP BY ALL HAVING sum(views) <> 0 ORDER BY ALL"
    )
    store.rebuild()
    assert not any((d := store.differences()).values()), d
    after = store.rows(
        "SELECT hour, region, band, sum(views) FROM held.reach_hourly GROUP BY ALL HAVING sum(views) <> 0 ORDER BY ALL"
    )
    assert before == after and len(before) > 100


def test_a_planted_error_in_a_derived_table_is_found(store: Store) -> None:
    put_readings(store.workspace.spool, (1, START, 100), (1, START + timedelta(hours=5), 900))
    store.drain()
    with store.cursor() as cursor:
        cursor.execute("UPDATE held.post_latest SET views = views + 1")
    assert store.differences()["post_latest"] > 0


def test_a_second_process_gets_a_clear_message(store: Store, python: list[str], checkout_first: None) -> None:
    import subprocess

    code = (
        "from pathlib import Path; from spillover.config import Workspace; from spillover.store import Store; "
        f"Store(Workspace(Path({str(store.workspace.root)!r})))"
    )
    done = subprocess.run([python[0], "-c", code], capture_output=True, text=True, check=False)
    assert Busy.__name__ in done.stderr and "another process has this database open" in done.stderr


def test_a_large_drain_after_an_empty_table_can_be_found_by_filter(store: Store) -> None:
    """DuckDB 2.0.0: an empty INSERT, then one of 122,880 rows or more in the same transaction, hides rows from filters."""
    put(store.workspace.spool, post=[], post_campaign=[], observation=[])
    put_readings(store.workspace.spool, *((key, START, key) for key in range(130_000)))
    store.drain()
    assert store.rows("SELECT count(*) FROM held.post WHERE post_key = 129999") == [(1,)]
    assert store.rows("SELECT count(*) FROM held.observation JOIN held.post USING (post_key)") == [(130_000,)]


def test_the_fault_that_the_drain_avoids_is_still_there_or_this_rule_can_go() -> None:
    """A canary: when this fails, DuckDB has mended it, and drain.py may say so."""
    db = duckdb.connect()
    db.execute("CREATE TABLE post (k BIGINT); CREATE TEMP TABLE p AS SELECT range AS k FROM range(200000)")
    db.execute("BEGIN; INSERT INTO post SELECT * FROM p LIMIT 0; INSERT INTO post SELECT * FROM p; COMMIT")
    found = db.execute("SELECT count(*) FROM post WHERE k = 100000").fetchall()[0][0]
    assert (found == 0) == duckdb.__version__.startswith("2.0.0")


def test_a_date_gives_way_to_a_more_exact_one_only(store: Store) -> None:
    said = [("day", 5), ("second", 4), ("minute", 9), ("day", 8), ("second", 3)]
    for number, (precision, hour) in enumerate(said):
        seen, date = START + number * MINUTE, START.replace(hour=hour)
        put(store.workspace.spool, post=[post(1, seen, published_at=date, published_precision=precision)])
        store.drain()
        held = store.rows("SELECT published_precision, hour(published_at) FROM held.post")
        assert held == [said[0] if not number else ("second", 4 if number < 4 else 3)]
    put(store.workspace.spool, post=[post(1, START - MINUTE, published_at=START, published_precision="second")])
    store.drain()
    assert store.rows("SELECT hour(published_at) FROM held.post") == [(3,)]
