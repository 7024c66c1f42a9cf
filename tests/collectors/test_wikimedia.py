"""Articles that cite a video, on recorded answers and on a real MediaWiki; phrases and views on made-up answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.wikimedia import Wikimedia
from spillover.client import HttpClient, Place
from spillover.contract import Known, Query, Window
from spillover.errors import Broken, Changed, CollectError, RateLimited, Refused
from spillover.testing import Replay, check_reread, check_search
from tests.collectors.casing import RECORDED, Case
from tests.servers.mediawiki import MediaWiki, mediawiki

FILES = RECORDED / "wikimedia"
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ZH = "https://zh.wikipedia.org"
LINK = Query(kind="link", text="https://youtu.be/dQw4w9WgXcQ", at=ZH)
PHRASE = Query(kind="phrase", text='他为什么 "离开"', at=ZH)
OTHER = Query(kind="link", text="https://www.bilibili.com/video/BV1xx411c7mD", at=ZH)  # has one spelling
NOTHING = (FILES / "exturlusage_empty.json").read_bytes()
CASES = [
    Case(Wikimedia, lambda one: one.search(OTHER, Window(), None), [FILES / "exturlusage.json"]),
    Case(
        Wikimedia,
        lambda one: one.reread([Known(id="zh.wikipedia.org:2"), Known(id="zh.wikipedia.org:999")]),
        [FILES / "info_with_a_missing_page.json", FILES / "made_up_pageviews.json"],
    ),
]


def wikimedia(*recordings: Path | bytes) -> Wikimedia:
    return Wikimedia(Replay(*recordings, fetched_at=AT))


def asked(collector: Wikimedia) -> list[tuple[str, dict[str, str]]]:
    assert isinstance(collector.client, Replay)
    return collector.client.asked


def refusal(status: int, body: str, **headers: str) -> bytes:
    return json.dumps({"status": status, "headers": headers, "body": body}).encode()


def test_a_page_that_cites_the_video_is_a_post_without_an_author() -> None:
    pages = check_search(wikimedia(FILES / "exturlusage.json", *[NOTHING] * 5), LINK)
    post = pages[0].posts[0]
    assert (post.id, post.kind, post.title) == ("zh.wikipedia.org:2", "page", "中央情报局招募视频")
    assert (post.url, post.lang, post.region) == ("https://zh.wikipedia.org/?curid=2", "zh", None)
    assert post.links == ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3",)
    assert (post.author, post.published_at, post.counts) == (None, None, None)
    assert {page.window for page in pages} == {Window(since=AT, until=AT)}
    assert [page.done for page in pages] == [False] * 5 + [True]


def test_a_video_is_asked_for_in_each_of_its_spellings() -> None:
    collector = wikimedia(*[NOTHING] * 6)
    pages = check_search(collector, LINK)
    assert [params["euquery"] for _, params in asked(collector)] == [
        "www.youtube.com/watch?v=dQw4w9WgXcQ",
        "youtu.be/dQw4w9WgXcQ",
        "youtube.com/watch?v=dQw4w9WgXcQ",
        "m.youtube.com/watch?v=dQw4w9WgXcQ",
        "www.youtube.com/shorts/dQw4w9WgXcQ",
        "youtube.com/shorts/dQw4w9WgXcQ",
    ]
    assert {url for url, _ in asked(collector)} == {"https://zh.wikipedia.org/w/api.php"}
    assert [page.posts for page in pages] == [[]] * 6
    assert not any(page.cut_short for page in pages)


def test_a_long_list_goes_on_where_the_wiki_says_and_a_warning_is_no_error() -> None:
    page = check_search(wikimedia(FILES / "made_up_exturlusage_goes_on_with_a_warning.json"), OTHER)[0]
    assert ([post.id for post in page.posts], page.done) == (["zh.wikipedia.org:7"], False)
    again = wikimedia(FILES / "exturlusage.json")
    last = check_search(again, OTHER, None, page.cursor)[0]
    params = asked(again)[0][1]
    assert params["eucontinue"].endswith("|17")
    assert (params["euquery"], last.done) == ("www.bilibili.com/video/BV1xx411c7mD", True)


def test_a_phrase_is_looked_for_in_the_source() -> None:
    collector = wikimedia(FILES / "made_up_search_insource.json")
    page = check_search(collector, PHRASE)[0]
    assert asked(collector)[0][1]["srsearch"] == 'insource:"他为什么 离开"'
    assert [(post.id, post.title) for post in page.posts] == [
        ("zh.wikipedia.org:7", "Made up"),
        ("zh.wikipedia.org:9", "编造的条目"),
    ]
    assert (page.claimed_total, page.done, page.cut_short) == (2, True, None)


def test_a_search_that_meets_its_end_says_so() -> None:
    page = check_search(wikimedia(FILES / "made_up_search_at_its_end.json"), PHRASE)[0]
    assert (page.done, page.claimed_total, bool(page.cut_short)) == (True, 31_000, True)


def test_a_second_reading_tells_deleted_pages_and_the_views_of_the_others() -> None:
    collector = wikimedia(FILES / "info_with_a_missing_page.json", FILES / "made_up_pageviews.json")
    page = check_reread(collector, [Known(id="zh.wikipedia.org:2"), Known(id="zh.wikipedia.org:999")])[0]
    assert [(check.status, check.cause, check.basis, check.said) for check in page.availability] == [
        ("up", None, "stated", None),
        ("gone", "moderation", "stated", "missing"),
    ]
    assert [(one.series, one.unit, one.lang, one.value) for one in page.measures] == [
        ("pageviews", "views", "zh", 12),
        ("pageviews", "views", "zh", 431),
    ]
    assert {one.subject for one in page.measures} == {"zh.wikipedia.org:2"}
    assert page.measures[0].since == datetime(2026, 11, 21, tzinfo=UTC)
    assert page.measures[0].until - page.measures[0].since == timedelta(days=1)
    assert asked(collector)[1][0].endswith(
        "/zh.wikipedia.org/all-access/user/%E4%B8%AD%E5%A4%AE%E6%83%85%E6%8A%A5%E5%B1%80%E6%8B%9B%E5%8B%9F%E8%A7%86%E9%A2%91/daily/20261024/20261122"
    )


def test_days_without_data_are_no_zero() -> None:
    collector = wikimedia(FILES / "info_with_a_missing_page.json", FILES / "made_up_pageviews_without_data.json")
    assert check_reread(collector, [Known(id="zh.wikipedia.org:2")])[0].measures == []


def test_a_page_of_which_nothing_is_said_is_unknown() -> None:
    body = b'{"batchcomplete": true, "query": {"pages": []}}'
    check = check_reread(wikimedia(body), [Known(id="en.wikipedia.org:5")])[0].availability[0]
    assert (check.status, check.cause, check.basis) == ("unknown", "missing", "absent")


def test_pages_are_read_again_wiki_by_wiki_and_fifty_at_once() -> None:
    posts = [Known(id=f"en.wikipedia.org:{number}") for number in range(1, 61)] + [Known(id="ru.wikipedia.org:1")]
    gone = [
        json.dumps({"query": {"pages": [{"pageid": number, "missing": True} for number in numbers]}}).encode()
        for numbers in (range(1, 51), range(51, 61), [1])
    ]
    collector = wikimedia(*gone)
    pages = check_reread(collector, posts)
    assert [len(params["pageids"].split("|")) for _, params in asked(collector)] == [50, 10, 1]
    assert asked(collector)[2][0].startswith("https://ru.wikipedia.org/")
    assert [page.done for page in pages] == [False, False, True]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refusal(429, "Too many requests", **{"retry-after": "7"}), RateLimited),
        (refusal(200, '{"error": {"code": "maxlag", "info": "Waiting"}}', **{"retry-after": "5"}), RateLimited),
        (refusal(200, '{"error": {"code": "ratelimited", "info": "slow down"}}'), RateLimited),
        (refusal(200, '{"error": {"code": "blocked", "info": "no"}}'), Refused),
        (refusal(403, "Please set a user agent"), Refused),
        (refusal(200, '{"error": {"code": "internal_api_error_DBQueryTimeoutError", "info": "late"}}'), Broken),
        (FILES / "error_invalid_query_and_warning.json", Changed),
        (refusal(404, "<html>"), Broken),
        (b'{"batchcomplete": true, "query": {', Broken),
    ],
)
def test_an_error_says_what_it_is(answer: bytes | Path, error: type[CollectError]) -> None:
    with pytest.raises(error):
        list(wikimedia(answer).search(LINK, Window(), None))


def test_a_lag_says_when_to_come_back() -> None:
    answer = refusal(200, '{"error": {"code": "maxlag", "info": "Waiting"}}', **{"retry-after": "5"})
    with pytest.raises(RateLimited) as caught:
        list(wikimedia(answer).search(LINK, Window(), None))
    assert caught.value.retry_at == AT + timedelta(seconds=5)


@pytest.mark.parametrize(
    "body",
    [
        b"{}", b"[]", b"null", b'{"error": "no"}', b'{"batchcomplete": true}', b'{"query": {"exturlusage": {}}}',
        b'{"query": {"exturlusage": [5]}}', b'{"query": {"exturlusage": [{"pageid": 1}]}}',
    ],
)  # fmt: skip
def test_another_shape_is_changed(body: bytes) -> None:
    with pytest.raises(Changed):
        list(wikimedia(body).search(LINK, Window(), None))


@pytest.mark.parametrize(
    "bodies",
    [
        [b"{}"],
        [b'{"query": {"pages": [{"pageid": 2}]}}'],
        [(FILES / "info_with_a_missing_page.json").read_bytes(), b"{}"],
        [(FILES / "info_with_a_missing_page.json").read_bytes(), b'{"items": [{"timestamp": "2026112100"}]}'],
    ],
)
def test_another_shape_of_a_second_reading_is_changed(bodies: list[bytes]) -> None:
    with pytest.raises(Changed):
        list(wikimedia(*bodies).reread([Known(id="zh.wikipedia.org:2")]))


@pytest.fixture(scope="module")
def wiki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MediaWiki]:
    with mediawiki(tmp_path_factory.mktemp("mediawiki")) as running:
        yield running


@pytest.mark.slow
def test_a_real_wiki_lists_its_pages_goes_on_and_says_what_is_deleted(wiki: MediaWiki) -> None:
    video = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
    wiki.write("中央情报局招募视频", f"参见 [{video}&t=3 视频]。")
    wiki.write("Long list", " ".join(f"https://youtu.be/dQw4w9WgXcQ?t={second}" for second in range(600)))
    wiki.write("User:Somebody", video)
    wiki.write("Unrelated", "nothing https://www.youtube.com/watch?v=another_one")
    with HttpClient(Wikimedia, Place(instances=(wiki.url,), allow_private=True)) as client:
        collector = Wikimedia(client, instances=(wiki.url,))
        pages = list(collector.search(Query(kind="link", text=video, at=wiki.url), Window(), None))
        found = {post.title: post for page in pages for post in page.posts}
        assert set(found) == {"中央情报局招募视频", "Long list"}
        assert [len(page.posts) for page in pages] == [1, 1, 1, 0, 0, 0, 0]  # the second spelling took two answers
        wiki.delete("Long list")
        page = next(collector.reread([Known(id=post.id) for post in found.values()]))
        told = {check.id: (check.status, check.said) for check in page.availability}
        assert told[found["Long list"].id] == ("gone", "missing")
        assert told[found["中央情报局招募视频"].id] == ("up", None)
        left = list(collector.search(Query(kind="link", text=video, at=wiki.url), Window(), None))
        assert [post.title for page in left for post in page.posts] == ["中央情报局招募视频"]
