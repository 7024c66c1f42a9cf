"""The shape of an answer: a row a number, with its interval, how many posts it counts and what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

COLUMNS = ("question", "keys", "metric", "value", "low", "high", "n", "rests_on", "suppressed", "verdict")
INSUFFICIENT = "insufficient"  # the verdict where too little was seen to say anything
AT_LEAST = "at least"
NUMBERS = ("value", "low", "high", "n")


def as_answer(rows: Iterable[Mapping[str, Any]] | pd.DataFrame) -> pd.DataFrame:
    """Return rows as an answer: every column, numbers as Python's own, None where nothing is known."""
    frame = pd.DataFrame(rows) if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    return frame.reindex(columns=list(COLUMNS)).astype(object).where(lambda held: held.notna(), None)
