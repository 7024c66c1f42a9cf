"""Where posts are withheld: in which countries a post that is up elsewhere may not be seen, from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb
import pandas as pd

from analysis._disclosure import WITHHELD, crowds_of, hidden
from analysis._proportions import clopper_pearson
from analysis._rows import COLUMNS
from analysis._spells import MEMBERS
from analysis._time import aware, iso, naive

# A check that names countries says of every country whether it may see the post; an empty list of allowed ones is nowhere.
# One that says "up" and names none says "everywhere" only where its like name countries: others see from one place alone.
# The countries asked about are those that any check of the platform named: of others nothing tells them apart.
_STATES = f"""
{MEMBERS}, told AS (
    SELECT m.platform, m."group", m.account, m.post_key, a.checked_at, a.vantage, a.status, a.allowed_in, a.blocked_in,
           a.allowed_in IS NOT NULL OR a.blocked_in IS NOT NULL AS names
    FROM members m JOIN held.availability a USING (post_key)
    WHERE a.vantage <> 'archive' AND ($as_of::TIMESTAMP IS NULL OR a.checked_at <= $as_of::TIMESTAMP)
), said AS (
    SELECT * FROM told WHERE names
    UNION ALL SELECT * FROM told SEMI JOIN (FROM told WHERE names) USING (platform, vantage) WHERE status = 'up' AND NOT names
), countries AS (
    SELECT DISTINCT platform, unnest(list_concat(coalesce(allowed_in, []), coalesce(blocked_in, []))) AS country FROM said
), states AS (
    SELECT s.platform, s."group", s.account, s.post_key, s.checked_at, c.country,
           coalesce(list_contains(blocked_in, c.country), false) OR coalesce(NOT list_contains(allowed_in, c.country), false) AS withheld
    FROM said s JOIN countries c USING (platform)
)"""
_HISTORY = f"""
{_STATES}, last AS (
    SELECT platform, "group", country, account, post_key, checked_at::DATE AS day, arg_max(withheld, checked_at) AS withheld
    FROM states GROUP BY ALL
), steps AS (
    SELECT *, withheld::INTEGER - coalesce(lag(withheld::INTEGER) OVER w, 0) AS step, (lag(day) OVER w IS NULL)::INTEGER AS begins
    FROM last WINDOW w AS (PARTITION BY post_key, country ORDER BY day)
), days AS (
    SELECT platform, "group", country, day, sum(step) AS step, sum(begins) AS begins FROM steps GROUP BY ALL HAVING bool_or(step <> 0 OR begins <> 0)
)
SELECT platform, "group", country, day, (sum(begins) OVER w)::BIGINT AS posts, (sum(step) OVER w)::BIGINT AS withheld
FROM days WINDOW w AS (PARTITION BY platform, "group", country ORDER BY day) ORDER BY ALL"""
_POSTS = f"""
{_STATES}
SELECT platform, "group", country, any_value(account) AS account, post_key, arg_max(withheld, checked_at) AS withheld,
       min(checked_at) FILTER (withheld) AS first_at, max(checked_at) FILTER (withheld) AS last_at
FROM states GROUP BY platform, "group", country, post_key ORDER BY ALL"""
_REACHED = """
SELECT subject, region, sum(value) FILTER (series = 'ooni.measurements')::BIGINT AS tests,
       sum(value) FILTER (series = 'ooni.confirmed')::BIGINT AS confirmed,
       sum(value) FILTER (series = 'ooni.anomaly')::BIGINT AS anomalies, min(since) AS since, max(until) AS until
