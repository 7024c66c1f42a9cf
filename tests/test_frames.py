"""Streams over real web sockets on loopback: a relay that is cut, silent, refusing, or lying."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count, islice

import pytest
from websockets.sync.server import ServerConnection, serve

from spillover import frames
from spillover.client import HttpClient, Place, Rules
from spillover.contract import Collector
from spillover.errors import Broken, RateLimited, Refused
from tests.badserver import bad_server, reply

Relay = Callable[[ServerConnection], None]


class Stream(Collector):
    name = "made"
    hosts = ("127.0.0.1",)


@contextmanager
def relay(behaviour: Relay) -> Iterator[str]:
    with serve(behaviour, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/subscribe"
        server.shutdown()


def a_client(stop: threading.Event | None = None, *, idle_s: float = 30.0) -> HttpClient:
    return HttpClient(Stream, stop=stop, rules=Rules(connect_s=2, idle_s=idle_s), place=Place(allow_private=True))


def forever(line: ServerConnection) -> None:
    for number in count():
        line.send(f"{number}")


def test_frames_come_in_order_as_bytes() -> None:
    with relay(forever) as url:
        assert list(islice(a_client().frames(url), 3)) == [b"0", b"1", b"2"]


def test_nothing_is_opened_before_a_frame_is_wanted() -> None:
    a_client().frames("ws://127.0.0.1:1/")


def test_a_stopped_stream_ends_without_an_error() -> None:
    stop = threading.Event()
    with relay(forever) as url:
        taken = []
        for frame in a_client(stop).frames(url):
            taken.append(frame)
            if len(taken) == 5:
                stop.set()
    assert len(taken) == 5


def test_a_silent_stream_can_be_stopped() -> None:
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    started = time.monotonic()
    with relay(lambda line: time.sleep(1.5)) as url:
        assert list(a_client(stop).frames(url)) == []
        assert time.monotonic() - started < 1.4


def test_a_stream_cut_in_the_middle_is_broken_after_what_came() -> None:
    def cut(line: ServerConnection) -> None:
        line.send("one")
        line.socket.close()

    taken = []
    with relay(cut) as url, pytest.raises(Broken, match="cut"):
        for frame in a_client().frames(url):
            taken.append(frame)
    assert taken == [b"one"]


def test_a_stream_that_says_good_bye_is_broken_too() -> None:
    with relay(lambda line: line.close(1001)) as url, pytest.raises(Broken, match="cut"):
        list(a_client().frames(url))


def test_a_stream_that_says_nothing_is_taken_for_dead() -> None:
    with relay(lambda line: time.sleep(1.5)) as url, pytest.raises(Broken, match="said nothing"):
        list(a_client(idle_s=0.6).frames(url))


def test_a_frame_beyond_the_limit_breaks_the_stream() -> None:
    with relay(lambda line: line.send(bytes(5 * 2**20))) as url, pytest.raises(Broken, match="cut"):
        list(a_client().frames(url))


@pytest.mark.parametrize(
    ("status", "error"), [(401, Refused), (403, Refused), (429, RateLimited), (400, Broken), (200, Broken)]
)
def test_a_refused_stream_says_why(status: int, error: type[Exception]) -> None:
    with bad_server() as server, pytest.raises(error):
        url = server.on("/", reply(status, Retry_After=900)).replace("http", "ws", 1)
        list(a_client().frames(url))


def test_a_redirect_of_a_stream_to_a_host_that_is_not_declared_is_not_followed() -> None:
    with bad_server() as server, pytest.raises(Refused, match="elsewhere"):
        url = server.on("/", reply(302, Location="wss://elsewhere.example/")).replace("http", "ws", 1)
        list(a_client().frames(url))


def test_a_port_where_nobody_listens_is_broken() -> None:
    with pytest.raises(Broken):
        list(a_client().frames("ws://127.0.0.1:1/"))


@pytest.mark.parametrize("url", ["wss://evil.example/", "https://127.0.0.1/", "ws://localhost:1/"])
def test_only_the_collectors_hosts_are_streamed_from(url: str) -> None:
    with pytest.raises(Refused):
        list(a_client().frames(url))


def test_outside_of_tests_a_stream_is_secure_and_public() -> None:
    for url in ("ws://127.0.0.1:1/", "wss://127.0.0.1:1/"):
        with pytest.raises(Refused):
            list(HttpClient(Stream).frames(url))


def test_a_quiet_stream_goes_on_while_the_other_end_answers() -> None:
    def seldom(line: ServerConnection) -> None:
        line.send("before")
        time.sleep(2.6)
        line.send("after")
        line.close()

    client = HttpClient(Stream, rules=Rules(connect_s=2, idle_s=1.2, quiet_s=0.3), place=Place(allow_private=True))
    taken = []
    with relay(seldom) as url, pytest.raises(Broken, match="cut"):
        for frame in client.frames(url, quiet=True):
            taken.append(frame)
    assert (taken[0], taken[-1]) == (b"before", b"after")
    assert len(taken) > 3
    assert set(taken[1:-1]) == {b""}


def test_a_quiet_stream_whose_other_end_does_not_answer_is_dead() -> None:
    def deaf(line: ServerConnection) -> None:
        line.protocol.receive_data = lambda data: None  # type: ignore[method-assign]  # hears nothing, answers nothing
        time.sleep(3)

    client = HttpClient(Stream, rules=Rules(connect_s=2, idle_s=1.2, quiet_s=0.3), place=Place(allow_private=True))
    with relay(deaf) as url, pytest.raises(Broken, match="said nothing"):
        list(client.frames(url, quiet=True))


def test_a_stream_that_moved_is_followed_once_with_its_key() -> None:
    keys = []

    def shown(line: ServerConnection) -> None:
        assert line.request is not None
        keys.append(line.request.headers.get("Authorization"))
        line.send("here")

    with relay(shown) as url, bad_server() as server:
        moved = server.on("/", reply(301, Location=url.replace("ws", "http", 1))).replace("http", "ws", 1)
        assert next(iter(a_client().frames(moved, headers={"Authorization": "Bearer s3cret"}))) == b"here"
        twice = server.on("/twice", reply(301, Location=moved.replace("ws", "http", 1))).replace("http", "ws", 1)
        with pytest.raises(Broken):
            list(a_client().frames(twice))
    assert keys == ["Bearer s3cret"]


def test_a_key_goes_to_the_hosts_below_its_own_and_to_no_other() -> None:
    told = {
        host: frames._is_below(host, "one.example")
        for host in ("one.example", "streaming.one.example", "someone.example", "one.example.evil")
    }
    assert told == {
        "one.example": True,
        "streaming.one.example": True,
        "someone.example": False,
        "one.example.evil": False,
    }
