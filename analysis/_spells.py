"""Posts under watch: when each was first seen, last seen up and first found gone, and the controls beside it.

A post is gone where it is said to be, or not shown anywhere; or where it was absent twice, ten minutes apart, in runs
that found a control up. Absence in a run that broke says nothing, and neither does a hidden or an unread post.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import duckdb
import numpy as np
import pandas as pd

from analysis._exposure import Floats
from analysis._hazards import Spells
from analysis._scope import BANDS, SCOPE
from analysis._time import naive
from spillover.derived import controls_sql, watch_sql

MATCHED, CONTROLS = "matched", "controls"
KNOWN = ("platform", "legal", "moderation", "account", "author", "geo")  # causes that somebody stated
UNKNOWN = "not known"
EASY = ("link", "title")  # matches that a platform's own search finds as well as ours

# the posts asked about, each with its group and the cell that it stands in; a control stands where its matched post does
MEMBERS = f"""
WITH {SCOPE}, easy AS (
    SELECT s.*, list_contains({list(EASY)!r}, coalesce(m.kind, '')) AS easy
    FROM scope s JOIN k ON true JOIN held.member m ON m.post_key = s.post_key AND m.campaign_id = k.campaign_id
), members AS MATERIALIZED (
    SELECT '{MATCHED}' AS "group", post_key, platform, region, lang, band, account, easy, published_at, first_seen_at FROM easy
    UNION ALL
    SELECT '{CONTROLS}', c.control_key, s.platform, s.region, s.lang, s.band, c.control_key::VARCHAR, s.easy, p.published_at, p.first_seen_at
    FROM held.control c JOIN k USING (campaign_id) JOIN easy s ON s.post_key = c.post_key JOIN held.post p ON p.post_key = c.control_key
    WHERE c.control_key NOT IN (SELECT post_key FROM scope) AND ($as_of::TIMESTAMP IS NULL OR p.first_seen_at <= $as_of::TIMESTAMP)
    QUALIFY row_number() OVER (PARTITION BY c.control_key ORDER BY c.post_key) = 1
)"""
# What is asked of all checks and readings is added up already; as of a day it is added up again, from what was held then.
_NOW = """
sums AS (SELECT post_key, first_up_at, last_up_at, unread, checks FROM held.watch),
read_at AS (SELECT post_key, first_observed_at AS first_at, observed_at AS last_at FROM held.post_latest),
of_runs AS (SELECT run_id, sum(up) AS up, sum(missed) AS missed FROM held.run_controls GROUP BY run_id)"""
_THEN = f"""
sums AS ({watch_sql("said")}),
read_at AS (
    SELECT post_key, min(observed_at) AS first_at, max(observed_at) AS last_at FROM held.observation SEMI JOIN members USING (post_key)
    WHERE observed_at <= $as_of::TIMESTAMP GROUP BY post_key
), of_runs AS ({controls_sql("said")})"""
# Of the many checks that found a post up only the last counts, so all that is intricate is asked of the few others.
_CHECKS = """
said AS (
    SELECT post_key, checked_at, run_id, vantage, status, cause, basis, allowed_in,
           status = 'gone' OR (status = 'withheld' AND coalesce(len(allowed_in) = 0, false)) AS nowhere
    FROM held.availability WHERE vantage <> 'archive' AND ($as_of::TIMESTAMP IS NULL OR checked_at <= $as_of::TIMESTAMP)
), {sums}, watched AS MATERIALIZED (
    SELECT m.*, least(m.first_seen_at, r.first_at, s.first_up_at) AS first_at, greatest(m.first_seen_at, r.last_at, s.last_up_at) AS last_at,
           coalesce(s.unread, 0) AS unread, coalesce(s.checks, 0) AS checks
    FROM members m LEFT JOIN read_at r USING (post_key) LEFT JOIN sums s USING (post_key)
), broken AS (
    SELECT run_id FROM held.run WHERE $as_of::TIMESTAMP IS NULL OR coalesce(ended_at, started_at) <= $as_of::TIMESTAMP
    GROUP BY run_id HAVING arg_max(outcome, seq) = 'broken'
), runs_ AS ( -- a vanishing of more than three in ten controls, and two at least, is our own, whoever noticed it
    SELECT run_id, up > 0 AS sound, missed >= 2 AND missed > 0.3 * (up + missed) AS faulty FROM of_runs
), others AS MATERIALIZED (
    SELECT a.*, w.last_at FROM said a JOIN watched w USING (post_key) WHERE a.status <> 'up'
), absent AS (
    SELECT post_key, checked_at, last_at, run_id IN (FROM broken) AS doubtful, coalesce(faulty, false) AS faulty, coalesce(sound, false) AS sound
    FROM others LEFT JOIN runs_ USING (run_id) WHERE basis = 'absent'
), absences AS ( -- since a post was last up
    SELECT post_key, min(checked_at) FILTER (sound) AS missing_at,
           bool_or(sound AND checked_at >= first_missing_at + INTERVAL 10 MINUTE) AS confirmed
    FROM (SELECT *, min(checked_at) OVER (PARTITION BY post_key) AS first_missing_at
          FROM absent WHERE checked_at > last_at AND NOT doubtful AND NOT faulty)
    GROUP BY post_key
), nothing AS (
    SELECT post_key, count(*) AS in_trouble FROM absent WHERE doubtful OR faulty GROUP BY post_key
), stated AS (
    SELECT post_key, min(checked_at) FILTER (nowhere) AS gone_at, min(checked_at) FILTER (status = 'private') AS private_at,
           arg_max(cause, checked_at) FILTER (nowhere) AS cause
    FROM others WHERE basis <> 'absent' AND checked_at > last_at GROUP BY post_key
)"""
_SPELLS = f"""
SELECT TRY_CAST("group" AS {{groups}}) AS "group", post_key, TRY_CAST(platform AS {{platforms}}) AS platform, TRY_CAST(region AS {{regions}}) AS region,
       TRY_CAST(lang AS {{langs}}) AS lang, TRY_CAST(band AS {{bands}}) AS band, TRY_CAST(platform || ' ' || "group" AS {{places}}) AS place,
       CASE WHEN account IS NULL THEN 0 ELSE hash(account) END AS account, easy, published_at, first_at, last_at,
       CASE WHEN private_at <= coalesce(least(gone_at, absent_at), 'infinity') THEN NULL ELSE least(gone_at, absent_at) END AS gone_at,
       TRY_CAST(CASE WHEN gone_at IS NOT NULL AND cause IN {KNOWN!r} THEN cause ELSE '{UNKNOWN}' END AS {{causes}}) AS cause,
       private_at, unconfirmed, missed, checks
