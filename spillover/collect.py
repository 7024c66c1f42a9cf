"""One run of one collector: ask, take in, hand over, and write down what was asked and what came of it.

Each page becomes one segment that holds the page's rows, the cursor that follows them and the run's own line, so
nothing is lost or doubled when a process dies between two pages.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from spillover import segments
from spillover.canary import Canary, Seen
from spillover.clock import Clock, SystemClock
from spillover.contract import Mode, Page, Reject, Window
from spillover.controls import Controls
from spillover.elsewhere import Others
from spillover.errors import BudgetSpent, CollectError, RateLimited, Refused, UsageError
from spillover.ingest import Subject, take_in
from spillover.redaction import redact

_APART_MIN = 60  # looks at a list that lie further apart than this do not watch what is between them
_COMMON_CAUSE = 0.3  # more of the controls than this do not vanish at once of themselves


class Asking(Protocol):
    """What a run wants to know of the client behind its pages."""

    unchanged: int  # answers that were the same as before

    @property
    def spent(self) -> Mapping[str, int]:
        """Return what has been taken out of each budget."""
        ...

    def get_state(self) -> dict[str, Any]:
        """Return the marks to keep with the rows that came of them."""
        ...


@dataclass(frozen=True)
class Task:
    """What to run, and what is known before it runs."""

    collector: str
    mode: Mode
    subject: Subject
    query: str  # kind:text, or the file's name
    canary: Canary | None = None  # what a search must find again
    must_find: bool = False  # the query itself is a canary, named by the operator
    controls: Controls | None = None
    up: frozenset[str] = frozenset()  # native ids of controls that were up when they were read last
    served: frozenset[int] = frozenset()  # posts with controls, for runs elsewhere that a file tells of


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
    lag_s: float | None = None
    missed: bool = False  # a canary was not found
    looks: set[int] = field(default_factory=set)  # in which minutes lists were read
    seen: list[Seen] = field(default_factory=list)
    up: int = 0  # posts that a check said are up
    lost: int = 0  # controls that were up and did not come
    segment_ids: list[str] = field(default_factory=list)
    runs_elsewhere: int = 0  # that a file told of


class Run:
    """One run. Call ``follow`` once, or ``skip`` where nothing can be asked."""

    def __init__(
        self, task: Task, spool: Path, *, stop: threading.Event | None = None, clock: Clock | None = None
    ) -> None:
        self.task, self.spool = task, spool
        self.stop = stop or threading.Event()
        self.clock = clock or SystemClock()
        self.run_id = uuid.uuid4().hex
        self.started_at = self._now()
        self.tally = Tally()
        self._seq = 0
        self._client: Asking | None = None
        self._others: Others | None = None

    def follow(self, pages: Iterable[Page], *, seen_at: datetime | None = None, client: Asking | None = None) -> Tally:
        """Take in page after page until the collector is done, the run is stopped, or it fails.

        ``seen_at`` stands in for the moment of reading where items say none. What the ``client`` wants kept (marks of
        what changed) is committed with the rows that it belongs to.
        """
        self._client = client
        try:
            for page in self._watched(pages):
                self._take(page, seen_at or self.clock.now())
            self._finish()
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

    def skip(self, reason: str, retry_at: datetime | None = None) -> Tally:
        """Write down that nothing was asked, and why: not asking is not finding nothing."""
        self.tally.retry_at = retry_at
        self._end("not_asked", reason)
        return self.tally

    def _watched(self, pages: Iterable[Page]) -> Iterator[Page]:
        for page in pages:
            yield page
            if self.stop.is_set():
                self.tally.reason = self.tally.reason or "stopped"
                return

    def _take(self, page: Page, seen_at: datetime) -> None:
        if page.run is not None or self._others is not None:
            self._take_others(page)
            return
        task, tally = self.task, self.tally
        subject = replace(task.subject, held=task.mode == "reread", now=self.clock.now())
        taken = take_in(
            page, subject, platform=task.collector, run_id=self.run_id, seen_at=seen_at, controls=task.controls
        )
        tally.asked += 1
        tally.answered += 1
        tally.posts += taken.posts
        tally.matched += taken.matched
        tally.rejected += len(page.rejects)
        tally.seen.extend(taken.seen)
        tally.up += sum(check.status == "up" for check in page.availability)
        tally.lost += sum(check.basis == "absent" and check.id in task.up for check in page.availability)
        tally.window = _widen(tally.window, page.window or _look(page))
        tally.looks |= set() if page.window else _minutes(page)
        tally.claimed_total = page.claimed_total if page.claimed_total is not None else tally.claimed_total
        tally.reason = page.cut_short or tally.reason
        if page.window and page.window.until:
            tally.lag_s = max(0.0, (self.clock.now() - page.window.until).total_seconds())
        cursors = {task.query: None if page.done else page.cursor}
        if self._client is not None and (state := self._client.get_state()):
            cursors["client"] = json.dumps({"marks": state, "version": task.subject.version})
        self._hand_over({**taken.tables, "checkpoint": self._checkpoints(cursors)})

    def _take_others(self, page: Page) -> None:
        """Take in a page of a run elsewhere: its rows are that run's, and what was watched was watched by it."""
        self._others = self._others or Others(self.task.subject, self.task.served)
        taken, tally = self._others.take(page), self.tally
        tally.asked, tally.answered = tally.asked + 1, tally.answered + 1
        tally.posts, tally.matched = tally.posts + taken.posts, tally.matched + taken.matched
        tally.rejected += len(page.rejects)
        if tables := self._others.give():
            self._hand_over(tables)

    def _finish(self) -> None:
        """End a run whose pages all came; what it lacks may still say that it did not see what it should have."""
        if self.task.mode == "load":
            self.tally.reason = self.tally.reason or _apart(self.tally.looks)
        if reason := self._doubt():
            return self._end("broken", reason)
        return self._end("cut_short" if self.tally.reason else "answered", self.tally.reason)

    def _doubt(self) -> str | None:
        """Return why what came cannot be believed; None where nothing speaks against it."""
        tally, task = self.tally, self.task
        if tally.lost >= 2 and tally.lost > _COMMON_CAUSE * len(task.up):
            return f"{tally.lost} of {len(task.up)} controls that were up are missing at once: taken for our own fault"
        if task.must_find and not (tally.posts or tally.up):
            return "the canary was not found: what it did not find says nothing"
        if task.canary is None or tally.reason or (self._client and self._client.unchanged):
            return None
        tally.missed = task.canary.is_missed(tally.seen, tally.window)
        if tally.missed and not task.canary.is_given_up:
            return "the canary was not found: posts that earlier runs saw here did not come"
        tally.reason = "the canary was missed three times in a row: taken for gone" if tally.missed else None
        return None

    def _fail(self, error: CollectError) -> None:
        self.tally.retry_at = error.retry_at
        if isinstance(error, BudgetSpent):  # we did not ask, so nobody refused
            return self._end("cut_short" if self.tally.asked else "not_asked", str(error))
        self.tally.asked += 1
        refused = isinstance(error, Refused | RateLimited)
        self.tally.refused += refused
        self.tally.broken += not refused
        said = str(error) if refused else f"{type(error).__name__}: {error}"
        if self.task.mode == "stream" and self.tally.answered:  # what came before the cut was watched
            return self._end("cut_short", "; ".join(filter(None, [self.tally.reason, said])))
        return self._end("refused" if refused else "broken", said)

    def _end(self, outcome: str, reason: str | None) -> None:
        self.tally.outcome, self.tally.reason = outcome, reason
        tables = {} if self._others is None else self._others.give(all=True)
        self.tally.runs_elsewhere = 0 if self._others is None else self._others.count
        if self.task.canary is not None and outcome in ("answered", "cut_short", "broken") and self.tally.answered:
            learned = self.task.canary.after(self.tally.seen, missed=self.tally.missed)
            tables["checkpoint"] = self._checkpoints({f"canary {self.task.query}": learned.written()})
        self._hand_over(tables)

    def _hand_over(self, tables: dict[str, pa.Table]) -> None:
        own = pa.Table.from_pylist([self._line()], schema=segments.SCHEMAS["run"])
        lines = pa.concat_tables([tables["run"], own]) if "run" in tables else own
        self.tally.segment_ids.append(segments.put(self.spool, {**tables, "run": lines}))

    def _now(self) -> datetime:
        return self.clock.now().astimezone(UTC).replace(tzinfo=None)

    def _line(self) -> dict[str, Any]:
        tally, task = self.tally, self.task
        self._seq += 1
        return {
            "run_id": self.run_id, "seq": self._seq, "collector": task.collector, "mode": task.mode,
            "campaign_id": task.subject.campaign_id, "query": task.query, "started_at": self.started_at,
            "ended_at": None if tally.outcome == "running" else self._now(), "outcome": tally.outcome, "asked": tally.asked,
            "answered": tally.answered, "refused": tally.refused, "broken": tally.broken, "posts": tally.posts,
            "matched": tally.matched, "rejected": tally.rejected, "window_from": _naive(tally.window.since),
            "window_to": _naive(tally.window.until), "claimed_total": tally.claimed_total, "reason": tally.reason,
            "lag_s": tally.lag_s, "spent": self._spent(),
        }  # fmt: skip

    def _spent(self) -> str | None:
        spent = {bucket: amount for bucket, amount in (self._client.spent if self._client else {}).items() if amount}
        return json.dumps(spent) if spent else None

    def _checkpoints(self, cursors: dict[str, str | None]) -> pa.Table:
        rows = [
            {"collector": self.task.collector, "mode": self.task.mode, "campaign_id": self.task.subject.campaign_id, "query": query,
             "cursor": cursor, "saved_at": self._now()}
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


def _minutes(page: Page) -> set[int]:
    """Return in which minutes a list was read."""
    return {int(post.observed_at.timestamp()) // 60 for post in page.posts if post.listing and post.observed_at}


def _apart(minutes: set[int]) -> str | None:
    """Return why a file of many readings of a list did not watch all the time between the first and the last."""
    looks = sorted(minutes)
    widest = max((after - before for before, after in pairwise(looks)), default=0)
    return f"lists were read up to {widest / 60:.0f} hours apart" if widest > _APART_MIN else None


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
