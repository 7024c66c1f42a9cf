"""The client against servers that misbehave, on loopback."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import ClassVar

import pytest

from spillover.client import HttpClient, Place, Rules
from spillover.contract import Budget, Collector
from spillover.errors import Broken, BudgetSpent, CollectError, RateLimited, Refused
from spillover.guard import Guard, is_public
from spillover.pacing import Charge, Gate, Stopped, backoff_s, come_back
from tests import badserver as bad
from tests.badserver import BadServer, bad_server, reply

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
QUICK = Rules(read_s=1.0, total_s=1.5, connect_s=1.0)


@pytest.fixture
def server() -> Iterator[BadServer]:
    with bad_server() as started:
        yield started


@pytest.fixture(autouse=True)
def no_waiting_between_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spillover.client.backoff_s", lambda attempt: 0.01)


def collector(*hosts: str, per_minute: float = 6_000_000, calls: int = 100) -> type[Collector]:
    """Return a collector of its own, so that no test shares a gate with another."""
    allowed, pace = hosts or ("127.0.0.1",), per_minute

    class Made(Collector):
        name = "made"
        hosts = allowed
        per_minute = pace
        budgets: ClassVar[Mapping[str, Budget]] = {"search": Budget(limit=calls, zone="America/Los_Angeles")}

    return Made


def a_client(made: type[Collector] | None = None, **more: object) -> HttpClient:
    return HttpClient(made or collector(), rules=QUICK, place=Place(allow_private=True), **more)  # type: ignore[arg-type]


def test_an_answer_comes_with_its_body_and_headers(server: BadServer) -> None:
    with a_client() as client:
        answer = client.get(server.on("/", reply(200, b"hello", X_Thing="1")), params={"q": "русский 中文"})
    assert (answer.status, answer.body, answer.headers["x-thing"]) == (200, b"hello", "1")
    assert "q=%D1%80" in server.heads[0]


def test_a_packed_answer_is_unpacked_also_in_several_parts(server: BadServer) -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"two") + b"\0\0"[:0]
    with a_client() as client:
        assert client.get(server.on("/", reply(200, packed, Content_Encoding="gzip"))).body == b"one two"


def test_the_client_says_who_it_is(server: BadServer) -> None:
    client = HttpClient(
        collector(), rules=Rules(contact="https://lab.example/contact"), place=Place(allow_private=True)
    )
    client.get(server.on("/", reply()))
    assert "User-Agent: spillover/0.1.0 (+https://lab.example/contact)" in server.heads[0]


@pytest.mark.parametrize("behaviour", [bad.drop, bad.half_a_body, bad.half_a_chunk, bad.no_http])
def test_a_cut_line_is_tried_three_times_and_then_broken(server: BadServer, behaviour: bad.Behaviour) -> None:
    with a_client() as client, pytest.raises(Broken):
        client.get(server.on("/", behaviour))
    assert len(server.heads) == 3


def test_half_a_packed_answer_is_broken(server: BadServer) -> None:
    with a_client() as client, pytest.raises(Broken, match="half an answer"):
        client.get(server.on("/", bad.half_a_gzip))


def test_a_passing_trouble_is_overcome(server: BadServer) -> None:
    with a_client() as client:
        assert client.get(server.on("/", bad.drop, reply(500), reply(200, b"ok"))).body == b"ok"


def test_a_server_that_stays_down_is_broken_after_three_tries(server: BadServer) -> None:
    with a_client() as client, pytest.raises(Broken, match="503"):
        client.get(server.on("/", reply(503)))
    assert len(server.heads) == 3


def test_a_port_where_nobody_listens_is_broken() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        with a_client() as client, pytest.raises(Broken):
            client.get(f"http://127.0.0.1:{held.getsockname()[1]}/")


@pytest.mark.parametrize("behaviour", [bad.dawdle(0.05), bad.dawdle_in_the_head(0.05)])
def test_a_server_that_dawdles_is_left_after_the_whole_time(server: BadServer, behaviour: bad.Behaviour) -> None:
    started = time.monotonic()
    with a_client() as client, pytest.raises(Broken):
        client.get(server.on("/", behaviour))
    assert time.monotonic() - started < 3
    assert len(server.heads) == 1


def test_a_server_that_is_silent_is_left(server: BadServer) -> None:
    started = time.monotonic()
    with a_client() as client, pytest.raises(Broken, match="Timeout"):
        client.get(server.on("/", bad.silent(4)))
    assert time.monotonic() - started < 4


def test_a_stopped_run_does_not_sit_out_a_silent_server(server: BadServer) -> None:
    stop = threading.Event()
    patient = Rules(read_s=30)
    client = HttpClient(collector(), stop=stop, rules=patient, place=Place(allow_private=True))
    threading.Timer(0.3, stop.set).start()
    started = time.monotonic()
    with pytest.raises(Stopped):
        client.get(server.on("/", bad.silent(20)))
    assert time.monotonic() - started < 3


def test_a_stopped_run_asks_nothing(server: BadServer) -> None:
    stop = threading.Event()
    stop.set()
    with a_client(stop=stop) as client, pytest.raises(Stopped):
        client.get(server.on("/", reply()))
    assert server.heads == []


def test_a_small_bomb_does_not_fill_the_memory(server: BadServer) -> None:
    url = server.on("/", bad.gzip_bomb(400))
    tracemalloc.start()
    with a_client() as client, pytest.raises(Broken, match="more than"):
        client.get(url)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 80 * 2**20


def test_a_body_over_the_limit_is_broken(server: BadServer) -> None:
    small = HttpClient(collector(), rules=Rules(biggest=1000), place=Place(allow_private=True))
    with small, pytest.raises(Broken, match="more than 1000"):
        small.get(server.on("/", reply(200, b"x" * 1001)))


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "zstd", "deflate"])
def test_a_packing_that_we_did_not_ask_for_is_broken(server: BadServer, encoding: str) -> None:
    with a_client() as client, pytest.raises(Broken, match="did not ask for"):
        client.get(server.on("/", reply(200, b"x", Content_Encoding=encoding)))


@pytest.mark.parametrize("status", [401, 403])
def test_a_no_is_refused_at_once_and_keeps_the_reason(server: BadServer, status: int) -> None:
    with a_client() as client, pytest.raises(Refused) as caught:
        client.get(server.on("/", reply(status, b'{"error": "why"}')))
    assert caught.value.body == b'{"error": "why"}'
    assert len(server.heads) == 1


def test_a_server_that_wants_a_log_in_by_another_number_has_refused(server: BadServer) -> None:
    said = b'{"error":"This method requires an authenticated user"}'
    url = server.on("/", reply(422, said), reply(422, b'{"error":"unknown"}'))
    with a_client() as client:
        with pytest.raises(Refused):
            client.get(url)
        with pytest.raises(Broken):
            client.get(url)


@pytest.mark.parametrize("status", [404, 410, 451])
def test_what_is_not_there_is_for_the_collector_to_judge(server: BadServer, status: int) -> None:
    with a_client() as client:
        assert client.get(server.on("/", reply(status))).status == status


@pytest.mark.parametrize("status", [400, 405, 418, 422])
def test_another_fault_of_ours_is_broken_and_not_repeated(server: BadServer, status: int) -> None:
    with a_client() as client, pytest.raises(Broken):
        client.get(server.on("/", reply(status)))
    assert len(server.heads) == 1


def test_html_where_json_was_asked_is_handed_to_the_collector(server: BadServer) -> None:
    with a_client() as client:
        assert client.get(server.on("/", reply(200, b"<html>", Content_Type="text/html"))).body == b"<html>"


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"Retry-After": "90"}, 90),
        ({"retry-after": format_datetime(NOW + timedelta(seconds=120), usegmt=True)}, 120),
        ({"Retry-After": "60", "X-Rate-Limit-Reset": "1"}, 60),
        ({"x-rate-limit-reset": str(int(NOW.timestamp()) + 300)}, 300),
        ({"x-rate-limit-reset": str(int(NOW.timestamp()) + 300), "x-ratelimit-reset": "5"}, 300),
        ({"x-ratelimit-reset": "42.5"}, 42.5),
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) + 77)}, 77),
        ({"X-RateLimit-Reset": (NOW + timedelta(seconds=240)).isoformat()}, 240),
        ({"X-RateLimit-Reset": "2026-03-01T12:04:00.123Z"}, 240.123),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "soon", "x-ratelimit-reset": "9"}, 9),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "99999999999999999999"}, None),
        ({"x-rate-limit-reset": "1"}, 1),
        ({}, None),
    ],
)
def test_every_dialect_of_come_back_later_is_understood(headers: dict[str, str], wait_s: float | None) -> None:
    moment = come_back(headers, NOW)
    assert (moment - NOW).total_seconds() == wait_s if moment else wait_s is None


def test_a_moment_that_has_passed_means_now() -> None:
    assert come_back({"Retry-After": format_datetime(NOW - timedelta(hours=1), usegmt=True)}, NOW) == NOW


def test_a_short_wait_is_slept(server: BadServer) -> None:
    started = time.monotonic()
    with a_client() as client:
        assert client.get(server.on("/", reply(429, Retry_After="1"), reply(200, b"ok"))).body == b"ok"
    assert time.monotonic() - started >= 0.9


def test_a_long_wait_is_given_back_and_the_host_left_alone_until_then(server: BadServer) -> None:
    made = collector()
    url = server.on("/", reply(429, Retry_After="600"), reply(200))
    with a_client(made) as client, pytest.raises(RateLimited) as caught:
        client.get(url)
    assert caught.value.retry_at is not None
    assert 590 < (caught.value.retry_at - datetime.now(UTC)).total_seconds() < 601
    with a_client(made) as another, pytest.raises(RateLimited):
        another.get(url)
    assert len(server.heads) == 1


def test_a_503_that_names_a_time_is_a_rate_limit(server: BadServer) -> None:
    with a_client() as client, pytest.raises(RateLimited):
        client.get(server.on("/", reply(503, Retry_After="600")))


def test_a_429_that_names_no_time_is_tried_again(server: BadServer) -> None:
    with a_client() as client, pytest.raises(RateLimited):
        client.get(server.on("/", reply(429)))
    assert len(server.heads) == 3


def test_waits_between_attempts_are_spread_and_bounded() -> None:
    waits = [backoff_s(attempt) for attempt in range(20) for _ in range(50)]
    assert all(0 <= wait <= 30 for wait in waits)
    assert len({round(wait, 6) for wait in waits}) > 900


def test_requests_keep_their_pace(server: BadServer) -> None:
    client = a_client(collector(per_minute=600))
    url = server.on("/", reply())
    started = time.monotonic()
    for _ in range(4):
        client.get(url)
    assert 0.28 < time.monotonic() - started < 1.0


def test_runs_of_one_collector_share_its_pace(server: BadServer) -> None:
    made, url = collector(per_minute=600), server.on("/", reply())
    clients = [a_client(made) for _ in range(4)]
    started = time.monotonic()
    threads = [threading.Thread(target=client.get, args=(url,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - started > 0.28


def test_a_pace_slower_than_our_patience_is_given_back(server: BadServer) -> None:
    client, url = a_client(collector(per_minute=1)), server.on("/", reply())
    client.get(url)
    with pytest.raises(BudgetSpent) as caught:
        client.get(url)
    assert caught.value.retry_at is not None
    assert 55 < (caught.value.retry_at - datetime.now(UTC)).total_seconds() <= 60


def test_a_budget_is_charged_before_the_request_also_when_it_fails(server: BadServer) -> None:
    client, url = a_client(collector(calls=4)), server.on("/", reply(500))
    with pytest.raises(Broken):
        client.get(url, spend="search")
    with pytest.raises(BudgetSpent):
        client.get(url, spend="search")
    assert len(server.heads) == 4


def test_a_budget_outlives_the_process(server: BadServer, tmp_path: Path) -> None:
    url, place = server.on("/", reply()), Place(gates=tmp_path, allow_private=True)
    HttpClient(collector(calls=1), place).get(url, spend="search")
    with HttpClient(collector(calls=1), place) as second, pytest.raises(BudgetSpent):
        second.get(url, spend="search")
    assert len(server.heads) == 1


def test_a_charge_is_on_the_disk_before_the_request_leaves(server: BadServer, tmp_path: Path) -> None:
    held: list[str] = []

    def look(send: bad.Send, head: str) -> None:
        held.extend(path.read_text() for path in tmp_path.glob("made-*.json"))
        reply()(send, head)

    HttpClient(collector(), Place(gates=tmp_path, allow_private=True)).get(server.on("/", look), spend="search")
    assert [sum(json.loads(text)["spent"]["search"].values()) for text in held] == [1]


def test_another_credential_has_a_gate_of_its_own(server: BadServer, tmp_path: Path) -> None:
    made, url = collector(calls=1), server.on("/", reply())
    for token in ("one", "two"):
        HttpClient(made, Place({"TOKEN": token}, gates=tmp_path, allow_private=True)).get(url, spend="search")
    assert len(list(tmp_path.glob("made-*.json"))) == 2
    assert not any(word in path.name + path.read_text() for path in tmp_path.iterdir() for word in ("one", "two"))


def test_a_host_that_fails_five_times_in_a_row_is_left_alone_for_an_hour(server: BadServer) -> None:
    client, url = a_client(), server.on("/", *[reply(403)] * 4, reply(200), reply(403))
    for _ in range(4):
        with pytest.raises(Refused):
            client.get(url)
    client.get(url)
    for _ in range(5):
        with pytest.raises(Refused):
            client.get(url)
    with pytest.raises(BudgetSpent, match="not asked") as caught:
        client.get(url)
    assert caught.value.retry_at is not None
    assert timedelta(minutes=59) < caught.value.retry_at - datetime.now(UTC) < timedelta(minutes=61)
    assert len(server.heads) == 10


def test_a_posted_body_arrives_once(server: BadServer) -> None:
    with a_client() as client:
        assert client.post(server.on("/", reply(200, b"done")), b"{}").body == b"done"
        with pytest.raises(Broken):
            client.post(server.on("/drop", bad.drop), b"{}")
    assert [head.split()[0] for head in server.heads] == ["POST", "POST"]


@pytest.mark.parametrize(
    ("now", "filled_at"),
    [
        (datetime(2026, 3, 1, 12, 0, tzinfo=UTC), datetime(2026, 3, 2, 8, 0, tzinfo=UTC)),
        (datetime(2026, 3, 8, 7, 59, tzinfo=UTC), datetime(2026, 3, 8, 8, 0, tzinfo=UTC)),
        (datetime(2026, 3, 8, 12, 0, tzinfo=UTC), datetime(2026, 3, 9, 7, 0, tzinfo=UTC)),  # summer time begins
        (datetime(2026, 11, 1, 12, 0, tzinfo=UTC), datetime(2026, 11, 2, 8, 0, tzinfo=UTC)),  # and ends
    ],
)
def test_a_day_begins_at_midnight_of_the_budgets_zone(now: datetime, filled_at: datetime) -> None:
    gate = Gate(collector(calls=2))
    for _ in range(2):
        gate.enter("h", Charge("search"), now, patience_s=30)
    with pytest.raises(BudgetSpent) as caught:
        gate.enter("h", Charge("search"), now, patience_s=30)
    assert caught.value.retry_at == filled_at
    with pytest.raises(BudgetSpent):
        gate.enter("h", Charge("search"), filled_at - timedelta(seconds=1), patience_s=30)
    gate.enter("h", Charge("search"), filled_at, patience_s=30)


@pytest.mark.parametrize("back", [timedelta(hours=3), timedelta(days=4000)])
def test_a_clock_that_was_ahead_keeps_no_host_closed(back: timedelta, tmp_path: Path) -> None:
    ahead = datetime(2037, 3, 1, 12, 0, tzinfo=UTC)
    gate = Gate(collector(), tmp_path / "gate.json")
    gate.enter("h", None, ahead, patience_s=30)
    gate.close("closed", ahead + timedelta(hours=1))
    again = Gate(collector(), tmp_path / "gate.json")
    for one in (gate, again):
        assert one.enter("h", None, ahead - back, patience_s=30) < 5
    if back > timedelta(days=7):
        again.enter("closed", None, ahead - back, patience_s=30)


def test_an_unchanged_page_comes_without_its_body(server: BadServer) -> None:
    url = server.on("/", reply(200, b"one", ETag='"1"', Last_Modified="Sun, 01 Mar 2026 12:00:00 GMT"), reply(304))
    first = a_client()
    assert first.get(url, conditional=True).body == b"one"
    second = a_client(marks=json.loads(json.dumps(first.get_state())))
    answer = second.get(url, conditional=True)
    assert (answer.unchanged, answer.body, answer.status) == (True, b"", 304)
    assert 'If-None-Match: "1"' in server.heads[1]
    assert "If-Modified-Since: Sun, 01 Mar 2026 12:00:00 GMT" in server.heads[1]


def test_the_same_bytes_are_unchanged_also_without_an_etag(server: BadServer) -> None:
    client, url = a_client(), server.on("/", reply(200, b"one"), reply(200, b"one"), reply(200, b"two"))
    assert [client.get(url, conditional=True).unchanged for _ in range(3)] == [False, True, False]


def test_another_answer_forgets_nothing_it_should_not(server: BadServer) -> None:
    client, url = a_client(), server.on("/", reply(200, b"one", ETag='"1"'), reply(404), reply(200, b"one", ETag='"1"'))
    assert not client.get(url, conditional=True).unchanged
    assert client.get(url, conditional=True).status == 404
    assert not client.get(url, conditional=True).unchanged


def test_an_unasked_304_is_broken(server: BadServer) -> None:
    with a_client() as client, pytest.raises(Broken, match="304"):
        client.get(server.on("/", reply(304)))


def test_only_the_newest_thousand_marks_are_kept(server: BadServer) -> None:
    url = server.on("/", reply(200, b"x"))
    client = a_client(marks={f"http://old.example/{number}": {"etag": "1"} for number in range(1500)})
    client.get(url, conditional=True)
    marks = client.get_state()
    assert len(marks) == 1000
    assert url in marks


def test_a_redirect_within_the_hosts_is_followed(server: BadServer) -> None:
    server.on("/there", reply(200, b"ok"))
    with a_client() as client:
        answer = client.get(server.on("/", reply(302, Location="/there")))
    assert answer.body == b"ok"
    assert answer.url.endswith("/there")


def test_five_redirects_are_followed_and_no_more(server: BadServer) -> None:
    for number in range(5):
        server.on(f"/{number}", reply(301, Location=f"/{number + 1}"))
    server.on("/5", reply(200, b"ok"))
    with a_client() as client:
        assert client.get(f"http://127.0.0.1:{server.port}/0").body == b"ok"
        with pytest.raises(Broken, match="more than 5 redirects"):
            client.get(server.on("/loop", reply(302, Location="/loop")))


@pytest.mark.parametrize(
    "place",
    [
        "http://localhost:{port}/",
        "http://evil.example/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "//[::1]/",
        "http://a@127.0.0.1/",
    ],
)
def test_a_redirect_out_of_the_hosts_is_refused(server: BadServer, place: str) -> None:
    with a_client() as client, pytest.raises(Refused):
        client.get(server.on("/", reply(302, Location=place.format(port=server.port))))
    assert len(server.heads) == 1


def test_a_key_is_not_carried_to_another_host(server: BadServer) -> None:
    server.on("/there", reply())
    client = a_client(collector("127.0.0.1", "localhost"))
    here = server.on("/", reply(302, Location=f"http://localhost:{server.port}/there"))
    client.get(here, headers={"X-Key": "secret"})
    assert ["X-Key: secret" in head for head in server.heads] == [True, False]


@pytest.mark.parametrize(
    ("hosts", "url", "allowed"),
    [
        (("a.example",), "https://a.example/x", True),
        (("a.example",), "https://A.EXAMPLE./x", True),
        (("a.example",), "https://b.a.example/x", False),
        ((".a.example",), "https://b.a.example/x", True),
        ((".a.example",), "https://a.example/x", False),
        ((".a.example",), "https://eva.example/x", False),
        (("a.example",), "https://a.example.evil.example/", False),
        (("a.example",), "https://evil.example\\@a.example/", False),
        (("a.example",), "https://a.example@evil.example/", False),
        (("a.example",), "http://a.example/x", False),
        (("a.example",), "https:///x", False),
        (("a.example",), "https://[oops/", False),
        (("*",), "https://anything.example/", True),
        (("*",), "gopher://anything.example/", False),
    ],
)
def test_only_the_collectors_hosts_are_spoken_to(hosts: tuple[str, ...], url: str, allowed: bool) -> None:
    guard = Guard(hosts)
    if allowed:
        guard.check(url)
    else:
        with pytest.raises(Refused):
            guard.check(url)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::5db8:d822", True),
        ("2002:7f00:1::1", False),
        ("::7f00:1", False),
        ("::ffff:0:7f00:1", False),
        ("64:ff9b:1::7f00:1", False),
        ("5f00::1", False),
        ("192.0.0.8", False),
        ("2606:4700::1111", True),
    ],
)
def test_private_addresses_are_told_from_public_ones(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "0x7f.1", "[::1]", "2130706433"])
def test_this_machine_is_out_of_bounds(host: str) -> None:
    client = HttpClient(collector("*"))
    with client, pytest.raises(CollectError, match=r"not a public address|not resolve"):
        client.get(f"https://{host}/")


def test_one_private_address_among_public_ones_spoils_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(2, 1, 6, "", (address, 443)) for address in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
    with HttpClient(collector("*")) as client, pytest.raises(Refused, match=r"10\.0\.0\.1"):
        client.get("https://feeds.example/")


def test_the_address_that_was_checked_is_the_one_that_is_used(
    server: BadServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def resolver(host: object, *_: object, **__: object) -> list[object]:
        asked.append(host)
        address = "127.0.0.1" if asked.count(host) == 1 else "10.0.0.1"  # a name that changes its mind
        return [(2, 1, 6, "", (address, server.port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    server.on("/", reply(200, b"ok"))
    with a_client(collector("feeds.example")) as client:
        assert client.get(f"http://feeds.example:{server.port}/").body == b"ok"
    assert asked.count("feeds.example") == 1
    assert f"Host: feeds.example:{server.port}" in server.heads[0]


@pytest.mark.parametrize("behaviour", [bad.drop, reply(401), reply(404), reply(500), reply(429, Retry_After="900")])
def test_a_secret_is_in_no_message_and_no_log(
    server: BadServer, caplog: pytest.LogCaptureFixture, behaviour: bad.Behaviour
) -> None:
    caplog.set_level(logging.DEBUG)
    said = ""
    with a_client() as client:
        try:
            client.get(server.on("/", behaviour), params={"token": "s3cret"}, headers={"X-Key": "s3cret"})
        except CollectError as error:
            said = repr(error) + str(error)
    assert "s3cret" not in said + caplog.text
    assert len(server.heads) >= 1


def test_a_key_with_a_line_break_in_it_is_not_quoted_back(server: BadServer) -> None:
    with a_client() as client, pytest.raises(Broken) as caught:
        client.get(server.on("/", reply()), headers={"X-Key": "s3cret\n"})
    assert "s3cret" not in str(caught.value)
