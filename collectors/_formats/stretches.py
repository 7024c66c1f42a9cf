"""Stretches of time that are still to be asked for, the newest last; a cursor holds them as JSON."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

Stretch = tuple[datetime, datetime]


def halves(stretch: Stretch, shortest: timedelta) -> list[Stretch]:
    """Return the two halves of a stretch that held too much, to whole seconds; none where it is too short to part."""
    since, until = stretch
    if until - since <= shortest:
        return []
    middle = since + timedelta(seconds=(until - since) // timedelta(seconds=2))
    return [(since, middle), (middle, until)]


def written(stretches: list[Stretch]) -> str | None:
    """Return a cursor; None where nothing is left to ask for."""
    return json.dumps([[since.isoformat(), until.isoformat()] for since, until in stretches]) if stretches else None


def read(cursor: str) -> list[Stretch]:
    """Return what a cursor holds."""
    return [(datetime.fromisoformat(since), datetime.fromisoformat(until)) for since, until in json.loads(cursor)]
