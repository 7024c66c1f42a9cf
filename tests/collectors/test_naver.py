"""Naver's search; every recording is made up to the documented form."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.naver import Naver
from spillover.contract import Page, Query, Window
from spillover.errors import Broken, Changed, CollectError, RateLimited, Refused
from spillover.testing import Replay, check_search
from tests.collectors.casing import RECORDED as ALL
from tests.collectors.casing import Case

RECORDED = ALL / "naver"
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SINCE = datetime(2026, 11, 20, tzinfo=UTC)
PHRASE = Query(kind="phrase", text='CIA "영상"')
OLD = {"NAVER_CLIENT_ID": "2ODTy1eCXan80pD_dB3d", "NAVER_CLIENT_SECRET": "DMBwFd0_Ed"}
HUB = {"NAVER_CLIENT_ID": "abcdefghij", "NAVER_CLIENT_SECRET": "h" * 40}
NOTHING = RECORDED / "made_up_nothing.json"
GOOD = [RECORDED / f"made_up_{kind}.json" for kind in ("news", "blog", "cafe", "web")]
CASES = [Case(Naver, lambda one: one.search(PHRASE, Window(since=SINCE), None), GOOD)]


def naver(*recordings: Path | bytes, secrets: dict[str, str] = HUB) -> Naver:
    return Naver(Replay(*recordings, fetched_at=AT), secrets)


def search(*recordings: Path | bytes, since: datetime | None = SINCE, cursor: str | None = None) -> list[Page]:
    return check_search(naver(*recordings), PHRASE, Window(since=since), cursor)


def news(number: int, day: int, total: int = 5000) -> bytes:
    items = [
        {
            "title": "t",
            "originallink": f"https://a.example/{day}/{row}",
            "link": f"https://n.news.naver.com/{day}/{row}",
            "pubDate": f"{datetime(2026, 11, day):%a, %d %b %Y} 09:00:00 +0900",
        }
        for row in range(number)
    ]
    return json.dumps({"total": total, "items": items}).encode()


def test_news_come_with_clean_titles_their_own_address_and_an_edition() -> None:
    pages = search(*GOOD)
    first, second = pages[0].posts
    assert first.title == '<속보> CIA 중국어 영상 "왜 떠났나"'
    assert (first.platform, first.id, first.url) == ("", *["https://news.example.co.kr/a/1"] * 2)
    assert first.links == ("https://n.news.naver.com/mnews/article/001/0015000001?sid=104",)
    assert first.published_at == datetime(2026, 11, 22, 22, 50, tzinfo=UTC)
    assert (first.kind, first.region, first.region_basis, first.author) == ("article", "KR", "edition", None)
    assert second.id == "https://n.news.naver.com/mnews/article/001/0015000000"
    assert pages[0].window == Window(since=SINCE, until=AT)


def test_a_blog_names_its_writer_to_the_door_only() -> None:
    first, video = search(*GOOD)[1].posts
    assert first.author is not None
    assert (first.author.id, first.author.names) == ("blog.naver.com/someone77", ("누군가",))
    assert first.url is None and "someone77" not in first.id and len(first.id) == 32
    assert (first.published_at, first.published_precision) == (datetime(2026, 11, 21, 15, tzinfo=UTC), "day")
    assert (video.platform, video.id) == ("youtube", "dQw4w9WgXcQ")


def test_what_carries_no_date_covers_a_moment_and_says_what_is_missing() -> None:
    cafe, web = search(*GOOD)[2:]
    assert cafe.window == web.window == Window(since=AT, until=AT)
    assert cafe.cut_short == "cafearticle: the first 100 of 350, which carry no date"
    assert (web.cut_short, web.done, web.posts[0].platform, web.posts[0].id) == (None, True, "navertv", "12345678")


def test_nothing_found_is_said_for_each_kind_with_its_window() -> None:
    pages = search(*[NOTHING] * 4)
    assert [(page.posts, page.claimed_total, page.cut_short) for page in pages] == [([], 0, None)] * 4
    assert [page.cursor for page in pages] == ["blog:1", "cafearticle:1", "webkr:1", None]
    assert pages[0].window == Window(since=SINCE, until=AT)


def test_it_reads_on_until_the_window_begins() -> None:
    pages = search(news(100, 22), news(100, 19), NOTHING, NOTHING, NOTHING)
    assert [page.cursor for page in pages[:2]] == ["news:101", "blog:1"]
    assert pages[0].window == Window(since=datetime(2026, 11, 22, tzinfo=UTC), until=AT)
    assert (pages[1].window, pages[1].cut_short) == (Window(since=SINCE, until=AT), None)


def test_the_end_of_the_list_is_not_the_end_of_what_there_is() -> None:
    page = search(news(100, 22), cursor="news:901")[0]
    assert page.cut_short == "1,000 of 5000 results is all that Naver gives"
    assert (page.cursor, page.window) == ("blog:1", Window(since=datetime(2026, 11, 22, tzinfo=UTC), until=AT))


def test_one_odd_result_is_a_reject_and_all_odd_is_a_change() -> None:
    good = json.loads(news(1, 22, total=2))
    good["items"].append({"title": "no link"})
    page = search(json.dumps(good).encode())[0]
    assert (len(page.posts), [reject.line for reject in page.rejects]) == (1, [2])
    with pytest.raises(Changed, match="none of the results"):
        search(b'{"total": 1, "items": [{"title": "no link"}]}')


@pytest.mark.parametrize(
    ("secrets", "host"),
    [(HUB, "naverapihub.apigw.ntruss.com/search/v1/news"), (OLD, "openapi.naver.com/v1/search/news.json")],
)
def test_a_key_is_taken_to_the_platform_that_gave_it(secrets: dict[str, str], host: str) -> None:
    collector = naver(NOTHING, secrets=secrets)
    next(iter(collector.search(PHRASE, Window(), None)))
    assert isinstance(collector.client, Replay)
    url, params = collector.client.asked[0]
    assert url == f"https://{host}"
    assert params["query"] == '"CIA  영상 "' and not set(secrets.values()) & set(params.values())


@pytest.mark.parametrize(
    ("recording", "error"),
    [
        ("made_up_quota.json", RateLimited),
        ("made_up_bad_key.json", Refused),
        ("made_up_error_with_200.json", RateLimited),
        ("made_up_changed.json", Changed),
        (b"{}", Changed),
        (b"[]", Changed),
        (b"<html>captcha</html>", Refused),
        (b"<html>502</html>", Broken),
        (b'{"total": 1, "it', Broken),
    ],
)
def test_no_trouble_is_taken_for_nothing_found(recording: str | bytes, error: type[CollectError]) -> None:
    with pytest.raises(error):
        search(RECORDED / recording if isinstance(recording, str) else recording)
