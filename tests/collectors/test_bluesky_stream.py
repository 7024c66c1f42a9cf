"""Bluesky's stream: recorded frames of 4 July 2026, in both versions, and what nobody should send but somebody will."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.bluesky import Bluesky
from spillover import Answer, Broken, Changed, CollectError, Page, Parent, Post, Query
from spillover.testing import Replay, check_page, check_stream
from tests.collectors.loading import load
from tests.jetstream_server import SECOND, packer, second

RECORDED = Path(__file__).resolve().parents[1] / "recorded/bluesky/jetstream.jsonl"
FRAMES = RECORDED.read_bytes().splitlines()
QUERY = Query(kind="phrase", text="recorded")
SEEN_US = 1_783_175_888_000_000
SEEN_AT = datetime(2026, 7, 4, 14, 38, 8, tzinfo=UTC)
FRAMES_2 = [second(json.loads(raw), number) for number, raw in enumerate(FRAMES, 7)]
PACKED = packer(20260811)(FRAMES_2[1])
CARD_URL = "https://www.youtube.com/watch?v=V5lDo-jw8mA"


class Line:
    """A client whose frames are at hand; its clock moves on by ``step`` when it is looked at."""

    def __init__(self, frames: Sequence[bytes], end: Exception | None = None, step: timedelta = timedelta()) -> None:
        self._frames, self._end, self._step = frames, end, step
        self._now = SEEN_AT
        self.asked = ""

    def now(self) -> datetime:
        self._now += self._step
        return self._now

    def get(self, url: str, **_: Any) -> Answer:
        raise AssertionError(f"a stream asks for no page: {url}")

    def frames(self, url: str) -> Iterator[bytes]:
        self.asked = url
        yield from self._frames
        if self._end:
            raise self._end


def pages_of(frames: Sequence[bytes], cursor: str | None = None) -> list[Page]:
    return list(Bluesky(Line(frames)).stream([QUERY], cursor))


def frame(record: object = None, **changes: Any) -> bytes:
    commit = {
        "rev": "3mpt",
        "operation": "create",
        "collection": "app.bsky.feed.post",
        "rkey": "3mpt",
        "record": record,
    }
    commit |= {name: changes.pop(name) for name in ("operation", "collection", "rkey") if name in changes}
    if record is None:
        del commit["record"]
    return json.dumps(
        {"did": "did:plc:someone", "time_us": SEEN_US, "kind": "commit", "commit": commit} | changes
    ).encode()


def post(record: dict[str, Any], **changes: Any) -> Post:
    (page,) = pages_of([frame({"text": "hello"} | record, **changes)])
    assert not page.rejects
    (only,) = page.posts
    return only


def test_recorded_frames_keep_the_contract() -> None:
    (page,) = check_stream(Bluesky(Replay(RECORDED)), [QUERY])
    assert (len(page.posts), len(page.availability), page.rejects, page.done) == (17, 1, [], False)
    assert page.window is not None
    assert page.window.since == datetime(2026, 7, 4, 14, 38, 8, 85434, tzinfo=UTC)
    assert page.cursor == "1783175888403568"  # the latest, although it is not the last: frames come out of order


def test_a_recorded_post_is_read_with_its_card() -> None:
    first = pages_of(FRAMES)[0].posts[0]
    assert first.id == "at://did:plc:je4nvqdxfzwb4ueastwv2t7f/app.bsky.feed.post/3mptbyoeyc22k"
    assert first.url == "https://bsky.app/profile/did:plc:je4nvqdxfzwb4ueastwv2t7f/post/3mptbyoeyc22k"
    assert first.title == "What does America's 250th anniversary mean to Native Americans?"
    assert (first.text, first.lang, first.links) == ("www.youtube.com/watch?v=V5lD...", "en", (CARD_URL,))
    assert first.published_at == datetime(2026, 7, 4, 14, 38, 6, 240_000, tzinfo=UTC)
    assert first.observed_at == datetime(2026, 7, 4, 14, 38, 8, 90_631, tzinfo=UTC)
    assert first.counts is None  # the stream counts nothing
    assert first.author is not None
    assert first.author.id == "did:plc:je4nvqdxfzwb4ueastwv2t7f"


def test_a_deletion_is_stated_by_the_author_at_the_time_of_the_server() -> None:
    (gone,) = pages_of(FRAMES)[0].availability
    assert (gone.id, gone.status, gone.cause, gone.basis) == (
        "at://did:plc:g226fr3lexkejrqthsjcyqo4/app.bsky.feed.post/3mpt73z3ejc2p",
        "gone",
        "author",
        "stated",
    )
    assert gone.checked_at == datetime(2026, 7, 4, 14, 38, 8, 377_628, tzinfo=UTC)


def test_an_edited_post_is_a_post_again() -> None:
    assert post({"text": "edited"}, operation="update").text == "edited"


def account(active: bool, status: str | None = None) -> bytes:
    said = {"active": active, "did": "did:plc:someone", "seq": 1, "time": "2026-07-04T14:38:07.877Z"}
    said |= {"status": status} if status else {}
    return json.dumps({"did": "did:plc:someone", "time_us": SEEN_US, "kind": "account", "account": said}).encode()


@pytest.mark.parametrize(
    ("active", "said", "status", "basis"),
    [
        (False, "takendown", "gone", "stated"),
        (False, "suspended", "gone", "stated"),
        (False, "deleted", "gone", "stated"),
        (False, "deactivated", "gone", "stated"),
        (False, "desynchronized", "unknown", "stated"),
        (False, "throttled", "unknown", "stated"),
        (False, "a word of next year", "unknown", "stated"),
        (False, None, "unknown", "stated"),
        (True, None, "up", "inferred"),
    ],
)
def test_the_state_of_an_account_is_told_in_the_platforms_own_word_and_of_no_post(
    active: bool, said: str | None, status: str, basis: str
) -> None:
    (page,) = pages_of([account(active, said)])
    assert (page.posts, page.availability, page.rejects, page.cursor) == ([], [], [], str(SEEN_US))
    (state,) = page.accounts
    assert (state.id, state.status, state.cause, state.said) == ("did:plc:someone", status, "account", said)
    assert (state.basis, state.checked_at) == (basis, SEEN_AT)


def test_a_kind_that_we_do_not_know_is_passed_over() -> None:
    (page,) = pages_of(
        [json.dumps({"did": "did:plc:someone", "time_us": SEEN_US, "kind": "sync", "sync": {}}).encode()]
    )
    assert (page.posts, page.rejects, page.cursor) == ([], [], str(SEEN_US))


def test_links_stand_in_the_text_the_card_and_the_quote() -> None:
    link = {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/a"}
    mention = {"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:other"}
    quote = {"uri": "at://did:plc:other/app.bsky.feed.post/3abc", "cid": "b"}
    embed = {
        "$type": "app.bsky.embed.recordWithMedia",
        "record": {"$type": "app.bsky.embed.record", "record": quote},
        "media": {
            "$type": "app.bsky.embed.external",
            "external": {"uri": CARD_URL, "title": "A title", "description": ""},
        },
    }
    read = post({"facets": [{"features": [mention, link, link]}], "embed": embed})
    assert read.links == ("https://example.org/a", CARD_URL, "https://bsky.app/profile/did:plc:other/post/3abc")
    assert read.title == "A title"
    alone = post({"embed": {"$type": "app.bsky.embed.record", "record": quote}})
    assert (alone.links, alone.title) == (("https://bsky.app/profile/did:plc:other/post/3abc",), None)


@pytest.mark.parametrize(
    "uri", ["", "javascript:alert(1)", "https://", "http://[", "at://did:plc:x/app.bsky.feed.generator/y", 7, None]
)
def test_what_is_no_web_address_is_no_link(uri: object) -> None:
    assert post({"facets": [{"features": [{"uri": uri}]}], "embed": {"external": {"uri": uri}}}).links == ()


def test_hashtags_stand_without_their_sign_and_once() -> None:
    features = [{"$type": "app.bsky.richtext.facet#tag", "tag": tag} for tag in ("中情局", "#CIA", "＃", "CIA")]
    assert post({"facets": [{"features": features}], "tags": ["CIA", "#видео"]}).hashtags == ("中情局", "CIA", "видео")


@pytest.mark.parametrize(
    ("langs", "lang"),
    [(["zh-Hant"], "zh-Hant"), (["en-US", "en"], None), ([], None), (None, None), (["not a language"], None)],
)
def test_a_language_is_known_where_exactly_one_is_declared(langs: object, lang: str | None) -> None:
    assert post({"langs": langs}).lang == lang


@pytest.mark.parametrize(
    "claimed",
    [
        "2026-07-04T14:48:08.001Z",
        "2022-10-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "yesterday",
        "",
        None,
        17,
        {},
        "9" * 5000,
    ],
)
def test_a_claim_that_cannot_be_gives_way_to_when_the_server_saw_it(claimed: object) -> None:
    read = post({"createdAt": claimed})
    assert (read.published_at, read.observed_at) == (SEEN_AT, SEEN_AT)


@pytest.mark.parametrize(
    "claimed", ["2026-07-04T14:48:08Z", "2022-11-17T00:35:16.391Z", "2026-07-04T16:38:08.123456789+02:00"]
)
def test_a_claim_that_can_be_is_kept(claimed: str) -> None:
    assert post({"createdAt": claimed}).published_at == datetime.fromisoformat(claimed)


def test_the_stream_is_asked_for_posts_and_accounts_from_a_little_before_the_time_of_the_cursor() -> None:
    line = Line(FRAMES)
    list(Bluesky(line).stream([QUERY], "1783175888403568"))
    asked = urlsplit(line.asked)
    assert (asked.scheme, asked.hostname, asked.path) == ("wss", Bluesky.hosts[0], SECOND)
    assert parse_qs(asked.query) == {
        "kinds": ["commit", "account"],
        "collections": ["app.bsky.feed.post"],
        "zstdDictionary": ["20260811"],
        "cursor": ["1783175883403568"],
    }


def test_the_stream_is_asked_for_all_from_the_number_of_the_cursor() -> None:
    line = Line(FRAMES_2)
    list(Bluesky(line).stream([QUERY], f"{json.loads(FRAMES[0])['time_us']}:7"))
    assert parse_qs(urlsplit(line.asked).query)["cursor"] == ["7"]


def test_version_2_says_the_same_as_version_1_plain_and_compressed() -> None:
    (first,) = pages_of(FRAMES)
    pack = packer(20260811)
    for frames in (FRAMES_2, [pack(frame) for frame in FRAMES_2]):
        (page,) = pages_of(frames)
        assert (page.posts, page.availability, page.accounts) == (first.posts, first.availability, first.accounts)
        assert (page.window, page.cursor) == (first.window, f"{first.cursor}:{6 + len(FRAMES)}")


def test_a_saved_frame_says_the_same_as_a_streamed_one(tmp_path: Path) -> None:
    (page,) = pages_of(FRAMES)
    for frames in (FRAMES, FRAMES_2):
        path = tmp_path / "frames.jsonl"
        path.write_bytes(b"\n".join(frames))
        found = load(path)
        assert (found.format, found.posts, found.availability) == ("jetstream", page.posts, page.availability)


def test_frames_of_version_1_are_unpacked_with_the_dictionary_that_they_name() -> None:
    pack = packer(1612007021)
    assert pages_of([pack(frame) for frame in FRAMES])[0].posts == pages_of(FRAMES)[0].posts


def test_a_notice_is_no_frame_and_moves_no_cursor() -> None:
    notice = b'{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#info","name":"Hello"}}'
    (page,) = pages_of([notice, *FRAMES_2])
    assert (page.rejects, page.cut_short, page.cursor) == ([], None, pages_of(FRAMES_2)[0].cursor)


def test_a_reply_and_a_quote_name_their_parents_and_a_feed_is_none() -> None:
    other = "at://did:plc:other/app.bsky.feed.post/3{}"
    reply = {"root": {"uri": other.format("a"), "cid": "b"}, "parent": {"uri": other.format("b"), "cid": "b"}}
    quote = {"$type": "app.bsky.embed.record", "record": {"uri": other.format("c"), "cid": "b"}}
    assert post({"reply": reply, "embed": quote}).parents == (
        Parent(id=other.format("b"), relation="reply"),
        Parent(id=other.format("c"), relation="quote"),
    )
    feed = {"record": {"uri": "at://did:plc:other/app.bsky.feed.generator/3f", "cid": "b"}}
    assert post({"embed": feed}).parents == ()


def test_without_a_cursor_the_stream_begins_now() -> None:
    line = Line(FRAMES)
    list(Bluesky(line).stream([QUERY], None))
    assert "cursor" not in line.asked


def test_pages_are_of_bounded_size_and_join_up_though_nothing_matched() -> None:
    likes = [frame({}, collection="app.bsky.feed.like", time_us=SEEN_US + i * 1000) for i in range(4_100)]
    pages = pages_of(likes)
    assert [page.posts for page in pages] == [[], [], []]
    assert [page.cursor for page in pages] == [str(SEEN_US + i * 1000) for i in (1_999, 3_999, 4_099)]
    windows = [page.window for page in pages if page.window]
    assert [window.since for window in windows[1:]] == [window.until for window in windows[:-1]]


def test_a_page_comes_every_five_seconds_however_little_there_is() -> None:
    pages = list(Bluesky(Line(FRAMES[:12], step=timedelta(seconds=1))).stream([QUERY], None))
    assert len(pages) == 3


def test_a_silence_that_the_stream_has_forgotten_is_said_and_left_out_of_the_window() -> None:
    first, *others = pages_of(
        FRAMES + [frame({"text": "later"}, time_us=SEEN_US + 10**7)] * 2_000, str(SEEN_US - 3600 * 10**6)
    )
    assert first.cut_short == "the stream begins at 2026-07-04 14:38:08 UTC; asked from 2026-07-04 13:38:08"
    assert first.window is not None
    assert first.window.since == datetime(2026, 7, 4, 14, 38, 8, 85434, tzinfo=UTC)
    assert [page.cut_short for page in others] == [None]


def test_a_run_that_is_resumed_in_time_covers_all_since_the_cursor() -> None:
    (page,) = pages_of(FRAMES, str(SEEN_US - 30 * 10**6))
    assert page.cut_short is None
    assert page.window is not None
    assert page.window.since == SEEN_AT - timedelta(seconds=30)


def test_what_came_before_a_cut_is_handed_over_and_the_cut_is_told() -> None:
    pages = Bluesky(Line(FRAMES[:50], end=Broken("the stream was cut"))).stream([QUERY], None)
    assert len(next(pages).posts) == len(pages_of(FRAMES[:50])[0].posts) > 0
    with pytest.raises(Broken):
        next(pages)


HALF = FRAMES[1][: len(FRAMES[1]) // 2]
UNREADABLE = {
    "half a frame": HALF,
    "nothing": b"",
    "no UTF-8": b'{"did":"did:plc:\xff","time_us":1783175888000000,"kind":"commit"}',
    "no text": b"\x00\x01\x02",
    "a list": b"[]",
    "a hole without a floor": b'{"did":' + b"[" * 100_000,
    "a hole with a floor": FRAMES[1].replace(b'"langs":["en"]', b'"via":' + b"[" * 100_000 + b"]" * 100_000),
    "two frames in one": FRAMES[1] + FRAMES[1],
    "a time as text": frame({"text": ""}, time_us="1783175888000000"),
    "a time in seconds": frame({"text": ""}, time_us=1783175888),
    "a time beyond 2100": frame({"text": ""}, time_us=10**30),
    "no account": frame({"text": ""}, did=None),
    "an empty key": frame({"text": ""}, rkey=""),
    "a commit of nothing": json.dumps({"did": "did:plc:someone", "time_us": SEEN_US, "kind": "commit"}).encode(),
    "a post without a record": frame(),
    "a text that is none": frame({"text": ["hello"]}),
    "a record that is none": frame("hello"),
    "half a surrogate": frame({"text": "?"}).replace(b"?", rb"\ud83d"),
    "an operation that we do not know": frame({"text": ""}, operation="merge"),
    "languages that are none": frame({"text": "", "langs": [5]}),
    "a message of nothing": b'{"$type":"message"}',
    "a message without a number": FRAMES_2[1].replace(b'"seq"', b'"sec"'),
    "a message without a zone": FRAMES_2[1].replace(b'Z","', b'","', 1),
    "a message of 1970": FRAMES_2[1].replace(b'"time":"2026', b'"time":"1970'),
    "a message of nobody": FRAMES_2[1].replace(b'"did":"did:plc', b'"dad":"did:plc', 1),
    "a message without a key": FRAMES_2[1].replace(b'"rkey"', b'"rkee"'),
    "half a compressed frame": PACKED[: len(PACKED) // 2],
    "a compressed frame and more": PACKED + b"more",
    "a frame of an unknown dictionary": PACKED.replace((20260811).to_bytes(4, "little"), b"\1\2\3\4"),
    "a frame without a dictionary": zstandard.compress(b"{}"),
    "a bomb that says its size": zstandard.compress(bytes(2**28)),
    "a bomb that hides its size": packer(20260811, hides=True)(bytes(2**26)),
    "a bomb that lies": b"\x28\xb5\x2f\xfd\xe3" + (20260811).to_bytes(4, "little") + b"\xff" * 8,
}


@pytest.mark.parametrize("bad", UNREADABLE.values(), ids=UNREADABLE)
def test_a_frame_that_cannot_be_read_is_told_and_the_others_land(bad: bytes) -> None:
    (page,) = pages_of([*FRAMES[:3], bad, *FRAMES[3:]])
    (reject,) = page.rejects
    assert (reject.line, len(page.posts), len(page.availability)) == (4, 17, 1)
    assert reject.reason
    assert len(reject.raw) <= 2_000


@pytest.mark.parametrize("bomb", [raw for name, raw in UNREADABLE.items() if "bomb" in name])
def test_a_bomb_takes_no_memory(bomb: bytes) -> None:
    tracemalloc.start()
    pages_of([FRAMES_2[1], bomb])
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 * 2**20


def test_embeds_that_apps_make_up_are_passed_over() -> None:
    embed = {"external": "text", "record": [1], "media": {"external": {"uri": {}, "title": 5}}}
    read = post({"embed": embed, "facets": [{"features": [{"tag": {}, "uri": []}]}, {"index": 1}]})
    assert (read.links, read.hashtags, read.title) == ((), (), None)


@pytest.mark.parametrize("bad", [HALF, frame({"text": {"of": "another kind"}})])
def test_a_stream_of_another_shape_is_told_and_nothing_is_passed_over(bad: bytes) -> None:
    collected: list[Page] = []
    with pytest.raises(Changed, match="101 frames in a row"):
        collected.extend(Bluesky(Line([*FRAMES, *[bad] * 101])).stream([QUERY], None))
    assert collected == []  # no cursor: the next run asks for the same again


def test_a_stream_of_which_nothing_can_be_read_has_changed() -> None:
    with pytest.raises(Changed, match="none of 3 frames"):
        pages_of([b"junk"] * 3)


def test_junk_after_the_last_page_keeps_the_cursor_that_we_had() -> None:
    (page,) = pages_of([b"junk"] * 3, "1783175888403568")
    assert (page.cursor, len(page.rejects)) == ("1783175888403568", 3)


def _flipped(raw: bytes, at: int, byte: int) -> bytes:
    return raw[:at] + bytes([byte]) + raw[at + 1 :]


def _filled(raw: bytes, at: int, byte: int) -> bytes:
    return raw[:at] + bytes([byte]) * 3 + raw[at:]


def _cut(raw: bytes, at: int, byte: int) -> bytes:
    return raw[:at]


def _holed(raw: bytes, at: int, byte: int) -> bytes:
    return raw[:at] + raw[at + byte % 40 + 1 :]


NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
NAMES = st.text(max_size=8) | st.sampled_from(["uri", "tag", "record"])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


def _replaced(value: Any, path: Iterator[int], new: Any) -> Any:
    """Put ``new`` somewhere into a value; ``path`` chooses the way down."""
    choice = next(path)
    if not isinstance(value, (dict, list)) or not value or choice % 4 == 0:
        return new
    keys: Sequence[Any] = sorted(value) if isinstance(value, dict) else range(len(value))
    key = keys[choice % len(keys)]
    value[key] = _replaced(value[key], path, new)
    return value


def _lands(bad: bytes) -> None:
    """Check that a frame of any kind harms no other and breaks no rule."""
    try:
        pages = pages_of([FRAMES[1], bad, FRAMES[2], *FRAMES[3:6]])
    except CollectError:
        pytest.fail("one frame is no reason to stop")
    for page in pages:
        check_page(page)
    assert {read.id for page in pages for read in page.posts} >= {
        read.id for read in pages_of([FRAMES[1], *FRAMES[2:6]])[0].posts
    }


@settings(max_examples=400, deadline=None)
@given(
    st.integers(0, len(FRAMES) - 1),
    st.integers(0, 3000),
    st.integers(0, 255),
    st.sampled_from([_flipped, _filled, _cut, _holed]),
)
def test_no_bytes_harm_the_frames_beside_them(
    which: int, at: int, byte: int, harm: Callable[[bytes, int, int], bytes]
) -> None:
    for raw in (FRAMES[which], FRAMES_2[which], PACKED):
        _lands(harm(raw, at % len(raw), byte))


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from([i for i, raw in enumerate(FRAMES) if b'feed.post",' in raw]),
    st.lists(st.integers(0, 50), min_size=12, max_size=12),
    JSON,
)
def test_no_value_harms_the_frames_beside_it(which: int, path: list[int], new: Any) -> None:
    _lands(json.dumps(_replaced(json.loads(FRAMES[which]), iter(path), new)).encode())


@pytest.mark.parametrize("end", [Broken("cut"), None])
def test_a_stream_that_only_gave_a_notice_is_what_ended_it(end: Exception | None) -> None:
    notice = (
        b'{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#info","name":"OutdatedCursor"}}'
    )
    stream = Bluesky(Line([notice], end)).stream([QUERY], None)
    if end is None:
        assert list(stream) == []
    else:
        with pytest.raises(Broken, match="cut"):
            list(stream)


def test_a_server_that_ends_us_with_its_first_frame_is_broken() -> None:
    with pytest.raises(Broken, match="ConsumerTooSlow"):
        pages_of([b'{"$type":"error","error":"ConsumerTooSlow","message":"too slow"}'])


def test_a_frame_of_a_time_that_has_not_come_does_not_move_the_cursor() -> None:
    ahead = json.loads(FRAMES[0]) | {"time_us": SEEN_US + 10**13}
    pages = pages_of([*FRAMES, json.dumps(ahead).encode()])
    assert pages[-1].cursor == pages_of(FRAMES)[-1].cursor
    assert ["not come" in reject.reason for page in pages for reject in page.rejects] == [True]
