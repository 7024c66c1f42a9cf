"""A stream from its first frame into the store, over web sockets, through cuts: nothing is lost, nothing is doubled."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from collectors.bluesky import Bluesky
from spillover.campaigns import Campaigns
from spillover.client import HttpClient, Place
from spillover.collect import Run, Tally, Task
from spillover.collection import Collection
from spillover.config import Workspace
from spillover.contract import Author, Availability, Page, Post
from spillover.ingest import Subject, identify
from spillover.pseudonym import throwaway_key
from spillover.store import Store
from tests.jetstream_server import Jetstream, LiveJetstream, serving, stretched

RECORDED = Path(__file__).resolve().parent / "recorded/bluesky/jetstream.jsonl"
FRAMES = RECORDED.read_bytes().splitlines()
ROUNDS = 120
LONG = stretched(FRAMES, ROUNDS, every_us=400_000)  # 48 seconds; 2,400 of the 18,240 frames are asked for
NEWEST_US = max(
    json.loads(frame)["time_us"] for frame in LONG if b'app.bsky.feed.post",' in frame or b"commit" not in frame
)
ALL = 10**6  # frames: what is left, and then a cut
WRITES, EACH = 120, 17  # posts that are written, and between two cuts
POST = next(json.loads(frame) for frame in FRAMES if b'feed.post","rkey"' in frame)
both = pytest.mark.parametrize("version", [1, 2])
Seen = set[tuple[str, datetime]]


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    opened = Store(workspace)
    yield opened
    opened.close()


class Reader:
    """Runs the collector for one campaign that keeps everything, each run from where the last one got to."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.subject = Subject(campaign_id=1, version=1, matcher=None, key=throwaway_key(), keep_all=True)

    def cursor(self) -> str | None:
        return self.store.checkpoint("bluesky", "stream", 1, "stream")

    def turn(self, stop: threading.Event | None = None) -> Tally:
        with HttpClient(Bluesky, stop=stop, place=Place(allow_private=True)) as client:
            run = Run(Task("bluesky", "stream", self.subject, "stream"), self.store.workspace.spool, stop=stop)
            tally = run.follow(Bluesky(client).stream((), self.cursor()), client=client)
        self.store.drain()
        return tally

    def look(self, for_s: float = 1.0) -> Tally:
        """Follow the stream for a moment."""
        stop = threading.Event()
        threading.Timer(for_s, stop.set).start()
        return self.turn(stop)

    def held(self) -> Seen:
        rows = self.store.rows(
            "SELECT sealed, observed_at FROM held.observation JOIN held.post_campaign USING (post_key)"
        )
        return {(self.subject.key.unseal("bluesky", sealed), seen_at.replace(tzinfo=UTC)) for sealed, seen_at in rows}


def written(frames: list[bytes]) -> Seen:
    """Return which posts the frames bring, and when: read without any code of ours."""
    posts = "app.bsky.feed.post"
    found = set()
    for frame in map(json.loads, frames):
        commit = frame.get("commit", {})
        if commit.get("collection") == posts and commit["operation"] != "delete":
            at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=frame["time_us"])
            found.add((f"at://{frame['did']}/{posts}/{commit['rkey']}", at))
    return found


def follow_while(reader: Reader, server: Jetstream, write: Callable[[int], object]) -> None:
    """Follow a stream that is cut while posts are written; the writer waits now and then until it was cut once more."""
    stop = threading.Event()

    def work() -> None:
        for number in range(1, WRITES):
            write(number)
            until = time.monotonic() + 10
            while number % EACH == 0 and len(server.asked) <= number // EACH and time.monotonic() < until:
                time.sleep(0.01)
        stop.set()

    writer = threading.Thread(target=work)
    writer.start()
    while not stop.is_set():
        reader.turn(stop)
    writer.join()


def at_frame(cursor: str | None) -> str:
    return (cursor or "").partition(":")[0]


