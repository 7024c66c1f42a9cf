"""VK's answers, made up to its schema: searches, halved where VK hides results, and re-reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.vk import Vk
from spillover import resolve
from spillover.contract import Collector, Counts, Known, Page, Parent, Query, Window
from spillover.errors import Broken, BudgetSpent, Changed, CollectError, RateLimited, Refused
from spillover.testing import Replay, check_collector, check_reread, check_search
from tests.collectors.casing import RECORDED, Case

HERE = RECORDED / "vk"
AT = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
SINCE = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
HOURS = Window(since=SINCE, until=AT)
PHRASE = Query(kind="phrase", text="Почему я ушёл")
TITLE = Query(kind="title", text="Почему я ушёл")
FIRST, LAST, NOTHING = "made_up_search_first.json", "made_up_search_last.json", "made_up_search_nothing.json"
VIDEOS, POSTS_BY_ID, VIDEOS_BY_ID = "made_up_videos.json", "made_up_posts_by_id.json", "made_up_videos_by_id.json"
ASKED = [Known(id=f"-1001_{number}") for number in (11, 12, 13, 99)]
ASKED_VIDEOS = [Known(id=f"video-1001_{number}") for number in (12, 14, 15, 16, 17, 99)]


def _searches(collector: Collector) -> Iterator[Page]:
    return collector.search(TITLE, HOURS, None)


def _rereads(collector: Collector) -> Iterator[Page]:
    return collector.reread(ASKED + ASKED_VIDEOS)


CASES: list[Case] = [
    Case(Vk, _searches, [HERE / FIRST, HERE / LAST, HERE / VIDEOS]),
    Case(Vk, _rereads, [HERE / POSTS_BY_ID, HERE / VIDEOS_BY_ID]),
]


def vk(*recordings: str | bytes) -> Vk:
    found = [HERE / name if isinstance(name, str) else name for name in recordings]
    return Vk(Replay(*found, fetched_at=AT), {"VK_TOKEN": "s3cret"})


def asked(collector: Vk) -> list[tuple[str, dict[str, str]]]:
    assert isinstance(collector.client, Replay)
    return collector.client.asked


def spans(collector: Vk) -> list[tuple[int, int]]:
    """Return the stretches that were asked for, in minutes before the end."""
    end = int(AT.timestamp())
    return [((end - int(p["start_time"])) // 60, (end - int(p["end_time"])) // 60) for _, p in asked(collector)]


def an_answer(items: int = 1, total: int = 1, at: datetime = AT, following: str | None = None) -> bytes:
    date = int(at.timestamp())
    rows = [{"id": n + 1, "owner_id": -1001, "from_id": -1001, "date": date, "text": "Почему"} for n in range(items)]
    told: dict[str, Any] = {"items": rows, "count": items, "total_count": total}
    return json.dumps({"response": told | ({"next_from": following} if following else {})}).encode()


def an_error(code: int, message: str = "no", **more: Any) -> bytes:
    return json.dumps({"error": {"error_code": code, "error_msg": message, **more}}).encode()


def test_it_keeps_the_contract() -> None:
    check_collector(Vk)


def test_a_post_comes_with_its_account_counts_links_and_time() -> None:
    post = check_search(vk(FIRST, LAST), PHRASE, HOURS)[0].posts[0]
    assert (post.id, post.kind, post.url) == ("-1001_11", "post", "https://vk.com/wall-1001_11")
    assert post.text is not None
    assert post.text.startswith("Почему я ушёл")
    assert post.published_at == datetime(2026, 11, 22, 22, 50, tzinfo=UTC)
    assert post.counts == Counts(views=5120, likes=40, shares=7, comments=3)
    assert post.author is not None
    assert (post.author.id, post.author.names, post.author.followers) == (
        "-1001", ("Выдуманная группа", "made_up_group"), 5200,
    )  # fmt: skip
    assert post.hashtags == ("почемуяушёл",)
    assert post.links == (
        "https://youtu.be/abcdefghijk", "https://news.example/ru/why", "https://vkvideo.ru/video-1001_12", "https://example.org/source",
    )  # fmt: skip
    assert post.duration_s == 754


def test_a_repost_names_what_it_shares_and_the_originals_stand_aside() -> None:
    _, repost, near, far = check_search(vk(FIRST, LAST), PHRASE, HOURS)[0].posts
    assert (repost.id, repost.kind, repost.aside, repost.text) == ("2002_21", "repost", False, None)
    assert repost.parents == (Parent(id="-1001_9", relation="repost"),)
    assert "https://vkvideo.ru/video-1001_12" in repost.links  # it shows what it shares
    assert repost.counts == Counts(views=None, likes=0, shares=7, comments=3)
    assert (near.id, near.aside, near.counts) == ("-1001_9", True, Counts())
    assert near.parents == (Parent(id="-3003_5", relation="repost"),)
    assert (far.id, far.aside, far.parents) == ("-3003_5", True, ())


def test_a_reply_names_its_post() -> None:
    (reply,) = check_search(vk(FIRST, LAST), PHRASE, HOURS)[1].posts
    assert (reply.id, reply.kind, reply.parents) == ("-1001_31", "reply", (Parent(id="-1001_9", relation="reply"),))
    assert reply.author is not None
    assert reply.author.names == ("Иван Выдуманный", "made_up_ivan")


def test_an_original_that_was_found_itself_does_not_stand_aside() -> None:
    told = json.loads((HERE / FIRST).read_text("utf-8"))
    told["response"]["items"].append(told["response"]["items"][1]["copy_history"][0])
    del told["response"]["next_from"]
    posts = check_search(vk(json.dumps(told).encode()), PHRASE, HOURS)[0].posts
    assert [(post.id, post.aside) for post in posts if post.id == "-1001_9"] == [("-1001_9", False)]


def test_pages_go_on_and_say_down_to_where_they_have_read() -> None:
    collector = vk(FIRST, LAST)
    first, last = check_search(collector, PHRASE, HOURS)
    middle = datetime(2026, 11, 22, 22, 20, tzinfo=UTC)
    assert (first.window, last.window) == (Window(since=middle, until=AT), Window(since=SINCE, until=middle))
    assert (first.done, last.done, first.claimed_total) == (False, True, 3)
    assert asked(collector)[1][1]["start_from"] == "5/-1001_11"
    url, params = asked(collector)[0]
    assert url == "https://api.vk.com/method/newsfeed.search"
    assert (params["q"], params["count"], params["extended"], params["v"]) == ('"Почему я ушёл"', "200", "1", "5.199")


def test_a_search_goes_on_where_its_cursor_says() -> None:
    first = check_search(vk(FIRST), PHRASE, HOURS)[0]
    again = vk(LAST)
    (last,) = check_search(again, PHRASE, Window(since=AT, until=AT), first.cursor)
    assert asked(again)[0][1]["start_from"] == "5/-1001_11"
    assert last.done


def test_nothing_found_covers_the_window() -> None:
    (page,) = check_search(vk(NOTHING), PHRASE, HOURS)
    assert (page.posts, page.done, page.window, page.claimed_total, page.cut_short) == ([], True, HOURS, 0, None)


def test_results_that_vk_counts_and_does_not_show_are_not_nothing() -> None:
    (page,) = check_search(vk(an_answer(items=0, total=40)), PHRASE, HOURS)
    assert (page.done, page.cut_short, page.window) == (True, "VK shows 0 of 40 results", Window(since=AT, until=AT))


def test_more_than_a_thousand_results_are_asked_for_in_halves_newest_first() -> None:
    answers = [an_answer(total=1_500, following="x"), an_answer(total=1_200), an_answer(), an_answer(), an_answer()]
    collector = vk(*answers)
    pages = check_search(collector, PHRASE, HOURS)
    assert spans(collector) == [(180, 0), (90, 0), (45, 0), (90, 45), (180, 90)]
    assert [page.window for page in pages[2:]] == [
        Window(since=AT - timedelta(minutes=a), until=AT - timedelta(minutes=b)) for a, b in spans(collector)[2:]
    ]
    assert [page.done for page in pages] == [False, False, False, False, True]
    assert {page.claimed_total for page in pages} == {1_500}


def test_halving_ends_at_fifteen_minutes_and_says_so() -> None:
    quarter = Window(since=AT - timedelta(minutes=15), until=AT)
    collector = vk(an_answer(200, 1_500, AT, "x"), an_answer(200, 1_500, AT - timedelta(minutes=9)))
    first, last = check_search(collector, PHRASE, quarter)
    assert (first.done, last.done, last.cut_short) == (False, True, "VK shows 400 of 1500 results")
    assert last.window == Window(since=AT - timedelta(minutes=9), until=AT)


def test_a_page_without_posts_ends_a_stretch_whatever_it_promises() -> None:
    pages = check_search(vk(an_answer(items=0, total=0, following="x"), an_answer()), PHRASE, HOURS)
    assert (len(pages), pages[0].done) == (1, True)


def test_titles_are_looked_for_among_videos_as_well() -> None:
    collector = vk(NOTHING, VIDEOS)
    _, page = check_search(collector, TITLE, HOURS)
    assert [url.rpartition("/")[2] for url, _ in asked(collector)] == ["newsfeed.search", "video.search"]
    video, shown_elsewhere = page.posts
    assert (video.id, video.kind, video.url) == ("video-1001_12", "video", "https://vkvideo.ru/video-1001_12")
    assert (video.title, video.duration_s) == ("Почему я ушёл", 754)
    assert video.counts == Counts(views=1200, likes=90, shares=8, comments=4)
    assert (video.links, video.hashtags) == (("https://example.org/full",), ("почемуяушёл",))
    assert shown_elsewhere.links == ("https://www.youtube.com/embed/abcdefghijk?__ref=vk.api",)
    assert shown_elsewhere.counts == Counts(views=5, comments=4)  # likes and reposts are not shown, which is not 0
    assert (page.done, page.window) == (True, HOURS)


def test_videos_are_read_until_they_are_older_than_the_window() -> None:
    told = json.loads((HERE / VIDEOS).read_text("utf-8"))
    told["response"]["count"] = 900
    young = json.dumps(told).encode()
    for item in told["response"]["items"]:
        item["date"] = int((SINCE - timedelta(days=1)).timestamp())
    collector = vk(NOTHING, young, json.dumps(told).encode(), b"{}")
    pages = check_search(collector, TITLE, HOURS)
    assert [params.get("offset") for _, params in asked(collector)] == [None, "0", "2"]
    assert [page.done for page in pages] == [False, False, True]


@pytest.mark.parametrize("code", [27, 28])
def test_a_key_of_a_service_finds_posts_and_says_that_it_sees_no_videos(code: int) -> None:
    posts, videos = check_search(vk(NOTHING, an_error(code)), TITLE, HOURS)
    assert (posts.done, videos.done, videos.window) == (False, True, None)
    assert videos.cut_short == "VK shows videos only to the key of a user"


def test_a_post_and_a_video_of_one_number_stay_apart() -> None:
    told = json.loads((HERE / VIDEOS).read_text("utf-8"))
    told["response"]["items"][0]["id"] = 11
    first, _, page = check_search(vk(FIRST, LAST, json.dumps(told).encode()), TITLE, HOURS)
    assert (first.posts[0].id, page.posts[0].id) == ("-1001_11", "video-1001_11")
    assert resolve(first.posts[0].url or "").id == first.posts[0].id
    assert resolve(page.posts[0].url or "").kind == "video"


def test_the_key_is_in_no_address() -> None:
    collector = vk(FIRST, LAST)
    check_search(collector, PHRASE)
    assert "s3cret" not in repr(asked(collector))


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("title", "Почему «я» -ушёл", '"Почему я -ушёл"'),
        ("hashtag", "#почемуяушёл", "#почемуяушёл"),
        ("link", "https://youtu.be/abcdefghijk", '"abcdefghijk"'),
        ("link", "https://example.org/a", '"example.org/a"'),
    ],
)
def test_queries_are_written_in_its_language(kind: str, text: str, words: str) -> None:
    collector = vk(NOTHING, NOTHING)
    check_search(collector, Query(kind=kind, text=text))
    assert asked(collector)[0][1]["q"] == words


def test_nothing_is_asked_for_no_words() -> None:
    (page,) = check_search(vk(), Query(kind="title", text='" "'))
    assert (page.done, page.cut_short) == (True, "nothing to ask for")


def test_a_reread_says_of_each_post_what_came_back() -> None:
    collector = vk(POSTS_BY_ID)
    (page,) = check_reread(collector, ASKED)
    assert [(check.id, check.status, check.cause, check.basis) for check in page.availability] == [
        ("-1001_11", "up", None, "stated"),
        ("-1001_12", "gone", "author", "stated"),
        ("-1001_13", "gone", "moderation", "stated"),
        ("-1001_99", "unknown", "missing", "absent"),
    ]
    assert page.availability[2].said == "Запись удалена модератором нарушение правил сообщества"
    assert [(reading.id, reading.counts.views) for reading in page.readings] == [("-1001_11", 6000)]
    assert asked(collector)[0] == (
        "https://api.vk.com/method/wall.getById",
        {"posts": "-1001_11,-1001_12,-1001_13,-1001_99", "count": "200", "v": "5.199"},
    )


def test_videos_are_read_again_apart_from_posts() -> None:
    collector = vk(POSTS_BY_ID, VIDEOS_BY_ID)
    _, page = check_reread(collector, [*ASKED_VIDEOS, *ASKED])
    assert asked(collector)[1][0].endswith("video.get")
    assert asked(collector)[1][1]["videos"] == "-1001_12,-1001_14,-1001_15,-1001_16,-1001_17,-1001_99"
    assert {check.id.rpartition("_")[2]: (check.status, check.cause) for check in page.availability} == {
        "12": ("up", None),
        "14": ("withheld", "geo"),
        "15": ("gone", "legal"),
        "16": ("unknown", None),  # words that we do not know stay unknown
        "17": ("private", "author"),
        "99": ("unknown", "missing"),
    }
    assert page.availability[3].said == "Что-то новое."


@pytest.mark.parametrize(
    ("code", "message", "status", "cause", "basis"),
    [
        (15, "Access denied", "private", "account", "stated"),
        (15, "Access denied: post was not found check post_id param", "unknown", "missing", "absent"),
        (18, "User was deleted or banned", "gone", "account", "stated"),
        (30, "This profile is private", "private", "account", "stated"),
        (30, "Этот профиль закрыт", "private", "account", "stated"),
        (19, "Материал заблокирован по решению суда", "withheld", "legal", "stated"),
    ],
)
def test_an_error_about_one_post_is_its_status(code: int, message: str, status: str, cause: str, basis: str) -> None:
    (page,) = check_reread(vk(an_error(code, message)), ASKED[:1])
    (check,) = page.availability
    assert (check.id, check.status, check.cause, check.basis) == ("-1001_11", status, cause, basis)
    assert check.said == message


def test_an_error_about_one_of_many_is_found_by_halves() -> None:
    closed = (HERE / "made_up_error_private.json").read_bytes()
    empty = b'{"response": {"items": []}}'
    collector = vk(closed, closed, closed, POSTS_BY_ID, empty)
    pages = check_reread(collector, ASKED)
    assert [params["posts"].count(",") + 1 for _, params in asked(collector)] == [4, 2, 1, 1, 2]
    assert pages[0].availability[0].status == "private"


def test_an_access_denied_that_is_about_us_is_no_status_of_a_post() -> None:
    with pytest.raises(Refused):
        list(vk(an_error(15, "Access denied", error_subcode=1133)).reread(ASKED[:1]))


def test_a_hundred_posts_are_read_at_once() -> None:
    empty = b'{"response": {"items": []}}'
    collector = vk(empty, empty)
    check_reread(collector, [Known(id=f"-1_{number}") for number in range(101)])
    assert [params["posts"].count(",") + 1 for _, params in asked(collector)] == [100, 1]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("made_up_error_too_many.json", RateLimited),
        (an_error(9), RateLimited),
        ("made_up_error_captcha.json", Refused),
        (an_error(5), Refused),
        (an_error(7), Refused),
        (an_error(17), Refused),
        (an_error(1117), Refused),
        (an_error(29), BudgetSpent),
        (an_error(15), Refused),
        (an_error(1), Broken),
        (an_error(10), Broken),
        (an_error(3), Changed),
        (an_error(100), Changed),
        (b'{"status": 429, "body": ""}', RateLimited),
        (b'{"status": 503, "body": ""}', Broken),
        ("made_up_search_changed.json", Changed),
        (b'{"response": []}', Changed),
        (b'{"response": {"items": []}}', Changed),  # no count: it may be anything
        (b'{"response": {"items": {}, "count": 0}}', Changed),
        (b"{}", Changed),
        (b"[]", Changed),
        (b"", Broken),
        (b'{"response": {', Broken),
        ("<html>Пожалуйста, подтвердите, что вы не робот</html>".encode(), Refused),
        (b"<html>hello</html>", Broken),
    ],
)
def test_trouble_is_told_and_never_taken_for_nothing_found(answer: str | bytes, error: type[CollectError]) -> None:
    with pytest.raises(error):
        list(vk(answer).search(PHRASE, HOURS, None))


@pytest.mark.parametrize("code", [6, 9, 29])
def test_who_asked_too_much_hears_when_to_come_back(code: int) -> None:
    with pytest.raises(CollectError) as caught:
        list(vk(an_error(code, "for the account made_up")).search(PHRASE, HOURS, None))
    assert caught.value.retry_at is not None
    assert caught.value.retry_at > AT
    assert "made_up" not in str(caught.value)


@pytest.mark.parametrize(
    "answer", [b"{}", b"[]", b'{"response": [{"id": 1}]}', b'{"response": {"items": [{"id": 1}]}}']
)
def test_a_reread_believes_no_answer_of_another_shape(answer: bytes) -> None:
    with pytest.raises(Changed):
        list(vk(answer).reread(ASKED))


def test_an_odd_post_among_good_ones_is_rejected() -> None:
    told = json.loads((HERE / LAST).read_text("utf-8"))
    told["response"]["items"].append({"id": "x", "owner_id": -1, "date": 1})
    (page,) = check_search(vk(json.dumps(told).encode()), PHRASE, HOURS)
    assert (len(page.posts), [reject.line for reject in page.rejects]) == (1, [2])
