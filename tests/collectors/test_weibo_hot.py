"""Weibo's hot-search lists from the archive: days, what is not there yet, and answers that are none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.weibo_hot import WeiboHot
from spillover import Broken, Changed, Listing, Page, Query, RateLimited, Refused, Window
from spillover.testing import Replay, check_search
from tests.collectors.casing import RECORDED, Case
from tests.collectors.loading import load, written

HERE = RECORDED / "weibo_hot"
DAYS = (HERE / "2025-05-05.json", HERE / "2025-05-06.json")
STORY = "中方强烈谴责美中情局招募间谍"
QUERY = Query(kind="title", text="中情局")
LATER = datetime(2025, 5, 9, 12, 0, tzinfo=UTC)
TWO_DAYS = Window(since=datetime(2025, 5, 5, 2, 0, tzinfo=UTC), until=datetime(2025, 5, 6, 12, 0, tzinfo=UTC))
CASES = [Case(WeiboHot, lambda collector: collector.search(QUERY, TWO_DAYS, None), DAYS)]


def exchange(status: int, body: Any = "", **headers: str) -> bytes:
    return json.dumps({"status": status, "headers": headers, "body": body}).encode()


def read(
    *answers: bytes | Path, at: datetime = LATER, window: Window = TWO_DAYS, cursor: str | None = None
) -> list[Page]:
    return list(WeiboHot(Replay(*answers, fetched_at=at)).search(QUERY, window, cursor))


def test_each_day_is_a_page_and_every_title_a_topic() -> None:
    replay = Replay(*DAYS, fetched_at=LATER)
    first, second = check_search(WeiboHot(replay), QUERY, TWO_DAYS)
    assert [url.rpartition("/")[2] for url, _ in replay.asked] == ["2025-05-05.json", "2025-05-06.json"]
    assert (first.cursor, first.done, second.cursor, second.done) == ("2025-05-06", False, None, True)
    assert first.window == Window(since=datetime(2025, 5, 4, 16, tzinfo=UTC), until=datetime(2025, 5, 5, 15, 59, 59, tzinfo=UTC))  # fmt: skip
    assert [len(page.posts) for page in (first, second)] == [len(json.loads(path.read_text("utf-8"))) for path in DAYS]
    (story,) = [post for post in second.posts if post.id == STORY]
    assert (story.kind, story.region, story.hashtags, story.published_at) == ("topic", "CN", (STORY,), None)
    assert story.listing == Listing(list="weibo_hot_search", region="CN", rank=29)
    assert story.observed_at == datetime(2025, 5, 6, 15, 59, 59, tzinfo=UTC)  # by the end of the day, at the latest
    assert {post.listing.rank for post in second.posts if post.listing} > {1, 29, None}


def test_an_imported_table_of_first_sights_names_the_same_topic(tmp_path: Path) -> None:
    table = f"first_seen,day,title,band_rank_at_first_sight,refer,is_hashtag\n2025-05-06T19:16:32+08:00,2025-05-06,{STORY},29,top,1\n"
    (imported,) = load(written(tmp_path / "a.csv", table)).posts
    (kept,) = [post for post in read(*DAYS)[1].posts if post.id == STORY]
    same = ("id", "url", "kind", "title", "region", "hashtags", "listing")
    assert [getattr(kept, name) for name in same] == [getattr(imported, name) for name in same]
    assert imported.platform == kept.platform == "weibo"


def test_a_days_file_is_also_read_as_a_file(tmp_path: Path) -> None:
    found = load(DAYS[1])
    assert found.format == "weibo_list" and not found.rejects and STORY in found.ids


def test_what_stands_on_todays_list_stood_there_by_now() -> None:
    now = datetime(2025, 5, 6, 11, 30, tzinfo=UTC)
    (page,) = read(DAYS[1], at=now, window=Window(since=datetime(2025, 5, 6, 9, tzinfo=UTC)))
    assert {post.observed_at for post in page.posts} == {now} and page.window and page.window.until == now


def test_it_goes_on_with_the_day_that_the_cursor_names() -> None:
    (page,) = read(DAYS[1], cursor="2025-05-06")
    assert page.done and STORY in [post.id for post in page.posts]
    (nothing,) = read(cursor="2025-05-07")
    assert nothing.done and not nothing.posts


def test_a_list_that_did_not_change_is_watched_and_brings_nothing() -> None:
    first, second = read(exchange(304), exchange(304))
    assert not first.posts and first.window and second.done and first.cut_short is second.cut_short is None


def test_a_day_without_a_file_is_a_gap_and_not_an_empty_list() -> None:
    first, second = read(exchange(404, "404: Not Found"), DAYS[1])
    assert (first.posts, first.window, first.cut_short) == ([], None, "the list of 2025-05-05 is not in the archive")
    assert second.posts and second.cut_short is None
    now = datetime(2025, 5, 5, 16, 5, tzinfo=UTC)  # five past midnight in China
    (today,) = read(exchange(404), at=now, window=Window(since=now))
    assert today.cut_short == "the list of 2025-05-06 is not published yet" and today.window is None


def test_what_is_older_than_the_archive_is_said_to_be() -> None:
    long_ago = Window(since=datetime(2019, 1, 1, tzinfo=UTC), until=datetime(2019, 2, 1, tzinfo=UTC))
    (page,) = read(window=long_ago)
    assert page.done and page.cut_short == "the archive begins on 2020-11-24"
    partly = Window(since=datetime(2020, 11, 20, tzinfo=UTC), until=datetime(2020, 11, 24, 3, tzinfo=UTC))
    (page,) = read(DAYS[0], window=partly)
    assert page.posts and page.cut_short == "the archive begins on 2020-11-24"


def test_a_title_that_cannot_be_read_among_others_is_set_aside() -> None:
    entries = [*json.loads(DAYS[1].read_text("utf-8")), {"url": "/weibo?Refer=top", "title": "x"}, "odd"]
    (page,) = read(json.dumps(entries).encode(), cursor="2025-05-06")
    assert STORY in [post.id for post in page.posts]
    assert [reject.line for reject in page.rejects] == [len(entries) - 1, len(entries)]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (exchange(429, "Too Many Requests", **{"retry-after": "60"}), RateLimited),
        (exchange(403, "rate limit"), Refused),
        (exchange(503, ""), Broken),
        (b"<html>Just a moment...</html>", Refused),
        (b"<html>hello</html>", Broken),
        (DAYS[1].read_bytes()[:300], Broken),
        (b"", Broken),
        (b"[]", Changed),
        (b"{}", Changed),
        (b'{"error": "moved"}', Changed),
        (b'[{"word": "a", "num": 5}]', Changed),
        (b'["a", "b"]', Changed),
    ],
)
def test_an_answer_that_is_no_list_is_never_nothing_found(answer: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        read(answer)


def test_only_what_is_written_in_chinese_is_asked_for() -> None:
    assert WeiboHot.takes(Query(kind="title", text="从未建成的桥")) and not WeiboHot.takes(
        Query(kind="title", text="The bridge")
    )
