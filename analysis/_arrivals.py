"""When a region was reached: its earliest evidence, and how long before that we were watching; SQL for crossings."""

from __future__ import annotations

from analysis._disclosure import crowds_sql
from analysis._leads import MOST
from analysis._scope import SCOPE
from analysis._time import TOLD

# the posts asked about, with the part of the answer that each stands in; who stands behind one is told apart by number
_MINE = """
SELECT CASE WHEN $apart THEN s.platform ELSE 'all' END AS part, s.platform, s.region, s.post_key, s.first_seen_at, s.published_at, s.run_id,
       CASE WHEN s.account IS NOT NULL THEN hash(s.account) END AS account, p.published_precision AS precision
FROM scope s JOIN held.post p USING (post_key)"""
# A post of a region is there from when it was published; a post on a region's chart from when we read the chart.
_EVIDENCE = """
SELECT s.part, s.platform, 'listing' AS route, l.region, s.post_key, s.account, s.published_at, l.observed_at AS seen_at,
       l.observed_at AS by_at, NULL::TIMESTAMP AS from_at, l.list, l.run_id
FROM mine s JOIN held.listing l USING (post_key)
WHERE l.region IS NOT NULL AND ($as_of::TIMESTAMP IS NULL OR l.observed_at <= $as_of::TIMESTAMP)
UNION ALL
SELECT part, platform, 'post', region, post_key, account, published_at, first_seen_at,
       least(first_seen_at, published_at + CASE precision WHEN 'minute' THEN INTERVAL 1 MINUTE
           WHEN 'hour' THEN INTERVAL 1 HOUR WHEN 'day' THEN INTERVAL 1 DAY ELSE INTERVAL 0 SECOND END),
       CASE WHEN published_at IS NOT NULL THEN least(first_seen_at, published_at) END, NULL, run_id
FROM mine WHERE region <> 'unknown'"""
# which region the stated parents of a region's posts are of
_EDGES = """
SELECT DISTINCT s.part, s.region, coalesce(q.region, 'not held') AS origin, s.account, e.post_key, e.parent_key,
       least(s.first_seen_at, s.published_at) AS at_
FROM held.edge e JOIN mine s USING (post_key) LEFT JOIN mine q ON q.post_key = e.parent_key
WHERE s.region <> 'unknown' AND coalesce(q.region, 'not held') <> s.region
  AND ($as_of::TIMESTAMP IS NULL OR e.seen_at <= $as_of::TIMESTAMP)"""
