"""The polite HTTP client: rate, retries, budgets, allowed hosts, and HTTP's trouble told in our errors.

One client serves one run, in one thread; the ``Gate`` is what the runs of a collector share. No proxy of the
environment is used: with one, the address that we checked would not be the one that is spoken to. Messages and logs
carry a host, never a query.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpcore
import httpx

import spillover
from spillover import frames
from spillover.contract import Answer, Collector
from spillover.errors import Broken, CollectError, RateLimited
from spillover.guard import Guard, Transport
from spillover.marks import Marks
from spillover.pacing import Gate, Stopped, backoff_s, judge
from spillover.unpacking import unpack

for _name in ("httpx", "httpcore", "websockets"):
    logging.getLogger(_name).setLevel(
        logging.WARNING
    )  # httpx writes whole addresses at INFO, websockets headers at DEBUG

_log = logging.getLogger("spillover.client")
_REDIRECTS = (301, 302, 303, 307, 308)
_NETWORK = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpx.TransportError)


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
    biggest: int = 32 * 2**20  # bytes of an answer, unpacked
    redirects: int = 5


@dataclass(frozen=True)
class _Ask:
    url: str
    headers: Mapping[str, str]
    spend: str | None
    conditional: bool


class HttpClient:
    """A ``Client`` over HTTP and web sockets.

    ``state`` is what ``get_state`` gave before: marks of what changed, pace and budgets. Commit it together with the
    rows that came of it: a mark that outlives lost rows would hide them for ever. ``allow_private`` is for tests: this
    machine, without TLS.
    """

    def __init__(
        self,
        collector: type[Collector],
        *,
        state: Mapping[str, Any] | None = None,
        stop: threading.Event | None = None,
        rules: Rules | None = None,
        allow_private: bool = False,
    ) -> None:
        state = state or {}
        self.rules = rules or Rules()
        self.gate = Gate.of(collector, state.get("gate", {}))
        self.stop = stop or threading.Event()
        self._marks = Marks(state.get("marks", {}))
        self._guard = Guard(collector.hosts, allow_private=allow_private)
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
        return datetime.now(UTC)

    def get_state(self) -> dict[str, Any]:
        """Return what a later client needs to know, as JSON."""
        return {"marks": self._marks.get_state(), "gate": self.gate.get_state()}

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        spend: str | None = None,
        conditional: bool = False,
    ) -> Answer:
        """Fetch one address; see ``contract.Client``."""
        host = self._guard.check(url)
        whole = str(httpx.URL(url).copy_merge_params(params)) if params else url
        ask = _Ask(whole, headers or {}, spend, conditional)
        attempt = 0
        while not isinstance(got := self._attempt(ask, host), Answer):
            wait_s = self._wait_s(got, attempt)
            if wait_s is None:
                raise self._given_up(host, got)
            self._sleep(wait_s)
            attempt += 1
        return got

    def frames(self, url: str) -> Iterator[bytes]:
        """Yield the frames of a web socket; see ``contract.Client``."""
        limits = frames.Limits(self.rules.connect_s, self.rules.idle_s, self._standing_headers()["User-Agent"])
        return frames.follow(url, self._guard, self.stop, limits)

    def _attempt(self, ask: _Ask, host: str) -> Answer | CollectError:
        """Return the answer, or the error that another attempt may mend; raise what no attempt mends."""
        self._sleep(self.gate.enter(host, ask.spend, self.now(), patience_s=self.rules.patience_s))
        started = time.monotonic()
        try:
            answer = self._fetch(ask)
        except _NETWORK as error:
            return self._cut(host, error, started)
        took_ms = (time.monotonic() - started) * 1000
        _log.info("get host=%s status=%d bytes=%d took_ms=%.0f", host, answer.status, len(answer.body), took_ms)
        verdict = judge(answer)
        if verdict is None:
            return self._marks.read(ask.url, answer) if ask.conditional or answer.status == 304 else answer
        if isinstance(verdict, RateLimited) or answer.status >= 500:
            return verdict
        raise verdict

    def _cut(self, host: str, error: Exception, started: float) -> Broken:
        if self.stop.is_set():
            raise Stopped("stopped") from error
        said = "" if isinstance(error, httpcore.LocalProtocolError) else f": {error}"  # that one quotes our own headers
        broken = Broken(f"{host}: {type(error).__name__}{said}")
        if time.monotonic() - started >= self.rules.total_s:
            raise broken from error  # a server that dawdles once will dawdle again
        return broken

    def _given_up(self, host: str, error: CollectError) -> CollectError:
        if isinstance(error, RateLimited) and error.retry_at is not None:
            self.gate.close(host, error.retry_at)
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
        if self.stop.wait(wait_s) if wait_s > 0 else self.stop.is_set():
            raise Stopped("stopped")

    def _fetch(self, ask: _Ask) -> Answer:
        """Follow redirects, each checked like the first address."""
        url, headers = ask.url, {**ask.headers, **(self._marks.ask(ask.url) if ask.conditional else {})}
        self._transport.backend.deadline = time.monotonic() + self.rules.total_s
        for _ in range(self.rules.redirects + 1):
            host = self._guard.check(url)
            answer = self._once(url, headers)
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return answer
            url = self._next_hop(url, answer.headers["location"])
            if self._guard.check(url) != host:
                headers = {}  # a key is for the host that it was meant for
        raise Broken(f"{host}: more than {self.rules.redirects} redirects")

    def _next_hop(self, url: str, location: str) -> str:
        try:
            return str(httpx.URL(url).join(location))
        except (httpx.InvalidURL, ValueError) as error:
            raise Broken(f"a redirect to what is no address: {error}") from error

    def _once(self, url: str, headers: Mapping[str, str]) -> Answer:
        timeout = httpx.Timeout(self.rules.read_s, connect=self.rules.connect_s)
        with self._http.stream("GET", url, headers=dict(headers), timeout=timeout) as response:
            body = b"".join(
                unpack(response.headers.get("content-encoding", ""), response.iter_raw(), self.rules.biggest)
            )
            known = {name.lower(): value for name, value in response.headers.items()}
            return Answer(url=url, status=response.status_code, headers=known, body=body, fetched_at=self.now())

    def _standing_headers(self) -> dict[str, str]:
        contact = f" (+{self.rules.contact})" if self.rules.contact else ""
        return {"User-Agent": f"spillover/{spillover.__version__}{contact}", "Accept-Encoding": "gzip"}
