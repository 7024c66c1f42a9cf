"""Mastodon's answers and those of its kin: recorded, and made up to the documented form."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collectors._formats.mastodon import global_id, home
from collectors.mastodon import Mastodon
from spillover import resolve
from spillover.contract import Availability, Collector, Counts, Interval, Known, Page, Parent, Post, Query, Window
from spillover.errors import Broken, Changed, CollectError, RateLimited, Refused
from spillover.testing import Replay, check_reread, check_search, check_stream
from tests.collectors.casing import RECORDED as ALL_RECORDED
from tests.collectors.casing import Case

RECORDED = ALL_RECORDED / "mastodon"
AT = datetime(2026, 8, 2, 12, 0, tzinfo=UTC)
TAG, PHRASE = Query(kind="hashtag", text="#CIA"), Query(kind="phrase", text="why I left")
LAST_WEEK = Window(since=datetime(2026, 7, 25, tzinfo=UTC), until=AT)
SECRET = {"MASTODON_TOKEN": "s3cret@mastodon.social other@one.example"}


def mastodon(*recordings: str | bytes, secrets: dict[str, str] | None = None, at: str = "") -> Mastodon:
    answers = [RECORDED / name if isinstance(name, str) else name for name in recordings]
    return Mastodon(Replay(*answers, fetched_at=AT), secrets, (at,) if at else ())


def asked(collector: Mastodon) -> list[tuple[str, dict[str, str]]]:
    assert isinstance(collector.client, Replay)
    return collector.client.asked


def exchange(status: int, body: Any = None, **headers: str) -> bytes:
    return json.dumps({"status": status, "headers": headers, "body": body}).encode()


def standing(pages: list[Page]) -> dict[str, tuple[str, str | None, str]]:
    return {check.id: (check.status, check.cause, check.basis) for page in pages for check in page.availability}


def at_least(number: int) -> Interval:
    """Return a count of a server that is not the post's home."""
    return Interval(number, None, number)


def relations() -> dict[str, list[Post]]:
    """Return the posts of the made up timeline, by id."""
    page = check_search(mastodon("made_up_relations.json", at="https://one.example"), TAG, LAST_WEEK)[0]
    found: dict[str, list[Post]] = {}
    for post in page.posts:
        found.setdefault(post.id, []).append(post)
    return found


def _search(collector: Collector) -> Iterator[Page]:
    return collector.search(TAG, LAST_WEEK, None)


CASES = [
    Case(Mastodon, _search, [json.loads(line) for line in (RECORDED / "tag_timeline.ndjson").read_text("utf-8").splitlines()]),
    Case(Mastodon, lambda made: made.reread([Known(id="mastodon.social/110446223051565765")]), [RECORDED / "statuses.json"]),
]  # fmt: skip


def test_a_hashtag_is_followed_page_by_page_to_its_end() -> None:
    collector = mastodon("tag_timeline.ndjson")
    pages = check_search(collector, TAG, LAST_WEEK)
    assert [params.get("max_id") for _, params in asked(collector)] == [
        None, "117020581339834938", "117020581259486622", "117020581178804515",
    ]  # fmt: skip
    assert asked(collector)[0][0] == "https://mastodon.social/api/v1/timelines/tag/CIA"
    first = pages[0].posts[0]
    assert (first.id, first.lang, first.kind) == ("home.example/117020581413876942", "ja", "post")
    assert first.published_at == datetime(2026, 8, 1, 13, 52, 47, 767000, UTC)
    assert first.text is not None
    assert first.text.startswith("Toot number 29! #fgizts")
    assert first.hashtags == ("fgiztsshwiaqqiztpmmjbtvmescsculuvmgjgopwoeidbcrixp",)
    assert first.links == ()
    assert first.author is not None
    assert (first.author.id, first.author.followers) == ("https://home.example/@user_3f0a3233", 0)
    assert first.counts == Counts(
        likes=at_least(0), shares=at_least(0), comments=at_least(0)
    )  # home.example is not asked
    assert pages[0].window is not None
    assert pages[0].window.until == AT
    assert pages[1].window is not None
    assert pages[1].window.until == pages[0].window.since


def test_a_search_goes_on_where_its_cursor_says() -> None:
    first = check_search(mastodon("tag_timeline.ndjson"), TAG, LAST_WEEK)[0]
    again = mastodon(b"[]")
    last = check_search(again, TAG, Window(), first.cursor)[0]
    assert asked(again)[0][1]["max_id"] == "117020581339834938"
    assert last.done
    assert last.window == Window(since=LAST_WEEK.since, until=first.window.since if first.window else None)


