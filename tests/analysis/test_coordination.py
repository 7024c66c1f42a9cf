"""Coordination as an analyst asks for it, on made-up posts: groups, never accounts, and nothing that is not there."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analysis.coordination import coordination
from analysis.questions import answer
from analysis.reach import COLUMNS

BEGIN = datetime(2026, 3, 1)
S = timedelta(seconds=1)
HOUR = 3600
SCHEMA = pa.schema(
    {
        "post_key": pa.int64(),
        "author": pa.binary(),
        "publisher": pa.string(),
        "platform": pa.string(),
        "published_at": pa.timestamp("us"),
        "published_precision": pa.string(),
        "first_seen_at": pa.timestamp("us"),
        "text": pa.string(),
        "region": pa.string(),
        "lang": pa.string(),
        "hashtags": pa.list_(pa.string()),
        "links": pa.list_(pa.string()),
    }
)
NAMES = SCHEMA.names
_WRITE = """
INSERT INTO held.post BY NAME SELECT * EXCLUDE (author, publisher, first_seen_at), post_key::VARCHAR AS id, platform AS policy,
    coalesce(first_seen_at, TIMESTAMP '2026-03-02') AS first_seen_at, TIMESTAMP '2026-03-02' AS last_seen_at FROM given;
INSERT INTO held.post_campaign BY NAME SELECT post_key, 1 AS campaign_id, 'match' AS role, author, publisher, 'r' AS run_id FROM given;
INSERT INTO held.match BY NAME SELECT post_key, 1 AS campaign_id, 1 AS version, 'title' AS kind, 0.95 AS confidence,
    TIMESTAMP '2026-03-02' AS matched_at FROM given"""


class Feed:
    """Writes posts with their time and what they share, many at a time."""

    def __init__(self, store: Any) -> None:
        self.store = store
        self.draw = np.random.default_rng(5)
        self.rows: list[dict[str, Any]] = []

    def post(self, author: str | None, second: float, **shares: Any) -> int:
        given = {"platform": "x", "published_precision": "second", "published_at": BEGIN + second * S, **shares}
        blob = author.encode().ljust(16, b".") if author else None
        self.rows.append(dict.fromkeys(NAMES) | {"author": blob, "post_key": len(self.rows) + 1} | given)
        return len(self.rows)

    def derive(self) -> duckdb.DuckDBPyConnection:
        self.store.con.register("given", pa.Table.from_pylist(self.rows, schema=SCHEMA))
        for statement in _WRITE.split(";"):
            self.store.con.execute(statement)
        return self.store.derive()

    def noise(self, posts: int = 240, hours: int = 6, accounts: int = 30, **given: Any) -> None:
        """Let many accounts share twenty links each as they please."""
        for _ in range(posts):
            link = f"https://news.example/{self.draw.integers(20)}"
            self.post(f"n{self.draw.integers(accounts)}", int(self.draw.integers(hours * HOUR)), links=[link], **given)

    def group(self, size: int, objects: int = 5, **given: Any) -> None:
        """Let a group share so many links of its own, each within eight seconds."""
        for thing in range(objects):
            for member in range(size):
                moment = thing * HOUR + 1000 + int(self.draw.integers(8))
                shared = given or {"links": [f"https://group.example/{thing}"]}
                said = {name: value(thing) if callable(value) else value for name, value in shared.items()}
                self.post(f"g{member}", moment, **said)


@pytest.fixture
def feed(store):
    return Feed(store)


def asked(feed: Feed, **more: Any) -> pd.DataFrame:
    return coordination(feed.derive(), "made-up", **more)


def rows(frame: pd.DataFrame, metric: str, **keys: Any) -> list[dict[str, Any]]:
    return [row for row in frame.to_dict("records") if row["metric"] == metric and keys.items() <= row["keys"].items()]


def verdict(frame: pd.DataFrame, kind: str = "link") -> str:
    (row,) = rows(frame, "excess_p", object=kind)
    return row["verdict"]


def test_of_an_empty_campaign_there_is_too_little_to_say(feed):
    (row,) = asked(feed).to_dict("records")
    assert list(row) == list(COLUMNS)
    assert (row["keys"], row["n"], row["verdict"]) == ({}, 0, "insufficient")


def test_a_group_in_step_is_found_and_told_as_a_group(feed):
    feed.noise()
    feed.group(8)
    frame = asked(feed)
    assert verdict(frame) == "more in step than chance allows"
    (people,), (groups,) = rows(frame, "accounts_in_step"), rows(frame, "groups_in_step")
    assert (people["value"], people["n"], groups["value"]) == (8, 38, 1)
    assert people["keys"].keys() == {"platform", "object", "within_s", "at_least"}
    (share,) = rows(frame, "share_by_chance", within_s=people["keys"]["within_s"], at_least=people["keys"]["at_least"])
    assert share["low"] <= share["value"] <= share["high"] <= 0.05
    assert share["n"] == 28


def test_accounts_that_share_as_they_please_are_no_more_in_step_than_chance_allows(feed):
    feed.noise()
    frame = asked(feed)
    assert verdict(frame) == "no more in step than chance allows"
    assert rows(frame, "accounts_in_step") == []


def test_a_group_of_fewer_than_five_accounts_is_not_told_of(feed):
    feed.noise()
    feed.group(3)
    frame = asked(feed)
    assert verdict(frame) == "insufficient"
    assert rows(frame, "accounts_in_step") == []
    for row in rows(frame, "share_by_chance", within_s=10):
        assert row["suppressed"] or row["n"] == 0
        assert pd.isna(row["value"])


def test_what_a_threshold_has_more_than_another_rests_on_five_accounts_or_is_hidden(feed):
    feed.noise()
    feed.group(8)
    feed.group(2, objects=9, links=lambda thing: [f"https://pair.example/{thing}"])  # two of the eight do more
    shown = [row for row in rows(asked(feed), "share_by_chance", within_s=10) if not row["suppressed"]]
    assert {row["n"] for row in shown} <= {0, 28}


def test_no_account_leaves_with_the_answer(feed):
    feed.noise()
    feed.group(8)
    text = json.dumps(answer(feed.derive(), "coordination", "made-up", by=["platform"], as_of=None))
    for (author,) in feed.store.con.execute("SELECT DISTINCT lower(hex(author)) FROM held.post_campaign").fetchall():
        assert author not in text.lower()
    assert "group.example" not in text


def test_few_accounts_are_insufficient(feed):
    feed.group(4)
    frame = asked(feed)
    assert set(frame["verdict"]) == {"insufficient"}
    assert [(row["value"], row["suppressed"]) for row in rows(frame, "excess_p")] == [(None, True)]


def test_quiet_hours_are_insufficient(feed):
    """A group alone: whatever label is dealt to whom, the same pairs come out."""
    feed.group(9)
    assert verdict(asked(feed)) == "insufficient"


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("text", {"text": lambda thing: f"Look at  THIS {thing} https://t.example/{thing}"}),
        ("hashtags", {"hashtags": lambda thing: ["Truth", f"day{thing}"]}),
    ],
)
def test_texts_and_sets_of_hashtags_are_objects_too(feed, kind, given):
    feed.noise(text="something of one's own, whatever", hashtags=["a", "b"])
    feed.group(8, **given)
    frame = asked(feed)
    assert verdict(frame, kind) == "more in step than chance allows"
    assert rows(frame, "accounts_in_step", object=kind)[0]["value"] == 8


def test_an_address_in_a_text_is_a_link_where_the_platform_names_none(feed):
    feed.noise()
    feed.group(8, text=lambda thing: f"see https://group.example/{thing}")
    assert rows(asked(feed), "accounts_in_step", object="link")[0]["value"] == 8


def test_videos_are_objects_where_a_campaign_has_more_than_one(feed):
    feed.noise(posts=60)
    con = feed.derive()
    con.execute("UPDATE held.member SET video = 1")
    assert {keys["object"] for keys in coordination(con, "made-up")["keys"]} == {"link"}
    con.execute("UPDATE held.member SET video = 1 + post_key % 3")
    assert {keys["object"] for keys in coordination(con, "made-up")["keys"]} == {"link", "video"}


def test_reposts_count_for_their_parent_alone(feed):
    for parent in range(5):
        for member in range(30):
            second = parent * HOUR + (1000 + member % 8 if member < 8 else int(feed.draw.integers(HOUR)))
            key = feed.post(f"g{member}", second, text=f"the words of post {parent}", links=["https://a.example/"])
            target = 1000 + parent if member < 8 else 1000 + int(feed.draw.integers(50))
            feed.store.insert("edge", post_key=key, parent_key=target, relation="repost", seen_at=BEGIN, run_id="r")
    frame = asked(feed)
    assert {keys["object"] for keys in frame["keys"]} == {"parent"}
    assert verdict(frame, "parent") == "more in step than chance allows"


def test_times_known_to_the_minute_say_nothing_of_shorter_windows(feed):
    feed.noise()
    feed.group(8, links=lambda thing: [f"https://group.example/{thing}"], published_precision="minute")
    frame = asked(feed)
    assert all(row["n"] == 0 for row in rows(frame, "share_by_chance", within_s=10))
    assert verdict(frame) == "more in step than chance allows"
    assert rows(frame, "accounts_in_step")[0]["keys"]["within_s"] >= 60


def test_posts_without_author_or_exact_time_are_left_out_and_counted(feed):
    feed.noise()
    for n in range(7):
        feed.post(None, n, links=["https://a.example/"])
        feed.post(f"n{n}", n, links=["https://a.example/"], published_precision="hour")
    feed.post("n1", 0, links=["https://a.example/"], published_at=None)
    (row,) = rows(asked(feed), "excess_p")
    assert row["rests_on"].startswith(
        "240 of 255 posts share a link; left out: 7 without author, 8 with a time coarser"
    )


def test_outlets_by_name_are_no_private_accounts(feed):
    feed.noise()
    for thing in range(5):
        for member in range(8):
            feed.post(f"g{member}", thing * HOUR + member, links=[f"https://w.example/{thing}"], publisher=f"P{member}")
    assert verdict(asked(feed)) == "no more in step than chance allows"


def test_readers_of_two_languages_are_not_in_step_because_they_read_different_things(feed):
    """Shuffled over languages, each half would look coordinated: it never shares what the other half does."""
    for lang in ("ru", "zh"):
        for n in range(300):
            link = f"https://{lang}.example/{feed.draw.integers(4)}"
            at = (n // 50) * HOUR + int(feed.draw.integers(HOUR))
            feed.post(f"{lang}{feed.draw.integers(12)}", at, links=[link], lang=lang)
    assert verdict(asked(feed)) != "more in step than chance allows"


def test_splits_are_judged_apart_and_platforms_always(feed):
    feed.noise(posts=120, region="TW")
    feed.group(8, links=lambda thing: [f"https://group.example/{thing}"], region="TW")
    feed.noise(posts=120, region="JP")
    feed.noise(posts=120, platform="vk", region="RU")
    said = {
        (row["keys"]["platform"], row["keys"]["region"]): row["verdict"]
        for row in rows(asked(feed, by=("region",)), "excess_p")
    }
    assert said[("x", "TW")] == "more in step than chance allows"
    assert said[("x", "JP")] == said[("vk", "RU")] == "no more in step than chance allows"


def test_a_split_that_does_not_exist_is_refused(feed):
    with pytest.raises(ValueError, match="no split by 'author'"):
        asked(feed, by=("author",))


def test_as_of_a_moment_equals_a_store_that_ends_then(feed):
    feed.noise()
    feed.group(8)
    for row in feed.rows:
        row["first_seen_at"] = row["published_at"]
    con = feed.derive()
    moments = [BEGIN + hours * HOUR * S for hours in (2, 4)]
    early, late = (coordination(con, "made-up", as_of=moment) for moment in moments)
    for moment, frame in ((moments[1], late), (moments[0], early)):
        con.execute("DELETE FROM held.post WHERE first_seen_at > ?", [moment])
        pd.testing.assert_frame_equal(frame, coordination(con, "made-up"))
    assert not early.equals(late)


def test_the_same_question_has_the_same_answer(feed):
    feed.noise(posts=100)
    con = feed.derive()
    pd.testing.assert_frame_equal(*(coordination(con, "made-up") for _ in range(2)))
