"""The shape of an answer: a row a number, with its interval, how many posts it counts and what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

COLUMNS = ("question", "keys", "metric", "value", "low", "high", "n", "rests_on", "suppressed", "verdict")
INSUFFICIENT = "insufficient"  # the verdict where too little was seen to say anything
AT_LEAST = "at least"


def as_answer(rows: Iterable[Mapping[str, Any]] | pd.DataFrame) -> pd.DataFrame:
    """Return rows as an answer: every column, numbers as they are, None where nothing is known."""
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows), dtype=object)
    frame = frame.reindex(columns=list(COLUMNS)).astype(object)
    return frame.where(frame.notna(), None)
