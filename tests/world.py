"""A made-up platform on loopback with a clock of its own: what it shows, hides, removes and breaks is known to the test."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from spillover.contract import (
    Author,
    Availability,
    Budget,
    Collector,
    Cost,
    Counts,
    Known,
    Mode,
    Page,
    Post,
    Query,
    Window,
)

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


class SimulatedClock:
    """A clock that moves only when somebody waits."""

    def __init__(self, at: datetime = BEGIN) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        self.at += timedelta(seconds=max(seconds, 0.0))
        return stop.is_set()


@dataclass
class Item:
    """A post of the made-up platform."""

    id: str
    text: str
    at: datetime
    views: int = 10
    gone: bool = False
    stated: str = ""  # the platform's words about its removal


@dataclass
class World:
    """What the platform holds, and how it misbehaves: ``trouble`` is a status, "nothing" (an empty answer) or ""."""

    clock: SimulatedClock
    items: dict[str, Item] = field(default_factory=dict)
    trouble: str = ""
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def post(self, id: str, text: str, **more: object) -> Item:
        self.items[id] = Item(id, text, self.clock.now() - timedelta(minutes=1), **more)  # type: ignore[arg-type]
        return self.items[id]

    def answer(self, path: str) -> tuple[int, object]:
        self.asked.append(path)
        parts = urlsplit(path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if self.trouble.isdigit():
            return int(self.trouble), {"error": "trouble"}
        if parts.path == "/items":
            wanted = asked["ids"].split(",")
            held = [self.items[id] for id in wanted if id in self.items and self.trouble != "nothing"]
            return 200, {"items": [_shown(item) for item in held if not item.gone or item.stated]}
        since, until = (datetime.fromisoformat(asked[name]) for name in ("since", "until"))
        found = [item for item in self.items.values() if since <= item.at <= until and not item.gone]
        return 200, {"items": [] if self.trouble == "nothing" else [_shown(item) for item in found]}


def _shown(item: Item) -> dict[str, object]:
    return {"id": item.id, "text": item.text, "at": item.at.isoformat(), "views": item.views, "removed": item.stated}


class WorldCollector(Collector):
    """Reads the made-up platform."""

    name = "world"
    hosts = ("world.example",)
    finds = frozenset({"title", "phrase"})
    terms = "https://world.example/terms"
    per_minute = 60_000
    budgets: ClassVar[dict[str, Budget]] = {"search": Budget(limit=24), "items": Budget(limit=100_000)}
    costs: ClassVar[dict[Mode, Cost]] = {"search": Cost(bucket="search"), "reread": Cost(bucket="items", batch=50)}

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        assert window.since and window.until
        asked = {"q": query.text, "since": window.since.isoformat(), "until": window.until.isoformat()}
        told = json.loads(self.client.get("https://world.example/search", params=asked, spend="search").body)
        yield Page(posts=[_post(item) for item in told["items"]], window=window, done=True)

    def reread(self, posts: Sequence[Known]) -> Iterator[Page]:
        asked = {"ids": ",".join(post.id for post in posts)}
        answer = self.client.get("https://world.example/items", params=asked, spend="items")
        told = json.loads(answer.body)["items"]
        there = {item["id"] for item in told}
        standing = [_standing(item, answer.fetched_at) for item in told]
        standing += [
            Availability(id=post.id, status="unknown", cause="missing", basis="absent", checked_at=answer.fetched_at)
            for post in posts
            if post.id not in there
        ]
        shown = [_post(item, answer.fetched_at) for item in told if not item["removed"]]
        yield Page(
            posts=shown,
            availability=standing,
            done=True,
            window=Window(since=answer.fetched_at, until=answer.fetched_at),
        )


def _post(item: dict[str, str], observed_at: datetime | None = None) -> Post:
    return Post(
        id=item["id"],
        text=item["text"],
        lang="en",
        author=Author(id=f"account of {item['id']}", followers=1000),
        published_at=datetime.fromisoformat(item["at"]),
        counts=Counts(views=int(item["views"])),
        observed_at=observed_at,
    )


def _standing(item: dict[str, str], checked_at: datetime) -> Availability:
    if item["removed"]:
        return Availability(id=item["id"], status="gone", cause="platform", said=item["removed"], checked_at=checked_at)
    return Availability(id=item["id"], status="up", checked_at=checked_at)


@contextmanager
def serving(world: World) -> Iterator[World]:
    """Serve the world on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, told = world.answer(self.path)
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        world.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield world
        server.shutdown()
