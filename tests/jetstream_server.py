"""A Jetstream-shaped server on loopback: real web sockets, recorded frames, and the ways in which a stream breaks.

What it keeps of the real one (docs/README.md and the lexicons of bluesky-social/jetstream, 5.1 and 5.2): version 1 at
``/subscribe``, whose ``cursor`` is a time in microseconds, included, and clamped without a word where it lies before what
the server still holds; ``wantedCollections`` bounds commits only. Version 2 at its own path, whose ``cursor`` is the
number of a frame (``CursorTooOld`` where it is forgotten) or a time (clamped, and said so); frames compressed with the
real dictionary where that is asked for; the names of version 1's parameters are refused.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import zstandard
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

HALF = b"\x81\x7e\x02\x00" + b'{"did":"did:plc:cut'  # the head of a text message of 512 bytes, and 19 of them
SECOND = "/xrpc/network.bsky.jetstream.subscribeEvents"
ZDICTS = Path(__file__).resolve().parents[1] / "collectors/_formats"
_NSID = "network.bsky.jetstream.subscribeEvents"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def stretched(frames: Sequence[bytes], rounds: int, every_us: int) -> list[bytes]:
    """Return the frames again and again, each round later and with ids of its own: a longer stream of the same kind."""
    return [_shifted(json.loads(frame), i, i * every_us) for i in range(rounds) for frame in frames]


class Jetstream:
    """Serves frames. ``cuts``: after how many frames the first, second, … connection is cut; later ones stay open.

    ``versions`` is what it speaks; ``first_seq`` the number of its first frame; ``add`` gives it another one while it runs.
    """

    def __init__(
        self,
        frames: Sequence[bytes] = (),
        *,
        cuts: Sequence[int] = (),
        holds_from_us: int = 0,
        versions: Sequence[int] = (1,),
        first_seq: int = 1,
        zdict: int = 20260811,
    ) -> None:
        self.frames = list(frames)
        self.cuts = list(cuts)
        self.holds_from_us = holds_from_us
        self.versions, self.first_seq, self.zdict = versions, first_seq, zdict
        self.asked: list[dict[str, str]] = []  # the parameters of each connection
        self.refused: list[str] = []  # and of those that came to nothing, why
        self.url = ""
        self._more = threading.Condition()
        self._ended = False

    def add(self, frame: bytes) -> None:
        """Append a frame, in the form of version 1, and send it to whoever listens."""
        with self._more:
            self.frames.append(frame)
            self._more.notify_all()

    def check(self, _: ServerConnection, request: Request) -> Response | None:
        """Refuse what the real server refuses, before there is a web socket."""
        parts = urlsplit(request.path)
        asked = parse_qs(parts.query)
        if parts.path == "/subscribe" and 1 in self.versions:
            return None
        if parts.path != SECOND or 2 not in self.versions:
            return self._refuse(HTTPStatus.NOT_FOUND, "NotFound", "not found")
        if wrong := {"wantedCollections", "wantedDids", "compress"} & set(asked):
            return self._refuse(HTTPStatus.BAD_REQUEST, "InvalidRequest", f"{wrong}: renamed")
        if asked.get("zstdDictionary", [str(self.zdict)]) != [str(self.zdict)]:
            return self._refuse(HTTPStatus.BAD_REQUEST, "UnknownZstdDictionary", f"the current one is {self.zdict}")
        cursor = int(asked.get("cursor", ["0"])[-1])
        if 0 < cursor < 10**15 and cursor < self._floor():
            return self._refuse(HTTPStatus.BAD_REQUEST, "CursorTooOld", f"cursor {cursor} below {self._floor()}")
        return None

    def answer(self, line: ServerConnection) -> None:
        """Serve one connection to its end."""
        assert line.request is not None
        parts = urlsplit(line.request.path)
        asked = {name: ",".join(values) for name, values in parse_qs(parts.query).items()}
        self.asked.append(asked)
        cut = self.cuts.pop(0) if self.cuts else None
        pack = packer(self.zdict) if "zstdDictionary" in asked else None
        try:
            frames = self._second(asked) if parts.path == SECOND else self._wanted(asked)
            for frame in islice(frames, cut):
                if pack:
                    line.send(pack(frame))
                else:
                    line.send(frame, text=True)
                if self._ended:
                    return
            if cut is None:
                self._wait()
            else:
                _cut(line)
        except ConnectionClosed:
            pass  # whoever listened has gone

    def _refuse(self, status: HTTPStatus, name: str, message: str) -> Response:
        self.refused.append(name)
        body = json.dumps({"error": name, "message": message}).encode()
        headers = Headers({"Content-Type": "application/json", "Content-Length": str(len(body))})
        return Response(status.value, status.phrase, headers, body)

    def _floor(self) -> int:
        """Return the number of the oldest frame that is still held."""
        held = (i for i, frame in enumerate(self.frames) if _known(frame).get("time_us", 0) >= self.holds_from_us)
        return self.first_seq + next(held, len(self.frames))

    def _all(self) -> Iterator[tuple[int, bytes]]:
        """Yield the frames and their numbers, and those that are added while somebody listens, where any are."""
        yield from enumerate(self.frames[:], self.first_seq)

    def _wanted(self, asked: dict[str, str]) -> Iterator[bytes]:
        since_us = max(self.holds_from_us, int(asked.get("cursor", 0)))
        for _, frame in self._all():
            known = _known(frame)
            if known.get("time_us", since_us) < since_us:
                continue
            if known.get("kind") != "commit" or known["commit"]["collection"] == asked.get("wantedCollections"):
                yield frame

    def _second(self, asked: dict[str, str]) -> Iterator[bytes]:
        cursor = int(asked.get("cursor", 0))
        if 10**15 <= cursor < self.holds_from_us:
            yield _message(
                "info", {"name": "OutdatedCursor", "message": "requested timestamp cursor below retention floor"}
            )
        since_us = max(self.holds_from_us, cursor if cursor >= 10**15 else 0)
        kinds = asked.get("kinds", "commit,identity,account,sync").split(",")
        for seq, frame in self._all():
            known = _known(frame)
            if (cursor < 10**15 and seq < cursor) or known.get("time_us", since_us) < since_us:
                continue
            if "kind" not in known:
                yield frame  # junk is junk in either version, and an error is one already
            elif known["kind"] in kinds and (
                known["kind"] != "commit" or known["commit"]["collection"] in asked.get("collections", "")
            ):
                yield second(known, seq)

    def _wait(self) -> None:
        with self._more:
            self._more.wait_for(lambda: self._ended)

    @contextmanager
    def running(self) -> Iterator[Jetstream]:
        """Listen on a free port of this machine."""
        with serve(self.answer, "127.0.0.1", 0, process_request=self.check) as server:
            self.url = f"http://127.0.0.1:{server.socket.getsockname()[1]}"
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield self
            finally:
                with self._more:
                    self._ended = True
                    self._more.notify_all()
                server.shutdown()
                thread.join()


class LiveJetstream(Jetstream):
    """A stream that goes on while frames are added."""

    def _all(self) -> Iterator[tuple[int, bytes]]:
        place = 0
        while not self._ended:
            with self._more:
                self._more.wait_for(lambda: self._ended or len(self.frames) > place, timeout=0.2)  # noqa: B023
                new = self.frames[place:]
            yield from enumerate(new, self.first_seq + place)
            place += len(new)


@contextmanager
def serving(server: Jetstream, patch: pytest.MonkeyPatch) -> Iterator[Jetstream]:
    """Let the collector's stream lead to a server, as an operator would."""
    with server.running():
        patch.setenv("SPILLOVER_BLUESKY_STREAM_BASE_URL", server.url)
        yield server


def second(frame: dict[str, Any], seq: int) -> bytes:
    """Return a frame of version 1 in the form of version 2."""
    moment = _EPOCH + timedelta(microseconds=frame["time_us"])
    head = {"seq": seq, "did": frame["did"], "time": f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"}
    kind = frame["kind"]
    return _message(kind, head | (frame["commit"] if kind == "commit" else {kind: frame[kind]}))


def packer(number: int, *, hides: bool = False) -> Callable[[bytes], bytes]:
    """Return what compresses a frame with a dictionary; one may hide how long it was."""
    names = {20260811: "subscribe_events_20260811.zdict", 1612007021: "legacy_subscribe.zdict"}
    words = zstandard.ZstdCompressionDict((ZDICTS / names[number]).read_bytes())
    compress: Callable[[bytes], bytes] = zstandard.ZstdCompressor(
        dict_data=words, write_content_size=not hides
    ).compress
    return compress


def _message(kind: str, payload: dict[str, Any]) -> bytes:
    whole = {"$type": "message", "payload": {"$type": f"{_NSID}#{kind}", **payload}}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


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
