"""What `spillover new-collector` writes passes its own tests as it stands, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from spillover.__main__ import main
from tests.conftest import ROOT


def test_a_new_collector_passes_its_own_tests(tmp_path: Path) -> None:
    assert main(["new-collector", "some_place", "--directory", str(tmp_path)]) == 0
    folder = tmp_path / "spillover-some-place"
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:mastodon_mock", str(folder)]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout


@pytest.mark.parametrize(
    "name", ["Bad Name", "9lives", "youtube", "", "post", "replay", "x_", "a__b", "../up", "größe", "a" * 31]
)
def test_a_name_that_cannot_be_is_refused(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new-collector", name, "--directory", str(tmp_path)]) == 2
    assert capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_nothing_that_exists_is_overwritten(tmp_path: Path) -> None:
    assert main(["new-collector", "mine", "--directory", str(tmp_path)]) == 0
    assert main(["new-collector", "mine", "--directory", str(tmp_path)]) == 2
