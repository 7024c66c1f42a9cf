"""Suppression of small cells: the last call in every public function about posts and the people behind them.

What it says: a cell that rests on 1 to 4 private accounts is not shown, and neither is what would give it away.
What it does not say: it guards one table and the tables it sums to; it does not guard against many questions about
slightly different windows, nor against a cell in which one account outweighs the others.
Formula: threshold rule with complementary suppression (Hundepool et al., Statistical Disclosure Control, 2012, ch. 4).
Unknowns: a post without an author counts as an account of its own; published rows without an account, and publishers by name, do not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd

from analysis._scope import margins

SMALL = 5
WITHHELD = "not shown: fewer than 5 accounts, here or in a cell that this one would give away"

Cell = tuple[object, ...]


class Crowd(NamedTuple):
    """The private accounts that a cell rests on: how many, and which where they are few and known."""

    people: int
    accounts: frozenset[str] | None = None


Table = dict[Cell, Crowd]
Tables = dict[tuple[str, ...], Table]
Hidden = dict[tuple[str, ...], set[Cell]]


def crowds(
    con: duckdb.DuckDBPyConnection,
    keys: Sequence[str],
    query: str,
    parameters: Mapping[str, object],
    *,
    shows: Sequence[str] = ("true",),
) -> list[Tables]:
    """Return the crowds of every table that these keys can be summed to, once for each condition of ``shows``.

    The query gives keys, account (NULL where nobody private) and what the conditions need. Empty cells are left out.
    """
    return crowds_in(keys, con.execute(crowds_sql(keys, query, shows), parameters).fetchall(), len(shows))


def crowds_sql(keys: Sequence[str], query: str, shows: Sequence[str] = ("true",)) -> str:
    """Return the query that counts the crowds of every table that these keys can be summed to, for ``crowds_in``."""
    names = ", ".join(keys)
    sets = ", ".join(f"({', '.join(margin)}, account)" for margin in margins(keys))
    flags = ", ".join(f"bool_or({show}) AS s{place}" for place, show in enumerate(shows))
    counts = ", ".join(
        f"count(*) FILTER (s{place}) AS n{place}, "
        f"CASE WHEN count(*) FILTER (s{place}) < {SMALL} THEN list(account) FILTER (s{place}) END AS who{place}"
        for place in range(len(shows))
    )
    return f"""SELECT g, {names}, {counts} FROM (
        SELECT {names}, account, grouping({names}) AS g, {flags}
        FROM ({query}) WHERE account IS NOT NULL GROUP BY GROUPING SETS ({sets})
    ) GROUP BY g, {names}"""


def crowds_in(keys: Sequence[str], rows: Sequence[Sequence[Any]], shows: int = 1) -> list[Tables]:
    """Return the tables of crowds from the rows of ``crowds_sql``."""
    return [_tables(keys, rows, 1 + len(keys) + 2 * place) for place in range(shows)]


def _tables(keys: Sequence[str], rows: Iterable[Sequence[Any]], place: int) -> Tables:
    """Sort rows by the table that they belong to; grouping() has a bit for each key that was summed over."""
    tables: Tables = {margin: {} for margin in margins(keys)}
    for row in rows:
        used = [i for i in range(len(keys)) if not row[0] >> (len(keys) - 1 - i) & 1]
        if row[place]:
            accounts = None if row[place + 1] is None else frozenset(row[place + 1])
            tables[tuple(keys[i] for i in used)][tuple(row[1 + i] for i in used)] = Crowd(row[place], accounts)
    return tables


def crowds_of(frame: pd.DataFrame, keys: Sequence[str]) -> Tables:
    """Return the same for rows that were read already; ``account`` is empty where nobody private stands behind one."""
    people = frame.loc[frame["account"].notna(), [*keys, "account"]]
    accounts, names = pd.factorize(people["account"])
    columns = {key: pd.factorize(people[key]) for key in keys}
    return {margin: _crowds_in([columns[key] for key in margin], accounts, names) for margin in margins(keys)}


def _crowds_in(columns: Sequence[tuple[Any, Any]], accounts: Any, names: Any) -> Table:
    """Return the crowds of each cell; a column is numbers of words, and the words."""
    code = np.zeros(len(accounts), dtype=np.int64)
    for numbers, words in columns:
        code = code * len(words) + numbers
    both = np.unique(code * max(len(names), 1) + accounts)
    cells, starts, people = np.unique(both // max(len(names), 1), return_index=True, return_counts=True)
    table: Table = {}
    for cell, start, many in zip(cells.tolist(), starts.tolist(), people.tolist(), strict=True):
        few = frozenset(names[both[start : start + many] % len(names)]) if many < SMALL else None
        place, values = cell, []
        for _, words in reversed(columns):
            place, number = divmod(place, len(words))
            values.append(words[number])
        table[tuple(reversed(values))] = Crowd(many, few)
    return table


def suppress(
    frame: pd.DataFrame, tables: Tables, *, values: Iterable[str], also: Hidden | None = None
) -> tuple[pd.DataFrame, Hidden]:
    """Return the frame with small cells emptied and marked, and which cells those are, of each table.

    ``tables`` holds the crowds of every table that the frame can be summed to, and of the frame's own keys last.
    Cells of ``also`` are hidden whatever their crowd.
    """
    small = hidden(tables, also)
    keys = list(tables)[-1]
    marked = pd.Series(
        [tuple(row) in small[keys] for row in frame[list(keys)].itertuples(index=False)], index=frame.index, dtype=bool
    )
    for column in values:
        frame[column] = frame[column].mask(marked)
    frame["suppressed"] = marked
    return frame, small


def hidden(tables: Tables, also: Hidden | None = None) -> Hidden:
    """Return for each table the cells that must not be shown."""
    done: Hidden = {}
    for keys, crowd_of in tables.items():
        forced = (also or {}).get(keys, set())
        table = {cell: Crowd(0, frozenset()) for cell in forced} | crowd_of
        own = {cell for cell, crowd in table.items() if 0 < crowd.people < SMALL} | forced
        groups = {margin: _groups(table, keys, margin) for margin in done if set(margin) < set(keys)}
        while more := {cell for margin in groups for cell in _cover(table, own, groups[margin], done[margin])}:
            own |= more
        done[keys] = own
    return done


def _groups(table: Table, keys: Sequence[str], margin: Sequence[str]) -> dict[Cell, list[Cell]]:
    """Return for each cell of a margin the cells that add up to it."""
    places = [list(keys).index(name) for name in margin]
    groups: dict[Cell, list[Cell]] = {}
    for cell in table:
        groups.setdefault(tuple(cell[i] for i in places), []).append(cell)
    return groups


def _cover(table: Table, own: set[Cell], groups: Mapping[Cell, list[Cell]], hidden_sums: set[Cell]) -> set[Cell]:
    """Return the cells to hide besides, so that no sum minus what is shown gives a small cell away."""
    more = set()
    for total, cells in groups.items():
        gone = [table[cell] for cell in cells if cell in own]
        exposed = (not gone) if total in hidden_sums else bool(gone) and not _safe(gone)
        shown = [cell for cell in cells if cell not in own and table[cell].people]
        if exposed and shown:
            more.add(min(shown, key=lambda cell: (table[cell].people, str(cell))))
    return more


def _safe(gone: Sequence[Crowd]) -> bool:
    """Return whether the hidden cells of one sum hide each other: two at least, of five accounts together."""
    if len(gone) < 2:
        return False
    if max(crowd.people for crowd in gone) >= SMALL:
        return True
    known = [crowd.accounts for crowd in gone if crowd.accounts is not None]
    return len(known) == len(gone) and len(frozenset[str]().union(*known)) >= SMALL
