"""What ships: one top-level name, and it runs with the sources out of reach, with a stranger's collector beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

RECORDED = {
    "next": None,
    "items": [
        {
            "id": 7,
            "link": "https://open.example/7",
            "user": "someone",
            "text": "made up",
            "created": 1746100000,
            "reads": "1.2万",
        }
    ],
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("site")
    plugin = ROOT / "tests" / "plugin"
    for package in (wheel, plugin):
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--no-index",
            "--no-build-isolation",
            "--target",
            place,
            package,
        ]
        subprocess.run(command, check=True, capture_output=True)
    return place


def run(installed: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    code = "import spillover, sys; from spillover.__main__ import main; print(spillover.__file__, file=sys.stderr); sys.exit(main())"
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1"}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def test_the_wheel_has_one_top_level_name(wheel: Path) -> None:
    names = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"spillover"}


def test_the_wheel_carries_what_it_needs(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        "schema.sql",
        "views.sql",
        "address_rules.json",
        "py.typed",
        "_bundle/app.py",
        "_bundle/collectors/youtube.py",
        "_bundle/collectors/_formats/subscribe_events_20260811.zdict",
        "_bundle/examples/sample/README.md",
    }
    assert {f"spillover/{name}" for name in wanted} <= names


def test_commands_run_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    done = run(installed, "init", "place", cwd=tmp_path)
    assert done.returncode == 0 and str(installed) in done.stderr, done.stderr
    done = run(installed, "--workspace", "place", "collectors", "--json", cwd=tmp_path)
    states = {row["name"]: row["state"] for row in map(json.loads, done.stdout.splitlines())}
    assert states["file"] == states["gdelt"] == states["openexample"] == "on"
    assert states["youtube"] == "off"


def test_a_strangers_collector_is_translated_like_ours(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "answer.json").write_text(json.dumps(RECORDED))
    done = run(installed, "translate", "openexample", "search", "answer.json", "--json", cwd=tmp_path)
    rows = {row["type"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert rows["post"]["id"] == "7" and rows["post"]["published_at"] == "2025-05-01T11:46:40Z"
    assert (rows["observation"]["views_low"], rows["observation"]["views_high"]) == (11500, 12499)
    assert "someone" not in done.stdout
