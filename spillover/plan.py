"""What a campaign will cost a day, per collector and bucket, before a single request is made.

A search costs at least one request for each query, server and turn; more pages, and slices of a full answer, cost more,
so the figure is a lower bound and says so. A post is taken to be read again as the schedule allows at most. Campaigns
that collect live share a bucket: where their searches do not fit together, the plan says how often each query is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Any

from spillover import registry, roster, sharing
from spillover.budgets import limits
from spillover.campaign import Campaign
from spillover.contract import Collector, Cost, Mode
from spillover.rereading import LONGEST_S
from spillover.seeds import seeds
from spillover.sharing import DAY_S, limit_a_day
from spillover.store import Store, campaign_id
from spillover.turn import asked_queries

_HOUR_S = 3600
_POSTS = """
SELECT p.platform, count(DISTINCT p.post_key),
       count(DISTINCT p.post_key) FILTER (p.first_seen_at > now()::TIMESTAMP - INTERVAL 1 DAY)
FROM held.post p JOIN held.post_campaign c USING (post_key) WHERE c.campaign_id = ? GROUP BY p.platform"""


def costs(campaign: Campaign, store: Store | None = None, others: Sequence[Campaign] = ()) -> list[dict[str, Any]]:
    """Return a row for each collector and mode: queries, requests and cost a day, the bucket's limit, whether it fits.

    ``store`` tells how many posts are held already; without one (a campaign that is not saved yet) there are none.
    ``others`` collect live beside it, out of the same buckets.
    """
    names = campaign.platforms or tuple(registry.names())
    beside = [other for other in others if other.name != campaign.name]
    rows = _costs(names, campaign, store)
    taken: dict[tuple[str, str], int] = {}
    for other in beside:
        for row in _costs([name for name in names if not other.platforms or name in other.platforms], other, store):
            _add(taken, row)
    return [_paced(row, campaign, beside, store) for row in _fitted(rows, taken)]


def _costs(names: Sequence[str], campaign: Campaign, store: Store | None) -> list[dict[str, Any]]:
    held = {row[0]: row[1:] for row in store.rows(_POSTS, [campaign_id(campaign.name)])} if store else {}
    return [row for name in names for row in _rows(name, campaign, held)]


def _rows(name: str, campaign: Campaign, held: Mapping[str, tuple[int, int]]) -> Iterator[dict[str, Any]]:
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
    collector: type[Collector], mode: Mode, campaign: Campaign, held: Mapping[str, tuple[int, int]]
) -> tuple[float, int]:
    """Return the requests a day, at least, and the seconds between two turns."""
    if mode == "reread":
        cost = collector.costs.get(mode)
        posts = [held.get(platform, (0, 0)) for platform in collector.rereads or (collector.name,)]
        old, young = sum(all_ - new for all_, new in posts), sum(new for _, new in posts)
        # the campaign's own videos are read from the first turn on
        if not old + young and collector.vantage != "archive":
            platforms = collector.rereads or (collector.name,)
            young = sum(seed.known.platform in platforms for seed in seeds(campaign))
        readings = old * DAY_S / LONGEST_S + young * _readings_of_a_first_day(collector.first_reread_s)
        return readings / (cost.batch if cost else 1), collector.first_reread_s
    every_s = campaign.every.get(collector.name) or collector.every_s
    queries = len(asked_queries(collector, campaign))
    if mode == "stream":
        return float(queries > 0), every_s
    turn = queries + (queries > 0 and collector.name in campaign.canaries)
    return turn * DAY_S / every_s, every_s


def _readings_of_a_first_day(first_s: int) -> int:
    """Return how often a post is read on its first day, at distances that double."""
    readings, at, step = 0, first_s, first_s
    while at < DAY_S:
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
        "limit_a_day": limit_a_day(collector, cost.bucket) if cost else None,
        "per": budget.per if budget else None,
        "at_least": mode == "search",
    }


def _add(taken: dict[tuple[str, str], int], row: Mapping[str, Any]) -> None:
    if row.get("bucket"):
        key = (row["collector"], row["bucket"])
        taken[key] = taken.get(key, 0) + row["cost_a_day"]


def _fitted(rows: list[dict[str, Any]], taken: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    """Say of each row whether all that draws on its bucket, of other campaigns too, fits into a day of it."""
    spent = dict(taken)
    for row in rows:
        _add(spent, row)
    made = []
    for row in rows:
        key = (row["collector"], row.get("bucket") or "")
        fits = spent[key] <= row["limit_a_day"] if row.get("bucket") else None
        made.append(row | {"others_a_day": taken.get(key, 0), "fits": fits, "each_query_every_s": None, "note": None})
    return made


def _paced(row: dict[str, Any], campaign: Campaign, beside: Sequence[Campaign], store: Store | None) -> dict[str, Any]:
    """Say how often each query is asked where the bucket does not hold every search that is wanted."""
    if row["mode"] != "search":
        return row
    collector = registry.load(row["collector"])
    asking = [campaign, *beside]
    demand = sharing.demands(collector, asking, store)[campaign.name]
    every_s = sharing.paces(collector, asking, store)[campaign.name].stretched_s(demand)
    if every_s <= demand.every_s:
        return row | {"each_query_every_s": demand.every_s}
    note = f"each query is asked every {_hours(every_s)} instead of {_hours(demand.every_s)}, so that the day's budget lasts"
    return row | {"fits": False, "each_query_every_s": every_s, "note": note}


def _hours(seconds: int) -> str:
    return f"{seconds / _HOUR_S:.2g} h" if seconds < 99 * _HOUR_S else f"{seconds / DAY_S:.0f} days"
