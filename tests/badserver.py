"""A local server that drops, delays, lies and rate-limits: each path misbehaves as a test says."""

from __future__ import annotations

import gzip
import socketserver
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

Send = Callable[[bytes], object]
Behaviour = Callable[[Send, str], None]  # how to send, and the head of the request


@dataclass
class BadServer:
    """``on(path, first, second, …)`` sets what the first, second, … request gets; the last one holds for all after."""

    port: int = 0
    heads: list[str] = field(default_factory=list)
    _plans: dict[str, list[Behaviour]] = field(default_factory=dict)

    def on(self, path: str, *behaviours: Behaviour) -> str:
        self._plans[path] = list(behaviours)
        return f"http://127.0.0.1:{self.port}{path}"

    def serve(self, send: Send, head: str) -> None:
        self.heads.append(head)
        path = head.split(" ")[1].partition("?")[0]
        plan = self._plans[path]
        behaviour = plan.pop(0) if len(plan) > 1 else plan[0]
        behaviour(send, head)


@contextmanager
def bad_server() -> Iterator[BadServer]:
    bad = BadServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                line = self.rfile.readline()
                if not line:
                    return
                head += line
            with suppress(BrokenPipeError, ConnectionResetError):  # the client had enough, which many tests want
                bad.serve(self.request.sendall, head.decode("latin-1"))

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        bad.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield bad
        server.shutdown()


def reply(status: int = 200, body: bytes = b"", **headers: Any) -> Behaviour:
    """Answer properly, once, and close. ``_`` in a header's name stands for ``-``."""
    lines = {"Content-Length": len(body), "Connection": "close"} | {k.replace("_", "-"): v for k, v in headers.items()}
    head = f"HTTP/1.1 {status} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value != "")
    return lambda send, _: send(head.encode() + b"\r\n" + body)


def drop(send: Send, head: str) -> None:
    """Close without a word."""


def half_a_body(send: Send, head: str) -> None:
    """Promise 1000 bytes, send 10, close."""
    send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n0123456789")


def half_a_chunk(send: Send, head: str) -> None:
    """Send a chunked body without its end."""
    send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n")


def half_a_gzip(send: Send, head: str) -> None:
    """Send a packed body that stops in the middle, with a length that fits."""
    packed = gzip.compress(bytes(range(256)) * 50)[:-20]
    reply(200, packed, Content_Encoding="gzip")(send, head)


def no_http(send: Send, head: str) -> None:
    """Speak something else."""
    send(b"220 mail.example ESMTP\r\n")


def dawdle(step_s: float) -> Behaviour:
    """Send a byte of the body each step, for ever."""

    def behave(send: Send, _: str) -> None:
        send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for byte in repeat(b"x"):
            send(byte)
            time.sleep(step_s)

    return behave


def dawdle_in_the_head(step_s: float) -> Behaviour:
    """Send a byte of the headers each step, for ever."""

    def behave(send: Send, _: str) -> None:
        send(b"HTTP/1.1 200 OK\r\nX: ")
        for byte in repeat(b"x"):
            send(byte)
            time.sleep(step_s)

    return behave


def silent(seconds: float) -> Behaviour:
    """Say nothing for so long, then close."""
    return lambda send, head: time.sleep(seconds)


def gzip_bomb(megabytes: int) -> Behaviour:
    """Send zeros that pack a thousandfold."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(megabytes)) + packer.flush()
    return reply(200, packed, Content_Encoding="gzip")
