"""Answers as plain rows, and the headline; on made-up rows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from analysis.coverage import coverage
from analysis.overview import headline
from analysis.questions import QUESTIONS, answer
from analysis.reach import reach
from spillover.__main__ import _QUESTIONS
from spillover.errors import UsageError

NOON = datetime(2026, 3, 1, 12)
HOUR = timedelta(hours=1)
FIELDS = ["question", "keys", "metric", "value", "low", "high", "n", "rests_on", "suppressed", "verdict"]


def test_an_answer_is_rows_of_json_with_the_agreed_fields(store):
    store.posts_of(6, region="HK")
    store.posts_of(2, region="TW", platform="bilibili")
    rows = json.loads(json.dumps(answer(store.derive(), "reach", "made-up", by=["platform", "region"], as_of=None)))
    assert all(list(row) == FIELDS for row in rows)
    views = {row["keys"]["platform"]: row for row in rows if row["metric"] == "known_views"}
    assert (views["youtube"]["value"], views["youtube"]["suppressed"], views["youtube"]["verdict"]) == (
        600,
        False,
        None,
    )
    assert (views["bilibili"]["value"], views["bilibili"]["n"], views["bilibili"]["suppressed"]) == (None, None, True)


@pytest.mark.parametrize("text", ["2026-03-01T12:30:00Z", "2026-03-01T20:30:00+08:00"])
def test_a_moment_may_carry_any_zone(store, text):
    for key in store.posts_of(6):
        store.reading(key, NOON + HOUR, views=250)
    rows = answer(store.derive(), "reach", "made-up", by=["platform"], as_of=text)
    assert rows[0]["value"] == 600


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"question": "rich"}, "choose one of reach"),
        ({"by": ["country"]}, "choose from platform, region, lang, band"),
        ({"as_of": "yesterday-ish"}, "--as-of 'yesterday-ish'"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(store, asked, said):
    given = {"question": "reach", "by": ["platform"], "as_of": None} | asked
    with pytest.raises(UsageError, match=said):
        answer(store.derive(), given.pop("question"), "made-up", **given)


def test_the_command_knows_every_question():
    assert set(_QUESTIONS) == set(QUESTIONS)


def test_the_headline_says_what_each_number_rests_on(store):
    for key in store.posts_of(6, region="HK"):
        store.reading(key, NOON + HOUR)
    store.insert("listing", post_key=1, list="top", region="TW", rank=1, observed_at=NOON, run_id="r")
    found = headline(store.derive(), "made-up")
    values = {name: cell["value"] for name, cell in found.items() if name != "known_views"}
    assert values == {
        "posts": 6,
        "platforms": 1,
        "regions": 2,
        "readings": 12,
        "first_seen_at": NOON.replace(tzinfo=UTC),
        "last_seen_at": (NOON + HOUR).replace(tzinfo=UTC),
    }
    assert found["known_views"]["youtube"]["rests_on"].startswith("6 of 6 posts show views")
    assert all({"value", "n", "rests_on", "suppressed"} <= cell.keys() for cell in found.values() if "value" in cell)


def test_the_headline_of_nothing_is_nothing(store):
    found = headline(store.derive(), "made-up")
    assert (found["posts"]["value"], found["platforms"]["value"], found["first_seen_at"]["value"]) == (0, 0, None)
    assert found["known_views"] == {}


def test_the_rows_that_reach_had_stand_first_and_unchanged(store):
    for key in store.posts_of(6):
        store.reading(key, NOON + HOUR, views=250)
    before = reach(store.derive(), "made-up").to_dict("records")
    rows = answer(store.con, "reach", "made-up", by=["platform"], as_of=None)
    old = [{name: None if not isinstance(v, dict) and pd.isna(v) else v for name, v in row.items()} for row in before]
    assert rows[: len(old)] == old
    assert {row["metric"] for row in rows[len(old) :]} == {
        "outside_origin",
        "outside_origin_without_top_post",
        "region_unknown",
        "top_post_share",
    }


def test_reach_over_time_by_the_name_of_a_grain(store):
    for key in store.posts_of(6):
        store.reading(key, NOON + 24 * HOUR, views=340)
    rows = json.loads(json.dumps(answer(store.derive(), "reach", "made-up", by=["platform", "day"], as_of=None)))
    assert [(row["keys"]["start"], row["metric"], row["value"]) for row in rows] == [
        ("2026-03-01T00:00Z", "new_views", 720),
        ("2026-03-02T00:00Z", "new_views", 720),
    ]


@pytest.mark.parametrize("name", ["people", "all_platforms"])
def test_numbers_over_all_platforms_are_given_by_name_only(store, name):
    store.posts_of(6)
    plain = answer(store.derive(), "reach", "made-up", by=["platform"], as_of=None)
    asked = answer(store.con, "reach", "made-up", by=[name], as_of=None)
    assert all(list(row) == FIELDS for row in asked) and asked
    assert not {row["metric"] for row in plain} & {row["metric"] for row in asked}
    with pytest.raises(UsageError, match="stands alone"):
        answer(store.con, "reach", "made-up", by=[name, "region"], as_of=None)


def test_coverage_keeps_its_fields_and_has_the_agreed_ones_after_them(store):
    store.posts_of(6)
    run = {"run_id": "r", "seq": 1, "collector": "youtube", "mode": "search", "campaign_id": 1, "query": "q"}
    numbers = {"asked": 1, "answered": 1, "refused": 0, "broken": 0, "posts": 6, "matched": 6, "rejected": 0}
    window = {"started_at": NOON + HOUR, "window_from": NOON, "window_to": NOON + HOUR, "outcome": "answered"}
    store.insert("run", **run, **numbers, **window)
    before = coverage(store.derive(), "made-up", until=NOON + 2 * HOUR)
    rows = answer(store.con, "coverage", "made-up", by=["platform"], as_of="2026-03-01T14:00Z")
    assert all(list(row) == list(rows[0]) for row in rows)
    assert list(rows[0]) == ["question", "keys", *before.columns[1:], *FIELDS[2:]]
    old = {name: None if pd.isna(value) else value for name, value in before.iloc[0].items() if name != "collector"}
    assert {name: rows[0][name] for name in old} == old and rows[0]["keys"] == {"collector": "youtube"}
    assert (rows[0]["metric"], rows[0]["value"], rows[0]["n"]) == ("minutes_watched", 60, 1)
    assert len(rows) == 1
    missed = answer(store.con, "coverage", "made-up", by=["missed"], as_of="2026-03-01T14:00Z")
    assert all(list(row) == FIELDS for row in missed)
    assert [(row["keys"], row["metric"], row["verdict"]) for row in missed] == [
        ({"platform": "youtube"}, "missed_at_least", "insufficient")
    ]
