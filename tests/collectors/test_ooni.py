"""OONI's counts of tests a day and country; every recording is made up to the shape of its own source."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.ooni import Ooni
from spillover.contract import Query, Window
from spillover.errors import Broken, Changed, CollectError, RateLimited, Refused
from spillover.testing import Replay, check_search
from tests.collectors.casing import RECORDED, Case

FILES = RECORDED / "ooni"
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LINK = Query(kind="link", text="https://youtu.be/dQw4w9WgXcQ")
WINDOW = Window(since=datetime(2026, 11, 20, 9, 0, tzinfo=UTC), until=AT)
CASES = [Case(Ooni, lambda one: one.search(LINK, WINDOW, None), [FILES / "made_up_two_countries.json"])]


def ooni(*recordings: Path | bytes) -> Ooni:
    return Ooni(Replay(*recordings, fetched_at=AT))


def asked(collector: Ooni) -> list[dict[str, str]]:
    assert isinstance(collector.client, Replay)
    return [params for _, params in collector.client.asked]


def a_row(**changed: object) -> bytes:
    told = json.loads((FILES / "made_up_two_countries.json").read_bytes())
    told["result"] = [told["result"][0] | changed]
    return json.dumps(told).encode()


def refusal(status: int, body: str, **headers: str) -> bytes:
    return json.dumps({"status": status, "headers": headers, "body": body}).encode()


def test_a_search_gives_what_was_counted_a_day_and_country() -> None:
    collector = ooni(FILES / "made_up_two_countries.json")
    page = check_search(collector, LINK, WINDOW)[0]
    told = {(one.region, one.since.day, one.series): one.value for one in page.measures}
    assert len(page.measures) == 15
    assert told["CN", 20, "ooni.anomaly"] == 40
    assert told["CN", 20, "ooni.confirmed"] == 2
    assert told["CN", 20, "ooni.failure"] == 3
    assert told["CN", 20, "ooni.ok"] == 1
    assert told["CN", 20, "ooni.measurements"] == 46
    assert told["TM", 20, "ooni.measurements"] == 1
    assert {(one.subject, one.unit, one.until - one.since) for one in page.measures} == {
        ("youtube.com", "tests", timedelta(days=1))
    }
    assert page.window == Window(since=datetime(2026, 11, 20, tzinfo=UTC), until=AT)
    assert (page.done, page.cursor, page.posts, page.availability) == (True, None, [], [])
    words = asked(collector)[0]
    assert (words["since"], words["until"]) == ("2026-11-20", "2026-11-24")
    assert words["domain"] == "youtube.com,www.youtube.com"
    assert {"CN", "RU", "IR"} <= set(words["probe_cc"].split(","))


def test_a_day_that_nobody_measured_is_no_number() -> None:
    page = check_search(ooni(FILES / "made_up_nothing_measured.json"), LINK, WINDOW)[0]
    assert (page.measures, page.done, page.cut_short) == ([], True, None)
    assert page.window is not None and page.window.until == AT


def test_a_query_with_a_country_asks_for_that_one() -> None:
    collector = ooni(FILES / "made_up_nothing_measured.json")
    check_search(collector, Query(kind="link", text="https://x.com/a/status/1234567890123", region="UG"), WINDOW)
    words = asked(collector)[0]
    assert (words["probe_cc"], words["domain"]) == ("UG", "x.com,www.x.com,twitter.com")


def test_a_long_window_is_asked_for_month_by_month_the_newest_first() -> None:
    nothing = (FILES / "made_up_nothing_measured.json").read_bytes()
    collector = ooni(nothing, nothing)
    window = Window(since=AT - timedelta(days=70), until=AT)
    first, second = check_search(collector, LINK, window)
    assert [(words["since"], words["until"]) for words in asked(collector)[:2]] == [
        ("2026-11-13", "2026-11-24"),
        ("2026-10-14", "2026-11-13"),
    ]
    assert not second.done
    last = check_search(again := ooni(nothing), LINK, Window(), second.cursor)[0]
    assert (asked(again)[0]["since"], asked(again)[0]["until"], last.done) == ("2026-09-14", "2026-10-14", True)
    assert first.cursor is not None


def test_a_link_without_a_host_is_not_asked_for() -> None:
    collector = ooni()
    page = check_search(collector, Query(kind="link", text="why I left"))[0]
    assert page.cut_short
    assert asked(collector) == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refusal(429, "Too Many Requests"), RateLimited),
        (refusal(500, "Internal Server Error"), Broken),
        (refusal(504, "<html>"), Broken),
        (refusal(400, '{"msg": "Invalid since and until values", "v": 0}'), Broken),
        (b'{"msg": "Axis X and Y cannot be the same", "v": 0}', Broken),
        (b'{"v": 0, "dimension_count": 2, "result": [', Broken),
        (b"<html>", Broken),
        (b"<html>just a moment...</html>", Refused),
    ],
)
def test_an_error_says_what_it_is(answer: bytes, error: type[CollectError]) -> None:
    with pytest.raises(error):
        list(ooni(answer).search(LINK, WINDOW, None))


@pytest.mark.parametrize(
    "body",
    [
        b"{}", b"[]", b"null", b'{"v": 0, "dimension_count": 1, "result": []}', b'{"v": 0, "dimension_count": 2, "result": {}}',
        b'{"v": 0, "dimension_count": 2, "result": [5]}', a_row(anomaly_count=None), a_row(anomaly_count=-1),
        a_row(measurement_start_day="2026-11-20T01:00:00Z"), a_row(measurement_start_day="2025-11-20"),
    ],
)  # fmt: skip
def test_another_shape_is_changed(body: bytes) -> None:
    with pytest.raises(Changed):
        list(ooni(body).search(LINK, WINDOW, None))


def test_given_measurements_counted_as_the_service_counts_them_are_read(shared: Path) -> None:
    given = shared / "data" / "censorship" / "ooni_uganda_twitter_analysis.ndjson"
    days: dict[str, Counter[str]] = {}
    for row in map(json.loads, given.read_text("utf-8").splitlines()):
        blocked = max(row["dns_blocked"], row["tcp_blocked"], row["tls_blocked"]) > 0.5
        days.setdefault(row["measurement_start_time"][:10], Counter())["anomaly" if blocked else "ok"] += 1
    table = [
        {f"{name}_count": counts[name] for name in ("ok", "anomaly", "confirmed", "failure")}
        | {"measurement_count": counts.total(), "measurement_start_day": day, "probe_cc": "UG"}
        for day, counts in sorted(days.items())
    ]
    since, until = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (min(days), max(days)))
    months: dict[int, list[dict[str, object]]] = {}
    for row in table:
        day = datetime.fromisoformat(str(row["measurement_start_day"])).replace(tzinfo=UTC)
        months.setdefault((day - since).days // 30, []).append(row)
    answers = [
        json.dumps({"v": 0, "dimension_count": 2, "result": months[month]}).encode()
        for month in sorted(months, reverse=True)
    ]
    query = Query(kind="link", text="https://x.com/a/status/1234567890123", region="UG")
    window = Window(since=since, until=until)
    pages = check_search(ooni(*answers), query, window)
    totals: Counter[str] = Counter()
    for one in (one for page in pages for one in page.measures):
        totals[one.series] += int(one.value or 0)
    assert totals["ooni.measurements"] == 470
    assert totals["ooni.ok"] + totals["ooni.anomaly"] == 470
    assert totals["ooni.anomaly"] > 0
