"""Hours of schedule, played through on a simulated clock with faults on every source: the ledger adds up to the minute."""

from __future__ import annotations

import heapq
import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from analysis.coverage import coverage
from spillover.campaigns import Campaigns
from spillover.client import HttpClient, Place
from spillover.collection import Collection
from spillover.config import Workspace
from spillover.errors import CollectError
from spillover.store import Store
from spillover.verify import verify
from tests.collectors.cases import all_cases
from tests.collectors.casing import Case
from tests.faultproxy import FAULTS, Exchange, Proxy, plain, serving
from tests.world import BEGIN, SimulatedClock

CAMPAIGN = """
name = "soak"
title = "A video that everybody speaks of"
platforms = [{platforms}]
phrases.en = ["a video that everybody speaks of"]
phrases.zh = ["人人都在谈论的视频"]
hashtags = ["soak"]
feeds = ["https://news.example/feed.xml", "https://t.me/s/telegram"]
{instances}
[schedule]
{schedule}
[[videos]]
url = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
title.en = "A video that everybody speaks of"
"""
TROUBLE_SHARE = 0.2  # of the requests
CHOSEN = [name for name in FAULTS if name != "a gzip bomb"]  # forty megabytes a time say nothing new


@dataclass
class Source(Proxy):
    """A platform that answers each path as its recording did, and one request in five with a fault."""

    by_path: dict[str, list[Exchange]] = field(default_factory=dict)
    luck: random.Random = field(default_factory=random.Random)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reply(self, line: str) -> bytes:
        path = line.split(" ")[1].partition("?")[0]
        with self.lock:
            known = self.by_path.get(path) or next(iter(self.by_path.values()))
            exchange = known[len(self.asked) % len(known)]
            self.asked.append(line)
            fault = FAULTS[self.luck.choice(CHOSEN)] if self.luck.random() < TROUBLE_SHARE else plain
        return fault(exchange)


def learned(cases: list[Case]) -> dict[str, list[Exchange]]:
    """Return which answers a collector got under which path on its good days."""
    found: dict[str, list[Exchange]] = {}
    for case in cases:
        with serving(Proxy(case.exchanges())) as proxy, pytest.MonkeyPatch.context() as patch:
            lead(case, proxy.port, patch)
            secrets = dict.fromkeys((*case.collector.needs, *case.collector.wants), "a-secret-of-the-test")
            made = type("Fresh", (case.collector,), {})
            place = Place(secrets, case.instances, allow_private=True, clock=SimulatedClock())
            try:
                with HttpClient(made, place) as client:
                    list(case.ask(made(client, secrets, case.instances)))
            except CollectError:
                pass  # the recording ended before the collector did
            for number, line in enumerate(proxy.asked[: len(proxy.answers)]):
                found.setdefault(line.split(" ")[1].partition("?")[0], []).append(proxy.answers[number])
    return found


def lead(case: Case, port: int, patch: pytest.MonkeyPatch) -> None:
    """Lead a collector to loopback, and give it keys."""
    name = case.collector.name.upper()
    for service in ("", *(f"{service.upper()}_" for service in case.collector.services.values())):
        patch.setenv(f"SPILLOVER_{name}_{service}BASE_URL", f"http://127.0.0.1:{port}")
    for secret in (*case.collector.needs, *case.collector.wants):
        patch.setenv(f"SPILLOVER_{secret}", "a-secret-of-the-test")


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Source]]:
    monkeypatch.setenv("SPILLOVER_ALLOW_PRIVATE", "1")
    monkeypatch.setattr("spillover.client.Rules.read_s", 2.0)
    by_name: dict[str, list[Case]] = {}
    for _, case in all_cases():
        by_name.setdefault(case.collector.name, []).append(case)
    found: dict[str, Source] = {}
    with ExitStack() as stack:
        for number, (name, cases) in enumerate(sorted(by_name.items())):
            source = Source((), by_path=learned(cases), luck=random.Random(number))
            found[name] = stack.enter_context(serving(source))  # type: ignore[assignment]
            lead(cases[0], source.port, monkeypatch)
        yield found


def played(workspace: Workspace, names: list[str], hours: int, every_h: int) -> tuple[Store, datetime]:
    """Play the schedule of so many hours and return what is held."""
    schedule = "\n".join(f'{name} = "{every_h}h"' for name in names)
    text = CAMPAIGN.format(platforms=", ".join(f'"{name}"' for name in names), schedule=schedule, instances="")
    workspace.campaign_file("soak").write_text(text)
    store, clock = Store(workspace), SimulatedClock()
    campaigns = Campaigns(workspace, store)
    collection = Collection(workspace, store, campaigns, threading.Event(), clock)
    campaigns.save_all()
    queue = [(BEGIN, job.key, job) for job in collection.plan() if job.mode in ("search", "reread")]
    heapq.heapify(queue)
    until = BEGIN + timedelta(hours=hours)
    while queue and queue[0][0] <= until:
        at, key, job = heapq.heappop(queue)
        clock.at = max(clock.at, at)
        retry_at = collection.work(job)
        again = clock.at + timedelta(hours=every_h)
        heapq.heappush(queue, (max(again, retry_at or again), key, job))
    clock.at = max(clock.at, until)
    return store, clock.at


def adds_up(store: Store, until: datetime, names: set[str], hours: int) -> None:
    runs = store.rows("SELECT outcome, asked, answered, refused, broken, mode, collector FROM runs")
    assert {row[0] for row in runs} <= {"answered", "cut_short", "refused", "broken", "not_asked"}
    assert all(asked == answered + refused + broken for _, asked, answered, refused, broken, *_ in runs)
    with store.cursor() as cursor:
        ledger = coverage(cursor, "soak", until=until)
    assert names - set(ledger["collector"]) <= {"ytdlp"}  # which reads posts again that none of these sources brought
    for row in ledger.to_dict("records"):
        parts = [
            row[f"minutes_{part}"] for part in ("watched", "partly", "refused", "broken", "not_asked", "not_watched")
        ]
        assert sum(parts) == row["minutes"], row["collector"]
        assert row["minutes"] >= hours * 60 - 30, row["collector"]  # the first looks come one after the other
        assert row["runs"] == sum(
            row[f"runs_{end}"] for end in ("answered", "cut_short", "refused", "broken", "not_asked", "running")
        )
    assert not [row for row in verify(store) if not row["ok"]]


def without_secrets(workspace: Workspace) -> None:
    for path in Path(workspace.root).rglob("*"):
        if path.is_file():
            assert b"a-secret-of-the-test" not in path.read_bytes(), path


def soak(workspace: Workspace, sources: dict[str, Source], hours: int, every_h: int) -> None:
    store, until = played(workspace, sorted(sources), hours, every_h)
    try:
        adds_up(store, until, set(sources), hours)
    finally:
        store.close()
    without_secrets(workspace)


def test_six_hours_with_faults_on_every_source_add_up_to_the_minute(
    workspace: Workspace, sources: dict[str, Source]
) -> None:
    soak(workspace, sources, hours=6, every_h=3)


@pytest.mark.slow
def test_two_hundred_hours_with_faults_on_every_source_add_up_to_the_minute(
    workspace: Workspace, sources: dict[str, Source]
) -> None:
    soak(workspace, sources, hours=200, every_h=4)
