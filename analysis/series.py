"""How it grew: new views, likes and shares of each hour, 6 hours or day, out of counters that round, fall and are read rarely."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pandas as pd

from analysis._activity import touched
from analysis._disclosure import WITHHELD, crowds_of, suppress
from analysis._envelope import envelope_sql
from analysis._rows import AT_LEAST, as_answer
from analysis._scope import SCOPE, splits
from analysis._time import aware, naive, width

GROWING = ("views", "likes", "shares")  # comments are deleted one by one: their count truly falls

# Each growth is spread evenly over the time between its two readings. Of a post in a bucket, the growth is at least what
# its readings inside show, at most what those around it allow.
_NEW = """
WITH {scope}, {envelope}, parts AS (
    SELECT *, grown * (least(b + $us, t1) - greatest(b, t0)) / (t1 - t0) AS new
    FROM (SELECT *, unnest(range(t0 - t0 % $us, t1, $us)) AS b FROM pairs)
), cells AS (
    SELECT post_key, b, sum(new) AS new, max(high1) - min(low0) AS most, count(high1) < count(*) AS open_,
           max(CASE WHEN t1 <= b + $us THEN low1 WHEN t0 >= b THEN low0 END)
           - min(CASE WHEN t0 >= b THEN high0 WHEN t1 <= b + $us THEN high1 END) AS least_
    FROM parts GROUP BY post_key, b
), watched AS ( -- until when; to the end where the platform says that it is gone
    SELECT post_key, max(t1) AS last FROM pairs
    WHERE post_key NOT IN (
        SELECT post_key FROM held.availability
        WHERE status = 'gone' AND ($as_of::TIMESTAMP IS NULL OR checked_at <= $as_of::TIMESTAMP))
    GROUP BY post_key
), sums AS (
    SELECT {names}, b, sum(new) AS value, sum(greatest(least_, 0)) AS low, sum(greatest(most, 0)) AS high,
           bool_or(open_) AS open_, count(*) AS n
    FROM cells JOIN scope USING (post_key) GROUP BY ALL
), ends AS (
    SELECT {names}, bucket, sum(step) OVER (PARTITION BY {names} ORDER BY bucket) AS unread FROM (
        SELECT {names}, last - last % $us AS bucket, count(*) AS step FROM watched JOIN scope USING (post_key) GROUP BY ALL)
)
SELECT sums.* EXCLUDE (b, value, low, high, open_, n), make_timestamp(b) AS start, value, low, CASE WHEN NOT open_ AND unread IS NULL THEN high END AS high, n,
       coalesce(unread, 0) AS unread
FROM sums ASOF LEFT JOIN ends ON {same} AND sums.b >= ends.bucket ORDER BY ALL"""
_TAKEN = """
WITH {scope}, {envelope}
SELECT {keys}, account, taken, time_bucket($step::INTERVAL, make_timestamp(t)) AS start
FROM corrections JOIN scope USING (post_key) ORDER BY ALL"""


def series(
    con: duckdb.DuckDBPyConnection,
    campaign: str,
    *,
    by: Sequence[str] = ("platform",),
    grain: str = "hour",
    as_of: datetime | None = None,
) -> pd.DataFrame:
    """Return new views, likes and shares of each hour, 6 hours or day, and what platforms took back, split by ``by``.

    What it says: how much the counts of the posts that we read grew, with bounds that hold however growth was spread.
    What it does not say: views before a first reading or after a last one. A stretch in which posts had been read for the
    last time is ``at least``, without upper bound: that its value is lower than the one before is no fall.
    Formula: U = most so far, L = least to come, (U + L) / 2 spread evenly between two readings, L after a correction (U - L
    above rounding and 2 % in two readings); corrections: what was taken back at most, n of them.
    Unknowns: hidden counts are left out; a stretch that nobody's readings enclose has no row; posts read once have no growth.
    """
    keys = splits(by)
    parameters = {"campaign": campaign, "as_of": naive(as_of), "step": width(grain)}
    parts = [
        part
        for metric in GROWING
        for part in (_new(con, keys, parameters, metric), _taken(con, keys, parameters, metric))
    ]
    return as_answer(pd.concat(parts, ignore_index=True))


def _new(con: duckdb.DuckDBPyConnection, keys: Sequence[str], parameters: dict[str, Any], metric: str) -> pd.DataFrame:
    same = " AND ".join(f"sums.{key} = ends.{key}" for key in keys)
    query = _NEW.format(scope=SCOPE, envelope=envelope_sql(metric), names=", ".join(keys), same=same)
    given = {"us": parameters["step"] // timedelta(microseconds=1)} | {k: parameters[k] for k in ("campaign", "as_of")}
    frame = con.execute(query, given).df().astype({"n": "Int64"})
    if frame.empty:
        return pd.DataFrame()
    bound = parameters | {"since": None, "until": None}
    tables = touched(con, keys, bound, frame["start"].dt.to_pydatetime(), metric)
    frame, _ = suppress(frame, tables, values=("value", "low", "high", "n"))
    frame["rests_on"] = [_resting(int(posts)) for posts in frame["unread"]]
    frame["verdict"] = [AT_LEAST if posts else None for posts in frame["unread"]]
    return _told(frame, keys, f"new_{metric}")


def _taken(
    con: duckdb.DuckDBPyConnection, keys: Sequence[str], parameters: dict[str, Any], metric: str
) -> pd.DataFrame:
    query = _TAKEN.format(scope=SCOPE, envelope=envelope_sql(metric), keys=", ".join(keys))
    found, names = con.execute(query, parameters).df(), [*keys, "start"]
    if found.empty:
        return pd.DataFrame()
    frame = found.groupby(names, as_index=False).agg(value=("taken", "sum"), n=("taken", "size"))
    frame, _ = suppress(frame.astype({"n": "Int64"}), crowds_of(found, names), values=("value", "n"))
    frame["rests_on"] = "n falls of a counter, seen in two readings or more each"
    frame["verdict"] = None
    return _told(frame, keys, f"corrections_{metric}")


def _resting(unread: int) -> str:
    after = f"; {unread} posts were read for the last time before it ended" if unread else ""
    return f"n posts with readings before and after{after}"


def _told(frame: pd.DataFrame, keys: Sequence[str], metric: str) -> pd.DataFrame:
    starts = aware(frame, "start")["start"].dt.strftime("%Y-%m-%dT%H:%MZ")
    frame["keys"] = pd.Series(frame[list(keys)].assign(start=starts).to_dict("records"), dtype=object)
    hidden = frame["suppressed"].tolist()
    frame["rests_on"] = [WITHHELD if hide else told for hide, told in zip(hidden, frame["rests_on"], strict=True)]
    frame["verdict"] = [None if hide else told for hide, told in zip(hidden, frame["verdict"], strict=True)]
    return frame.assign(question="reach", metric=metric)
