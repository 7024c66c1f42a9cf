"""How old a campaign's video is, and to what age it was watched: the clock on which two campaigns are set side by side."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

import duckdb

from analysis._scope import SCOPE
from analysis._time import iso, naive

_BEGAN = f"""
WITH {SCOPE}, own AS (
    SELECT s.published_at FROM scope s JOIN k ON true JOIN held.post p USING (post_key)
    JOIN held.member m ON m.post_key = s.post_key AND m.campaign_id = k.campaign_id WHERE m.kind = 'link' AND m.term = p.url
)
SELECT (SELECT min(published_at) FROM own), min(published_at), min(first_seen_at) FROM scope"""
# a search that ends well has watched, whatever it found; a file that is read says nothing of the time when it is read
_WATCHED = f"""
WITH {SCOPE}, moments AS (
    SELECT observed_at AS at_, true AS reading FROM held.observation SEMI JOIN scope USING (post_key)
    UNION ALL
    SELECT coalesce(window_to, started_at), false FROM runs
    WHERE campaign = $campaign AND mode <> 'load' AND outcome IN ('answered', 'cut_short')
)
SELECT max(at_), min(at_) FILTER (reading) FROM moments WHERE $as_of::TIMESTAMP IS NULL OR at_ <= $as_of::TIMESTAMP"""
_SHARE = """
WITH inside AS (
    SELECT collector, greatest(coalesce(window_from, window_to, started_at), $since::TIMESTAMP) AS a,
           least(coalesce(window_to, window_from, started_at), $until::TIMESTAMP) AS b
    FROM runs WHERE campaign = $campaign AND outcome IN ('answered', 'cut_short') AND mode <> 'load'
      AND coalesce(window_from, window_to, started_at) <= $until::TIMESTAMP
      AND coalesce(window_to, window_from, started_at) >= $since::TIMESTAMP
), each AS (
    FROM inside UNION ALL SELECT NULL, a, b FROM inside
), fresh AS (
    SELECT *, greatest(a, max(b) OVER (PARTITION BY collector ORDER BY a, b ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS after
    FROM each
)
SELECT collector, sum(greatest(epoch_us(b) - epoch_us(after), 0)) / (epoch_us($until::TIMESTAMP) - epoch_us($since::TIMESTAMP)),
       count(*)
FROM fresh GROUP BY collector ORDER BY collector NULLS FIRST"""
_BASES = ("its own video was published", "its first post was published", "it was first seen")


class Life(NamedTuple):
    """When a campaign's video was first uploaded, by what we know that, when it was first read, and until when it was watched."""

    start: datetime
    basis: str
    read_at: datetime | None
    until: datetime

    @property
    def age(self) -> timedelta:
        return max(self.until - self.start, timedelta(0))

    def at(self, age: timedelta) -> datetime:
        """Return the moment at which it had this age."""
        return self.start + age

    def said(self) -> str:
        return f"{self.basis} {iso(self.start)}, first read {iso(self.read_at)}, watched to {iso(self.until)}"

    def is_read_by(self, age: timedelta) -> bool:
        return self.read_at is not None and self.read_at <= self.at(age)


def life(con: duckdb.DuckDBPyConnection, campaign: str, as_of: datetime | None) -> Life | None:
    """Return the life of a campaign up to ``as_of``; None where we hold no post of it."""
    parameters = {"campaign": campaign, "as_of": naive(as_of)}
    known = con.execute(_BEGAN, parameters).fetchall()[0]
    until, read_at = con.execute(_WATCHED, parameters).fetchall()[0]
    for start, basis in zip(known, _BASES, strict=True):
        if start is not None:
            return Life(start, basis, read_at, max(start, until or start))
    return None


def hours(age: timedelta) -> float:
    return age / timedelta(hours=1)


def watched_shares(
    con: duckdb.DuckDBPyConnection, campaign: str, since: datetime, until: datetime
) -> dict[str | None, tuple[float, int]]:
    """Return the share of a stretch that windows of runs cover and how many touch it: of any collector (None), then of each."""
    rows = con.execute(_SHARE, {"campaign": campaign, "since": since, "until": until}).fetchall()
    return {None: (0.0, 0)} | {collector: (float(share), int(runs)) for collector, share, runs in rows}
