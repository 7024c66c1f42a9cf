"""Telegram's public pages: a channel read backwards, a post read again, and all that is no post."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.telegram import Telegram
from spillover.contract import Availability, Interval, Known, Page, Parent, Query, Window
from spillover.errors import Broken, Changed, RateLimited, Refused
from spillover.testing import Replay, check_reread, check_search
from tests.collectors.casing import RECORDED as ALL
from tests.collectors.casing import Case

RECORDED = ALL / "telegram"
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CHANNEL = Query(kind="feed", text="https://t.me/s/MadeUpNews")
POST = Known(id="madeupnews/11", url="https://t.me/madeupnews/11", platform="telegram")
CASES = [
    Case(
        Telegram,
        lambda collector: collector.search(CHANNEL, Window(since=datetime(2026, 11, 1, tzinfo=UTC)), None),
        [RECORDED / "made_up_channel.html", RECORDED / "made_up_channel_older.html"],
    ),
    Case(Telegram, lambda collector: collector.reread([POST]), [RECORDED / "made_up_widget.html"]),
]


def search(*names: str, since: datetime | None = None) -> list[Page]:
    client = Replay(*(RECORDED / name for name in names), fetched_at=AT)
    return check_search(Telegram(client), CHANNEL, Window(since=since))


def standing(name: str) -> Availability:
    page = check_reread(Telegram(Replay(RECORDED / name, fetched_at=AT)), [POST])[0]
    assert page.posts == []
    return page.availability[0]


def test_a_channel_is_read_with_all_that_its_page_shows() -> None:
    first = search("made_up_channel.html")[0].posts[0]
    assert (first.id, first.url, first.kind) == ("madeupnews/11", "https://t.me/madeupnews/11", "video")
    assert first.text == "Первое видео & текст #новости\nСмотри здесь"
    assert (first.hashtags, first.duration_s) == (("новости",), 65.0)
    assert first.links == ("https://www.youtube.com/watch?v=dQw4w9WgXcQ",)
    assert first.published_at == datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    assert first.counts is not None
    assert first.counts.views == Interval(1_150_000, 1_249_999, 1_200_000)
    assert (first.counts.likes, first.counts.shares, first.counts.comments) == (None, None, None)


def test_a_channel_is_known_by_its_number_and_its_names() -> None:
    author = search("made_up_channel.html")[0].posts[0].author
    assert author is not None
    assert (author.id, author.names, author.followers) == ("1500000001", ("madeupnews", "Made Up News"), 12300)


def test_forwards_and_replies_are_stated_parents() -> None:
    posts = {post.id: post for post in search("made_up_channel.html")[0].posts}
    assert posts["madeupnews/12"].parents == (Parent(id="otherchannel/345", relation="forward"),)
    assert posts["madeupnews/14"].parents == (Parent(id="madeupnews/11", relation="reply"),)
    assert posts["madeupnews/15"].parents == ()  # forwarded from somebody who hides
    assert posts["madeupnews/14"].text == "Ответ"  # not what it answers
    assert posts["madeupnews/14"].links == ("https://outlet.example/story",)


def test_a_button_below_a_post_gives_its_link() -> None:
    page = (RECORDED / "made_up_channel.html").read_text("utf-8")
    button = '<a class="tgme_widget_message_inline_button url_button" href="https://youtu.be/dQw4w9WgXcQ"><span>Смотреть</span></a>'
    told = page.replace('<div class="tgme_widget_message_footer', f'{button}<div class="tgme_widget_message_footer')
    found = Telegram(Replay(told.encode(), fetched_at=AT)).search(CHANNEL, Window(since=AT), None)
    assert next(iter(found)).posts[0].links[-1] == "https://youtu.be/dQw4w9WgXcQ"


def test_reactions_are_no_likes_and_a_count_not_shown_is_none() -> None:
    posts = {post.id: post for post in search("made_up_channel.html")[0].posts}
    liked, plain = posts["madeupnews/14"].counts, posts["madeupnews/15"].counts
    assert liked is not None
    assert plain is not None
    assert liked.likes is None
    assert plain.views is None


def test_a_service_message_is_no_post_and_says_why() -> None:
    page = search("made_up_channel.html")[0]
    assert [post.id for post in page.posts] == [f"madeupnews/{n}" for n in (11, 12, 14, 15)]
    assert [(reject.line, "service message" in reject.reason) for reject in page.rejects] == [(3, True)]


def test_paging_goes_back_until_the_window_begins() -> None:
    client = Replay(RECORDED / "made_up_channel.html", RECORDED / "made_up_channel_older.html", fetched_at=AT)
    since = datetime(2026, 11, 11, tzinfo=UTC)
    pages = check_search(Telegram(client), CHANNEL, Window(since=since))
    assert client.asked == [("https://t.me/s/madeupnews", {}), ("https://t.me/s/madeupnews", {"before": "11"})]
    edge = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    assert [page.window for page in pages] == [Window(since=edge, until=AT), Window(since=since, until=edge)]
    assert [page.done for page in pages] == [False, True]


def test_a_cursor_goes_on_where_it_stopped() -> None:
    cursor = search("made_up_channel.html")[0].cursor
    client = Replay(RECORDED / "made_up_channel_older.html", fetched_at=AT)
    (page,) = check_search(Telegram(client), CHANNEL, Window(), cursor)
    assert client.asked[0][1] == {"before": "11"}
    assert page.window == Window(
        since=datetime(2026, 11, 10, 10, 0, tzinfo=UTC), until=datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    )


def test_a_page_that_comes_again_ends_the_run_without_covering_what_lies_before() -> None:
    page = RECORDED / "made_up_channel.html"
    last = check_search(Telegram(Replay(page, page, fetched_at=AT)), CHANNEL, Window(since=AT.replace(year=2025)))[-1]
    assert (last.done, last.cut_short) == (True, "the channel's page gives the same posts again")
    assert last.window is not None
    assert last.window.since is not None
    assert last.window.since.year == 2026


def test_a_post_that_is_shown_under_another_name_is_unknown() -> None:
    renamed = (
        (RECORDED / "made_up_widget.html").read_text("utf-8").replace('data-post="MadeUpNews', 'data-post="OtherNews')
    )
    page = check_reread(Telegram(Replay(renamed.encode(), fetched_at=AT)), [POST])[0]
    assert [(check.status, check.cause, check.basis) for check in page.availability] == [
        ("unknown", "error", "inferred")
    ]
    assert page.posts == []


def test_what_lies_behind_the_window_is_not_asked() -> None:
    assert [page.done for page in search("made_up_channel.html", since=datetime(2026, 11, 21, tzinfo=UTC))] == [True]


def test_a_channel_without_posts_is_a_real_nothing_found() -> None:
    since = datetime(2026, 11, 1, tzinfo=UTC)
    (page,) = search("made_up_channel_empty.html", since=since)
    assert (page.posts, page.done, page.cut_short) == ([], True, None)
    assert page.window == Window(since=since, until=AT)


def test_a_channel_without_a_preview_is_cut_short_not_empty() -> None:
    (page,) = search("made_up_no_preview.html")
    assert (page.window, page.cut_short) == (None, "no public preview")
    (page,) = search("made_up_restricted.html")
    assert page.cut_short is not None
    assert "used to spread" in page.cut_short


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("https://t.me/s/MadeUpNews", True),
        ("t.me/MadeUpNews", True),
        ("https://outlet.example/feed.xml", False),
        ("https://t.me/+AbCdEfGhIjKlMnOp", False),
        ("https://www.youtube.com/feeds/videos.xml?channel_id=UC1", False),
    ],
)
def test_only_channels_are_its_feeds(text: str, taken: bool) -> None:
    query = Query(kind="feed", text=text)
    assert Telegram.takes(query) is taken
    if not taken:
        (page,) = check_search(Telegram(Replay()), query)
        assert (page.done, page.cut_short is None) == (True, False)


def test_a_post_is_read_again() -> None:
    client = Replay(RECORDED / "made_up_widget.html", fetched_at=AT)
    (page,) = check_reread(Telegram(client), [POST])
    assert client.asked == [("https://t.me/madeupnews/11", {"embed": "1", "mode": "tme"})]
    assert [post.id for post in page.posts] == ["madeupnews/11"]
    assert page.availability[0].status == "up"
    assert page.window == Window(since=AT, until=AT)


def test_a_post_that_is_not_found_is_absent_not_gone() -> None:
    check = standing("made_up_widget_not_found.html")
    assert (check.status, check.cause, check.basis, check.said) == ("unknown", "missing", "absent", "Post not found")
    check = standing("made_up_no_preview.html")
    assert (check.status, check.basis, check.said) == ("unknown", "absent", None)


def test_telegrams_own_words_on_a_channel_are_a_statement() -> None:
    check = standing("made_up_restricted.html")
    assert (check.status, check.cause, check.basis) == ("gone", "platform", "stated")
    assert check.said == "This channel can’t be displayed because it was used to spread …"


def test_an_owners_own_words_are_none() -> None:
    page = search("made_up_channel.html")[0]  # the description says that the channel cannot be displayed
    assert len(page.posts) == 4
    assert page.cut_short is None


def test_a_channel_known_by_number_is_not_asked_for() -> None:
    client = Replay(RECORDED / "made_up_widget.html", fetched_at=AT)
    pages = check_reread(Telegram(client), [Known(id="1500000001/11"), POST])
    assert len(client.asked) == 1
    assert pages[0].cut_short is not None
    assert pages[0].availability[0].status == "unknown"


@pytest.mark.parametrize("mode", ["search", "reread"])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", Broken),
        (b"{}", Changed),
        (b"<html><body>Hello</body></html>", Changed),
        (b"<html><title>Just a moment...</title></html>", Refused),
        ((RECORDED / "made_up_widget.html").read_bytes()[:900], Broken),
        (b'<html><body class="tgme_webpreview"><div class="tgme_channel_info"></div></body></html>', Changed),
        (b'{"status": 429, "headers": {"retry-after": "60"}, "body": ""}', RateLimited),
        (b'{"status": 404, "body": "not found"}', Broken),
        ((RECORDED / "made_up_channel_changed.html").read_bytes(), Changed),
    ],
)
def test_what_is_no_answer_is_never_nothing_found(mode: str, answer: bytes, error: type[Exception]) -> None:
    collector = Telegram(Replay(answer, fetched_at=AT))
    with pytest.raises(error):
        list(collector.search(CHANNEL, Window(), None) if mode == "search" else collector.reread([POST]))


def test_an_odd_message_among_good_ones_is_rejected() -> None:
    page = (RECORDED / "made_up_channel.html").read_text("utf-8").replace("1.2M", "many")
    (found,) = check_search(Telegram(Replay(page.encode(), fetched_at=AT)), CHANNEL, Window(since=AT))
    assert [reject.line for reject in found.rejects] == [1, 3]
    assert len(found.posts) == 3


def test_a_captured_page_reads_like_an_independent_parser_reads_it(shared: Path) -> None:
    folder = shared / "data" / "api" / "telegram"
    expected = json.loads((folder / "t_me_s_telegram.expected.json").read_text("utf-8"))
    page = check_search(Telegram(Replay(folder / "t_me_s_telegram.html", fetched_at=AT)), CHANNEL)[0]
    assert (len(page.posts), page.rejects) == (20, [])
    assert page.cursor is not None
    assert json.loads(page.cursor)["before"] == "435"
    for post, other in zip(page.posts, expected, strict=True):
        assert post.id == f"{other['channel']}/{other['msg_id']}"
        assert post.published_at == datetime.fromisoformat(other["date"])
        assert post.counts is not None
        views = post.counts.views
        assert (views.shown if isinstance(views, Interval) else views) == other["views"]
        assert (post.kind == "video") == (other["media_type"] == "video")
        assert "".join((post.text or "").split()) == "".join(other["text"].split())
