"""One turn of a collector for a campaign: what it is asked, from when, with which cursor, and what it must find again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

from msgspec import structs

from spillover import rereading
from spillover.bases import Bases
from spillover.budgets import Portion
from spillover.campaign import Campaign, queries
from spillover.canary import Canary
from spillover.client import HttpClient, Place
from spillover.clock import Clock, SystemClock
from spillover.collect import Task
from spillover.config import secret
from spillover.contract import Collector, Known, Mode, Page, Query, Window
from spillover.controls import EACH, Controls
from spillover.ingest import Subject
from spillover.store import Store

_HELD = "not asked: the day's budget holds fewer queries than the campaign has; those that waited longest go first"


def served_posts(store: Store, campaign_id: int) -> set[int]:
    """Return the posts of a campaign that have as many controls as a post gets."""
    rows = store.rows(
        "SELECT post_key FROM held.control WHERE campaign_id = ? GROUP BY post_key HAVING count(*) >= ?",
        [campaign_id, EACH],
    )
    return {row[0] for row in rows}


@dataclass(frozen=True)
class Asked:
    """A run that is about to start: its task, its pages (nothing is asked before they are), and the client behind them."""

    task: Task
    pages: Iterator[Page]
    client: HttpClient
    held: str | None = None  # why it is not asked in this turn


@dataclass(frozen=True)
class Turn:
    """A collector in one mode for one campaign. ``runs`` yields what to follow, a run for each query."""

    collector: type[Collector]
    mode: Mode
    campaign: Campaign
    subject: Subject
    store: Store
    stop: threading.Event
    asked: Window | None = None  # None: from where the last run ended
    most: int | None = None  # queries that a turn asks, where the day's budget holds no more
    every_s: int | None = None  # until the next turn, where the day's budget sets the pace
    gates: Path | None = None
    allow_private: bool = False
    clock: Clock = field(default_factory=SystemClock)
    shared_by: int = 1  # campaigns that draw on the same budgets

    def runs(self) -> Iterator[Asked]:
        """Yield each run; a canary that the operator named comes first."""
        if self.mode == "search":
            yield from self._searches()
        elif self.mode == "stream":
            collector, client = self._fresh()
            pages = collector.stream(self.queries(), self._cursor("stream"))
            yield Asked(self._task("stream", controls=self._controls(keyed=False)), pages, client)
        elif self.mode == "reread":
            posts, seeds = self._due_posts(), self._new_seeds()
            if posts or seeds:
                yield self._reread(posts, seeds)

    def queries(self) -> list[Query]:
        """Return what is asked: each query once, or once for every instance where a collector has several."""
        return asked_queries(self.collector, self.campaign)

    def label(self, query: Query) -> str:
        """Return what a query is called in the ledger."""
        return f"{query.kind}:{query.text}" + (f" at {query.at}" if query.at else "")

    def _searches(self) -> Iterator[Asked]:
        served = served_posts(self.store, self.subject.campaign_id)
        if named := self.campaign.canaries.get(self.collector.name):
            kind = "link" if "://" in named and "link" in self.collector.finds else min(self.collector.finds)
            bases = instances(self.collector, self.campaign)
            query = Query(kind=kind, text=named, at=bases[0] if bases else None)
            yield self._search(
                query, Task(self.collector.name, "search", self.subject, f"canary:{named}", must_find=True)
            )
        asks = self._longest_waiting()
        most = len(asks) if self.most is None else min(self.most, len(asks))
        for number, query in enumerate(asks):
            label = self.label(query)
            canary = Canary.read(self._cursor(f"canary {label}"))
            task = self._task(label, canary=canary, controls=self._controls(served))
            asked = self._search(query, task, self._portion(max(1, most - number), most))
            yield asked if number < most else replace(asked, held=_HELD)

    def _longest_waiting(self) -> list[Query]:
        """Return the queries, those that waited longest first: where a budget ends, it ends for others every time."""
        rows = self.store.rows(
            """SELECT query, max(started_at) FROM runs
               WHERE collector = ? AND mode = 'search' AND campaign = ? AND outcome <> 'not_asked' GROUP BY query""",
            [self.collector.name, self.campaign.name],
        )
        asked = {label: at.timestamp() for label, at in rows}
        return sorted(self.queries(), key=lambda query: asked.get(self.label(query), 0.0))

    def _search(self, query: Query, task: Task, portion: Portion | None = None) -> Asked:
        collector, client = self._fresh(portion)
        window = self.asked or self._window(task)
        return Asked(task, collector.search(query, window, self._cursor(task.query)), client)

    def _reread(self, posts: list[rereading.DuePost], seeds: list[Known]) -> Asked:
        collector, client = self._fresh()
        with self.store.cursor() as cursor:
            up = rereading.controls_up(cursor, self.subject.campaign_id, self._platforms())
        known = [self._known(post) for post in posts]
        controls = frozenset(one.id for one, post in zip(known, posts, strict=True) if (post.platform, post.id) in up)
        return Asked(self._task("reread", up=controls), collector.reread([*seeds, *known]), client)

    def _task(self, label: str, **more: Any) -> Task:
        return Task(self.collector.name, self.mode, self.subject, label, **more)

    def _controls(self, served: set[int] | None = None, *, keyed: bool = True) -> Controls | None:
        """Return what finds controls; None where nothing that is found can be read again."""
        if "reread" not in self.collector.modes():
            return Controls(keyed=keyed, each=0) if keyed else None
        found = served_posts(self.store, self.subject.campaign_id) if served is None else served
        return Controls(served=found, keyed=keyed)

    def _portion(self, left: int, each: int) -> Portion:
        """Say among how many a budget is shared: the others of this turn, of the day's later turns, of other campaigns."""
        cost = self.collector.costs.get("search")
        least = {cost.bucket: 2 * cost.amount} if cost else {}  # a count, and what was counted
        every_s = self.every_s or self._every_s()
        return Portion(left + each * (self.shared_by - 1), each * self.shared_by, every_s, least)

    def _every_s(self) -> int:
        return self.campaign.every.get(self.collector.name) or self.collector.every_s

    def _fresh(self, portion: Portion | None = None) -> tuple[Collector, HttpClient]:
        marks = _marks(self._cursor("client"), self.subject.version)
        secrets = {name: secret(name) or "" for name in (*self.collector.needs, *self.collector.wants)}
        place = Place(
            secrets,
            instances(self.collector, self.campaign),
            self.gates,
            self.mode,
            self.allow_private,
            self.clock,
            portion,
        )
        client = HttpClient(self.collector, place, marks=marks, stop=self.stop)
        return self.collector(client, secrets, instances(self.collector, self.campaign)), client

    def _cursor(self, label: str) -> str | None:
        return self.store.checkpoint(self.collector.name, self.mode, self.subject.campaign_id, label)

    def _window(self, task: Task) -> Window:
        """Return the stretch to search: from where the last run ended, with an overlap for what is indexed late."""
        name, now = self.collector.name, self.clock.now()
        last = self.store.rows(
            """SELECT max(window_to) FROM runs
               WHERE collector = ? AND mode = 'search' AND query = ? AND campaign = ? AND outcome IN ('answered', 'cut_short')""",
            [name, task.query, self.campaign.name],
        )[0][0]
        overlap = timedelta(seconds=2 * self._every_s())
        first = now - timedelta(days=self.collector.looks_back_days)
        since = last.replace(tzinfo=UTC) - overlap if last else first
        known = task.canary.since(now) if task.canary else None
        return Window(since=min(since, known) if known else since, until=now)

    def _platforms(self) -> tuple[str, ...]:
        return self.collector.rereads or (self.collector.name,)

    def _due_posts(self) -> list[rereading.DuePost]:
        first_s, archive = self.collector.first_reread_s, self.collector.vantage == "archive"
        mine, now = self.subject.campaign_id, self.clock.now()
        with self.store.cursor() as cursor:
            return rereading.due(cursor, mine, self._platforms(), now, first_s=first_s, archive=archive)

    def _new_seeds(self) -> list[Known]:
        """Return the campaign's own videos of which nothing is held; an archive is asked for them by their links."""
        if self.collector.vantage == "archive":
            return []
        mine = [seed.known for seed in self.subject.seeds.values() if seed.known.platform in self._platforms()]
        return [structs.replace(one, platform=self._other(one.platform)) for one in mine]

    def _other(self, platform: str) -> str:
        return "" if platform == self.collector.name else platform

    def _known(self, post: rereading.DuePost) -> Known:
        native = self.subject.key.unseal(post.platform, post.sealed) if post.sealed else post.id
        return Known(id=native, url=post.url, platform=self._other(post.platform))


def asked_queries(collector: type[Collector], campaign: Campaign) -> list[Query]:
    """Return what a collector is asked for a campaign: each query once, for every instance where it has several."""
    asks = [query for query in queries(campaign, collector.finds) if collector.takes(query)]
    bases = instances(collector, campaign)
    return [structs.replace(query, at=base) for base in bases for query in asks] if bases else asks


def instances(collector: type[Collector], campaign: Campaign) -> tuple[str, ...]:
    """Return the servers to ask: the operator's, the campaign's, else the collector's own choice."""
    named = campaign.instances.get(collector.name) or collector.instances
    return Bases.of(collector).instances(named)


def _marks(saved: str | None, version: int) -> dict[str, Any]:
    """Return the marks of what is unchanged; none when the campaign looks for other terms now."""
    state: dict[str, Any] = json.loads(saved) if saved else {}
    marks: dict[str, Any] = state.get("marks", {})
    return marks if state.get("version") == version else {}
