"""When we may ask, and what an answer's status and headers say about asking again.

A ``Gate`` belongs to one collector with one credential and is shared by all its runs in a process, whatever campaign
they are for: it spaces requests to each host (GCRA), pays out of the budgets, remembers which host told us to come back
later, and leaves a host alone for an hour that failed five times in a row.
"""

from __future__ import annotations

import json
import os
import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from fcntl import LOCK_EX, flock
from hashlib import blake2b
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from spillover.budgets import Portion, Purse, limits
from spillover.contract import Answer, Collector
from spillover.errors import Broken, BudgetSpent, CollectError, RateLimited, Refused

_RATE_HEADERS = (
    "retry-after",
    "x-rate-limit-reset",
    "x-ratelimit-reset",
    "ratelimit-reset",
)  # the nearer to us, the earlier
_EPOCH_FROM = 10**8  # a number above this is a moment, below it a wait: 10**8 s are three years
_LONGEST = timedelta(days=7)  # nobody means a longer ban than this; such a header is taken for nonsense
_DECIDED_BY_COLLECTOR = (404, 410, 451)
_FAILURES = 5  # in a row, after which a host is left alone
_BREAK = timedelta(hours=1)
_QUEUE_S = 60.0  # no run waits longer for its turn among others
_WORTH_KEEPING_S = 10.0  # a pace shorter than a restart need not be on the disk


class Stopped(BudgetSpent):
    """The run was asked to stop while it waited; nothing was asked."""


@dataclass(frozen=True)
class Charge:
    """What a request costs; re-reads may touch what is kept for them."""

    bucket: str
    amount: int = 1
    rereading: bool = False


