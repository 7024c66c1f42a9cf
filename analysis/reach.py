"""How far did it go: known views and other counts, by platform, region, language and certainty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import duckdb
import pandas as pd

from analysis._activity import touched
from analysis._disclosure import WITHHELD, Hidden, Tables, crowds, crowds_in, crowds_sql, suppress
from analysis._rows import COLUMNS
from analysis._scope import BANDS, SCOPE, splits
from analysis._time import aware, iso, naive, width

COUNTS = ("views", "likes", "shares", "comments")

_BOUNDS = """
    {m}, CASE WHEN {m} IS NOT NULL THEN coalesce({m}_low, {m}) END AS {m}_low,
    CASE WHEN {m}_low IS NULL THEN coalesce({m}_high, {m}) ELSE {m}_high END AS {m}_high, {m}_at"""
_LATEST = "SELECT post_key, observed_at, {bounds} FROM held.post_latest SEMI JOIN scope USING (post_key)"
_AS_OF = """
SELECT post_key, observed_at, {bounds} FROM (
    SELECT post_key, max(observed_at) AS observed_at, {last}
    FROM held.observation SEMI JOIN scope USING (post_key) WHERE observed_at <= $as_of::TIMESTAMP GROUP BY post_key)"""
_LAST = "max(observed_at) FILTER ({m} IS NOT NULL) AS {m}_at, " + ", ".join(
    f"arg_max_null({{m}}{bound}, observed_at) FILTER ({{m}} IS NOT NULL) AS {{m}}{bound}"
    for bound in ("", "_low", "_high")
)
_SUMS = """
count({m}) AS {m}_n, try_cast(sum({m}) AS BIGINT) AS {m}, try_cast(sum({m}_low) AS BIGINT) AS {m}_low,
CASE WHEN count({m}) = count({m}_high) THEN try_cast(sum({m}_high) AS BIGINT) END AS {m}_high, max({m}_at) AS {m}_at"""


def reach(
    con: duckdb.DuckDBPyConnection, campaign: str, *, by: Sequence[str] = ("platform",), as_of: datetime | None = None
) -> pd.DataFrame:
    """Return known views, likes, shares, comments and posts for each platform, split further by ``by``.

    What it says: the sum, over the posts we hold, of the last count shown; low and high bound what platforms round.
    What it does not say: how many people saw it, what posts we did not find were shown, or a total over platforms.
    Formula: sum over posts of the last known value up to ``as_of``; a post on many charts counts once, in its region.
    Unknowns: a hidden count is left out, never 0; n is how many posts count; one without upper bound empties high.
    """
    keys = splits(by)
    parameters = {"campaign": campaign, "as_of": naive(as_of)}
    shows = ("true", *(f"{m} IS NOT NULL" for m in COUNTS))
    cells, people = con.execute(_answer_sql(keys, as_of is not None, shows), parameters).fetchall()[0]
    rows = [
        row
        for cell in (tuple(cell.values()) for cell in cells or [])
        for row in _rows(keys, cell[: len(keys)], cell[len(keys) :])
    ]
    frame = pd.DataFrame(rows, columns=[*keys, *COLUMNS[:8]]).astype(
        dict.fromkeys(("value", "low", "high", "n"), "Int64")
    )
    return _shown(frame, crowds_in(keys, [tuple(row.values()) for row in people or []], len(shows)))


def increments(
    con: duckdb.DuckDBPyConnection,
    campaign: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    grain: str = "hour",
    by: Sequence[str] = ("platform",),
) -> pd.DataFrame:
    """Return the new known views of each hour, 6 hours or day: start, what ``by`` names, views, increments, suppressed.

    What it says: how much the counts that we read grew, each growth spread evenly over the time between two readings.
    What it does not say: views before a post's first reading, a mere baseline; or when between two readings they came.
    Formula: sum of the hourly roll-up; increments: growths that touch an hour; falling counters make it negative.
    Unknowns: after a post's last reading nothing is added; of an hour without a row we know nothing.
    """
    keys = splits(by)
    parameters = _window(campaign, since, until, grain)
    frame = con.execute(_increments_sql(keys), parameters | {"bands": list(BANDS)}).df()
    frame = frame.astype({"views": "Int64", "increments": "Int64"})
    tables = touched(con, keys, parameters, frame["start"].dt.to_pydatetime())
    frame, _ = suppress(frame, tables, values=("views", "increments"))
    return aware(frame, "start")


def posts_over_time(
    con: duckdb.DuckDBPyConnection,
    campaign: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    grain: str = "hour",
    by: Sequence[str] = ("platform",),
) -> pd.DataFrame:
    """Return how many posts were first seen in each hour, 6 hours or day: start, what ``by`` names, posts, suppressed.

    What it says: when posts of this campaign came into our sight.
    What it does not say: when they were published, or what we were not watching then; see coverage.
    Formula: count of posts by the time of their first reading.
    Unknowns: a post whose region or language is not known counts under ``unknown``.
    """
    keys = (*splits(by), "start")
    parameters = _window(campaign, since, until, grain) | {"as_of": None}
    query = f"""
    WITH {SCOPE} SELECT *, time_bucket($step::INTERVAL, first_seen_at) AS start FROM scope
    WHERE ($since::TIMESTAMP IS NULL OR first_seen_at >= $since::TIMESTAMP)
      AND ($until::TIMESTAMP IS NULL OR first_seen_at < $until::TIMESTAMP)"""
    names = ", ".join(("start", *keys[:-1]))
    frame = con.execute(
        f"SELECT {names}, count(*) AS posts FROM ({query}) GROUP BY {names} ORDER BY {names}", parameters
    ).df()
    tables = crowds(con, keys, query, parameters)[0]
    frame, _ = suppress(frame.astype({"posts": "Int64"}), tables, values=("posts",))
    return aware(frame, "start")


def _window(campaign: str, since: datetime | None, until: datetime | None, grain: str) -> dict[str, Any]:
    return {"campaign": campaign, "since": naive(since), "until": naive(until), "step": width(grain)}


def posts_sql(past: bool) -> str:
    """Return the query for the posts in scope, each with its last known counts and their bounds."""
    bounds = ", ".join(_BOUNDS.format(m=m) for m in COUNTS)
    last = ", ".join(_LAST.format(m=m) for m in COUNTS)
    counts = (_AS_OF if past else _LATEST).format(bounds=bounds, last=last)
    return f"WITH {SCOPE}, counts AS ({counts}) SELECT * FROM scope LEFT JOIN counts USING (post_key)"


def _answer_sql(keys: Sequence[str], past: bool, shows: Sequence[str]) -> str:
    """Return the query for the cells and for the crowds behind them, as two lists: the posts are read only once."""
    names = ", ".join(keys)
    sums = ", ".join(_SUMS.format(m=m) for m in COUNTS)
    return f"""
    WITH posts_ AS MATERIALIZED ({posts_sql(past)}), cells AS (
        SELECT {names}, count(*) AS posts, max(observed_at) AS read_at, {sums} FROM posts_ GROUP BY {names}
    ), people AS ({crowds_sql(keys, "FROM posts_", shows)})
    SELECT (SELECT list(cells ORDER BY {names}) FROM cells), (SELECT list(people) FROM people)"""


def _rows(keys: Sequence[str], cell: Sequence[Any], sums: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of one cell: a metric each, with what it rests on."""
    posts, read_at, *rest = sums
    named = dict(zip(keys, cell, strict=True))
    for place, metric in enumerate(COUNTS):
        n, value, low, high, last = rest[5 * place : 5 * place + 5]
        hide = f"; {posts - n} hide them" if posts > n else ""
        rests_on = f"{n} of {posts} posts show {metric}{hide}; last read {iso(last)}"
        yield (*cell, "reach", named, f"known_{metric}", value, low, high, n, rests_on)
    yield (*cell, "reach", named, "posts", posts, posts, posts, posts, f"{posts} posts; last read {iso(read_at)}")


