"""Import of posts through the whole path, beside the raw insert of the same rows and beside dlt loading the same file.

Memory is that of a process of its own: ``python -m tests.bench.bench_import memory N``.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pyarrow as pa

from spillover._where import own_process
from spillover.campaign import read_campaign
from spillover.campaigns import subject
from spillover.config import Workspace
from spillover.contract import Source
from spillover.loading import load_file
from spillover.owner import Desk
from tests.conftest import ROOT

POSTS = 200_000
CAMPAIGN = ROOT / "examples" / "cia-china-2025.toml"


def write_posts(path: Path, count: int) -> None:
    """Write made-up posts: one in three matches, each has an author, an address and four counts."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            post_id = str(7123456789012345678 + number)
            text = (
                "美CIA发中文视频招间谍，都看看"
                if number % 3 == 0
                else "a longer text about something else entirely #fyp"
            )
            row = {
                "platform": "tiktok", "id": post_id, "url": f"https://www.tiktok.com/@user{number % 700}/video/{post_id}", "text": text,
                "author": f"user{number % 700}", "published_at": "2026-01-01T00:00:00Z", "lang": "en", "region": "US", "views": number,
                "likes": number // 2, "shares": 3, "comments": 1, "observed_at": "2026-01-02T00:00:00Z",
            }  # fmt: skip
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def ours(file: Path, folder: Path) -> float:
    """Import as the command does: read, resolve, match, pseudonymise, store, until the rows can be read."""
    workspace = Workspace(folder / "workspace")
    workspace.make()
    campaign = read_campaign(CAMPAIGN)
    shutil.copyfile(CAMPAIGN, workspace.campaign_file(campaign.name))
    with Desk(workspace) as desk:
        version = desk.command("campaign_save", name=campaign.name)["version"]
        start = time.perf_counter()
        door = replace(subject(workspace, campaign, version), keep_all=True)
        tally, _, _ = load_file(workspace, door, Source(path=file))
        drained = desk.command("drain", segments=tally.segment_ids)
        spent = time.perf_counter() - start
    assert drained["new_posts"] == tally.posts
    return spent


def raw(folder: Path) -> float:
    """Insert the rows that our import made, with nothing else done to them."""
    database = duckdb.connect(str(folder / "workspace" / "spillover.duckdb"), read_only=True)
    tables = {
        name: database.sql(f"SELECT * FROM held.{name}").to_arrow_table()
        for name in ("post", "post_campaign", "observation", "match")
    }
    database.close()
    other = duckdb.connect(str(folder / "raw.duckdb"))
    start = time.perf_counter()
    for name, table in tables.items():
        other.register("arrow", pa.table(table))
        other.execute(f'CREATE TABLE "{name}" AS SELECT * FROM arrow')
    other.execute("CHECKPOINT")
    return time.perf_counter() - start


def peer(file: Path, folder: Path) -> float | None:
    if find_spec("dlt") is None:
        return None
    code = (
        "import dlt, json, sys, time\n"
        "def rows():\n"
        "    batch = []\n"
        f"    for line in open({str(file)!r}, encoding='utf-8'):\n"
        "        batch.append(json.loads(line))\n"
        "        if len(batch) == 5000:\n"
        "            yield batch\n"
        "            batch = []\n"
        "    yield batch\n"
        f"pipeline = dlt.pipeline('p', destination=dlt.destinations.duckdb({str(folder / 'dlt.duckdb')!r}), "
        f"pipelines_dir={str(folder / 'dlt')!r}, dataset_name='d')\n"
        "start = time.perf_counter()\n"
        "pipeline.run(dlt.resource(rows, name='posts'))\n"
        "print(time.perf_counter() - start)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False, cwd=folder
    )
    return float(done.stdout.split()[-1]) if done.returncode == 0 else None


def memory(count: int) -> float:
    """Return the most memory that an import of so many posts held, in GB."""
    command = [sys.executable, "-m", "tests.bench.bench_import", "memory", str(count)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout)


def main() -> None:
    own_process()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "posts.jsonl"
        write_posts(file, POSTS)
        spent, limit, other = ours(file, folder), raw(folder), peer(file, folder)
        print(f"import of {POSTS:,} posts, whole path: {spent:.1f} s = {POSTS / spent:,.0f} posts/s")
        print(f"  raw insert of the rows that it made: {limit:.2f} s; ours is {spent / limit:.1f} times as long")
        print(
            f"  dlt, the same file into DuckDB: {other:.1f} s; ours is {other / spent:.1f} times as fast"
            if other
            else "  dlt: not installed"
        )
    print(f"memory of an import of 1,000,000 posts: {memory(1_000_000):.2f} GB")


if __name__ == "__main__":
    if sys.argv[1:2] == ["memory"]:
        own_process()
        with tempfile.TemporaryDirectory() as place:
            write_posts(Path(place) / "posts.jsonl", int(sys.argv[2]))
            ours(Path(place) / "posts.jsonl", Path(place))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)
    else:
        main()
