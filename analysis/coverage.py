"""How complete is what we hold: what each collector watched, what was refused, what broke, and when nobody looked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import duckdb
import pandas as pd

from analysis._time import TOLD, aware, naive

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
    SELECT k.collector, k.start, arg_max(outcome, (started_at, outcome)) AS failure FROM buckets k
    JOIN mine r ON r.collector = k.collector AND r.outcome IN ('refused', 'broken', 'not_asked')
        AND r.started_at >= k.start AND r.started_at < k.start + $step::INTERVAL
    GROUP BY ALL
)
SELECT collector, start,
       CASE WHEN share >= 0.999 AND NOT cut THEN 'watched' WHEN share IS NOT NULL THEN 'partly'
            ELSE coalesce(failure, 'not_watched') END AS state,
       coalesce(share, 0.0)::DOUBLE AS share
FROM buckets LEFT JOIN seen USING (collector, start) LEFT JOIN failed USING (collector, start)
ORDER BY collector, start"""
_LEDGER = """
SELECT collector, mode, count(*) AS runs, count(*) FILTER (outcome = 'answered') AS answered,
       count(*) FILTER (outcome = 'refused') AS refused, count(*) FILTER (outcome = 'broken') AS broken,
       count(*) FILTER (outcome = 'cut_short') AS cut_short, count(*) FILTER (outcome = 'not_asked') AS not_asked,
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
        SELECT collector, coalesce(ended_at, started_at) FROM mine WHERE outcome IN ('refused', 'broken', 'not_asked'))
    WHERE collector IN (SELECT collector FROM windows) GROUP BY collector
), after AS (
    SELECT collector, max(b) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS since, a AS until
    FROM edges WINDOW w AS (PARTITION BY collector ORDER BY a, b)
)
SELECT collector, since, until FROM after
WHERE until > since AND until - since >= $at_least::INTERVAL ORDER BY collector, since"""

