"""Collection from end to end: a real web server, the ordinary path, the ledger, the schedule and the inbox."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from spillover.config import Workspace
from spillover.owner import Owner
from tests.conftest import ROOT

FEED = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Made up</title><updated>2026-03-01T00:00:00Z</updated>
<entry><id>tag:1</id><title>从未建成的桥 seen again</title><link href="https://news.example.org/1"/><updated>2026-03-01T00:00:00Z</updated></entry>
<entry><id>tag:2</id><title>Weather</title><link href="https://news.example.org/2"/><updated>2026-02-28T00:00:00Z</updated></entry>
</feed>"""
CAMPAIGN = """name = "bridge"
title = "The video of the bridge"
platforms = ["rss"]
feeds = ["{feed}"]
live = {live}
schedule.rss = "1s"

[[videos]]
title.zh-Hans = "从未建成的桥"
"""


class Server:
    """A web server with one feed, an ETag, and a switch that breaks it."""

    def __init__(self) -> None:
        self.broken = False
        self.answers: list[int] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # the library's name
                status = 500 if server.broken else 304 if self.headers.get("If-None-Match") == '"one"' else 200
                server.answers.append(status)
                body = FEED.encode() if status == 200 else b""
                self.send_response(status)
                self.send_header("ETag", '"one"')
                self.send_header("Content-Type", "application/atom+xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.feed = f"http://127.0.0.1:{self._server.server_port}/feed.xml"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("SPILLOVER_ALLOW_PRIVATE", "1")
    made = Server()
    yield made
    made.close()


def owner_of(workspace: Workspace, feed: str, live: str = "false") -> Owner:
    workspace.campaign_file("bridge").write_text(CAMPAIGN.format(feed=feed, live=live), encoding="utf-8")
    workspace.inbox("bridge").mkdir(parents=True, exist_ok=True)
    owner = Owner(workspace)
    owner.campaigns.save_all()
    return owner


def until(condition: object, seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.1)
    return False


def test_a_feed_is_read_matched_and_written_down(workspace: Workspace, server: Server) -> None:
    owner = owner_of(workspace, server.feed)
    (run,) = owner.do_collect(campaign="bridge", collector="rss")["runs"]
    assert (run["outcome"], run["posts"], run["matched"]) == ("answered", 2, 1)
    assert owner.store.rows("SELECT platform, title FROM posts") == [("web", "从未建成的桥 seen again")]
    ledger = owner.store.rows("SELECT asked, answered, refused, broken, window_to IS NOT NULL FROM runs")
    assert ledger == [(1, 1, 0, 0, True)]
    owner.close()


def test_what_has_not_changed_is_not_read_again_also_after_a_restart(workspace: Workspace, server: Server) -> None:
    for _ in range(2):
        owner = owner_of(workspace, server.feed)
        owner.do_collect(campaign="bridge", collector="rss")
        owner.close()
    assert server.answers == [200, 304]


def test_a_broken_server_is_a_broken_run_and_not_an_empty_one(workspace: Workspace, server: Server) -> None:
    server.broken = True
    owner = owner_of(workspace, server.feed)
    (run,) = owner.do_collect(campaign="bridge", collector="rss")["runs"]
    assert (run["outcome"], run["answered"]) == ("broken", 0)
    assert owner.store.rows("SELECT window_to FROM runs") == [(None,)]
    owner.close()


def test_the_schedule_collects_for_a_live_campaign_and_stops_within_ten_seconds(
    workspace: Workspace, server: Server
) -> None:
    owner = owner_of(workspace, server.feed, live="true")
    owner.start()
    assert until(lambda: owner.store.rows("SELECT count(*) FROM posts") == [(1,)])
    assert {job["collector"] for job in owner.jobs()} == {"file", "rss"}
    started = time.monotonic()
    owner.close()
    assert time.monotonic() - started < 10


def test_a_campaign_that_is_not_live_asks_nobody_until_it_is_switched_on(workspace: Workspace, server: Server) -> None:
    owner = owner_of(workspace, server.feed)
    owner.start()
    time.sleep(2.5)
    assert server.answers == []
    owner.command("campaign_live", name="bridge", live=True)
    assert until(lambda: server.answers != [])
    owner.close()


def test_files_in_the_inbox_are_loaded_in_order_and_put_aside(workspace: Workspace, server: Server) -> None:
    owner = owner_of(workspace, server.feed)
    for name, title in (("b.jsonl", "从未建成的桥 2"), ("a.jsonl", "从未建成的桥 1")):
        row = {"platform": "weibo", "id": title[-1], "title": title, "observed_at": "2026-03-01T00:00:00Z"}
        (workspace.inbox("bridge") / name).write_text(json.dumps(row) + "\n", encoding="utf-8")
    owner.start()
    assert until(lambda: owner.store.rows("SELECT id FROM posts ORDER BY id") == [("1",), ("2",)])
    assert until(lambda: not [path for path in workspace.inbox("bridge").iterdir() if path.is_file()])
    runs = owner.store.rows("SELECT query FROM runs WHERE collector = 'file' ORDER BY started_at")
    assert runs == [("a.jsonl",), ("b.jsonl",)]
    owner.close()


def test_only_the_rows_that_we_ship_count_as_published(workspace: Workspace) -> None:
    """A founding campaign is a sample and can be used in earnest: an analyst's own capture keeps its terms and its cover."""
    name, shipped = "cia-china-2025", ROOT / "examples" / "sample" / "cia-china-2025" / "weibo_hot_2025-05-06.csv"
    shutil.copyfile(ROOT / "examples" / f"{name}.toml", workspace.campaign_file(name))
    inbox = workspace.inbox(name)
    inbox.mkdir(parents=True)
    row = {
        "platform": "weibo",
        "id": "1",
        "title": "美CIA发中文视频招间谍",
        "author": "a",
        "observed_at": "2026-03-01T00:00:00Z",
    }
    (inbox / "a.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    (inbox / shipped.name).write_bytes(shipped.read_bytes())
    (inbox / "z.csv").write_bytes(shipped.read_bytes())  # the same bytes under another name are not known to be ours
    owner = Owner(workspace)
    owner.campaigns.save_all()
    job = next(job for job in owner.collection.plan() if job.campaign == name)
    for _ in range(3):
        owner.collection.work(job)
    assert dict(owner.store.rows("SELECT kind, any_value(policy) FROM posts GROUP BY kind")) == {
        "post": "weibo",
        "topic": "published",
    }
    owner.close()


def test_a_run_that_a_dead_process_left_open_is_closed_as_broken(workspace: Workspace, tmp_path: Path) -> None:
    owner = owner_of(workspace, "https://news.example.org/feed.xml")
    with owner.cursor() as cursor:
        cursor.execute(
            """INSERT INTO held.run (run_id, seq, collector, mode, campaign_id, started_at, outcome, asked, answered, refused, broken,
               posts, matched, rejected) VALUES ('dead', 3, 'rss', 'search', 1, TIMESTAMP '2026-01-01', 'running', 1, 1, 0, 0, 0, 0, 0)"""
        )
    owner.start()
    assert owner.store.rows("SELECT outcome, ended_at IS NOT NULL FROM runs WHERE run_id = 'dead'") == [
        ("broken", True)
    ]
    owner.close()
