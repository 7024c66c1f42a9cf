"""What counts as an event, what it is called, what is said of it, and how often chance would say the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from analysis import alerts
from analysis._bursts import bursts
from analysis._hourly import LEAST_H
from analysis._waves import _Loss, _size, waves
from spillover.alerting import _is_new
from tests.analysis.watching import HOUR, NOON, ROUNDS, Watch

AUTHORS = 8


def of(store: Any, kind: str, **given: Any) -> list[alerts.Event]:
    return [event for event in alerts.events(store.derive(), "made-up", **given) if event.kind == kind]


def a_run(name: str, since: datetime, until: datetime, outcome: str = "answered", **given: Any) -> dict[str, Any]:
    counts = dict.fromkeys(("asked", "answered", "refused", "broken", "posts", "matched", "rejected"), 1)
    row = {"collector": "youtube", "mode": "search", "query": "phrase:x", "campaign_id": 1, "seq": 1}
    seen = (since, until) if outcome == "answered" else (None, None)
    times = {"started_at": until, "ended_at": until, "window_from": seen[0], "window_to": seen[1]}
    return {"run_id": name, "outcome": outcome, **times, **counts, **row, **given}


def run(store: Any, *given: Any, **more: Any) -> None:
    store.insert("run", **a_run(*given, **more))


def posts(store: Any, count: int, at: datetime, region: str | None = None, **given: Any) -> None:
    rows = [
        {"region": region, "published_at": at, "first_seen_at": at, "last_seen_at": at, **given} for _ in range(count)
    ]
    store.many_posts(rows)


# crossings and firsts


def test_every_region_but_the_first_is_a_crossing_and_has_one_name_for_ever(store):
    posts(store, AUTHORS, NOON, "CN")
    posts(store, AUTHORS, NOON + HOUR, "KR")
    (event,) = of(store, "crossing")
    assert (event.key, event.since, event.n) == ("crossing/KR", NOON + HOUR, AUTHORS)
    assert "KR is reached, after 1 other region: first a post on youtube, 8 posts by now" in event.text
    posts(store, AUTHORS, NOON + 5 * HOUR, "KR")
    assert [event.key for event in of(store, "crossing")] == ["crossing/KR"]


def test_the_origin_region_the_campaign_file_is_no_crossing(store):
    source = 'origin_region = "KR"\n'
    store.insert("campaign_version", campaign_id=1, version=1, title="t", source=source, saved_at=NOON)
    posts(store, AUTHORS, NOON, "CN")
    posts(store, AUTHORS, NOON + HOUR, "KR")
    assert [event.key for event in of(store, "crossing")] == ["crossing/CN"]


def test_a_few_accounts_have_no_number_and_no_hour(store):
    posts(store, AUTHORS, NOON, "CN")
    posts(store, 3, NOON + HOUR, "KR", author="one")
    (event,) = of(store, "crossing")
    assert (event.value, event.n, event.suppressed) == (None, None, True)
    assert event.since == NOON.replace(hour=0) and "a few posts" in event.text and "3" not in event.text


def test_a_first_sighting_that_a_crossing_tells_of_says_so(store):
    posts(store, AUTHORS, NOON, "CN")
    posts(store, AUTHORS, NOON + HOUR, "KR", platform="naver")
    posts(store, AUTHORS, NOON + 2 * HOUR, "KR")
    told = {event.key: event.told_by for event in of(store, "first_seen")}
    assert told == {
        "first_seen/youtube/CN": None,
        "first_seen/naver/KR": "crossing/KR",
        "first_seen/youtube/KR": None,
    }


def test_a_platform_without_regions_is_seen_for_the_first_time_too(store):
    posts(store, AUTHORS, NOON, None, platform="nostr")
    assert [event.key for event in of(store, "first_seen")] == ["first_seen/nostr"]


def test_nothing_is_said_of_what_came_later_than_asked_for(store):
    posts(store, AUTHORS, NOON, "CN")
    posts(store, AUTHORS, NOON + HOUR, "KR")
    assert of(store, "crossing", as_of=NOON + HOUR / 2) == []


# collectors


def test_a_collector_that_answered_and_failed_twice_is_broken_since_its_first_failure(store):
    for hour, outcome in enumerate(["answered", "broken", "answered", "refused", "refused"]):
        run(store, f"r{hour}", NOON + hour * HOUR - HOUR, NOON + hour * HOUR, outcome)
    (event,) = of(store, "broken")
    assert (event.keys, event.since, event.n) == ({"collector": "youtube"}, NOON + 3 * HOUR, 2)
    assert "is refused since 2026-03-01T15:00Z" in event.text and "answered last at 2026-03-01T14:00Z" in event.text
    assert of(store, "broken", as_of=NOON + 3 * HOUR) == []


@pytest.mark.parametrize("reason", ["the process ended before the run did; it goes on from its last page"])
def test_a_collector_that_never_answered_or_whose_runs_we_ended_is_not_broken(store, reason):
    for hour in range(3):
        run(store, f"never{hour}", NOON, NOON + hour * HOUR, "broken", collector="vk")
        run(
            store,
            f"ours{hour}",
            NOON,
            NOON + hour * HOUR,
            "broken" if hour else "answered",
            reason=reason if hour else None,
        )
    assert of(store, "broken") == []


def test_two_failures_in_a_row_by_chance_are_counted_from_the_single_ones(store):
    for hour in range(200):
        run(store, f"r{hour}", NOON, NOON + hour * HOUR, "broken" if hour % 20 == 7 else "answered")
    rule = next(rule for rule in alerts.rules(store.derive(), "made-up") if rule.kind == "broken")
    assert rule.false_a_week == pytest.approx(168 * 0.05**2 * 0.95, rel=0.1)


# waves


def test_a_wave_says_how_many_went_beside_how_many_controls(store):
    watch = Watch(store, matched=31, each=1)
    watch.lose(watch.matched[:23], 20.0)
    watch.lose(watch.controls[:1], 20.0)
    watch.check([hour for hour in ROUNDS if hour <= 31.0])
    (event,) = of(store, "removal_wave")
    assert event.text.startswith("23 of 31 gone on youtube since 2026-03-02T04:00Z, controls 1 of 31")
    assert event.since == NOON + 23 * HOUR and event.key == "removal_wave/youtube@2026-03-02T11:00Z"


def test_a_wave_that_goes_on_keeps_its_name(store):
    watch = Watch(store, matched=60, each=1)
    watch.lose(watch.matched[:20], 20.0)
    watch.lose(watch.matched[20:50], [25.0 + 3 * number for number in range(30)])
    watch.check([0.25, 1.0, 4.0, 16.0, *(float(hour) for hour in range(23, 140, 4))])
    whole = of(store, "removal_wave")
    assert len(whole) == 1 and whole[0].since == NOON + 23 * HOUR
    assert {event.key for event in of(store, "removal_wave", as_of=NOON + 40 * HOUR)} == {whole[0].key}


@pytest.mark.parametrize("lost", [(0, 0), (4, 0), (12, 12)])
def test_no_wave_where_few_went_or_as_many_of_the_controls(store, lost):
    watch = Watch(store, matched=31, each=1)
    watch.lose(watch.matched[: lost[0]], 20.0)
    watch.lose(watch.controls[: lost[1]], 20.0)
    watch.check([hour for hour in ROUNDS if hour <= 47.0])
    assert of(store, "removal_wave") == []


def test_an_outage_is_no_wave_whether_the_run_owns_up_or_not(store):
    watch = Watch(store, matched=31, each=1)
    watch.check([hour for hour in ROUNDS if hour <= 47.0], broken=[23.0], blind=[31.0, 47.0])
    assert of(store, "removal_wave") == []


def test_one_account_with_many_posts_makes_no_wave(store):
    watch = Watch(store, matched=31, each=1)
    store.con.execute("UPDATE held.post_campaign SET author = 'one'::BLOB WHERE post_key <= 23")
    watch.lose(watch.matched[:23], 20.0)
    watch.check([hour for hour in ROUNDS if hour <= 47.0])
    assert of(store, "removal_wave") == []


# bursts


def watched(store: Any, days: int, *, gap: range = range(0)) -> datetime:
    """Let a collector watch every hour of so many days but those of a gap; return the end."""
    begin = NOON - timedelta(days=days)
    hours = [hour for hour in range(days * 24) if hour not in gap]
    names = ["r" if hour == 0 else f"w{hour}" for hour in hours]
    store.many(
        "run",
        [a_run(name, begin + hour * HOUR, begin + (hour + 1) * HOUR) for name, hour in zip(names, hours, strict=True)],
    )
    return NOON


def quietly(store: Any, days: int, rate: float = 2.0, *, gap: range = range(0)) -> None:
    begin = NOON - timedelta(days=days)
    drawn = np.random.default_rng(4).poisson(rate, days * 24)
    rows = [
        {
            "published_at": begin + hour * HOUR + HOUR / 3,
            "first_seen_at": begin + hour * HOUR + HOUR / 2,
            "region": "CN",
        }
        for hour, count in enumerate(drawn)
        if hour not in gap
        for _ in range(count)
    ]
    store.many_posts(rows)


def test_a_burst_is_found_and_says_what_was_to_be_expected(store):
    watched(store, 10)
    quietly(store, 10)
    posts(store, 25, NOON - 2 * HOUR + HOUR / 2, "CN")
    posts(store, 25, NOON - HOUR + HOUR / 2, "CN")
    (event,) = of(store, "burst")
    assert event.since == NOON - 2 * HOUR and event.until == NOON and event.n >= 50
    assert "new sightings on youtube between 2026-03-01T10:00Z and 2026-03-01T12:00Z" in event.text


def test_an_ordinary_fortnight_has_no_burst_and_the_rule_expects_less_than_one_in_a_month(store):
    watched(store, 14)
    quietly(store, 14)
    assert of(store, "burst") == []
    rule = next(rule for rule in alerts.rules(store.con, "made-up") if rule.kind == "burst")
    assert rule.verdict is None and 0 < rule.false_a_week < 0.25


def test_hours_that_were_not_watched_are_no_zeros(store):
    """A week of gaps between the posts must not make the same posts a burst."""
    gap = range(24, 8 * 24)
    watched(store, 12, gap=gap)
    quietly(store, 12, 6.0, gap=gap)
    assert of(store, "burst") == []


def test_too_short_a_watch_is_insufficient(store):
    watched(store, LEAST_H // 24)
    quietly(store, LEAST_H // 24)
    posts(store, 50, NOON - HOUR / 2, "CN")
    assert of(store, "burst") == []
    rule = next(rule for rule in alerts.rules(store.con, "made-up") if rule.kind == "burst")
    assert (rule.verdict, rule.false_a_week) == ("insufficient", None)


def test_one_busy_account_makes_no_burst(store):
    watched(store, 10)
    quietly(store, 10)
    store.many_posts([{"published_at": NOON - HOUR / 2, "author": "one", "first_seen_at": NOON} for _ in range(60)])
    store.con.execute(
        "DELETE FROM held.post WHERE published_at >= ? AND id NOT IN (SELECT id FROM held.post ORDER BY post_key DESC LIMIT 60)",
        [NOON - HOUR],
    )
    assert of(store, "burst") == []


# looking again and again


def raised(store: Any, kind: str, moments: list[datetime]) -> list[alerts.Event]:
    """Return what is raised by somebody who looks at each of these moments and knows nothing of what comes."""
    held: list[alerts.Event] = []
    con = store.derive()
    for moment in moments:
        given = {"campaign": "made-up", "as_of": moment}
        found = waves(con, "made-up", moment, moment) if kind == "removal_wave" else bursts(con, given, moment)
        for event in found:
            if _is_new(event, [other.since for other in held if other.series == event.series]):
                held.append(event)
    return held


def test_a_wave_of_days_is_raised_once_by_whoever_looks_all_the_time(store):
    watch = Watch(store, matched=60, each=1)
    watch.lose(watch.matched[:20], 20.0)
    watch.lose(watch.matched[20:50], [25.0 + 2 * number for number in range(30)])
    watch.check([0.25, 1.0, 4.0, 16.0, *(float(hour) for hour in range(23, 120, 4))])
    (event,) = raised(store, "removal_wave", [NOON + hour * HOUR for hour in range(12, 140, 12)])
    assert event.since == NOON + 23 * HOUR and event.until <= NOON + 36 * HOUR


def test_a_burst_that_goes_on_is_raised_once_and_a_second_one_again(store):
    watched(store, 12)
    quietly(store, 12)
    for hour in (72, 71, 70, 69, 66, 20, 19):
        posts(store, 30, NOON - hour * HOUR + HOUR / 4, "CN")
    found = raised(store, "burst", [NOON - hour * HOUR for hour in range(71, 0, -7)])
    assert [event.since for event in found] == [NOON - 72 * HOUR, NOON - 20 * HOUR]


def test_the_size_of_the_wave_test_is_what_chance_gives():
    """Posts and controls that are lost alike: how often a day of churn looks like a wave."""
    chance, share = np.random.default_rng(3), 0.1
    for watched_, controls in ((31, 40), (60, 180)):
        week = _Loss(0, watched_, 0, controls)
        drawn = np.column_stack([chance.binomial(size, share, 40_000) for size in (watched_, controls)])
        pairs, times = np.unique(drawn, axis=0, return_counts=True)
        called = [_Loss(int(gone), watched_, int(missing), controls).is_wave for gone, missing in pairs]
        seen = times[called].sum() / times.sum()
        assert _size(week, share) <= 0.0005
        assert seen == pytest.approx(_size(week, share), abs=0.0003)


# the answer


def test_the_answer_has_the_columns_of_every_answer_and_names_the_kinds(store):
    posts(store, AUTHORS, NOON, "CN")
    posts(store, AUTHORS, NOON + HOUR, "KR")
    frame = alerts.alerts(store.derive(), "made-up")
    assert list(frame.columns) == [
        "question",
        "keys",
        "metric",
        "value",
        "low",
        "high",
        "n",
        "rests_on",
        "suppressed",
        "verdict",
    ]
    assert {row["kind"] for row in frame["keys"]} == set(alerts.KINDS)
    assert len(alerts.alerts(store.con, "made-up", by=("crossing",))) == 2
    with pytest.raises(ValueError, match="alerts are crossing"):
        alerts.alerts(store.con, "made-up", by=("weather",))


def test_an_empty_campaign_has_no_events(store):
    assert alerts.events(store.derive(), "made-up") == []
    assert set(alerts.alerts(store.con, "made-up")["verdict"]) == {"insufficient"}


def test_posts_behind_which_nobody_private_stands_are_watched_as_well(store):
    posts(store, AUTHORS, NOON, "CN", policy="published", author=None)
    posts(store, AUTHORS, NOON + HOUR, "KR", policy="published", author=None)
    assert [event.keys for event in of(store, "crossing")] == [{"region": "KR"}]
    assert of(store, "removal_wave") == []
