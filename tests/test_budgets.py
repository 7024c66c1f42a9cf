"""Budgets: days and months in their own zone, rolling ones, a share for re-reads, and what is left after a restart."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from spillover.budgets import Purse, limits
from spillover.contract import Budget, Collector
from spillover.errors import BudgetSpent, UsageError

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DAY = {"calls": Budget(limit=10)}
PACIFIC = {"search": Budget(limit=2, zone="America/Los_Angeles")}
MONEY = {"money": Budget(limit=1_000_000, unit="microdollars", per="month", reserve=0.5)}
ROLLING = {"calls": Budget(limit=3, per="rolling", rolling_s=3600)}


def test_what_was_spent_outlives_a_restart() -> None:
    purse = Purse(DAY)
    purse.charge("calls", 7, NOON)
    again = Purse(DAY, json.loads(json.dumps(purse.get_state())))
    assert again.left("calls", NOON) == 3


@pytest.mark.parametrize(
    ("budgets", "bucket", "amount", "filled_at"),
    [
        (DAY, "calls", 10, datetime(2026, 3, 2, tzinfo=UTC)),
        (PACIFIC, "search", 2, datetime(2026, 3, 2, 8, 0, tzinfo=UTC)),
        (ROLLING, "calls", 3, NOON + timedelta(hours=1)),
    ],
)
def test_an_empty_bucket_says_when_it_is_filled_again(
    budgets: dict[str, Budget], bucket: str, amount: int, filled_at: datetime
) -> None:
    purse = Purse(budgets)
    purse.charge(bucket, amount, NOON)
    with pytest.raises(BudgetSpent, match="not asked") as caught:
        purse.charge(bucket, 1, NOON)
    assert caught.value.retry_at == filled_at
    with pytest.raises(BudgetSpent):
        purse.charge(bucket, 1, filled_at - timedelta(seconds=1))
    purse.charge(bucket, 1, filled_at)


def test_searches_stop_before_what_is_kept_for_re_reads() -> None:
    purse = Purse(MONEY)
    purse.charge("money", 500_000, NOON)
    with pytest.raises(BudgetSpent, match="kept for re-reads"):
        purse.charge("money", 1, NOON)
    purse.charge("money", 500_000, NOON, rereading=True)
    with pytest.raises(BudgetSpent) as caught:
        purse.charge("money", 1, NOON, rereading=True)
    assert caught.value.retry_at == datetime(2026, 4, 1, tzinfo=UTC)


def test_what_is_given_back_can_be_spent_again_and_never_more_than_was_taken() -> None:
    purse = Purse(DAY)
    purse.charge("calls", 10, NOON)
    purse.refund("calls", 4, NOON)
    assert purse.left("calls", NOON) == 4
    purse.refund("calls", 100, NOON)
    assert purse.left("calls", NOON) == 10


def test_a_rolling_bucket_forgets_minute_by_minute() -> None:
    purse = Purse(ROLLING)
    for minute in (0, 20, 40):
        purse.charge("calls", 1, NOON + timedelta(minutes=minute))
    assert purse.left("calls", NOON + timedelta(minutes=59)) == 0
    assert purse.left("calls", NOON + timedelta(minutes=60)) == 1
    assert purse.left("calls", NOON + timedelta(minutes=80)) == 2


def test_a_charge_that_does_not_fit_takes_nothing() -> None:
    purse = Purse(DAY)
    purse.charge("calls", 8, NOON)
    with pytest.raises(BudgetSpent):
        purse.charge("calls", 3, NOON)
    assert purse.left("calls", NOON) == 2


@pytest.mark.parametrize("budgets", [DAY, PACIFIC, MONEY, ROLLING])
@pytest.mark.parametrize("back", [timedelta(minutes=30), timedelta(days=1), timedelta(days=4000)])
def test_a_clock_that_jumps_back_and_forth_spends_nothing_twice(budgets: dict[str, Budget], back: timedelta) -> None:
    purse, bucket = Purse(budgets), next(iter(budgets))
    limit = budgets[bucket].limit
    purse.charge(bucket, limit, NOON, rereading=True)
    again = Purse(budgets, purse.get_state())
    with pytest.raises(BudgetSpent):
        again.charge(bucket, 1, NOON - back, rereading=True)
    if back < timedelta(days=2):
        with pytest.raises(BudgetSpent):
            again.charge(bucket, 1, NOON, rereading=True)


@pytest.mark.parametrize("budgets", [DAY, PACIFIC, MONEY, ROLLING])
def test_a_clock_that_was_years_ahead_closes_no_bucket_for_years(budgets: dict[str, Budget]) -> None:
    purse, bucket = Purse(budgets), next(iter(budgets))
    purse.charge(bucket, 2, NOON + timedelta(days=4000), rereading=True)
    before = budgets[bucket].limit - 2
    assert purse.left(bucket, NOON) == before
    assert purse.left(bucket, NOON + timedelta(days=40)) == budgets[bucket].limit


@pytest.mark.parametrize(
    ("noon", "hours"),
    [
        (datetime(2026, 3, 8, 8, 0, tzinfo=UTC), 23),  # the day that begins then loses an hour in Los Angeles
        (datetime(2026, 11, 1, 7, 0, tzinfo=UTC), 25),  # this one has an hour twice
        (datetime(2026, 7, 1, 7, 0, tzinfo=UTC), 24),
    ],
)
def test_a_pacific_day_is_as_long_as_it_is(noon: datetime, hours: int) -> None:
    purse, begins, ends = Purse(PACIFIC), noon, noon + timedelta(hours=hours)
    purse.charge("search", 2, begins - timedelta(seconds=1))
    purse.charge("search", 2, begins)
    for moment in (begins + timedelta(hours=9), ends - timedelta(seconds=1)):
        with pytest.raises(BudgetSpent) as caught:
            purse.charge("search", 1, moment)
        assert caught.value.retry_at == ends
    purse.charge("search", 2, ends)


class Paid(Collector):
    name = "paid"
    budgets: ClassVar[dict[str, Budget]] = {"money": MONEY["money"], "calls": Budget(limit=7)}


def test_the_operator_sets_limits_money_in_dollars() -> None:
    found = limits(Paid, {"SPILLOVER_PAID_MONEY_LIMIT": "12.5", "SPILLOVER_PAID_CALLS_LIMIT": "40"})
    assert (found["money"].limit, found["calls"].limit) == (12_500_000, 40)
    assert limits(Paid, {})["money"].limit == 1_000_000


@pytest.mark.parametrize("given", ["0", "-3", "much", "nan", "inf", "20000000"])
def test_a_limit_that_is_none_is_refused_with_its_name(given: str) -> None:
    with pytest.raises(UsageError, match="SPILLOVER_PAID_MONEY_LIMIT"):
        limits(Paid, {"SPILLOVER_PAID_MONEY_LIMIT": given})


SPENDER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from spillover.contract import Budget, Collector
from spillover.errors import BudgetSpent
from spillover.pacing import Charge, Gate

class Shared(Collector):
    name = "shared"
    per_minute = 6_000_000
    budgets = {"calls": Budget(limit=60)}

gate, spent = Gate(Shared, Path(sys.argv[1])), 0
try:
    while True:
        gate.enter("h", Charge("calls"), datetime(2026, 3, 1, 12, tzinfo=UTC), patience_s=30)
        spent += 1
except BudgetSpent:
    print(spent)
"""


@pytest.mark.usefixtures("checkout_first")
def test_two_processes_spend_one_budget(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SPENDER, str(tmp_path / "gate.json")]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert sum(int(one.communicate()[0]) for one in both) == 60
