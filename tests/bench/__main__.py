"""Every bench in a process of its own, one table: ``python -m tests.bench [NAME...]``, as ``make bench`` does.

A bench prints its figures, ours beside the other; one that lacks a peer says so in its line. One that cannot run at all
is named with the reason, and the others go on.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
LONGEST_S = 1800


def names() -> list[str]:
    return sorted(path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py"))


def run(name: str) -> bool:
    """Run one bench, print its lines under its name; say whether it ended well."""
    start = time.monotonic()
    command = [sys.executable, "-m", f"tests.bench.bench_{name}"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST_S, check=False)
    except subprocess.TimeoutExpired:
        print_row(name, [f"NOT RUN: not done after {LONGEST_S} s"])
        return False
    why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    end = f"NOT RUN to its end: {why}" if done.returncode else f"({time.monotonic() - start:.0f} s)"
    print_row(name, [*done.stdout.splitlines(), end])
    return done.returncode == 0


def print_row(name: str, lines: list[str]) -> None:
    for i, line in enumerate(lines):
        print(f"{'' if i else name:10} | {line}")
    print(f"{'-' * 11}+{'-' * 100}", flush=True)


def main(chosen: list[str]) -> int:
    unknown = set(chosen) - set(names())
    if unknown:
        print(f"no bench {', '.join(sorted(unknown))}; there are: {', '.join(names())}", file=sys.stderr)
        return 2
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    return 0 if all([run(name) for name in chosen or names()]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
