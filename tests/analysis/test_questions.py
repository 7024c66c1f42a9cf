"""Answers as plain rows, and the headline; on made-up rows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from analysis.overview import headline
from analysis.questions import QUESTIONS, answer
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
