"""Which collector runs for which campaign, and one turn of each: what is asked, from when, and with which cursor."""

from __future__ import annotations

import filecmp
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from spillover import registry, roster, sharing
from spillover._where import ROOT
from spillover.campaign import Campaign, queries
from spillover.campaigns import Campaigns
from spillover.clock import Clock, SystemClock
from spillover.collect import Run, Tally, Task
from spillover.config import Workspace
from spillover.contract import Mode, Source, Window
from spillover.errors import UsageError
from spillover.loading import load_file
from spillover.policies import PUBLISHED
from spillover.schedule import Due
from spillover.store import Store
from spillover.turn import Turn, served_posts

_Paces = Callable[[str], dict[str, sharing.Pace]]  # of a collector's name

INBOX_EVERY_S = 5
REPLAY_EVERY_S = 20  # a recorded day of a sample: slow enough to watch
REREAD_EVERY_S = 900
STREAM_AGAIN_S = 60  # a stream that was cut is taken up again after this
STREAM_LOOK_S = 60  # how long one look by command follows a stream, which has no end of its own


class Collection:
    """Plans the jobs of a workspace and carries out one turn of a job."""

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        campaigns: Campaigns,
        stopping: threading.Event,
        clock: Clock | None = None,
    ) -> None:
        self.workspace, self.store, self.campaigns, self.stopping = workspace, store, campaigns, stopping
        self.clock = clock or SystemClock()
        self._stops: dict[str, threading.Event] = {}  # what ends each run, by campaign, collector and mode
        self.allow_private = os.environ.get("SPILLOVER_ALLOW_PRIVATE") == "1"  # tests reach servers on loopback

    def plan(self) -> list[Due]:
        """Return every job that is to run: the inbox of each active campaign, and its collectors where it is live."""
        active = self.campaigns.active()
        asking = [campaign for campaign, live in active if live]
        paces = cache(lambda name: sharing.paces(registry.load(name), asking, self.store))
        jobs = []
        for campaign, live in active:
            jobs.append(self._due("file", "load", campaign, REPLAY_EVERY_S if campaign.sample else INBOX_EVERY_S))
            if live:
                jobs.extend(self._live_jobs(campaign, paces))
        return jobs

    def work(self, job: Due) -> datetime | None:
        """Carry out one turn of a job; return the moment before which it must not start again, if there is one."""
        if job.mode == "load":
            self._load_next(job.campaign)
            return None
        tallies = self.turn(job.collector, job.mode, job.campaign)  # type: ignore[arg-type]  # a job's mode is a Mode
        return max((tally.retry_at for tally in tallies if tally.retry_at), default=None)

    def turn(self, name: str, mode: Mode, campaign: str, *, asked: Window | None = None) -> list[Tally]:
        """Run a collector in one mode for a campaign: a run for each query. A stream is followed until it is ended."""
        stop = self._stops[f"{campaign}/{name}/{mode}"] = threading.Event()
        if self.stopping.is_set():
            stop.set()
        pace = self._pace(name, campaign) if mode == "search" else None
        turn = Turn(
            collector=registry.load(name),
            mode=mode,
            campaign=self.campaigns.read(campaign),
            subject=self.campaigns.subject(campaign),
            store=self.store,
            stop=stop,
            asked=asked,
            most=pace.queries if pace else None,
            every_s=pace.every_s if pace else None,
            gates=self.workspace.gates,
            allow_private=self.allow_private,
            clock=self.clock,
            shared_by=self._sharers(name),
        )
        return list(self.follow(turn))

    def end_runs(self, campaign: str | None = None) -> None:
        """End what runs for a campaign, or everything, at the next page or frame."""
        for key, stop in list(self._stops.items()):
            if campaign is None or f"{key}/".startswith(f"{campaign}/"):
                stop.set()

    def collect_once(
        self, campaign: str | None, collector: str | None, since: str | None, until: str | None
    ) -> list[dict[str, Any]]:
        """Run what is asked for now and return a row a run. Without a campaign: every campaign that collects live."""
        window = Window(since=_moment(since), until=_moment(until)) if since or until else None
        if campaign is not None:
            self.campaigns.read(campaign)
        rows: list[dict[str, Any]] = []
        for chosen, live in self.campaigns.active():
            if chosen.name == campaign or (campaign is None and live):
                for name, mode in self._choices(chosen, collector):
                    tallies = self._look(name, mode, chosen.name, window)
                    rows.extend(_row(name, mode, chosen.name, tally) for tally in tallies)
        return rows

    def close_broken_runs(self) -> None:
        """Write the end of runs that a dead process left open."""
        now = self.clock.now().replace(tzinfo=None)
        with self.store.cursor() as cursor:
            cursor.execute(
                """INSERT INTO held.run SELECT * REPLACE (seq + 1 AS seq, ? AS ended_at, 'broken' AS outcome,
                   'the process ended before the run did; it goes on from its last page' AS reason)
                   FROM held.run QUALIFY row_number() OVER (PARTITION BY run_id ORDER BY seq DESC) = 1 AND outcome = 'running'""",
                [now],
            )

    def follow(self, turn: Turn) -> Iterator[Tally]:
        """Follow run after run; once one may not or cannot go on, the others are written down as not asked."""
        waits: tuple[str, datetime | None] | None = None
        for asked in turn.runs():
            if turn.stop.is_set():
                return
            run = Run(asked.task, self.workspace.spool, stop=turn.stop, clock=self.clock)
            held = waits or ((asked.held, None) if asked.held else None)
            with asked.client:
                tally = run.skip(*held) if held else run.follow(asked.pages, client=asked.client)
            self.store.drain()
            yield tally
            waits = waits or _held_up(asked.task, tally)

    def _look(self, name: str, mode: Mode, campaign: str, asked: Window | None) -> list[Tally]:
        """Take one turn by command; a stream, which has no end of its own, is followed for a while."""
        timer = threading.Timer(STREAM_LOOK_S, lambda: self.end_runs(f"{campaign}/{name}"))
        if mode == "stream":
            timer.start()
        try:
            return self.turn(name, mode, campaign, asked=asked)
        finally:
            timer.cancel()

    def _due(self, name: str, mode: Mode, campaign: Campaign, every_s: int) -> Due:
        ended = self.store.rows(
            "SELECT max(ended_at) FROM runs WHERE collector = ? AND mode = ? AND campaign = ?",
            [name, mode, campaign.name],
        )[0][0]
        return Due(name, mode, campaign.name, every_s, ended.replace(tzinfo=UTC) if ended else None)

    def _live_jobs(self, campaign: Campaign, paces: _Paces) -> list[Due]:
        return [
            self._due(name, mode, campaign, self._every_s(name, mode, campaign, paces))
            for name, mode in self._choices(campaign, None)
        ]

    def _every_s(self, name: str, mode: Mode, campaign: Campaign, paces: _Paces) -> int:
        if mode == "reread":
            return min(REREAD_EVERY_S, registry.load(name).first_reread_s)
        return STREAM_AGAIN_S if mode == "stream" else paces(name)[campaign.name].every_s

    def _pace(self, name: str, campaign: str) -> sharing.Pace | None:
        """Return how often a campaign has a turn, and how many queries it asks, beside all that collect live."""
        asking = [chosen for chosen, live in self.campaigns.active() if live or chosen.name == campaign]
        return sharing.paces(registry.load(name), asking, self.store).get(campaign)

    def _sharers(self, name: str) -> int:
        """Return how many campaigns draw on a collector's budgets."""
        live = [campaign for campaign, is_live in self.campaigns.active() if is_live]
        return max(1, sum(not campaign.platforms or name in campaign.platforms for campaign in live))

    def _choices(self, campaign: Campaign, only: str | None) -> list[tuple[str, Mode]]:
        """Return the collectors and modes that serve a campaign: those it names, else all that can work and need no call."""
        found: list[tuple[str, Mode]] = []
        for name in [only] if only else list(campaign.platforms) or registry.names():
            state = roster.state(name, named=bool(only) or name in campaign.platforms)
            if state.state != "on":
                if only:
                    raise UsageError(f"{name} is {state.state}: {state.why}")
                continue
            collector = registry.load(name)
            asks = any(collector.takes(query) for query in queries(campaign, collector.finds))
            found += [(name, mode) for mode in collector.modes() if mode != "load" and (mode == "reread" or asks)]
        return found

    def _load_next(self, campaign_name: str) -> None:
        """Load the files of a campaign's inbox in the order of their names; of a sample one a turn, as if it were live."""
        inbox = self.workspace.inbox(campaign_name)
        sample = self.campaigns.read(campaign_name).sample
        while not self.stopping.is_set():
            path = next((path for path in sorted(inbox.glob("[!.]*")) if path.is_file()), None)
            if path is None:
                return
            subject = self.campaigns.subject(campaign_name)
            policy = PUBLISHED if _is_shipped(path, campaign_name) else None
            served = frozenset(served_posts(self.store, subject.campaign_id))
            load_file(self.workspace, replace(subject, policy=policy), Source(path=path), served=served)
            self.store.drain()
            (inbox / ".loaded").mkdir(exist_ok=True)
            path.rename(inbox / ".loaded" / path.name)
            if sample:
                return


