"""One run of one collector: ask, take in, hand over, and write down what was asked and what came of it.

Each page becomes one segment that holds the page's rows, the cursor that follows them and the run's own line, so
nothing is lost or doubled when a process dies between two pages.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from spillover import segments
from spillover.contract import Mode, Page, Reject, Window
from spillover.errors import BudgetSpent, CollectError, RateLimited, Refused, UsageError
from spillover.ingest import Subject, take_in
from spillover.redaction import redact


@dataclass(frozen=True)
class Task:
    """What to run."""

    collector: str
    mode: Mode
    subject: Subject
    query: str  # kind:text, or the file's name


@dataclass
class Tally:
    """What a run has come to so far."""

    asked: int = 0
    answered: int = 0
    refused: int = 0
    broken: int = 0
    posts: int = 0
    matched: int = 0
    rejected: int = 0
    window: Window = field(default_factory=Window)
    claimed_total: int | None = None
    outcome: str = "running"
    reason: str | None = None
    retry_at: datetime | None = None
    segment_ids: list[str] = field(default_factory=list)


class Run:
    """One run. Call ``follow`` once."""

    def __init__(self, task: Task, spool: Path, *, stop: threading.Event | None = None) -> None:
        self.task, self.spool = task, spool
        self.stop = stop or threading.Event()
        self.run_id = uuid.uuid4().hex
        self.started_at = _now()
        self.tally = Tally()
        self._seq = 0

    def follow(self, pages: Iterable[Page], *, seen_at: datetime | None = None, client_state: Any = None) -> Tally:
        """Take in page after page until the collector is done, the run is stopped, or it fails.

        ``seen_at`` stands in for the moment of reading where items say none; ``client_state`` returns what the client
        wants kept (marks of what changed, spent budgets): it is committed with the rows that it belongs to.
        """
        try:
            for page in self._watched(pages):
                self._take(page, seen_at or datetime.now(UTC), client_state)
            self._end("cut_short" if self.tally.reason else "answered", self.tally.reason)
        except CollectError as error:
            self._fail(error)
        except UsageError as error:  # the person can mend it: it is said to them, not only written down
            self._end("broken", str(error))
            raise
        except Exception as error:  # the edge of a run: whatever a collector does, the others go on
            self.tally.asked += 1
            self.tally.broken += 1
            self._end("broken", redact(f"{type(error).__name__}: {error}")[:500])
        return self.tally

    def _watched(self, pages: Iterable[Page]) -> Iterator[Page]:
        for page in pages:
            yield page
            if self.stop.is_set():
                self.tally.reason = self.tally.reason or "stopped"
                return

    def _take(self, page: Page, seen_at: datetime, client_state: Any) -> None:
        taken = take_in(page, self.task.subject, platform=self.task.collector, run_id=self.run_id, seen_at=seen_at)
        tally = self.tally
        tally.asked += 1
        tally.answered += 1
        tally.posts += taken.posts
        tally.matched += taken.matched
        tally.rejected += len(page.rejects)
        tally.window = _widen(tally.window, page.window or _look(page))
        tally.claimed_total = page.claimed_total if page.claimed_total is not None else tally.claimed_total
        tally.reason = page.cut_short or tally.reason
        cursors = {self.task.query: None if page.done else page.cursor}
        if client_state is not None and (state := client_state()):
            cursors["client"] = json.dumps({"marks": state, "version": self.task.subject.version})
        self._hand_over({**taken.tables, "checkpoint": self._checkpoints(cursors)})

    def _fail(self, error: CollectError) -> None:
        self.tally.retry_at = error.retry_at
        if isinstance(error, BudgetSpent):  # we did not ask, so nobody refused
            return self._end("cut_short", str(error))
        self.tally.asked += 1
        if isinstance(error, Refused | RateLimited):
            self.tally.refused += 1
            return self._end("refused", str(error))
        self.tally.broken += 1
        return self._end("broken", f"{type(error).__name__}: {error}")

    def _end(self, outcome: str, reason: str | None) -> None:
        self.tally.outcome, self.tally.reason = outcome, reason
        self._hand_over({})

    def _hand_over(self, tables: dict[str, pa.Table]) -> None:
        self.tally.segment_ids.append(segments.put(self.spool, {**tables, "run": self._line()}))

    def _line(self) -> pa.Table:
        tally, task = self.tally, self.task
        self._seq += 1
        row = {
            "run_id": self.run_id, "seq": self._seq, "collector": task.collector, "mode": task.mode,
            "campaign_id": task.subject.campaign_id, "query": task.query, "started_at": self.started_at,
            "ended_at": None if tally.outcome == "running" else _now(), "outcome": tally.outcome, "asked": tally.asked,
            "answered": tally.answered, "refused": tally.refused, "broken": tally.broken, "posts": tally.posts,
            "matched": tally.matched, "rejected": tally.rejected, "window_from": _naive(tally.window.since),
            "window_to": _naive(tally.window.until), "claimed_total": tally.claimed_total, "reason": tally.reason,
        }  # fmt: skip
        return pa.Table.from_pylist([row], schema=segments.SCHEMAS["run"])

    def _checkpoints(self, cursors: dict[str, str | None]) -> pa.Table:
        rows = [
            {"collector": self.task.collector, "mode": self.task.mode, "campaign_id": self.task.subject.campaign_id, "query": query,
             "cursor": cursor, "saved_at": _now()}
            for query, cursor in cursors.items()
        ]  # fmt: skip
        return pa.Table.from_pylist(rows, schema=segments.SCHEMAS["checkpoint"])


class RejectsFile:
    """Where it is written which records could not be read: line and reason; made when the first one comes.

    What stood there is not written: it is in the analyst's own file, and it can name accounts.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0

    def watch(self, pages: Iterable[Page]) -> Iterator[Page]:
        """Pass pages on and write down their rejects."""
        for page in pages:
            if page.rejects:
                self._write(page.rejects)
            yield page

    def _write(self, rejects: list[Reject]) -> None:
        self.count += len(rejects)
        with self.path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            for reject in rejects:
                file.write(json.dumps({"line": reject.line, "reason": reject.reason}, ensure_ascii=False) + "\n")


def _look(page: Page) -> Window | None:
    """Return when a chart was looked at: reading it is watching it for that moment. Other files say nothing of what they cover."""
    moments = [post.observed_at for post in page.posts if post.listing and post.observed_at]
    return Window(since=min(moments), until=max(moments)) if moments else None


def _widen(known: Window, more: Window | None) -> Window:
    if more is None:
        return known
    starts = [moment for moment in (known.since, more.since) if moment]
    ends = [moment for moment in (known.until, more.until) if moment]
    return Window(since=min(starts, default=None), until=max(ends, default=None))


def _naive(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
