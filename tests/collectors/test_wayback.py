"""The Wayback Machine: recorded rows of its index, and Save Page Now as it is documented."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors._formats import wayback
from collectors.wayback import Wayback
from spillover.contract import Availability, Known, Page, Query, Window
from spillover.errors import Broken, Changed, CollectError, RateLimited, Refused
from spillover.testing import Replay, check_reread, check_search
from tests.collectors.casing import RECORDED as ALL
from tests.collectors.casing import Case

RECORDED = ALL / "wayback"
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WINDOW = Window(since=datetime(2026, 11, 1, tzinfo=UTC), until=AT)
VIDEO = Query(kind="link", text="https://nico.ms/sm43000001?ref=share")
POST = Known(id="sm43000001", platform="niconico", url="https://www.nicovideo.jp/watch/sm43000001")
YOUTUBE = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
KEYS = {"WAYBACK_ACCESS_KEY": "accesskey16chars", "WAYBACK_SECRET_KEY": "secretkey16chars"}
REMOVAL, NOTHING = RECORDED / "made_up_removal.json", RECORDED / "made_up_nothing.json"
CASES = [
    Case(Wayback, lambda one: one.search(VIDEO, WINDOW, None), [REMOVAL]),
    Case(Wayback, lambda one: one.reread([POST]), [REMOVAL]),
]


def archive(*recordings: Path | bytes, secrets: dict[str, str] | None = None) -> Wayback:
    return Wayback(Replay(*recordings, fetched_at=AT), secrets)


def search(*recordings: Path | bytes, query: Query = VIDEO, cursor: str | None = None) -> list[Page]:
    return check_search(archive(*recordings), query, WINDOW, cursor)


def said(page: Page) -> list[tuple[str, str | None, int]]:
    return [(check.status, check.cause, check.checked_at.day) for check in page.availability if check.checked_at]


def test_a_removal_lies_between_the_last_capture_that_was_up_and_the_first_that_was_gone() -> None:
    page = search(REMOVAL)[0]
    assert said(page) == [
        ("up", None, 1), ("up", None, 5), ("unknown", "error", 7), ("gone", "missing", 9), ("gone", "missing", 13),
    ]  # fmt: skip
    assert page.availability[1] == Availability(
        id="sm43000001", platform="niconico", status="up", basis="inferred", vantage="archive",
        checked_at=datetime(2026, 11, 5, tzinfo=UTC), evidence="wayback:20261105000000",
    )  # fmt: skip
    assert (page.posts, page.done, page.window) == ([], True, WINDOW)


def test_the_video_is_asked_for_by_its_own_address() -> None:
    collector = archive(REMOVAL)
    check_search(collector, VIDEO, WINDOW)
    assert isinstance(collector.client, Replay)
    asked = collector.client.asked[0][1]
    assert (asked["url"], asked["from"], asked["to"]) == (POST.url, "20261101000000", "20261123120000")
    assert "collapse" not in asked


def test_a_page_that_answers_200_when_it_is_removed_is_not_known_to_be_up() -> None:
    page = search(REMOVAL, query=Query(kind="link", text=YOUTUBE))[0]
    assert said(page)[:2] == [("unknown", None, 1), ("unknown", None, 5)]
    assert said(page)[-1] == ("gone", "missing", 13)
    assert page.availability[0].evidence == "wayback:20261101000000"


def test_a_legal_block_is_withheld() -> None:
    assert said(search(RECORDED / "made_up_withheld.json")[0]) == [("withheld", "legal", 1)]


def test_real_rows_of_redirects_and_revisits_of_nothing_tell_nothing() -> None:
    page = search(RECORDED / "dw_with_revisits.json")[0]
    assert {(check.status, check.cause) for check in page.availability} == {("unknown", "error")}


def test_a_real_row_of_a_page_that_is_not_there_is_gone() -> None:
    (check,) = search(RECORDED / "nasa_not_found.json")[0].availability
    assert (check.status, check.checked_at) == ("gone", datetime(2022, 1, 19, 9, 1, 22, tzinfo=UTC))


def test_pages_follow_the_archives_own_key() -> None:
    collector = archive(RECORDED / "cnn_first_page.json", RECORDED / "cnn_last_page.json")
    first, last = check_search(collector, VIDEO, WINDOW)
    assert isinstance(collector.client, Replay)
    assert collector.client.asked[1][1]["resumeKey"] == "com%2Ccnn%29%2F+2001041400593%3A"
    assert (first.done, last.done, last.cursor) == (False, True, None)
    again = archive(RECORDED / "cnn_last_page.json")
    page = check_search(again, VIDEO, Window(since=AT, until=AT), first.cursor)[0]
    assert isinstance(again.client, Replay)
    assert again.client.asked[0][1] == collector.client.asked[1][1]
    assert page.window == WINDOW


def test_after_the_archives_own_limit_it_says_that_there_is_more() -> None:
    cursor = '{"from": "20261101000000", "to": "20261123120000", "limit": 10000, "read": 149999, "resumeKey": "k"}'
    page = search(RECORDED / "cnn_first_page.json", cursor=cursor)[0]
    assert (page.done, page.cut_short) == (True, "the archive gives 150000 captures at most")


def test_no_capture_says_nothing_about_a_post() -> None:
    page = search(NOTHING)[0]
    assert (page.availability, page.window, page.done, page.cut_short) == ([], WINDOW, True, None)
    reread = list(archive(NOTHING).reread([POST]))
    assert [([check.status for check in page.availability], page.done) for page in reread] == [(["unknown"], True)]


def test_rows_that_cannot_be_read_are_rejects_among_good_ones() -> None:
    page = search(RECORDED / "made_up_malformed.json")[0]
    assert [reject.line for reject in page.rejects] == [2, 3]
    assert said(page) == [("up", None, 1), ("up", None, 3)]


def test_an_address_of_no_platform_is_not_asked_for() -> None:
    page = search(query=Query(kind="link", text="https://news.example/a/1"))[0]
    assert (page.done, page.window) == (True, None)
    assert page.cut_short is not None


def test_only_links_to_videos_of_known_platforms_are_for_the_archive() -> None:
    assert Wayback.takes(VIDEO)
    assert not Wayback.takes(Query(kind="link", text="https://news.example/a/1"))


def test_an_answer_that_did_not_change_is_not_read_again() -> None:
    pages = list(archive(b'{"status": 304, "body": ""}').reread([POST]))
    assert [([check.status for check in page.availability], page.rejects) for page in pages] == [(["unknown"], [])]


def test_posts_are_read_one_by_one_and_what_the_archive_excludes_ends_no_run() -> None:
    posts = [POST, Known(id="b", platform="vimeo"), Known(id="c", platform="vimeo", url="https://vimeo.com/1"), POST]
    pages = list(archive(REMOVAL, RECORDED / "made_up_excluded.json", REMOVAL).reread(posts))
    assert [len(page.availability) for page in pages] == [6, 0, 1, 6]  # the last one says when the archive was asked
    assert pages[1].cut_short == "a post without an address that may be asked for"
    assert pages[2].cut_short == "the archive excludes this page"
    assert [page.done for page in pages] == [False, False, False, True]


def test_a_reread_speaks_for_the_posts_own_platform() -> None:
    page = check_reread(archive(REMOVAL), [POST])[0]
    assert {(check.id, check.platform) for check in page.availability} == {("sm43000001", "niconico")}
    assert "niconico" in Wayback.rereads and "youtube" not in Wayback.rereads


def test_a_private_address_is_not_asked_for() -> None:
    collector = archive()
    pages = list(collector.reread([Known(id="x", platform="telegram", url="https://t.me/+AbCdEfGhIjKlMnOp")]))
    assert isinstance(collector.client, Replay)
    assert (len(pages), collector.client.asked) == (1, [])


@pytest.mark.parametrize(
    ("recording", "error"),
    [
        (b'{"status": 429, "headers": {"retry-after": "3600"}, "body": ""}', RateLimited),
        (b'{"status": 403, "body": "Forbidden"}', Refused),
        (b'{"status": 503, "body": ""}', Broken),
        (b'{"status": 404, "body": "[]"}', Changed),
        (b"org.archive.util.io.RuntimeIOException: java.net.SocketTimeoutException: Read timed out", Broken),
        (b"<html><title>Wayback Machine</title></html>", Broken),
        (b"<html>captcha</html>", Refused),
        ("made_up_changed.json", Changed),
        (b"{}", Changed),
        (b'[["timestamp", "orig', Broken),
        (b'[["timestamp","original","statuscode","mimetype","digest"],["x"]]', Changed),
    ],
)
def test_no_trouble_is_taken_for_no_capture(recording: str | bytes, error: type[CollectError]) -> None:
    with pytest.raises(error):
        search(RECORDED / recording if isinstance(recording, str) else recording)
    with pytest.raises(error):
        list(archive(RECORDED / recording if isinstance(recording, str) else recording).reread([POST]))


def test_lines_of_text_in_the_place_of_a_table_are_a_change(shared: Path) -> None:
    with pytest.raises(Changed):
        search(shared / "data/api/wayback/malformed_cdx.txt")


def capture(*names: str, secrets: dict[str, str] | None = None, url: str = YOUTUBE) -> tuple[Page, Replay]:
    collector = archive(*(RECORDED / f"made_up_{name}.json" for name in names), secrets=secrets or KEYS)
    assert isinstance(collector.client, Replay)
    return collector.capture(url), collector.client


def test_a_copy_is_asked_for_and_waited_for() -> None:
    page, client = capture("job", "pending", "saved")
    (check,) = page.availability
    assert (check.platform, check.id, check.evidence) == ("youtube", "dQw4w9WgXcQ", "wayback:20261123120102")
    assert (check.status, check.vantage, page.done) == ("unknown", "archive", True)
    assert client.sent == [
        b"url=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3DdQw4w9WgXcQ&if_not_archived_within=1d&skip_first_archive=1"
    ]
    assert [url.rsplit("/", 1)[1] for url, _ in client.asked] == ["save", "spn2-c4b14f2a", "spn2-c4b14f2a"]


@pytest.mark.parametrize(
    ("names", "reason"),
    [(["same_snapshot"], "The same snapshot"), (["job", "not_saved"], "not saved: error:not-found")],
)
def test_a_copy_that_is_not_made_is_said(names: list[str], reason: str) -> None:
    page, _ = capture(*names)
    assert page.availability == []
    assert page.cut_short is not None and reason in page.cut_short


def test_a_copy_that_never_ends_is_broken_and_one_too_many_is_for_later() -> None:
    with pytest.raises(Broken, match="in time"):
        capture("job", *["pending"] * 40)
    with pytest.raises(RateLimited):
        capture("session_limit")


def test_without_keys_or_of_a_private_address_no_copy_is_asked_for() -> None:
    with pytest.raises(Refused, match="WAYBACK_ACCESS_KEY"):
        capture(secrets={"WAYBACK_ACCESS_KEY": ""})
    with pytest.raises(Refused, match="private"):
        capture(url="https://t.me/+AbCdEfGhIjKlMnOp")


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null"])
def test_a_state_of_another_shape_is_a_change(body: bytes) -> None:
    with pytest.raises(Changed):
        archive(body, secrets=KEYS).capture(YOUTUBE)


def test_the_table_of_honest_platforms_holds_none_that_says_200_for_what_is_removed() -> None:
    assert not set(wayback.HONEST) & {
        "youtube",
        "tiktok",
        "vk",
        "x",
        "weibo",
        "bilibili",
        "telegram",
        "reddit",
        "odysee",
    }
