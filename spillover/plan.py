"""What a campaign will cost a day, per collector and bucket, before a single request is made.

A search costs at least one request for each query, server and turn; more pages, and slices of a full answer, cost more,
so the figure is a lower bound and says so. A post is taken to be read again as the schedule allows at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Any

from spillover import registry, roster
from spillover.budgets import limits
from spillover.campaign import Campaign, queries
from spillover.contract import Collector, Cost, Mode
from spillover.rereading import LONGEST_S
from spillover.seeds import seeds
from spillover.store import Store, campaign_id
from spillover.turn import instances

_DAY_S = 86_400
_POSTS = """
SELECT p.platform, count(DISTINCT p.post_key),
       count(DISTINCT p.post_key) FILTER (p.first_seen_at > now()::TIMESTAMP - INTERVAL 1 DAY)
FROM held.post p JOIN held.post_campaign c USING (post_key) WHERE c.campaign_id = ? GROUP BY p.platform"""


def costs(campaign: Campaign, store: Store | None = None) -> list[dict[str, Any]]:
    """Return a row for each collector and mode: queries, requests and cost a day, the bucket's limit, whether it fits.

    ``store`` tells how many posts are held already; without one (a campaign that is not saved yet) there are none.
    """
    held = {row[0]: row[1:] for row in store.rows(_POSTS, [campaign_id(campaign.name)])} if store else {}
    names = campaign.platforms or tuple(registry.names())
    rows = [row for name in names for row in _rows(name, campaign, held)]
    return _fitted(rows)


def _rows(name: str, campaign: Campaign, held: dict[str, tuple[int, int]]) -> Iterator[dict[str, Any]]:
    found = roster.state(name, named=name in campaign.platforms)
    if found.state == "broken":
        yield {"collector": name, "mode": None, "state": found.state, "why": found.why}
        return
    collector = registry.load(name)
    for mode in collector.modes():
        if mode == "load":
            continue
        asks, every_s = _asks(collector, mode, campaign, held)
        if asks == 0 and mode != "reread":
            continue
        cost = collector.costs.get(mode)
        yield _row(collector, mode, asks, every_s, cost) | {"state": found.state, "why": found.why}


def _asks(
    collector: type[Collector], mode: Mode, campaign: Campaign, held: dict[str, tuple[int, int]]
) -> tuple[float, int]:
    """Return the requests a day, at least, and the seconds between two turns."""
    if mode == "reread":
        cost = collector.costs.get(mode)
        posts = [held.get(platform, (0, 0)) for platform in collector.rereads or (collector.name,)]
        old, young = sum(all_ - new for all_, new in posts), sum(new for _, new in posts)
        if (
            not old + young and collector.vantage != "archive"
        ):  # the campaign's own videos are read from the first turn on
            platforms = collector.rereads or (collector.name,)
            young = sum(seed.known.platform in platforms for seed in seeds(campaign))
        readings = old * _DAY_S / LONGEST_S + young * _readings_of_a_first_day(collector.first_reread_s)
        return readings / (cost.batch if cost else 1), collector.first_reread_s
    every_s = campaign.every.get(collector.name) or collector.every_s
    asks = sum(collector.takes(query) for query in queries(campaign, collector.finds))
    if mode == "stream":
        return float(asks > 0), every_s
    return asks * max(1, len(instances(collector, campaign))) * _DAY_S / every_s, every_s


def _readings_of_a_first_day(first_s: int) -> int:
    """Return how often a post is read on its first day, at distances that double."""
    readings, at, step = 0, first_s, first_s
    while at < _DAY_S:
        readings, step = readings + 1, step * 2
        at += step
    return readings


def _row(collector: type[Collector], mode: Mode, asks: float, every_s: int, cost: Cost | None) -> dict[str, Any]:
    budget = limits(collector)[cost.bucket] if cost else None
    return {
        "collector": collector.name,
        "mode": mode,
        "every_s": every_s,
        "requests_a_day": ceil(asks),
        "bucket": cost.bucket if cost else None,
        "unit": budget.unit if budget else "calls",
        "cost_a_day": ceil(asks * cost.amount) if cost else 0,
        "limit_a_day": _limit_a_day(collector, cost.bucket) if cost else None,
        "per": budget.per if budget else None,
        "at_least": mode == "search",
    }


def _limit_a_day(collector: type[Collector], bucket: str) -> int:
    budget = limits(collector)[bucket]
    if budget.per == "month":
        return budget.limit // 31
    return budget.limit * _DAY_S // budget.rolling_s if budget.per == "rolling" else budget.limit


def _fitted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Say of each row whether all that draws on its bucket fits into a day of it."""
    spent: dict[tuple[str, str], int] = {}
    for row in rows:
        if row.get("bucket"):
            spent[row["collector"], row["bucket"]] = spent.get((row["collector"], row["bucket"]), 0) + row["cost_a_day"]
    return [
        row | {"fits": spent[row["collector"], row["bucket"]] <= row["limit_a_day"] if row.get("bucket") else None}
        for row in rows
    ]
