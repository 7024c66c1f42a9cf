"""Runs that were made elsewhere and come in a file: each lands in the ledger as a run of the collector that made it.

So what another machine, or a made-up world, did not see is known as well as what our own schedule did not see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import pyarrow as pa

from spillover.contract import OtherRun, Page
from spillover.controls import Controls
from spillover.ingest import Subject, Taken, take_in
from spillover.segments import SCHEMAS

_AT_ONCE = 20_000  # rows of a segment
_ASKS = frozenset(("search", "stream"))  # what finds posts, and so controls beside them


@dataclass
class Elsewhere:
    """One run as a file tells of it, and what has come of it so far."""

    run: OtherRun
    subject: Subject
    controls: Controls | None
    posts: int = 0
    matched: int = 0
    rejected: int = 0
    reason: str | None = None
    claimed_total: int | None = None
    since: list[datetime] = field(default_factory=list)
    until: list[datetime] = field(default_factory=list)

    @property
    def run_id(self) -> str:
        """Return an id that is the same whenever the same run comes again, and smaller than that of a later one.

        Of the runs of one file that brought a post the smallest is kept as the one that brought it first.
        """
        told = self.run
        parts = (
            str(self.subject.campaign_id),
            told.collector,
            told.mode,
            told.query or "",
            told.id,
            told.started_at.isoformat(),
        )
        began = int(told.started_at.timestamp() * 1000) + (1 << 46)  # of years before 1970 too
        digest = blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
        return f"{began:012x}{digest}"

    def take(self, page: Page) -> Taken:
        """Turn a page of this run into rows; what says no time of its own was read when the run ended."""
        taken = take_in(
            page, self.subject, platform=self.run.collector, run_id=self.run_id, seen_at=self.run.ended_at, controls=self.controls
        )  # fmt: skip
        self.posts += taken.posts
        self.matched += taken.matched
        self.rejected += len(page.rejects)
        self.reason = page.cut_short or self.reason
        self.claimed_total = page.claimed_total if page.claimed_total is not None else self.claimed_total
        if page.window:
            self.since += [page.window.since] if page.window.since else []
            self.until += [page.window.until] if page.window.until else []
        return taken

    def line(self) -> dict[str, Any]:
        """Return the run's row of the ledger."""
        told, outcome = self.run, self._outcome()
        asked = 1 if outcome != "not_asked" else 0
        answered = asked if outcome in ("answered", "cut_short") else 0
        numbers = {
            "answered": answered if told.answered is None else told.answered,
            "refused": int(outcome == "refused") if told.refused is None else told.refused,
            "broken": int(outcome == "broken") if told.broken is None else told.broken,
        }
        until = told.window.until or max(self.until, default=None)
        return {
            "run_id": self.run_id, "seq": 1, "collector": told.collector, "mode": told.mode, "campaign_id": self.subject.campaign_id,
            "query": told.query, "started_at": _naive(told.started_at), "ended_at": _naive(told.ended_at), "outcome": outcome,
            "asked": sum(numbers.values()) if told.asked is None else told.asked, **numbers,
            "posts": self.posts, "matched": self.matched, "rejected": self.rejected,
            "window_from": _naive(told.window.since or min(self.since, default=None)), "window_to": _naive(until),
            "claimed_total": self.claimed_total if told.claimed_total is None else told.claimed_total,
            "reason": told.reason or self.reason, "lag_s": max(0.0, (told.ended_at - until).total_seconds()) if until else None,
            "spent": None,
        }  # fmt: skip

    def _outcome(self) -> str:
        return "cut_short" if self.run.outcome == "answered" and self.reason else self.run.outcome


class Others:
    """The runs elsewhere that one file tells of, one after the other; ``served`` are posts that have their controls already."""

    def __init__(self, subject: Subject, served: Set[int]) -> None:
        self.subject, self.served = subject, set(served)
        self.count = 0
        self._now: Elsewhere | None = None
        self._tables: dict[str, list[pa.Table]] = defaultdict(list)
        self._rows = 0

    def take(self, page: Page) -> Taken:
        """Turn a page into rows of the run that it names, else of the one that was named last; raise ValueError without one."""
        if page.run is not None and (self._now is None or self._now.run != page.run):
            self._end()
            self._now, self.count = self._begin(page.run), self.count + 1
        if self._now is None:
            raise ValueError("a page of a run elsewhere names none")
        taken = self._now.take(page)
        for name, table in taken.tables.items():
            self._add(name, table)
        return taken

    def give(self, *, all: bool = False) -> dict[str, pa.Table]:
        """Return the rows that have gathered, once they are many, and forget them: most runs bring few, and each file costs."""
        if all:
            self._end()
        elif self._rows < _AT_ONCE:
            return {}
        tables = {name: pa.concat_tables(parts) for name, parts in self._tables.items()}
        self._tables.clear()
        self._rows = 0
        return tables

    def _begin(self, run: OtherRun) -> Elsewhere:
        controls = Controls(served=self.served) if run.mode in _ASKS else None
        return Elsewhere(run, replace(self.subject, held=run.mode == "reread"), controls)

    def _end(self) -> None:
        if self._now is not None:
            self._add("run", pa.Table.from_pylist([self._now.line()], schema=SCHEMAS["run"]))
            self._now = None

    def _add(self, name: str, table: pa.Table) -> None:
        self._tables[name].append(table)
        self._rows += table.num_rows


def _naive(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)
