"""Who stands behind an hour of a series: the private accounts whose posts were read before and after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import duckdb

from analysis._disclosure import Cell, Crowd, Table, Tables
from analysis._scope import SCOPE, margins

# a post bears on every bucket between its first and its last known count: increments are spread over that time
_SPANS = f"""
WITH {SCOPE}, spans AS (
    SELECT platform, region, lang, band, account, time_bucket($step::INTERVAL, min(observed_at)) AS b0,
           time_bucket($step::INTERVAL, max(observed_at) - INTERVAL 1 MICROSECOND) AS b1
    FROM scope JOIN held.observation USING (post_key) WHERE {{m}} IS NOT NULL AND account IS NOT NULL
          AND ($as_of::TIMESTAMP IS NULL OR observed_at <= $as_of::TIMESTAMP)
    GROUP BY post_key, platform, region, lang, band, account HAVING max(observed_at) > min(observed_at)
), inside AS (
    SELECT * FROM spans
    WHERE b0 < coalesce($until::TIMESTAMP, 'infinity') AND b1 >= coalesce($since::TIMESTAMP, '-infinity')
)"""


def touched(
    con: duckdb.DuckDBPyConnection,
    keys: Sequence[str],
    parameters: Mapping[str, Any],
    starts: Iterable[datetime],
    metric: str = "views",
) -> Tables:
    """Return the crowds behind each bucket, and behind every table that the buckets can be summed to."""
    moments = sorted(set(starts))
    bound = {"as_of": None, **parameters}
    spans = _SPANS.format(m=metric)
    return {
        margin: _by_bucket(con, margin[:-1], bound, moments, spans)
        if margin[-1] == "start"
        else _in_all(con, margin, bound, spans)
        for margin in margins((*keys, "start"))
    }


def _in_all(con: duckdb.DuckDBPyConnection, keys: Sequence[str], parameters: Mapping[str, Any], spans: str) -> Table:
    names = ", ".join(keys)
    rows = con.execute(
        f"{spans} SELECT {names}, count(DISTINCT account) FROM inside GROUP BY {names}", parameters
    ).fetchall()
    return {tuple(cell): Crowd(people) for *cell, people in rows}


def _by_bucket(
    con: duckdb.DuckDBPyConnection,
    keys: Sequence[str],
    parameters: Mapping[str, Any],
    moments: Sequence[datetime],
    spans: str,
) -> Table:
    """Count accounts bucket by bucket: spans of an account that overlap become one; then +1 and -1 in order of time."""
    names = ", ".join(keys)
    rows = con.execute(
        f"""{spans}, marked AS (
            SELECT {names}, account, b0, b1, max(b1) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
            FROM inside WINDOW w AS (PARTITION BY {names}, account ORDER BY b0, b1)
        ), numbered AS (
            SELECT *, count(*) FILTER (before IS NULL OR b0 > before) OVER w AS island
            FROM marked WINDOW w AS (PARTITION BY {names}, account ORDER BY b0, b1)
        ), islands AS (SELECT {names}, min(b0) AS b0, max(b1) AS b1 FROM numbered GROUP BY {names}, account, island),
        steps AS (
            SELECT {names}, b0 AS bucket, 1 AS step FROM islands UNION ALL
            SELECT {names}, b1 + $step::INTERVAL, -1 FROM islands
        )
        SELECT {names}, bucket, sum(step)::INTEGER FROM steps GROUP BY ALL ORDER BY ALL""",
        parameters,
    ).fetchall()
    table: Table = {}
    for cell, steps in groupby(rows, key=lambda row: tuple(row[:-2])):
        _walk(table, cell, [(step[-2], step[-1]) for step in steps], moments)
    return table


def _walk(table: Table, cell: Cell, steps: Sequence[tuple[datetime, int]], moments: Sequence[datetime]) -> None:
    people, place = 0, 0
    for moment in moments:
        while place < len(steps) and steps[place][0] <= moment:
            people += steps[place][1]
            place += 1
        if people:
            table[(*cell, moment)] = Crowd(people)
