"""A small forward proxy on loopback: it opens tunnels to the names that it knows, and remembers what it was asked."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class ProxyServer:
    """``names`` says which port of this machine stands behind a name; any other name gets 502."""

    names: dict[str, int]
    answer: bytes | None = None  # what every request gets in the place of a tunnel
    port: int = 0
    asked: list[str] = field(default_factory=list)  # the first line of each request
    heads: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def proxy_server(names: dict[str, int], answer: bytes | None = None) -> Iterator[ProxyServer]:
    proxy = ProxyServer(names, answer)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                line = self.rfile.readline()
                if not line:
                    return
                head += line
            proxy.heads.append(head.decode("latin-1"))
            proxy.asked.append(proxy.heads[-1].splitlines()[0])
            with suppress(OSError):
                self._serve(proxy.asked[-1].split(" ")[1])

        def _serve(self, target: str) -> None:
            host = target.rpartition(":")[0]
            if proxy.answer is not None or host not in proxy.names:
                self.request.sendall(proxy.answer if proxy.answer is not None else b"HTTP/1.1 502 Unknown\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", proxy.names[host]), timeout=5) as far:
                self.request.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                back = threading.Thread(target=_pump, args=[far, self.request], daemon=True)
                back.start()
                _pump(self.request, far)
                back.join(5)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        proxy.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield proxy
        server.shutdown()


def _pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)
