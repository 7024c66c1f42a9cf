"""Answers by name, as plain rows: what `spillover show QUESTION` prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import duckdb
import pandas as pd

from analysis._as_held import as_held
from analysis._rows import COLUMNS, as_answer
from analysis._time import GRAINS
from analysis.by_views import by_views
from analysis.cascades import cascades
from analysis.compare import Asked, compare
from analysis.coordination import coordination
from analysis.coverage import coverage
from analysis.crossings import crossings
from analysis.missed import missed, newest
from analysis.outside import outside
from analysis.people import all_platforms, people
from analysis.reach import reach
from analysis.regions import regions
from analysis.removals import removals
from analysis.series import series
from analysis.speed import speed
from spillover.errors import UsageError
from spillover.timing import read_time

NAMED = {"all_platforms": all_platforms, "people": people}  # given only where they are asked for by name


def _reach(
    con: duckdb.DuckDBPyConnection, campaign: str, *, by: tuple[str, ...], as_of: datetime | None
) -> pd.DataFrame:
    """Return the counts, then how fast they grow and where they lie; or one number by its name; or, by a grain, over time."""
    grains, names = [name for name in by if name in GRAINS], [name for name in by if name in NAMED]
    if names:
        if len(by) > 1:
            raise ValueError(f"{names[0]} stands alone: it is over all platforms")
        return NAMED[names[0]](con, campaign, as_of=as_of)
    keys = tuple(name for name in by if name not in GRAINS)
    if len(grains) > 1:
        raise ValueError(f"by one of {', '.join(GRAINS)}, not by more")
    if grains:
        return series(con, campaign, by=keys, grain=grains[0], as_of=as_of)
    known = as_answer(reach(con, campaign, by=keys, as_of=as_of))
    return _one_below_another([known, *(more(con, campaign, by=keys, as_of=as_of) for more in (speed, outside))])


def _removals(
    con: duckdb.DuckDBPyConnection, campaign: str, *, by: tuple[str, ...], as_of: datetime | None
) -> pd.DataFrame:
    """Return what went away; or, by ``views``, whether what was viewed more went sooner."""
    if "views" not in by:
        return removals(con, campaign, by=by, as_of=as_of)
    if "country" in by:
        raise ValueError("removals are by views or by country, not by both")
    return by_views(con, campaign, by=tuple(name for name in by if name != "views"), as_of=as_of)


def _coverage(
    con: duckdb.DuckDBPyConnection, campaign: str, *, by: tuple[str, ...], as_of: datetime | None
) -> pd.DataFrame:
    """Return a row a collector, every minute accounted for; or, by ``missed``, what we lack at least and what is still to come."""
    if by == ("missed",):
        return _one_below_another([missed(con, campaign, as_of=as_of), newest(con, campaign, as_of=as_of)])
    if set(by) - {"platform", "collector"}:
        raise ValueError(f"coverage is by collector, or by missed alone, not by {', '.join(by)}")
    frame = coverage(con, campaign, until=as_of)
    frame.insert(0, "keys", [{"collector": name} for name in frame.pop("collector")])
    frame.insert(0, "question", "coverage")
    watched = frame.assign(
        metric="minutes_watched",
        **dict.fromkeys(("value", "low", "high"), frame["minutes_watched"]),
        n=frame["runs"],
        rests_on=[f"of {minutes} minutes since it first looked" for minutes in frame["minutes"]],
        suppressed=False,
    )
    columns = [*frame.columns, *(name for name in COLUMNS if name not in frame)]
    return watched.reindex(columns=columns)


def _one_below_another(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of all frames, each value as it was: a whole number beside an empty cell stays one."""
    return pd.concat([frame.astype(object) for frame in frames], ignore_index=True)


QUESTIONS: dict[str, Callable[..., pd.DataFrame]] = {
    "reach": _reach,
    "regions": regions,
    "crossings": crossings,
    "removals": _removals,
    "cascades": cascades,
    "coordination": coordination,
    "coverage": _coverage,
}


def answer(
    con: duckdb.DuckDBPyConnection,
    question: str,
    campaign: str,
    *,
    by: Sequence[str],
    as_of: str | None,
    beside: str | None = None,
) -> list[dict[str, Any]]:
    """Return the rows of an answer, ready for JSON, or of two campaigns' answers compared; raise UsageError for what cannot be asked."""
    if question not in QUESTIONS:
        raise UsageError(f"no question {question!r}: choose one of {', '.join(QUESTIONS)}")
    ask, moment = QUESTIONS[question], _moment(as_of)
    try:
        if beside is not None:
            frame = compare(con, (campaign, beside), Asked(question, ask, tuple(by), moment))
        else:
            with as_held(con, campaign, moment) as held:
                frame = ask(held, campaign, by=tuple(by), as_of=moment)
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
