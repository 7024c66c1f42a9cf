"""What has been spent out of each bucket of a collector, and what is left.

A day or a month ends at midnight in the bucket's own zone; a rolling bucket looks back from now. What is kept for
re-reads is theirs alone: searches stop before it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from spillover.contract import Budget, Collector
from spillover.errors import BudgetSpent, UsageError

_MOST_MONEY = 100_000_000_000  # microdollars: who means microdollars and writes them as dollars must not pay for it


@dataclass(frozen=True)
class Span:
    """The stretch for which a budget is given: its name, and when the next one begins."""

    name: str
    ends_at: datetime


def limits(collector: type[Collector], environ: Mapping[str, str] = os.environ) -> dict[str, Budget]:
    """Return a collector's budgets, each with the limit that the operator set: SPILLOVER_<NAME>_<BUCKET>_LIMIT.

    It is given in the bucket's own unit; of money, in dollars. Raise UsageError for what is no number above zero.
    """
    return {bucket: _limited(collector.name, bucket, budget, environ) for bucket, budget in collector.budgets.items()}


def _limited(name: str, bucket: str, budget: Budget, environ: Mapping[str, str]) -> Budget:
    variable = f"SPILLOVER_{name}_{bucket}_LIMIT".upper()
    if not (given := environ.get(variable)):
        return budget
    try:
        limit = round(float(given) * (1_000_000 if budget.unit == "microdollars" else 1))
    except (ValueError, OverflowError):
        limit = 0
    if limit <= 0:
        raise UsageError(f"{variable}={given}: write a number above 0, such as 20")
    if budget.unit == "microdollars" and limit > _MOST_MONEY:
        raise UsageError(
            f"{variable}={given}: this is in dollars; more than {_MOST_MONEY // 1_000_000:,} is taken for a slip"
        )
    return replace(budget, limit=limit)


@dataclass(frozen=True)
class Portion:
    """Who else is to have something of what is left: the queries after this one in its turn, and all in each later turn."""

    left: int  # queries of this turn that were not asked yet, this one among them
    each: int  # queries of every later turn
    every_s: int  # seconds between two turns
    least: Mapping[str, int] = field(
        default_factory=dict
    )  # what no share goes below, or a dear platform is never asked


class Purse:
    """The budgets of one credential. ``spent`` is plain JSON: bucket -> span -> amount."""

    def __init__(self, budgets: Mapping[str, Budget], spent: Mapping[str, Any] | None = None) -> None:
        self._budgets = budgets
        self._spent: dict[str, dict[str, int]] = {name: dict(rows) for name, rows in (spent or {}).items()}

    @property
    def buckets(self) -> tuple[str, ...]:
        return tuple(self._budgets)

    def unit(self, bucket: str) -> str:
        """Return what a bucket is counted in."""
        return self._budgets[bucket].unit

    def get_state(self) -> dict[str, dict[str, int]]:
        """Return what a later purse needs to know, as JSON."""
        return {name: dict(rows) for name, rows in self._spent.items() if rows}

    def charge(self, bucket: str, amount: int, now: datetime, *, rereading: bool = False) -> None:
        """Take an amount out of a bucket; raise BudgetSpent, which says when there is more, where it does not hold it."""
        budget = self._budgets[bucket]
        kept = 0 if rereading else int(budget.limit * budget.reserve)
        if self.left(bucket, now) - kept < amount:
            said = f"{budget.limit:,} {budget.unit} a {'day' if budget.per == 'rolling' else budget.per}"
            also = f", of which {kept:,} are kept for re-reads" if kept else ""
            raise BudgetSpent(
                f"not asked: budget {bucket!r} ({said}{also}) is used up", retry_at=self._more_at(bucket, amount, now)
            )
        rows = self._spent.setdefault(bucket, {})
        name = span(budget, now).name
        rows[name] = rows.get(name, 0) + amount

    def share(self, bucket: str, portion: Portion, now: datetime) -> int:
        """Return a fair part of what a bucket still holds for the searches of a day."""
        budget = self._budgets[bucket]
        ends_at = span(replace(budget, per="day"), now).ends_at
        later = 0 if budget.per == "rolling" else ceil((ends_at - now).total_seconds() / portion.every_s) - 1
        free = max(0, self.left(bucket, now) - int(budget.limit * budget.reserve))
        return max(portion.least.get(bucket, 1), free // (portion.left + portion.each * later))

    def refund(self, bucket: str, amount: int, now: datetime) -> None:
        """Give back what was set aside and not used; never more than the span holds."""
        rows = self._spent.get(bucket, {})
        name = span(self._budgets[bucket], now).name
        if name in rows:
            rows[name] = max(0, rows[name] - amount)

    def left(self, bucket: str, now: datetime) -> int:
        """Return what a bucket still holds. What lies ahead of a clock that was set back was spent, so it counts."""
        budget = self._budgets[bucket]
        self._spent[bucket] = rows = _rebooked(self._spent.get(bucket, {}), budget, now)
        return budget.limit - sum(rows.values())

    def _more_at(self, bucket: str, amount: int, now: datetime) -> datetime:
        budget = self._budgets[bucket]
        if budget.per != "rolling":
            return span(budget, now).ends_at
        free = self.left(bucket, now)
        for name, spent in sorted(self._spent[bucket].items()):
            free += spent
            if free >= amount:
                return datetime.fromisoformat(name) + timedelta(seconds=budget.rolling_s)
        return now + timedelta(seconds=budget.rolling_s)


def _rebooked(rows: Mapping[str, int], budget: Budget, now: datetime) -> dict[str, int]:
    """Return what counts now: what was spent in this span, and what lies ahead of it because a clock was set back.

    What lies further ahead than that is a clock's error, and counts as spent in this span.
    """
    here = span(budget, now).name
    oldest = span(budget, now - timedelta(seconds=budget.rolling_s - 60)).name if budget.per == "rolling" else here
    horizon = span(budget, now + timedelta(days=31 if budget.per == "month" else 1)).name
    kept = {name: amount for name, amount in rows.items() if oldest <= name <= horizon}
    if far := sum(amount for name, amount in rows.items() if name > horizon):
        kept[here] = kept.get(here, 0) + far
    return kept


def span(budget: Budget, now: datetime) -> Span:
    """Return the day, the month or, of a rolling budget, the minute that a moment belongs to."""
    if budget.per == "rolling":
        minute = now.astimezone(UTC).replace(second=0, microsecond=0)
        return Span(minute.isoformat(), minute + timedelta(minutes=1))
    local = now.astimezone(ZoneInfo(budget.zone)).date()
    if budget.per == "month":
        after = (local.replace(day=1) + timedelta(days=32)).replace(day=1)
        name = f"{local:%Y-%m}"
    else:
        after, name = local + timedelta(days=1), local.isoformat()
    return Span(name, datetime.combine(after, time.min, ZoneInfo(budget.zone)).astimezone(UTC))
