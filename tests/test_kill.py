"""kill -9, at any instant, of the owner and of importers: no acknowledged row is lost and none is doubled."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spillover.config import Workspace
from spillover.store import Store
from spillover.verify import verify
from tests.conftest import ROOT

_POSTS = 300
CAMPAIGN = 'name = "killed"\ntitle = "Made up"\n[[videos]]\ntitle.en = "a title that stands in no post"\n'


def write_files(folder: Path, count: int) -> list[Path]:
    files = []
    for number in range(count):
        path = folder / f"{number:03}.jsonl"
        rows = [
            {
                "platform": "youtube",
                "id": f"f{number}-{row}",
                "title": "made up",
                "views": row,
                "observed_at": "2026-01-01T00:00:00Z",
            }
            for row in range(_POSTS)
        ]
        path.write_text("\n".join(map(json.dumps, rows)) + "\n")
        files.append(path)
    return files


def start_s(workspace: Workspace) -> float:
    """Return how long a process takes to start and to open the workspace."""
    started = time.monotonic()
    command = [sys.executable, "-m", "tests.headless", "import", str(workspace.root), "killed", ""]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    return time.monotonic() - started


class Victims:
    """An owner and an importer that are started again whenever they are dead."""

    def __init__(self, workspace: Workspace, files: list[Path]) -> None:
        self.workspace, self.files = workspace, files
        self.acknowledged: list[str] = []
        self.owner: subprocess.Popen[str] | None = None
        self.importer: subprocess.Popen[str] | None = None

    def revive(self) -> None:
        if self.owner is None or self.owner.poll() is not None:
            self.owner = self._start("owner", str(self.workspace.root))
        if self.importer is None or self.importer.poll() is not None:
            self._collect()
            rest = [str(file) for file in self.files if str(file) not in self.acknowledged]
            self.importer = self._start("import", str(self.workspace.root), "killed", *rest) if rest else None

    def kill(self, which: str) -> None:
        victim = self.owner if which == "owner" else self.importer
        if victim is not None:
            victim.kill()
            victim.wait()
        if which != "owner":
            self._collect()

    def finish(self) -> None:
        """Let an importer bring what is left, undisturbed."""
        self.revive()
        while self.importer is not None:
            self.importer.wait(timeout=300)
            self.revive()

    def end(self) -> None:
        for victim in (self.importer, self.owner):
            if victim is not None and victim.poll() is None:
                victim.kill()
                victim.wait()
        self._collect()

    def _collect(self) -> None:
        if self.importer is not None and self.importer.stdout is not None and not self.importer.stdout.closed:
            self.acknowledged += self.importer.stdout.read().split()
            self.importer.stdout.close()

    def _start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.headless", *arguments]
        stdout = subprocess.PIPE if arguments[0] == "import" else subprocess.DEVNULL
        return subprocess.Popen(command, cwd=ROOT, stdout=stdout, stderr=subprocess.DEVNULL, text=True)


@pytest.mark.parametrize("kills", [8, pytest.param(60, marks=pytest.mark.slow)])
def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(workspace: Workspace, tmp_path: Path, kills: int) -> None:
    workspace.campaign_file("killed").write_text(CAMPAIGN)
    victims = Victims(workspace, write_files(tmp_path, kills * 3))
    longest = start_s(workspace) + 1.2  # on a busy machine a process lives longer before it is killed
    choose = random.Random(kills)
    for _ in range(kills):
        victims.revive()
        time.sleep(choose.uniform(0.05, longest))
        victims.kill(choose.choice(["owner", "importer"]))
    victims.finish()
    victims.end()
    assert sorted(victims.acknowledged) == [str(file) for file in victims.files]

    store = Store(workspace)
    store.drain()
    held = dict(store.rows("SELECT split_part(id, '-', 1), count(*) FROM posts GROUP BY ALL"))
    assert held == {f"f{number}": _POSTS for number in range(len(victims.files))}
    assert [row for row in verify(store) if not row["ok"]] == []
    assert store.rows("SELECT count(*) FROM observations") == [(_POSTS * len(victims.files),)]
    store.close()
