"""The time, as something that is handed in: a run of 200 hours can then be played through in a minute."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time and lets it pass."""

    def now(self) -> datetime:
        """Return the time, UTC."""
        ...

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        """Let time pass until ``stop`` is set; return whether it was."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        return stop.wait(seconds) if seconds > 0 else stop.is_set()
