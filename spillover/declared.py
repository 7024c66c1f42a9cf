"""What a collector declares, checked for what would stop us: a stranger's slip is named and takes nothing else down.

This is less than ``testing.check_collector`` asks of an author: what we can work with, we work with.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from spillover.contract import Budget, Collector, Cost

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TEXTS = ("hosts", "instances", "finds", "rereads", "needs", "wants", "packages")
_ABOVE_ZERO = ("per_minute", "every_s", "first_reread_s")


def slip(collector: type[Collector]) -> str | None:
    """Return what of a collector's declarations cannot be used; None where all can."""
    if not _NAME.fullmatch(str(collector.name)):
        return f"name = {collector.name!r}: small letters, digits and _, a letter first"
    for name in _TEXTS:
        if not _are_texts(getattr(collector, name)):
            return f"{name} = {getattr(collector, name)!r}: write a tuple of texts"
    for name in _ABOVE_ZERO:
        if not _is_above_zero(getattr(collector, name)):
            return f"{name} = {getattr(collector, name)!r}: write a number above 0"
    if not collector.modes():
        return "define at least one of search, reread, stream and load"
    return _slip_of_budgets(collector.budgets) or _slip_of_costs(collector.costs, collector.budgets)


def _slip_of_budgets(budgets: Any) -> str | None:
    if not isinstance(budgets, Mapping) or not all(isinstance(one, Budget) for one in budgets.values()):
        return 'budgets: write {"calls": Budget(limit=100)}'
    for bucket, budget in budgets.items():
        if not _is_above_zero(budget.limit) or (budget.per == "rolling" and not budget.rolling_s > 0):
            return f"budgets: {bucket}: write a limit above 0, and rolling_s where it rolls"
        try:
            ZoneInfo(budget.zone)
        except (OSError, ValueError, KeyError):  # a name that no zone has is a KeyError
            return f"budgets: {bucket}: no time zone {budget.zone!r}"
    return None


def _slip_of_costs(costs: Any, budgets: Mapping[str, Budget]) -> str | None:
    if not isinstance(costs, Mapping) or not all(isinstance(one, Cost) for one in costs.values()):
        return 'costs: write {"search": Cost(bucket="calls")}'
    for mode, cost in costs.items():
        if cost.bucket not in budgets or not _is_above_zero(cost.batch) or cost.amount < 0:
            return f"costs: {mode}: name one of its budgets, and a batch above 0"
    return None


def _are_texts(value: object) -> bool:
    return isinstance(value, Collection) and not isinstance(value, str) and all(isinstance(one, str) for one in value)


def _is_above_zero(value: object) -> bool:
    return isinstance(value, int | float) and value > 0
