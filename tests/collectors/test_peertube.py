"""PeerTube's answers: made up to the documented form, and recorded ones where they are at hand."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.peertube import Peertube
from spillover import resolve
from spillover.contract import Availability, Collector, Counts, Known, Page, Query, Window
from spillover.errors import Broken, Changed, CollectError, RateLimited, Refused
from spillover.testing import Replay, check_reread, check_search
from tests.collectors.casing import RECORDED as ALL_RECORDED
from tests.collectors.casing import Case

RECORDED = ALL_RECORDED / "peertube"
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PHRASE = Query(kind="phrase", text="why I contacted the CIA")
FEBRUARY = Window(since=datetime(2026, 2, 1, tzinfo=UTC), until=AT)
ONE, TWO, THREE = (f"{n * 8}-{n * 4}-4{n * 3}-8{n * 3}-{n * 12}" for n in "123")
HOME = Known(id=ONE, url=f"https://one.example/w/{ONE}")
INDEX = ("https://sepiasearch.org", "https://one.example")


def peertube(*recordings: str | bytes, instances: Sequence[str] = ()) -> Peertube:
    answers = [RECORDED / name if isinstance(name, str) else name for name in recordings]
    return Peertube(Replay(*answers, fetched_at=AT), {}, instances)


def asked(collector: Peertube) -> list[tuple[str, dict[str, str]]]:
    assert isinstance(collector.client, Replay)
    return collector.client.asked


def a_page(days: Sequence[int], total: int) -> bytes:
    """Return an answer with a video for each of these days of February."""
    one = json.loads((RECORDED / "made_up_search.json").read_text("utf-8"))["data"][0]
    videos = [
        one | {"uuid": f"11111111-1111-4111-8111-{day:012}", "publishedAt": f"2026-02-{day:02}T00:00:00.000Z"}
        for day in days
    ]
    return json.dumps({"total": total, "data": videos}).encode()


def standing(pages: list[Page]) -> dict[str, tuple[str, str | None, str]]:
    return {check.id: (check.status, check.cause, check.basis) for page in pages for check in page.availability}


def _search(collector: Collector) -> Iterator[Page]:
    return collector.search(PHRASE, FEBRUARY, None)


CASES = [
    Case(Peertube, _search, [RECORDED / "made_up_search.json"]),
    Case(Peertube, lambda made: made.reread([HOME]), [RECORDED / "made_up_video.json"], instances=INDEX),
]


def test_a_search_gives_videos_with_their_home_and_counts() -> None:
    collector = peertube("made_up_search.json")
    page = check_search(collector, PHRASE, FEBRUARY)[0]
    first, second, third = page.posts
    assert (first.id, first.kind, first.lang, first.duration_s) == (ONE, "video", "zh", 113.0)
    assert first.url is not None
    assert resolve(first.url).id == first.id
    assert first.author is not None
    assert (first.author.id, first.author.names) == ("https://one.example/accounts/carol", ("carol", "Carol Films"))
    assert first.counts == Counts(views=1000, likes=7, comments=1)
    assert first.hashtags == ("cia", "exile", "CIA")
    assert first.links == ("https://www.youtube.com/watch?v=dQw4w9WgXcQ",)
    assert (second.lang, second.text, second.duration_s) == (None, "我为什么联系中情局", None)
    assert second.counts == Counts(views=1001, likes=7)
    assert third.counts == Counts(views=1002, comments=1)
    assert (page.done, page.claimed_total, page.window) == (True, 3, FEBRUARY)
    assert asked(collector) == [
        (
            "https://sepiasearch.org/api/v1/search/videos",
            {
                "search": "why I contacted the CIA", "start": "0", "count": "100", "sort": "-publishedAt", "nsfw": "both",
                "endDate": "2026-03-01T12:00:00+00:00", "startDate": "2026-02-01T00:00:00+00:00",
            },
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text", "name", "value"),
    [
        ("hashtag", "#CIA", "tagsOneOf", "CIA"), ("title", "Why I left", "search", "Why I left"),
        ("link", f"https://one.example/videos/watch/{ONE}", "uuids", ONE),
        ("link", "https://youtu.be/dQw4w9WgXcQ", "search", "https://youtu.be/dQw4w9WgXcQ"),
    ],
)  # fmt: skip
def test_a_query_is_asked_in_the_servers_words(kind: str, text: str, name: str, value: str) -> None:
    collector = peertube("made_up_search_nothing.json")
    check_search(collector, Query(kind=kind, text=text), FEBRUARY)
    assert asked(collector)[0][1][name] == value


def test_an_instance_is_asked_where_the_query_says_so() -> None:
    collector = peertube("made_up_search_nothing.json", instances=("https://one.example/",))
    check_search(collector, Query(kind="phrase", text="x", at="https://one.example/"), FEBRUARY)
    assert asked(collector)[0][0] == "https://one.example/api/v1/search/videos"


def test_a_search_that_finds_nothing_covers_its_window() -> None:
    page = check_search(peertube("made_up_search_nothing.json"), PHRASE, FEBRUARY)[0]
    assert (page.posts, page.done, page.window, page.claimed_total) == ([], True, FEBRUARY, 0)


def test_a_search_says_down_to_where_it_has_read_and_goes_on() -> None:
    first, last = check_search(peertube(a_page([20, 18], 3), a_page([11], 3)), PHRASE, FEBRUARY)
    down_to = datetime(2026, 2, 18, tzinfo=UTC)
    assert (first.window, first.done) == (Window(since=down_to, until=AT), False)
    assert (last.window, last.done) == (Window(since=FEBRUARY.since, until=down_to), True)
    again = peertube(a_page([11], 3))
    assert check_search(again, PHRASE, Window(), first.cursor) == [last]
    assert (asked(again)[0][1]["start"], asked(again)[0][1]["startDate"]) == ("2", "2026-02-01T00:00:00+00:00")


def test_where_results_end_the_search_goes_on_below_the_oldest() -> None:
    collector = peertube(a_page([20, 18], 9), a_page([], 9), a_page([18, 11], 2))
    pages = check_search(collector, PHRASE, FEBRUARY)
    assert [(asked["start"], asked["endDate"][:10]) for _, asked in asked(collector)] == [
        ("0", "2026-03-01"), ("2", "2026-03-01"), ("0", "2026-02-18"),
    ]  # fmt: skip
    assert [page.claimed_total for page in pages] == [9, 9, 9]
    assert (pages[-1].done, pages[-1].cut_short) == (True, None)
    assert pages[-1].window == Window(since=FEBRUARY.since, until=datetime(2026, 2, 18, tzinfo=UTC))


def test_a_server_that_claims_more_and_gives_none_cuts_short() -> None:
    page = check_search(peertube(a_page([], 9)), PHRASE, FEBRUARY)[0]
    assert (page.done, page.cut_short) == (True, "the server says that there are more, and gives none")
    assert page.window == Window(since=AT, until=AT)


def test_an_answer_out_of_order_covers_nothing_before_its_end() -> None:
    first, last = check_search(peertube(a_page([11, 20], 3), a_page([18], 3)), PHRASE, FEBRUARY)
    assert first.window == Window(since=AT, until=AT)
    assert last.window == FEBRUARY


def test_a_video_is_read_again_at_its_home() -> None:
    collector = peertube("made_up_video.json", instances=INDEX)
    pages = check_reread(collector, [HOME])
    assert asked(collector) == [(f"https://one.example/api/v1/videos/{ONE}", {})]
    assert standing(pages) == {ONE: ("up", None, "stated")}
    assert pages[0].posts[0].author is not None
    assert pages[0].posts[0].author.followers == 980


def test_a_video_of_elsewhere_is_looked_up_in_the_index() -> None:
    collector = peertube("made_up_search.json")
    known = [ONE, TWO, THREE, "44444444-4444-4444-8444-444444444444"]
    pages = check_reread(collector, [Known(id=id, url=f"https://far.example/w/{id}") for id in known])
    assert standing(pages) == {
        **dict.fromkeys(known[:3], ("up", None, "stated")), known[3]: ("unknown", "missing", "absent"),
    }  # fmt: skip
    assert asked(collector)[0][0].startswith(f"https://sepiasearch.org/api/v1/search/videos?uuids={ONE}&uuids={TWO}&")


def test_a_search_by_ids_that_gives_other_videos_is_changed_and_nothing_is_missing() -> None:
    with pytest.raises(Changed):
        list(peertube("made_up_search.json").reread([Known(id=THREE)]))


@pytest.mark.parametrize(
    ("name", "stands"),
    [
        ("made_up_not_found.json", Availability(id=ONE, status="unknown", cause="missing", basis="absent", said="Video not found")),
        ("made_up_password.json", Availability(id=ONE, status="private", cause="author", said="Please provide a password to access this password protected video")),
        ("made_up_blocked.json", Availability(id=ONE, status="withheld", said="Cannot fetch information of private/internal/blocked video")),
        ("made_up_not_followed.json", Availability(id=ONE, status="unknown", said="Cannot get this video regarding follow constraints")),
    ],
)  # fmt: skip
def test_what_an_instance_says_of_a_video_that_it_does_not_show(name: str, stands: Availability) -> None:
    assert check_reread(peertube(name, instances=INDEX), [HOME])[0].availability == [stands]


def test_a_video_that_became_private_is_private() -> None:
    video = json.loads((RECORDED / "made_up_video.json").read_text("utf-8")) | {
        "privacy": {"id": 3, "label": "Private"}
    }
    page = check_reread(peertube(json.dumps(video).encode(), instances=INDEX), [HOME])[0]
    assert (page.posts, standing([page])) == ([], {ONE: ("private", "author", "stated")})
    assert [reject.reason for reject in page.rejects] == ["privacy: 3 is not public, left out"]


def test_one_refusal_does_not_keep_the_others_from_being_read() -> None:
    collector = peertube("made_up_search_nothing.json", "made_up_login.json", instances=INDEX)
    pages = []
    with pytest.raises(Refused):
        for page in collector.reread([HOME, Known(id=TWO)]):
            pages.append(page)
    assert standing(pages) == {TWO: ("unknown", "missing", "absent")}


def exchange(status: int, body: Any) -> bytes:
    return json.dumps({"status": status, "headers": {}, "body": body}).encode()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", Broken), (b"<html>", Broken), (b"<html>captcha", Refused), (b"{}", Changed), (b"[]", Changed), (b"null", Changed),
        (b'{"total": 1}', Changed), (b'{"total": "1", "data": []}', Changed), (b'{"total": 1, "data": {}}', Changed),
        (b'{"total": 1, "data": [{}]}', Changed), (b'{"error": "no"}', Changed), (a_page([20], 1)[:-9], Broken),
        (a_page([20], 1).replace(b"2026-02-20T", b"yesterday "), Changed),
        (exchange(404, {"detail": "Not found"}), Broken), (exchange(403, "no"), Refused), (exchange(502, "no"), Broken),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_raises_what_it_is(body: bytes, error: type[CollectError]) -> None:
    with pytest.raises(error):
        list(peertube(body).search(PHRASE, FEBRUARY, None))


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{}", Changed), (b"[]", Changed), (b"null", Changed), (a_page([20], 1), Changed), (exchange(404, {}), Changed),
        (exchange(404, "<html>Parked</html>"), Broken), (exchange(403, "<html>"), Refused), (exchange(401, "[]"), Refused),
        (exchange(403, {"detail": "Your address is blocked"}), Refused),
    ],
)  # fmt: skip
def test_an_answer_about_a_video_that_is_none_raises_what_it_is(body: bytes, error: type[CollectError]) -> None:
    with pytest.raises(error):
        list(peertube(body, instances=INDEX).reread([HOME]))


def test_too_many_requests_say_when_to_come_back() -> None:
    with pytest.raises(RateLimited) as caught:
        list(peertube("made_up_too_many.json").search(PHRASE, FEBRUARY, None))
    assert caught.value.retry_at == datetime(2026, 3, 1, 12, 0, 7, tzinfo=UTC)


def test_one_odd_video_among_good_ones_is_rejected() -> None:
    told = json.loads((RECORDED / "made_up_search.json").read_text("utf-8"))
    told["data"][1]["publishedAt"] = "soon"
    page = check_search(peertube(json.dumps(told).encode()), PHRASE, FEBRUARY)[0]
    assert [post.id for post in page.posts] == [ONE, THREE]
    assert len(page.rejects) == 1


def test_recorded_answers_are_read(shared: Path) -> None:
    path = shared / "data" / "api" / "peertube" / "peertube_and_sepiasearch.ndjson.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    searches = [row["body"] for row in rows if "/search/videos" in row["url"]]
    videos = [row for row in rows if "uuid" in row["body"] and "/videos/" in row["url"]]
    for body in searches:
        page = next(peertube(json.dumps(body).encode()).search(PHRASE, Window(until=AT), None))
        assert (len(page.posts), page.rejects, page.claimed_total) == (len(body["data"]), [], body["total"])
    for row in videos:
        video, home = row["body"], row["url"].partition("/api/")[0]
        known = Known(id=video["uuid"], url=f"{home}/w/{video['uuid']}")
        page = check_reread(peertube(json.dumps(video).encode(), instances=(home,)), [known])[0]
        assert [(post.id, resolve(post.url or "").id) for post in page.posts] == [(video["uuid"], video["uuid"])]
        assert page.posts[0].counts is not None
        assert page.posts[0].counts.views == video["views"]
    assert (len(searches), len(videos)) == (6, 5)
