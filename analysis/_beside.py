"""Two campaigns' rows of one cell, and what they are to each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import duckdb

from analysis._ages import Life, hours
from analysis._comparable import BOUNDS, TIME, Compared, compared, delay, higher, kind_of
from analysis._disclosure import WITHHELD
from analysis._letting import FLOOR
from analysis._mover import Limits
from analysis._rows import INSUFFICIENT
from analysis._twice import Twice

Row = dict[str, Any]
CHANCE, BEYOND = "share_by_chance", "share_beyond_chance"


@dataclass(frozen=True)
class Side:
    """One campaign: where its store can be read, and its life so far."""

    name: str
    con: duckdb.DuckDBPyConnection
    life: Life | None


@dataclass(frozen=True)
class Pair:
    """Two campaigns, the age to which both were watched, and what they share."""

    sides: tuple[Side, Side]
    age: timedelta | None
    twice: Twice

    @property
    def names(self) -> tuple[str, str]:
        return self.sides[0].name, self.sides[1].name

    def at(self, side: Side) -> datetime | None:
        return None if side.life is None or self.age is None else side.life.at(self.age)


def named(names: Sequence[str]) -> dict[str, str]:
    return {"campaign": names[0], "beside": names[1]}


def beside(question: str, pair: Pair, answers: Sequence[Sequence[Row]]) -> Iterator[Row]:
    """Yield the rows of each cell: of the first campaign, of the second, and what they are to each other."""
    first, second = ({cell_of(row): row for row in rows} for rows in answers)
    for cell in [*first, *(cell for cell in second if cell not in first)]:
        found = [rows.get(cell) for rows in (first, second)]
        few = pair.twice.few(cell[0], dict(cell[1]))
        known = [(side, row) for side, row in zip(pair.sides, found, strict=True) if row is not None]
        told = [row | {"keys": {"campaign": side.name} | row["keys"]} for side, row in known]
        if len(told) == 2:
            told += [row | {"question": question} for row in related(pair, (told[0], told[1]))]
        yield from (withheld(row) for row in told) if few and len(known) == 2 else told


def cell_of(row: Row) -> tuple[str, tuple[tuple[str, Any], ...]]:
    return row["metric"], tuple(sorted(row["keys"].items(), key=str))


def withheld(row: Row) -> Row:
    return row | dict.fromkeys(("value", "low", "high", "n", "verdict")) | {"rests_on": WITHHELD, "suppressed": True}


def related(pair: Pair, rows: tuple[Row, Row]) -> Iterator[Row]:
    """Yield the difference of two rows of one cell, and their ratio where it has a meaning; of times, the delays as well."""
    metric, keys = rows[0]["metric"], {name: value for name, value in rows[0]["keys"].items() if name != "campaign"}
    numbers = [Limits(row["value"], row["low"], row["high"]) for row in rows]
    if kind_of(metric) == TIME:
        lives = [side.life for side in pair.sides]
        if lives[0] is None or lives[1] is None:
            return
        numbers = [delay(limits, one.start) for limits, one in zip(numbers, lives, strict=True) if one]
        for row, limits in zip(rows, numbers, strict=True):
            said = row["rests_on"] if row["suppressed"] else f"hours since first upload; {row['rests_on']}"
            yield row | limits._asdict() | {"metric": f"{metric}_delay_h", "rests_on": said}
    for one in compared(metric, numbers[0], numbers[1], independent=not pair.twice.shared):
        row = {"keys": named(pair.names) | keys, "metric": one.metric, "suppressed": False}
        if any(told["suppressed"] for told in rows):
            yield withheld(row)
        else:
            yield row | _told(pair, metric, one, rows)


def _told(pair: Pair, metric: str, found: Compared, rows: tuple[Row, Row]) -> Row:
    """Return the number with its limits, what it rests on and which is higher."""
    counts = [row["n"] for row in rows]
    parts = [f"{name}: n {count}, {row['rests_on']}" for name, count, row in zip(pair.names, counts, rows, strict=True)]
    missing = all(end is None for end in found.limits) or any(_too_little(row) for row in rows)
    return {
        **(dict.fromkeys(("value", "low", "high")) if missing else found.limits._asdict()),
        "n": None if None in counts else sum(counts),
        "rests_on": "; ".join([_limits_of(pair, metric), *parts]),
        "verdict": INSUFFICIENT if missing else higher(found, pair.names),
    }


def _too_little(row: Row) -> bool:
    """Say whether one side alone is no ground for a conclusion."""
    few = row["metric"].startswith("gone_") and (row["n"] or 0) < FLOOR
    return few or row["verdict"] == INSUFFICIENT


def _limits_of(pair: Pair, metric: str) -> str:
    kind = kind_of(metric)
    if kind == TIME:
        return "hours since each one's first upload; the bounds subtracted"
    age = "" if pair.age is None else f" at an age of {hours(pair.age):g} h"
    if kind == BOUNDS:
        return f"as counted{age}; the bounds of both, in which chance has no part"
    if metric in (CHANCE, BEYOND):
        return f"of the pairs that we hold{age}; limits are the error of the shuffles alone"
    return f"two estimates, {'the widest limits, as they share posts' if pair.twice.shared else '95 % limits by square-and-add'}"
