"""The owner of a workspace: the one process that holds the database, drains the spool, runs the schedule and shows the pages.

This file and ``__main__.py`` put the layers together, and may import every one of them.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from spillover import plan, runtime, sightings
from spillover._where import ROOT
from spillover.campaign import read_campaign
from spillover.campaigns import Campaigns
from spillover.collection import Collection
from spillover.config import Workspace
from spillover.errors import Busy, UsageError, without_words
from spillover.expiry import overdue
from spillover.policies import Policies
from spillover.reading import run_sql
from spillover.schedule import Due, Schedule
from spillover.store import Store
from spillover.telling import LOOK_EVERY_S, Telling
from spillover.wire import Link, Server

if TYPE_CHECKING:
    import duckdb

_DRAIN_EVERY_S = 0.5
_COMMAND_DRAIN_EVERY_S = 3.0  # nobody watches an import meanwhile, and larger bites cost less
_FIRST_EXPIRY_S = 60.0  # after a start, which has better things to do first
_EXPIRE_EVERY_S = 900.0  # the shortest term that a platform sets is an hour
_STOP_WITHIN_S = 8.0  # the system gives ten
_TELL_WITHIN_S = 1.0
_PATIENCE_S = 5.0  # for another process that opens or closes the workspace
COMMAND_MEMORY = "500MB"  # DuckDB's share in a command: an import of a million posts stays under 1 GB in all
log = logging.getLogger("spillover")


class Owner:
    """An open workspace and the commands that it takes. ``start`` adds the schedule, the drain and the socket."""

    def __init__(self, workspace: Workspace, *, memory_limit: str = "") -> None:
        self.paths = workspace
        self.workspace = workspace.root
        self.store = Store(workspace, memory_limit=memory_limit)
        self.stopping = threading.Event()
        self.campaigns = Campaigns(workspace, self.store)
        self.collection = Collection(workspace, self.store, self.campaigns, self.stopping)
        self.telling = Telling(workspace, self.store, self.campaigns, self.stopping, self.collection.clock)
        self._schedule: Schedule | None = None
        self._server: Server | None = None
        self._threads: list[threading.Thread] = []

    # what pages use (runtime.Owner)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        return self.store.cursor()

    def data_version(self) -> int:
        return self.store.version

    def jobs(self) -> list[dict[str, Any]]:
        return self._schedule.jobs() if self._schedule else []

    def command(self, name: str, /, **arguments: Any) -> dict[str, Any]:
        """Carry out a command by name; raise UsageError for one that does not exist."""
        return self.answer(name, arguments)[0]

    # what other processes use, over the socket

    def answer(self, name: str, arguments: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Carry out a command and return its answer and, for ``sql``, its rows as an Arrow stream."""
        if name == "sql":
            return {}, self._sql(**arguments)
        work = getattr(self, f"do_{name}", None)
        if work is None:
            raise UsageError(f"no command {name!r}")
        result: dict[str, Any] = work(**arguments)
        return result, b""

    def do_ping(self) -> dict[str, Any]:
        return {"pid": os.getpid(), "workspace": str(self.workspace), "version": self.store.version}

    def do_drain(self, segments: list[str]) -> dict[str, Any]:
        self.store.drain()
        return dict(self.store.drained(segments))

    def do_campaign_save(self, name: str) -> dict[str, Any]:
        saved = self.campaigns.save(name)
        self._plan()
        return saved

    def do_campaign_list(self) -> dict[str, Any]:
        return {"campaigns": self.campaigns.overview()}

    def do_campaign_pause(self, name: str) -> dict[str, Any]:
        return self._change(name, state="paused")

    def do_campaign_resume(self, name: str) -> dict[str, Any]:
        return self._change(name, state="active")

    def do_campaign_archive(self, name: str) -> dict[str, Any]:
        return self._change(name, state="archived")

    def do_campaign_live(self, name: str, live: bool) -> dict[str, Any]:
        return self._change(name, live=live)

    def do_collect(
        self,
        campaign: str | None = None,
        collector: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> dict[str, Any]:
        runs = self.collection.collect_once(campaign, collector, since, until)
        self.store.drain()
        return {"runs": runs}

    def do_evidence_save(self, campaign: str, post: str | None) -> dict[str, Any]:
        from spillover.evidence import save

        return {"copies": save(self.collection, campaign, post)}

    def do_sighting_add(self, campaign: str, said: dict[str, str | None], picture: str | None = None) -> dict[str, Any]:
        sighting, content = sightings.read(said, picture, self.collection.clock.now())
        subject = self.campaigns.subject(campaign)
        found = sightings.keep(self.workspace, self.paths.spool, subject, sighting, content)
        drained = self.do_drain(found.pop("segments"))
        return found | {"new_post": bool(drained["new_posts"]), "new_reading": bool(drained["observations"])}

    def do_show(
        self, question: str, campaign: str, by: list[str], as_of: str | None, beside: str | None = None
    ) -> dict[str, Any]:
        from analysis import questions

        for name in (campaign, beside):
            if name is not None:
                self.campaigns.read(name)
        with self.cursor() as cursor:
            return {"rows": questions.answer(cursor, question, campaign, by=by, as_of=as_of, beside=beside)}

    def do_export(self, campaign: str, directory: str) -> dict[str, Any]:
        from analysis.export import export

        self.campaigns.read(campaign)
        with self.cursor() as cursor:
            return {
                "files": [str(path) for path in export(cursor, campaign, directory, Policies.read(self.paths.policies))]
            }

    def do_verify(self) -> dict[str, Any]:
        from spillover.verify import verify

        self.store.drain()
        return {"findings": verify(self.store)}

    def do_collectors(self) -> dict[str, Any]:
        from spillover import roster

        named = frozenset(name for campaign, _ in self.campaigns.active() for name in campaign.platforms)
        now = self.collection.clock.now()
        return {"collectors": roster.overview(self.store, self.jobs(), named, self.paths.gates, now)}

    def do_plan(self, campaign: str) -> dict[str, Any]:
        chosen = read_campaign(Path(campaign)) if campaign.endswith(".toml") else self.campaigns.read(campaign)
        others = [other for other, live in self.campaigns.active() if live]
        return {"plan": plan.costs(chosen, self.store, others)}

    def do_expire(self) -> dict[str, Any]:
        return {"expired": self.store.expire(Policies.read(self.paths.policies), self.collection.clock.now())}

    def do_alerts(self, action: str, **asked: Any) -> dict[str, Any]:
        result: dict[str, Any] = self.telling.actions[action](**asked)
        return result

    def do_overdue(self) -> dict[str, Any]:
        with self.cursor() as cursor:
            return {"overdue": overdue(cursor, Policies.read(self.paths.policies), self.collection.clock.now())}

    def do_rebuild(self) -> dict[str, Any]:
        self.store.rebuild()
        return {}

    # life

    def start(self) -> None:
        """Open the socket, drain what waits, and start the schedule."""
        self.store.drain()
        self.campaigns.save_all()
        self.collection.close_broken_runs()
        self._server = Server(self.paths.socket, self.answer)
        self.paths.owner_note.write_text(json.dumps({"pid": os.getpid(), "socket": str(self.paths.socket)}))
        self._schedule = Schedule(self._work)
        self._schedule.start()
        self._schedule.every(LOOK_EVERY_S, self.telling.turn)
        self._plan()
        self.start_draining(expires=True)

    def start_draining(self, every_s: float = _DRAIN_EVERY_S, *, expires: bool = False) -> None:
        """Drain in a thread of its own: rows go in on one core while the next are read on the other.

        A command that takes long ``expires`` nothing: how much of a file stays must not hang on how fast it is read.
        """
        given = [every_s, _FIRST_EXPIRY_S if expires else inf]
        thread = threading.Thread(target=self._keep_draining, args=given, name="spillover-drain", daemon=True)
        thread.start()
        self._threads.append(thread)

    def close(self) -> None:
        """Stop within ten seconds: no new runs, those under way end at their next page, what they wrote is drained."""
        self.stopping.set()
        self.collection.end_runs()
        if self._schedule and not self._schedule.stop(_STOP_WITHIN_S):
            log.warning("event=stop unfinished=true note=resumes-from-its-checkpoint")
        for thread in self._threads:
            thread.join(1.0)
        self.telling.close(_TELL_WITHIN_S)
        if self._server:
            self._server.close()
            self.paths.owner_note.unlink(missing_ok=True)
        self.store.drain()
        self.store.close()

    def _change(self, name: str, *, state: str | None = None, live: bool | None = None) -> dict[str, Any]:
        self.store.set_campaign(name, state=state, live=live)
        if live is False or state in ("paused", "archived"):
            self.collection.end_runs(name)
        self._plan()
        return {"name": name}

    def _plan(self) -> None:
        if self._schedule:
            self._schedule.set_jobs(self.collection.plan())

    def _work(self, job: Due) -> None:
        retry_at = self.collection.work(job)
        if retry_at and self._schedule:
            self._schedule.set_back(job.key, retry_at)

    def _keep_draining(self, every_s: float, expire_in_s: float) -> None:
        known = self.campaigns.marks()
        expire_at = time.monotonic() + expire_in_s
        while not self.stopping.wait(every_s):
            try:
                self.store.drain()
                if time.monotonic() >= expire_at:
                    expire_at = time.monotonic() + _EXPIRE_EVERY_S
                    self.do_expire()
                if (marks := self.campaigns.marks()) != known:  # somebody edited a campaign file: it is the truth
                    self.campaigns.save_all()
                    self._plan()
                    known = marks
            except Exception as error:  # a full disk must not end the drain: segments wait, the next turn tries again
                log.error("event=drain outcome=failed error=%s", without_words(error))

    def _sql(self, query: str, parameters: list[Any] | None = None) -> bytes:
        with self.cursor() as cursor:
            rows = run_sql(cursor, query, parameters or ())
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, rows.schema) as writer:
            writer.write_table(rows)
        return bytes(sink.getvalue())


