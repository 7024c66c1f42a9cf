"""When we may ask, and what an answer's status and headers say about asking again.

A ``Gate`` belongs to one collector and is shared by all its runs in a process, whatever campaign they are for: it
spaces requests (GCRA), counts the budgets of a day, and remembers which host told us to come back later. What it knows
is plain JSON, so that a restart spends nothing twice.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

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


class Stopped(BudgetSpent):
    """The run was asked to stop while it waited; nothing was asked."""


class Gate:
    """The pace and the budgets of one collector; safe to share among threads.

    What it learns from several saved states (one a campaign) becomes one: of each number the later one counts.
    """

    _shared: ClassVar[WeakKeyDictionary[type[Collector], Gate]] = WeakKeyDictionary()

    @classmethod
    def of(cls, collector: type[Collector], saved: Mapping[str, Any]) -> Gate:
        """Return the gate that all runs of this collector pass, after it has learned what was saved."""
        gate = cls._shared.setdefault(collector, cls(collector))
        gate.learn(saved)
        return gate

    def __init__(self, collector: type[Collector]) -> None:
        self._interval_s = 60.0 / collector.per_minute
        self._budgets = collector.budgets
        self._lock = threading.Lock()
        self._next_at = 0.0
        self._spent: dict[str, tuple[str, int]] = {}  # bucket -> (day in the budget's zone, calls)
        self._closed: dict[str, float] = {}  # host -> epoch seconds

    def learn(self, state: Mapping[str, Any]) -> None:
        """Take in what an earlier gate knew."""
        with self._lock:
            self._next_at = max(self._next_at, float(state.get("next_at", 0.0)))
            for bucket, (day, calls) in state.get("spent", {}).items():
                self._spent[bucket] = max((day, calls), self._spent.get(bucket, ("", 0)))
            for host, until in state.get("closed", {}).items():
                self._closed[host] = max(float(until), self._closed.get(host, 0.0))

    def get_state(self) -> dict[str, Any]:
        """Return what a later gate needs to know, as JSON."""
        with self._lock:
            spent = {name: list(row) for name, row in self._spent.items()}
            return {"next_at": self._next_at, "spent": spent, "closed": dict(self._closed)}

    def enter(self, host: str, bucket: str | None, now: datetime, *, patience_s: float) -> float:
        """Take one turn and pay for it; return the seconds to wait for it.

        Raise RateLimited while the host keeps us out, and BudgetSpent where the wait exceeds ``patience_s`` or the
        day's calls are used up.
        """
        with self._lock:
            self._check_host(host, now)
            wait_s = max(0.0, self._next_at - now.timestamp())
            if wait_s > patience_s:
                raise BudgetSpent("our own pace for this platform", retry_at=now + timedelta(seconds=wait_s))
            if bucket is not None:
                self._charge(bucket, now)
            self._next_at = now.timestamp() + wait_s + self._interval_s
            return wait_s

    def close(self, host: str, until: datetime) -> None:
        """Keep away from a host until then."""
        with self._lock:
            self._closed[host] = until.timestamp()

    def _check_host(self, host: str, now: datetime) -> None:
        self._closed = {name: until for name, until in self._closed.items() if until > now.timestamp()}
        if host in self._closed:
            raise RateLimited(f"{host} asked us to wait", retry_at=datetime.fromtimestamp(self._closed[host], UTC))

    def _charge(self, bucket: str, now: datetime) -> None:
        calls, zone_name = self._budgets[bucket]
        local = now.astimezone(ZoneInfo(zone_name))
        day, spent = self._spent.get(bucket, ("", 0))
        if day != local.date().isoformat():
            spent = 0
        if spent >= calls:
            midnight = datetime.combine(local.date() + timedelta(days=1), time.min, local.tzinfo).astimezone(UTC)
            raise BudgetSpent(f"{calls} calls of budget {bucket!r} are used up for today", retry_at=midnight)
        self._spent[bucket] = (local.date().isoformat(), spent + 1)


def judge(answer: Answer) -> CollectError | None:
    """Return the error that an answer's status stands for; None where the collector is to read it."""
    status, body = answer.status, answer.body
    host = answer.url.partition("://")[2].partition("/")[0]
    if status < 300 or status == 304 or status in _DECIDED_BY_COLLECTOR:
        return None
    if status in (401, 403):
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