def test_a_search_ends_at_the_time_that_was_asked_for() -> None:
    collector = mastodon("tag_timeline.ndjson")
    pages = check_search(collector, TAG, Window(since=datetime(2026, 8, 1, 13, 52, 47, tzinfo=UTC), until=AT))
    assert len(pages) == len(asked(collector)) == 1
    assert pages[0].done


def test_a_hashtag_that_nobody_used_covers_its_window() -> None:
    page = check_search(mastodon(b"[]"), TAG, LAST_WEEK)[0]
    assert (page.posts, page.done, page.window, page.cut_short) == ([], True, LAST_WEEK, None)


def test_a_server_without_link_headers_is_paged_by_its_last_number() -> None:
    collector = mastodon("snac_timeline.json", b"[]", at="https://snac.example")
    check_search(collector, TAG, LAST_WEEK)
    boost = json.loads((RECORDED / "snac_timeline.json").read_text("utf-8"))[-1]
    assert [params.get("max_id") for _, params in asked(collector)] == [None, boost["id"]]


def test_a_server_that_gives_the_same_page_again_ends_the_search() -> None:
    page = (RECORDED / "made_up_relations.json").read_bytes()
    pages = check_search(mastodon(page, page), TAG, LAST_WEEK)
    assert [found.cut_short for found in pages] == [None, "the server gives the same page again"]
    assert pages[1].window is not None
    assert pages[1].window.since != LAST_WEEK.since


def test_snac_is_read_with_its_own_ways() -> None:
    page = check_search(mastodon("snac_timeline.json", at="https://snac.example"), TAG, LAST_WEEK)[0]
    reply, boost, original = page.posts
    assert reply.parents[0].relation == "reply"
    assert (boost.kind, boost.text, boost.counts) == ("repost", original.text, Counts())
    assert boost.parents == (Parent(id=original.id, relation="repost"),)
    assert boost.id.startswith("snac.example/")
    assert original.aside
    assert original.id.startswith("https://snac.example/ana/p/")
    assert (original.counts, original.lang) == (Counts(likes=1, shares=1, comments=1), None)
    assert original.links == ("https://www.youtube.com/watch?v=dQw4w9WgXcQ",)


def test_a_link_that_is_cut_short_on_the_page_is_whole() -> None:
    original = relations()["one.example/117020000000000001"][0]
    assert original.links == ("https://www.youtube.com/watch?v=dQw4w9WgXcQ",)
    assert original.text == "我为什么联系中情局 https://www.youtube.com/watch?v=dQw4w9WgXcQ #CIA"


def test_a_boost_is_a_post_of_its_own_with_the_original_aside() -> None:
    found = relations()
    boost = found["two.example/117020000000000009"][0]
    assert (boost.kind, boost.counts, boost.aside) == ("repost", Counts(), False)
    assert boost.published_at == datetime(2026, 8, 1, 11, tzinfo=UTC)
    assert boost.author is not None
    assert boost.author.id == "https://two.example/@dave"
    assert boost.parents == (Parent(id="one.example/117020000000000001", relation="repost"),)
    assert all(post.aside for post in found["one.example/117020000000000001"])


def test_a_boost_that_has_the_address_of_the_original_gets_its_servers_number() -> None:
    boost = relations()["one.example/AbCdEfGhIjKlMnOpQr"][0]
    assert boost.parents == (Parent(id="one.example/117020000000000001", relation="repost"),)


@pytest.mark.parametrize(
    ("number", "parent"),
    [
        ("117020000000000003", Parent(id="one.example/117020000000000001", relation="quote")),
        ("117020000000000004", Parent(id="one.example/117020000000000001", relation="quote")),
        ("117020000000000005", Parent(id="one.example/117020000000000001", relation="reply")),
    ],
)
def test_quotes_and_replies_name_their_parent(number: str, parent: Parent) -> None:
    assert relations()[f"one.example/{number}"][0].parents == (parent,)


def test_a_post_that_a_bridge_brought_from_bluesky_names_it() -> None:
    address = "https://bsky.brid.gy/convert/ap/at://did:plc:abc123/app.bsky.feed.post/3kxyz"
    parent = Parent(id="at://did:plc:abc123/app.bsky.feed.post/3kxyz", relation="repost", platform="bluesky")
    assert relations()[address][0].parents == (parent,)


