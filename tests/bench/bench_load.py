"""Records a second from a file to pages: JSONL and CSV with the obvious names, and the memory that a million rows take.

Run: python -m tests.bench.bench_load [ROWS]
"""

from __future__ import annotations

import csv
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from collectors.file import File
from spillover import Client, Source

_NAMES = (
    "platform", "id", "url", "title", "text", "author", "published_at", "lang", "region", "views", "likes", "shares", "comments", "observed_at",
)  # fmt: skip


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Yield made-up posts of the usual lengths."""
    for number in range(count):
        yield dict(zip(_NAMES, (
            "youtube", f"v{number:010d}", f"https://www.youtube.com/watch?v={number:011d}", f"A title of some forty letters, number {number}",
            "A description that goes on for a hundred letters or so, with a #hashtag, 中文 and привет in it, as they do.", f"UC{number % 9999:022d}",
            "2026-03-15T10:00:00+00:00", "en", "US", 1000 + number, number % 900, number % 70, number % 300, "2026-03-16T03:39:50Z",
        ), strict=True))  # fmt: skip


def write(folder: Path, count: int) -> list[Path]:
    """Write the same rows as JSONL and as CSV."""
    jsonl, table = folder / "posts.jsonl", folder / "posts.csv"
    with jsonl.open("w") as lines, table.open("w", newline="") as cells:
        writer = csv.DictWriter(cells, _NAMES)
        writer.writeheader()
        for row in rows(count):
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
            writer.writerow(row)
    return [jsonl, table]


def main(count: int) -> None:
    """Print a line a file."""
    with tempfile.TemporaryDirectory() as folder:
        for path in write(Path(folder), count):
            began = time.perf_counter()
            posts = sum(len(page.posts) for page in File(cast(Client, None)).load(Source(path=path)))
            took = time.perf_counter() - began
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{path.suffix[1:]:5}  {posts:>9,} posts  {posts / took:>9,.0f} a second  {took / posts * 1e6:.2f} µs each  peak {peak:,.0f} MB"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
