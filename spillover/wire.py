"""How commands reach the owner: a local socket that only the same user can open.

A message is a JSON header and a body of bytes, each behind its length. One request, one answer, any number a connection.
"""

from __future__ import annotations

import json
import os
import socket
import socketserver
import stat
import struct
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from spillover import errors

Answer = tuple[dict[str, Any], bytes]
Handler = Callable[[str, dict[str, Any]], Answer]
_LENGTHS = struct.Struct(">II")
_BIGGEST_HEADER = 1 << 28  # bytes; the rows of an answer come as JSON


class Server:
    """Answers requests on a socket, a thread a connection."""

    def __init__(self, path: Path, handler: Handler) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _must_be_ours(path.parent)
        path.unlink(missing_ok=True)  # a dead owner's; a living one holds the database, so we would not be here
        self.path = path
        self._server = _Threaded(str(path), _connection(handler))
        path.chmod(0o600)
        self._thread = threading.Thread(target=self._server.serve_forever, name="spillover-socket", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.path.unlink(missing_ok=True)


class Link:
    """A connection to a running owner."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            if path.parent.exists():
                _must_be_ours(path.parent)
            self._socket.connect(str(path))
        except (OSError, errors.UsageError):
            self._socket.close()
            raise

    def __enter__(self) -> Link:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, command: str, arguments: dict[str, Any]) -> Answer:
        """Send a command and return its answer; raise the error that it raised there."""
        _send(self._socket, {"command": command, "arguments": arguments}, b"")
        header, body = _receive(self._socket)
        if "error" in header:
            kind = getattr(errors, header["error"], errors.SpilloverError)
            raise kind(header["message"])
        return header["result"], body


def _must_be_ours(folder: Path) -> None:
    """Refuse a folder that somebody else made first in a place where everybody may write."""
    found = folder.lstat()
    if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077 or not stat.S_ISDIR(found.st_mode):
        raise errors.UsageError(f"{folder}: not a private folder of ours; remove it, or set TMPDIR to another place")


class _Threaded(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


def _connection(handler: Handler) -> type[socketserver.BaseRequestHandler]:
    class Connection(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while True:
                try:
                    request, _ = _receive(self.request)
                except (ConnectionError, ValueError):
                    return
                _send(self.request, *_answer(handler, request))

    return Connection


def _answer(handler: Handler, request: dict[str, Any]) -> Answer:
    try:
        result, body = handler(request["command"], request["arguments"])
    except errors.SpilloverError as error:
        return {"error": type(error).__name__, "message": str(error)}, b""
    except Exception as error:  # the edge of a request: the owner stays up whatever a command does
        return {"error": "SpilloverError", "message": f"{type(error).__name__}: {error}"}, b""
    return {"result": result}, body


def _send(to: socket.socket, header: dict[str, Any], body: bytes) -> None:
    text = json.dumps(header, default=_plain).encode()
    to.sendall(_LENGTHS.pack(len(text), len(body)) + text + body)


def _plain(value: Any) -> str:
    """Return a value as a command without an owner prints it: what is asked of one process or another reads the same."""
    if not isinstance(value, datetime):
        return str(value)
    moment = value if value.tzinfo else value.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _receive(source: socket.socket) -> Answer:
    header_length, body_length = _LENGTHS.unpack(_exactly(source, _LENGTHS.size))
    if header_length > _BIGGEST_HEADER:
        raise ValueError("this is no message of ours")
    return json.loads(_exactly(source, header_length)), _exactly(source, body_length)


def _exactly(source: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        more = source.recv(min(size - len(parts), 1 << 20))
        if not more:
            raise ConnectionError("the owner went away")
        parts += more
    return bytes(parts)
