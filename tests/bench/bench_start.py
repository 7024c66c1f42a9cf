"""How long a newcomer waits: the help text, and from `spillover demo` to a page that answers."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from tests.conftest import ROOT


def help_text() -> float:
    times = []
    for _ in range(7):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "spillover", "--help"], cwd=ROOT, capture_output=True, check=True)
        times.append(time.perf_counter() - start)
    return sorted(times)[3]


def bare() -> float:
    times = []
    for _ in range(7):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import argparse"], cwd=ROOT, capture_output=True, check=True)
        times.append(time.perf_counter() - start)
    return sorted(times)[3]


def demo(folder: str) -> float:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "spillover", "--workspace", folder, "demo", "--port", str(port), "--no-browser"]
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            while time.perf_counter() - start < 120:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health") as answer:
                        if answer.status == 200:
                            return time.perf_counter() - start
                except OSError:
                    time.sleep(0.1)
        finally:
            server.terminate()
    return float("nan")


def main() -> None:
    ours, least = help_text(), bare()
    print(
        f"spillover --help: {ours * 1000:.0f} ms; an interpreter with argparse alone: {least * 1000:.0f} ms; ratio {ours / least:.1f}"
    )
    with tempfile.TemporaryDirectory() as folder:
        print(f"demo, first start (makes the sample workspace) to a page that answers: {demo(folder):.1f} s")
        print(f"demo, second start: {demo(folder):.1f} s")


if __name__ == "__main__":
    main()