# To the whole minute, so that the parts add up to the total. A minute is watched where every query that was alive then
# covers it; a query is alive from its first window to its last run. What failed in a gap names it, the last failure first.
_MINUTES = f"""
WITH mine AS (SELECT * REPLACE ({TOLD} AS started_at) FROM runs WHERE campaign = $campaign AND {TOLD} <= $until),
looking AS ( -- re-reads watch for no new post, so they count only where a collector does nothing else
    SELECT * FROM mine r WHERE mode <> 'reread' OR NOT EXISTS (FROM mine o WHERE o.collector = r.collector AND o.mode <> 'reread')
), windows AS (
    SELECT collector, query, outcome = 'answered' AS whole, date_trunc('minute', least(coalesce(window_from, window_to, started_at), $until)) AS a,
           date_trunc('minute', least(coalesce(window_to, window_from, started_at), $until)) AS b
    FROM looking WHERE outcome IN ('answered', 'cut_short')
), marked AS (
    SELECT *, a > coalesce(max(b) OVER (PARTITION BY collector, query, whole ORDER BY a, b ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
                           TIMESTAMP '1970-01-01') AS begins FROM windows
), islands AS (
    SELECT collector, query, whole, min(a) AS a, max(b) AS b FROM (
        SELECT *, sum(begins::INTEGER) OVER (PARTITION BY collector, query, whole ORDER BY a, b) AS island FROM marked)
    GROUP BY collector, query, whole, island
), alive AS (
    SELECT collector, query, least(min(a), date_trunc('minute', min(started_at))) AS a,
           greatest(max(b), date_trunc('minute', max(started_at))) AS b
    FROM looking LEFT JOIN (SELECT collector, query, min(a) AS a, max(b) AS b FROM islands GROUP BY ALL) USING (collector, query)
    GROUP BY collector, query
), ends AS (
    SELECT collector, min(a) AS since, date_trunc('minute', $until::TIMESTAMP) AS until FROM alive GROUP BY collector
), points AS (
    SELECT collector, since AS at_ FROM ends UNION SELECT collector, until FROM ends
    UNION SELECT collector, a FROM islands UNION SELECT collector, b FROM islands
    UNION SELECT collector, a FROM alive UNION SELECT collector, least(b, $until) FROM alive
), cells AS (
    SELECT collector, at_ AS a, lead(at_) OVER (PARTITION BY collector ORDER BY at_) AS b FROM points QUALIFY b IS NOT NULL
), seen AS (
    SELECT c.collector, c.a, c.b, count(DISTINCT i.query) FILTER (i.whole) AS whole, count(DISTINCT i.query) AS either,
           (SELECT count(*) FROM alive l WHERE l.collector = c.collector AND l.a <= c.a AND l.b >= c.b) AS due
    FROM cells c LEFT JOIN islands i ON i.collector = c.collector AND i.a <= c.a AND i.b >= c.b GROUP BY c.collector, c.a, c.b
), named AS (
    SELECT collector, date_diff('minute', s.a, s.b) AS minutes,
           CASE WHEN whole > 0 AND whole >= due THEN 'watched' WHEN either > 0 THEN 'partly'
                ELSE coalesce((SELECT arg_max(outcome, (started_at, outcome)) FROM looking r WHERE r.collector = s.collector
                               AND r.started_at > s.a AND r.started_at <= s.b + INTERVAL 1 MINUTE
                               AND outcome IN ('refused', 'broken', 'not_asked')), 'not_watched') END AS state
    FROM seen s
), lost AS (
    SELECT collector, sum(minutes) FILTER (state = 'watched') AS watched, sum(minutes) FILTER (state = 'partly') AS partly,
           sum(minutes) FILTER (state = 'refused') AS refused, sum(minutes) FILTER (state = 'broken') AS broken,
           sum(minutes) FILTER (state = 'not_asked') AS not_asked, sum(minutes) FILTER (state = 'not_watched') AS not_watched
    FROM named GROUP BY collector
), ran AS (
    SELECT collector, count(*) AS runs, count(*) FILTER (outcome = 'answered') AS runs_answered,
           count(*) FILTER (outcome = 'cut_short') AS runs_cut_short, count(*) FILTER (outcome = 'refused') AS runs_refused,
           count(*) FILTER (outcome = 'broken') AS runs_broken, count(*) FILTER (outcome = 'not_asked') AS runs_not_asked,
           count(*) FILTER (outcome = 'running') AS runs_running,
           sum(asked)::BIGINT AS asked, sum(answered)::BIGINT AS answered, sum(refused)::BIGINT AS refused, sum(broken)::BIGINT AS broken,
           sum(posts)::BIGINT AS posts, sum(matched)::BIGINT AS matched, sum(rejected)::BIGINT AS rejected,
           arg_max(claimed_total, started_at) AS claimed_total, arg_max(lag_s, started_at) AS lag_s,
           max(started_at) AS last_run_at, arg_max_null(outcome, started_at) AS last_outcome, arg_max_null(reason, started_at) AS last_reason
    FROM mine GROUP BY collector
)
SELECT collector, e.since, e.until, date_diff('minute', e.since, e.until) AS minutes,
       coalesce(l.watched, 0)::BIGINT AS minutes_watched, coalesce(l.partly, 0)::BIGINT AS minutes_partly,
       coalesce(l.refused, 0)::BIGINT AS minutes_refused, coalesce(l.broken, 0)::BIGINT AS minutes_broken,
       coalesce(l.not_asked, 0)::BIGINT AS minutes_not_asked, coalesce(l.not_watched, 0)::BIGINT AS minutes_not_watched,
       r.* EXCLUDE (collector)
FROM ends e JOIN ran r USING (collector) LEFT JOIN lost l USING (collector) ORDER BY collector"""


def coverage(con: duckdb.DuckDBPyConnection, campaign: str, *, until: datetime | None = None) -> pd.DataFrame:
    """Return a row for each collector: every minute since it first looked, by what became of it, and its runs by how they ended.

    What it says: minutes watched, partly watched, refused, broken, not asked and not watched; they add up to ``minutes``.
    What it does not say: that a platform showed us everything in a minute that we watched.
    Formula: a minute is watched where the windows of answered runs cover it for every query that was alive then, partly where
    they do for some, or only cut short; the rest is named by the last failure within each gap.
    Unknowns: a run that does not say its window counts as one look, of no length; ``until`` is now unless said otherwise.
    """
    parameters = {"campaign": campaign, "until": naive(until or datetime.now(UTC))}
    return aware(con.execute(_MINUTES, parameters).df(), "since", "until", "last_run_at")


def strip(
    con: duckdb.DuckDBPyConnection, campaign: str, *, since: datetime, until: datetime, step: timedelta
) -> pd.DataFrame:
    """Return for each collector and stretch of time what was watched: collector, start, state, share.

    What it says: ``watched`` (all of it), ``partly``, ``refused``, ``broken``, ``not_asked`` or ``not_watched``, and what share.
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