def a_post(number: int, **changes: object) -> bytes:
    """Return a frame, in the form of version 1, as a server that saw a post now would send it."""
    commit = POST["commit"] | {"rkey": f"3written{number}"}
    return json.dumps(POST | {"time_us": time.time_ns() // 1000, "commit": commit} | changes).encode()


@both
def test_a_stream_that_is_cut_again_and_again_loses_nothing_and_doubles_nothing(
    version: int, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader(store)
    server = Jetstream(LONG, cuts=[700, 1, 0, 300, 1111, *[ALL] * 10], versions=[version])
    with serving(server, monkeypatch):
        outcomes = []
        while at_frame(reader.cursor()) != str(NEWEST_US):
            outcomes.append(reader.turn().outcome)
            assert len(outcomes) < 15, outcomes
    assert set(outcomes) <= {"broken", "cut_short"}
    assert len(outcomes) >= 6
    assert reader.held() == written(LONG)
    assert (
        store.rows("SELECT count(*) FROM held.observation")
        == store.rows("SELECT count(*) FROM held.post")
        == [(17 * ROUNDS,)]
    )
    assert ["cursor" in asked for asked in server.asked] == [False] + [True] * (len(outcomes) - 1)
    assert store.differences() == dict.fromkeys(store.differences(), 0)


@both
@pytest.mark.parametrize("seed", [3, 8])
def test_a_stream_that_is_cut_while_posts_are_written_loses_none_of_them(
    version: int, seed: int, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    server = LiveJetstream([a_post(0)], cuts=[1, *(chance.randrange(EACH) for _ in range(6))], versions=[version])
    reader = Reader(store)
    with serving(server, monkeypatch):
        reader.turn()  # one frame: whoever has seen nothing has no place to go on from
        follow_while(reader, server, lambda number: server.add(a_post(number)))
        until = time.monotonic() + 20
        while reader.held() != written(server.frames) and time.monotonic() < until:
            reader.look()
    assert len(server.asked) >= 7
    assert reader.held() == written(server.frames)
    assert store.rows("SELECT count(*), count(DISTINCT post_key) FROM held.observation") == [(WRITES, WRITES)]


def test_a_frame_that_comes_late_is_not_lost_in_a_cut(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    posts = [json.loads(frame) for frame in FRAMES if b'feed.post","rkey"' in frame][:2]
    posts[1]["time_us"] = posts[0]["time_us"] - 31_581  # as late as the latest of the recording
    frames = [json.dumps(frame).encode() for frame in posts]
    reader = Reader(store)
    with serving(Jetstream(frames, cuts=[1, ALL]), monkeypatch):
        reader.turn()
        assert reader.held() == written(frames[:1])
        reader.turn()
    assert reader.held() == written(frames)


def test_what_is_taken_in_twice_counts_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(store)
    with serving(Jetstream(FRAMES, cuts=[20, 20, 20]), monkeypatch):
        tallies = [reader.turn() for _ in range(3)]
    assert [tally.posts for tally in tallies] == [tallies[0].posts] * 3  # the recording is shorter than what we rewind
    assert store.rows("SELECT count(*) FROM held.observation") == [(tallies[0].posts,)]


def test_the_windows_of_runs_join_up_across_cuts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(store)
    with serving(Jetstream(LONG, cuts=[700, 300, ALL]), monkeypatch):
        tallies = [reader.turn() for _ in range(3)]
    windows = [tally.window for tally in tallies]
    for before, after in pairwise(windows):
        assert before.until is not None
        assert after.since is not None
        assert after.since <= before.until


def test_a_stream_that_has_forgotten_is_cut_short_not_complete(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(store)
    with serving(Jetstream(FRAMES, cuts=[20]), monkeypatch):
        reader.turn()
    later = stretched(FRAMES, 2, every_us=3600 * 10**6)
    floor_us = json.loads(FRAMES[0])["time_us"] + 1800 * 10**6
    stop = threading.Event()
    with serving(Jetstream(later, holds_from_us=floor_us), monkeypatch):
        threading.Timer(1.0, stop.set).start()
        tally = reader.turn(stop)
    assert tally.outcome == "cut_short"
    assert tally.reason is not None
    assert tally.reason.startswith("the stream begins at 2026-07-04 15:38:08 UTC")
    assert tally.window.since is not None
    assert tally.window.since > datetime(2026, 7, 4, 15, 38, tzinfo=UTC)
    assert reader.held() >= written(later[len(FRAMES) :])


def test_junk_between_the_frames_is_counted_and_the_rest_lands(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    junk = [b"{", b"null", FRAMES[1][:200], b'{"did":"did:plc:x"}']
    mixed = [frame for i, frame in enumerate(FRAMES) for frame in ([junk[i % 4], frame] if i % 10 == 0 else [frame])]
    wanted = Jetstream(mixed, cuts=[ALL])
    monkeypatch.setattr(wanted, "_wanted", lambda asked: iter(mixed))
    reader = Reader(store)
    with serving(wanted, monkeypatch):
        tally = reader.turn()
    assert (tally.rejected, tally.posts) == (16, 17)
    assert reader.held() == written(FRAMES)


def test_a_stopped_stream_ends_in_time_and_keeps_what_it_had(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(store)
    with serving(Jetstream(LONG), monkeypatch):
        for _ in range(10):  # a slow machine reads them in several turns, and loses none between two
            stop, start = threading.Event(), time.monotonic()
            threading.Timer(2.0, stop.set).start()
            tally = reader.turn(stop)
            assert time.monotonic() - start < 10
            assert tally.outcome in ("answered", "cut_short")
            if reader.held() == written(LONG):
                break
    assert reader.held() == written(LONG)


def test_a_post_that_its_author_deletes_is_gone_and_one_that_we_never_held_is_no_row(store: Store) -> None:
    reader = Reader(store)
    at = datetime(2026, 7, 4, tzinfo=UTC)
    post = Post(
        id="at://did:plc:someone/app.bsky.feed.post/3a",
        author=Author(id="did:plc:someone"),
        text="hello",
        observed_at=at,
    )
    gone = [
        Availability(id=f"at://did:plc:someone/app.bsky.feed.post/{key}", status="gone", cause="author", checked_at=at)
        for key in ("3a", "3b")
    ]
    run = Run(Task("bluesky", "stream", reader.subject, "stream"), store.workspace.spool)
    run.follow([Page(posts=[post], cursor="1"), Page(availability=gone, cursor="2")])
    store.drain()
    key = identify("bluesky", post.id, None, reader.subject.key).post_key
    assert store.rows("SELECT post_key, status, cause FROM held.availability") == [(key, "gone", "author")]


def test_compressed_frames_come_from_version_2_and_are_asked_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(store)
    with serving(Jetstream(FRAMES, cuts=[ALL], versions=[1, 2]), monkeypatch) as server:
        reader.turn()
    assert server.asked == [
        {"kinds": "commit,account", "collections": "app.bsky.feed.post", "zstdDictionary": "20260811"}
    ]
    assert reader.held() == written(FRAMES)


def test_a_server_with_another_dictionary_is_read_without_compression(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader(store)
    with serving(Jetstream(FRAMES, cuts=[ALL], versions=[2], zdict=1612007021), monkeypatch) as server:
        reader.turn()
    assert (server.refused, "zstdDictionary" in server.asked[0]) == (["UnknownZstdDictionary"], False)
    assert reader.held() == written(FRAMES)


def test_a_number_that_is_forgotten_gives_way_to_the_oldest_frame_and_the_gap_is_said(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader(store)
    with serving(Jetstream(FRAMES, cuts=[ALL], versions=[2]), monkeypatch):
        reader.turn()
    later = stretched(FRAMES, 2, every_us=3600 * 10**6)
    floor_us = json.loads(FRAMES[0])["time_us"] + 1800 * 10**6
    stop = threading.Event()
    with serving(Jetstream(later, versions=[2], holds_from_us=floor_us), monkeypatch) as server:
        threading.Timer(1.0, stop.set).start()
        tally = reader.turn(stop)
    assert (server.refused, server.asked[0]["cursor"]) == (["CursorTooOld"], "1783175883400999")
    assert (tally.outcome, (tally.reason or "")[:44]) == ("cut_short", "the stream begins at 2026-07-04 15:38:08 UTC")
    assert reader.held() >= written(later[len(FRAMES) :])


def test_a_number_of_another_server_leads_nobody_astray(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, half = Reader(store), len(LONG) // 2
    with serving(Jetstream(LONG[:half], cuts=[ALL], versions=[2], first_seq=9_000), monkeypatch):
        reader.turn()
    with serving(Jetstream(LONG, cuts=[ALL, ALL], versions=[2], first_seq=1), monkeypatch) as server:
        reader.turn()
    assert [int(asked["cursor"]) < 10**15 for asked in server.asked] == [True, False]
    assert reader.held() == written(LONG)


def test_a_server_that_ends_us_is_told_with_its_reason_after_what_came(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader(store)
    end = b'{"$type":"error","error":"ConsumerTooSlow","message":"too far behind"}'
    server = Jetstream([*FRAMES, end], cuts=[ALL], versions=[2])
    with serving(server, monkeypatch):
        tally = reader.turn()
    assert tally.reason == "Broken: the stream ended us: ConsumerTooSlow"
    assert reader.held() == written(FRAMES)


def test_a_campaign_finds_its_posts_in_the_stream(
    workspace: Workspace, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = "Has anyone properly debunked Tic Tac video?"
    text = f'name = "ufo"\ntitle = "A sighting"\nplatforms = ["bluesky"]\n[[videos]]\ntitle.en = "{title}"\n'
    workspace.campaign_file("ufo").write_text(text, encoding="utf-8")
    monkeypatch.setenv("SPILLOVER_ALLOW_PRIVATE", "1")
    campaigns, stopping = Campaigns(workspace, store), threading.Event()
    campaigns.save_all()
    with serving(Jetstream(FRAMES, cuts=[ALL]), monkeypatch):
        (tally,) = Collection(workspace, store, campaigns, stopping).turn("bluesky", "stream", "ufo")
    assert (tally.posts, tally.matched, tally.outcome) == (17, 1, "cut_short")
    rows = store.rows("SELECT title, role FROM posts ORDER BY title")
    assert rows == [(f"{title} - UFO FEED", "match"), *[(None, "control")] * 3]
