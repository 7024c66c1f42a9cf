"""The collectors of this installation: which can work, what the others lack, and how each fared last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from spillover import registry
from spillover.config import secret
from spillover.contract import Collector
from spillover.errors import UsageError
from spillover.pacing import Gate
from spillover.store import Store

# A query that broke stays broken until it runs well again, whatever the other queries of its collector do meanwhile; one
# that nobody asks any more is left out after a day. Files are one query: each is read once.
_LAST = """
WITH ended AS (
    SELECT *, CASE WHEN mode = 'load' THEN mode ELSE query END AS subject FROM runs WHERE outcome NOT IN ('not_asked', 'running')
), last AS (
    SELECT *, max(started_at) OVER (PARTITION BY collector) AS newest FROM ended
    QUALIFY row_number() OVER (PARTITION BY collector, mode, campaign, subject ORDER BY started_at DESC) = 1
)
SELECT collector, max(newest), arg_max(outcome, started_at), arg_max(reason, started_at), count(*) AS queries,
       count(*) FILTER (outcome = 'broken') AS broken, arg_max(reason, started_at) FILTER (outcome = 'broken') AS why
FROM last WHERE started_at > newest - INTERVAL 1 DAY GROUP BY collector"""


@dataclass(frozen=True)
class State:
    """Whether a collector can work; ``why`` says what it lacks."""

    state: Literal["on", "off", "broken"]
    why: str | None = None


def state(name: str, *, named: bool = True) -> State:
    """Return whether a collector can work. ``named``: a campaign asks for it, which an optional one waits for."""
    try:
        collector = registry.load(name)
    except UsageError as error:
        return State("broken", str(error))
    if missing := [need for need in collector.needs if not secret(need)]:
        return State("off", f"set {', '.join(missing)} in the environment")
    if missing := [package for package in collector.packages if find_spec(package) is None]:
        return State("off", f"install {', '.join(missing)}")
    if collector.optional and not named:
        return State("off", "name it among the platforms of a campaign")
    if claims := registry.shadowed(name):
        return State("on", f"{claims} claims this name as well and is not used: rename or uninstall it")
    return State("on")


def overview(
    store: Store, jobs: Iterable[Mapping[str, Any]], named: frozenset[str], gates: Path, now: datetime
) -> list[dict[str, Any]]:
    """Return a row a collector: name, capabilities, needs, state, why, last and next run, and what its budgets hold."""
    last = {row[0]: row[1:] for row in store.rows(_LAST)}
    ahead: dict[str, datetime] = {}
    for job in jobs:
        if (at := job["next_run_at"]) is not None:
            ahead[job["collector"]] = min(at, ahead.get(job["collector"], at))
    return [_row(name, last.get(name), ahead.get(name), named, gates, now) for name in registry.names()]


def _row(
    name: str, last: tuple[Any, ...] | None, ahead: datetime | None, named: frozenset[str], gates: Path, now: datetime
) -> dict[str, Any]:
    found = state(name, named=name in named)
    row = _declared(name) | {"state": found.state, "why": found.why}
    row |= {"last_run": None, "last_outcome": None, "last_reason": None, "next_run": _iso(ahead), "budget_left": {}}
    if last:
        row |= {"last_run": _iso(last[0].replace(tzinfo=UTC)), "last_outcome": last[1], "last_reason": last[2]}
        if found.state == "on" and last[4]:
            row |= {
                "state": "broken",
                "why": last[5] if last[3] == 1 else f"{last[5]} ({last[4]} of {last[3]} queries)",
            }
    if row["capabilities"]:
        row["budget_left"] = _left(registry.load(name), gates, now)
    return row


def _declared(name: str) -> dict[str, Any]:
    try:
        collector = registry.load(name)
    except UsageError:
        return {"name": name, "capabilities": [], "needs": [], "wants": [], "terms": None}
    return {
        "name": name,
        "capabilities": list(collector.modes()),
        "needs": list(collector.needs),
        "wants": list(collector.wants),
        "terms": collector.terms or None,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None


def _left(collector: type[Collector], gates: Path, now: datetime) -> dict[str, int]:
    if not collector.budgets:
        return {}
    secrets = {need: secret(need) or "" for need in (*collector.needs, *collector.wants)}
    return Gate.of(collector, secrets, gates).left(now)
