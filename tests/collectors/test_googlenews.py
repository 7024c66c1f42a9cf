"""Google News' feeds of results; every recording is made up, for theirs may not be copied."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.googlenews import GoogleNews
from spillover.contract import Page, Query, Window
from spillover.errors import Broken, Changed, CollectError, RateLimited, Refused
from spillover.testing import Replay, check_search
from tests.collectors.casing import Case

RECORDED = Path(__file__).resolve().parents[1] / "recorded" / "googlenews"
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
IN_THE_US = Query(kind="phrase", text="why I left", lang="en", region="US")
IN_CHINESE = Query(kind="phrase", text="中情局", lang="zh")
RESULTS, NOTHING = RECORDED / "made_up_results.xml", RECORDED / "made_up_nothing.xml"


def news(*recordings: Path | bytes) -> GoogleNews:
    return GoogleNews(Replay(*recordings, fetched_at=AT))


def search(*recordings: Path | bytes, query: Query = IN_THE_US, window: Window | None = None) -> list[Page]:
    return check_search(news(*recordings), query, window)


def asked(collector: GoogleNews) -> list[dict[str, str]]:
    assert isinstance(collector.client, Replay)
    return [params for _, params in collector.client.asked]


def of(edition: str, hl: str) -> bytes:
    return NOTHING.read_bytes().replace(b"US:en", edition.encode()).replace(b"en-US", hl.encode())


def many(number: int) -> bytes:
    items = "".join(
        f"<item><title>t {row} - o</title><link>https://news.google.com/rss/articles/{row}?oc=5</link>"
        f'<guid isPermaLink="false">{row}</guid><source url="https://o.example">o</source></item>'
        for row in range(number)
    )
    return NOTHING.read_bytes().replace(b"</channel>", items.encode() + b"</channel>")


def test_an_article_comes_with_its_outlet_and_the_country_of_its_edition() -> None:
    post = search(RESULTS)[0].posts[0]
    assert (post.id, post.kind, post.platform) == ("CBMiMadeUp01", "article", "")
    assert post.url == "https://news.google.com/rss/articles/CBMiMadeUp01?oc=5"
    assert (post.title, post.text, post.author) == ("Why I left - an officer's video", None, None)
    assert post.links == ("https://outlet.example",)
    assert (post.region, post.region_basis, post.lang) == ("US", "edition", "en-US")
    assert (post.published_at, post.published_precision) == (datetime(2026, 3, 1, 11, 30, tzinfo=UTC), "second")


def test_an_outlet_with_a_dash_in_its_name_is_taken_off_whole() -> None:
    assert search(RESULTS)[0].posts[1].title == "Agency video draws millions"


def test_an_entry_without_outlet_is_a_reject() -> None:
    page = search(RESULTS)[0]
    assert len(page.posts) == 2
    assert [(reject.line, reject.reason[:28]) for reject in page.rejects] == [(3, "an entry that names no outle")]


def test_an_edition_of_taiwan_is_read_in_its_script() -> None:
    post = search(RECORDED / "made_up_results_in_chinese.xml", query=Query(kind="title", text="中情局", region="TW"))[
        0
    ].posts[0]
    assert (post.title, post.region, post.lang) == ("中情局發布影片「我為何離開」", "TW", "zh-TW")


@pytest.mark.parametrize(
    ("query", "editions"),
    [
        (IN_CHINESE, ["zh-CN CN CN:zh-Hans", "zh-TW TW TW:zh-Hant", "zh-HK HK HK:zh-Hant"]),
        (Query(kind="phrase", text="почему", lang="ru"), ["ru RU RU:ru", "ru UA UA:ru"]),
        (Query(kind="phrase", text="почему"), ["ru RU RU:ru", "ru UA UA:ru"]),
        (Query(kind="phrase", text="чому", lang="uk"), ["uk UA UA:uk"]),
        (Query(kind="phrase", text="動画を公開"), ["ja JP JP:ja"]),
        (Query(kind="phrase", text="por quê", lang="pt-BR"), ["pt-BR BR BR:pt-419", "pt-PT PT PT:pt-150"]),
        (Query(kind="phrase", text="pourquoi", lang="fr", region="CA"), ["fr-CA CA CA:fr"]),
        (Query(kind="phrase", text="por qué", lang="es", region="MX"), ["es-419 MX MX:es-419"]),
        (IN_THE_US, ["en-US US US:en"]),
    ],
)
def test_the_editions_of_a_query_are_those_of_its_language(query: Query, editions: list[str]) -> None:
    answers = [of(edition.split()[2], edition.split()[0]) for edition in editions]
    collector = news(*answers)
    pages = check_search(collector, query)
    assert [f"{params['hl']} {params['gl']} {params['ceid']}" for params in asked(collector)] == editions
    assert [page.done for page in pages] == [False] * (len(editions) - 1) + [True]
    assert {page.cut_short for page in pages} == {None}


def test_a_language_without_an_edition_is_said() -> None:
    collector = news()
    page = check_search(collector, Query(kind="phrase", text="چرا", lang="fa"))[0]
    assert (page.done, page.cut_short, asked(collector)) == (True, "Google News has no edition in fa", [])


def test_another_edition_than_asked_for_is_no_cover() -> None:
    page = search(RESULTS, query=Query(kind="phrase", text="why I left", lang="en", region="SG"))[0]
    assert page.cut_short == "Google served US:en in the place of SG:en"
    assert (page.window, page.done) == (None, True)
    assert {post.region for post in page.posts} == {"US"}


def test_a_feed_without_entries_means_nothing_found_in_the_whole_window() -> None:
    window = Window(since=AT - timedelta(days=3), until=AT)
    page = search(NOTHING, window=window)[0]
    assert (page.posts, page.done, page.window, page.cut_short) == ([], True, window, None)


@pytest.mark.parametrize(
    ("since", "until", "operators"),
    [
        (AT - timedelta(hours=5), AT, "when:6h"),
        (AT - timedelta(days=10), AT, "after:2026-02-18 before:2026-03-02"),
        (AT - timedelta(hours=50), AT - timedelta(hours=40), "after:2026-02-26 before:2026-02-28"),
        (datetime.fromisoformat("2026-02-01T01:00:00+03:00"), AT, "after:2026-01-30 before:2026-03-02"),
    ],
)
def test_a_window_becomes_hours_or_days(since: datetime, until: datetime, operators: str) -> None:
    collector = news(NOTHING)
    check_search(collector, IN_THE_US, Window(since=since, until=until))
    assert asked(collector)[0]["q"] == f'"why I left" {operators}'


def test_quotes_in_a_text_are_taken_out() -> None:
    collector = news(NOTHING)
    check_search(collector, Query(kind="title", text='The "agency"  again', region="US"))
    assert asked(collector)[0]["q"].startswith('"The agency again" ')


def test_a_nearly_full_answer_is_asked_for_again_in_halves() -> None:
    window = Window(since=AT - timedelta(days=10), until=AT)
    collector = news(many(100), many(5), many(6))
    pages = check_search(collector, IN_THE_US, window)
    middle = AT - timedelta(days=5)
    assert [page.window for page in pages] == [
        Window(since=AT, until=AT), Window(since=middle, until=AT), Window(since=window.since, until=middle),
    ]  # fmt: skip
    assert [len(page.posts) for page in pages] == [100, 5, 6]
    assert [page.done for page in pages] == [False, False, True]
    assert {page.cut_short for page in pages} == {None}


def test_a_day_that_is_full_counts_from_below() -> None:
    window = Window(since=AT - timedelta(days=1), until=AT)
    page = search(many(100), window=window)[0]
    assert page.done
    assert page.cut_short == "100 articles of US:en is about all Google gives: a lower bound"
    assert page.window == window


def test_a_search_goes_on_where_its_cursor_says() -> None:
    first = next(iter(news(of("CN:zh-Hans", "zh-CN")).search(IN_CHINESE, Window(), None)))
    again = news(of("TW:zh-Hant", "zh-TW"), of("HK:zh-Hant", "zh-HK"))
    pages = check_search(again, IN_CHINESE, Window(), first.cursor)
    assert [params["gl"] for params in asked(again)] == ["TW", "HK"]
    assert pages[-1].done


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (RECORDED / "made_up_notice.xml", Refused),
        (b"<!doctype html><title>Sorry...</title>Our systems have detected unusual traffic", Refused),
        (b'{"status": 429, "headers": {}, "body": "<html>Sorry"}', RateLimited),
        (b'{"status": 403, "headers": {}, "body": "<html>"}', Refused),
        (b'{"status": 404, "headers": {}, "body": "<html>"}', Broken),
        (b'{"status": 503, "headers": {}, "body": "<html>Sorry"}', Broken),
        (RESULTS.read_bytes()[:-300], Broken),
        (b"", Changed), (b"{}", Changed), (b"<!doctype html><title>Google News</title>", Changed),
        (b"<rss version='2.0'><channel><title>another</title></channel></rss>", Changed),
        (many(3).replace(b"<source", b"<origin").replace(b"source>", b"origin>"), Changed),
        (many(3).replace(b"/articles/", b"/stories/"), Changed),
    ],
)  # fmt: skip
def test_an_answer_that_is_no_feed_of_results_says_what_it_is(body: Path | bytes, error: type[CollectError]) -> None:
    with pytest.raises(error):
        list(news(body).search(IN_THE_US, Window(), None))


def test_it_is_off_until_a_campaign_names_it() -> None:
    assert GoogleNews.optional


def test_a_cursor_is_a_text_that_survives_a_restart() -> None:
    cursor = next(iter(news(of("CN:zh-Hans", "zh-CN")).search(IN_CHINESE, Window(), None))).cursor
    assert cursor is not None
    assert [stretch["where"] for stretch in json.loads(cursor)["left"]] == ["HK:zh-Hant", "TW:zh-Hant"]


CASES = [
    Case(GoogleNews, lambda news: news.search(IN_THE_US, Window(), None), [RESULTS]),
    Case(
        GoogleNews,
        lambda news: news.search(IN_CHINESE, Window(), None),
        [of("CN:zh-Hans", "zh-CN"), RECORDED / "made_up_results_in_chinese.xml", of("HK:zh-Hant", "zh-HK")],
    ),
]
