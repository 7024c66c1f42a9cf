"""Which collector runs for which campaign, and one turn of each: what is asked, from when, and with which cursor."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from spillover import registry
from spillover.campaign import Campaign, queries
from spillover.campaigns import Campaigns
from spillover.client import HttpClient
from spillover.collect import RejectsFile, Run, Tally, Task
from spillover.config import Workspace, secret
from spillover.contract import Collector, Known, Mode, Page, Query, Source, Window
from spillover.errors import UsageError
from spillover.ingest import Subject
from spillover.schedule import Due
from spillover.store import Store

FIRST_LOOK = timedelta(days=30)  # how far back the first search of a new query goes
INBOX_EVERY_S = 5
REPLAY_EVERY_S = 20  # a recorded day of a sample: slow enough to watch
PUBLISHED = "published"  # the policy of a sample's rows
REREAD_EVERY_S = 900
STREAM_AGAIN_S = 60  # a stream that was cut is taken up again after this
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


class Collection:
    """Plans the jobs of a workspace and carries out one turn of a job."""

    def __init__(self, workspace: Workspace, store: Store, campaigns: Campaigns, stopping: threading.Event) -> None:
        self.workspace, self.store, self.campaigns, self.stopping = workspace, store, campaigns, stopping
        self.allow_private = os.environ.get("SPILLOVER_ALLOW_PRIVATE") == "1"  # tests reach servers on loopback

    def plan(self) -> list[Due]:
        """Return every job that is to run: the inbox of each active campaign, and its collectors where it is live."""
        jobs = []
        for campaign, live in self.campaigns.active():
            jobs.append(self._due("file", "load", campaign, REPLAY_EVERY_S if campaign.sample else INBOX_EVERY_S))
            if live:
                jobs.extend(self._live_jobs(campaign))
        return jobs

    def work(self, job: Due) -> datetime | None:
        """Carry out one turn of a job; return the moment before which it must not start again, if there is one."""
        if job.mode == "load":
            self._load_next(job.campaign)
            return None
        tallies = self.turn(job.collector, job.mode, job.campaign)  # type: ignore[arg-type]  # a job's mode is a Mode
        return max((tally.retry_at for tally in tallies if tally.retry_at), default=None)

    def turn(self, name: str, mode: Mode, campaign_name: str, asked: Window | None = None) -> list[Tally]:
        """Run a collector in one mode for a campaign: a run for each query."""
        campaign = self.campaigns.read(campaign_name)
        subject = self.campaigns.subject(campaign_name)
        collector_class = registry.load(name)
        tallies = []
        for query, pages, client in self._runs(collector_class, mode, campaign, subject, asked):
            if self.stopping.is_set():
                break
            run = Run(Task(name, mode, subject, query), self.workspace.spool, stop=self.stopping)
            with client:
                tallies.append(run.follow(pages, client_state=client.get_state))
            self.store.drain()
            if tallies[-1].retry_at:
                break  # the platform or our budget said later: the other queries wait as well
        return tallies

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
                    rows.extend(
                        _row(name, mode, chosen.name, tally) for tally in self.turn(name, mode, chosen.name, window)
                    )
        return rows

    def overview(self) -> list[dict[str, Any]]:
        """Return a row a collector: name, modes, needs, state and its last run."""
        last = {
            row[0]: row[1:]
            for row in self.store.rows(
                "SELECT collector, max(started_at), arg_max(outcome, started_at), arg_max(reason, started_at) FROM runs GROUP BY collector"
            )
        }
        return [self._overview_row(name, last.get(name)) for name in registry.names()]

    def close_broken_runs(self) -> None:
        """Write the end of runs that a dead process left open."""
        now = datetime.now(UTC).replace(tzinfo=None)
        with self.store.cursor() as cursor:
            cursor.execute(
                """INSERT INTO held.run SELECT * REPLACE (seq + 1 AS seq, ? AS ended_at, 'broken' AS outcome,
                   'the process ended before the run did; it goes on from its last page' AS reason)
                   FROM held.run QUALIFY row_number() OVER (PARTITION BY run_id ORDER BY seq DESC) = 1 AND outcome = 'running'""",
                [now],
            )

    def _due(self, name: str, mode: Mode, campaign: Campaign, every_s: int) -> Due:
        ended = self.store.rows(
            "SELECT max(ended_at) FROM runs WHERE collector = ? AND mode = ? AND campaign = ?",
            [name, mode, campaign.name],
        )[0][0]
        return Due(name, mode, campaign.name, every_s, ended.replace(tzinfo=UTC) if ended else None)

    def _live_jobs(self, campaign: Campaign) -> list[Due]:
        pause = {"reread": REREAD_EVERY_S, "stream": STREAM_AGAIN_S}
        return [
            self._due(name, mode, campaign, pause.get(mode) or campaign.every.get(name) or registry.load(name).every_s)
            for name, mode in self._choices(campaign, None)
        ]

    def _choices(self, campaign: Campaign, only: str | None) -> list[tuple[str, Mode]]:
        """Return the collectors and modes that serve a campaign: those it names, else all that have what they need."""
        wanted = [only] if only else list(campaign.platforms) or registry.names()
        found: list[tuple[str, Mode]] = []
        for name in wanted:
            collector = registry.load(name)
            if _missing(collector):
                if only:
                    raise UsageError(f"{name} is off: set {', '.join(_missing(collector))} in the environment")
                continue
            asks = queries(campaign, collector.finds)
            found += [(name, mode) for mode in collector.modes() if mode != "load" and (mode == "reread" or asks)]
        return found

    def _runs(
        self, collector_class: type[Collector], mode: Mode, campaign: Campaign, subject: Subject, asked: Window | None
    ) -> Iterator[tuple[str, Iterator[Page], HttpClient]]:
        name = collector_class.name
        asks = queries(campaign, collector_class.finds)

        def fresh() -> tuple[Collector, HttpClient]:
            saved = self.store.checkpoint(name, mode, subject.campaign_id, "client")
            state = _client_state(saved, subject.version)
            client = HttpClient(collector_class, state=state, stop=self.stopping, allow_private=self.allow_private)
            return collector_class(client, {need: secret(need) or "" for need in collector_class.needs}), client

        if mode == "search":
            for query in asks:
                collector, client = fresh()
                label = _label(query)
                window = asked or self._window(name, label, campaign, campaign.every.get(name) or collector.every_s)
                yield (
                    label,
                    collector.search(query, window, self.store.checkpoint(name, mode, subject.campaign_id, label)),
                    client,
                )
        elif mode == "stream":
            collector, client = fresh()
            yield (
                "stream",
                collector.stream(asks, self.store.checkpoint(name, mode, subject.campaign_id, "stream")),
                client,
            )
        elif mode == "reread" and (known := self._due_posts(name, subject)):
            collector, client = fresh()
            yield "reread", collector.reread(known), client

    def _window(self, name: str, label: str, campaign: Campaign, every_s: int) -> Window:
        """Return the stretch to search: from where the last run ended, with an overlap for what is indexed late."""
        now = datetime.now(UTC)
        last = self.store.rows(
            """SELECT max(window_to) FROM runs
               WHERE collector = ? AND mode = 'search' AND query = ? AND campaign = ? AND outcome IN ('answered', 'cut_short')""",
            [name, label, campaign.name],
        )[0][0]
        since = last.replace(tzinfo=UTC) - timedelta(seconds=2 * every_s) if last else now - FIRST_LOOK
        return Window(since=since, until=now)

    def _due_posts(self, platform: str, subject: Subject) -> list[Known]:
        values = {
            "platform": platform, "campaign": subject.campaign_id, "now": datetime.now(UTC).replace(tzinfo=None), "at_once": _AT_ONCE,
        }  # fmt: skip
        with self.store.cursor() as cursor:
            rows = cursor.execute(_DUE, values).fetchall()
        return [
            Known(id=subject.key.unseal(platform, sealed) if sealed else post_id, url=url)
            for post_id, url, sealed in rows
        ]

    def _load_next(self, campaign_name: str) -> None:
        """Load the files of a campaign's inbox in the order of their names; of a sample one a turn, as if it were live."""
        inbox = self.workspace.inbox(campaign_name)
        sample = self.campaigns.read(campaign_name).sample
        while not self.stopping.is_set():
            path = next((path for path in sorted(inbox.glob("[!.]*")) if path.is_file()), None)
            if path is None:
                return
            subject = self.campaigns.subject(campaign_name)
            load_file(self.workspace, replace(subject, policy=PUBLISHED if sample else None), Source(path=path))
            self.store.drain()
            (inbox / ".loaded").mkdir(exist_ok=True)
            path.rename(inbox / ".loaded" / path.name)
            if sample:
                return

    def _overview_row(self, name: str, last: tuple[Any, ...] | None) -> dict[str, Any]:
        row: dict[str, Any] = {"name": name, "modes": [], "needs": [], "state": "on", "why": None}
        try:
            collector = registry.load(name)
        except UsageError as error:
            return row | {"state": "broken", "why": str(error)}
        missing = _missing(collector)
        row |= {"modes": list(collector.modes()), "needs": list(collector.needs), "terms": collector.terms}
        if missing:
            row |= {"state": "off", "why": f"set {', '.join(missing)} in the environment"}
        if last:
            row |= {
                "last_run_at": last[0].replace(tzinfo=UTC).isoformat(),
                "last_outcome": last[1],
                "last_reason": last[2],
            }
        return row