class Gate:
    """The pace and the budgets of one collector with one credential; safe to share among threads.

    What it knows lies in a file. A charge is on the disk before the request leaves, so nothing is spent twice.
    """

    _shared: ClassVar[WeakKeyDictionary[type[Collector], dict[tuple[Path | None, str], Gate]]] = WeakKeyDictionary()
    _sharing: ClassVar[threading.Lock] = threading.Lock()

    @classmethod
    def of(cls, collector: type[Collector], secrets: Mapping[str, str], folder: Path | None) -> Gate:
        """Return the gate that all runs of a collector with these secrets pass."""
        credential = _credential(secrets)
        path = folder / f"{collector.name}-{credential}.json" if folder else None
        with cls._sharing:
            gates = cls._shared.setdefault(collector, {})
            if (folder, credential) not in gates:
                gates[folder, credential] = cls(collector, path)
            return gates[folder, credential]

    def __init__(self, collector: type[Collector], path: Path | None = None) -> None:
        self._interval_s = 60.0 / collector.per_minute
        self._path, self._limits = path, limits(collector)
        self._lock = threading.Lock()
        self._next_at: dict[str, float] = {}  # host -> epoch seconds
        self._load()

    def _load(self) -> None:
        state = _read(self._path)
        later = {host: max(at, self._next_at.get(host, 0.0)) for host, at in state.get("next_at", {}).items()}
        self._next_at |= later
        self._closed: dict[str, float] = state.get("closed", {})  # host -> epoch seconds
        self._failures: dict[str, int] = state.get("failures", {})  # host -> in a row
        self._purse = Purse(self._limits, state.get("spent"))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other threads out, and other processes; what those spent meanwhile is known."""
        with self._lock:
            if self._path is None:
                yield
                return
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.with_suffix(".lock").open("a") as file:
                flock(file, LOCK_EX)  # given back when the file is closed, however this process ends
                self._load()
                yield

    def enter(self, host: str, charge: Charge | None, now: datetime, *, patience_s: float) -> float:
        """Take one turn and pay for it; return the seconds to wait for it.

        Raise RateLimited while the host keeps us out, and BudgetSpent where the wait exceeds ``patience_s`` or the
        budget is used up.
        """
        with self._alone():
            self._check_host(host, now)
            wait_s = max(0.0, self._next_at.get(host, 0.0) - now.timestamp())
            if wait_s > self._interval_s + max(
                patience_s, _QUEUE_S
            ):  # longer than anybody queues: a clock was set back
                wait_s = self._interval_s
            if wait_s > patience_s:
                raise BudgetSpent("not asked: our own pace for this platform", retry_at=now + timedelta(seconds=wait_s))
            if charge is not None:
                self._purse.charge(charge.bucket, charge.amount, now, rereading=charge.rereading)
            self._next_at[host] = now.timestamp() + wait_s + self._interval_s
            if charge is not None or wait_s > _WORTH_KEEPING_S:
                self._save()
            return wait_s

    def refund(self, bucket: str, amount: int, now: datetime) -> None:
        """Give back what a request cost less than was set aside for it."""
        with self._alone():
            self._purse.refund(bucket, amount, now)
            self._save()

    def unit(self, bucket: str) -> str:
        """Return what a bucket is counted in."""
        return self._purse.unit(bucket)

    def is_money(self, bucket: str) -> bool:
        """Say whether a bucket holds money, which is owed for answers only; calls are counted as they are made."""
        return self._purse.unit(bucket) == "microdollars"

    def left(self, now: datetime) -> dict[str, int]:
        """Return what each budget still holds."""
        with self._alone():
            return {bucket: self._purse.left(bucket, now) for bucket in self._purse.buckets}

    def shares(self, portion: Portion, now: datetime) -> dict[str, int]:
        """Return of each budget what one query may take, so that the others of the day have as much."""
        with self._lock:
            return {bucket: self._purse.share(bucket, portion, now) for bucket in self._purse.buckets}

    def close(self, host: str, until: datetime) -> None:
        """Keep away from a host until then."""
        with self._alone():
            self._closed[host] = until.timestamp()
            self._save()

    def succeeded(self, host: str) -> None:
        """Note that a host answered: what failed before counts no more."""
        with self._alone():
            if self._failures.pop(host, 0):
                self._save()

    def failed(self, host: str, now: datetime) -> None:
        """Note that a host failed; after some failures in a row leave it alone for a while."""
        with self._alone():
            self._failures[host] = self._failures.get(host, 0) + 1
            if self._failures[host] >= _FAILURES:
                self._closed[host] = (now + _BREAK).timestamp()
            self._save()

    def _check_host(self, host: str, now: datetime) -> None:
        since, until_ = now.timestamp(), (now + _LONGEST).timestamp()  # a ban that ends later is one of a wrong clock
        self._closed = {name: until for name, until in self._closed.items() if since < until <= until_}
        if host not in self._closed:
            return
        until, failures = datetime.fromtimestamp(self._closed[host], UTC), self._failures.get(host, 0)
        if failures >= _FAILURES:
            raise BudgetSpent(
                f"not asked: {host} failed {failures} times in a row, so it is left alone", retry_at=until
            )
        raise RateLimited(f"{host} asked us to wait", retry_at=until)

    def _save(self) -> None:
        if self._path is None:
            return
        state = {"next_at": self._next_at, "closed": self._closed, "failures": self._failures}
        hidden = self._path.with_suffix(".tmp")
        with hidden.open("w", encoding="utf-8") as file:
            json.dump({**state, "spent": self._purse.get_state()}, file)
            file.flush()
            os.fsync(file.fileno())
        hidden.replace(self._path)


def _credential(secrets: Mapping[str, str]) -> str:
    """Return a short name for what we log in with; it leads back to nothing."""
    known = "\0".join(f"{name}={value}" for name, value in sorted(secrets.items()) if value)
    return blake2b(known.encode(), digest_size=4).hexdigest() if known else "open"


def _read(path: Path | None) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8")) if path else {}
    except (FileNotFoundError, ValueError):  # a file of zero bytes after a power cut is worth no crash
        return {}
    return found if isinstance(found, dict) else {}


def judge(answer: Answer) -> CollectError | None:
    """Return the error that an answer's status stands for; None where the collector is to read it."""
    status, body = answer.status, answer.body
    host = answer.url.partition("://")[2].partition("/")[0]
    if status < 300 or status == 304 or status in _DECIDED_BY_COLLECTOR:
        return None
    if status in (401, 403) or (status == 422 and b"authenticated user" in body):  # so Mastodon asks for a log-in
        return Refused(f"{host} answered {status}", body=body)
    retry_at = come_back(answer.headers, answer.fetched_at)
    if status == 429 or (status == 503 and retry_at):
        return RateLimited(f"{host} answered {status}", retry_at=retry_at, body=body)
    return Broken(f"{host} answered {status}", retry_at=retry_at, body=body)


def come_back(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Return when the platform wants us back (seconds, epoch, HTTP date, ISO 8601); None if it does not say."""
    known = {name.lower(): value.strip() for name, value in headers.items()}
    for name in _RATE_HEADERS:
        moment = _moment(known[name], now) if name in known else None
        if moment is not None and moment - now < _LONGEST:
            return max(moment, now)
    return None


def backoff_s(attempt: int, *, longest_s: float = 30.0) -> float:
    """Return a random wait before the next attempt (full jitter, doubling from 1 s); ``attempt`` counts from 0."""
    return random.uniform(0.0, min(longest_s, 2.0**attempt))


def _moment(text: str, now: datetime) -> datetime | None:
    try:
        number = float(text)
    except ValueError:
        return _date(text)
    if not 0 <= number < 10**11:
        return None
    return datetime.fromtimestamp(number, UTC) if number > _EPOCH_FROM else now + timedelta(seconds=number)


def _date(text: str) -> datetime | None:
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(text)
        except ValueError:
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return None
