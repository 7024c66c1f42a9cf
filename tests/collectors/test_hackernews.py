"""Hacker News: Algolia's search and the official items; every recording is made up to the documented form."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.hackernews import Hackernews
from spillover import resolve
from spillover.contract import Known, Page, Query, Window
from spillover.errors import Broken, Changed, CollectError, RateLimited, Refused
from spillover.testing import Replay, check_reread, check_search
from tests.collectors.casing import RECORDED, Case

FILES = RECORDED / "hackernews"
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PHRASE = Query(kind="phrase", text='Why I "left"')
LINK = Query(kind="link", text="https://www.youtube.com/watch?v=-W4y9WgXcQ_&t=1")
WINDOW = Window(since=AT - timedelta(days=30), until=AT)
ITEMS = [Known(id=f"{number}") for number in range(48000003, 48000008)]
CASES = [
    Case(Hackernews, lambda one: one.search(PHRASE, WINDOW, None), [FILES / "made_up_search.json"]),
    Case(
        Hackernews,
        lambda one: one.reread(ITEMS[:2]),
        [json.loads(line) for line in (FILES / "made_up_items.jsonl").read_text("utf-8").splitlines()[:2]],
    ),
]


def hackernews(*recordings: Path | bytes) -> Hackernews:
    return Hackernews(Replay(*recordings, fetched_at=AT))


def asked(collector: Hackernews) -> list[tuple[str, dict[str, str]]]:
    assert isinstance(collector.client, Replay)
    return collector.client.asked


def hits(number: int, total: int) -> bytes:
    rows = [{"objectID": f"{total}{i}", "created_at_i": 1795168800, "_tags": ["story"]} for i in range(number)]
    return json.dumps({"hits": rows, "nbHits": total}).encode()


def refusal(status: int, body: str, **headers: str) -> bytes:
    return json.dumps({"status": status, "headers": headers, "body": body}).encode()


def test_a_search_gives_stories_and_comments() -> None:
    page = check_search(hackernews(FILES / "made_up_search.json"), PHRASE, WINDOW)[0]
    story, comment, question = page.posts
    assert (story.id, story.kind, story.title) == ("48000003", "post", "Why I left [video]")
    assert story.url is not None and resolve(story.url).id == story.id
    assert story.published_at == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert story.links == ("https://www.youtube.com/watch?v=-W4y9WgXcQ_",)
    assert story.counts is not None
    assert (story.counts.likes, story.counts.comments, story.counts.views, story.counts.shares) == (17, 2, None, None)
    assert (comment.kind, comment.title) == ("comment", None)
    assert comment.links == ("https://youtu.be/-W4y9WgXcQ_?t=3",)
    assert comment.text is not None and comment.text.endswith("It's longer.")
    assert [(parent.id, parent.relation) for parent in comment.parents] == [("48000003", "reply")]
    assert comment.counts is not None and (comment.counts.likes, comment.counts.comments) == (None, None)
    assert question.text == 'Who "left" & why?'
    assert (page.window, page.done, page.cursor, page.claimed_total) == (WINDOW, True, None, 3)


def test_nothing_found_covers_its_window() -> None:
    page = check_search(hackernews(FILES / "made_up_search_empty.json"), PHRASE, WINDOW)[0]
    assert (page.posts, page.done, page.window, page.claimed_total, page.cut_short) == ([], True, WINDOW, 0, None)


def test_words_are_asked_for_in_quotes_and_a_video_by_its_id() -> None:
    collector = hackernews(FILES / "made_up_search.json")
    check_search(collector, PHRASE, WINDOW)
    words = asked(collector)[0][1]
    assert words["query"] == '"Why I left"'
    assert words["numericFilters"] == "created_at_i>=1792843200,created_at_i<=1795435200"
    collector = hackernews(FILES / "made_up_search.json")
    check_search(collector, LINK, WINDOW)
    words = asked(collector)[0][1]
    assert (words["query"], words["restrictSearchableAttributes"]) == ('"-W4y9WgXcQ_"', "url,story_text,comment_text")


def test_a_window_that_holds_too_much_is_asked_for_in_halves_and_the_cursor_goes_on_there() -> None:
    first = check_search(hackernews(hits(2, 1500)), PHRASE, WINDOW)[0]
    assert (first.window, first.done, first.cut_short) == (Window(since=AT, until=AT), False, None)
    again = hackernews(hits(1, 1), hits(1, 1))
    pages = check_search(again, PHRASE, Window(), first.cursor)
    middle = AT - timedelta(days=15)
    assert [page.window for page in pages] == [
        Window(since=middle, until=AT),
        Window(since=WINDOW.since, until=middle),
    ]
    assert [page.done for page in pages] == [False, True]


def test_a_minute_that_holds_too_much_counts_from_below() -> None:
    page = check_search(hackernews(hits(2, 1500)), PHRASE, Window(since=AT - timedelta(minutes=1), until=AT))[0]
    assert page.done
    assert page.cut_short is not None and "lower bound" in page.cut_short
    assert len(page.posts) == 2


def test_a_second_reading_tells_up_deleted_dead_and_absent_apart() -> None:
    pages = check_reread(hackernews(FILES / "made_up_items.jsonl"), ITEMS)
    told = [(check.status, check.cause, check.basis, check.said) for page in pages for check in page.availability]
    assert told == [
        ("up", None, "stated", None),
        ("up", None, "stated", None),
        ("gone", "moderation", "stated", "dead"),
        ("gone", "author", "stated", "deleted"),
        ("unknown", "missing", "absent", None),
    ]
    assert [len(page.posts) for page in pages] == [1, 1, 0, 0, 0]
    counts = pages[0].posts[0].counts
    assert counts is not None and (counts.likes, counts.comments, counts.views) == (40, 5, None)
    assert pages[1].posts[0].counts is not None and pages[1].posts[0].counts.likes is None
    assert [page.done for page in pages] == [False, False, False, False, True]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refusal(429, "Too many requests", **{"retry-after": "60"}), RateLimited),
        (refusal(403, '{"message": "Too many requests, rate limit", "status": 403}'), RateLimited),
        (refusal(403, '{"message": "Invalid Application-ID or API key", "status": 403}'), Refused),
        (refusal(400, '{"message": "invalid filter", "status": 400}'), Broken),
        (refusal(503, "<html>"), Broken),
        (refusal(200, "<html>are you a robot</html>"), Refused),
        (refusal(200, "<html>"), Broken),
        (b'{"hits": [', Broken),
        (b"", Broken),
    ],
)
def test_an_error_says_what_it_is(answer: bytes, error: type[CollectError]) -> None:
    with pytest.raises(error):
        list(hackernews(answer).search(PHRASE, WINDOW, None))


@pytest.mark.parametrize(
    "body",
    [
        b"{}", b"[]", b"null", b'{"message": "no", "status": 400}', b'{"hits": []}', b'{"hits": {}, "nbHits": 0}',
        b'{"hits": [], "nbHits": "many"}', b'{"hits": [5], "nbHits": 1}', b'{"hits": [{"objectID": "1"}], "nbHits": 1}',
        hits(1, 1).replace(b"1795168800", b'"soon"'),
    ],
)  # fmt: skip
def test_another_shape_is_changed(body: bytes) -> None:
    with pytest.raises(Changed):
        list(hackernews(body).search(PHRASE, WINDOW, None))


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"id": 7}', b'{"error": "no"}', b'{"id": 48000003, "type": "story"}'])
def test_another_shape_of_an_item_is_changed(body: bytes) -> None:
    with pytest.raises(Changed):
        list(hackernews(body).reread(ITEMS[:1]))


def test_one_odd_hit_among_good_ones_is_a_reject() -> None:
    told = json.loads(hits(2, 2))
    told["hits"][1]["created_at_i"] = None
    page: Page = check_search(hackernews(json.dumps(told).encode()), PHRASE, WINDOW)[0]
    assert ([post.id for post in page.posts], [reject.line for reject in page.rejects]) == (["20"], [2])
