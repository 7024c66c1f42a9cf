"""Commands about alerts: list, add, remove, on, off, test, run."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from typing import Any

from spillover.commands import _out
from spillover.config import open_workspace
from spillover.owner import Desk

_TABLES = (
    ("targets", "target", "no target; add one with: spillover alerts add NAME --to ADDRESS"),
    ("rules", "rule", "no active campaign"),
    ("events", "event", "no event so far"),
)


def list_(asked: Namespace) -> int:
    """Print targets, rules with the false alarms that they are expected to give a week, and the latest events."""
    found = _ask(asked, "list")
    for name, what, none in _TABLES:
        if asked.style == "text" and found[name]:
            print(name if name == "targets" else f"\n{name}")
        _out.rows(
            [{"type": what, **row} if asked.style == "json" else _columns(row) for row in found[name]], asked.style
        )
        if not found[name]:
            _out.talk(none)
    return _out.FINE


def add(asked: Namespace) -> int:
    """Add a target; an address on the command line stays in the shell's history, so it may come from stdin or a secret."""
    to = sys.stdin.readline().strip() if asked.to == "-" else asked.to
    on = [part.strip() for part in asked.on.split(",") if part.strip()] if asked.on else None
    found = _ask(asked, "add", name=asked.name, to=to, campaign=asked.campaign, on=on, past=asked.past)
    _out.rows([found["target"] if asked.style == "json" else _columns(found["target"])], asked.style)
    if found["known"]:
        _out.talk(
            f"{found['known']} events are known already and are not sent: remove the target and add it with --past to send them"
        )
    _out.talk(f"try it: spillover alerts test {asked.name}")
    return _out.FINE


def remove(asked: Namespace) -> int:
    _ask(asked, "remove", name=asked.name)
    return _out.FINE


def switch(asked: Namespace) -> int:
    found = _ask(asked, "switch", name=asked.name, active=asked.active)["target"]
    _out.rows([found if asked.style == "json" else _columns(found)], asked.style)
    return _out.FINE


def test(asked: Namespace) -> int:
    """Send a test; 1 says that a target did not take it."""
    tests = _ask(asked, "test", name=asked.name)["tests"]
    _out.rows(tests, asked.style)
    return _out.FINE if all(row["taken"] for row in tests) else _out.FOUND


def run(asked: Namespace) -> int:
    """Look for events and tell the targets now; 1 says that something is still to be told, or not known."""
    found = _ask(asked, "run")
    _out.rows(
        [{"type": "event", **row} if asked.style == "json" else _columns(row) for row in found["events"]], asked.style
    )
    _out.talk(f"{found['new']} new events")
    for name in found["failed"]:
        _out.talk(f"{name}: could not be looked at, so nothing is known of its events; the log says why")
    waits = [
        state for row in found["events"] for state in row["deliveries"].values() if state.startswith(("due", "failed"))
    ]
    return _out.FOUND if waits or found["failed"] else _out.FINE


def _ask(asked: Namespace, action: str, **given: Any) -> dict[str, Any]:
    with Desk(open_workspace(asked.workspace)) as desk:
        return desk.command("alerts", action=action, **given)


def _columns(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row for people: lists in words, and of an event what it says in short."""
    names = ("raised_at", "campaign", "title", "deliveries") if "raised_at" in row else tuple(row)
    return {name: _words(row[name]) for name in names}


def _words(value: Any) -> Any:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {state}" for name, state in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return round(value, 3) if isinstance(value, float) else value
