"""A Jetstream-shaped server on loopback: real web sockets, recorded frames, and the ways in which a stream breaks.

What it keeps of the real one: ``cursor`` is a time in microseconds, included, and clamped without a word where it lies
before what the server still holds; without a cursor everything is new; ``wantedCollections`` bounds commits only, so
identity and account frames come always. See docs/README.md of bluesky-social/jetstream, 5.1.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

HALF = b"\x81\x7e\x02\x00" + b'{"did":"did:plc:cut'  # the head of a text message of 512 bytes, and 19 of them


def stretched(frames: Sequence[bytes], rounds: int, every_us: int) -> list[bytes]:
    """Return the frames again and again, each round later and with ids of its own: a longer stream of the same kind."""
    return [_shifted(json.loads(frame), i, i * every_us) for i in range(rounds) for frame in frames]


class Jetstream:
    """Serves frames. ``cuts``: after how many frames the first, second, … connection is cut; later ones stay open."""

    def __init__(self, frames: Sequence[bytes], *, cuts: Sequence[int] = (), holds_from_us: int = 0) -> None:
        self.frames = frames
        self.cuts = list(cuts)
        self.holds_from_us = holds_from_us
        self.asked: list[dict[str, str]] = []  # the parameters of each connection
        self.url = ""
        self._ended = threading.Event()

    def answer(self, line: ServerConnection) -> None:
        """Serve one connection to its end."""
        assert line.request is not None
        asked = {name: values[-1] for name, values in parse_qs(urlsplit(line.request.path).query).items()}
        self.asked.append(asked)
        cut = self.cuts.pop(0) if self.cuts else None
        try:
            for frame in islice(self._wanted(asked), cut):
                line.send(frame, text=True)
            if cut is None:
                self._ended.wait()
            else:
                _cut(line)
        except ConnectionClosed:
            pass  # whoever listened has gone

    def _wanted(self, asked: dict[str, str]) -> Iterator[bytes]:
        since_us = max(self.holds_from_us, int(asked.get("cursor", 0)))
        for frame in self.frames:
            known = _known(frame)
            if known.get("time_us", since_us) < since_us:
                continue
            if known.get("kind") != "commit" or known["commit"]["collection"] == asked.get("wantedCollections"):
                yield frame

    @contextmanager
    def running(self) -> Iterator[Jetstream]:
        """Listen on a free port of this machine."""
        with serve(self.answer, "127.0.0.1", 0) as server:
            self.url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/subscribe"
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield self
            finally:
                self._ended.set()
                server.shutdown()
                thread.join()


def _cut(line: ServerConnection) -> None:
    """Cut the line in the middle of a frame, without a goodbye."""
    line.socket.sendall(HALF)
    line.socket.shutdown(socket.SHUT_RDWR)


def _known(frame: bytes) -> dict[str, Any]:
    try:
        known = json.loads(frame)
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def _shifted(frame: dict[str, Any], number: int, later_us: int) -> bytes:
    frame["time_us"] += later_us
    if "commit" in frame:
        frame["commit"]["rkey"] += f"r{number}"
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode()
