"""Daum's search by Kakao; every recording is made up to the documented form."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.kakao import Kakao
from spillover.contract import Page, Query, Window
from spillover.errors import Broken, Changed, CollectError, RateLimited, Refused
from spillover.testing import Replay, check_search
from tests.collectors.casing import RECORDED as ALL
from tests.collectors.casing import Case

RECORDED = ALL / "kakao"
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SINCE = datetime(2026, 11, 10, tzinfo=UTC)
PHRASE = Query(kind="phrase", text="CIA 영상")
NOTHING = RECORDED / "made_up_nothing.json"
GOOD = [RECORDED / f"made_up_{kind}.json" for kind in ("web", "vclip", "blog", "cafe")]
CASES = [Case(Kakao, lambda one: one.search(PHRASE, Window(since=SINCE), None), GOOD)]


def search(*recordings: Path | bytes, since: datetime | None = SINCE, cursor: str | None = None) -> list[Page]:
    collector = Kakao(Replay(*recordings, fetched_at=AT), {"KAKAO_REST_KEY": "k" * 32})
    return check_search(collector, PHRASE, Window(since=since), cursor)


def listed(day: int, *, end: bool = False, pageable: int = 775) -> bytes:
    one = {
        "title": "t",
        "contents": "",
        "url": f"https://a.example/{day}",
        "datetime": f"2026-11-{day}T09:00:00.000+09:00",
    }
    meta = {"total_count": 897323, "pageable_count": pageable, "is_end": end}
    return json.dumps({"meta": meta, "documents": [one]}).encode()


def test_a_page_comes_without_markup_at_its_address() -> None:
    page = search(*GOOD)[0]
    first, blog = page.posts
    assert (first.id, first.url, first.kind) == ("https://namu.example/w/CIA", "https://namu.example/w/CIA", "page")
    assert (first.title, first.text) == ("CIA 영상", "왜 CIA에 연락했나 & 이유")
    assert first.published_at == datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
    assert blog.url is None and "someone" not in blog.id
    assert page.window == Window(since=SINCE, until=AT)


def test_a_video_is_known_as_its_platform_knows_it() -> None:
    (video,) = search(*GOOD)[1].posts
    assert (video.platform, video.id, video.kind, video.duration_s) == ("youtube", "dQw4w9WgXcQ", "video", 185.0)
    assert video.author is not None and video.author.names == ("어떤 채널",)
    assert video.counts is None


def test_a_blog_is_an_author_and_a_cafe_is_none() -> None:
    blog, cafe = (page.posts[0] for page in search(*GOOD)[2:])
    assert blog.author is not None and blog.author.names == ("누군가의 블로그",)
    assert blog.url is None and "someone" not in blog.id
    assert (cafe.author, cafe.url) == (None, "http://cafe.daum.net/some/Ab12/345")


def test_what_may_not_be_paged_to_is_said() -> None:
    last = search(*GOOD)[3]
    assert (last.cut_short, last.claimed_total) == ("cafe: 1 of 897323 results is all that Kakao gives", 897323)
    assert last.window == Window(since=datetime(2026, 11, 21, 20, tzinfo=UTC), until=AT)


def test_nothing_found_is_said_for_each_kind_with_its_window() -> None:
    pages = search(*[NOTHING] * 4)
    assert [(page.posts, page.cut_short, page.window) for page in pages] == [
        ([], None, Window(since=SINCE, until=AT))
    ] * 4
    assert [page.cursor for page in pages] == ["vclip:1", "blog:1", "cafe:1", None]


def test_it_reads_on_until_the_window_begins() -> None:
    since = datetime(2026, 11, 15, tzinfo=UTC)
    pages = search(listed(22), listed(14), *[NOTHING] * 3, since=since)
    assert [page.cursor for page in pages[:2]] == ["web:2", "vclip:1"]
    assert (pages[1].window, pages[1].cut_short) == (Window(since=since, until=AT), None)


def test_the_last_page_that_may_be_asked_for_is_an_end_that_is_said() -> None:
    page = search(listed(22, pageable=5000), cursor="vclip:15")[0]
    assert (page.cut_short, page.cursor) == ("vclip: 450 of 897323 results is all that Kakao gives", "blog:1")


def test_a_spent_quota_comes_back_at_midnight_in_korea() -> None:
    with pytest.raises(RateLimited) as caught:
        search(RECORDED / "made_up_quota.json")
    assert caught.value.retry_at == datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def test_one_odd_result_is_a_reject() -> None:
    told = json.loads(listed(22, end=True, pageable=2))
    told["documents"].append({"title": "no address"})
    page = search(json.dumps(told).encode())[0]
    assert (len(page.posts), [reject.line for reject in page.rejects]) == (1, [2])


@pytest.mark.parametrize(
    ("recording", "error"),
    [
        ("made_up_throttled.json", RateLimited),
        ("made_up_bad_key.json", Refused),
        ("made_up_bad_size.json", Broken),
        ("made_up_changed.json", Changed),
        (b'{"code": -10, "msg": "API limit has been exceeded."}', RateLimited),
        (b'{"code": -401, "msg": "wrong appKey"}', Refused),
        (b"{}", Changed),
        (b"[]", Changed),
        (b"<html>captcha</html>", Refused),
        (b'{"status": 400, "body": "<html>Bad Request</html>"}', Broken),
        (b'{"meta": {"total', Broken),
    ],
)
def test_no_trouble_is_taken_for_nothing_found(recording: str | bytes, error: type[CollectError]) -> None:
    with pytest.raises(error):
        search(RECORDED / recording if isinstance(recording, str) else recording)