class Desk:
    """Where commands go: to a running owner, else to one opened for as long as the command takes."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._link: Link | None = None
        self._owner: Owner | None = None
        self._open()

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        if self._link:
            self._link.__exit__()
        if self._owner:
            self._owner.close()

    def command(self, name: str, /, **arguments: Any) -> dict[str, Any]:
        """Carry out a command and return its answer."""
        return self._ask(name, arguments)[0]

    def sql(self, query: str) -> pa.Table:
        """Return the rows of one SELECT over the public views."""
        return pa.ipc.open_stream(self._ask("sql", {"query": query})[1]).read_all()

    def _open(self) -> None:
        """Find the owner, or open the workspace; wait for an owner that has the file and is about to listen."""
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                self._link = Link(self._workspace.socket)
                return
            except OSError:
                pass
            try:
                self._owner = Owner(self._workspace, memory_limit=COMMAND_MEMORY)
                break
            except Busy:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
        self._prepare(self._owner)

    def _prepare(self, owner: Owner) -> None:
        owner.store.drain()
        owner.campaigns.save_all()
        owner.start_draining(_COMMAND_DRAIN_EVERY_S)

    def _ask(self, name: str, arguments: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Ask, and once more when the owner went away meanwhile: every command says the same when it is said twice."""
        try:
            return self._tell(name, arguments)
        except ConnectionError:
            self._link = None
            self._open()
            return self._tell(name, arguments)

    def _tell(self, name: str, arguments: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        if self._link:
            return self._link.ask(name, arguments)
        assert self._owner is not None
        return self._owner.answer(name, arguments)


def serve(workspace: Workspace, *, port: int, browser: bool) -> None:
    """Own the workspace until told to stop: schedule, drain, socket and dashboard in one process."""
    import streamlit as st

    from dashboard._errors import error_card

    try:
        with Link(workspace.socket) as link:
            running = link.ask("ping", {})[0]
        raise Busy(
            f"{workspace.root}: process {running['pid']} runs this workspace already; stop it, or open its dashboard"
        )
    except OSError:
        owner = Owner(workspace)

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        owner.start()
        runtime.set_owner(owner)
        try:
            yield
        finally:
            owner.close()

    sys.argv[:] = [str(ROOT / "app.py")]  # where Streamlit looks for .streamlit/config.toml
    app = st.App(ROOT / "app.py", lifespan=lifespan, on_script_error=error_card)
    app.run(
        config={
            "server.port": port,
            "server.address": "127.0.0.1",
            "server.headless": not browser,
            "server.fileWatcherType": "none",
            "browser.gatherUsageStats": False,
        }
    )