def _shown(frame: pd.DataFrame, tables: Sequence[Tables]) -> pd.DataFrame:
    """Return the frame without small cells; where the posts of a cell are hidden, so is every count of theirs."""
    parts = []
    also: Hidden | None = None
    for metric, crowd in zip(("posts", *(f"known_{m}" for m in COUNTS)), tables, strict=True):
        rows, small = suppress(
            frame[frame["metric"] == metric].copy(), crowd, values=("value", "low", "high", "n"), also=also
        )
        also = also or small
        parts.append(rows)
    shown = pd.concat(parts).sort_index()
    shown["rests_on"] = shown["rests_on"].mask(shown["suppressed"], WITHHELD)
    shown["verdict"] = None
    return shown[list(COLUMNS)]


def _increments_sql(keys: Sequence[str]) -> str:
    names = ", ".join(("start", *keys))
    return f"""
    SELECT {names}, sum(views)::BIGINT AS views, sum(increments)::BIGINT AS increments
    FROM (
        SELECT h.*, time_bucket($step::INTERVAL, hour) AS start
        FROM held.reach_hourly h JOIN held.campaign USING (campaign_id)
        WHERE name = $campaign AND band IN (SELECT unnest($bands))
          AND hour >= coalesce($since::TIMESTAMP, '-infinity') AND hour < coalesce($until::TIMESTAMP, 'infinity'))
    GROUP BY {names} HAVING sum(increments) <> 0 ORDER BY {names}"""