# The bound from below holds only if every route that ever showed the region was watched without a break from before the
# first post of all (where we began later, the region may have been reached before) until the crossing: a post can be missed in a gap and never be found. A post without a time can be older than our watch. A list shows what stands there, so the last reading counts.
_ARRIVED = f"""
brought AS MATERIALIZED ( -- by each run: few rows, so that what follows is cheap
    SELECT part, platform, route, region, list, run_id, min(by_at) AS by_at, arg_min_null(from_at, by_at) AS from_at,
           min(published_at) AS published_at, min(seen_at) AS seen_at
    FROM evidence GROUP BY part, platform, route, region, list, run_id
), counts AS (
    SELECT part, region, count(DISTINCT post_key) AS posts FROM evidence GROUP BY part, region
), regions AS (
    SELECT part, region, min(by_at) AS by_at,
           CASE WHEN arg_min(route, (by_at, run_id)) = 'listing' THEN min(by_at) ELSE arg_min_null(from_at, (by_at, run_id)) END AS from_at,
           min(published_at) AS published_at, min(seen_at) AS seen_at, any_value(posts) AS posts,
           arg_min(route, (by_at, run_id)) AS route, arg_min(platform, (by_at, run_id)) AS platform
    FROM brought JOIN counts USING (part, region) GROUP BY part, region
), routes AS (
    SELECT part, platform, route, region, arg_min(list, (by_at, run_id)) AS list, arg_min(run_id, (by_at, run_id)) AS run_id
    FROM brought GROUP BY part, platform, route, region
), start AS (
    SELECT min(least(first_seen_at, published_at)) FROM mine
), answered AS (
    SELECT run_id, collector, mode, query, coalesce(window_from, window_to, started_at) AS a,
           coalesce(window_to, window_from, started_at) AS b
    FROM runs WHERE campaign = $campaign AND outcome = 'answered' AND mode <> 'reread'
      AND ($as_of::TIMESTAMP IS NULL OR {TOLD} <= $as_of::TIMESTAMP)
), marked AS (
    SELECT *, a > coalesce(max(b) OVER (PARTITION BY collector, mode, query ORDER BY a, b
                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) + INTERVAL 1 MINUTE, TIMESTAMP '1970-01-01') AS begins
    FROM answered WHERE mode <> 'load'
), islands AS (
    SELECT collector, mode, query, min(a) AS a, max(b) AS b FROM (
        SELECT *, sum(begins::INTEGER) OVER (PARTITION BY collector, mode, query ORDER BY a, b) AS island FROM marked)
    GROUP BY collector, mode, query, island
), readings AS (
    SELECT l.list, l.run_id, min(l.observed_at) AS a, max(l.observed_at) AS b
    FROM answered JOIN held.listing l USING (run_id) GROUP BY l.list, l.run_id
), watched AS (
    SELECT f.part, f.platform, f.route, f.region, min(k.a) AS since, max(k.b) FILTER (k.b < r.by_at) AS unseen_at, NULL::DOUBLE AS covered_s
    FROM routes f JOIN regions r USING (part, region) JOIN readings k USING (list) WHERE f.route = 'listing' GROUP BY ALL
    UNION ALL
    SELECT f.part, f.platform, f.route, f.region, min(i.a),
           CASE WHEN NOT bool_or(i.b > i.a) THEN max(i.b) FILTER (i.b < r.by_at)
                WHEN min(i.a) < r.from_at AND min(i.a) <= (FROM start) THEN least(arg_min(i.b, i.a), r.from_at) END,
           CASE WHEN bool_or(i.b > i.a) THEN sum(greatest(epoch(least(i.b, r.by_at)) - epoch(i.a), 0)) END
    FROM routes f JOIN regions r USING (part, region) JOIN answered o ON o.run_id = f.run_id
    JOIN islands i ON i.collector = o.collector AND i.mode = o.mode AND i.query IS NOT DISTINCT FROM o.query
    WHERE f.route = 'post' GROUP BY f.part, f.platform, f.route, f.region, r.by_at, r.from_at
), nowhere AS ( -- a post whose region is not known may have been the first of any
    SELECT part, min(least(first_seen_at, published_at)) AS at_ FROM mine WHERE region = 'unknown' GROUP BY part
), bounds AS (
    SELECT f.part, f.region, min(w.since) AS since,
           CASE WHEN count(*) = count(w.unseen_at) THEN least(min(w.unseen_at), any_value(n.at_) FILTER (f.route = 'post')) END AS unseen_at
    FROM routes f LEFT JOIN watched w USING (part, platform, route, region) LEFT JOIN nowhere n USING (part)
    GROUP BY f.part, f.region
), arrived AS (SELECT r.part, r.region, r.by_at, b.unseen_at, r.published_at, r.seen_at, b.since, r.posts, r.route, r.platform,
       CASE WHEN w.since < r.by_at AND w.covered_s IS NOT NULL THEN least(w.covered_s / (epoch(r.by_at) - epoch(w.since)), 1.0) END AS covered
FROM regions r JOIN bounds b USING (part, region) LEFT JOIN watched w USING (part, platform, route, region)
ORDER BY r.part, r.by_at, r.region)"""
_ROUTES = """
SELECT part, region, origin, count(*) AS edges, min(at_) AS first_at FROM edges
GROUP BY part, region, origin ORDER BY part, region, origin"""
_MOMENTS = f"""
SELECT part, region, count(*) AS posts, count(DISTINCT account) AS people, min(epoch(published_at), {MOST}) AS moments
FROM mine WHERE region <> 'unknown' AND published_at IS NOT NULL AND coalesce(precision, 'second') IN ('second', 'minute')
GROUP BY part, region ORDER BY part, region"""
PLACE, WAY = ("part", "region"), ("part", "region", "origin")
# of those who are told of each new region, a part at a time
EVIDENCE = f"WITH {SCOPE}, mine AS MATERIALIZED ({_MINE}), evidence AS ({_EVIDENCE})"
ARRIVALS = f"{EVIDENCE}, {_ARRIVED} SELECT * FROM arrived ORDER BY part, by_at, region"
# all at once, each part as a list of rows: what they rest on is found only once
CROSSINGS = f"""
WITH {SCOPE}, mine AS MATERIALIZED ({_MINE}), evidence AS ({_EVIDENCE}), edges AS MATERIALIZED ({_EDGES}),
{_ARRIVED}, stated AS ({_ROUTES}), timed AS ({_MOMENTS}),
places AS ({crowds_sql(PLACE, "SELECT part, region, account FROM evidence")}),
ways AS ({crowds_sql(WAY, "SELECT part, region, origin, account FROM edges")})
SELECT (SELECT list(arrived ORDER BY part, by_at, region) FROM arrived), (SELECT list(stated ORDER BY part, region, origin) FROM stated),
       (SELECT list(timed ORDER BY part, region) FROM timed), (SELECT list(places) FROM places), (SELECT list(ways) FROM ways)"""
ARRIVED = (
    "part",
    "region",
    "by_at",
    "unseen_at",
    "published_at",
    "seen_at",
    "since",
    "posts",
    "route",
    "platform",
    "covered",
)
ROUTES = ("part", "region", "origin", "edges", "first_at")
MOMENTS = ("part", "region", "posts", "people", "moments")