def test_what_is_not_shown_to_all_is_dropped_and_said() -> None:
    page = check_search(mastodon("made_up_relations.json"), TAG, LAST_WEEK)[0]
    assert [reject.reason for reject in page.rejects] == ["visibility: 'private' is not public, left out"]
    assert "one.example/117020000000000007" not in {post.id for post in page.posts}


def test_a_hashtag_shows_also_those_who_decline_to_be_searched() -> None:
    assert "one.example/117020000000000008" in relations()


def test_full_text_leaves_out_those_who_decline_to_be_searched() -> None:
    collector = mastodon("made_up_search.json", secrets=SECRET)
    page = check_search(collector, PHRASE, LAST_WEEK)[0]
    assert [post.id for post in page.posts] == ["one.example/117020000000000001"]
    assert [reject.reason for reject in page.rejects] == [
        "indexable, discoverable: its author does not want to be found by search, left out"
    ]
    assert asked(collector)[0] == (
        "https://mastodon.social/api/v2/search", {"limit": "40", "q": '"why I left"', "type": "statuses"},
    )  # fmt: skip


def test_full_text_that_finds_nothing_covers_its_window() -> None:
    page = check_search(mastodon("made_up_search_nothing.json", secrets=SECRET), PHRASE, LAST_WEEK)[0]
    assert (page.posts, page.done, page.window) == ([], True, LAST_WEEK)


def test_without_a_token_for_this_server_full_text_is_not_asked_for() -> None:
    for secrets in ({}, {"MASTODON_TOKEN": "bare"}, {"MASTODON_TOKEN": "x@elsewhere.example"}):
        collector = mastodon("made_up_search.json", secrets=secrets)
        page = check_search(collector, PHRASE, LAST_WEEK)[0]
        assert page.cut_short == "not asked: full text wants MASTODON_TOKEN=token@mastodon.social"
        assert (page.done, asked(collector)) == (True, [])


def test_a_token_goes_to_its_own_server_only() -> None:
    collector = mastodon(secrets=SECRET)
    assert collector._key("https://mastodon.social") == {"Authorization": "Bearer s3cret"}
    assert collector._key("https://one.example") == {"Authorization": "Bearer other"}
    assert collector._key("https://two.example") == {}


@pytest.mark.parametrize(
    ("number", "duration"), [("icosahedron.website/113358685028104954", 15.2), ("icosahedron.website/113481707459076270", None)]
)  # fmt: skip
def test_a_second_reading_gives_counts_and_standing(number: str, duration: float | None) -> None:
    collector = mastodon("statuses.json")
    pages = check_reread(
        collector, [Known(id="mastodon.social/110447003454258227"), Known(id="mastodon.social/5000000000")]
    )
    assert standing(pages) == {
        "mastodon.social/110447003454258227": ("private", "author", "stated"),
        "mastodon.social/5000000000": ("unknown", "missing", "absent"),
    }
    assert asked(collector)[0][0] == (
        "https://mastodon.social/api/v1/statuses?id%5B%5D=110447003454258227&id%5B%5D=5000000000"
    )
    posts = {post.id: post for page in pages for post in page.posts}
    assert posts[number].duration_s == duration
    assert "mastodon.social/110447003454258227" not in posts


def test_a_card_gives_its_title_and_its_link() -> None:
    pages = check_reread(mastodon("statuses.json"), [Known(id="mastodon.social/5000000000")])
    card = pages[-1].posts[-1]
    assert (card.title, card.counts) == (
        "cat game by someone",
        Counts(likes=at_least(0), shares=at_least(0), comments=at_least(1)),
    )
    assert card.links == ("https://someone.itch.io/cat-game",)


def test_an_older_server_is_asked_for_one_after_the_other() -> None:
    one = json.loads((RECORDED / "statuses.json").read_text("utf-8"))[0]
    collector = mastodon(
        exchange(404, {"error": "Not Found"}), json.dumps(one).encode(), "status_missing.json", exchange(410), exchange(451)
    )  # fmt: skip
    known = [f"mastodon.social/{number}" for number in ("110446223051565765", "1000000001", "1000000002", "1000000003")]
    pages = check_reread(collector, [Known(id=id) for id in known])
    assert standing(pages) == {
        known[0]: ("up", None, "stated"),
        known[1]: ("unknown", "missing", "absent"),
        known[2]: ("gone", None, "stated"),
        known[3]: ("withheld", "legal", "stated"),
    }
    assert asked(collector)[-1][0] == "https://mastodon.social/api/v1/statuses/1000000003"


