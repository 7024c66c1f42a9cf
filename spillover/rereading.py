"""Which posts are due to be read again: where there is most to learn, first.

A new post is read after ``first_reread_s``, then at twice the distance each time, up to a day; at half of it after a
change (a count that fell, or grew by a tenth; another status). After a suspected loss a second reading follows in ten
minutes. The schedule is read off the readings themselves, so a restart forgets nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from spillover.controls import EACH

if TYPE_CHECKING:
    import duckdb

AT_ONCE = 500  # posts that one turn reads again: ten calls of fifty
SECOND_LOOK_S = 600  # after a suspected loss
LONGEST_S = 86_400

_DUE = """
WITH mine AS (
    SELECT p.post_key, p.platform, p.id, p.url, c.sealed, c.role, p.first_seen_at
    FROM held.post p JOIN held.post_campaign c USING (post_key) JOIN held.member m USING (post_key, campaign_id)
    WHERE list_contains($platforms, p.platform) AND campaign_id = $campaign AND m.band NOT IN ('rejected', 'dropped')
          AND NOT starts_with(p.id, 'forgotten:') -- erased: nobody knows it by this id
), counts AS (
    SELECT post_key, coalesce(views < lag(views) OVER w OR views > 1.1 * lag(views) OVER w, false)
           OR coalesce(likes < lag(likes) OVER w OR likes > 1.1 * lag(likes) OVER w, false)
           OR coalesce(shares < lag(shares) OVER w OR shares > 1.1 * lag(shares) OVER w, false)
           OR coalesce(comments < lag(comments) OVER w OR comments > 1.1 * lag(comments) OVER w, false) AS changed
    FROM held.observation SEMI JOIN mine USING (post_key) WINDOW w AS (PARTITION BY post_key ORDER BY observed_at)
    QUALIFY row_number() OVER (PARTITION BY post_key ORDER BY observed_at DESC) = 1
), checks AS (
    SELECT post_key, coalesce(status <> lag(status) OVER w, false) AS changed,
           basis = 'absent' AND coalesce(lag(basis) OVER w <> 'absent', true) AS suspected
    FROM held.availability SEMI JOIN mine USING (post_key) WHERE (vantage = 'archive') = $archive WINDOW w AS (PARTITION BY post_key ORDER BY checked_at)
    QUALIFY row_number() OVER (PARTITION BY post_key ORDER BY checked_at DESC) = 1
), moments AS (
    SELECT post_key, date_trunc('second', observed_at) AS read_at FROM held.observation SEMI JOIN mine USING (post_key) WHERE NOT $archive
    UNION SELECT post_key, date_trunc('second', checked_at) FROM held.availability SEMI JOIN mine USING (post_key) WHERE (vantage = 'archive') = $archive
), last AS (
    SELECT post_key, max(read_at, 2) AS two FROM moments GROUP BY post_key
), due AS (
    SELECT mine.*, coalesce(k.suspected, false) AS suspected,
           epoch($now::TIMESTAMP) - epoch(coalesce(two[1], first_seen_at)) AS waited_s, epoch(two[1]) - epoch(two[2]) AS gap_s,
           CASE WHEN suspected THEN $second WHEN gap_s IS NULL THEN $first
                ELSE least(greatest(gap_s * CASE WHEN coalesce(c.changed OR k.changed, c.changed, k.changed) THEN 0.5 ELSE 2 END, $first), $longest)
           END AS every_s
    FROM mine LEFT JOIN last USING (post_key) LEFT JOIN counts c USING (post_key) LEFT JOIN checks k USING (post_key)
), lost AS (
    SELECT post_key, platform FROM due WHERE suspected AND waited_s >= every_s
), beside AS ( -- a loss is believed only beside a control that is up: those of a suspected post are asked with it
    SELECT DISTINCT control_key AS post_key FROM lost JOIN held.control c USING (post_key) WHERE c.campaign_id = $campaign
    UNION -- what has none of its own (a video that a search of its link alone found) has some of its platform's
    SELECT post_key FROM mine WHERE role = 'control'
    AND platform IN (SELECT platform FROM lost ANTI JOIN (FROM held.control WHERE campaign_id = $campaign) USING (post_key))
    QUALIFY row_number() OVER (PARTITION BY platform ORDER BY first_seen_at DESC, post_key) <= $each
)
SELECT platform, id, url, sealed, role FROM due WHERE waited_s >= every_s OR post_key IN (FROM beside)
ORDER BY suspected OR post_key IN (FROM beside) DESC, waited_s / every_s DESC, platform, id LIMIT $at_once"""
_UP = """
WITH last AS (
    SELECT p.platform, p.id, a.status FROM held.availability a
    JOIN held.post_campaign c USING (post_key) JOIN held.post p USING (post_key)
    WHERE c.role = 'control' AND c.campaign_id = $campaign AND list_contains($platforms, p.platform) AND a.vantage <> 'archive'
    QUALIFY row_number() OVER (PARTITION BY a.post_key ORDER BY a.checked_at DESC) <= 3
)
SELECT DISTINCT platform, id FROM last WHERE status = 'up'"""  # missed three times in a row, a control is gone itself


@dataclass(frozen=True)
class DuePost:
    """A post to read again, by its stored id; ``sealed`` holds the platform's own where that names an account."""

    platform: str
    id: str
    url: str | None
    sealed: bytes | None
    role: str


def due(
    cursor: duckdb.DuckDBPyConnection,
    campaign: int,
    platforms: Sequence[str],
    now: datetime,
    *,
    first_s: int,
    archive: bool = False,
) -> list[DuePost]:
    """Return the posts that are due, the most telling first; an ``archive`` is asked without regard to other readings."""
    values = {
        "campaign": campaign,
        "platforms": list(platforms),
        "now": now.replace(tzinfo=None),
        "archive": archive,
        "first": first_s,
        "second": SECOND_LOOK_S,
        "longest": max(LONGEST_S, first_s),
        "at_once": AT_ONCE,
        "each": EACH,
    }
    return [DuePost(*row) for row in cursor.execute(_DUE, values).fetchall()]


def controls_up(cursor: duckdb.DuckDBPyConnection, campaign: int, platforms: Sequence[str]) -> set[tuple[str, str]]:
    """Return the controls that were up in one of their last three checks: (platform, stored id)."""
    rows = cursor.execute(_UP, {"campaign": campaign, "platforms": list(platforms)}).fetchall()
    return {(platform, post_id) for platform, post_id in rows}
