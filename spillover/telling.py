"""Puts alerts together: what analyses find is written down, and told to each target in a thread of its own.

A sink that is dead or slow holds up neither another one nor anything else.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from spillover import notify
from spillover.alerting import Alerting
from spillover.campaigns import Campaigns
from spillover.clock import Clock
from spillover.config import Workspace
from spillover.errors import UsageError, without_words
from spillover.notify import Message, Outcome
from spillover.store import Store
from spillover.targets import KINDS, Target, Targets

LOOK_EVERY_S = 5
_SHARE = 20  # looking takes a twentieth of the time at most, however large the store
_AFTER_FAILURE_S = 300.0
log = logging.getLogger("spillover")


class Telling:
    """Looks for events and tells targets of them."""

    def __init__(
        self, workspace: Workspace, store: Store, campaigns: Campaigns, stopping: threading.Event, clock: Clock
    ) -> None:
        self._store, self._campaigns, self._stopping, self._clock = store, campaigns, stopping, clock
        self._targets, self._alerting = Targets(workspace), Alerting(store, clock)
        self._seen: int | None = None  # the version of the store that was looked at last, whole
        self.failed: list[str] = []  # campaigns that could not be looked at last
        self._rest_until = 0.0
        self._looking, self._telling = threading.Lock(), threading.Lock()
        self._busy: dict[str, threading.Thread] = {}
        self.actions: dict[str, Callable[..., dict[str, Any]]] = {
            "add": self.add, "remove": self.remove, "switch": self.switch, "test": self.test, "run": self.run, "list": self.list,
        }  # fmt: skip

    def turn(self) -> None:
        """Look where something changed, and tell; what the schedule does every few seconds."""
        if self._store.version != self._seen and time.monotonic() >= self._rest_until:
            began = time.monotonic()
            self.look()
            pause = _AFTER_FAILURE_S if self.failed else 0.0
            self._rest_until = time.monotonic() + max(pause, _SHARE * (time.monotonic() - began))
        try:
            self.tell()
        except UsageError as error:  # the file of targets is broken: alerts wait, and nothing else does
            log.error("event=alerts outcome=failed reason=%r", str(error))

    def close(self, patience_s: float) -> None:
        """Give what is being told a while to hear the sink's word; what does not is sent again later."""
        until = time.monotonic() + patience_s
        if self._looking.acquire(timeout=patience_s):  # nobody may be reading when the store is closed
            self._looking.release()
        for thread in list(self._busy.values()):
            thread.join(max(0.0, until - time.monotonic()))

    def look(self) -> int:
        """Write down what is new in every active campaign; return how many events.

        A campaign that could not be looked at stands in ``failed``, and is looked at again: it is not one without news.
        """
        from analysis.alerts import events

        with self._looking:
            version, found, self.failed = self._store.version, 0, []
            for campaign, _ in self._campaigns.active():
                if self._stopping.is_set():
                    break
                try:
                    with self._store.cursor() as cursor:
                        found += self._alerting.take_in(campaign.name, events(cursor, campaign.name))
                except Exception as error:  # one campaign must not silence the others
                    log.error("event=alerts campaign=%s outcome=failed error=%s", campaign.name, without_words(error))
                    self.failed.append(campaign.name)
            self._seen = None if self.failed else version
            return found

    def tell(self) -> list[threading.Thread]:
        """Start telling each target that is not being told already; return the threads."""
        with self._telling:
            self._busy = {name: thread for name, thread in self._busy.items() if thread.is_alive()}
            for target in self._targets.all():
                if target.active and target.name not in self._busy and self._alerting.next_due(target):
                    thread = threading.Thread(
                        target=self._tell, args=[target], name=f"spillover-tell-{target.name}", daemon=True
                    )
                    self._busy[target.name] = thread
                    thread.start()
            return list(self._busy.values())

    def add(self, name: str, to: str, campaign: str | None, on: list[str] | None, past: bool) -> dict[str, Any]:
        """Add a target. What happened before is written down first, and not sent unless ``past``."""
        if campaign is not None:
            self._campaigns.read(campaign)
        began = datetime(1970, 1, 1, tzinfo=UTC)
        if not past:
            self.look()
            began = self._clock.now() + timedelta(microseconds=1)
        target = Target(name, to, campaign, tuple(on) if on else KINDS, began)
        self._targets.add(target)
        known = [row for row in self._alerting.recent([target]) if target.wants(row["campaign"], row["kind"])]
        return {"target": _shown(target), "known": 0 if past else len(known)}

    def remove(self, name: str) -> dict[str, Any]:
        self._targets.remove(name)
        return {}

    def switch(self, name: str, active: bool) -> dict[str, Any]:
        self._targets.switch(name, active)
        return {"target": _shown(self._targets.one(name))}

    def test(self, name: str | None) -> dict[str, Any]:
        """Send a test to one target, or to all at once; return a row a target with whether it was taken."""
        targets = [self._targets.one(name)] if name else self._targets.all()
        if not targets:
            raise UsageError("no target to test; add one with: spillover alerts add NAME --to ADDRESS")
        outcomes: dict[str, Outcome] = {}
        told = "This is a test from Spillover. Nothing has happened."

        def one(target: Target) -> None:
            outcomes[target.name] = _send(
                target, Message(f"test/{target.name}/{self._clock.now():%Y%m%dT%H%M%S}", "Spillover: a test", told)
            )

        _all(threading.Thread(target=one, args=[target], daemon=True) for target in targets)
        return {
            "tests": [
                {
                    "target": target.name,
                    "to": target.shown,
                    "taken": outcomes[target.name].taken,
                    "reason": outcomes[target.name].reason,
                }
                for target in targets
            ]
        }

    def run(self) -> dict[str, Any]:
        """Look and tell now, and wait for the sinks' word."""
        found = self.look()
        for thread in self.tell():
            thread.join()
        return {"new": found, "failed": self.failed, "events": self._recent()}

    def list(self) -> dict[str, Any]:
        """Return the targets, the rules of each active campaign, and the latest events."""
        from analysis.alerts import rules

        rows = []
        for campaign, _ in self._campaigns.active():
            with self._store.cursor() as cursor:
                rows += [_rule(campaign.name, rule) for rule in rules(cursor, campaign.name)]
        return {"targets": [_shown(target) for target in self._targets.all()], "rules": rows, "events": self._recent()}

    def _recent(self) -> Any:
        return self._alerting.recent(self._targets.all())

    def _tell(self, target: Target) -> None:
        """Tell a target all that is due, until it fails or we stop."""
        try:
            while not self._stopping.is_set() and (due := self._alerting.next_due(target)):
                self._alerting.begin(target, due)
                outcome = _send(target, due.message)
                self._alerting.end(target, due, outcome)
                log.info("event=told target=%s taken=%s", target.name, outcome.taken)
        except Exception as error:  # the edge of a thread: the next turn tries again
            log.error("event=told target=%s outcome=failed error=%s", target.name, without_words(error))


def _send(target: Target, message: Message) -> Outcome:
    try:
        return notify.send(target.address, message)
    except UsageError as error:
        return Outcome(False, str(error))


def _all(threads: Any) -> None:
    started = list(threads)
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()


def _shown(target: Target) -> dict[str, Any]:
    return {
        "target": target.name,
        "to": target.shown,
        "campaign": target.campaign,
        "on": list(target.on),
        "active": target.active,
    }


def _rule(campaign: str, rule: Any) -> dict[str, Any]:
    return {
        "campaign": campaign, "rule": rule.kind, "expected_false_alarms_a_week": rule.false_a_week, "n": rule.n,
        "verdict": rule.verdict, "rests_on": rule.rests_on,
    }  # fmt: skip
