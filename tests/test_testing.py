"""Each rule of the contract check, broken on purpose by a collector that is right in all else."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from msgspec.structs import replace

from spillover.contract import (
    AccountState,
    Author,
    Availability,
    Budget,
    Collector,
    Counts,
    Interval,
    Known,
    Page,
    Post,
    Query,
    Reading,
    Source,
    Window,
)
from spillover.errors import Broken, RateLimited, Refused
from spillover.testing import (
    BrokenContract,
    Replay,
    ReplayEnded,
    check_collector,
    check_load,
    check_page,
    check_reread,
    check_search,
    check_stream,
)

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
QUERY = Query(kind="phrase", text="x")
POST = Post(id="1", url="https://good.example/1", published_at=AT, counts=Counts(views=5))
PAGE = Page(posts=[POST], window=Window(since=AT, until=AT), done=True)


class Good(Collector):
    """Keeps every rule; each test breaks one."""

    name = "good"
    hosts = ("good.example", ".good.example")
    finds = frozenset({"phrase"})
    terms = "https://good.example/terms"
    needs = ("GOOD_KEY",)
    budgets: ClassVar[Mapping[str, Budget]] = {"search": Budget(limit=10)}
    page = PAGE

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        self.client.get("https://api.good.example/search")
        yield self.page

    def reread(self, posts: Sequence[Known]) -> Iterator[Page]:
        yield Page(availability=[Availability(id=post.id, status="up") for post in posts])

    def stream(self, queries: Sequence[Query], cursor: str | None) -> Iterator[Page]:
        for frame in self.client.frames("wss://good.example/"):
            yield Page(window=Window(until=AT), cursor=frame.decode())

    def load(self, source: Source) -> Iterator[Page]:
        yield PAGE


def good(made: type[Collector] = Good) -> Collector:
    return made(Replay(b"one", fetched_at=AT))


def test_a_good_collector_passes_every_check() -> None:
    check_collector(Good)
    assert check_search(good(), QUERY) == [PAGE]
    assert len(check_reread(good(), [Known(id="1"), Known(id="2")])) == 1
    assert [page.cursor for page in check_stream(good(), [QUERY])] == ["one"]
    assert check_load(good(), Source(path=Path("x"))) == [PAGE]


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("name", "Good"), ("name", ""), ("hosts", ()), ("hosts", ("https://good.example",)), ("hosts", ("",)),
        ("instances", ("good.example",)), ("instances", ("http://good.example",)),
        ("finds", frozenset({"smell"})), ("finds", frozenset()), ("terms", ""), ("terms", "http://good.example/"),
        ("needs", ("key",)), ("per_minute", 0), ("budgets", {"search": Budget(limit=0)}),
    ],
)  # fmt: skip
def test_a_wrong_declaration_is_caught(attribute: str, value: object) -> None:
    with pytest.raises(BrokenContract):
        check_collector(type("Wrong", (Good,), {attribute: value}))


def test_a_collector_without_a_mode_is_caught() -> None:
    with pytest.raises(BrokenContract, match="at least one mode"):
        check_collector(type("Idle", (Collector,), {"name": "idle"}))


def test_a_collector_of_files_needs_no_hosts() -> None:
    check_collector(type("Files", (Collector,), {"name": "files", "load": Good.load}))


def test_a_collector_of_many_servers_asks_those_that_it_is_given() -> None:
    many = type("Many", (Good,), {"hosts": (), "instances": ("https://api.good.example",)})
    assert check_search(good(many), QUERY) == [PAGE]
    with pytest.raises(BrokenContract, match="declared hosts"):
        check_search(many(Replay(b"one", fetched_at=AT), {}, ("https://other.example",)), QUERY)


WRONG_POSTS: dict[str, dict[str, Any]] = {
    "ids are text": {"id": 5},
    "ids are not empty": {"id": " "},
    "an address is whole": {"url": "/1"},
    "an address has a scheme of the web": {"url": "ftp://good.example/1"},
    "links are whole": {"links": ("good.example/2",)},
    "published_at has a zone": {"published_at": datetime(2026, 3, 1)},
    "observed_at has a zone": {"observed_at": datetime(2026, 3, 1)},
    "precision is known": {"published_precision": "week"},
    "a region is a code": {"region": "Germany", "region_basis": "outlet"},
    "a region has a basis": {"region": "DE"},
    "hashtags have no hash": {"hashtags": ("#cia",)},
    "an author's id is text": {"author": Author(id=7)},  # type: ignore[arg-type]
    "a count is whole": {"counts": Counts(views=1.5)},  # type: ignore[arg-type]
    "a count is no text": {"counts": Counts(likes="5")},  # type: ignore[arg-type]
    "a count is no truth": {"counts": Counts(shares=True)},
    "a count is not below zero": {"counts": Counts(comments=-1)},
    "a count fits": {"counts": Counts(views=2**63)},
    "an interval is in order": {"counts": Counts(views=Interval(5, 4, 5))},
    "an interval holds what is shown": {"counts": Counts(views=Interval(5, 9, 10))},
}


@pytest.mark.parametrize("rule", WRONG_POSTS)
def test_a_wrong_post_is_caught(rule: str) -> None:
    page = replace(PAGE, posts=[replace(POST, **WRONG_POSTS[rule])])
    with pytest.raises(BrokenContract):
        check_search(good(type("Wrong", (Good,), {"page": page})), QUERY)


@pytest.mark.parametrize(
    "page",
    [
        replace(PAGE, posts=[POST, POST]),
        replace(PAGE, window=None),
        replace(PAGE, window=Window(since=datetime(2026, 3, 1), until=AT)),
        replace(PAGE, window=Window(since=AT, until=datetime(2026, 2, 1, tzinfo=UTC))),
        replace(PAGE, done=False),
        "a page",
    ],
    ids=["twice", "no window", "no zone", "ends first", "no cursor", "no page"],
)
def test_a_wrong_page_is_caught(page: object) -> None:
    with pytest.raises(BrokenContract):
        check_search(good(type("Wrong", (Good,), {"page": page})), QUERY)


@pytest.mark.parametrize(
    "check",
    [
        {"status": "deleted"}, {"cause": "because"}, {"basis": "guessed"}, {"status": "gone", "basis": "absent"},
        {"checked_at": datetime(2026, 3, 1)}, {"blocked_in": ("Germany",)}, {"allowed_in": ("de",)}, {"id": ""},
    ],
)  # fmt: skip
def test_a_wrong_availability_is_caught(check: dict[str, Any]) -> None:
    with pytest.raises(BrokenContract):
        check_page(Page(availability=[replace(Availability(id="1", status="up"), **check)]))


@pytest.mark.parametrize(
    "state",
    [
        {"id": ""},
        {"status": "suspended"},
        {"cause": "because"},
        {"basis": "guessed"},
        {"checked_at": datetime(2026, 3, 1)},
    ],
)
def test_a_wrong_state_of_an_account_is_caught(state: dict[str, Any]) -> None:
    with pytest.raises(BrokenContract):
        check_page(Page(accounts=[replace(AccountState(id="1", status="gone"), **state)]))


def test_a_wrong_reading_is_caught() -> None:
    for reading in (Reading(id="", counts=Counts()), Reading(id="1", counts=Counts(views=-1))):
        with pytest.raises(BrokenContract):
            check_page(Page(readings=[reading]))


def test_the_same_post_at_two_moments_is_no_fault() -> None:
    check_page(Page(posts=[replace(POST, observed_at=AT), replace(POST, observed_at=AT)]))


def run_early(self: Collector, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
    self.client.get("https://good.example/")
    return iter([PAGE])


def run_elsewhere(self: Collector, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
    self.client.get("https://evilgood.example/")
    yield PAGE


def run_bare(self: Collector, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
    self.client.get("http://good.example/")
    yield PAGE


def run_empty(self: Collector, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
    self.client.get("https://good.example/")
    yield from ()


@pytest.mark.parametrize(
    ("search", "rule"),
    [
        (run_early, "nothing is asked"),
        (run_elsewhere, "declared hosts"),
        (run_bare, "TLS"),
        (run_empty, "at least one page"),
    ],
)
def test_a_wrong_way_to_ask_is_caught(search: Callable[..., Iterator[Page]], rule: str) -> None:
    with pytest.raises(BrokenContract, match=rule):
        check_search(good(type("Wrong", (Good,), {"search": search})), QUERY)


def test_a_query_of_an_undeclared_kind_is_caught() -> None:
    with pytest.raises(BrokenContract):
        check_search(good(), Query(kind="hashtag", text="x"))


def test_a_post_that_a_second_reading_passes_over_is_caught() -> None:
    def only_the_first(self: Collector, posts: Sequence[Known]) -> Iterator[Page]:
        yield Page(availability=[Availability(id=posts[0].id, status="up")])

    with pytest.raises(BrokenContract, match="of each post"):
        check_reread(good(type("Wrong", (Good,), {"reread": only_the_first})), [Known(id="1"), Known(id="2")])


@pytest.mark.parametrize("page", [Page(window=Window(until=AT)), Page(cursor="1")])
def test_a_wrong_page_of_a_stream_is_caught(page: Page) -> None:
    def once(self: Collector, queries: Sequence[Query], cursor: str | None) -> Iterator[Page]:
        for _ in self.client.frames("wss://good.example/"):
            yield page

    with pytest.raises(BrokenContract):
        check_stream(good(type("Wrong", (Good,), {"stream": once})), [QUERY])


def test_a_check_over_a_real_client_is_a_mistake() -> None:
    class Elsewhere(Good):
        pass

    with pytest.raises(TypeError):
        check_search(Elsewhere(object()), QUERY)  # type: ignore[arg-type]


def test_recordings_are_answered_in_order_and_then_end(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_bytes(b'{"a": 1}')
    (tmp_path / "two.json.gz").write_bytes(gzip.compress(b"two"))
    client = Replay(tmp_path / "one.json", tmp_path / "two.json.gz", b"three", fetched_at=AT)
    assert [client.get("https://a.example/").body for _ in range(3)] == [b'{"a": 1}', b"two", b"three"]
    with pytest.raises(ReplayEnded):
        client.get("https://a.example/")
    assert client.now() == AT


def test_a_recording_without_a_time_has_its_files_time(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_bytes(b"x")
    assert Replay(path).get("https://a.example/").fetched_at.timestamp() == pytest.approx(path.stat().st_mtime)


def test_requests_are_kept_as_they_were_asked() -> None:
    client = Replay(b"x")
    answer = client.get("https://a.example/", params={"q": "中"}, headers={"X-Key": "s3cret"})
    assert client.asked == [("https://a.example/", {"q": "中"})]
    assert answer.url == "https://a.example/?q=%E4%B8%AD"
    assert Replay(b"x", urls=["https://b.example/"]).get("https://a.example/").url == "https://b.example/"


def test_an_exchange_brings_its_status_headers_and_body() -> None:
    exchange = {"status": 404, "headers": {"X-Thing": ["a", "b"]}, "body": {"error": 1}}
    answer = Replay(json.dumps(exchange).encode()).get("https://a.example/")
    assert (answer.status, answer.headers, json.loads(answer.body)) == (404, {"x-thing": "a, b"}, {"error": 1})


def test_a_file_of_exchanges_is_answered_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "all.ndjson.gz"
    lines = [json.dumps({"status": 200, "headers": None, "body": text}) for text in ("one", "two")]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    client = Replay(path)
    assert [client.get("https://a.example/").body for _ in range(2)] == [b"one", b"two"]


def test_lines_that_are_no_exchanges_are_one_body(tmp_path: Path) -> None:
    path = tmp_path / "export.ndjson"
    path.write_bytes(b'{"id": 1}\n{"id": 2}\n')
    assert Replay(path).get("https://a.example/").body == b'{"id": 1}\n{"id": 2}\n'


@pytest.mark.parametrize(("status", "error"), [(403, Refused), (429, RateLimited), (500, Broken), (400, Broken)])
def test_a_recorded_error_is_raised_as_the_client_would(status: int, error: type[Exception]) -> None:
    exchange = json.dumps({"status": status, "headers": {"retry-after": "60"}, "body": "why"}).encode()
    with pytest.raises(error):
        Replay(exchange).get("https://a.example/")
