"""How complete is what we hold: what each collector watched, what was refused, what broke, and when nobody looked."""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb
import pandas as pd

from analysis._time import aware, naive

# a run without a window tells only that it looked when it started; a window with one end, no more than that end
_RUNS = """
mine AS (SELECT * FROM runs WHERE campaign = $campaign),
windows AS (
    SELECT collector, outcome, coalesce(window_from, window_to, started_at) AS a,
           coalesce(window_to, window_from, started_at) AS b
    FROM mine WHERE outcome IN ('answered', 'cut_short')
)"""
_STRIP = f"""
WITH {_RUNS}, buckets AS (
    SELECT collector, unnest(range($since::TIMESTAMP, $until::TIMESTAMP, $step::INTERVAL)) AS start
    FROM (SELECT DISTINCT collector FROM mine)
), inside AS (
    SELECT k.collector, k.start, w.outcome, greatest(w.a, k.start) AS a, least(w.b, k.start + $step::INTERVAL) AS b
    FROM buckets k JOIN windows w ON w.collector = k.collector AND w.a < k.start + $step::INTERVAL AND w.b >= k.start
), fresh AS (
    SELECT *, greatest(a, max(b) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS after
    FROM inside WINDOW w AS (PARTITION BY collector, start ORDER BY a, b)
), seen AS (
    SELECT collector, start, bool_or(outcome = 'cut_short') AS cut,
           sum(greatest(epoch_us(b) - epoch_us(after), 0)) / epoch_us(TIMESTAMP '1970-01-01' + $step::INTERVAL) AS share
    FROM fresh GROUP BY ALL
), failed AS (
    SELECT k.collector, k.start, bool_or(outcome = 'refused') AS refused FROM buckets k
    JOIN mine r ON r.collector = k.collector AND r.outcome IN ('refused', 'broken')
        AND r.started_at >= k.start AND r.started_at < k.start + $step::INTERVAL
    GROUP BY ALL
)
SELECT collector, start,
       CASE WHEN share >= 0.999 AND NOT cut THEN 'watched' WHEN share IS NOT NULL THEN 'partly'
            WHEN refused THEN 'refused' WHEN refused IS NOT NULL THEN 'broken' ELSE 'not_watched' END AS state,
       coalesce(share, 0.0)::DOUBLE AS share
FROM buckets LEFT JOIN seen USING (collector, start) LEFT JOIN failed USING (collector, start)
ORDER BY collector, start"""
_LEDGER = """
SELECT collector, mode, count(*) AS runs, count(*) FILTER (outcome = 'answered') AS answered,
       count(*) FILTER (outcome = 'refused') AS refused, count(*) FILTER (outcome = 'broken') AS broken,
       count(*) FILTER (outcome = 'cut_short') AS cut_short,
       sum(posts)::BIGINT AS posts, sum(matched)::BIGINT AS matched,
       min(coalesce(window_from, window_to)) FILTER (outcome IN ('answered', 'cut_short')) AS first_from,
       max(coalesce(window_to, window_from)) FILTER (outcome IN ('answered', 'cut_short')) AS last_to,
       max(started_at) AS last_run_at, arg_max_null(reason, started_at) AS last_reason
FROM runs WHERE campaign = $campaign GROUP BY collector, mode ORDER BY collector, mode"""
_GAPS = f"""
WITH {_RUNS}, edges AS (
    SELECT collector, a, b FROM windows
    UNION ALL
    SELECT collector, max(b), max(b) FROM (
        SELECT collector, b FROM windows UNION ALL
        SELECT collector, coalesce(ended_at, started_at) FROM mine WHERE outcome IN ('refused', 'broken'))
    WHERE collector IN (SELECT collector FROM windows) GROUP BY collector
), after AS (
    SELECT collector, max(b) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS since, a AS until
    FROM edges WINDOW w AS (PARTITION BY collector ORDER BY a, b)
)
SELECT collector, since, until FROM after
WHERE until > since AND until - since >= $at_least::INTERVAL ORDER BY collector, since"""


def strip(
    con: duckdb.DuckDBPyConnection, campaign: str, *, since: datetime, until: datetime, step: timedelta
) -> pd.DataFrame:
    """Return for each collector and stretch of time what was watched: collector, start, state, share.

    What it says: ``watched`` (all of it), ``partly``, ``refused``, ``broken`` or ``not_watched``, and what share.
    What it does not say: that a platform showed us everything in a stretch that we watched.
    Formula: union of the windows that runs really covered, over the stretch; a run cut short makes it ``partly``.
    Unknowns: a run that does not say its window counts as one look when it started; with no run, a gap.
    """
    parameters = {"campaign": campaign, "since": naive(since), "until": naive(until), "step": step}
    return aware(con.execute(_STRIP, parameters).df(), "start")


def ledger(con: duckdb.DuckDBPyConnection, campaign: str) -> pd.DataFrame:
    """Return a row for each collector and mode: its runs by how they ended, posts, matches and the span they cover.

    What it says: how often we asked, how it ended, the last reason given; posts are those that came, before matching.
    What it does not say: how many different posts those were; the same one may come in many runs.
    Formula: counts of runs by outcome; runs that are under way count under ``runs`` only.
    Unknowns: first_from and last_to are empty where no run says its window.
    """
    return aware(con.execute(_LEDGER, {"campaign": campaign}).df(), "first_from", "last_to", "last_run_at")


def gaps(con: duckdb.DuckDBPyConnection, campaign: str, *, at_least: timedelta = timedelta(0)) -> pd.DataFrame:
    """Return the stretches between a collector's first and last run that no run covered: collector, since, until.

    What it says: when we did not look, or looked and were refused, or it broke.
    What it does not say: anything of the time before the first run, or after the last one.
    Formula: complement of the union of covered windows, for each collector; ``at_least`` leaves out shorter ones.
    Unknowns: a collector that never answered has no first moment, so no gap; the ledger shows it.
    """
    return aware(con.execute(_GAPS, {"campaign": campaign, "at_least": at_least}).df(), "since", "until")
