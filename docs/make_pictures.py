"""Make docs/pictures from the sample, in a real browser: ``python -m docs.make_pictures`` (needs Debian's chromium)."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.dashboard.browsing import tab

PICTURES = Path(__file__).resolve().parent / "pictures"
SHOTS = (
    ("overview_light", "overview", False, 1440, 2400),
    ("overview_dark", "overview", True, 1440, 2400),
    ("timeline_light", "timeline", False, 1440, 2400),
    ("collectors_dark", "collectors", True, 1440, 2400),
    ("overview_narrow", "overview", True, 390, 1100),
)  # name, page, dark, width, most height


@contextmanager
def demo() -> Iterator[str]:
    """Run the demo on a free port, and give its address once the replay is through."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "spillover",
            "--workspace",
            folder,
            "demo",
            "--no-browser",
            "--port",
            str(port),
        ]
        process = subprocess.Popen(command)
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health", process)
            _replayed(Path(folder) / "inbox")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(15)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the demo ended before it answered")


def _replayed(inbox: Path) -> None:
    while any(path.is_file() for path in inbox.glob("*/*")):
        time.sleep(1)
    time.sleep(2)  # the last file's rows are drained


def take(browser: Browser, address: str) -> None:
    for name, page, dark, width, most in SHOTS:
        with tab(browser, dark=dark, width=width) as seen:
            seen.open(f"{address}/{page}").shoot(PICTURES / f"{name}.png", most=most)


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--hide-scrollbars"]
        )
        take(browser, address)
        browser.close()


if __name__ == "__main__":
    main()
