"""Two campaigns side by side: at the same age, with limits, with what was watched, and without what is not shown."""

from __future__ import annotations

from datetime import timedelta

import duckdb
import numpy as np
import pytest

from analysis._rows import COLUMNS
from analysis.questions import QUESTIONS, answer
from spillover.errors import UsageError
from spillover.migrate import migrate
from tests.analysis.conftest import NOON, MadeUp
from tests.analysis.watching import Watch

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "https://www.youtube.com/watch?v=abcdefghijk"


def ask(store, question="reach", by=("platform",), as_of=None, names=("made-up", "other")):
    return answer(store.con, question, names[0], by=list(by), as_of=as_of, beside=names[1])


def find(rows, metric, **keys):
    found = [row for row in rows if row["metric"] == metric and keys.items() <= row["keys"].items()]
    assert len(found) == 1, [(row["metric"], row["keys"]) for row in found]
    return found[0]


def run(store, campaign, start, until, outcome="answered"):
    numbers = dict.fromkeys(("asked", "answered"), 1) | dict.fromkeys(
        ("refused", "broken", "posts", "matched", "rejected"), 0
    )
    store.insert(
        "run", run_id=f"{campaign} {start}", seq=1, collector="youtube", mode="search", campaign_id=campaign, query="q",
        started_at=until, ended_at=until, window_from=start, window_to=until, outcome=outcome, **numbers,
    )  # fmt: skip


def make_two(store):
    """Two campaigns of six accounts, a fortnight apart: one gains 100 views an hour and post, watched for 3 days, the other 50, for 2."""
    store.campaign("other", 2)
    for number, gains, days, start in ((1, 100, 3, NOON), (2, 50, 2, NOON + 14 * DAY)):
        for author in range(6):
            given = {"kind": "link", "term": URL, "url": URL} if author == 0 else {}
            published = start if author == 0 else start + author * HOUR
            key = store.post(
                author=f"{number}-{author}", campaign=number, published_at=published, first_seen_at=start + 6 * HOUR, **given
            )  # fmt: skip
            for hour in range(6, 24 * days + 1, 6):
                store.reading(key, start + hour * HOUR, views=gains * hour)
        run(store, number, start, start + 24 * days * HOUR if number == 1 else start + 24 * HOUR)
    store.derive()
    return store


@pytest.fixture
def two(store):
    return make_two(store)


@pytest.fixture(scope="module")
def answers():
    """The comparisons of every question, made once."""
    with duckdb.connect() as con:
        migrate(con)
        store = MadeUp(con)
        store.campaign()
        make_two(store)
        made = {question: ask(store, question) for question in QUESTIONS}
        made["back"] = ask(store, names=("other", "made-up"))
        made["alone"] = answer(con, "reach", "other", by=["platform"], as_of=None)
        made["series"] = ask(store, by=("platform", "6h"))
        made["left"] = con.execute("SELECT count(*), current_schema() FROM duckdb_databases()").fetchall()
        return made


def test_reach_is_read_at_the_largest_age_to_which_both_were_watched(answers):
    rows = answers["reach"]
    age = rows[0]
    assert (age["metric"], age["value"], age["keys"]) == (
        "compared_age_h",
        48,
        {"campaign": "made-up", "beside": "other"},
    )
    assert (
        "its own video was published 2026-03-01T12:00Z, first read 2026-03-01T18:00Z, watched to 2026-03-04T12:00Z"
        in age["rests_on"]
    )
    assert find(rows, "known_views", campaign="made-up")["value"] == 6 * 48 * 100
    assert find(rows, "known_views", campaign="other")["value"] == 6 * 48 * 50
    both = find(rows, "known_views_difference")
    assert (both["value"], both["low"], both["high"], both["n"]) == (6 * 48 * 50,) * 3 + (12,)
    assert both["verdict"] == "made-up higher" and "made-up: n 6" in both["rests_on"] and "48 h" in both["rests_on"]
    assert find(rows, "known_views_ratio")["value"] == pytest.approx(2)
    assert find(rows, "posts_difference")["verdict"] == "no difference seen"


def test_the_other_way_round_gives_the_opposite(answers):
    one, other = (find(answers[name], "known_views_difference") for name in ("reach", "back"))
    assert one["value"] == -other["value"] and one["verdict"] == other["verdict"]