FROM (
    SELECT m.* FROM held.measure m JOIN held.campaign k USING (campaign_id)
    WHERE k.name = $campaign AND starts_with(series, 'ooni.') AND ($as_of::TIMESTAMP IS NULL OR read_at <= $as_of::TIMESTAMP)
    QUALIFY row_number() OVER (PARTITION BY series, subject, region, m.since, m.until ORDER BY read_at DESC, run_id DESC) = 1
) WHERE region IS NOT NULL GROUP BY subject, region ORDER BY subject, region"""


def withheld(con: duckdb.DuckDBPyConnection, campaign: str, *, as_of: datetime | None = None) -> pd.DataFrame:
    """Return for each platform, group, country and day with a change: posts whose countries were said, and how many withheld.

    What it says: when posts began and ceased to be withheld in a country, by the last check of each day; controls beside.
    What it does not say: who asked for it, unless the platform says; a post that is gone stays as it was last said to be.
    Formula: running count over days of posts that a check last said to be withheld there (blocked, or not among the allowed).
    Unknowns: a check from one place that sees a post says nothing of others; countries that no check names are in no row.
    """
    parameters = {"campaign": campaign, "as_of": naive(as_of)}
    frame = con.execute(_HISTORY, parameters).df().astype({"posts": "Int64", "withheld": "Int64"})
    small = _small(con.execute(_POSTS, parameters).df())
    cells = zip(frame["platform"] + " " + frame["group"], frame["country"], strict=True)
    frame["suppressed"] = pd.Series([cell in small for cell in cells], index=frame.index, dtype=bool)
    for column in ("posts", "withheld"):
        frame[column] = frame[column].mask(frame["suppressed"])
    return aware(frame, "day")


def by_country(con: duckdb.DuckDBPyConnection, campaign: str, *, as_of: datetime | None = None) -> pd.DataFrame:
    """Return the share of posts withheld in each country, and beside it how often a platform could not be reached there.

    What it says: of posts whose countries were said, the share last said to be withheld, with when that was first said; and
    the share of OONI's tests of the platform's host that met a known block (``confirmed``) or failed oddly (``anomaly``).
    What it does not say: that a block of a whole platform is about these posts; a block is never a removal.
    Formula: shares with the interval of Clopper and Pearson; each post and each day of tests counts once, as last read.
    Unknowns: a country without a row was named by no check and measured by nobody; that is not "seen everywhere".
    """
    parameters = {"campaign": campaign, "as_of": naive(as_of)}
    posts = con.execute(_POSTS, parameters).df()
    small = _small(posts)
    rows = [
        _withheld_row(cell, part, small) for cell, part in posts.groupby(["platform", "country", "group"], sort=True)
    ]
    for subject, region, tests, *counts, since, until in con.execute(_REACHED, parameters).fetchall():
        rests_on = f"OONI tests from {iso(since)} to {iso(until)}; a network's block of a host, no removal"
        for metric, hits in zip(("unreachable_confirmed", "unreachable_anomaly"), counts, strict=True):
            if tests and hits is not None:
                share = (hits / tests, *clopper_pearson(hits, tests))
                rows.append(
                    ("removals", {"host": subject, "country": region}, metric, *share, tests, rests_on, False, None)
                )
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(
        dict.fromkeys(("value", "low", "high"), "Float64") | {"n": "Int64"}
    )


def _withheld_row(cell: Sequence[object], posts: pd.DataFrame, small: set[tuple[object, ...]]) -> tuple[object, ...]:
    keys = dict(zip(("platform", "country", "group"), cell, strict=True))
    if (f"{cell[0]} {cell[2]}", cell[1]) in small:
        return ("removals", keys, "withheld", None, None, None, None, WITHHELD, True, None)
    hits, n, ever = int(posts["withheld"].sum()), len(posts), int(posts["first_at"].notna().sum())
    rests_on = f"{hits} of {n} posts withheld at their last check, {ever} at any"
    if ever:
        rests_on += f"; from {iso(posts['first_at'].min())} to {iso(posts['last_at'].max())}"
    return ("removals", keys, "withheld", hits / n, *clopper_pearson(hits, n), n, rests_on, False, None)


def _small(posts: pd.DataFrame) -> set[tuple[object, ...]]:
    """Return the cells that rest on fewer than five accounts, among all posts or among those ever withheld."""
    placed = posts.assign(place=posts["platform"] + " " + posts["group"])
    keys = ("place", "country")
    few = hidden(crowds_of(placed[placed["first_at"].notna()], keys))
    return hidden(crowds_of(placed, keys), few)[keys]
