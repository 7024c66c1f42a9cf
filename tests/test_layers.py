"""The layers of pyproject.toml hold, and each kind of contract fails when it is broken on purpose."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = ("spillover", "collectors", "analysis", "dashboard")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tree")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", place)
    return place


def lint(place: Path) -> subprocess.CompletedProcess[str]:
    code = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command; lint_imports_command()"
    )
    return subprocess.run(
        [sys.executable, "-c", code, "--no-cache"], cwd=place, capture_output=True, text=True, check=False
    )


def test_the_layers_hold(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("collectors/gdelt.py", "import spillover.store", "A collector imports public names only"),
        ("collectors/gdelt.py", "import collectors.rss", "Collectors know nothing of each other"),
        ("analysis/reach.py", "import spillover.pseudonym", "An analysis reads and computes"),
        ("spillover/ingest.py", "import analysis.reach", "The core knows no layer above it"),
        ("spillover/collect.py", "import duckdb", "Only the store, the readers and analyses know DuckDB"),
        ("spillover/owner.py", "import apscheduler.triggers", "Only schedule.py knows the scheduler"),
        ("spillover/alerting.py", "import apprise", "Only notify.py knows Apprise"),
        ("dashboard/overview.py", "import spillover.segments", "Pages read through the owner"),
        ("spillover/links/__init__.py", "import spillover.matching", "The core's own order"),
    ],
)
def test_a_broken_contract_is_found(copy: Path, file: str, line: str, contract: str) -> None:
    path = copy / file
    before = path.read_text("utf-8")
    path.write_text(f"{before}\n{line}\n", "utf-8")
    try:
        done = lint(copy)
    finally:
        path.write_text(before, "utf-8")
    broken = [shown for shown in done.stdout.splitlines() if "BROKEN" in shown or contract in shown]
    assert done.returncode == 1 and any(contract in shown for shown in broken), done.stdout[-2000:]
