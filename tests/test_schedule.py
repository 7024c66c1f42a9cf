"""The schedule: nothing missed is lost, nothing overlaps, and it stops in time."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from spillover.schedule import Due, Schedule


def due(every_s: int = 3600, last: datetime | None = None, name: str = "gdelt") -> Due:
    return Due(name, "search", "c", every_s, last)


def run_for(schedule: Schedule, jobs: list[Due], seconds: float) -> None:
    schedule.start()
    schedule.set_jobs(jobs)
    time.sleep(seconds)


def test_a_job_that_never_ran_starts_at_once() -> None:
    ran = threading.Event()
    schedule = Schedule(lambda _: ran.set())
    run_for(schedule, [due()], 0)
    assert ran.wait(5)
    assert schedule.stop(5)


def test_a_start_that_was_missed_while_we_were_down_is_made_up_for_once() -> None:
    runs: list[str] = []
    schedule = Schedule(lambda job: runs.append(job.collector))
    run_for(schedule, [due(last=datetime.now(UTC) - timedelta(days=3))], 2.5)
    assert runs == ["gdelt"]
    assert schedule.stop(5)


def test_a_job_that_ran_lately_waits_for_its_time() -> None:
    schedule = Schedule(lambda _: pytest.fail("it ran too early"))
    last = datetime.now(UTC)
    run_for(schedule, [due(last=last)], 1.5)
    planned = schedule.jobs()[0]["next_run_at"]
    assert abs(planned - last - timedelta(hours=1)) < timedelta(seconds=5)
    assert schedule.stop(5)


def test_a_job_never_overlaps_itself() -> None:
    at_once, most = 0, 0
    lock = threading.Lock()

    def work(_: Due) -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(1.4)
        with lock:
            at_once -= 1

    schedule = Schedule(work)
    run_for(schedule, [due(every_s=1)], 4)
    assert most == 1
    assert schedule.stop(5)


def test_stop_waits_for_what_runs_but_not_for_ever() -> None:
    release = threading.Event()
    schedule = Schedule(lambda _: release.wait(30) or None)
    run_for(schedule, [due()], 1.5)
    started = time.monotonic()
    assert schedule.stop(0.5) is False
    assert time.monotonic() - started < 2
    release.set()


def test_a_removed_job_runs_no_more_and_a_set_back_one_waits() -> None:
    schedule = Schedule(lambda _: None)
    run_for(schedule, [due(), due(name="rss")], 1.5)
    schedule.set_jobs([due()])
    assert [job["collector"] for job in schedule.jobs()] == ["gdelt"]
    later = datetime.now(UTC) + timedelta(hours=9)
    schedule.set_back(due().key, later)
    assert schedule.jobs()[0]["next_run_at"] == later
    assert schedule.stop(5)