def test_the_one_that_was_watched_for_less_says_what_it_says_alone(answers):
    beside = [row for row in answers["reach"] if row["keys"]["campaign"] == "other" and row["question"] == "reach"]
    assert [row | {"keys": {"campaign": "other"} | row["keys"]} for row in answers["alone"]] == beside


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_share_of_the_time_that_was_watched_stands_beside_every_answer(answers, question):
    shares = [row for row in answers[question] if row["metric"] == "watched_share" and "collector" not in row["keys"]]
    assert [(row["keys"]["campaign"], row["value"]) for row in shares] == [("made-up", 1), ("other", 0.5)]
    between = [row for row in answers[question] if row["metric"] == "watched_share_difference"]
    assert between[0]["value"] == 0.5 and between[0]["question"] == "coverage"


def test_coverage_tells_what_was_watched_by_collector(answers):
    assert find(answers["coverage"], "watched_share", collector="youtube", campaign="other")["value"] == 0.5
    assert find(answers["coverage"], "watched_share_difference", collector="youtube")["value"] == 0.5


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_can_be_compared_in_the_agreed_form(answers, question):
    rows = answers[question]
    assert all(tuple(row) == COLUMNS for row in rows)
    assert all("campaign" in row["keys"] for row in rows)
    between = [row for row in rows if row["metric"].endswith(("_difference", "_ratio")) and "beside" in row["keys"]]
    assert between and all(row["verdict"] or row["suppressed"] for row in between)


def test_a_series_goes_by_age_for_both(answers):
    rows = answers["series"]
    grown = [row for row in rows if row["metric"] == "new_views" and row["keys"]["campaign"] == "other"]
    assert [row["keys"]["age_h"] for row in grown] == [6.0 * n for n in range(1, 8)]
    assert [row["value"] for row in grown] == [6 * 6 * 50] * 7
    differences = [row["value"] for row in rows if row["metric"] == "new_views_difference"]
    assert differences == [6 * 6 * 50] * 7


def test_what_reviewers_said_since_holds_for_the_age_as_well(two):
    two.insert("review", post_key=1, campaign_id=1, verdict="reject", reviewer="x", reviewed_at=NOON + 30 * DAY)
    two.derive()
    assert find(ask(two), "posts", campaign="made-up")["value"] == 5


def test_as_of_leaves_out_what_was_read_later(two):
    rows = ask(two, as_of=(NOON + 15 * DAY).isoformat())
    assert rows[0]["value"] == 24
    assert find(rows, "known_views_difference")["value"] == 6 * 24 * 50


def test_a_difference_is_not_shown_where_one_side_is_not(store):
    store.campaign("other", 2)
    store.posts_of(9, published_at=NOON)
    store.posts_of(4, campaign=2, published_at=NOON, views=12345)
    rows = ask(store.derive() and store)
    assert find(rows, "known_views", campaign="other")["suppressed"]
    assert not find(rows, "known_views", campaign="made-up")["suppressed"]
    for metric in ("known_views_difference", "posts_difference"):
        hidden = find(rows, metric)
        assert hidden["suppressed"] and all(hidden[name] is None for name in ("value", "low", "high", "n", "verdict"))
    assert not any(number in str(rows) for number in ("12345", str(4 * 12345)))


def share(store, posts, campaign=2):
    """Let the other campaign hold these posts of the first as well."""
    for key in posts:
        store.insert(
            "post_campaign",
            post_key=key,
            campaign_id=campaign,
            role="match",
            author=f"s{key}".encode().ljust(16, b"."),
            run_id="r",
        )
        store.insert(
            "match",
            post_key=key,
            campaign_id=campaign,
            version=1,
            kind="title",
            term="t",
            confidence=0.9,
            matched_at=NOON,
        )
    store.derive()


def test_posts_in_both_are_counted_and_said(store):
    store.campaign("other", 2)
    keys = store.posts_of(12, published_at=NOON)
    store.posts_of(6, campaign=2, published_at=NOON)
    share(store, keys[:6])
    rows = ask(store)
    assert "6 posts are in both: the two are not independent" in rows[0]["rests_on"]
    assert find(rows, "posts_difference")["value"] == 0
    assert not find(rows, "posts_difference")["suppressed"]


def test_a_difference_that_one_to_four_accounts_make_is_not_shown(store):
    store.campaign("other", 2)
    keys = store.posts_of(9, published_at=NOON)
    share(store, keys[:7])
    rows = ask(store)
    told = [row for row in rows if row["metric"].startswith(("known_views", "posts"))]
    assert len(told) == 8 and all(row["suppressed"] and row["value"] is None for row in told)


