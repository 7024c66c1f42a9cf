"""The store as it was: what had been taken in by a moment, and nothing that came later, under the names of today.

A reading has its own time; but what a run brought late (an archive's copy, a file of last week) was not known before the
run began. From the moment that a campaign was registered, what was known is what runs begun by then had brought, the
matches, verdicts and versions of then, and how runs stood. Before it nothing was said here at all: a question about such a
moment reads what runs of here brought by the readings' own times; what a file tells of runs elsewhere counts as of those.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib import resources
from typing import NamedTuple
from uuid import uuid4

import duckdb

from analysis._time import naive
from spillover.derived import latest_sql, member_sql, pairs_sql, spread_sql

_TIMED = {"observation": "observed_at", "availability": "checked_at", "edge": "seen_at", "listing": "observed_at"}
# the tables that others are made of, before these
_FIRST = ("run", "observation", "control", "match", "review", "post_campaign", "member", "post")
_TABLES = "SELECT table_name FROM duckdb_tables() WHERE database_name = ? AND schema_name = 'held'"
_CAMPAIGN = "SELECT current_database(), max(campaign_id), min(added_at) FROM held.campaign WHERE name = $campaign"


class _Cut(NamedTuple):
    """What SQL has to name: the database, the campaign and since when it is registered, the moment, how far its clock is moved."""

    main: str
    campaign: int
    began: datetime | None
    moment: datetime | None
    moved: timedelta

    @property
    def is_registered(self) -> bool:
        return self.moment is not None and self.began is not None and self.began <= self.moment

    @property
    def late_runs(self) -> str:
        here = "" if self.is_registered or self.began is None else f" AND min(started_at) < TIMESTAMP '{self.began}'"
        return f"SELECT run_id FROM {self.of('run')} GROUP BY run_id HAVING min(started_at) > {self.at}{here}"

    @property
    def at(self) -> str:
        return f"TIMESTAMP '{self.moment}'"

    def of(self, table: str) -> str:
        return f'"{self.main}".held.{table}'


@contextmanager
def as_held(
    con: duckdb.DuckDBPyConnection,
    campaign: str,
    as_of: datetime | None,
    *,
    settled: bool = False,
    moved: timedelta = timedelta(0),
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection that sees the store as it was at ``as_of``; ours where nothing is different from today.

    ``settled`` gives the last verdicts and campaign file to any earlier moment that is asked about: for questions that cut
    readings at an age. ``moved`` takes so much from every time of a post and its readings.
    """
    cut = _cut(con, campaign, naive(as_of), moved)
    if cut.moment is None and not settled and not moved:
        yield con
        return
    layer = f"as_held_{uuid4().hex}"
    cursor = con.cursor()
    try:
        cursor.execute(f"ATTACH ':memory:' AS {layer}")
        _build(cursor, layer, cut, settled)
        yield cursor
    finally:
        cursor.execute(f'USE "{cut.main}"')
        cursor.execute(f"DETACH DATABASE IF EXISTS {layer}")
        cursor.close()


def _cut(con: duckdb.DuckDBPyConnection, campaign: str, moment: datetime | None, moved: timedelta) -> _Cut:
    """Return what is to be cut; no moment where the store was at that moment as it is today."""
    main, number, began = con.execute(_CAMPAIGN, {"campaign": campaign}).fetchall()[0]
    cut = _Cut(main, -1 if number is None else number, began, moment, moved)
    if moment is None or cut.is_registered or con.execute(f"{cut.late_runs} LIMIT 1").fetchall():
        return cut
    return cut._replace(moment=None)


def _build(cursor: duckdb.DuckDBPyConnection, layer: str, cut: _Cut, settled: bool) -> None:
    """Put a view in the place of each table, in an order in which none names a later one; of what is small, a copy."""
    names = cursor.execute(_TABLES, [cut.main]).fetchall()
    cursor.execute(f"CREATE SCHEMA {layer}.held")
    cursor.execute(f"USE {layer}")
    relations = {name: f"FROM {cut.of(name)}" for (name,) in names}
    if cut.moment is not None:
        for name, query in _notes(cut).items():
            cursor.execute(f"CREATE TABLE held.{name} AS {query}")
        relations |= _then(cut)
    if settled:
        relations |= _settled(relations)
    if cut.moved:
        relations |= _moved(relations, cut.moved)
    for name in (*_FIRST, *(relations.keys() - set(_FIRST))):
        made = "TABLE" if name == "member" and cut.moment is not None else "VIEW"
        cursor.execute(f"CREATE {made} held.{name} AS {relations[name]}")
    cursor.execute(resources.files("spillover").joinpath("views.sql").read_text("utf-8"))