def test_posts_are_read_again_by_twenty() -> None:
    collector = mastodon(b"[]", b"[]", b"[]")
    pages = check_reread(collector, [Known(id=f"mastodon.social/{10**15 + number}") for number in range(41)])
    assert [url.count("id%5B%5D") for url, _ in asked(collector)] == [20, 20, 1]
    assert len(standing(pages)) == 41


def test_a_post_whose_home_is_not_among_the_instances_stays_unknown_and_nobody_is_asked() -> None:
    known = ["far.example/117020000000000001", "https://mastodon.social/objects/0b1c2d3e-1111-4222-8333-444455556666"]
    collector = mastodon(b"[]")
    pages = check_reread(collector, [Known(id=id) for id in known])
    assert standing(pages) == dict.fromkeys(known, ("unknown", None, "inferred"))
    assert asked(collector) == []
    assert pages[0].cut_short == "2 posts have their home at servers that are not among the instances"


def test_one_server_that_refuses_does_not_keep_the_others_from_being_read() -> None:
    client = Replay(exchange(401, {"error": "no"}), b"[]", fetched_at=AT)
    collector = Mastodon(client, {}, ("https://one.example", "https://two.example"))
    pages = []
    with pytest.raises(Refused):
        for page in collector.reread(
            [Known(id="one.example/117020000000000001"), Known(id="two.example/117020000000000002")]
        ):
            pages.append(page)
    assert standing(pages) == {"two.example/117020000000000002": ("unknown", "missing", "absent")}


@pytest.mark.parametrize(
    "body", [b"{}", b'{"id": "7"}', b"[7]", b"null", exchange(404, {}), exchange(200, {"error": "no"})]
)
def test_another_shape_of_a_second_reading_is_changed(body: bytes) -> None:
    one = exchange(404, {"error": "Not Found"})
    with pytest.raises(Changed):
        list(mastodon(one, body).reread([Known(id="mastodon.social/117020000000000001")]))


def test_a_page_in_the_place_of_a_missing_status_is_no_absence() -> None:
    with pytest.raises(Broken):
        list(
            mastodon(exchange(404, "<h1>404</h1>"), exchange(404, "<h1>404</h1>")).reread(
                [Known(id="mastodon.social/117020000000000001")]
            )
        )


def test_the_feed_tells_of_new_edited_and_deleted_posts() -> None:
    collector = mastodon("made_up_feed.jsonl", at="https://one.example", secrets=SECRET)
    second = Query(kind="hashtag", text="KGB")
    page = check_stream(collector, [TAG, PHRASE, second])[0]
    assert asked(collector) == [("wss://one.example/api/v1/streaming?stream=hashtag&tag=CIA", {})]
    assert isinstance(collector.client, Replay)
    assert [json.loads(said) for said in collector.client.sent] == [
        {"type": "subscribe", "stream": "hashtag", "tag": "KGB"}
    ]
    assert [(post.id, post.text) for post in page.posts] == [
        ("one.example/117020000000000001", "我为什么联系中情局 https://www.youtube.com/watch?v=dQw4w9WgXcQ #CIA"),
        ("far.example/117019999999999999", "hello"),
        ("one.example/117020000000000001", "edited"),
    ]
    assert page.availability == [
        Availability(id=id, status="gone", said="delete", checked_at=AT)
        for id in ("one.example/117020000000000001", "far.example/117019999999999999")
    ]
    assert [reject.reason for reject in page.rejects] == ["event: 'meteor' is not known"]
    assert (page.window, page.cursor) == (Window(since=AT, until=AT), AT.isoformat())


def test_a_deletion_of_a_post_that_was_seen_before_the_feed_began_is_told_too() -> None:
    frame = b'{"stream": ["hashtag"], "event": "delete", "payload": "117020000000000042"}'
    page = check_stream(mastodon(frame, at="https://one.example"), [TAG])[0]
    assert page.availability[0].id == "one.example/117020000000000042"


