"""YouTube's answers, recorded and made up to the documented form."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.youtube import Youtube
from spillover.contract import Availability, Known, Page, Query, Window
from spillover.errors import Broken, BudgetSpent, Changed, CollectError, Refused
from spillover.testing import Replay, check_reread, check_search

RECORDED = Path(__file__).resolve().parents[1] / "recorded" / "youtube"
AT = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
PHRASE = Query(kind="phrase", text="why I left")
FIRST = "search_by_keywords.json"
FULL = "made_up_videos_with_all_parts.json"


def youtube(*names: str) -> Youtube:
    return Youtube(Replay(*(RECORDED / name for name in names), fetched_at=AT), {"YOUTUBE_API_KEY": "s3cret"})


def asked(collector: Youtube) -> list[tuple[str, dict[str, str]]]:
    assert isinstance(collector.client, Replay)
    return collector.client.asked


def an_answer(items: int, token: str | None = None, total: int = 1_000_000) -> bytes:
    hits = [
        {
            "id": {"kind": "youtube#video", "videoId": f"{number:011}"},
            "snippet": {"publishedAt": f"2026-02-{28 - number % 28:02}T00:00:00Z"},
        }
        for number in range(items)
    ]
    told = {"kind": "youtube#searchListResponse", "items": hits, "pageInfo": {"totalResults": total}}
    return json.dumps(told | ({"nextPageToken": token} if token else {})).encode()


def the_standing(page: Page) -> dict[str, tuple[str, str | None]]:
    return {check.id: (check.status, check.cause) for check in page.availability}


def test_a_search_gives_videos_with_their_channel_and_time() -> None:
    page = check_search(youtube(FIRST), PHRASE, Window(until=AT))[0]
    post = page.posts[1]
    assert (post.id, post.kind, post.url) == ("i2hewkFijuY", "video", "https://www.youtube.com/watch?v=i2hewkFijuY")
    assert post.title == "SURFING PERFECT PIPE & BACKDOOR || SUNRISE SHACK!"
    assert post.author is not None
    assert (post.author.id, post.author.names) == ("UC_F4Iy5korq2mEWZDQhG07w", ("Koa Rothman",))
    assert post.published_at == datetime(2019, 12, 4, 16, 0, 8, tzinfo=UTC)
    assert page.claimed_total == 1_000_000


def test_titles_in_chinese_come_as_they_are() -> None:
    page = check_search(youtube("search_in_chinese.json"), PHRASE)[0]
    assert [post.title for post in page.posts] == ["华山日出", "海上日出"]


def test_a_search_says_down_to_where_it_has_read() -> None:
    page = check_search(youtube(FIRST), PHRASE, Window(since=datetime(2015, 1, 1, tzinfo=UTC), until=AT))[0]
    oldest = min(post.published_at for post in page.posts if post.published_at)
    assert page.window == Window(since=oldest, until=AT)
    assert not page.done


def test_a_search_goes_on_where_its_cursor_says() -> None:
    window = Window(since=datetime(2026, 1, 1, tzinfo=UTC), until=AT)
    first = check_search(Youtube(Replay(an_answer(5, "NEXT"), fetched_at=AT)), PHRASE, window)[0]
    again = Youtube(Replay(an_answer(2), fetched_at=AT))
    last = check_search(again, PHRASE, Window(), first.cursor)[0]
    assert asked(again)[0][1]["pageToken"] == "NEXT"
    assert asked(again)[0][1]["publishedAfter"] == "2026-01-01T00:00:00Z"
    assert last.done
    assert last.window == Window(since=window.since, until=first.window.since if first.window else None)


def test_a_search_that_meets_the_ceiling_says_so() -> None:
    pages = check_search(
        Youtube(Replay(*(an_answer(50, "NEXT") for _ in range(9)), an_answer(20), fetched_at=AT)),
        PHRASE,
        Window(since=datetime(2020, 1, 1, tzinfo=UTC), until=AT),
    )
    assert len(pages) == 10
    assert [page.cut_short for page in pages if page.cut_short] == ["500-result ceiling"]
    assert pages[-1].window == Window(since=datetime(2026, 2, 1, tzinfo=UTC), until=datetime(2026, 2, 1, tzinfo=UTC))


def test_a_search_that_finds_nothing_covers_its_window() -> None:
    window = Window(since=datetime(2026, 1, 1, tzinfo=UTC), until=AT)
    page = check_search(Youtube(Replay(an_answer(0, total=0), fetched_at=AT)), PHRASE, window)[0]
    assert (page.posts, page.done, page.window, page.claimed_total) == ([], True, window, 0)


def test_channels_are_no_posts() -> None:
    assert check_search(youtube("search_of_channels.json"), PHRASE)[0].posts == []


def test_the_key_is_in_no_address() -> None:
    collector = youtube(FIRST)
    check_search(collector, PHRASE)
    assert "s3cret" not in repr(asked(collector))


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("phrase", "why I left", "why I left"),
        ("title", 'The "Why" | -not this- re-upload', "The  Why     not this- re-upload"),
        ("hashtag", "#cia", "#cia"),
        ("hashtag", "中情局", "#中情局"),
        ("link", "https://www.youtube.com/watch?v=abcdefghijk&t=1", "abcdefghijk"),
        ("link", "https://youtu.be/abcdefghij-?si=x", "abcdefghij-"),
        ("link", "https://m.youtube.com/shorts/abcdefghijk", "abcdefghijk"),
    ],
)
def test_a_query_becomes_words_without_operators(kind: str, text: str, words: str) -> None:
    collector = youtube(FIRST)
    check_search(collector, Query(kind=kind, text=text))
    assert asked(collector)[0][1]["q"] == words


def test_a_link_to_elsewhere_is_not_asked_for() -> None:
    collector = youtube(FIRST)
    page = check_search(collector, Query(kind="link", text="https://youtube.com.evil.example/watch?v=abcdefghijk"))[0]
    assert asked(collector) == []
    assert page.cut_short


def test_a_second_reading_gives_counts_and_times() -> None:
    page = check_reread(youtube(FULL), [])[0]
    post = page.posts[0]
    assert post.counts is not None
    assert (post.counts.views, post.counts.likes, post.counts.shares, post.counts.comments) == (1234567, 89, None, 0)
    assert (post.duration_s, post.lang, post.title) == (3723.0, "zh-CN", "Why I left, R&amp;D")
    assert page.posts[-1].duration_s is None


def test_a_hidden_count_is_none() -> None:
    counts = check_reread(youtube(FULL), [])[0].posts[1].counts
    assert counts is not None
    assert (counts.views, counts.likes, counts.comments) == (7, None, None)


def test_a_video_without_statistics_has_no_counts_and_is_up() -> None:
    page = check_reread(youtube("video_without_statistics.json"), [Known(id="D-lhorsDlUQ")])[0]
    assert page.posts[0].counts is not None
    assert page.posts[0].counts.views is None
    assert the_standing(page) == {"D-lhorsDlUQ": ("up", None)}


def test_every_way_to_stand_is_told_apart() -> None:
    assert the_standing(check_reread(youtube(FULL), [])[0]) == {
        "upupupupup1": ("up", None),
        "hiddenlikes": ("up", None),
        "blocked_two": ("withheld", "geo"),
        "blocked_non": ("up", None),
        "allowed_one": ("withheld", "geo"),
        "allowed_non": ("withheld", "geo"),
        "private_one": ("private", "author"),
        "unlistedone": ("up", None),
        "rejected_cr": ("gone", "legal"),
        "rejected_in": ("gone", "platform"),
        "rejected_ac": ("gone", "account"),
        "deleted_one": ("gone", None),
        "live_stream": ("up", None),
    }


def test_countries_are_kept_as_given_and_an_empty_list_is_not_none() -> None:
    places = {
        check.id: (check.allowed_in, check.blocked_in) for check in check_reread(youtube(FULL), [])[0].availability
    }
    assert places["blocked_two"] == (None, ("DE", "RU"))
    assert places["blocked_non"] == (None, ())
    assert places["allowed_one"] == (("US",), None)
    assert places["allowed_non"] == ((), None)
    assert places["upupupupup1"] == (None, None)


def test_an_absent_video_is_unknown_never_gone() -> None:
    page = check_reread(youtube("video_without_statistics.json"), [Known(id="D-lhorsDlUQ"), Known(id="absentabsen")])[0]
    assert page.availability[1] == Availability(id="absentabsen", status="unknown", cause="missing", basis="absent")


def test_videos_are_read_again_by_fifty() -> None:
    empty = json.dumps({"kind": "youtube#videoListResponse", "items": []}).encode()
    collector = Youtube(Replay(empty, empty, empty, fetched_at=AT))
    pages = check_reread(collector, [Known(id=f"{number:011}") for number in range(101)])
    assert [params["id"].count(",") + 1 for _, params in asked(collector)] == [50, 50, 1]
    assert [page.done for page in pages] == [False, False, True]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("error_permission_resp.json", Refused),
        ("error_response.json", Refused),
        ("error_response_simple.json", Broken),
        ("made_up_quota_exceeded.json", BudgetSpent),
        ("playlist_items.json", Changed),
        ("video_without_statistics.json", Changed),
    ],
)
def test_an_error_says_what_it_is(name: str, error: type[CollectError]) -> None:
    with pytest.raises(error):
        list(youtube(name).search(PHRASE, Window(), None))


def test_a_used_up_quota_comes_back_at_midnight_pacific() -> None:
    with pytest.raises(BudgetSpent) as caught:
        list(youtube("made_up_quota_exceeded.json").reread([Known(id="abcdefghijk")]))
    assert caught.value.retry_at == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"[]", b"null", b'{"kind": "youtube#searchListResponse"}',
        b'{"kind": "youtube#searchListResponse", "items": 5}', b'{"kind": "youtube#searchListResponse", "items": [5]}',
        b'{"kind": "youtube#searchListResponse", "items": [{"id": {"kind": "youtube#video"}}]}',
        b'{"kind": "youtube#searchListResponse", "items": [{"id": "abcdefghijk"}]}',
        an_answer(1).replace(b"2026-02-28T", b"yesterday "),
    ],
)  # fmt: skip
def test_another_shape_is_changed(body: bytes) -> None:
    with pytest.raises(Changed):
        list(Youtube(Replay(body)).search(PHRASE, Window(), None))


def test_every_recorded_answer_is_read_or_refused_as_what_it_is(shared: Path) -> None:
    files = sorted((shared / "data" / "api" / "youtube_data_v3").glob("*.json"))
    read: dict[str, int] = {}
    for path in files:
        kind = json.loads(path.read_text("utf-8")).get("kind")
        try:
            if kind == "youtube#videoListResponse":
                read[path.name] = len(check_reread(Youtube(Replay(path)), [])[0].posts)
            else:
                read[path.name] = len(check_search(Youtube(Replay(path)), PHRASE)[0].posts)
        except CollectError:
            assert kind not in ("youtube#searchListResponse", "youtube#videoListResponse"), path.name
    assert sum(read.values()) == 51
    assert len(read) == 10
