"""YouTube's answers, recorded and made up to the documented form."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

from collectors.youtube import Youtube
from spillover.contract import Availability, Known, Page, Query, Window
from spillover.errors import Broken, BudgetSpent, Changed, CollectError, RateLimited, Refused
from spillover.testing import Replay, check_reread, check_search
from tests.collectors.casing import Case

RECORDED = Path(__file__).resolve().parents[1] / "recorded" / "youtube"
AT = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
PHRASE = Query(kind="phrase", text="why I left")
FIRST = "search_by_keywords.json"
FULL = "made_up_videos_with_all_parts.json"

ALL = [
    Known(id=item["id"]) for item in json.loads((RECORDED / "made_up_videos_with_all_parts.json").read_bytes())["items"]
]


def youtube(*names: str) -> Youtube:
    return Youtube(Replay(*(RECORDED / name for name in names), fetched_at=AT), {"YOUTUBE_API_KEY": "s3cret"})


def asked(collector: Youtube) -> list[tuple[str, dict[str, str]]]:
    assert isinstance(collector.client, Replay)
    return collector.client.asked


def an_answer(items: int, token: str | None = None, total: int = 1_000_000) -> bytes:
    hits = [
        {
            "kind": "youtube#searchResult",
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


def a_full_search() -> list[bytes]:
    return [*(an_answer(50, "NEXT") for _ in range(9)), an_answer(20)]


def test_a_search_that_meets_the_ceiling_is_asked_again_in_halves() -> None:
    window = Window(since=datetime(2026, 2, 1, tzinfo=UTC), until=AT)
    collector = Youtube(Replay(*a_full_search(), an_answer(3), an_answer(2), fetched_at=AT))
    pages = check_search(collector, PHRASE, window)
    middle = datetime(2026, 2, 15, 10, 0, tzinfo=UTC)
    bounds = [(params.get("publishedAfter"), params["publishedBefore"]) for _, params in asked(collector)]
    assert bounds[9:] == [
        ("2026-02-01T00:00:00Z", "2026-03-01T20:00:00Z"),
        ("2026-02-15T10:00:00Z", "2026-03-01T20:00:00Z"),
        ("2026-02-01T00:00:00Z", "2026-02-15T10:00:00Z"),
    ]
    assert "pageToken" not in asked(collector)[10][1]
    assert [page.window for page in pages[10:]] == [
        Window(since=middle, until=AT),
        Window(since=window.since, until=middle),
    ]
    assert [page.done for page in pages] == [False] * 11 + [True]
    assert {page.cut_short for page in pages} == {None}


def test_a_search_keeps_its_place_among_the_halves_over_nights() -> None:
    window = Window(since=datetime(2026, 2, 1, tzinfo=UTC), until=AT)
    first = check_search(Youtube(Replay(*a_full_search(), fetched_at=AT)), PHRASE, window)
    again = Youtube(Replay(an_answer(3), an_answer(2), fetched_at=AT))
    pages = check_search(again, PHRASE, Window(until=datetime(2026, 3, 9, tzinfo=UTC)), first[-1].cursor)
    assert [params["publishedAfter"] for _, params in asked(again)] == ["2026-02-15T10:00:00Z", "2026-02-01T00:00:00Z"]
    assert [page.done for page in pages] == [False, True]


@pytest.mark.parametrize("since", [datetime(2026, 3, 1, 19, 0, tzinfo=UTC), None])
def test_an_hour_that_meets_the_ceiling_counts_from_below(since: datetime | None) -> None:
    collector = Youtube(Replay(*a_full_search(), fetched_at=AT))
    pages = check_search(collector, PHRASE, Window(since=since, until=AT))
    assert len(pages) == 10
    assert pages[-1].done
    assert [page.cut_short for page in pages if page.cut_short] == ["500-result ceiling"]
    assert pages[-1].window == Window(since=datetime(2026, 2, 1, tzinfo=UTC), until=datetime(2026, 2, 1, tzinfo=UTC))


def test_a_place_that_youtube_forgot_is_asked_for_by_its_time() -> None:
    window = Window(since=datetime(2026, 1, 1, tzinfo=UTC), until=AT)
    first = check_search(Youtube(Replay(an_answer(5, "OLD"), fetched_at=AT)), PHRASE, window)[0]
    again = Youtube(Replay(RECORDED / "made_up_page_token_invalid.json", an_answer(2), fetched_at=AT))
    last = check_search(again, PHRASE, Window(), first.cursor)[0]
    assert asked(again)[0][1]["pageToken"] == "OLD"
    assert "pageToken" not in asked(again)[1][1]
    assert first.window is not None and first.window.since is not None
    assert asked(again)[1][1]["publishedBefore"] == f"{first.window.since:%Y-%m-%dT%H:%M:%SZ}"
    assert last.window == Window(since=window.since, until=first.window.since)


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
    page = check_reread(youtube(FULL), ALL)[0]
    post = page.posts[0]
    assert post.counts is not None
    assert (post.counts.views, post.counts.likes, post.counts.shares, post.counts.comments) == (1234567, 89, None, 0)
    assert (post.duration_s, post.lang, post.title) == (3723.0, "zh-CN", "Why I left, R&amp;D")
    assert page.posts[-1].duration_s is None


def test_a_hidden_count_is_none() -> None:
    counts = check_reread(youtube(FULL), ALL)[0].posts[1].counts
    assert counts is not None
    assert (counts.views, counts.likes, counts.comments) == (7, None, None)


def test_a_video_without_statistics_has_no_counts_and_is_up() -> None:
    page = check_reread(youtube("video_without_statistics.json"), [Known(id="D-lhorsDlUQ")])[0]
    assert page.posts[0].counts is not None
    assert page.posts[0].counts.views is None
    assert the_standing(page) == {"D-lhorsDlUQ": ("up", None)}


def test_every_way_to_stand_is_told_apart() -> None:
    assert the_standing(check_reread(youtube(FULL), ALL)[0]) == {
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
        check.id: (check.allowed_in, check.blocked_in) for check in check_reread(youtube(FULL), ALL)[0].availability
    }
    assert places["blocked_two"] == (None, ("DE", "RU"))
    assert places["blocked_non"] == (None, ())
    assert places["allowed_one"] == (("US",), None)
    assert places["allowed_non"] == ((), None)
    assert places["upupupupup1"] == (None, None)


def test_a_stated_removal_keeps_what_youtube_said() -> None:
    said = {check.id: check.said for check in check_reread(youtube(FULL), ALL)[0].availability if check.said}
    assert said == {
        "private_one": "private", "rejected_cr": "rejected copyright", "rejected_in": "rejected inappropriate",
        "rejected_ac": "rejected uploaderAccountSuspended", "deleted_one": "deleted",
    }  # fmt: skip


def test_what_a_video_links_to_and_is_tagged_with_is_kept() -> None:
    post = check_reread(youtube("video_without_statistics.json"), [Known(id="D-lhorsDlUQ")])[0].posts[0]
    assert post.links == ("http://bit.ly/2YabdS5", "https://goo.gle/2X0nBqG", "https://bit.ly/googledevs")


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
        ("made_up_too_fast.json", RateLimited),
        ("made_up_searches_of_the_day_spent.json", BudgetSpent),
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
    ("body", "error"),
    [
        (b"", Broken), (b"<html>", Broken), (an_answer(3)[:-20], Broken), (b"<html>unusual traffic", Refused),
        (b"oops", Changed), (b"[]", Changed), (b"null", Changed), (b"{}", Changed),
        (b'{"kind": "youtube#searchListResponse"}', Changed),
        (b'{"kind": "youtube#searchListResponse", "items": 5}', Changed),
        (b'{"kind": "youtube#searchListResponse", "items": [5]}', Changed),
        (b'{"kind": "youtube#searchListResponse", "items": [{"id": {"kind": "youtube#video"}}]}', Changed),
        (b'{"kind": "youtube#searchListResponse", "items": [{"id": "abcdefghijk"}]}', Changed),
        (an_answer(1).replace(b"2026-02-28T", b"yesterday "), Changed),
    ],
)  # fmt: skip
def test_what_is_no_list_of_results_says_what_it_is(body: bytes, error: type[CollectError]) -> None:
    with pytest.raises(error):
        list(Youtube(Replay(body)).search(PHRASE, Window(), None))


def test_one_odd_result_among_good_ones_is_a_reject() -> None:
    page = check_search(Youtube(Replay(an_answer(3).replace(b"2026-02-28T", b"yesterday "))), PHRASE)[0]
    assert len(page.posts) == 2
    assert [(reject.line, reject.reason[:25]) for reject in page.rejects] == [(1, "ValueError: publishedAt: ")]


def test_a_video_that_cannot_be_read_is_neither_up_nor_absent() -> None:
    body = (RECORDED / FULL).read_bytes().replace(b'"viewCount": "7"', b'"viewCount": "-7"')
    page = check_reread(Youtube(Replay(body, fetched_at=AT)), ALL)[0]
    assert the_standing(page)["hiddenlikes"] == ("unknown", "error")
    assert len(page.rejects) == 1


@pytest.mark.parametrize("changed", [b'"RU"', b'["ru"]', b"[643]", b'{"RU": true}'])
def test_countries_of_another_shape_are_not_taken_for_none(changed: bytes) -> None:
    body = (RECORDED / FULL).read_bytes().replace(b'"blocked": []', b'"blocked": ' + changed)
    assert the_standing(check_reread(Youtube(Replay(body, fetched_at=AT)), ALL)[0])["blocked_non"] == (
        "unknown",
        "error",
    )


@pytest.mark.parametrize("items", ["{}", "null", '""', "7"])
def test_a_list_of_another_shape_removes_nothing(items: str) -> None:
    body = f'{{"kind": "youtube#videoListResponse", "items": {items}}}'.encode()
    with pytest.raises(Changed):
        list(Youtube(Replay(body, fetched_at=AT)).reread(ALL))


def test_what_is_too_fast_keeps_the_time_to_come_back() -> None:
    body = (RECORDED / "made_up_too_fast.json").read_bytes().replace(b'"status": 403', b'"status": 429')
    with pytest.raises(RateLimited) as caught:
        list(Youtube(Replay(body, fetched_at=AT)).search(PHRASE, Window(), None))
    assert caught.value.retry_at == AT + timedelta(seconds=30)


def google_s_own(schemas: dict[str, Any]) -> Validator:
    """Return what holds an answer against the schema of its kind; Google's own names no field that may be left over."""

    def closed(part: Any) -> Any:
        if not isinstance(part, dict):
            return part
        found = {name: closed(value) for name, value in part.items()}
        return found | ({"additionalProperties": False} if isinstance(part.get("properties"), dict) else {})

    named = json.loads(json.dumps(closed(schemas)).replace('"$ref": "', '"$ref": "#/$defs/'))
    kinds = [
        {"if": {"properties": {"kind": {"const": kind}}}, "then": {"$ref": f"#/$defs/{name}"}}
        for name, kind in LISTS.items()
    ]
    kind = {"required": ["kind"], "properties": {"kind": {"enum": [*LISTS.values()]}}}
    return Draft202012Validator({"$defs": named, "allOf": [kind, *kinds]})


