"""Did this video fare otherwise than that one: the answers of two campaigns side by side, at the same age."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
import pandas as pd

from analysis._ages import hours, life, watched_shares
from analysis._as_held import as_held
from analysis._beside import BEYOND, CHANCE, Pair, Row, Side, beside, cell_of, named, related, withheld
from analysis._between import between
from analysis._comparable import Compared, higher
from analysis._mover import Limits
from analysis._rows import INSUFFICIENT, as_answer
from analysis._scope import splits
from analysis._spells import spells
from analysis._time import GRAINS, iso
from analysis._twice import Twice

# their numbers are ages already, or of no age: all that we know of each is used
_BY_OWN_AGES = ("crossings", "removals", "coverage")
_CLOCK = datetime(2000, 1, 1)  # where the clock of a series begins, for both


@dataclass(frozen=True)
class Asked:
    """What is asked of both: a question by its name, the function that answers it, how it is split and up to when."""

    question: str
    ask: Callable[..., pd.DataFrame]
    by: tuple[str, ...]
    as_of: datetime | None

    @property
    def all_known(self) -> bool:
        return self.question in _BY_OWN_AGES

    def of(self, con: duckdb.DuckDBPyConnection, campaign: str, as_of: datetime | None) -> list[Row]:
        return _rows(self.ask(con, campaign, by=self.by, as_of=as_of))


def compare(con: duckdb.DuckDBPyConnection, campaigns: tuple[str, str], asked: Asked) -> pd.DataFrame:
    """Return the answers of two campaigns cell by cell, their differences and ratios, and what share of the time was watched.

    What it says: for each number that both have, ``_difference`` is the first campaign's less the second's, ``_ratio`` the
    first's over the second's. Each answer is read at the same age since first upload (``compared_age_h``, the largest to
    which both were watched); removals and crossings, which are ages, with all that is known of each. A series goes by age.
    What it does not say: why they differ; nor, of counts (known views, posts), that more was seen by more: they are of the
    posts that we hold, so read ``watched_share`` beside them. Where one has no such cell there is no difference.
    Formula: estimates by MOVER (Zou and Donner, Statistics in Medicine 27, 2008), ratios on the logarithm; counts and times
    by their bounds, [low - high, high - low]; hazard_ratio_between as in removals, log-rank within strata of age when found.
    Unknowns: posts in both campaigns are counted and said: what rests on them is not independent and gets the widest limits;
    a cell in which one campaign has 1 to 4 private accounts beside the posts of both is not shown, nor a difference of which
    one side is not; an open limit leaves the difference open.
    """
    if campaigns[0] == campaigns[1]:
        raise ValueError(f"--campaign {campaigns[0]} twice: name two different campaigns to compare")
    with ExitStack() as stack:
        first, second = (
            _side(stack.enter_context(as_held(con, name, asked.as_of, settled=True)), name, asked) for name in campaigns
        )
        pair = _pair((first, second), asked)
        rows = [
            _about(pair, asked),
            *beside(asked.question, pair, [_answer(con, pair, side, asked) for side in pair.sides]),
        ]
        if asked.question == "removals" and not {"country", "views"} & set(asked.by):
            rows += _lasting(pair, asked, rows)
        return as_answer([*rows, *_watching(pair, asked)])


def _side(con: duckdb.DuckDBPyConnection, name: str, asked: Asked) -> Side:
    return Side(name, con, life(con, name, asked.as_of))


def _pair(sides: tuple[Side, Side], asked: Asked) -> Pair:
    lives = [side.life for side in sides if side.life is not None]
    age = min(one.age for one in lives) if len(lives) == len(sides) else None
    first, second = (
        (side.con, side.name, asked.as_of if age is None or not side.life or asked.all_known else side.life.at(age))
        for side in sides
    )
    return Pair(sides, age, Twice.of(first, second))


def _answer(con: duckdb.DuckDBPyConnection, pair: Pair, side: Side, asked: Asked) -> list[Row]:
    """Return the rows of one campaign's answer, by age where the question is over time."""
    moment = pair.at(side)
    if asked.all_known or moment is None or side.life is None:
        return asked.of(side.con, side.name, asked.as_of)
    if not set(asked.by) & set(GRAINS):
        return asked.of(side.con, side.name, moment)
    moved = side.life.start - _CLOCK
    with as_held(con, side.name, asked.as_of, settled=True, moved=moved) as held:
        return [_aged(row) for row in asked.of(held, side.name, moment - moved)]