FROM (
    SELECT w.*, s.gone_at, s.private_at, s.cause, CASE WHEN a.confirmed THEN a.missing_at END AS absent_at,
           a.post_key IS NOT NULL AND NOT coalesce(a.confirmed, false) AS unconfirmed, w.unread + coalesce(n.in_trouble, 0) AS missed
    FROM watched w LEFT JOIN absences a USING (post_key) LEFT JOIN stated s USING (post_key) LEFT JOIN nothing n USING (post_key))"""
_WORDS = """
SELECT list(DISTINCT platform), list(DISTINCT coalesce(region, 'unknown')), list(DISTINCT coalesce(lang, 'unknown')) FROM held.post"""


def spells(con: duckdb.DuckDBPyConnection, campaign: str, as_of: datetime | None = None) -> pd.DataFrame:
    """Return a row a post: group, cell, account, first_at, last_at, gone_at (NaT: not gone), cause, unconfirmed, missed, checks.

    A post that its author made private leaves the watch when it was last seen, and is not gone. Words come as categories,
    an account as a number: as text they take longer to fetch than to find.
    """
    platforms, regions, langs = (words or [] for words in con.execute(_WORDS).fetchall()[0])
    kinds = {
        "platforms": platforms, "regions": regions, "langs": langs, "bands": BANDS, "groups": (MATCHED, CONTROLS), "causes": (*KNOWN, UNKNOWN),
        "places": [f"{platform} {group}" for platform in platforms for group in (MATCHED, CONTROLS)],
    }  # fmt: skip
    checks = _CHECKS.format(sums=_NOW if as_of is None else _THEN)
    query = f"{MEMBERS}, {checks} {_SPELLS.format(**{name: _enum(words) for name, words in kinds.items()})}"
    frame = con.execute(query, {"campaign": campaign, "as_of": naive(as_of)}).df()
    numbers = frame["account"].to_numpy(dtype=np.uint64)
    order = np.lexsort((frame["post_key"].to_numpy(), numbers))
    frame["account"] = pd.arrays.IntegerArray(numbers.view(np.int64), numbers == 0)
    return frame.iloc[order].reset_index(drop=True)


def _enum(words: Iterable[str]) -> str:
    quoted = ("'" + word.replace("'", "''") + "'" for word in sorted(words))
    return f"ENUM({', '.join(quoted) or repr('')})"


def hours(frame: pd.DataFrame, *, since: str = "first_at") -> Spells:
    """Return the posts as spells in hours since they were found, or since they were published with entry when found.

    A post that was published after we first saw it has a wrong clock: it counts from when it was found.
    """
    origin = frame[[since, "first_at"]].min(axis=1)
    entry, up, down = (_since(frame[column], origin) for column in ("first_at", "last_at", "gone_at"))
    who = pd.factorize(frame["account"], use_na_sentinel=True)[0].astype(np.int64)
    alone = who < 0  # posts without an account are each their own
    who[alone] = np.arange(int(alone.sum())) + len(who)
    return Spells(entry, up, np.where(np.isnan(down), np.inf, down), who)


def _since(moments: pd.Series[pd.Timestamp], origin: pd.Series[pd.Timestamp]) -> Floats:
    return np.asarray((moments - origin) / pd.Timedelta(hours=1), dtype=np.float64)
