"""GDELT's article lists; every recording is made up to the documented form."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.gdelt import Gdelt
from spillover.contract import Page, Query, Window
from spillover.errors import Broken, Changed, CollectError, RateLimited, Refused
from spillover.testing import Replay, check_search
from tests.collectors.casing import Case

RECORDED = Path(__file__).resolve().parents[1] / "recorded" / "gdelt"
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PHRASE = Query(kind="phrase", text="why I left")
NOTHING = b"{}"


def gdelt(*recordings: Path | bytes) -> Gdelt:
    return Gdelt(Replay(*recordings, fetched_at=AT))


def search(*recordings: Path | bytes, window: Window | None = None) -> list[Page]:
    return check_search(gdelt(*recordings), PHRASE, window)


def asked(collector: Gdelt) -> list[dict[str, str]]:
    assert isinstance(collector.client, Replay)
    return [params for _, params in collector.client.asked]


def many(number: int) -> bytes:
    return json.dumps(
        {"articles": [{"url": f"https://a.example/{row}", "title": "t"} for row in range(number)]}
    ).encode()


def test_an_article_comes_with_its_outlets_country_and_language() -> None:
    post = search(RECORDED / "made_up_articles.json")[0].posts[1]
    assert (post.id, post.url, post.kind) == ("https://news2.example/a/2", "https://news2.example/a/2", "article")
    assert (post.title, post.lang, post.region, post.region_basis) == ("中央情报局 发布 视频", "zh", "CN", "outlet")
    assert (post.published_at, post.published_precision) == (AT, "minute")
    assert post.author is None


def test_places_and_languages_that_nobody_knows_are_unknown() -> None:
    known = [(post.lang, post.region) for post in search(RECORDED / "made_up_articles.json")[0].posts[2:]]
    assert known == [("ru", "RU"), ("nn", "NO"), (None, None), ("es", "CI"), (None, None)]


def test_an_empty_object_means_nothing_found_in_the_whole_window() -> None:
    window = Window(since=AT - timedelta(hours=6), until=AT)
    page = search(RECORDED / "made_up_nothing.json", window=window)[0]
    assert (page.posts, page.done, page.window, page.cut_short) == ([], True, window, None)


def test_without_a_window_the_last_day_is_asked_for() -> None:
    collector = gdelt(NOTHING)
    check_search(collector, PHRASE)
    assert (asked(collector)[0]["startdatetime"], asked(collector)[0]["enddatetime"]) == (
        "20260228120000",
        "20260301120000",
    )


def test_times_are_asked_for_in_utc() -> None:
    collector = gdelt(NOTHING)
    moscow = datetime.fromisoformat("2026-03-01T03:00:00+03:00")
    check_search(collector, PHRASE, Window(since=moscow, until=AT))
    assert asked(collector)[0]["startdatetime"] == "20260301000000"


@pytest.mark.parametrize("since", [datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 11, 30, tzinfo=UTC)])
def test_what_lies_beyond_three_months_is_said_to_be_cut(since: datetime) -> None:
    page = search(NOTHING, window=Window(since=since, until=AT))[0]
    assert page.cut_short == "GDELT reaches back three months"
    assert page.window == Window(since=AT - timedelta(days=90), until=AT)


def test_a_nearly_full_answer_is_asked_for_again_in_halves() -> None:
    window = Window(since=AT - timedelta(hours=2), until=AT)
    collector = gdelt(many(225), many(5), many(6))
    pages = check_search(collector, PHRASE, window)
    middle = AT - timedelta(hours=1)
    assert [page.window for page in pages] == [
        Window(since=AT, until=AT), Window(since=middle, until=AT), Window(since=window.since, until=middle),
    ]  # fmt: skip
    assert [len(page.posts) for page in pages] == [225, 5, 6]
    assert [page.done for page in pages] == [False, False, True]
    assert {page.cut_short for page in pages} == {None}


def test_a_quarter_of_an_hour_that_is_full_counts_from_below() -> None:
    window = Window(since=AT - timedelta(minutes=15), until=AT)
    page = search(many(250), window=window)[0]
    assert page.done
    assert page.cut_short == "250 articles is all GDELT gives: a lower bound"
    assert page.window == window


def test_a_search_goes_on_where_its_cursor_says() -> None:
    window = Window(since=AT - timedelta(hours=2), until=AT)
    first = next(iter(gdelt(many(250)).search(PHRASE, window, None)))
    again = gdelt(NOTHING, NOTHING)
    pages = check_search(again, PHRASE, Window(), first.cursor)
    assert [params["enddatetime"] for params in asked(again)] == ["20260301120000", "20260301110000"]
    assert pages[-1].done


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("why I left", '"why I left"'), ('the "agency" (again)', '"the agency again"'), ("Kremlin", "Kremlin"),
        ("вербовка", "вербовка"), ("re-upload", '"re-upload"'), ("中央情报局", '"中央情报局"'), ("動画", '"動画"'),
    ],
)  # fmt: skip
def test_a_text_becomes_a_query(text: str, words: str) -> None:
    collector = gdelt(NOTHING)
    check_search(collector, Query(kind="phrase", text=text))
    assert asked(collector)[0]["query"] == words


def test_broken_escapes_and_bare_tabs_are_read() -> None:
    post = search(RECORDED / "made_up_bad_escapes.json")[0].posts[0]
    assert post.title == "A \\'quoted\\' title\twith a tab"
    assert post.region == "GB"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (RECORDED / "made_up_too_short.txt", Refused),
        (RECORDED / "made_up_too_fast.txt", RateLimited),
        (b"The specified phrase is too short.", Refused),
        (b"Invalid/Unsupported Country.", Refused),
        (b"Queries containing OR'd terms must be surrounded by ().", Refused),
        (b"<!DOCTYPE html><html>busy", Broken),
        (b"<!DOCTYPE html><html><title>Just a moment...</title>", Refused),
        (b'{"status": 429, "headers": {}, "body": "Please limit requests"}', RateLimited),
        (b'{"status": 404, "headers": {}, "body": "<html>not found"}', Broken),
        (many(3)[:-20], Broken),
        (b"something new", Changed),
        (b"", Changed),
        (b'{"timeline": []}', Changed),
        (b'{"articles": {"url": "https://a.example/"}}', Changed),
        (b"[]", Changed),
        (b'{"articles": [5]}', Changed),
        (b'{"articles": [{"title": "no address"}]}', Changed),
        (b'{"articles": [{"url": "no address"}]}', Changed),
        (b'{"articles": [{"url": "https://a.example/", "seendate": "yesterday"}]}', Changed),
    ],
)
def test_an_answer_that_is_no_list_says_what_it_is(body: Path | bytes, error: type[CollectError]) -> None:
    with pytest.raises(error):
        list(gdelt(body).search(PHRASE, Window(), None))


def test_one_odd_article_among_good_ones_is_a_reject() -> None:
    page = search(b'{"articles": [{"url": "https://a.example/"}, {"title": "no address"}]}')[0]
    assert [post.id for post in page.posts] == ["https://a.example/"]
    assert [(reject.line, reject.reason) for reject in page.rejects] == [(2, "KeyError: 'url'")]


def test_a_cursor_of_an_older_version_is_begun_anew() -> None:
    collector = gdelt(NOTHING)
    older = '[["2026-03-01T11:00:00+00:00", "2026-03-01T12:00:00+00:00"]]'
    check_search(collector, PHRASE, Window(since=AT - timedelta(hours=6), until=AT), older)
    assert asked(collector)[0]["startdatetime"] == "20260301060000"


def test_too_many_requests_say_when_to_come_back() -> None:
    with pytest.raises(RateLimited) as caught:
        list(gdelt(RECORDED / "made_up_too_fast.txt").search(PHRASE, Window(), None))
    assert caught.value.retry_at == AT + timedelta(minutes=1)


CASES = [
    Case(Gdelt, lambda gdelt: gdelt.search(PHRASE, Window(), None), [RECORDED / "made_up_articles.json"]),
    Case(Gdelt, lambda gdelt: gdelt.search(PHRASE, Window(), None), [many(225), many(5), many(6)]),
]