def _rows(frame: pd.DataFrame) -> list[Row]:
    rows = [{str(name): value for name, value in row.items()} for row in as_answer(frame).to_dict("records")]
    return [more for row in rows for more in ((row, _beyond(row)) if row["metric"] == CHANCE else (row,))]


def _beyond(row: Row) -> Row:
    """Return what chance does not explain, out of what it does."""
    rest = {name: None if row[name] is None else 1 - row[name] for name in ("value", "low", "high")}
    return row | {"metric": BEYOND, "value": rest["value"], "low": rest["high"], "high": rest["low"]}


def _aged(row: Row) -> Row:
    keys = dict(row["keys"])
    start = datetime.fromisoformat(keys.pop("start")).replace(tzinfo=None)
    return row | {"keys": keys | {"age_h": hours(start - _CLOCK)}}


def _about(pair: Pair, asked: Asked) -> Row:
    """Return the row that says at which age both are read, and what they share."""
    said = [f"{side.name}: {side.life.said() if side.life else 'no post is held'}" for side in pair.sides]
    if asked.question in ("crossings", "removals"):
        said.append("its numbers are ages themselves, so all that is known of each is used")
    late = [
        side.name for side in pair.sides if side.life and pair.age is not None and not side.life.is_read_by(pair.age)
    ]
    if late and not asked.all_known:
        said.append(f"by the age to which the other was watched nothing was read of {', '.join(late)}")
    row = {"question": asked.question, "keys": named(pair.names), "metric": "compared_age_h", "suppressed": False}
    known: Row = {} if pair.age is None else {"value": hours(pair.age)}
    known |= {"verdict": INSUFFICIENT} if pair.age is None or (late and not asked.all_known) else {}
    return row | known | {"rests_on": "; ".join([*said, pair.twice.said()])}


def _lasting(pair: Pair, asked: Asked, rows: Sequence[Row]) -> Iterator[Row]:
    """Yield how soon the posts of one went away beside those of the other, where removals shows both."""
    closed = {cell_of(row) for row in rows if row["suppressed"]}
    first, second = (spells(side.con, side.name, asked.as_of) for side in pair.sides)
    for cell, found in between((first, second), splits(asked.by)):
        found_at = cell | {"group": "matched", "since": "found"}
        hide = any(
            cell_of({"metric": "gone_24h", "keys": found_at | {"campaign": name}}) in closed for name in pair.names
        )
        for row in found:
            told = row | {"question": asked.question, "keys": named(pair.names) | cell}
            yield withheld(told) if hide else told | _which(pair, row)


def _which(pair: Pair, row: Row) -> Row:
    """Return the verdict on a ratio that rests on enough."""
    if row["metric"] != "hazard_ratio_between" or row["suppressed"] or row["verdict"]:
        return {}
    limits = Limits(*(row[name] for name in ("value", "low", "high")))
    return {"verdict": higher(Compared(row["metric"], limits, 1.0), pair.names)}


def _watching(pair: Pair, asked: Asked) -> Iterator[Row]:
    """Yield what share of the compared ages each campaign was watched, and the difference; by collector where that is asked."""
    if not pair.age:
        return
    first, second = (_watched(side, pair.age) for side in pair.sides)
    for collector in sorted(first.keys() | second.keys()):
        told = [rows[collector] for rows in (first, second) if collector in rows]
        if collector == "" or asked.question == "coverage":
            yield from told
            if len(told) == 2:
                yield from (row | {"question": "coverage"} for row in related(pair, (told[0], told[1])))


def _watched(side: Side, age: timedelta) -> dict[str, Row]:
    """Return a row for all collectors together, under no name, and one for each."""
    if side.life is None:
        return {}
    since, until = side.life.start, side.life.at(age)
    return {
        collector or "": {
            "question": "coverage",
            "keys": {"campaign": side.name} | ({"collector": collector} if collector else {}),
            "metric": "watched_share",
            **dict.fromkeys(("value", "low", "high"), share),
            "n": runs,
            "rests_on": f"covered by the windows of {runs} runs, from {iso(since)} to {iso(until)}",
            "suppressed": False,
            "verdict": None,
        }
        for collector, (share, runs) in watched_shares(side.con, side.name, since, until).items()
    }
