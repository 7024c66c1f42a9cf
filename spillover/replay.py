"""Recorded answers in the place of a network."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from spillover.contract import Answer
from spillover.errors import CollectError
from spillover.pacing import judge


class ReplayEnded(CollectError):
    """The recording has no further answer."""


class Replay:
    """A ``Client`` that answers from recordings, one for each request, in order.

    A recording is a file or its bytes: the body of an answer with status 200, or an exchange ``{"status", "headers",
    "body"}``; a file ``*.ndjson`` or ``*.jsonl`` holds an exchange a line, or the frames of a stream. ``*.gz`` is
    unpacked. ``asked`` keeps the requests as (address, parameters), ``sent`` what was posted or said to a socket.
    """

    def __init__(
        self, *recordings: Path | bytes, fetched_at: datetime | None = None, urls: Sequence[str] | None = None
    ) -> None:
        self._recordings = recordings
        self._urls = urls or ()
        self._fetched_at = fetched_at or _written_at(recordings)
        self._answers = self._all_answers()
        self._given = 0
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.sent: list[bytes] = []

    def now(self) -> datetime:
        """Return when the recording was made, UTC."""
        return self._fetched_at

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        spend: str | None = None,
        cost: int = 1,
        conditional: bool = False,
    ) -> Answer:
        """Return the next recorded answer, or raise the error that its status stands for."""
        self.asked.append((url, dict(params or {})))
        return self._next(f"{url}?{urlencode(params)}" if params else url)

    def post(
        self,
        url: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        spend: str | None = None,
        cost: int = 1,
    ) -> Answer:
        """Return the next recorded answer; ``sent`` keeps the body."""
        self.asked.append((url, {}))
        self.sent.append(body)
        return self._next(url)

    def refund(self, bucket: str, amount: int) -> None:
        """Nothing was spent on a recording."""

    def frames(
        self, url: str, *, send: Sequence[bytes] = (), headers: Mapping[str, str] | None = None, quiet: bool = False
    ) -> Iterator[bytes]:
        """Yield the lines of the recordings, then raise ReplayEnded."""
        self.asked.append((url, {}))
        self.sent.extend(send)
        for recording in self._recordings:
            yield from (line for line in _content(recording).splitlines() if line.strip())
        raise ReplayEnded("the recording has no further frame")

    def _next(self, asked_url: str) -> Answer:
        recorded = next(self._answers, None)
        if recorded is None:
            raise ReplayEnded("the recording has no further answer")
        answer = self._answer(recorded, self._urls[self._given] if self._given < len(self._urls) else asked_url)
        self._given += 1
        error = judge(answer)
        if error is not None:
            raise error
        return answer

    def _all_answers(self) -> Iterator[bytes]:
        for recording in self._recordings:
            content = _content(recording)
            lines = content.splitlines() if _is_lines(recording) else []
            yield from (line for line in lines if line.strip()) if lines and _exchange(lines[0]) else (content,)

    def _answer(self, recorded: bytes, url: str) -> Answer:
        exchange = _exchange(recorded)
        if exchange is None:
            return Answer(url=url, status=200, headers={}, body=recorded, fetched_at=self._fetched_at)
        headers = {
            name.lower(): value if isinstance(value, str) else ", ".join(map(str, value))
            for name, value in (exchange.get("headers") or {}).items()
        }
        status, body = int(exchange["status"]), exchange["body"]
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode() if body is not None else b""
        unchanged = status == 304
        return Answer(
            url=url, status=status, headers=headers, body=content, fetched_at=self._fetched_at, unchanged=unchanged
        )


def _written_at(recordings: Sequence[Path | bytes]) -> datetime:
    times = [recording.stat().st_mtime for recording in recordings if isinstance(recording, Path)]
    return datetime.fromtimestamp(max(times), UTC) if times else datetime.now(UTC)


def _content(recording: Path | bytes) -> bytes:
    if isinstance(recording, bytes):
        return recording
    content = recording.read_bytes()
    return gzip.decompress(content) if recording.suffix == ".gz" else content


def _is_lines(recording: Path | bytes) -> bool:
    return isinstance(recording, Path) and bool({".ndjson", ".jsonl"} & set(recording.suffixes))


def _exchange(content: bytes) -> dict[str, Any] | None:
    if content.lstrip()[:1] != b"{":
        return None
    try:
        found = json.loads(content)
    except ValueError:
        return None
    is_exchange = isinstance(found, dict) and isinstance(found.get("status"), int) and "body" in found
    return found if is_exchange else None
