"""Sinks that alerts really arrive at: a mail server (aiosmtpd), ntfy's own server, and a web server that can be slow, sullen or dead."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

INSTALLED = Path(__file__).resolve().parents[2] / ".servers" / "ntfy" / "usr" / "bin" / "ntfy"


class Hook:
    """A web server that keeps what it was sent; ``status``, ``delay_s`` and ``silent_after`` are how it behaves."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.status, self.delay_s = 200, 0.0
        self.silent_after: int | None = None  # from so many messages on it takes them and never answers
        self.closed = threading.Event()
        self.arrived = threading.Condition()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with hook.arrived:
                    hook.got.append({"path": self.path, "headers": dict(self.headers), **body})
                    hook.arrived.notify_all()
                    silent = hook.silent_after is not None and len(hook.got) > hook.silent_after
                hook.closed.wait(60.0 if silent else hook.delay_s)
                with contextlib.suppress(OSError):  # whoever asked may be dead by now
                    self.send_response(hook.status)
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.port}/hook/a-token-that-is-long-enough"

    @property
    def titles(self) -> list[str]:
        return sorted(str(message["title"]) for message in self.got)

    def wait_for(self, count: int, seconds: float = 20.0) -> None:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.got) >= count, seconds), f"{len(self.got)} of {count} arrived"

    def close(self) -> None:
        self.closed.set()
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def hook() -> Iterator[Hook]:
    """Serve a webhook on loopback."""
    served = Hook()
    try:
        yield served
    finally:
        served.close()


class Mail:
    """What a mail server took: subject, text and headers of each message."""

    def __init__(self) -> None:
        self.got: list[dict[str, str]] = []
        self.delay_s = 0.0

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        await asyncio.sleep(self.delay_s)
        message = message_from_bytes(envelope.content)
        text = next(part for part in message.walk() if part.get_content_type() == "text/plain")
        body = text.get_payload(decode=True)
        assert isinstance(body, bytes)
        said = {name.lower(): str(make_header(decode_header(value))) for name, value in message.items()}
        self.got.append(said | {"text": body.decode("utf-8"), "rcpt": ",".join(envelope.rcpt_tos)})
        return "250 OK"


@contextlib.contextmanager
def mail() -> Iterator[tuple[str, Mail]]:
    """Run a mail server on loopback; yield the address of a target there, and what arrives."""
    controller = pytest.importorskip("aiosmtpd.controller", reason="NOT RUN: needs aiosmtpd; install the group servers")
    box = Mail()
    port = _free_port()
    server = controller.Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield f"mailto://127.0.0.1:{port}/?from=tracker@test.example&to=desk@test.example&mode=insecure", box
    finally:
        server.stop()


@contextlib.contextmanager
def ntfy(folder: Path) -> Iterator[str]:
    """Run ntfy's own server on loopback; yield its host and port. install_ntfy.sh brings it."""
    program = INSTALLED if INSTALLED.is_file() else shutil.which("ntfy")
    if program is None:
        pytest.skip("NOT RUN: needs ntfy; bash tests/servers/install_ntfy.sh")
    host = f"127.0.0.1:{_free_port()}"
    command = [str(program), "serve", "--listen-http", host, "--base-url", f"http://{host}"]
    command += ["--cache-file", str(folder / "ntfy.db"), "--config", str(folder / "none.yml")]
    (folder / "none.yml").touch()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=os.environ | {"HOME": str(folder)}, **quiet) as process:
        try:
            _await(f"http://{host}/v1/health", process)
            yield host
        finally:
            process.terminate()


def of_topic(host: str, topic: str) -> list[dict[str, Any]]:
    """Return what ntfy holds of a topic."""
    answer = httpx.get(f"http://{host}/{topic}/json", params={"poll": "1"}, trust_env=False)
    return [json.loads(line) for line in answer.text.splitlines()]


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, "ntfy ended before it served"
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url, trust_env=False).is_success:
                return
        time.sleep(0.05)
    raise AssertionError("ntfy did not start")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
