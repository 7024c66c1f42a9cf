"""Counters that fall, made into ones that only grow: what a post's readings say of the true count at each.

A count of views, likes or shares that people gave can only grow; a platform that shows less than before has corrected it,
or served an old page. One low reading between higher ones is an old page and is left out. Of the rest, U is the most shown
so far and L the least yet to come: the true count lies between. Where the fall is seen in two readings or more and exceeds
what the platform rounds and 2 %, it is a correction, and L is what is left of the count; else (U + L) / 2 stands.
"""

from __future__ import annotations

SLACK = 0.02  # of the most shown so far: a smaller fall is no correction

# needs what it is joined with; gives pairs: a row for each two readings of a post, with the growth between them
_ENVELOPE = """
shown AS (
    SELECT *, lag(t) OVER w AS t0, lag(v) OVER w AS v0, lag(lo) OVER w AS lo0, lag(hi) OVER w AS hi0 FROM (
        SELECT post_key, epoch_us(observed_at) AS t, {m}::DOUBLE AS v, coalesce({m}_low, {m})::DOUBLE AS lo,
               CASE WHEN {m}_low IS NULL THEN coalesce({m}_high, {m}) ELSE {m}_high END::DOUBLE AS hi -- NULL: no upper bound
        FROM ({readings})
        WHERE {m} IS NOT NULL AND ($as_of::TIMESTAMP IS NULL OR observed_at <= $as_of::TIMESTAMP))
    WINDOW w AS (PARTITION BY post_key ORDER BY t)
), falling AS ( -- few posts: all others are as they were shown, which saves two thirds of the time
    SELECT DISTINCT post_key FROM shown WHERE v < v0
), falls AS (
    SELECT *, coalesce(v < most - slack, false) AS fallen, coalesce(next >= most - slack, false) AS back FROM (
        SELECT *, greatest(CASE WHEN hi > lo THEN hi - lo + 1 END, {slack} * most) AS slack FROM (
            SELECT *, lead(v) OVER w AS next, max(v) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS most
            FROM shown SEMI JOIN falling USING (post_key) WINDOW w AS (PARTITION BY post_key ORDER BY t)))
), sound AS (
    FROM falls QUALIFY NOT (fallen AND back AND NOT coalesce(lag(fallen) OVER (PARTITION BY post_key ORDER BY t), false))
), repaired AS (
    SELECT post_key, t, v, fallen, max(v) OVER (w ROWS UNBOUNDED PRECEDING) AS u, min(v) OVER f AS l, min(lo) OVER f AS low,
           count(*) FILTER (hi IS NULL) OVER (w ROWS UNBOUNDED PRECEDING) AS open_,
           max(hi) OVER (w ROWS UNBOUNDED PRECEDING) AS high
    FROM sound
    WINDOW w AS (PARTITION BY post_key ORDER BY t),
           f AS (PARTITION BY post_key ORDER BY t ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
), stretches AS (
    SELECT *, fallen AND (lag(fallen) OVER w OR lead(fallen) OVER w) AS corrected,
           fallen AND NOT coalesce(lag(fallen) OVER w, false) AS begins
    FROM repaired WINDOW w AS (PARTITION BY post_key ORDER BY t)
), corrections AS ( -- since the reading that first showed less; taken back: the most that was missing
    SELECT post_key, min(t) AS t, max(u - v) AS taken FROM (
        SELECT *, count(*) FILTER (begins) OVER (PARTITION BY post_key ORDER BY t) AS event
        FROM stretches WHERE corrected)
    GROUP BY post_key, event
), envelope AS (
    SELECT post_key, t, low, CASE WHEN open_ = 0 THEN high END AS high,
           CASE WHEN post_key IN (SELECT post_key FROM corrections) THEN l ELSE (u + l) / 2 END AS x
    FROM repaired
), pairs AS ( -- the first reading is a baseline: what came before it is no growth that we saw
    SELECT post_key, t0, t AS t1, v - v0 AS grown, lo0 AS low0, lo AS low1, hi0 AS high0, hi AS high1
    FROM shown ANTI JOIN falling USING (post_key) WHERE t0 IS NOT NULL
    UNION ALL
    SELECT post_key, lag(t) OVER w AS t0, t AS t1, x - lag(x) OVER w AS grown, lag(low) OVER w AS low0, low AS low1,
           lag(high) OVER w AS high0, high AS high1
    FROM envelope WINDOW w AS (PARTITION BY post_key ORDER BY t) QUALIFY t0 IS NOT NULL
)"""


def envelope_sql(metric: str, readings: str = "SELECT * FROM held.observation SEMI JOIN scope USING (post_key)") -> str:
    """Return the relations corrections and pairs of a count, over these readings up to as_of."""
    return _ENVELOPE.format(m=metric, slack=SLACK, readings=readings)
