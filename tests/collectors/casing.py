"""A collector's ordinary run, so that the same run can be made to fail in every way.

Each ``test_NAME.py`` of a collector that asks over HTTP has a ``CASES``: what is asked, and the answers of a good day.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spillover.contract import Collector, Page

RECORDED = Path(__file__).parent.parent / "recorded"


@dataclass(frozen=True)
class Case:
    """``ask`` starts the run; ``answers`` are bodies, files of bodies, or exchanges ``{"status", "headers", "body"}``."""

    collector: type[Collector]
    ask: Callable[[Collector], Iterator[Page]]
    answers: Sequence[bytes | Path | dict[str, Any]]
    instances: tuple[str, ...] = field(default=())

    def exchanges(self) -> list[tuple[int, dict[str, str], bytes]]:
        """Return status, headers and body of each answer."""
        return [_exchange(answer) for answer in self.answers]


def _exchange(answer: bytes | Path | dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    if isinstance(answer, Path):
        answer = answer.read_bytes()
    if isinstance(answer, bytes):
        return 200, {}, answer
    body = answer["body"]
    packed = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return int(answer["status"]), dict(answer.get("headers") or {}), packed
