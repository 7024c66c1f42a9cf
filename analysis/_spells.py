"""Posts under watch: when each was first seen, last seen up and first found gone, and the controls beside it.

A post is gone where it is said to be, or not shown anywhere; or where it was absent twice, ten minutes apart, in runs
that found a control up. Absence in a run that broke says nothing, and neither does a hidden or an unread post.
"""

from __future__ import annotations

from datetime import datetime

import duckdb
import numpy as np
import pandas as pd

from analysis._hazards import Floats, Spells
from analysis._scope import SCOPE
from analysis._time import naive

MATCHED, CONTROLS = "matched", "controls"
KNOWN = ("platform", "legal", "moderation", "account", "author", "geo")  # causes that somebody stated
EASY = ("link", "title")  # matches that a platform's own search finds as well as ours

# the posts asked about, each with its group and the cell that it stands in; a control stands where its matched post does
MEMBERS = f"""
WITH {SCOPE}, easy AS (
    SELECT s.*, list_contains({list(EASY)!r}, coalesce(m.kind, '')) AS easy
    FROM scope s JOIN k ON true JOIN held.member m ON m.post_key = s.post_key AND m.campaign_id = k.campaign_id
), members AS (
    SELECT '{MATCHED}' AS "group", post_key, platform, region, lang, band, account, easy, published_at FROM easy
    UNION ALL
    SELECT '{CONTROLS}', c.control_key, s.platform, s.region, s.lang, s.band, c.control_key::VARCHAR, s.easy, p.published_at
    FROM held.control c JOIN k USING (campaign_id) JOIN easy s ON s.post_key = c.post_key JOIN held.post p ON p.post_key = c.control_key
    WHERE c.control_key NOT IN (SELECT post_key FROM scope) AND ($as_of::TIMESTAMP IS NULL OR p.first_seen_at <= $as_of::TIMESTAMP)
    QUALIFY row_number() OVER (PARTITION BY c.control_key ORDER BY c.post_key) = 1
)"""
# Of the many checks that found a post up only the last counts, so all that is intricate is asked of the few others.
_CHECKS = """
said AS (
    SELECT post_key, checked_at, run_id, status, cause, basis, status = 'up' AS up,
           status = 'gone' OR (status = 'withheld' AND coalesce(len(allowed_in) = 0, false)) AS nowhere
    FROM held.availability WHERE vantage <> 'archive' AND ($as_of::TIMESTAMP IS NULL OR checked_at <= $as_of::TIMESTAMP)
), sums AS (
    SELECT post_key, min(checked_at) FILTER (up OR status = 'withheld' AND NOT nowhere) AS first_up_at,
           max(checked_at) FILTER (up OR status = 'withheld' AND NOT nowhere) AS last_up_at,
           count(*) FILTER (status = 'unknown' AND basis <> 'absent') AS unread, count(*) AS checks
    FROM said SEMI JOIN members USING (post_key) GROUP BY post_key
), read_at AS ({readings}), watched AS (
    SELECT m.post_key, least(p.first_seen_at, r.first_at, s.first_up_at) AS first_at, greatest(p.first_seen_at, r.last_at, s.last_up_at) AS last_at,
           coalesce(s.unread, 0) AS unread, coalesce(s.checks, 0) AS checks
    FROM members m JOIN held.post p USING (post_key) LEFT JOIN read_at r USING (post_key) LEFT JOIN sums s USING (post_key)
), broken AS (
    SELECT run_id FROM held.run WHERE $as_of::TIMESTAMP IS NULL OR coalesce(ended_at, started_at) <= $as_of::TIMESTAMP
    GROUP BY run_id HAVING arg_max(outcome, seq) = 'broken'
), of_controls AS (
    SELECT * FROM said SEMI JOIN (FROM held.post_campaign WHERE role = 'control') USING (post_key)
), missed AS ( -- of each run: the controls that it missed though they had been there
    SELECT run_id, count(*) FILTER (basis = 'absent' AND before = 'up') AS missed FROM (
        SELECT run_id, basis, lag(status) OVER (PARTITION BY post_key ORDER BY checked_at) AS before
        FROM of_controls SEMI JOIN (FROM of_controls WHERE basis = 'absent') USING (post_key))
    GROUP BY run_id
), found AS (
    SELECT run_id, count(*) AS up FROM of_controls WHERE up GROUP BY run_id
), fault AS ( -- a vanishing of more than three in ten controls, and two at least, is our own, whoever noticed it
    SELECT run_id FROM missed LEFT JOIN found USING (run_id) WHERE missed >= 2 AND missed > 0.3 * (coalesce(up, 0) + missed)
), absent AS (
    SELECT post_key, checked_at, run_id IN (FROM broken) AS doubtful, run_id IN (FROM fault) AS faulty, run_id IN (SELECT run_id FROM found) AS sound
    FROM said WHERE basis = 'absent'
), absences AS ( -- since a post was last up
    SELECT post_key, min(checked_at) FILTER (sound) AS missing_at,
           bool_or(sound AND checked_at >= first_missing_at + INTERVAL 10 MINUTE) AS confirmed
    FROM (SELECT a.*, min(checked_at) OVER (PARTITION BY post_key) AS first_missing_at
          FROM absent a JOIN watched w USING (post_key) WHERE checked_at > last_at AND NOT doubtful AND NOT faulty)
    GROUP BY post_key
), nothing AS (
    SELECT post_key, count(*) AS in_trouble FROM absent WHERE doubtful OR faulty GROUP BY post_key
), stated AS (
    SELECT post_key, min(checked_at) FILTER (nowhere) AS gone_at, min(checked_at) FILTER (status = 'private') AS private_at,
           arg_max(cause, checked_at) FILTER (nowhere) AS cause
    FROM said JOIN watched USING (post_key) WHERE NOT up AND basis <> 'absent' AND checked_at > last_at GROUP BY post_key
)"""
_READ_NOW = "SELECT post_key, first_observed_at AS first_at, observed_at AS last_at FROM held.post_latest SEMI JOIN members USING (post_key)"
_READ_THEN = """
SELECT post_key, min(observed_at) AS first_at, max(observed_at) AS last_at FROM held.observation SEMI JOIN members USING (post_key)
WHERE observed_at <= $as_of::TIMESTAMP GROUP BY post_key"""
_SPELLS = """
SELECT m.*, w.first_at, w.last_at,
       CASE WHEN a.confirmed THEN a.missing_at END AS absent_at, s.gone_at, s.private_at, s.cause,
       a.post_key IS NOT NULL AND NOT coalesce(a.confirmed, false) AS unconfirmed, w.unread + coalesce(n.in_trouble, 0) AS missed, w.checks
FROM members m JOIN watched w USING (post_key) LEFT JOIN absences a USING (post_key)
LEFT JOIN stated s USING (post_key) LEFT JOIN nothing n USING (post_key) ORDER BY m.platform, m."group", m.post_key"""


