"""One event, one alert: events are written down before anybody is told, and so is every attempt to tell.

An event that was raised is never raised again, so nothing is repeated after a restart; and it stays due for each target
until that one took it, so nothing is lost. Between a sink's word and our writing it down lies a moment: a process that is
killed in it sends once more. The message then carries the same name (Idempotency-Key, X-Spillover-Event), by which a
sink can tell. To send never twice would mean to lose what is killed a moment earlier.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol

from spillover.clock import Clock
from spillover.notify import Message, Outcome
from spillover.store import Store, campaign_id
from spillover.targets import Target

FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=30), timedelta(hours=6)
ATTEMPTS = 20  # of one event to one target: with these pauses more than three days
_RECENT = 50


class Event(Protocol):
    """What an analysis says happened."""

    @property
    def kind(self) -> str: ...
    @property
    def keys(self) -> dict[str, str]: ...
    @property
    def series(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def since(self) -> datetime: ...
    @property
    def until(self) -> datetime: ...
    @property
    def calm_h(self) -> float | None: ...
    @property
    def told_by(self) -> str | None: ...
    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def rests_on(self) -> str: ...


class Due(NamedTuple):
    """An event that a target has not taken, and how often it was tried."""

    message: Message
    attempts: int


class Alerting:
    """What was raised, and who was told."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def take_in(self, campaign: str, events: Sequence[Event]) -> int:
        """Write down the events that are new; return how many."""
        held = self._held(campaign)
        rows = []
        for event in events:
            if _is_new(event, held.get(event.series, [])):
                held.setdefault(event.series, []).append(event.since)
                rows.append(self._row(campaign, event))
        self._store.append("alert", rows)
        return len(rows)

    def next_due(self, target: Target) -> Due | None:
        """Return what the target is to be told next; None while it rests after a failure, and when it knows all."""
        given = _asked(target) | {"campaign": target.campaign}
        rests = self._store.rows(
            "SELECT arg_max_null(retry_at, at_) FROM held.delivery WHERE target = ? AND outcome <> 'sending'",
            [target.name],
        )
        if rests and rests[0][0] and rests[0][0] > self._now():
            return None
        for key, campaign, title, text, rests_on, raised_at, attempts in self._store.rows(_DUE, given):
            body = f"{text}\n\nRests on: {rests_on}.\nEvent {key}, noticed {raised_at:%Y-%m-%dT%H:%MZ}."
            return Due(Message(key, f"{campaign}: {title}", body), attempts)
        return None

    def begin(self, target: Target, due: Due) -> None:
        """Write down that an attempt begins."""
        self._attempt(target, due, "sending", None, None)

    def end(self, target: Target, due: Due, outcome: Outcome) -> None:
        """Write down what came of it; after a failure the target rests, twice as long each time."""
        if outcome.taken:
            return self._attempt(target, due, "taken", None, None)
        last = due.attempts + 1 >= ATTEMPTS
        pause = min(FIRST_RETRY * 2 ** min(self._failures(target), 12), LONGEST_RETRY)
        return self._attempt(target, due, "given_up" if last else "failed", outcome.reason, self._now() + pause)

    def recent(self, targets: Sequence[Target]) -> list[dict[str, Any]]:
        """Return the latest events, each with what came of it for each target that wants it."""
        names = ("key", "campaign", "kind", "since", "title", "text", "rests_on", "raised_at", "told_by")
        rows = [dict(zip(names, row, strict=True)) for row in self._store.rows(_RECENTLY, [_RECENT])]
        states = {(key, target): state for key, target, *state in self._store.rows(_STATES)}
        told = {target.name: dict(self._store.rows(_TOLD, _asked(target))) for target in targets}
        for row in rows:
            row["deliveries"] = {
                target.name: _state(
                    row, target, states.get((row["key"], target.name)), told[target.name].get(row["key"])
                )
                for target in targets
                if target.wants(row["campaign"], row["kind"])
            }
        return [row | {name: f"{row[name]:%Y-%m-%dT%H:%M:%SZ}" for name in ("since", "raised_at")} for row in rows]

    def _held(self, campaign: str) -> dict[str, list[datetime]]:
        held: dict[str, list[datetime]] = {}
        query = "SELECT series, since FROM held.alert WHERE campaign_id = ?"
        for series, since in self._store.rows(query, [campaign_id(campaign)]):
            held.setdefault(series, []).append(since)
        return held

    def _row(self, campaign: str, event: Event) -> dict[str, Any]:
        return {
            "event_key": f"{campaign}/{event.key}", "campaign_id": campaign_id(campaign), "kind": event.kind, "series": event.series,
            "keys": json.dumps(event.keys, ensure_ascii=False), "since": event.since, "told_by": event.told_by, "title": event.title,
            "text": event.text, "rests_on": event.rests_on, "raised_at": self._now(),
        }  # fmt: skip

    def _attempt(self, target: Target, due: Due, outcome: str, reason: str | None, retry_at: datetime | None) -> None:
        row = {"event_key": due.message.key, "target": target.name, "attempt": due.attempts + 1, "outcome": outcome}
        self._store.append("delivery", [row | {"reason": reason, "at_": self._now(), "retry_at": retry_at}])

    def _failures(self, target: Target) -> int:
        """Return how many attempts in a row a target has not taken."""
        return int(self._store.rows(_FAILURES, {"target": target.name})[0][0])

    def _now(self) -> datetime:
        return self._clock.now().astimezone(UTC).replace(tzinfo=None)