def test_delays_of_a_crossing_are_hours_since_each_first_upload(two):
    for number, hour in ((1, 5), (2, 30)):
        start = NOON + (14 * DAY if number == 2 else timedelta(0))
        for n in range(6):
            two.post(
                author=f"r{number}{n}",
                campaign=number,
                region="HK",
                published_at=start + hour * HOUR,
                first_seen_at=start + hour * HOUR,
            )
    rows = ask(two.derive() and two, "crossings", by=("region",))
    assert find(rows, "crossed_by_delay_h", campaign="made-up")["value"] == 5
    assert find(rows, "crossed_by_delay_h", campaign="other")["value"] == 30
    found = find(rows, "crossed_by_difference")
    assert found["value"] == -25 and found["verdict"] in ("other higher", "cannot tell")
    assert find(rows, "first_published_difference")["verdict"] == "other higher"


def watch_two(store, lost, *, matched):
    """Watch two campaigns: so many of the posts of each go within a day, one control in twelve of both."""
    store.campaign("other", 2)
    chance = np.random.default_rng(5)
    for number, gone in enumerate(lost, start=1):
        watch = Watch(store, matched=matched, each=2)
        for table in ("post_campaign", "match", "control") if number == 2 else ():
            mine = "post_key IN (SELECT unnest(?::BIGINT[]))"
            store.con.execute(f"UPDATE held.{table} SET campaign_id = 2 WHERE {mine}", [watch.posts])
        for posts in (watch.matched[:gone], watch.controls[: matched // 6]):
            watch.lose(posts, list(chance.uniform(0.1, 22, len(posts))), "platform")
        watch.check((0.5, 2, 6, 12, 23, 47, 167, 191))
    return ask(store.derive() and store, "removals")


def test_removals_are_compared_by_share_by_hazard_and_against_own_controls(store):
    rows = watch_two(store, (30, 6), matched=60)
    gone = find(rows, "gone_24h_difference", group="matched", since="found")
    assert (
        gone["value"] == pytest.approx(24 / 60, abs=0.03) and gone["low"] > 0.2 and gone["verdict"] == "made-up higher"
    )
    assert find(rows, "gone_24h_difference", group="controls", since="found")["verdict"] == "no difference seen"
    both = find(rows, "difference_24h_difference", since="found")
    assert both["value"] == pytest.approx(24 / 60, abs=0.03) and both["verdict"] == "made-up higher"
    ratio = find(rows, "hazard_ratio_between")
    assert 3 < ratio["value"] < 12 and ratio["low"] > 1 and ratio["verdict"] == "made-up higher"
    assert "30 of 60 gone and 6 of 60 gone" in ratio["rests_on"]
    assert find(rows, "log_rank_p_between")["value"] < 0.001
    assert not [row for row in rows if row["metric"] in ("power_difference", "log_rank_p_difference")]


def test_few_posts_are_no_ground_for_a_verdict_on_removals(store):
    rows = watch_two(store, (8, 0), matched=12)
    assert find(rows, "gone_24h_difference", group="matched", since="found")["verdict"] == "insufficient"
    assert find(rows, "hazard_ratio_between")["verdict"] == "insufficient"


def test_a_campaign_without_posts_is_insufficient(store):
    store.campaign("other", 2)
    store.posts_of(6)
    rows = ask(store.derive() and store)
    assert (rows[0]["value"], rows[0]["verdict"]) == (None, "insufficient") and "other: no post is held" in rows[0][
        "rests_on"
    ]
    assert find(rows, "posts", campaign="made-up")["value"] == 6
    assert not [row for row in rows if row["metric"].endswith("_difference")]


def test_a_campaign_that_was_read_too_late_for_the_other_is_insufficient(store):
    store.campaign("other", 2)
    store.posts_of(6, published_at=NOON, first_seen_at=NOON + DAY)
    store.posts_of(6, campaign=2, published_at=NOON - 30 * DAY, first_seen_at=NOON)
    rows = ask(store.derive() and store)
    assert (rows[0]["value"], rows[0]["verdict"]) == (24, "insufficient")
    assert "by the age to which the other was watched nothing was read of other" in rows[0]["rests_on"]
    assert not [row for row in rows if row["metric"] == "known_views_difference"]


def test_a_campaign_is_not_compared_with_itself(store):
    with pytest.raises(UsageError, match="made-up twice"):
        ask(store, names=("made-up", "made-up"))


def test_nothing_of_the_comparison_stays_in_the_database(answers):
    assert answers["left"] == [(3, "main")]