def test_a_feed_without_hashtags_says_so() -> None:
    page = check_stream(mastodon(b""), [PHRASE])[0]
    assert page.cut_short == "a feed is of hashtags, and the campaign names none"


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        (b'{"error": "Unknown stream type", "status": 400}', Changed), (b'{"error": "no", "status": 401}', Refused),
        (b"[]", Changed), (b"<html>", Changed), (b"{}", Changed),
        (b'{"event": "update", "payload": "{}"}\n' * 10, Changed), (b'{"event": "update", "payload": 7}\n' * 10, Changed),
    ],
)  # fmt: skip
def test_a_feed_of_another_shape_is_changed(frame: bytes, error: type[CollectError]) -> None:
    with pytest.raises(error):
        list(mastodon(frame).stream([TAG], None))


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", Broken), (b"<html>", Broken), (b"<html>Just a moment...", Refused), (b"{}", Changed), (b"null", Changed),
        (b'{"error": "This API is gone"}', Changed), (b"[5]", Changed), (b'[{"id": "1"}]', Changed), (b"[{}", Broken),
        (exchange(404, {"error": "Not Found"}), Broken), (exchange(401, {"error": "no"}), Refused),
        (exchange(503, "busy"), Broken),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_raises_what_it_is(body: bytes, error: type[CollectError]) -> None:
    with pytest.raises(error):
        list(mastodon(body).search(TAG, LAST_WEEK, None))


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"statuses": null}', b'{"statuses": {}}', b'{"accounts": []}'])
def test_a_search_of_another_shape_is_changed(body: bytes) -> None:
    with pytest.raises(Changed):
        list(mastodon(body, secrets=SECRET).search(PHRASE, LAST_WEEK, None))


def test_too_many_requests_say_when_to_come_back() -> None:
    client = Replay(RECORDED / "made_up_too_many.json", fetched_at=datetime(2026, 8, 1, 13, 58, tzinfo=UTC))
    with pytest.raises(RateLimited) as caught:
        list(Mastodon(client).search(TAG, LAST_WEEK, None))
    assert caught.value.retry_at == datetime(2026, 8, 1, 14, tzinfo=UTC)


def test_a_recorded_refusal_is_a_refusal() -> None:
    with pytest.raises(Refused):
        list(mastodon("refused.json").search(TAG, LAST_WEEK, None))


def test_one_odd_status_among_good_ones_is_rejected() -> None:
    statuses = json.loads((RECORDED / "made_up_relations.json").read_text("utf-8"))[2:4]
    page = check_search(mastodon(json.dumps([*statuses, {"id": "9", "visibility": "public"}]).encode()), TAG)[0]
    assert len(page.posts) == 3
    assert len(page.rejects) == 1


@pytest.mark.parametrize(
    ("post_id", "place"),
    [
        ("mastodon.social/117020000000000001", ("mastodon.social", "117020000000000001")),
        ("http://127.0.0.1:8802/@ana/1795479600680", ("127.0.0.1:8802", "1795479600680")),
        (
            "https://gts.example/users/a/statuses/01HV0000000000000000000000",
            ("gts.example", "01HV0000000000000000000000"),
        ),
        ("https://one.example/users/a/statuses/117020000000000001/activity", ("one.example", "117020000000000001")),
        ("https://snac.example/ana/p/1795479046.205518", ("snac.example", None)),
    ],
)
def test_an_id_says_the_home_and_the_number_there(post_id: str, place: tuple[str, str | None]) -> None:
    assert home(post_id) == place


def statuses_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "visibility" in value and "content" in value and "account" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from statuses_in(part)


def test_every_recorded_status_is_read(shared: Path) -> None:
    with gzip.open(shared / "data" / "api" / "mastodon" / "mastodon_rest.ndjson.gz", "rt", encoding="utf-8") as lines:
        bodies = [json.loads(line)["body"] for line in lines]
    statuses = [status for body in bodies for status in statuses_in(body)]
    page = check_search(mastodon(json.dumps(statuses).encode()), TAG)[0]
    assert len(statuses) > 150
    assert all("is not public" in reject.reason for reject in page.rejects)
    assert len(page.posts) + len(page.rejects) >= len(statuses)
    for status in statuses:
        own = resolve(status["url"] or "").id
        assert own is None or global_id(status) == own


def test_the_fixtures_keep_to_the_published_schema(shared: Path) -> None:
    validator = pytest.importorskip("tests.servers.mastodon_schema", reason="NOT RUN: needs jsonschema").of_statuses(
        shared
    )
    for path in [*RECORDED.glob("*.json"), RECORDED / "tag_timeline.ndjson"]:
        lines = path.read_text("utf-8").splitlines() if path.suffix == ".ndjson" else [path.read_text("utf-8")]
        for status in statuses_in([json.loads(line) for line in lines]):
            without_quote = {
                **status,
                "quote": None,
            }  # its two forms overlap in this schema, which wants just one of them
            assert [error.message for error in validator.iter_errors(without_quote)] == [], path.name
            assert not validator.is_valid({**without_quote, "favourites_count": "4"})
