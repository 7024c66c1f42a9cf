"""One turn of a collector for a campaign: what it is asked, from when, and with which cursor."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

from msgspec import structs

from spillover.bases import Bases
from spillover.campaign import Campaign, queries
from spillover.client import HttpClient, Place
from spillover.clock import Clock, SystemClock
from spillover.config import secret
from spillover.contract import Collector, Known, Mode, Page, Query, Window
from spillover.ingest import Subject
from spillover.store import Store

FIRST_LOOK = timedelta(days=30)  # how far back the first search of a new query goes
_AT_ONCE = 500  # posts that one turn reads again: ten calls of fifty
# A post is read again the sooner the younger it is: most of what happens to it happens on its first days.
_DUE = """
    SELECT p.id, p.url, c.sealed FROM held.post p
    JOIN held.post_campaign c USING (post_key) JOIN held.member m USING (post_key, campaign_id)
    LEFT JOIN held.post_latest l USING (post_key)
    LEFT JOIN (SELECT post_key, max(checked_at) AS checked_at FROM held.availability GROUP BY post_key) a USING (post_key)
    WHERE p.platform = $platform AND campaign_id = $campaign AND m.band NOT IN ('rejected', 'dropped')
      AND $now - greatest(coalesce(l.observed_at, p.first_seen_at), coalesce(a.checked_at, p.first_seen_at)) >=
          CASE WHEN $now - coalesce(p.published_at, p.first_seen_at) < INTERVAL 1 DAY THEN INTERVAL 1 HOUR
               WHEN $now - coalesce(p.published_at, p.first_seen_at) < INTERVAL 7 DAY THEN INTERVAL 6 HOUR
               WHEN $now - coalesce(p.published_at, p.first_seen_at) < INTERVAL 30 DAY THEN INTERVAL 1 DAY
               ELSE INTERVAL 7 DAY END
    ORDER BY coalesce(p.published_at, p.first_seen_at) DESC LIMIT $at_once"""

Asked = tuple[str, Iterator[Page], HttpClient]  # a run's label, its pages, and the client behind them


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
    gates: Path | None = None
    allow_private: bool = False
    clock: Clock = field(default_factory=SystemClock)

    def runs(self) -> Iterator[Asked]:
        """Yield the label, the pages and the client of each run; nothing is asked before its pages are."""
        asks = queries(self.campaign, self.collector.finds)
        if self.mode == "search":
            yield from map(self._search, self._everywhere(asks))
        elif self.mode == "stream":
            collector, client = self._fresh()
            yield "stream", collector.stream(asks, self._cursor("stream")), client
        elif self.mode == "reread" and (known := self._due_posts()):
            collector, client = self._fresh()
            yield "reread", collector.reread(known), client

    def _everywhere(self, asks: list[Query]) -> list[Query]:
        """Return the queries; each once for every instance, where a collector has several."""
        bases = Bases.of(self.collector).instances(self._instances())
        return [structs.replace(query, at=base) for base in bases for query in asks] if bases else asks

    def _search(self, query: Query) -> Asked:
        collector, client = self._fresh()
        label = f"{query.kind}:{query.text}" + (f" at {query.at}" if query.at else "")
        return label, collector.search(query, self.asked or self._window(label), self._cursor(label)), client

    def _fresh(self) -> tuple[Collector, HttpClient]:
        marks = _marks(self._cursor("client"), self.subject.version)
        secrets = {name: secret(name) or "" for name in (*self.collector.needs, *self.collector.wants)}
        instances = Bases.of(self.collector).instances(self._instances())
        place = Place(secrets, instances, self.gates, self.mode, self.allow_private, self.clock)
        client = HttpClient(self.collector, place, marks=marks, stop=self.stop)
        return self.collector(client, secrets, instances), client

    def _instances(self) -> tuple[str, ...]:
        return self.campaign.instances.get(self.collector.name) or self.collector.instances

    def _cursor(self, label: str) -> str | None:
        return self.store.checkpoint(self.collector.name, self.mode, self.subject.campaign_id, label)

    def _window(self, label: str) -> Window:
        """Return the stretch to search: from where the last run ended, with an overlap for what is indexed late."""
        name, now = self.collector.name, self.clock.now()
        last = self.store.rows(
            """SELECT max(window_to) FROM runs
               WHERE collector = ? AND mode = 'search' AND query = ? AND campaign = ? AND outcome IN ('answered', 'cut_short')""",
            [name, label, self.campaign.name],
        )[0][0]
        overlap = timedelta(seconds=2 * (self.campaign.every.get(name) or self.collector.every_s))
        return Window(since=last.replace(tzinfo=UTC) - overlap if last else now - FIRST_LOOK, until=now)

    def _due_posts(self) -> list[Known]:
        platform, key = self.collector.name, self.subject.key
        values = {
            "platform": platform,
            "campaign": self.subject.campaign_id,
            "now": self.clock.now().replace(tzinfo=None),
            "at_once": _AT_ONCE,
        }
        with self.store.cursor() as cursor:
            rows = cursor.execute(_DUE, values).fetchall()
        return [Known(id=key.unseal(platform, sealed) if sealed else post_id, url=url) for post_id, url, sealed in rows]


def _marks(saved: str | None, version: int) -> dict[str, Any]:
    """Return the marks of what is unchanged; none when the campaign looks for other terms now."""
    state: dict[str, Any] = json.loads(saved) if saved else {}
    marks: dict[str, Any] = state.get("marks", {})
    return marks if state.get("version") == version else {}
