"""Telegram by Telethon: what becomes of its own objects, made here and not fetched. The wire itself is not tested."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from telethon import errors
from telethon.tl import types as tl
from telethon.tl.types.messages import ChannelMessages

from collectors._formats.telegram_wire import fault
from collectors.telethon import Telethon
from spillover.contract import Availability, Known, Page, Parent, Query, Window
from spillover.errors import Broken, Changed, CollectError, RateLimited, Refused
from spillover.testing import Replay, check_reread, check_search

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FEED = Query(kind="feed", text="https://t.me/MadeUpNews")
NUMBER = 1500000001
HERE = tl.PeerChannel(NUMBER)


def channel(**more: Any) -> tl.Channel:
    known = {"title": "Made Up News", "photo": tl.ChatPhotoEmpty(), "date": AT, "username": "MadeUpNews"}
    return tl.Channel(id=NUMBER, **{**known, "broadcast": True, "participants_count": 12345, **more})


def message(id: int, said: str = "Текст", day: int = 20, **more: Any) -> tl.Message:
    return tl.Message(id=id, peer_id=HERE, date=datetime(2026, 11, day, 10, tzinfo=UTC), message=said, **more)


def answer(*messages: Any, of: tl.Channel | None = None, others: tuple[tl.Channel, ...] = ()) -> dict[str, Any]:
    of = of or channel()
    told = ChannelMessages(pts=1, count=500, messages=[*messages], topics=[], chats=[of, *others], users=[])
    return {"channel": of.to_dict(), "answer": told.to_dict()}


def a_collector(*answers: dict[str, Any]) -> Any:
    """Return a collector that is given answers in order, and the questions that it asked."""
    waiting, asked = list(answers), list[Any]()

    class Told(Telethon):
        def history(self, name: str, before: int) -> dict[str, Any]:
            asked.append((name, before))
            return waiting.pop(0)

        def messages(self, name: str, ids: list[int]) -> dict[str, Any]:
            asked.append((name, ids))
            return waiting.pop(0)

    return Told(Replay(fetched_at=AT)), asked


def search(*answers: dict[str, Any], since: datetime | None = None) -> list[Page]:
    collector, _ = a_collector(*answers)
    return check_search(collector, FEED, Window(since=since or AT))


def standing(told: dict[str, Any]) -> Availability:
    collector, _ = a_collector(told)
    (page,) = check_reread(collector, [Known(id="madeupnews/11", platform="telegram")])
    return page.availability[0]


FILM = tl.MessageMediaDocument(
    document=tl.Document(
        id=1,
        access_hash=1,
        file_reference=b"",
        date=AT,
        mime_type="video/mp4",
        size=1,
        dc_id=1,
        attributes=[tl.DocumentAttributeVideo(duration=65.5, w=1, h=1)],
    )
)


def test_a_message_comes_with_all_its_counts() -> None:
    replies = tl.MessageReplies(replies=7, replies_pts=1, comments=True)
    told = answer(
        message(11, "Видео #новости https://outlet.example/1", media=FILM, views=1234567, forwards=89, replies=replies)
    )
    (post,) = search(told)[0].posts
    assert (post.id, post.platform, post.url) == ("madeupnews/11", "telegram", "https://t.me/madeupnews/11")
    assert (post.kind, post.duration_s, post.hashtags) == ("video", 65.5, ("новости",))
    assert post.links == ("https://outlet.example/1",)
    assert post.published_at == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert post.counts is not None
    assert (post.counts.views, post.counts.shares, post.counts.comments) == (1234567, 89, 7)
    assert post.counts.likes is None
    assert post.author is not None
    assert (post.author.id, post.author.names, post.author.followers) == (
        "1500000001",
        ("madeupnews", "Made Up News"),
        12345,
    )


def test_a_forward_names_the_post_from_which_it_came() -> None:
    other = tl.Channel(id=1600000002, title="Other", photo=tl.ChatPhotoEmpty(), date=AT, username="OtherChannel")
    known = tl.MessageFwdHeader(date=AT, from_id=tl.PeerChannel(1600000002), channel_post=345)
    nameless = tl.MessageFwdHeader(date=AT, from_id=tl.PeerChannel(1700000003), channel_post=9)
    hidden = tl.MessageFwdHeader(date=AT, from_name="Somebody")
    reply = tl.MessageReplyHeader(reply_to_msg_id=11)
    told = answer(
        message(15, reply_to=reply),
        message(14, fwd_from=hidden),
        message(13, fwd_from=nameless),
        message(12, fwd_from=known),
        others=(other,),
    )
    parents = {post.id: post.parents for post in search(told)[0].posts}
    assert parents["madeupnews/12"] == (Parent(id="otherchannel/345", relation="forward"),)
    assert parents["madeupnews/13"] == (Parent(id="1700000003/9", relation="forward"),)
    assert parents["madeupnews/14"] == ()
    assert parents["madeupnews/15"] == (Parent(id="madeupnews/11", relation="reply"),)


def test_links_behind_words_and_previews_are_kept() -> None:
    hidden = tl.MessageEntityTextUrl(offset=0, length=3, url="https://www.youtube.com/watch?v=dQw4w9WgXcQ")
    page = tl.WebPage(id=1, url="https://outlet.example/story", display_url="outlet.example", hash=0)
    told = answer(message(11, "тут", entities=[hidden], media=tl.MessageMediaWebPage(webpage=page)))
    assert search(told)[0].posts[0].links == (
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://outlet.example/story",
    )


def test_a_button_below_a_post_gives_its_link() -> None:
    link = tl.KeyboardInlineButton(text="Смотреть", type=tl.InlineButtonTypeUrl(url="https://youtu.be/dQw4w9WgXcQ"))
    other = tl.KeyboardInlineButton(text="+", type=tl.InlineButtonTypeCallback(data=b"1"))
    rows = [tl.KeyboardInlineButtonRow(buttons=[other, link])]
    told = answer(message(11, "тут", reply_markup=tl.ReplyInlineMarkup(rows=rows)))
    assert search(told)[0].posts[0].links == ("https://youtu.be/dQw4w9WgXcQ",)


def test_what_is_not_shown_is_none_and_what_is_no_post_is_rejected() -> None:
    service = tl.MessageService(id=12, peer_id=HERE, date=AT, action=tl.MessageActionPinMessage())
    page = search(answer(service, message(11)))[0]
    assert [reject.reason for reject in page.rejects] == ["a MessageService is no post"]
    assert page.posts[0].counts is not None
    assert (page.posts[0].counts.views, page.posts[0].counts.comments) == (None, None)


def test_paging_goes_back_to_the_beginning_of_the_window() -> None:
    since = datetime(2026, 11, 11, tzinfo=UTC)
    collector, asked = a_collector(
        answer(message(12, day=21), message(11)), answer(message(10, day=12), message(9, day=10))
    )
    pages = check_search(collector, FEED, Window(since=since))
    assert asked == [("madeupnews", 0), ("madeupnews", 11)]
    edge = datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert [page.window for page in pages] == [Window(since=edge, until=AT), Window(since=since, until=edge)]
    assert ([page.done for page in pages], pages[0].claimed_total) == ([False, True], 500)


def test_an_empty_channel_is_a_real_nothing_found() -> None:
    since = AT - timedelta(days=2)
    (page,) = search(answer(), since=since)
    assert (page.posts, page.window, page.done) == ([], Window(since=since, until=AT), True)


def test_a_group_and_a_closed_channel_are_not_read() -> None:
    for told, why in (
        (answer(of=channel(broadcast=None, megagroup=True)), "persons"),
        ({"refused": "private"}, "private"),
        ({"refused": "nobody"}, "no channel"),
    ):
        (page,) = search(told)
        assert (page.window, page.posts) == (None, [])
        assert page.cut_short is not None
        assert why in page.cut_short


def test_an_answer_of_another_shape_is_changed() -> None:
    for odd in ({}, {"_": "ChannelMessages", "messages": [{}]}, {"messages": None}):
        with pytest.raises(Changed):
            search({"channel": channel().to_dict(), "answer": odd})


def test_posts_are_read_again_by_channel_and_a_deleted_one_is_gone() -> None:
    told = answer(message(11, views=5), tl.MessageEmpty(id=12, peer_id=HERE))
    collector, asked = a_collector(told)
    wanted = [Known(id=f"madeupnews/{number}", platform="telegram") for number in (11, 12, 13)]
    (page,) = check_reread(collector, wanted)
    assert asked == [("madeupnews", [11, 12, 13])]
    states = {check.id: (check.status, check.cause, check.basis) for check in page.availability}
    assert states == {
        "madeupnews/11": ("up", None, "stated"),
        "madeupnews/12": ("gone", None, "stated"),
        "madeupnews/13": ("unknown", "missing", "absent"),
    }
    assert [post.id for post in page.posts] == ["madeupnews/11"]


def test_a_restriction_is_a_statement_with_telegrams_words() -> None:
    law = tl.RestrictionReason(
        platform="all", reason="terms", text="This channel can't be displayed because it violated local laws."
    )
    check = standing(answer(message(11), of=channel(restricted=True, restriction_reason=[law])))
    assert (check.status, check.cause, check.basis) == ("withheld", "legal", "stated")
    assert check.said == "This channel can't be displayed because it violated local laws"


def test_what_one_shop_of_apps_hides_is_withheld_not_gone() -> None:
    porn = tl.RestrictionReason(
        platform="ios", reason="porn", text="This channel can't be displayed because it was used to spread pornography."
    )
    check = standing(answer(message(11, restriction_reason=[porn])))
    assert (check.status, check.cause) == ("withheld", "platform")
    odd = tl.RestrictionReason(platform="all", reason="copyright", text="Words that nobody knows")
    check = standing(answer(message(11, restriction_reason=[odd])))
    assert (check.status, check.cause, check.said) == ("withheld", "legal", "copyright")


def test_a_closed_channel_may_be_closed_to_us_only() -> None:
    check = standing({"refused": "private"})
    assert (check.status, check.cause, check.basis) == ("private", "account", "inferred")
    check = standing({"refused": "nobody"})
    assert (check.status, check.cause, check.basis) == ("unknown", "account", "absent")


def test_a_channel_known_by_number_is_not_asked_for() -> None:
    collector, asked = a_collector()
    (page,) = check_reread(collector, [Known(id="1500000001/11", platform="telegram")])
    assert (asked, page.availability[0].status) == ([], "unknown")


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (errors.FloodWaitError(request=None, capture=90), RateLimited),
        (errors.AuthKeyUnregisteredError(request=None), Refused),
        (errors.SessionRevokedError(request=None), Refused),
        (errors.ServerError(request=None, message="x", code=500), Broken),
        (ConnectionError("cut"), Broken),
        (errors.ChannelPrivateError(request=None), "private"),
        (errors.UsernameNotOccupiedError(request=None), "nobody"),
    ],
)
def test_an_error_is_our_fault_or_the_channels(error: Exception, meaning: type[CollectError] | str) -> None:
    told = fault(error, AT)
    assert told == meaning if isinstance(meaning, str) else isinstance(told, meaning)
    if isinstance(told, RateLimited):
        assert told.retry_at == AT + timedelta(seconds=90)


def test_it_takes_channels_only_and_is_off_unless_named() -> None:
    assert Telethon.takes(FEED)
    assert not Telethon.takes(Query(kind="feed", text="https://outlet.example/feed.xml"))
    (page,) = check_search(Telethon(Replay()), Query(kind="feed", text="https://outlet.example/feed.xml"))
    assert page.cut_short is not None
    assert (Telethon.optional, Telethon.packages, Telethon.rereads) == (True, ("telethon",), ("telegram",))
    source = Path(sys.modules[Telethon.__module__].__file__ or "").read_text("utf-8")
    assert "from telethon" not in source
