"""Nostr: made-up events over a Replay, scripted relays over real sockets, and the real relay of nostr-sdk."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest

from collectors._formats import nostr as events_of
from collectors._formats.nostr_relay import heard
from collectors.nostr import Nostr
from spillover.client import HttpClient, Place, Rules
from spillover.contract import Known, Page, Query, Window
from spillover.errors import Broken, BudgetSpent, Changed, CollectError, RateLimited, Refused
from spillover.testing import Replay, check_reread, check_search
from tests.collectors.casing import RECORDED
from tests.servers.nostr import Answers, Json, Writer, ask, door, local_relay, publish

FILES = RECORDED / "nostr"
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WINDOW = Window(since=AT - timedelta(days=30), until=AT)
EOSE = ["EOSE", "spillover"]
START = 1_795_000_000  # 18 November 2026
NOTE, REPLY = (
    json.loads(line)[2]["id"] for line in (FILES / "made_up_reread.ndjson").read_text("utf-8").splitlines()[:2]
)


def tag(name: str, at: str | None = None) -> Query:
    return Query(kind="hashtag", text=name, at=at)


def nostr(*recordings: Path | bytes) -> Nostr:
    return Nostr(Replay(*recordings, fetched_at=AT), instances=["wss://nos.lol"])


@contextmanager
def at_relays(*urls: str) -> Iterator[Nostr]:
    place = Place(instances=urls, allow_private=True)
    with HttpClient(Nostr, place, rules=Rules(connect_s=2, idle_s=2, attempts=1)) as client:
        yield Nostr(client, instances=urls)


def searched(url: str, query: Query, window: Window = WINDOW, cursor: str | None = None) -> list[Page]:
    with at_relays(url) as collector:
        return list(collector.search(query, window, cursor))


def frames(*told: Any) -> bytes:
    return b"\n".join(json.dumps(one).encode() for one in told)


def test_a_hashtag_gives_notes_videos_reposts_and_comments() -> None:
    collector = nostr(FILES / "made_up_hashtag.ndjson")
    page = check_search(collector, tag("#CIA"), WINDOW)[0]
    comment, bare, repost, note, video, reply = page.posts  # the note first came inside the repost
    assert [post.kind for post in page.posts] == ["comment", "repost", "repost", "post", "video", "post"]
    assert (note.id, note.lang, note.aside) == (NOTE, "zh", False)
    assert note.text is not None and note.text.startswith("他为什么离开")
    assert note.hashtags == ("CIA", "視頻")
    assert note.links == ("https://youtu.be/dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ")
    assert note.published_at == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert note.author is not None and note.author.id == "a1" * 32
    assert note.counts is None
    assert [(one.id, one.relation) for one in reply.parents] == [(NOTE, "reply"), ("c3" * 32, "quote")]
    assert (video.title, video.text, video.duration_s) == ("Why I left", "A summary.", 29.223)
    assert video.links == ("https://video.example/1.mp4",)
    assert [(one.id, one.relation) for one in repost.parents] == [(NOTE, "repost")]
    assert (repost.text, repost.links) == (note.text, note.links)
    assert repost.author is not None and repost.author.id == "b2" * 32
    assert (bare.text, [one.id for one in bare.parents]) == (None, [video.id])
    assert [(one.id, one.relation) for one in comment.parents] == [(video.id, "reply")]
    assert (page.window, page.done, page.cut_short) == (WINDOW, True, None)


def test_a_changed_event_is_a_reject() -> None:
    page = check_search(nostr(FILES / "made_up_hashtag.ndjson"), tag("CIA"), WINDOW)[0]
    assert [(reject.line, "the id is not" in reject.reason) for reject in page.rejects] == [(7, True)]


def test_what_is_asked_names_kinds_times_and_the_spellings() -> None:
    collector = nostr(FILES / "made_up_nothing.ndjson")
    check_search(collector, tag("#CIA"), WINDOW)
    check_search(collector, Query(kind="link", text="https://youtu.be/dQw4w9WgXcQ?si=x"), WINDOW)
    assert isinstance(collector.client, Replay)
    by_tag, by_link = (json.loads(question)[2] for question in collector.client.sent)
    assert (by_tag["#t"], by_tag["since"], by_tag["until"]) == (["CIA", "cia"], 1792843200, 1795435200)
    assert {1, 6, 16, 21, 22, 1111} <= set(by_tag["kinds"])
    assert 7 not in by_tag["kinds"]
    assert {"https://youtu.be/dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"} < set(by_link["#r"])
    assert collector.client.asked[0][0] == "wss://nos.lol"


def test_nothing_found_covers_its_window() -> None:
    page = check_search(nostr(FILES / "made_up_nothing.ndjson"), tag("nobody"), WINDOW)[0]
    assert (page.posts, page.done, page.window, page.cut_short) == ([], True, WINDOW, None)


def test_a_second_reading_tells_kept_deleted_and_absent_apart() -> None:
    absent, asked_gone = "e5" * 32, "d4" * 32
    ids = [NOTE, REPLY, absent, asked_gone, "note1abc"]
    page = check_reread(nostr(FILES / "made_up_reread.ndjson"), [Known(id=one) for one in ids])[0]
    told = {check.id: (check.status, check.cause, check.basis) for check in page.availability}
    assert told == {
        NOTE: ("gone", "author", "stated"),  # its own key asked for it
        REPLY: ("up", None, "stated"),  # another key did
        absent: ("unknown", "missing", "absent"),
        asked_gone: ("unknown", "missing", "absent"),  # by a key that nothing can be compared with
        "note1abc": ("unknown", "error", "absent"),
    }
    said = {check.id: check.said for check in page.availability}
    assert said[NOTE] == "published by mistake"
    assert said[absent] is None
    assert "could not be compared" in (said[asked_gone] or "")
    assert NOTE not in {post.id for post in page.posts}  # what its author took back is not kept anew
    assert [post.kind for post in page.posts] == ["post", "repost"]


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (["CLOSED", "spillover", "auth-required: log in"], Refused),
        (["CLOSED", "spillover", "restricted: members only"], Refused),
        (["CLOSED", "spillover", "unsupported: filter contains unknown elements"], Refused),
        (["CLOSED", "spillover", "rate-limited: slow down", "60000"], RateLimited),
        (["CLOSED", "spillover", "error: could not connect to the database"], Broken),
        (["NOTICE", "ERROR: bad req: filter too large"], Broken),
        (["NOTICE", "invalid client message"], Refused),
        (["NOTICE", "Too many subscriptions, slow down"], RateLimited),
        (["HELLO"], Changed),
        ({}, Changed),
        ("EOSE", Changed),
        (["EVENT", "spillover", "no object"], Changed),
        (["EOSE", "spillover", 5], Changed),
    ],
)
def test_what_a_relay_says_against_us_is_told_apart(told: Any, error: type[CollectError]) -> None:
    with pytest.raises(error):
        list(nostr(frames(told, EOSE)).search(tag("cia"), WINDOW, None))


def test_a_greeting_and_a_challenge_are_no_refusal() -> None:
    body = frames(["NOTICE", "Welcome to this relay"], ["AUTH", "challenge"], EOSE)
    assert check_search(nostr(body), tag("cia"), WINDOW)[0].done


@pytest.mark.parametrize("body", [b"garbage", b'["EVENT", "spillover", {"id', b"null", b"<html>"])
def test_what_is_no_message_is_changed(body: bytes) -> None:
    with pytest.raises(Changed):
        list(nostr(body).search(tag("cia"), WINDOW, None))


@pytest.mark.parametrize("event", [{}, {"id": "ab"}, {"kind": 7}, {"tags": None}, {"content": 5}])
def test_events_none_of_which_can_be_read_are_changed(event: Json) -> None:
    with pytest.raises(Changed):
        list(nostr(frames(["EVENT", "spillover", event], EOSE)).search(tag("cia"), WINDOW, None))


def test_events_of_other_times_than_asked_for_are_changed() -> None:
    event = Writer().event("old", ["t", "cia"], at=START)
    later = Window(since=datetime.fromtimestamp(START + 5, UTC), until=AT)
    with pytest.raises(Changed, match="other times"):
        list(nostr(frames(["EVENT", "spillover", event], EOSE)).search(tag("cia"), later, None))


def scripted(*events: Json, most: int = 500, until_is_in: bool = True, hints: list[Any] | None = None) -> Answers:
    """A relay that gives the newest ``most`` of its events, and takes ``until`` as it likes."""

    def answers(question: list[Any]) -> Iterable[Any]:
        asked = question[2]
        fit = [
            event
            for event in sorted(events, key=lambda event: (-event["created_at"], event["id"]))
            if asked["since"] <= event["created_at"] < asked["until"] + until_is_in
        ]
        yield from (["EVENT", question[1], event] for event in fit[:most])
        yield [*EOSE, *([hints] if hints is not None else [])]

    return answers


@pytest.mark.parametrize("until_is_in", [True, False])
def test_paging_loses_nothing_whether_until_is_included_or_not(until_is_in: bool) -> None:
    writer = Writer()
    written = [writer.event(f"{number}", ["t", "cia"], at=START + number // 4) for number in range(120)]
    with door(scripted(*written, most=25, until_is_in=until_is_in)) as url:
        pages = searched(url, tag("cia", url))
    found = [post.id for page in pages for post in page.posts]
    assert sorted(found) == sorted(event["id"] for event in written)
    assert [page.done for page in pages] == [False] * (len(pages) - 1) + [True]
    assert pages[0].window is not None and pages[0].window.until == WINDOW.until
    assert pages[-1].window is not None and pages[-1].window.since == WINDOW.since
    assert not any(page.cut_short for page in pages)


def test_a_search_goes_on_where_its_cursor_says() -> None:
    writer = Writer()
    written = [writer.event(f"{number}", ["t", "cia"], at=START + number) for number in range(60)]
    with door(scripted(*written, most=25)) as url, at_relays(url) as collector:
        first = next(iter(collector.search(tag("cia", url), WINDOW, None)))
        rest = list(collector.search(tag("cia", url), Window(), first.cursor))
    found = {post.id for page in (first, *rest) for post in page.posts}
    assert found == {event["id"] for event in written}
    assert rest[-1].window is not None and rest[-1].window.since == WINDOW.since


def test_a_second_that_holds_more_than_the_relay_gives_is_said_and_passed() -> None:
    writer = Writer()
    flood = [writer.event(f"{number}", ["t", "cia"], at=START + 9) for number in range(40)]
    before = writer.event("before", ["t", "cia"], at=START)
    with door(scripted(before, *flood, most=25)) as url:
        pages = searched(url, tag("cia", url))
    assert sum(page.cut_short is not None for page in pages) >= 1
    assert before["id"] in {post.id for page in pages for post in page.posts}
    assert pages[-1].done


def test_a_flood_in_the_first_second_of_a_window_ends_the_search_there() -> None:
    writer = Writer()
    flood = [writer.event(f"{number}", ["t", "cia"], at=START) for number in range(40)]
    window = Window(since=datetime.fromtimestamp(START, UTC), until=AT)
    with door(scripted(*flood, most=25)) as url:
        pages = searched(url, tag("cia", url), window)
    assert [page.done for page in pages] == [False] * (len(pages) - 1) + [True]
    assert pages[-1].cut_short
    assert all(
        page.window and page.window.since and page.window.since >= window.since for page in pages if window.since
    )


def test_a_relay_that_says_it_gave_all_is_asked_once() -> None:
    writer = Writer()
    written = [writer.event(f"{number}", ["t", "cia"], at=START + number) for number in range(30)]
    with door(scripted(*written, hints=["finish"])) as url:
        pages = searched(url, tag("cia", url))
    assert [(len(page.posts), page.done) for page in pages] == [(30, True)]


def test_a_relay_that_says_it_has_more_is_asked_again() -> None:
    writer = Writer()
    written = [writer.event(f"{number}", ["t", "cia"], at=START + number) for number in range(12)]
    with door(scripted(*written, most=5, hints=["more"])) as url:
        pages = searched(url, tag("cia", url))
    assert len({post.id for page in pages for post in page.posts}) == 12


def test_a_relay_that_is_cut_in_the_middle_is_broken_and_gives_nothing() -> None:
    def cut(question: list[Any]) -> Iterable[Any]:
        yield ["EVENT", "spillover", Writer().event("one", ["t", "cia"])]
        raise ConnectionError

    with door(cut) as url, pytest.raises(Broken):
        searched(url, tag("cia", url))


def test_a_relay_that_never_ends_its_answer_is_broken() -> None:
    with door(lambda question: []) as url, pytest.raises(Broken, match="said nothing"):
        searched(url, tag("cia", url))


def test_a_run_that_is_stopped_in_the_middle_says_so() -> None:
    with door(lambda question: []) as url, at_relays(url) as collector:
        assert isinstance(collector.client, HttpClient)
        collector.client.stop.set()
        with pytest.raises(BudgetSpent, match="stopped"):
            list(collector.search(tag("cia", url), WINDOW, None))


@pytest.mark.parametrize("document", [b"{}", b'{"supported_nips": [1, 9, 11]}'])
def test_words_are_not_asked_of_a_relay_that_does_not_say_it_searches(document: bytes) -> None:
    asked: list[Any] = []
    with door(asked.append, document) as url:  # type: ignore[arg-type]
        pages = searched(url, Query(kind="phrase", text="why I left", at=url))
    assert asked == []
    assert [(page.done, page.window, bool(page.cut_short)) for page in pages] == [(True, None, True)]


@pytest.mark.parametrize(("document", "error"), [(None, Broken), (b"[]", Changed), (b"<html>", Broken)])
def test_a_relay_without_a_document_is_not_taken_for_one_that_found_nothing(
    document: bytes | None, error: type[CollectError]
) -> None:
    with door(scripted(), document) as url, pytest.raises(error):
        searched(url, Query(kind="phrase", text="why I left", at=url))


def test_words_that_find_more_than_a_relay_gives_are_asked_in_halves() -> None:
    writer = Writer()
    written = [writer.event(f"why {number}", at=START + number * 3600) for number in range(40)]
    document = json.dumps({"supported_nips": [1, 50], "limitation": {"max_limit": 25}}).encode()
    questions: list[Any] = []

    def answers(question: list[Any]) -> Iterable[Any]:
        questions.append(question[2])
        return scripted(*written, most=25)(question)

    with door(answers, document) as url:
        pages = searched(url, Query(kind="title", text="lang: why", at=url))
    assert {post.id for page in pages for post in page.posts} == {event["id"] for event in written}
    assert questions[0]["search"] == "lang why"
    assert pages[0].window == Window(since=AT, until=AT)
    assert pages[-1].done and not any(page.cut_short for page in pages)


def test_one_relay_of_two_that_fails_is_named_and_the_other_is_heard() -> None:
    event = Writer().event("here")
    with local_relay() as kept, door(lambda question: [["CLOSED", "spillover", "restricted: no"]]) as closed:
        publish(kept, event)
        with at_relays(kept, closed) as collector:
            page = next(iter(collector.reread([Known(id=event["id"]), Known(id="e5" * 32)])))
        with at_relays(closed) as collector, pytest.raises(Refused):
            list(collector.reread([Known(id=event["id"])]))
    assert [(check.status, check.cause) for check in page.availability] == [("up", None), ("unknown", "error")]
    assert page.cut_short is not None and "restricted" in page.cut_short


def test_a_real_relay_pages_by_hashtag_and_by_link() -> None:
    writer = Writer()
    video = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
    written = [writer.event(f'帖子 {n} \x01 "\\', ["t", "cia"], ["r", video], at=START + n // 3) for n in range(100)]
    other = writer.event("else", ["t", "else"], at=START)
    with local_relay(most=30) as url:
        publish(url, *written, other)
        by_tag = searched(url, tag("CIA", url))
        by_link = searched(url, Query(kind="link", text="https://youtu.be/dQw4w9WgXcQ", at=url))
    for pages in (by_tag, by_link):
        found = [post.id for page in pages for post in page.posts]
        assert sorted(found) == sorted(event["id"] for event in written)
        assert not [reject for page in pages for reject in page.rejects]  # our hash is theirs, also of odd characters


def test_a_real_relay_finds_words_behind_a_document_that_says_so() -> None:
    writer = Writer()
    written = [writer.event(text, at=START) for text in ("他为什么离开中情局", "why I left", "nothing")]
    with local_relay() as url:
        publish(url, *written)
        with door(lambda question: ask(url, question), b'{"supported_nips": [1, 50]}') as search:
            page = searched(search, Query(kind="phrase", text="为什么离开", at=search))[0]
    assert ([post.id for post in page.posts], page.done, page.window) == ([written[0]["id"]], True, WINDOW)


def test_a_deletion_on_one_real_relay_is_stated_where_another_kept_the_note() -> None:
    author, stranger = Writer(), Writer()
    note, spared = author.event("mine"), author.event("also mine")
    wish = author.event("by mistake", ["e", note["id"]], kind=5, at=START + 1)
    foreign = stranger.event("not theirs", ["e", spared["id"]], kind=5, at=START + 1)
    repost = stranger.event("", ["e", note["id"]], kind=6, at=START + 2)
    with local_relay() as keeps, local_relay() as deletes:
        publish(keeps, note, spared, repost)
        publish(deletes, note)
        publish(deletes, wish, foreign)
        with at_relays(keeps, deletes) as collector:
            page = next(iter(collector.reread([Known(id=note["id"]), Known(id=spared["id"])])))
        with at_relays(deletes) as collector:
            alone = next(iter(collector.reread([Known(id=note["id"])])))
    assert [(check.status, check.cause, check.said) for check in page.availability] == [
        ("gone", "author", "by mistake"),
        ("up", None, None),
    ]
    assert {(post.kind, post.id) for post in page.posts} == {("post", spared["id"]), ("repost", repost["id"])}
    assert [(check.status, check.basis) for check in alone.availability] == [("unknown", "absent")]


def test_the_ids_of_given_real_events_are_the_hashes_that_we_compute(shared: Path) -> None:
    told = [
        json.loads(line)[-1]
        for path in sorted((shared / "data" / "api" / "nostr").glob("*.json"))
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("[")
    ]
    notes = [event for event in told if event["kind"] in events_of.KINDS]
    assert len(told) > 200
    assert len(notes) > 10
    assert all(events_of.checked(event) for event in told)
    for event in notes:
        assert next(post for post in events_of.posts(event) if not post.aside).id == event["id"]


def test_a_relay_that_does_not_come_to_an_end_is_broken() -> None:
    with pytest.raises(Broken, match="end"):
        heard(repeat(b'["AUTH", "challenge"]'))
