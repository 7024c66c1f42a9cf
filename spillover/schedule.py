"""What is due, and when: the only file that knows APScheduler.

A job is one collector in one mode for one campaign. A start that was missed is made up for once; a job never overlaps
itself; starts are spread a little so that campaigns do not ask in step.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

_THREADS, _CHORE_THREADS = 8, 2
_SOON = timedelta(seconds=1)


@dataclass(frozen=True)
class Due:
    """A job, how often it runs, and when it last ended."""

    collector: str
    mode: str
    campaign: str
    every_s: int
    last_ended_at: datetime | None  # UTC, with zone; None: never ran

    @property
    def key(self) -> str:
        return f"{self.campaign}/{self.collector}/{self.mode}"


class Schedule:
    """Runs ``work(job)`` for each job when it is due."""

    def __init__(self, work: Callable[[Due], None]) -> None:
        self._work = work
        self._running: set[str] = set()
        self._idle = threading.Condition()
        self._jobs: dict[str, Due] = {}
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(_THREADS), "chores": ThreadPoolExecutor(_CHORE_THREADS)},
            # the library drops a start that comes a second late unless it is told to wait for ever
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def start(self) -> None:
        self._scheduler.start()

    def every(self, seconds: float, chore: Callable[[], None]) -> None:
        """Do something of our own so often, in a thread that no collector waits for; never twice at once."""
        self._scheduler.add_job(chore, IntervalTrigger(seconds=seconds, timezone=UTC), executor="chores")

    def set_jobs(self, jobs: Iterable[Due]) -> None:
        """Make these the jobs: new ones are added, changed ones replaced, others removed."""
        wanted = {job.key: job for job in jobs}
        for key in self._jobs.keys() - wanted.keys():
            self._scheduler.remove_job(key)
        for key, job in wanted.items():
            if key not in self._jobs or self._jobs[key].every_s != job.every_s:
                self._add(job)
        self._jobs = wanted

    def set_back(self, key: str, until: datetime) -> None:
        """Do not start this job before ``until``: the platform asked us to wait, or the day's budget is used up."""
        if self._scheduler.get_job(key):
            self._scheduler.modify_job(key, next_run_time=until)

    def run_now(self, key: str) -> bool:
        """Start this job as soon as it is idle; return whether there is one."""
        job = self._scheduler.get_job(key)
        if job:
            job.modify(next_run_time=datetime.now(UTC))
        return job is not None

    def jobs(self) -> list[dict[str, Any]]:
        """Return a row a job, with its next start."""
        rows = []
        for key, job in sorted(self._jobs.items()):
            planned = self._scheduler.get_job(key)
            rows.append(
                {
                    "collector": job.collector, "mode": job.mode, "campaign": job.campaign, "every_s": job.every_s,
                    "next_run_at": planned.next_run_time if planned else None, "running": key in self._running,
                }
            )  # fmt: skip
        return rows

    def stop(self, patience_s: float) -> bool:
        """Start nothing more and wait for what runs; return whether all ended in time."""
        self._scheduler.shutdown(wait=False)
        deadline = time.monotonic() + patience_s
        with self._idle:
            while self._running and (left := deadline - time.monotonic()) > 0:
                self._idle.wait(left)
            return not self._running

    def _add(self, job: Due) -> None:
        now = datetime.now(UTC)
        first = (
            max(job.last_ended_at + timedelta(seconds=job.every_s), now + _SOON) if job.last_ended_at else now + _SOON
        )
        trigger = IntervalTrigger(seconds=job.every_s, jitter=min(30, job.every_s // 10) or None, timezone=UTC)
        self._scheduler.add_job(self._run, trigger, args=[job], id=job.key, next_run_time=first, replace_existing=True)

    def _run(self, job: Due) -> None:
        with self._idle:
            self._running.add(job.key)
        try:
            self._work(job)
        finally:
            with self._idle:
                self._running.discard(job.key)
                self._idle.notify_all()
