"""New sightings hour by hour, on each platform that a collector of its own watches, and what share of each hour was watched."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import duckdb
import numpy as np
from numpy.typing import NDArray

from analysis._negative_binomial import DAY, WEEK, Expected, Floats, predict
from analysis._scope import SCOPE

BASE_H, LEAST_H = 28 * DAY, 72  # hours before that are looked at, and how many of them must have been watched
BACK_H = 7 * DAY
APART_H = 3  # the hours just before belong to what is tested
WATCHED = 0.5  # an hour of which less was watched is a gap
HOUR = timedelta(hours=1)
# posts by the hour in which they were published, where that is known to the hour
_COUNTS = f"""
WITH {SCOPE}
SELECT s.platform, date_trunc('hour', s.published_at) AS hour, count(*)::DOUBLE, count(DISTINCT account), bool_or(account IS NOT NULL)
FROM scope s JOIN held.post p USING (post_key)
WHERE s.published_at > $since AND s.published_at < $until AND coalesce(p.published_precision, 'second') <> 'day'
GROUP BY ALL ORDER BY ALL"""
# what share of each hour the windows of a platform's own collectors cover; a cut window still counts what it brought
_EXPOSURE = f"""
WITH {SCOPE}, asked AS (
    SELECT DISTINCT s.platform, r.collector FROM scope s JOIN runs r ON r.run_id = s.run_id WHERE r.mode IN ('search', 'stream')
), windows AS (
    SELECT a.platform, greatest(window_from, $since) AS a, least(window_to, $until) AS b FROM runs r JOIN asked a USING (collector)
    WHERE campaign = $campaign AND mode IN ('search', 'stream') AND window_to > window_from
      AND (outcome IN ('answered', 'cut_short') OR (mode = 'stream' AND outcome = 'running'))
      AND ($as_of::TIMESTAMP IS NULL OR coalesce(ended_at, started_at) <= $as_of::TIMESTAMP)
), fresh AS ( -- each window from where those before it ended
    SELECT platform, b, greatest(a, max(b) OVER (PARTITION BY platform ORDER BY a, b ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS a
    FROM windows WHERE b > a
), hours AS (
    SELECT *, unnest(range(date_trunc('hour', a), b, INTERVAL 1 HOUR)) AS hour FROM fresh WHERE b > a
)
SELECT platform, hour, sum(epoch(least(b, hour + INTERVAL 1 HOUR) - greatest(a, hour))) / 3600 FROM hours GROUP BY ALL ORDER BY ALL"""


class Series(NamedTuple):
    """Hours one after another: how many posts, of how many private accounts, and what share was watched.

    ``base`` is what share of them an expectation may rest on: not on a burst, or one would hide the next for four weeks.
    """

    platform: str
    begin: datetime
    counts: Floats
    accounts: NDArray[np.int64]
    private: NDArray[np.bool_]
    watched: Floats
    base: Floats

    def expected(self, place: int, *, ahead: int = 0, watched: float | None = None) -> Expected | None:
        """Return what to expect in an hour, or so many hours after it, from those before; None where too few were watched."""
        start, end = max(0, place - BASE_H), max(0, place - APART_H + 1)
        used = np.flatnonzero(self.base[start:end] >= WATCHED) + start
        if self.base[used].sum() < LEAST_H:
            return None
        share = float(self.watched[place]) if watched is None else watched
        return predict(
            self.counts[used], self.base[used], self._of_week(used), int(self._of_week(place + ahead)), share
        )

    def is_high(self, place: int, usual: Floats) -> bool:
        """Say whether an hour can be a burst at all: most need no closer look."""
        return bool(self.counts[place] > usual[int(self._of_week(place)) % DAY] * self.watched[place])

    def usual(self) -> Floats:
        """Return the mean count of each hour of the day, as far as it was watched."""
        slots = self._of_week(np.arange(len(self.counts))) % DAY
        seen, watched = (np.bincount(slots, weights=part, minlength=DAY) for part in (self.counts, self.watched))
        return np.asarray(seen / np.maximum(watched, 1e-9), dtype=np.float64)

    def _of_week(self, places: Any) -> Any:
        first = self.begin.weekday() * DAY + self.begin.hour
        return (np.asarray(places) + first) % WEEK


def series(con: duckdb.DuckDBPyConnection, parameters: dict[str, Any], now: datetime) -> list[Series]:
    """Return the hours of each platform that a collector of its own watches, up to the hour that has begun."""
    end = now.replace(minute=0, second=0, microsecond=0) + HOUR
    begin, size = end - (BASE_H + BACK_H) * HOUR, BASE_H + BACK_H
    given = parameters | {"since": begin, "until": end}
    watched: dict[str, Floats] = {}
    for platform, hour, share in con.execute(_EXPOSURE, given).fetchall():
        watched.setdefault(platform, np.zeros(size))[(hour - begin) // HOUR] = min(1.0, share)
    counts = {platform: np.zeros((3, size)) for platform in watched}
    for platform, hour, *row in con.execute(_COUNTS, given).fetchall():
        if platform in counts:
            counts[platform][:, (hour - begin) // HOUR] = row
    return [
        Series(name, begin, found[0], found[1].astype(np.int64), found[2] > 0, watched[name], watched[name])
        for name, found in sorted(counts.items())
    ]