def _notes(cut: _Cut) -> dict[str, str]:
    """Return the queries for what came late: runs, those that brought something older than the moment, and for whom."""
    before = " UNION ".join(
        f"SELECT run_id FROM {cut.of(table)} SEMI JOIN held.late_run USING (run_id) WHERE {time} <= {cut.at}"
        for table, time in _TIMED.items()
    )
    return {
        "late_run": cut.late_runs,
        "late_news": before,
        "early": f"""
            SELECT post_key, min(observed_at) FILTER (run_id NOT IN (FROM held.late_news)) AS first_at, min(observed_at) AS any_at
            FROM {cut.of("observation")} SEMI JOIN (
                SELECT post_key FROM {cut.of("observation")} SEMI JOIN held.late_news USING (run_id)) USING (post_key)
            WHERE observed_at <= {cut.at} GROUP BY post_key""",
        # a post has one run by name; another that began by then may have brought it as well
        "brought": f"""
            SELECT DISTINCT post_key, campaign_id FROM {cut.of("observation")} JOIN {cut.of("run")} USING (run_id)
            SEMI JOIN (SELECT post_key FROM {cut.of("post_campaign")} SEMI JOIN held.late_run USING (run_id)) USING (post_key)
            ANTI JOIN held.late_run USING (run_id) WHERE observed_at <= {cut.at}""",
        "late_match": f"""
            SELECT post_key FROM {cut.of("match")} WHERE campaign_id = {cut.campaign}
            GROUP BY post_key HAVING {cut.is_registered} AND min(matched_at) > {cut.at}""",
    }


def _then(cut: _Cut) -> dict[str, str]:
    """Return the queries for the tables as they were at the moment."""
    ours = f"campaign_id = {cut.campaign}"
    in_time = {table: f"FROM {cut.of(table)} ANTI JOIN held.late_news USING (run_id)" for table in _TIMED}
    by_run = {table: f"FROM {cut.of(table)} ANTI JOIN held.late_run USING (run_id)" for table in ("control", "measure")}
    judged = {
        "match": f"""
            FROM {cut.of("match")} ANTI JOIN (FROM {cut.of("campaign_version")} WHERE saved_at > {cut.at})
            USING (campaign_id, version) WHERE matched_at <= {cut.at}""",
        "review": f"FROM {cut.of('review')} WHERE reviewed_at <= {cut.at}",
        "campaign_version": f"FROM {cut.of('campaign_version')} WHERE saved_at <= {cut.at}",
    }
    return in_time | by_run | (judged if cut.is_registered else {name: f"FROM {cut.of(name)}" for name in judged}) | {
        "run": f"""
            FROM {cut.of("run")} WHERE started_at <= {cut.at} AND coalesce(ended_at, window_to, started_at) <= {cut.at}""",
        # what matched only later was a control until then, or kept by choice
        "post_campaign": f"""
            SELECT c.* REPLACE (CASE WHEN NOT ({ours} AND role = 'match' AND post_key IN (FROM held.late_match)) THEN role
                WHEN post_key IN (SELECT control_key FROM held.control WHERE {ours}) THEN 'control' ELSE 'kept' END AS role)
            FROM {cut.of("post_campaign")} c
            WHERE run_id NOT IN (FROM held.late_run) OR (post_key, campaign_id) IN (SELECT (post_key, campaign_id) FROM held.brought)""",
        "member": member_sql(*(f"(FROM held.{name} WHERE {ours})" for name in ("post_campaign", "match", "review"))),
        "post": f"""
            SELECT p.* REPLACE (CASE WHEN first_seen_at >= e.any_at THEN coalesce(e.first_at, first_seen_at) ELSE first_seen_at END AS first_seen_at)
            FROM {cut.of("post")} p LEFT JOIN held.early e USING (post_key) SEMI JOIN held.post_campaign USING (post_key)""",
        "post_latest": latest_sql(f"(FROM held.observation WHERE observed_at <= {cut.at})"),
        "reach_hourly": spread_sql(pairs_sql(f"(FROM held.observation WHERE observed_at <= {cut.at})")),
    }  # fmt: skip


def _settled(relations: dict[str, str]) -> dict[str, str]:
    """Return the queries for verdicts and campaign files of which only the last is left, in force from the beginning."""
    return {
        "review": f"""
            SELECT * REPLACE (TIMESTAMP '1970-01-01' AS reviewed_at) FROM ({relations["review"]})
            QUALIFY row_number() OVER (PARTITION BY post_key, campaign_id ORDER BY reviewed_at DESC, verdict DESC) = 1""",
        "campaign_version": f"""
            SELECT * REPLACE (TIMESTAMP '1970-01-01' AS saved_at) FROM ({relations["campaign_version"]})
            QUALIFY row_number() OVER (PARTITION BY campaign_id ORDER BY version DESC) = 1""",
    }


def _moved(relations: dict[str, str], moved: timedelta) -> dict[str, str]:
    """Return the queries for posts and their readings on a clock that begins elsewhere."""
    columns = {
        "post": ("published_at", "first_seen_at"),
        "observation": ("observed_at",),
        "availability": ("checked_at",),
    }
    by = f"to_microseconds({moved // timedelta(microseconds=1)})"
    return {
        table: f"SELECT * REPLACE ({', '.join(f'{name} - {by} AS {name}' for name in names)}) FROM ({relations[table]})"
        for table, names in columns.items()
    }