def _held_up(task: Task, tally: Tally) -> tuple[str, datetime | None] | None:
    """Return why the other queries of a turn wait as well, and until when; None where they go on."""
    if tally.retry_at:
        return f"not asked: {tally.reason}".replace("not asked: not asked", "not asked"), tally.retry_at
    if task.must_find and tally.outcome != "answered":
        return "not asked: the canary was not found", None
    return None


def _is_shipped(path: Path, campaign: str) -> bool:
    """Say whether a file is one of ours to the byte; what an analyst lays beside them is nobody's publication."""
    ours = ROOT / "examples" / "sample" / campaign / path.name
    return ours.is_file() and filecmp.cmp(path, ours, shallow=False)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    from spillover.timing import read_time

    try:
        return read_time(text)[0]
    except ValueError as error:
        raise UsageError(f"--since/--until: {error}; write 2025-05-01 or 2025-05-01T12:00Z") from error


def _row(name: str, mode: str, campaign: str, tally: Tally) -> dict[str, Any]:
    return {
        "collector": name, "mode": mode, "campaign": campaign, "outcome": tally.outcome, "asked": tally.asked, "answered": tally.answered,
        "refused": tally.refused, "broken": tally.broken, "posts": tally.posts, "matched": tally.matched, "reason": tally.reason,
    }  # fmt: skip
