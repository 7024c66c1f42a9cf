"""The dashboard's stage: a workspace with real rows, the real owner, and a real browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from spillover import runtime
from spillover.config import Workspace
from spillover.owner import Owner
from tests.dashboard import stage

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
Open = Callable[..., AppTest]


@pytest.fixture(scope="session")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stage.make(tmp_path_factory.mktemp("stage") / "workspace").root


def _own(root: Path) -> Iterator[Owner]:
    owner = Owner(Workspace(root))
    runtime.set_owner(owner)
    yield owner
    runtime.set_owner(None)
    owner.close()


@pytest.fixture
def owner(staged: Path, tmp_path: Path) -> Iterator[Owner]:
    """The owner of a copy of the stage, for tests that change it or only look."""
    shutil.copytree(staged, tmp_path / "workspace")
    yield from _own(tmp_path / "workspace")


@pytest.fixture
def bare_owner(tmp_path: Path) -> Iterator[Owner]:
    """The owner of a workspace without campaigns."""
    Workspace(tmp_path / "bare").make()
    yield from _own(tmp_path / "bare")


@pytest.fixture
def open_page() -> Open:
    """Run the app as a browser would open an address: open_page("timeline", c="...", r="7d")."""

    def run(page: str = "overview", **query: str | list[str]) -> AppTest:
        at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
        if page != "overview":
            at.switch_page(f"dashboard/{page}.py").run()
        assert not at.exception, at.exception
        return at

    return run


@pytest.fixture(scope="session")
def server(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server over a copy of the stage."""
    root = tmp_path_factory.mktemp("served")
    shutil.copytree(staged, root / "workspace")
    command = [sys.executable, str(ROOT / "tests" / "dashboard" / "serve.py"), str(root / "workspace")]
    yield from serve(command, root / "log.txt")


def serve(command: list[str], log: Path, **environment: str) -> Iterator[str]:
    """Start a server, a free port added to its command; wait until it answers; stop it at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, str(port)], stdout=out, stderr=out, env=os.environ | environment, cwd=ROOT
        )
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(15)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A real browser that cannot reach anything but this machine."""
    if not CHROMIUM.exists():
        pytest.skip(f"NOT RUN: needs {CHROMIUM} (Debian: apt-get install chromium fonts-noto-cjk fonts-noto-core)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=_ARGUMENTS)
        yield browser
        browser.close()


_ARGUMENTS = [
    "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb",
    "--font-render-hinting=none", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]  # fmt: skip