def spells(con: duckdb.DuckDBPyConnection, campaign: str, as_of: datetime | None = None) -> pd.DataFrame:
    """Return a row a post: group, cell, account, first_at, last_at, gone_at (NaT: not gone), cause, unconfirmed, missed, checks.

    A post that its author made private leaves the watch when it was last seen, and is not gone.
    """
    checks = _CHECKS.format(readings=_READ_NOW if as_of is None else _READ_THEN)
    frame = con.execute(f"{MEMBERS}, {checks} {_SPELLS}", {"campaign": campaign, "as_of": naive(as_of)}).df()
    gone = frame[["absent_at", "gone_at"]].min(axis=1)
    frame["cause"] = frame["cause"].where(frame["gone_at"].notna() & frame["cause"].isin(KNOWN), "not known")
    frame["gone_at"] = gone.mask(frame["private_at"].notna() & ~(frame["private_at"] > gone))
    return frame.drop(columns=["absent_at"])


def hours(frame: pd.DataFrame, *, since: str = "first_at") -> Spells:
    """Return the posts as spells in hours since they were found, or since they were published with entry when found.

    A post that was published after we first saw it has a wrong clock: it counts from when it was found.
    """
    origin = frame[[since, "first_at"]].min(axis=1)
    entry, up, down = (_since(frame[column], origin) for column in ("first_at", "last_at", "gone_at"))
    who = frame["account"].fillna(frame["post_key"].astype(str))
    return Spells(entry, up, np.where(np.isnan(down), np.inf, down), pd.factorize(who)[0].astype(np.int64))


def _since(moments: pd.Series[pd.Timestamp], origin: pd.Series[pd.Timestamp]) -> Floats:
    return np.asarray((moments - origin) / pd.Timedelta(hours=1), dtype=np.float64)
