"""Reach, crossings and removals on ten million readings, now and as of a day, beside plain SQL over the rows.

Run: python -m tests.bench.bench_answers [POSTS]. What plain SQL gives has no bounds, no coverage, no intervals, no controls
and no suppression; it is what somebody would type.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import duckdb

from analysis.crossings import crossings
from analysis.reach import reach
from analysis.removals import removals
from tests.bench.millions import CAMPAIGN, fill

MIDDLE, END = datetime(2026, 1, 15), datetime(2030, 1, 1)
REACH = """
SELECT platform, sum(views), count(views) FROM (
    SELECT post_key, arg_max(views, observed_at) AS views FROM held.observation WHERE observed_at <= $until GROUP BY post_key)
JOIN held.post USING (post_key) GROUP BY ALL"""
CROSSINGS = """
SELECT platform, region, min(observed_at), count(DISTINCT post_key) FROM held.observation JOIN held.post USING (post_key)
WHERE region IS NOT NULL AND observed_at <= $until GROUP BY ALL"""
REMOVALS = """
SELECT platform, role, count(*), count(gone_at) FILTER (gone_at > up_at) FROM (
    SELECT post_key, max(checked_at) FILTER (status = 'up') AS up_at, max(checked_at) FILTER (status = 'gone' OR basis = 'absent') AS gone_at
    FROM held.availability WHERE checked_at <= $until GROUP BY post_key)
JOIN held.post USING (post_key) JOIN held.post_campaign USING (post_key)
JOIN (SELECT post_key, max(observed_at) AS read_at FROM held.observation WHERE observed_at <= $until GROUP BY post_key) USING (post_key)
GROUP BY ALL"""
ANSWERS = (("reach", reach, REACH), ("crossings", crossings, CROSSINGS), ("removals", removals, REMOVALS))


class Took(NamedTuple):
    """Milliseconds: on the clock and of all cores, the median of three each."""

    wall: float
    cpu: float


def took(work: Callable[[], object]) -> Took:
    times = []
    for _ in range(3):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    return Took(*(1000 * statistics.median(column) for column in zip(*times, strict=True)))


def main(posts: int) -> None:
    """Print for each answer its time beside that of plain SQL in the same run."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(str(Path(folder) / "store.duckdb")) as con:
        con.execute("SET preserve_insertion_order = false")  # as the store does
        fill(con, posts)
        counts = [
            con.execute(f"SELECT count(*) FROM held.{name}").fetchall()[0][0]
            for name in ("observation", "availability")
        ]
        print(f"{counts[0]:,} readings of {posts:,} posts, {counts[1]:,} checks; ms on the clock (of CPU), median of 3")
        print(f"{'answer':30} {'ours':>15} {'plain SQL':>17} {'ratio':>6}")
        for name, ask, plain in ANSWERS:
            for when, as_of in (("now", None), ("as of a day", MIDDLE)):
                ours = took(lambda ask=ask, as_of=as_of: ask(con, CAMPAIGN, as_of=as_of))
                beside = took(lambda plain=plain, as_of=as_of: con.execute(plain, {"until": as_of or END}).fetchall())
                print(
                    f"{name + ' by platform, ' + when:30} {ours.wall:7.0f} ({ours.cpu:5.0f}) {beside.wall:9.0f} ({beside.cpu:5.0f}) "
                    f"{ours.wall / beside.wall:6.1f}"
                )


if __name__ == "__main__":
    main(int(float(sys.argv[1])) if len(sys.argv) > 1 else 100_000)