# what a target hears with another event: a first sighting that a crossing tells of, a collector that broke in two campaigns
_TOLD = """
SELECT a.event_key, min(b.event_key) AS told FROM held.alert a JOIN held.alert b ON b.campaign_id = a.campaign_id AND b.series = a.told_by
WHERE b.raised_at >= $since AND list_contains($on, b.kind) GROUP BY a.event_key
UNION ALL
SELECT a.event_key, min(b.event_key) FROM held.alert a
JOIN held.alert b ON b.series = a.series AND b.event_key <> a.event_key AND abs(epoch(b.since) - epoch(a.since)) < 6 * 3600
JOIN deliveries d ON d.event_key = b.event_key AND d.target = $target AND d.outcome IN ('taken', 'sending')
WHERE a.kind = 'broken' GROUP BY a.event_key"""
# what was not tried yet comes first: one message that a sink refuses must not hold up the others
_DUE = f"""
SELECT a.event_key, k.name, a.title, a.text, a.rests_on, a.raised_at, coalesce(d.attempts, 0)
FROM held.alert a JOIN held.campaign k USING (campaign_id)
LEFT JOIN deliveries d ON d.event_key = a.event_key AND d.target = $target
WHERE a.raised_at >= $since AND list_contains($on, a.kind) AND ($campaign::VARCHAR IS NULL OR k.name = $campaign)
  AND (d.outcome IS NULL OR d.outcome IN ('sending', 'failed')) AND a.event_key NOT IN (SELECT event_key FROM ({_TOLD}))
ORDER BY coalesce(d.attempts, 0), a.raised_at, a.event_key LIMIT 1"""
_FAILURES = """
SELECT count(*) FROM held.delivery WHERE target = $target AND outcome IN ('failed', 'given_up')
  AND at_ >= coalesce((SELECT max(at_) FROM held.delivery WHERE target = $target AND outcome = 'taken'), TIMESTAMP '1970-01-01')"""
_RECENTLY = """
SELECT event_key, campaign, kind, since, title, text, rests_on, raised_at, told_by FROM alerts
ORDER BY raised_at DESC, event_key LIMIT ?"""
_STATES = "SELECT event_key, target, outcome, attempts, reason, retry_at FROM deliveries"


def _asked(target: Target) -> dict[str, Any]:
    since = target.since.astimezone(UTC).replace(tzinfo=None)
    return {"target": target.name, "since": since, "on": list(target.on)}


def _is_new(event: Event, held: Sequence[datetime]) -> bool:
    if event.calm_h is None:
        return not held
    earliest = event.since - timedelta(hours=event.calm_h)
    return not any(earliest <= since <= event.until for since in held)


def _state(row: dict[str, Any], target: Target, state: list[Any] | None, told: str | None) -> str:
    """Return in words what came of an event for a target."""
    if state is None:
        before = row["raised_at"].replace(tzinfo=UTC) < target.since
        return "not sent: older than the target" if before else f"told with {told}" if told else "due"
    outcome, attempts, reason, retry_at = state
    if outcome == "failed" and told:
        return f"told with {told}"
    if outcome == "failed":
        return f"failed {attempts} times, again {retry_at:%Y-%m-%dT%H:%MZ}: {reason}"
    return {"taken": "taken", "sending": "under way", "given_up": f"given up: {reason}"}[outcome]
