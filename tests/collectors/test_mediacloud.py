"""Media Cloud; every recording is made up to the form that its client and its server document."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.mediacloud import Mediacloud
from spillover.contract import Measure, Page, Query, Window
from spillover.errors import Broken, Changed, CollectError, RateLimited, Refused
from spillover.testing import Replay, check_search
from tests.collectors.casing import RECORDED as ALL
from tests.collectors.casing import Case

RECORDED = ALL / "mediacloud"
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WINDOW = Window(since=datetime(2026, 11, 20, tzinfo=UTC), until=AT)
JAPAN = Query(kind="phrase", text='CIA "動画"', lang="ja")
COUNTS, NONE, STORIES, FIRST = (
    RECORDED / f"made_up_{name}.json" for name in ("counts", "no_counts", "stories", "first_page")
)
CASES = [Case(Mediacloud, lambda one: one.search(JAPAN, WINDOW, None), [COUNTS, STORIES])]


def mediacloud(*recordings: Path | bytes) -> Mediacloud:
    return Mediacloud(Replay(*recordings, fetched_at=AT), {"MEDIACLOUD_TOKEN": "t" * 40})


def search(*recordings: Path | bytes, query: Query = JAPAN, cursor: str | None = None) -> list[Page]:
    return check_search(mediacloud(*recordings), query, WINDOW, cursor)


def asked(collector: Mediacloud) -> list[tuple[str, dict[str, str]]]:
    assert isinstance(collector.client, Replay)
    return [(url.rsplit("/", 1)[1], params) for url, params in collector.client.asked]


def test_a_story_is_an_article_of_its_day_and_its_outlets_country() -> None:
    page = search(COUNTS, STORIES)[0]
    first, second = page.posts
    assert (first.id, first.url) == ("https://news.example/a/1?x=1",) * 2
    assert (first.title, first.lang, first.region, first.region_basis) == ("ЦРУ выпустило видео", "ru", "JP", "outlet")
    assert (first.published_at, first.published_precision) == (datetime(2026, 11, 20, tzinfo=UTC), "day")
    assert (second.platform, second.id, second.published_at, second.lang) == ("youtube", "dQw4w9WgXcQ", None, None)
    assert (page.window, page.done, page.claimed_total) == (WINDOW, True, 3)


def test_counts_over_time_are_measures_with_what_they_are_a_share_of() -> None:
    first, all_of_them, second = search(COUNTS, STORIES)[0].measures
    day = {"unit": "articles", "since": datetime(2026, 11, 20, tzinfo=UTC), "until": datetime(2026, 11, 21, tzinfo=UTC)}
    assert first == Measure(series="articles", subject='CIA "動画"', value=2.0, region="JP", **day)
    assert (all_of_them.series, all_of_them.value) == ("articles.all", 4100.0)
    assert (second.value, second.since.day) == (1.0, 21)


def test_where_no_article_is_counted_none_is_listed() -> None:
    collector = mediacloud(NONE)
    page = check_search(collector, JAPAN, WINDOW)[0]
    assert (page.posts, page.claimed_total, page.window, page.done) == ([], 0, WINDOW, True)
    assert [what for what, _ in asked(collector)] == ["count-over-time"]


def test_the_question_names_days_words_and_a_national_collection() -> None:
    collector = mediacloud(NONE)
    check_search(collector, JAPAN, WINDOW)
    assert asked(collector)[0][1] == {"q": '"CIA  動画 "', "cs": "34412056", "start": "2026-11-20", "end": "2026-11-23"}


def test_pages_of_a_country_come_before_the_next_country() -> None:
    collector = mediacloud(COUNTS, FIRST, STORIES, NONE, NONE, NONE)
    pages = check_search(collector, Query(kind="phrase", text="CIA", lang="zh-Hans"), WINDOW)
    assert [page.done for page in pages] == [False, False, False, False, True]
    assert [(post.region, post.id[-3:]) for post in pages[0].posts] == [("CN", "a/3")]
    assert asked(collector)[2][1]["pagination_token"] == "dG9rZW4"
    assert [params["cs"] for _, params in asked(collector)] == ["34412193"] * 3 + ["34412361", "34412306", "34412474"]


def test_a_cursor_goes_on_in_the_window_that_it_was_begun_with() -> None:
    cursor = search(COUNTS, FIRST, query=Query(kind="phrase", text="CIA", lang="zh"))[0].cursor
    collector = mediacloud(STORIES, NONE, NONE, NONE)
    later = Window(since=AT, until=AT)
    page = check_search(collector, Query(kind="phrase", text="CIA", lang="zh"), later, cursor)[0]
    assert page.window == WINDOW
    assert asked(collector)[0] == (
        "story-list",
        {"q": '"CIA"', "cs": "34412193", "start": "2026-11-20", "end": "2026-11-23", "pagination_token": "dG9rZW4"},
    )


def test_a_country_without_a_collection_is_said_and_not_asked() -> None:
    page = search(query=Query(kind="phrase", text="CIA", region="AQ"))[0]
    assert (page.window, page.done) == (None, True)
    assert page.cut_short == "Media Cloud has no collection of AQ that we know"


def test_a_spent_quota_is_asked_for_again_tomorrow() -> None:
    with pytest.raises(RateLimited) as caught:
        search(RECORDED / "made_up_over_quota.json")
    assert caught.value.retry_at == datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_one_odd_story_is_a_reject() -> None:
    told = json.loads(STORIES.read_bytes())
    told["stories"][1]["url"] = None
    page = search(COUNTS, json.dumps(told).encode())[0]
    assert (len(page.posts), [reject.line for reject in page.rejects]) == (1, [2])


TROUBLE = [
    ("made_up_rate_limited.json", RateLimited),
    ("made_up_rate_limited_as_403.json", RateLimited),
    ("made_up_bad_token.json", Refused),
    ("made_up_temporary.json", Broken),
    ("made_up_error_with_200.json", Broken),
    ("made_up_changed.json", Changed),
    (b"{}", Changed),
    (b"[]", Changed),
    (b"<html>just a moment...</html>", Refused),
    (b"<html>502</html>", Broken),
    (b'{"count_over', Broken),
]


@pytest.mark.parametrize(("recording", "error"), TROUBLE)
@pytest.mark.parametrize("before", [[], [COUNTS]], ids=["counts", "stories"])
def test_no_trouble_is_taken_for_nothing_found(
    before: list[Path], recording: str | bytes, error: type[CollectError]
) -> None:
    with pytest.raises(error):
        search(*before, RECORDED / recording if isinstance(recording, str) else recording)
