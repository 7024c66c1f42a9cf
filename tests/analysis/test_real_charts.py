"""The answers on real charts, held against plain Python over the files themselves, and against plain SQL."""

from __future__ import annotations

import csv
import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from analysis.crossings import first_seen
from analysis.overview import headline
from analysis.reach import increments, posts_over_time, reach

ROOT = Path(__file__).resolve().parents[2]
CHARTS = sorted((ROOT / "examples" / "sample" / "sample-youtube-trending").iterdir())
DAYS = [path.name.removeprefix("youtube_trending_").removesuffix(".csv.gz") for path in CHARTS]


def chart(day: str) -> Iterator[dict[str, str]]:
    with gzip.open(CHARTS[DAYS.index(day)], "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def moment(row: dict[str, str]) -> datetime:
    return datetime.fromisoformat(row["fetched_at"]).astimezone(UTC).replace(tzinfo=None)


_LOAD = """
CREATE TEMP TABLE w AS
SELECT dense_rank() OVER (ORDER BY video_id) AS post_key, video_id, country, rank::INTEGER AS rank,
    views::BIGINT AS views, likes::BIGINT AS likes, fetched_at[:10] AS day,
    strptime(fetched_at[:26], '%Y-%m-%dT%H:%M:%S.%f') AS seen_at,
    strptime(published_at, '%Y-%m-%dT%H:%M:%SZ') AS published_at
FROM read_csv(?, all_varchar = true);
INSERT INTO held.post BY NAME
SELECT post_key, 'youtube' AS platform, any_value(video_id) AS id, 'published' AS policy,
    any_value(published_at) AS published_at, min(seen_at) AS first_seen_at, max(seen_at) AS last_seen_at
FROM w GROUP BY post_key;
INSERT INTO held.post_campaign BY NAME SELECT post_key, 1 AS campaign_id, 'match' AS role, 'r' AS run_id FROM held.post;
INSERT INTO held.match BY NAME
SELECT post_key, 1 AS campaign_id, 1 AS version, 'link' AS kind, 1.0 AS confidence, first_seen_at AS matched_at
FROM held.post;
INSERT INTO held.observation BY NAME SELECT post_key, seen_at AS observed_at, day AS run_id, views, likes FROM w;
INSERT INTO held.listing BY NAME
SELECT post_key, 'trending' AS list, country AS region, rank, seen_at AS observed_at, day AS run_id FROM w;
INSERT INTO held.run BY NAME
SELECT day AS run_id, 1 AS seq, 'file' AS collector, 'load' AS mode, 1 AS campaign_id, day AS query,
    max(seen_at) AS started_at, 'answered' AS outcome, 1 AS asked, 1 AS answered, 0 AS refused, 0 AS broken,
    count(*) AS posts, count(*) AS matched, 0 AS rejected,
    min(seen_at) AS window_from, max(seen_at) AS window_to
FROM w GROUP BY day"""


@pytest.fixture
def sample(store):
    """The sample's charts in the store: a post for a video, a listing for a place, a reading for each moment."""
    load, *rest = _LOAD.split(";")
    store.con.execute(load, [[str(path) for path in CHARTS]])
    for statement in rest:
        store.con.execute(statement)
    return store


@pytest.fixture
def last() -> dict[str, dict[str, str]]:
    """Of each video the row that was read last."""
    found: dict[str, dict[str, str]] = {}
    for day in DAYS:
        for row in chart(day):
            if row["video_id"] not in found or row["fetched_at"] > found[row["video_id"]]["fetched_at"]:
                found[row["video_id"]] = row
    return found


def test_views_are_those_that_the_files_give_last(sample, last):
    frame = reach(sample.derive(), "made-up").set_index("metric")
    assert frame.loc["known_views", "value"] == sum(int(row["views"]) for row in last.values())
    assert frame.loc["known_likes", "value"] == sum(int(row["likes"]) for row in last.values() if row["likes"])
    assert frame.loc["known_likes", "n"] == sum(bool(row["likes"]) for row in last.values())
    assert frame.loc["posts", "value"] == len(last)


def test_days_replayed_equal_the_same_days_cut(sample):
    ends = [datetime.fromisoformat(day) + timedelta(days=1) for day in DAYS[::3]]
    sample.derive()
    past = [reach(sample.con, "made-up", as_of=end) for end in ends]
    arrivals = [first_seen(sample.con, "made-up", as_of=end) for end in ends]
    for end, frame, arrival in reversed(list(zip(ends, past, arrivals, strict=True))):
        cut = {"observation": "observed_at", "listing": "observed_at", "post": "first_seen_at", "run": "window_to"}
        for table, column in cut.items():
            sample.con.execute(f"DELETE FROM held.{table} WHERE {column} > ?", [end])
        pd.testing.assert_frame_equal(frame, reach(sample.derive(), "made-up"))
        pd.testing.assert_frame_equal(arrival, first_seen(sample.con, "made-up"))


def test_increments_add_up_to_the_growth_since_the_first_reading(sample, last):
    first: dict[str, dict[str, str]] = {}
    for day in DAYS:
        for row in chart(day):
            if row["video_id"] not in first or row["fetched_at"] < first[row["video_id"]]["fetched_at"]:
                first[row["video_id"]] = row
    growth = sum(int(last[video]["views"]) - int(first[video]["views"]) for video in last)
    for grain in ("hour", "6h", "day"):
        assert increments(sample.derive(), "made-up", grain=grain)["views"].sum() == growth
    assert posts_over_time(sample.con, "made-up", grain="day")["posts"].sum() == len(last)


def test_a_chart_is_reached_on_the_first_day_that_lists_a_video_of_ours(sample):
    wanted: dict[str, datetime] = {}
    for day in DAYS:
        for row in chart(day):
            wanted.setdefault(row["country"], moment(row))
    frame = first_seen(sample.derive(), "made-up")
    assert {row["region"]: row["first_seen_at"].tz_localize(None) for row in frame.to_dict("records")} == {
        region: pd.Timestamp(when) for region, when in wanted.items()
    }
    late = frame[frame["first_seen_at"] > pd.Timestamp(DAYS[1], tz="UTC")]
    assert (late["last_unseen_at"] < late["first_seen_at"]).all()
    assert (late["first_seen_at"] - late["last_unseen_at"] < pd.Timedelta(hours=25)).all()


def test_the_headline_counts_places_of_charts(sample, last):
    found = headline(sample.derive(), "made-up")
    assert found["posts"]["value"] == len(last)
    assert found["regions"]["value"] == len({row["country"] for day in DAYS for row in chart(day)})


_ELSEWHERE = """
import duckdb, sys
from datetime import datetime
from analysis.reach import increments, reach
with duckdb.connect(sys.argv[1]) as con:
    print(reach(con, "made-up", as_of=datetime.fromisoformat("2026-04-01T12:00+00:00")).to_json())
    print(increments(con, "made-up", grain="day").to_json())
"""


def test_the_zone_of_the_machine_plays_no_part(sample, tmp_path):
    sample.derive()
    sample.con.execute(f"ATTACH '{tmp_path}/copy.duckdb' AS copy")
    sample.con.execute("COPY FROM DATABASE memory TO copy")
    sample.con.execute("DETACH copy")
    answers = {
        zone: subprocess.run(
            [sys.executable, "-c", _ELSEWHERE, f"{tmp_path}/copy.duckdb"],
            env={**os.environ, "TZ": zone, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for zone in ("UTC", "Asia/Kathmandu", "America/St_Johns")
    }
    assert len(set(answers.values())) == 1
    assert answers["UTC"].count("1774") > 0  # times of March 2026 in it


def test_a_week_of_all_charts_agrees_with_plain_sql(store, shared):
    folder = shared / "data" / "spread" / "youtube_trending"
    store.con.execute(
        """CREATE TEMP TABLE w AS SELECT v::BIGINT AS v, o.*, video_id, default_language, published_at
        FROM read_parquet(?) o JOIN read_parquet(?) USING (v)
        WHERE fetched_at >= TIMESTAMP '2026-03-09' AND fetched_at < TIMESTAMP '2026-03-16'""",
        [str(next(folder.glob("observations_*"))), str(next(folder.glob("videos_*")))],
    )
    store.con.execute("""
        INSERT INTO held.post BY NAME
        SELECT v AS post_key, 'youtube' AS platform, any_value(video_id) AS id, 'published' AS policy,
            any_value(default_language) AS lang, min(fetched_at) AS first_seen_at, max(fetched_at) AS last_seen_at
        FROM w GROUP BY v""")
    store.con.execute("""
        INSERT INTO held.post_campaign BY NAME
        SELECT post_key, 1 AS campaign_id, 'kept' AS role, 'r' AS run_id FROM held.post""")
    store.con.execute("""
        INSERT INTO held.observation BY NAME
        SELECT v AS post_key, fetched_at AS observed_at, 'r' AS run_id, views, likes, comments FROM w""")
    frame = reach(store.derive(), "made-up", by=("lang",))
    wanted = store.con.execute("""
        SELECT lang, sum(views), count(views) FROM (
            SELECT v, coalesce(any_value(default_language), 'unknown') AS lang, arg_max(views, fetched_at) AS views
            FROM w GROUP BY v)
        GROUP BY lang""").fetchall()
    rows = frame[frame["metric"] == "known_views"].to_dict("records")
    assert {(row["keys"]["lang"], row["value"], row["n"]) for row in rows} == set(wanted)
    assert len(wanted) > 50
