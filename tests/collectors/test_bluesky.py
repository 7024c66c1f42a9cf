"""Bluesky's API: counts, standing, quotes and search; made-up answers to the form of the lexicons."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from atproto import models
from atproto_client.exceptions import ModelError
from atproto_client.models.utils import get_or_create

from collectors.bluesky import Bluesky
from spillover import (
    Broken,
    Changed,
    Collector,
    Counts,
    Known,
    Page,
    Parent,
    Query,
    RateLimited,
    Refused,
    Window,
    resolve,
)
from spillover.testing import Replay, check_reread, check_search
from tests.collectors.casing import RECORDED, Case
from tests.collectors.loading import load

FOLDER = RECORDED / "bluesky"
POSTS, QUOTES, SEARCH = (FOLDER / f"made_up_{name}.json" for name in ("get_posts", "get_quotes", "search_posts"))
MORE, NOTHING = FOLDER / "made_up_search_posts_2.json", FOLDER / "made_up_nothing_found.json"
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
SINCE = datetime(2026, 11, 1, tzinfo=UTC)
ONE, TWO, THREE = (
    Known(id=f"at://did:plc:{letter * 24}/app.bsky.feed.post/3lmadeup{key}")
    for letter, key in (("a", "one2a"), ("b", "two2b"), ("c", "thr2c"))
)
LOST = Known(id="at://did:plc:dddddddddddddddddddddddd/app.bsky.feed.post/3lmadeuplos2d")
LINK = Query(kind="link", text="https://www.youtube.com/watch?v=V5lDo-jw8mA")


def reread(collector: Collector) -> Iterator[Page]:
    return collector.reread([ONE, TWO, THREE])


def search(collector: Collector) -> Iterator[Page]:
    return collector.search(LINK, Window(since=SINCE, until=AT), None)


CASES = [Case(Bluesky, reread, [POSTS, QUOTES]), Case(Bluesky, search, [SEARCH, MORE])]


def bluesky(*answers: Any, token: str = "") -> Bluesky:
    packed = [json.dumps(answer).encode() if isinstance(answer, dict) else answer for answer in answers]
    return Bluesky(Replay(*packed, fetched_at=AT), {"BLUESKY_TOKEN": token})


def asked(collector: Bluesky) -> list[tuple[str, dict[str, list[str]]]]:
    assert isinstance(collector.client, Replay)
    parts = [urlsplit(url) for url, _ in collector.client.asked]
    return [(f"{part.hostname}{part.path}", parse_qs(part.query)) for part in parts]


def a_view(**changes: Any) -> dict[str, Any]:
    view: dict[str, Any] = json.loads(POSTS.read_text("utf-8"))["posts"][0] | {"quoteCount": 0}
    return view | changes


@pytest.mark.parametrize(
    ("path", "model"),
    [
        (POSTS, models.AppBskyFeedGetPosts.Response),
        (QUOTES, models.AppBskyFeedGetQuotes.Response),
        (SEARCH, models.AppBskyFeedSearchPosts.Response),
        (MORE, models.AppBskyFeedSearchPosts.Response),
        (NOTHING, models.AppBskyFeedSearchPosts.Response),
    ],
)
def test_what_we_made_up_has_the_form_of_the_lexicons(path: Any, model: Any) -> None:
    answer = json.loads(path.read_text("utf-8"))
    assert isinstance(get_or_create(answer, model, strict=True), model)
    wrong = {**answer, "posts": [{**post, "likeCount": "5"} for post in answer["posts"]] or None}
    with pytest.raises(ModelError):  # a check that cannot fail proves nothing
        get_or_create(wrong, model, strict=True)


def test_counts_are_read_and_shares_are_reposts_without_quotes() -> None:
    collector = bluesky(POSTS, QUOTES)
    page = check_reread(collector, [ONE, TWO, THREE])[0]
    assert asked(collector)[0] == (
        "public.api.bsky.app/xrpc/app.bsky.feed.getPosts",
        {"uris": [ONE.id, TWO.id, THREE.id]},
    )
    assert [reading.counts for reading in page.readings] == [
        Counts(likes=120, shares=34, comments=7),
        Counts(likes=0, shares=0, comments=0),
        Counts(likes=3, shares=0, comments=1),
    ]
    assert {reading.observed_at for reading in page.readings} == {AT}
    assert page.window == Window(since=AT, until=AT)


def test_a_label_of_the_moderation_is_a_stated_removal_and_one_of_the_author_is_none() -> None:
    page = check_reread(bluesky(POSTS, QUOTES), [ONE, TWO, THREE])[0]
    said = [(check.status, check.cause, check.basis, check.said) for check in page.availability]
    assert said == [
        ("up", None, "stated", None),
        ("withheld", "moderation", "stated", "!hide"),
        ("up", None, "stated", None),
    ]
    label = {
        "src": "did:plc:ar7c4by46qjdydhdevvrndac",
        "uri": ONE.id,
        "val": "!takedown",
        "cts": "2026-11-21T00:00:00Z",
    }
    (gone,) = check_reread(bluesky({"posts": [a_view(labels=[label])]}), [ONE])[0].availability
    assert (gone.status, gone.cause, gone.said) == ("gone", "moderation", "!takedown")


def test_what_is_left_out_is_unknown_and_never_gone() -> None:
    (page,) = check_reread(bluesky({"posts": []}), [ONE, LOST])
    assert [(check.id, check.status, check.cause, check.basis) for check in page.availability] == [
        (ONE.id, "unknown", "missing", "absent"),
        (LOST.id, "unknown", "missing", "absent"),
    ]
    assert page.readings == []


def test_a_count_that_is_not_shown_is_none() -> None:
    view = a_view()
    del view["likeCount"], view["replyCount"]
    assert check_reread(bluesky({"posts": [view]}), [ONE])[0].readings[0].counts == Counts(shares=34)


def test_a_post_that_was_asked_for_by_the_name_of_its_account_is_known_again() -> None:
    named = Known(id="at://one.example/app.bsky.feed.post/3lmadeupone2a")
    page = check_reread(bluesky({"posts": [a_view()]}), [named])[0]
    assert [(check.id, check.status) for check in page.availability] == [(named.id, "up")]


def test_twenty_five_posts_go_into_a_call() -> None:
    posts = [Known(id=f"at://did:plc:{'e' * 24}/app.bsky.feed.post/3lmany{number}") for number in range(60)]
    collector = bluesky(*[{"posts": []}] * 3)
    pages = check_reread(collector, posts)
    assert [len(query["uris"]) for _, query in asked(collector)] == [25, 25, 10]
    assert sum(len(page.availability) for page in pages) == 60


def test_an_id_that_is_no_address_is_not_asked_for_and_spoils_no_other() -> None:
    collector = bluesky({"posts": [a_view()]})
    first, second = check_reread(collector, [ONE, Known(id="3lmadeupone2a")])
    assert [(check.id, check.cause) for check in first.availability] == [("3lmadeupone2a", "error")]
    assert (asked(collector)[0][1]["uris"], second.availability[0].status) == ([ONE.id], "up")


def test_quotes_are_posts_that_name_what_they_quote() -> None:
    collector = bluesky(POSTS, QUOTES)
    _, page = check_reread(collector, [ONE, TWO, THREE])
    assert asked(collector)[1] == (
        "public.api.bsky.app/xrpc/app.bsky.feed.getQuotes",
        {"uri": [ONE.id], "limit": ["100"]},
    )
    assert [post.parents for post in page.posts] == [(Parent(id=ONE.id, relation="quote"),)] * 2
    assert [post.text for post in page.posts] == ["What do you say to this?", "这是什么？"]
    quote = page.posts[0]
    assert quote.url is not None
    assert quote.author is not None
    assert quote.author.names == ("two.example", "Two")
    assert (quote.counts, quote.observed_at, resolve(quote.url).platform) == (
        Counts(likes=5, shares=1, comments=0),
        AT,
        "bluesky",
    )


def test_quotes_end_after_two_pages_and_say_so() -> None:
    page = json.loads(QUOTES.read_text("utf-8"))
    collector = bluesky({"posts": [a_view(quoteCount=900)]}, page | {"cursor": "a"}, page | {"cursor": "b"})
    pages = check_reread(collector, [ONE])
    assert [found.cut_short for found in pages] == [None, None, "no more than 200 quotes of a post are read"]
    assert asked(collector)[2][1]["cursor"] == ["a"]


def test_a_search_for_a_link_asks_for_its_address_newest_first() -> None:
    collector = bluesky(NOTHING)
    (page,) = check_search(collector, LINK, Window(since=SINCE, until=AT))
    assert asked(collector) == [
        (
            "api.bsky.app/xrpc/app.bsky.feed.searchPosts",
            {
                "q": ["*"],
                "url": [LINK.text],
                "since": ["2026-11-01T00:00:00+00:00"],
                "until": ["2026-11-23T12:00:00+00:00"],
                "sort": ["latest"],
                "limit": ["100"],
            },
        )
    ]
    assert (page.posts, page.done, page.claimed_total, page.cut_short) == ([], True, 0, None)
    assert page.window == Window(since=SINCE, until=AT)


def test_with_an_account_a_search_pages_to_its_end() -> None:
    collector = bluesky(SEARCH, MORE, token="made-up")
    first, last = check_search(collector, Query(kind="hashtag", text="#film"), Window(since=SINCE, until=AT))
    assert [post.id.rpartition("/")[2] for page in (first, last) for post in page.posts] == [
        "3lmadeuphit2a",
        "3lmadeuphit2b",
        "3lmadeuphit2c",
    ]
    oldest = datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert (first.window, last.window) == (Window(since=oldest, until=AT), Window(since=SINCE, until=oldest))
    assert (first.done, last.done, last.claimed_total) == (False, True, 3)
    assert [query.get("cursor") for _, query in asked(collector)] == [None, ["2"]]
    assert {query["tag"][0] for _, query in asked(collector)} == {"film"}
    assert first.posts[0].links == (LINK.text,)
    assert first.posts[1].parents == (Parent(id=ONE.id, relation="reply"),)


def test_a_search_goes_on_where_its_cursor_says() -> None:
    first = check_search(bluesky(SEARCH, token="made-up"), LINK, Window(since=SINCE, until=AT))[0]
    again = bluesky(MORE, token="made-up")
    (last,) = check_search(again, LINK, Window(until=datetime(2027, 1, 1, tzinfo=UTC)), first.cursor)
    assert (asked(again)[0][1]["cursor"], asked(again)[0][1]["until"]) == (["2"], ["2026-11-23T12:00:00+00:00"])
    assert last.window == Window(since=SINCE, until=datetime(2026, 11, 21, 8, tzinfo=UTC))


def test_without_an_account_a_search_ends_after_the_newest_and_covers_no_more() -> None:
    (page,) = check_search(bluesky(SEARCH), LINK, Window(since=SINCE, until=AT))
    assert page.cut_short == "without a login Bluesky shows only the newest posts"
    assert (page.done, page.window) == (True, Window(since=datetime(2026, 11, 21, 8, tzinfo=UTC), until=AT))


def test_a_cursor_that_leads_nowhere_ends_a_search() -> None:
    turning = json.loads(SEARCH.read_text("utf-8"))
    assert len(check_search(bluesky(turning, turning, token="made-up"), LINK, Window(until=AT))) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (FOLDER / "made_up_rate_limited.json", RateLimited),
        (FOLDER / "made_up_search_forbidden.json", Refused),
        (FOLDER / "made_up_expired_token.json", Refused),
        (FOLDER / "made_up_changed_shape.json", Changed),
        ({"status": 400, "body": {"error": "InvalidRequest", "message": "q is required"}}, Broken),
        ({"status": 404, "body": {"error": "XRPCNotSupported", "message": "XRPCNotSupported"}}, Changed),
        ({"status": 200, "body": {"error": "InternalServerError", "message": "an error with 200"}}, Changed),
        ({}, Changed),
        (b"[]", Changed),
        ({"posts": {}}, Changed),
        ({"posts": [{"uri": ONE.id}]}, Changed),
        (b'{"posts": [', Broken),
        (b"<html>busy</html>", Broken),
        (b"<html>Just a moment...</html>", Refused),
        (b"", Broken),
    ],
)
@pytest.mark.parametrize("ask", [reread, search])
def test_trouble_is_told_and_never_an_empty_page(
    ask: Callable[[Collector], Iterator[Page]], answer: Any, error: Any
) -> None:
    with pytest.raises(error):
        list(ask(bluesky(answer)))


def test_when_to_come_back_is_read_from_the_answer() -> None:
    with pytest.raises(RateLimited) as told:
        list(reread(bluesky(FOLDER / "made_up_rate_limited.json")))
    assert told.value.retry_at is not None


def test_a_token_goes_in_a_header_to_the_search_alone_and_no_message_holds_it() -> None:
    sent: list[tuple[str, Any]] = []

    class Watching(Replay):
        def get(self, url: str, **options: Any) -> Any:
            sent.append((urlsplit(url).hostname or "", options["headers"]))
            return super().get(url, **options)

    secrets = {"BLUESKY_TOKEN": "made-up"}
    list(reread(Bluesky(Watching(POSTS, QUOTES, fetched_at=AT), secrets)))
    with pytest.raises(Refused) as told:
        list(search(Bluesky(Watching(FOLDER / "made_up_expired_token.json"), secrets)))
    assert sent == [
        ("public.api.bsky.app", {}),
        ("public.api.bsky.app", {}),
        ("api.bsky.app", {"Authorization": "Bearer made-up"}),
    ]
    assert "made-up" not in str(told.value)


@pytest.mark.parametrize(
    "odd",
    [
        {"uri": TWO.id, "author": None},
        a_view(uri=TWO.id, likeCount=-1),
        a_view(uri=TWO.id, likeCount="5"),
        a_view(uri=TWO.id, indexedAt="2026-11-20T08:00:00"),
        a_view(uri=TWO.id, record={"text": 5}),
    ],
)
def test_an_odd_post_among_good_ones_is_told_and_the_others_land(odd: dict[str, Any]) -> None:
    (page,) = check_reread(bluesky({"posts": [odd, a_view()]}), [ONE, TWO])
    assert ([reject.line for reject in page.rejects], [reading.id for reading in page.readings]) == ([1], [ONE.id])
    assert [(check.status, check.cause) for check in page.availability] == [("up", None), ("unknown", "error")]


def test_a_saved_answer_is_read_as_a_file() -> None:
    found = load(SEARCH)
    assert (found.format, found.ids[0].rpartition("/")[2], found.posts[0].counts) == (
        "bluesky",
        "3lmadeuphit2a",
        Counts(likes=0, shares=0, comments=0),
    )


PDS = "https://morel.us-east.host.bsky.network"
PLC = {
    "id": LOST.id.split("/")[2],
    "service": [{"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": PDS}],
}


def kept(created: str = "2026-11-01T00:00:00Z", uri: str = LOST.id) -> dict[str, Any]:
    return {"uri": uri, "cid": "bafy", "value": {"$type": "app.bsky.feed.post", "text": "…", "createdAt": created}}


def said_of_the_lost(*answers: Any) -> list[tuple[str, str | None, str]]:
    pages = check_reread(bluesky(NOTHING, *answers), [LOST])
    return [(check.status, check.cause, check.basis) for page in pages for check in page.availability]


ABSENT = ("unknown", "missing", "absent")


def test_what_the_appview_leaves_out_and_its_server_keeps_was_hidden_by_another_than_its_author() -> None:
    collector = bluesky(NOTHING, PLC, kept())
    pages = check_reread(collector, [LOST])
    assert asked(collector)[1:] == [
        (f"plc.directory/{PLC['id']}", {}),
        ("morel.us-east.host.bsky.network/xrpc/com.atproto.repo.getRecord",
         {"repo": [PLC["id"]], "collection": ["app.bsky.feed.post"], "rkey": ["3lmadeuplos2d"]}),
    ]  # fmt: skip
    assert [(check.status, check.cause, check.basis) for page in pages for check in page.availability] == [
        ABSENT, ("gone", "platform", "inferred"),
    ]  # fmt: skip


@pytest.mark.parametrize("state", ["RepoTakendown", "RepoSuspended", "RepoDeactivated"])
def test_a_server_that_says_what_became_of_an_account_is_believed(state: str) -> None:
    refusal = json.dumps({"status": 400, "body": {"error": state, "message": "no"}}).encode()
    assert said_of_the_lost(PLC, refusal) == [ABSENT, ("gone", "account", "stated")]


@pytest.mark.parametrize(
    "answers",
    [
        (), ({},), (PLC | {"service": []},), (json.dumps({"status": 404, "body": {"message": "DID not registered"}}).encode(),),
        (PLC, json.dumps({"status": 400, "body": {"error": "RecordNotFound", "message": "Could not locate record"}}).encode()),
        (PLC, json.dumps({"status": 502, "body": "<html>"}).encode()), (PLC, {}), (PLC, b"<html>"), (PLC, kept(uri=ONE.id)),
        (PLC, kept(AT.isoformat())),  # so young that the AppView may not have it yet
    ],
)  # fmt: skip
def test_what_the_server_does_not_show_stays_absent(answers: tuple[Any, ...]) -> None:
    assert said_of_the_lost(*answers) == [ABSENT]


def test_servers_are_not_asked_where_many_posts_are_missing_at_once() -> None:
    many = [Known(id=LOST.id.replace("lost", "x") + str(number)) for number in range(5)]
    collector = bluesky(NOTHING)
    check_reread(collector, many)
    assert len(asked(collector)) == 1
