"""How often each campaign searches a platform, so that what a bucket holds for a day lasts the day.

Where the searches of all campaigns fit, they keep the pace that was asked for. Where they do not, every campaign has the
same share of the bucket, what one does not need is the others', and the turns of a campaign come at longer distances. A
turn that is more than a day's share asks as many queries as the share holds, those that waited longest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil

from spillover.budgets import limits
from spillover.campaign import Campaign
from spillover.contract import Collector
from spillover.store import Store
from spillover.turn import asked_queries

DAY_S = 86_400
_MEASURED = """
SELECT campaign, median((spent::JSON ->> ?)::DOUBLE) FROM runs
WHERE collector = ? AND mode = 'search' AND outcome = 'answered' AND started_at > now()::TIMESTAMP - INTERVAL 7 DAY
  AND spent IS NOT NULL GROUP BY campaign HAVING count(*) >= 5"""  # fewer tell too little: a first look is a long one


@dataclass(frozen=True)
class Demand:
    """What a campaign would ask of a bucket: a turn of so many queries every so often, each at a cost."""

    every_s: int
    queries: int
    each: float

    @property
    def a_day(self) -> float:
        return self.queries * self.each * DAY_S / self.every_s


@dataclass(frozen=True)
class Pace:
    """How often a campaign has a turn, and how many queries it asks."""

    every_s: int
    queries: int

    def stretched_s(self, demand: Demand) -> int:
        """Return how often each query is asked."""
        return ceil(self.every_s * demand.queries / self.queries)


def paces(collector: type[Collector], campaigns: Iterable[Campaign], store: Store | None = None) -> dict[str, Pace]:
    """Return the pace of each campaign that a collector searches for."""
    wanted = demands(collector, campaigns, store)
    cost = collector.costs.get("search")
    return spread(room_a_day(collector, cost.bucket) if cost else float("inf"), wanted)


def demands(collector: type[Collector], campaigns: Iterable[Campaign], store: Store | None = None) -> dict[str, Demand]:
    """Return what each campaign would ask of a collector; ``store`` tells what a query really cost lately.

    Of money a declared cost is the dearest answer there can be: until it is measured, only the hard stop holds.
    """
    cost = collector.costs.get("search")
    measured = dict(store.rows(_MEASURED, [f'$."{cost.bucket}"', collector.name])) if store and cost else {}
    likely = cost.amount if cost and limits(collector)[cost.bucket].unit != "microdollars" else 0
    found = {}
    for campaign in campaigns:
        queries = len(asked_queries(collector, campaign))
        if queries and (not campaign.platforms or collector.name in campaign.platforms):
            each = measured.get(campaign.name) or likely
            canary = collector.name in campaign.canaries  # asked in every turn, on top
            every_s = campaign.every.get(collector.name) or collector.every_s
            found[campaign.name] = Demand(every_s, queries, each * (queries + canary) / queries)
    return found


def room_a_day(collector: type[Collector], bucket: str) -> float:
    """Return what searches may take out of a bucket a day: what is kept for re-reads is not theirs."""
    return limit_a_day(collector, bucket) * (1 - limits(collector)[bucket].reserve)


def limit_a_day(collector: type[Collector], bucket: str) -> int:
    """Return what a bucket holds for a day."""
    budget = limits(collector)[bucket]
    if budget.per == "month":
        return budget.limit // 31
    return budget.limit * DAY_S // budget.rolling_s if budget.per == "rolling" else budget.limit


def spread(room: float, wanted: Mapping[str, Demand]) -> dict[str, Pace]:
    """Share a day's room among campaigns and return the pace that follows for each."""
    made, left = {}, room
    for number, (name, demand) in enumerate(sorted(wanted.items(), key=lambda one: (one[1].a_day, one[0]))):
        share = min(demand.a_day, left / (len(wanted) - number))  # the modest first: what they leave goes to the others
        left -= share
        made[name] = _pace(demand, share, room)
    return made


def _pace(demand: Demand, share: float, room: float) -> Pace:
    if demand.a_day == 0:
        return Pace(demand.every_s, demand.queries)
    turn = room if share >= demand.a_day else share
    queries = demand.queries if turn >= demand.queries * demand.each else max(1, int(turn / demand.each))
    return Pace(ceil(queries * demand.each * DAY_S / share - 1e-6), queries)
