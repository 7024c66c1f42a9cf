"""How long pairs in step take, beside a banded and a plain join in SQL: ``python -m tests.bench.bench_coordination [SHARES]``.

The rows are made up: one object that has all shares over 30 days, and many objects of which one has a quarter.
coordination-network-toolkit is asked too where COORDINATION_TOOLKIT names a Python that has it; it is no dependency.
"""

from __future__ import annotations

import csv
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from analysis._coshares import Shares, edges, meetings
from analysis._in_step import CAP, WEIGHTS
from analysis._shuffles import against_chance

WINDOW = 10
# shares(row, object, account, sent): those of one bucket are within the window, those of the next one may be
BANDED = """
WITH banded AS (SELECT *, sent // ({window} + 1) AS bucket FROM shares)
SELECT l.row AS l, r.row AS r, l.account AS one, r.account AS two, l.object
FROM banded l JOIN banded r ON l.object = r.object AND l.bucket = r.bucket AND l.row < r.row
UNION ALL
SELECT l.row, r.row, l.account, r.account, l.object
FROM banded l JOIN banded r ON l.object = r.object AND l.bucket + 1 = r.bucket AND r.sent - l.sent <= {window}"""
PLAIN = """
SELECT l.row AS l, r.row AS r, l.account AS one, r.account AS two, l.object
FROM shares l JOIN shares r ON l.object = r.object AND l.row < r.row AND abs(l.sent - r.sent) <= {window}"""
_WEIGHED = """
SELECT count(*) FROM (
    SELECT least(one, two), greatest(one, two), count(DISTINCT object) FROM ({pairs}) WHERE one <> two GROUP BY ALL)"""


_TOOLKIT = """
import sqlite3, sys, time
from coordination_network_toolkit.compute_networks import compute_co_retweet_parallel
from coordination_network_toolkit.preprocess import preprocess_csv_files
if __name__ == "__main__":
    preprocess_csv_files("toolkit.db", ["shares.csv"])
    start = time.perf_counter()
    compute_co_retweet_parallel("toolkit.db", int(sys.argv[1]), n_threads=2)
    took = time.perf_counter() - start
    both_ways = "SELECT count(*) FROM co_retweet_network WHERE user_1 <> user_2"
    print(took, sqlite3.connect("toolkit.db").execute(both_ways).fetchone()[0] // 2)
"""


def one_object(size: int) -> Shares:
    """Return shares of one object over 30 days, a third as many accounts."""
    draw = np.random.default_rng(1)
    at = draw.integers(0, 30 * 86_400, size)
    return Shares(np.arange(size), np.zeros(size, np.int64), draw.integers(0, size // 3, size), at)


def many_objects(size: int) -> Shares:
    """Return shares of which one object in 7,000 has a quarter."""
    draw = np.random.default_rng(2)
    thing = np.where(draw.random(size) < 0.25, 0, draw.integers(1, 7000, size))
    return Shares(np.arange(size), thing, draw.integers(0, size // 3, size), draw.integers(0, 30 * 86_400, size))


def seconds(work: Callable[[], object], times: int = 3) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def ours(shares: Shares) -> int:
    """Return how many pairs of accounts met."""
    return len(edges(shares, meetings(shares, WINDOW), shares.account).low)


def in_sql(shares: Shares, pairs: str) -> Callable[[], int]:
    con = duckdb.connect(config={"threads": 2})
    table = pa.table({"object": shares.object, "account": shares.account, "sent": shares.at, "row": shares.post})
    con.register("given", table)
    con.execute("CREATE TABLE shares AS FROM given")
    query = _WEIGHED.format(pairs=pairs.format(window=WINDOW))
    return lambda: con.execute(query).fetchall()[0][0]  # type: ignore[no-any-return]


def toolkit(shares: Shares) -> tuple[float, int] | None:
    """Return how long coordination-network-toolkit computes, its reading of the file apart, and its pairs of accounts."""
    python = os.environ.get("COORDINATION_TOOLKIT")
    if not python:
        return None
    with tempfile.TemporaryDirectory() as folder:
        names = ("message_id", "user_id", "username", "repost_id", "reply_id", "message", "timestamp", "urls")
        with (Path(folder) / "shares.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(names)
            columns = (shares.post, shares.account, shares.object, shares.at)
            for post, account, thing, at in zip(*(column.tolist() for column in columns), strict=True):
                writer.writerow((post, account, account, f"o{thing}", "", "", at, ""))
        (Path(folder) / "ask.py").write_text(_TOOLKIT, encoding="utf-8")
        command = [python, "ask.py", str(WINDOW)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=1200)
    took, pairs = done.stdout.split()[-2:]
    return float(took), int(pairs)


def compare(size: int) -> None:
    """Print our time for one object's shares beside those of the joins and of the peer, which size allows."""
    shares = one_object(size)
    took, found = seconds(lambda: ours(shares)), ours(shares)
    for name, pairs, most in (("banded join in SQL", BANDED, 1_000_000), ("plain join in SQL", PLAIN, 20_000)):
        if size <= most:
            query = in_sql(shares, pairs)
            print(
                f"  {name}, {size:,} shares: {seconds(query, 1) / took:.1f} times as long, same count: {query() == found}"
            )
    if size <= 100_000 and (peer := toolkit(shares)):
        print(
            f"  coordination-network-toolkit, {size:,}: {peer[0] / took:.0f} times as long, same count: {peer[1] == found}"
        )


def measure(name: str, shares: Shares, cap: int | None = None) -> None:
    """Print how long pairs of accounts take, with the most memory that this process has used so far."""
    start, cpu = time.perf_counter(), time.process_time()
    met = meetings(shares, WINDOW, cap=cap)
    found = len(edges(shares, met, shares.account).low)
    took, cpu = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{len(shares.at):,} shares, {name}: {len(met.first):,} meetings, {found:,} pairs of accounts", end="")
    print(f" in {took:.2f} s ({cpu:.2f} s of CPU), up to {peak:.2f} GB; {met.crowded} crowded cells left out")


def main(size: int) -> None:
    """Print the times, each beside the others over the same rows."""
    if size <= 1_000_000:  # ten times as many in as many days would be a hundred times the pairs
        measure("one object", one_object(size))
        for small in (size, size // 10, size // 50):
            compare(small)
        if not os.environ.get("COORDINATION_TOOLKIT"):
            print("  NOT BESIDE: COORDINATION_TOOLKIT names no Python with coordination-network-toolkit")
    many = many_objects(size)
    measure("many objects, one with a quarter", many, CAP)
    met = {WINDOW: meetings(many, WINDOW, cap=CAP)}
    start = time.perf_counter()
    against_chance(many, met, WEIGHTS, rounds=5)
    print(
        f"the null, apart: {(time.perf_counter() - start) / 6:.2f} s a shuffle of {size:,} shares; an answer takes 200"
    )


if __name__ == "__main__":
    main(int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000)
