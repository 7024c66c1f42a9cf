"""Answers by name, as plain rows: what `spillover show QUESTION` prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import duckdb
import pandas as pd

from analysis.coverage import coverage
from analysis.reach import reach
from analysis.removals import removals
from spillover.errors import UsageError
from spillover.timing import read_time


def _coverage(
    con: duckdb.DuckDBPyConnection, campaign: str, *, by: tuple[str, ...], as_of: datetime | None
) -> pd.DataFrame:
    if set(by) - {"platform", "collector"}:
        raise ValueError(f"coverage is by collector, not by {', '.join(by)}")
    frame = coverage(con, campaign, until=as_of)
    frame.insert(0, "keys", [{"collector": name} for name in frame.pop("collector")])
    frame.insert(0, "question", "coverage")
    return frame


QUESTIONS: dict[str, Callable[..., pd.DataFrame]] = {"reach": reach, "removals": removals, "coverage": _coverage}


def answer(
    con: duckdb.DuckDBPyConnection, question: str, campaign: str, *, by: Sequence[str], as_of: str | None
) -> list[dict[str, Any]]:
    """Return the rows of an answer, ready for JSON; raise UsageError for what cannot be asked."""
    if question not in QUESTIONS:
        raise UsageError(f"no question {question!r}: choose one of {', '.join(QUESTIONS)}")
    try:
        frame = QUESTIONS[question](con, campaign, by=tuple(by), as_of=_moment(as_of))
    except ValueError as error:
        raise UsageError(str(error)) from error
    return [{str(name): _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _moment(text: str | None) -> datetime | None:
    try:
        return None if text is None else read_time(text)[0]
    except ValueError as error:
        raise UsageError(f"--as-of {text!r}: {error}; write it like 2026-03-15T03:39Z") from error


def _plain(value: Any) -> Any:
    return value if isinstance(value, dict) or not pd.isna(value) else None
