"""Columns by their names, however these are written: ``view_count``, ``viewCount`` and ``View Count`` are one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from math import isnan
from typing import Any

_NO_LETTER = re.compile(r"[\W_]+")


def folded(name: object) -> str:
    """Return a column's name without case, spaces and signs."""
    return _NO_LETTER.sub("", str(name)).casefold()


class Columns:
    """Where each column stands. Of two with one name the first counts."""

    def __init__(self, names: Sequence[object]) -> None:
        self.places: dict[str, int] = {}
        for place, name in enumerate(names):
            self.places.setdefault(folded(name), place)

    def place(self, *names: str) -> int | None:
        """Return where the first of some columns stands that is there."""
        return next((self.places[key] for name in names if (key := folded(name)) in self.places), None)

    def has(self, *names: str) -> bool:
        """Say whether one of some columns is there."""
        return self.place(*names) is not None

    def row(self, values: Sequence[Any]) -> Callable[..., Any]:
        """Return what gives the value of a row in the first of some columns that is there; an empty cell and one that is missing are None."""

        def value(*names: str) -> Any:
            place = self.place(*names)
            found = values[place] if place is not None and place < len(values) else None
            return None if found == "" or is_nan(found) else found

        return value


def is_nan(value: object) -> bool:
    """Say whether this is how a column of numbers writes a gap."""
    return isinstance(value, float) and isnan(value)