LISTS = {
    "VideoListResponse": "youtube#videoListResponse",
    "SearchListResponse": "youtube#searchListResponse",
    "PlaylistItemListResponse": "youtube#playlistItemListResponse",
}
GOOGLE_S_OWN = google_s_own(json.loads((RECORDED / "discovery_schemas.json").read_bytes()))


@pytest.mark.parametrize("path", sorted(RECORDED.glob("*.json")), ids=lambda path: path.stem)
def test_a_recording_is_what_google_s_own_schema_says(path: Path) -> None:
    told = json.loads(path.read_bytes())
    told = told.get("body", told)
    if "error" in told or path.name == "discovery_schemas.json":
        return  # the schema knows no errors
    GOOGLE_S_OWN.validate(told)


@pytest.mark.parametrize(
    ("found", "put"),
    [
        (b'"viewCount": "7"', b'"viewCount": 7'),
        (b'"viewCount"', b'"viewz"'),
        (b'"privacyStatus": "public"', b'"privacyStatus": "open"'),
        (b'"blocked": []', b'"blocked": "none"'),
        (b"youtube#videoListResponse", b"youtube#channelListResponse"),
    ],
)
def test_the_schema_finds_what_was_made_up_wrongly(found: bytes, put: bytes) -> None:
    body = (RECORDED / FULL).read_bytes()
    assert found in body
    assert not GOOGLE_S_OWN.is_valid(json.loads(body.replace(found, put)))


def test_every_recorded_answer_is_read_or_refused_as_what_it_is(shared: Path) -> None:
    files = sorted((shared / "data" / "api" / "youtube_data_v3").glob("*.json"))
    read: dict[str, int] = {}
    for path in files:
        kind = json.loads(path.read_text("utf-8")).get("kind")
        try:
            if kind == "youtube#videoListResponse":
                known = [Known(id=item["id"]) for item in json.loads(path.read_text("utf-8"))["items"]]
                read[path.name] = len(check_reread(Youtube(Replay(path)), known)[0].posts)
            else:
                read[path.name] = len(check_search(Youtube(Replay(path)), PHRASE)[0].posts)
        except CollectError:
            assert kind not in ("youtube#searchListResponse", "youtube#videoListResponse"), path.name
    assert sum(read.values()) == 51
    assert len(read) == 10


CASES = [
    Case(Youtube, lambda youtube: youtube.search(PHRASE, Window(), None), [an_answer(3, "NEXT"), an_answer(2)]),
    Case(Youtube, lambda youtube: youtube.reread(ALL), [RECORDED / FULL]),
]
