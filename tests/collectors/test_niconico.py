"""Niconico's snapshot search; every recording is made up to the documented form."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.niconico import Niconico
from spillover import resolve
from spillover.contract import Author, Counts, Known, Page, Query, Window
from spillover.errors import Broken, Changed, CollectError, RateLimited, Refused
from spillover.testing import Replay, check_reread, check_search
from tests.collectors.casing import RECORDED as ALL
from tests.collectors.casing import Case

RECORDED = ALL / "niconico"
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MADE = datetime(2026, 11, 22, 20, 8, 55, tzinfo=UTC)
SINCE = datetime(2026, 11, 20, tzinfo=UTC)
PHRASE = Query(kind="phrase", text="なぜ連絡したか")
VERSION, FOUND, NOTHING = (RECORDED / f"made_up_{name}.json" for name in ("version", "search", "nothing"))
CASES = [
    Case(Niconico, lambda one: one.search(PHRASE, Window(since=SINCE), None), [VERSION, FOUND]),
    Case(Niconico, lambda one: one.reread([Known(id="sm43000001")]), [VERSION, FOUND]),
]


def niconico(*recordings: Path | bytes) -> Niconico:
    return Niconico(Replay(VERSION, *recordings, fetched_at=AT))


def search(*recordings: Path | bytes, query: Query = PHRASE, cursor: str | None = None) -> list[Page]:
    return check_search(niconico(*recordings), query, Window(since=SINCE), cursor)


def listed(number: int, total: int) -> bytes:
    data = [{"contentId": f"sm{row}", "title": "t", "startTime": "2026-11-22T23:00:00+09:00"} for row in range(number)]
    return json.dumps({"meta": {"status": 200, "totalCount": total}, "data": data}).encode()


def test_a_video_comes_with_the_counts_of_the_moment_of_the_index() -> None:
    page = search(FOUND)[0]
    first, second = page.posts
    assert (first.id, first.duration_s, first.observed_at) == ("sm43000001", 135.0, MADE)
    assert first.counts == Counts(views=1021, likes=12, comments=0)
    assert first.author == Author(id="12345")
    assert (first.hashtags, first.links) == (("CIA", "ニュース"), ("https://www.youtube.com/watch?v=dQw4w9WgXcQ",))
    assert first.published_at == datetime(2026, 11, 22, 14, tzinfo=UTC)
    assert first.url is not None and resolve(first.url).id == first.id
    assert second.author is not None and second.author.id == "ch2632720"
    assert second.counts == Counts(views=50, likes=None, comments=3)
    assert (page.window, page.done, page.claimed_total) == (Window(since=SINCE, until=MADE), True, 2)


def test_it_says_what_it_asks_and_who_asks() -> None:
    collector = niconico(FOUND)
    list(collector.search(Query(kind="hashtag", text="CIA"), Window(since=SINCE), None))
    assert isinstance(collector.client, Replay)
    asked = collector.client.asked[1][1]
    assert (asked["q"], asked["targets"], asked["_context"], asked["_sort"]) == (
        "CIA",
        "tagsExact",
        "spillover",
        "-startTime",
    )
    assert asked["filters[startTime][gte]"] == "2026-11-20T00:00:00+00:00"
    assert asked["filters[startTime][lt]"] == "2026-11-22T20:08:55+00:00"


def test_nothing_found_covers_the_window_up_to_the_index() -> None:
    page = search(NOTHING)[0]
    assert (page.posts, page.window, page.done, page.cut_short) == ([], Window(since=SINCE, until=MADE), True, None)


def test_a_window_younger_than_the_index_is_not_covered() -> None:
    page = check_search(niconico(), PHRASE, Window(since=AT))[0]
    assert (page.window, page.done) == (None, True)
    assert page.cut_short is not None and "nothing younger" in page.cut_short


def test_pages_follow_each_other_to_the_end() -> None:
    pages = search(listed(100, 150), listed(50, 150))
    assert [(page.cursor, page.done) for page in pages] == [("100", False), (None, True)]
    assert pages[1].window == Window(since=SINCE, until=MADE)


def test_the_last_page_that_may_be_asked_for_is_an_end_that_is_said() -> None:
    page = search(listed(100, 200_000), cursor="100000")[0]
    assert (page.done, page.cut_short) == (True, "100100 of 200000 results is all that Niconico gives")


def test_a_video_that_the_index_lacks_is_absent_and_not_gone() -> None:
    page = check_reread(niconico(FOUND), [Known(id="sm43000001"), Known(id="sm9")])[0]
    said = {check.id: (check.status, check.cause, check.basis, check.checked_at) for check in page.availability}
    assert said == {"sm43000001": ("up", None, "inferred", MADE), "sm9": ("unknown", "missing", "absent", MADE)}


def test_a_record_that_cannot_be_read_is_not_absent() -> None:
    told = json.loads(FOUND.read_bytes())
    told["data"][0]["viewCounter"] = "many"
    page = check_reread(niconico(json.dumps(told).encode()), [Known(id="sm43000001")])[0]
    assert [check.status for check in page.availability] == ["up"]
    assert len(page.rejects) == 1


def test_fifty_are_asked_for_at_once() -> None:
    collector = niconico(NOTHING, NOTHING)
    pages = check_reread(collector, [Known(id=f"sm{number}") for number in range(60)])
    assert [(len(page.availability), page.done) for page in pages] == [(50, False), (10, True)]
    assert isinstance(collector.client, Replay)
    assert collector.client.asked[2][1]["filters[contentId][9]"] == "sm59"


@pytest.mark.parametrize(
    ("recording", "error"),
    [
        ("made_up_error_with_200.json", Broken),
        ("made_up_parse_error.json", Broken),
        ("made_up_changed.json", Changed),
        (b'{"status": 429, "body": ""}', RateLimited),
        (b'{"status": 403, "body": ""}', Refused),
        (b"{}", Changed),
        (b"[]", Changed),
        (b"<html>captcha</html>", Refused),
        (b'{"meta": {"sta', Broken),
    ],
)
def test_no_trouble_is_taken_for_nothing_found(recording: str | bytes, error: type[CollectError]) -> None:
    with pytest.raises(error):
        search(RECORDED / recording if isinstance(recording, str) else recording)
    with pytest.raises(error):
        check_reread(niconico(RECORDED / recording if isinstance(recording, str) else recording), [Known(id="sm9")])


def test_a_version_of_another_shape_is_a_change() -> None:
    with pytest.raises(Changed):
        check_search(Niconico(Replay(b"{}")), PHRASE)
