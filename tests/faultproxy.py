"""A proxy with faults, on loopback: in front of recorded answers it does what networks and platforms do on a bad day."""

from __future__ import annotations

import gzip
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Exchange = tuple[int, dict[str, str], bytes]
Fault = Callable[[Exchange], bytes]  # what goes over the wire in the place of an answer


def plain(exchange: Exchange) -> bytes:
    """Give the answer as it was recorded."""
    status, headers, body = exchange
    kept = {
        name: value
        for name, value in headers.items()
        if name.lower() not in ("content-length", "content-encoding", "transfer-encoding")
    }
    lines = {**kept, "Content-Length": str(len(body)), "Connection": "close"}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} X\r\n{head}\r\n".encode("latin-1", "replace") + body


def status(code: int, body: bytes = b"", **headers: str) -> Fault:
    """Answer with another status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: plain((code, named, body))


def instead(body: bytes, kind: str = "application/json") -> Fault:
    """Answer 200 with something else."""
    return lambda _: plain((200, {"Content-Type": kind}, body))


FAULTS: dict[str, Fault] = {
    "429 with seconds": status(429, Retry_After="3600"),
    "429 with a date": status(429, Retry_After="Wed, 21 Oct 2099 07:28:00 GMT"),
    "429 with an epoch": status(429, x_rate_limit_reset="4102444800"),
    "429 without a word": status(429),
    "503": status(503, b"<html>down for maintenance</html>"),
    "500": status(500, b'{"error": "oops"}'),
    "401": status(401),
    "403": status(403, b"<html>forbidden</html>"),
    "a page of the site": instead(b"<!doctype html><html><title>Welcome</title><body>Hello</body></html>", "text/html"),
    "a bot wall": instead(b"<html><title>Just a moment...</title><div id=cf-chl-widget></div></html>", "text/html"),
    "an empty body": instead(b""),
    "another shape": instead(b'{"surprise": {"of": "another kind"}}'),
    "a list": instead(b'["surprise"]'),
    "a number": instead(b"7"),
    "half a body": lambda exchange: plain(exchange)[: -max(1, len(exchange[2]) // 2)],
    "a dropped line": lambda _: b"",
    "a wrong gzip": lambda exchange: plain(exchange).replace(
        b"Connection: close", b"Content-Encoding: gzip\r\nConnection: close"
    ),
    "a gzip bomb": lambda _: b"HTTP/1.1 200 X\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + _BOMB,
    "a redirect inwards": status(302, Location="http://169.254.169.254/latest/meta-data"),
    "endless redirects": status(302, Location="/again"),
}
_BOMB = gzip.compress(bytes(40 * 2**20))


@dataclass
class Proxy:
    """``answers`` are given in turn, the last one again and again; ``fault`` is done in their place."""

    answers: Sequence[Exchange]
    fault: Fault = plain
    port: int = 0
    asked: list[str] = field(default_factory=list)
    _given: int = 0

    def reply(self, line: str) -> bytes:
        self.asked.append(line)
        exchange = self.answers[min(self._given, len(self.answers) - 1)]
        self._given += 1
        return self.fault(exchange)

    def rewind(self) -> None:
        """Begin with the first answer again."""
        self._given = 0


@contextmanager
def serving(proxy: Proxy) -> Iterator[Proxy]:
    """Serve on loopback until the end of the block."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                line = self.rfile.readline().decode("latin-1")
                length = 0
                while (header := self.rfile.readline()).strip():
                    name, _, value = header.decode("latin-1").partition(":")
                    length = int(value) if name.lower() == "content-length" else length
                self.rfile.read(length)
                self.request.sendall(proxy.reply(line.strip()))
                self.request.shutdown(socket.SHUT_WR)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        proxy.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield proxy
        server.shutdown()
