"""The polite HTTP client: rate, retries, budgets, allowed hosts, and HTTP's trouble told in our errors.

One client serves one run, in one thread; the ``Gate`` is what the runs of a collector share. Messages and logs carry a
host, never a query.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpcore
import httpx

import spillover
from spillover import frames, redaction
from spillover.bases import Bases
from spillover.budgets import Portion
from spillover.clock import Clock, SystemClock
from spillover.contract import Answer, Collector, Mode
from spillover.errors import Broken, BudgetSpent, CollectError, RateLimited
from spillover.guard import Guard, Transport
from spillover.marks import Marks
from spillover.pacing import Charge, Gate, Stopped, backoff_s, judge
from spillover.unpacking import unpack

for _name in ("httpx", "httpcore", "websockets"):
    logging.getLogger(_name).setLevel(
        logging.WARNING
    )  # httpx writes whole addresses at INFO, websockets headers at DEBUG

_log = logging.getLogger("spillover.client")
_NOT_ARRIVED = (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.ProxyError)
_NETWORK = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpx.TransportError,
)


@dataclass(frozen=True)
class Rules:
    """How patient and how trusting a client is."""

    contact: str | None = None  # an address of the operator, told to every platform
    attempts: int = 3
    patience_s: float = 30.0  # a longer wait is not slept but given back as RateLimited or BudgetSpent
    connect_s: float = 10.0
    read_s: float = 30.0
    total_s: float = 120.0  # one answer, from the first byte asked to the last one read
    idle_s: float = 300.0  # a stream that says nothing for so long is taken for dead
    quiet_s: float = 25.0  # where silence is nothing unusual, the other end is asked after so long whether it is there
    biggest: int = 32 * 2**20  # bytes of an answer, unpacked
    redirects: int = 5


@dataclass(frozen=True)
class Place:
    """Where a client runs: what it logs in with, whom it may ask, and where its gate is kept."""

    secrets: Mapping[str, str] = field(default_factory=dict)
    instances: tuple[str, ...] = ()
    gates: Path | None = None  # the folder of gates; None: what is spent is forgotten with the process
    mode: Mode = "search"
    allow_private: bool = False  # for tests and own instances: this machine and its network, without TLS
    clock: Clock = field(default_factory=SystemClock)
    portion: Portion | None = None  # None: whoever asks first may take all that a budget holds


@dataclass(frozen=True)
class _Ask:
    url: str
    headers: Mapping[str, str]
    charge: Charge | None
    conditional: bool = False
    body: bytes | None = None  # None: GET


class HttpClient:
    """A ``Client`` over HTTP and web sockets.

    ``marks`` is what ``get_state`` gave before, of what changed since. Commit it together with the rows that came of it:
    a mark that outlives lost rows would hide them for ever.
    """

    def __init__(
        self,
        collector: type[Collector],
        place: Place | None = None,
        *,
        marks: Mapping[str, Any] | None = None,
        stop: threading.Event | None = None,
        rules: Rules | None = None,
    ) -> None:
        self.place = place or Place()
        self.rules = rules or Rules()
        redaction.learn(self.place.secrets.values())
        self.gate = Gate.of(collector, self.place.secrets, self.place.gates)
        self.stop = stop or threading.Event()
        self._spent: Counter[str] = Counter()
        self._shares = self.gate.shares(self.place.portion, self.now()) if self.place.portion else {}
        self.unchanged = 0  # answers that were the same as before
        self._marks = Marks(marks or {})
        self._bases = Bases.of(collector)
        hosts = (host for base in self.place.instances if (host := httpx.URL(base).host))
        own = tuple(name for host in hosts for name in (host, f".{host}"))  # its feeds can be below an instance
        self._guard = Guard((*collector.hosts, *own, *self._bases.hosts), allow_private=self.place.allow_private)
        self._transport = Transport(self._guard, self.stop)
        self._http = httpx.Client(transport=self._transport, headers=self._standing_headers(), trust_env=False)

    def __enter__(self) -> HttpClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    def now(self) -> datetime:
        """Return the time, UTC."""
        return self.place.clock.now()

    @property
    def spent(self) -> Mapping[str, int]:
        """Return what this client has taken out of each budget."""
        return self._spent

    def get_state(self) -> dict[str, Any]:
        """Return the marks that a later client needs to know, as JSON."""
        return self._marks.get_state()

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        spend: str | None = None,
        cost: int = 1,
        conditional: bool = False,
    ) -> Answer:
        """Fetch one address; see ``contract.Client``."""
        whole = str(httpx.URL(url).copy_merge_params(params)) if params else url
        return self._asked(_Ask(whole, headers or {}, self._charge(spend, cost), conditional))

    def post(
        self,
        url: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        spend: str | None = None,
        cost: int = 1,
    ) -> Answer:
        """Send a body to an address; see ``contract.Client``."""
        return self._asked(_Ask(url, headers or {}, self._charge(spend, cost), body=body))

    def refund(self, bucket: str, amount: int) -> None:
        """Give back what was set aside and not used; see ``contract.Client``."""
        self.gate.refund(bucket, amount, self.now())
        self._spent[bucket] -= amount

    def frames(
        self, url: str, *, send: Sequence[bytes] = (), headers: Mapping[str, str] | None = None, quiet: bool = False
    ) -> Iterator[bytes]:
        """Yield the frames of a web socket; see ``contract.Client``."""
        agent, rules, led = self._standing_headers()["User-Agent"], self.rules, self._bases.lead(url)
        limits = frames.Limits(rules.connect_s, rules.idle_s, agent, rules.quiet_s if quiet else None)
        host = self._guard.check(led, schemes=("wss", "ws"))
        if self.place.clock.wait(self.stop, self.gate.enter(host, None, self.now(), patience_s=self.rules.patience_s)):
            return (frame for frame in tuple[bytes, ...]())  # it can be closed, as what follows can
        return frames.follow(led, self._guard, self.stop, limits, send=send, headers=headers)

    def _give_back(self, charge: Charge | None) -> None:
        if charge is not None:
            self.refund(charge.bucket, charge.amount)

    def _charge(self, bucket: str | None, amount: int) -> Charge | None:
        return Charge(bucket, amount, rereading=self.place.mode == "reread") if bucket else None

    def _asked(self, ask: _Ask) -> Answer:
        host = self._guard.check(self._bases.lead(ask.url))
        self._check_share(ask.charge)  # once: a second attempt asks for nothing more
        attempt = 0
        while not isinstance(got := self._attempt(ask, host), Answer):
            wait_s = self._wait_s(got, attempt)
            if wait_s is None:
                raise self._given_up(host, got)
            self._sleep(wait_s)
            attempt += 1
        self.gate.succeeded(host)
        self.unchanged += got.unchanged
        return got

    def _attempt(self, ask: _Ask, host: str) -> Answer | CollectError:
        """Return the answer, or the error that another attempt may mend; raise what no attempt mends."""
        wait_s = self.gate.enter(host, ask.charge, self.now(), patience_s=self.rules.patience_s)
        if ask.charge is not None:
            self._spent[ask.charge.bucket] += ask.charge.amount
        try:
            self._sleep(wait_s)
        except Stopped:
            self._give_back(ask.charge)  # it was never asked
            raise
        started = time.monotonic()
        try:
            answer = self._fetch(ask)
        except _NETWORK as error:
            broken = self._cut(host, error, started)
            if ask.body is not None and not isinstance(error, _NOT_ARRIVED):
                self.gate.failed(host, self.now())
                raise broken from error  # it may have been done already: asking twice would do it twice
            return broken
        took_ms = (time.monotonic() - started) * 1000
        _log.info("get host=%s status=%d bytes=%d took_ms=%.0f", host, answer.status, len(answer.body), took_ms)
        verdict = judge(answer)
        if verdict is None:
            return self._marks.read(ask.url, answer) if ask.conditional or answer.status == 304 else answer
        if ask.charge is not None and self.gate.is_money(ask.charge.bucket):
            self._give_back(ask.charge)  # nobody sends a bill for an error
        if isinstance(verdict, RateLimited) or (answer.status >= 500 and ask.body is None):
            return verdict
        self.gate.failed(host, self.now())
        raise verdict

    def _check_share(self, charge: Charge | None) -> None:
        """Raise where a request would take what others are to have; the first one is nobody else's."""
        if charge is None or charge.bucket not in self._shares:
            return
        share, spent = self._shares[charge.bucket], self._spent[charge.bucket]
        if spent and spent + charge.amount > share:
            unit = self.gate.unit(charge.bucket)
            raise BudgetSpent(
                f"its share of what is left of budget {charge.bucket!r} ({share:,} {unit}) is used up; it goes on in the next turn"
            )

    def _cut(self, host: str, error: Exception, started: float) -> Broken:
        if self.stop.is_set():
            raise Stopped("stopped") from error
        said = "" if isinstance(error, httpcore.LocalProtocolError) else f": {error}"  # that one quotes our own headers
        broken = Broken(f"{host}: {type(error).__name__}{said}")
        if time.monotonic() - started >= self.rules.total_s:
            raise broken from error  # a server that dawdles once will dawdle again
        return broken

    def _given_up(self, host: str, error: CollectError) -> CollectError:
        if isinstance(error, RateLimited):
            if error.retry_at is not None:
                self.gate.close(host, error.retry_at)
        else:
            self.gate.failed(host, self.now())
        return error

    def _wait_s(self, error: CollectError, attempt: int) -> float | None:
        """Return how long to wait before another attempt, None where there shall be none."""
        if error.retry_at is None:
            return backoff_s(attempt) if attempt + 1 < self.rules.attempts else None
        wait_s = (error.retry_at - self.now()).total_seconds()
        if wait_s <= self.rules.patience_s and attempt + 1 < self.rules.attempts:
            return max(0.0, wait_s)
        return None

    def _sleep(self, wait_s: float) -> None:
        if self.place.clock.wait(self.stop, wait_s):
            raise Stopped("stopped")

    def _fetch(self, ask: _Ask) -> Answer:
        """Follow redirects, each checked like the first address."""
        url, headers = (
            self._bases.lead(ask.url),
            {**ask.headers, **(self._marks.ask(ask.url) if ask.conditional else {})},
        )
        self._transport.backend.deadline = time.monotonic() + self.rules.total_s
        for _ in range(self.rules.redirects + 1):
            host = self._guard.check(url)
            answer = self._once(url, headers, ask.body)
            if answer.status not in frames.REDIRECTS or "location" not in answer.headers:
                return answer
            if ask.body is not None and answer.status in (307, 308):
                raise Broken(f"{host} sends a posted body elsewhere; it is not followed")
            ask = replace(ask, body=None)
            url = self._bases.lead(self._next_hop(url, answer.headers["location"]))
            if self._guard.check(url) != host:
                headers = {}  # a key is for the host that it was meant for
        raise Broken(f"{host}: more than {self.rules.redirects} redirects")

    def _next_hop(self, url: str, location: str) -> str:
        try:
            return str(httpx.URL(url).join(location))
        except (httpx.InvalidURL, ValueError) as error:
            raise Broken(f"a redirect to what is no address: {error}") from error

    def _once(self, url: str, headers: Mapping[str, str], sent: bytes | None) -> Answer:
        timeout = httpx.Timeout(self.rules.read_s, connect=self.rules.connect_s)
        method = "GET" if sent is None else "POST"
        with self._http.stream(method, url, content=sent, headers=dict(headers), timeout=timeout) as response:
            body = b"".join(
                unpack(response.headers.get("content-encoding", ""), response.iter_raw(), self.rules.biggest)
            )
            known = {name.lower(): value for name, value in response.headers.items()}
            return Answer(url=url, status=response.status_code, headers=known, body=body, fetched_at=self.now())

    def _standing_headers(self) -> dict[str, str]:
        contact = f" (+{self.rules.contact})" if self.rules.contact else ""
        return {"User-Agent": f"spillover/{spillover.__version__}{contact}", "Accept-Encoding": "gzip"}