def load_file(workspace: Workspace, subject: Subject, source: Source) -> tuple[Tally, RejectsFile, str | None]:
    """Read a file through the ordinary path; return what came of it, its rejects and the name of its format."""
    collector = registry.load("file")(_Offline())
    rejects = RejectsFile(_rejects_path(workspace, source.path))
    run = Run(Task("file", "load", subject, source.path.name), workspace.spool)
    seen_at = datetime.fromtimestamp(source.path.stat().st_mtime, UTC)
    tally = run.follow(rejects.watch(collector.load(source)), seen_at=seen_at)
    return tally, rejects, getattr(collector, "format_name", None)


class _Offline:
    """The client of a collector that reads files."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def get(self, url: str, **_: Any) -> Any:
        raise UsageError(f"a file is read without the network; {url} was asked for")

    def frames(self, url: str) -> Iterator[bytes]:
        raise UsageError(f"a file is read without the network; {url} was asked for")


def _rejects_path(workspace: Workspace, path: Path) -> Path:
    return workspace.root / "rejects" / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{path.name}.jsonl"


def _missing(collector: type[Collector]) -> list[str]:
    return [need for need in collector.needs if not secret(need)]


def _client_state(saved: str | None, version: int) -> dict[str, Any] | None:
    """Return what the client kept; without its marks of what is unchanged when the campaign looks for other terms now."""
    state: dict[str, Any] = json.loads(saved) if saved else {}
    if state.pop("version", version) != version:
        state.pop("marks", None)
    return state or None


def _label(query: Query) -> str:
    return f"{query.kind}:{query.text}"


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
