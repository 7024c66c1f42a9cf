"""A made-up store of ten million readings: posts of five platforms in twelve regions, a fifth of them checked at each reading.

Beside the posts stand two controls for each one that is checked, runs, charts and stated edges; a third of the posts of a
platform rest on private accounts with three posts each. What is gone is gone for good, and some comes back.
"""

from __future__ import annotations

import duckdb

from spillover.derived import rebuild
from spillover.migrate import migrate

CAMPAIGN = "bench"
READINGS = 100  # of each post, an hour apart and later two
_ROWS = """
INSERT INTO held.campaign VALUES (1, 'bench', 'active', false, TIMESTAMP '2026-01-01');
INSERT INTO held.post BY NAME
SELECT i AS post_key, ['youtube', 'bilibili', 'bluesky', 'weibo', 'vk'][1 + i % 5] AS platform, 'id' || i AS id, 'video' AS kind,
    CASE WHEN hash(i) % 2 = 0 THEN 'published' ELSE platform END AS policy,
    CASE WHEN hash(i + 1) % 10 < 7 THEN 'R' || (hash(i + 3) % 12) END AS region, 'l' || (hash(i + 2) % 20) AS lang,
    TIMESTAMP '2026-01-01' + to_seconds((hash(i + 4) % (30 * 86400))::INTEGER) AS published_at, 'second' AS published_precision,
    published_at + to_seconds((hash(i + 5) % 7200)::INTEGER) AS first_seen_at, first_seen_at + INTERVAL 150 HOUR AS last_seen_at
FROM range({posts} + {posts} * 2 // 5) t(i);
INSERT INTO held.post_campaign BY NAME
SELECT post_key, 1 AS campaign_id, CASE WHEN post_key < {posts} THEN 'match' ELSE 'control' END AS role,
    CASE WHEN post_key < {posts} THEN md5((post_key // 15 * 5 + post_key % 5)::VARCHAR)::BLOB END AS author,
    platform || epoch(first_seen_at)::BIGINT // 3600 AS run_id
FROM held.post;
INSERT INTO held.run BY NAME
SELECT run_id, 1 AS seq, any_value(platform) AS collector, 'search' AS mode, 1 AS campaign_id, 'title:made up' AS query,
    date_trunc('hour', min(first_seen_at)) AS started_at, started_at + INTERVAL 1 HOUR AS ended_at, 'answered' AS outcome,
    1 AS asked, 1 AS answered, 0 AS refused, 0 AS broken, count(*) AS posts, count(*) AS matched, 0 AS rejected,
    started_at AS window_from, ended_at AS window_to
FROM held.post_campaign JOIN held.post USING (post_key) GROUP BY run_id;
INSERT INTO held.match BY NAME
SELECT post_key, 1 AS campaign_id, 1 AS version, ['title', 'phrase', 'hashtag'][1 + (hash(post_key) % 3)::INTEGER] AS kind, 0.95 AS confidence,
    first_seen_at AS matched_at
FROM held.post WHERE post_key < {posts};
INSERT INTO held.control BY NAME
SELECT 1 AS campaign_id, (post_key - {posts}) // 10 * 25 + (post_key - {posts}) % 5 AS post_key, post_key AS control_key,
    ['age'] AS agrees, 'r' AS run_id FROM held.post WHERE post_key >= {posts};
INSERT INTO held.observation BY NAME
SELECT post_key, first_seen_at + to_minutes((60 * n + greatest(n - 50, 0) * 60)::INTEGER) AS observed_at,
    'reread' || epoch(observed_at)::BIGINT // 3600 || platform AS run_id,
    1000 + 31 * n + post_key % 97 AS views, views AS views_low, views AS views_high,
    CASE WHEN post_key % 3 > 0 THEN 10 * n END AS likes
FROM held.post, range({readings}) t(n) WHERE post_key < {posts} ORDER BY n, post_key;
CREATE TEMP TABLE looked AS
SELECT post_key, platform, first_seen_at, CASE WHEN post_key < {posts} THEN 0 ELSE 1 END AS is_control,
    -- when it goes, in hours: a seventh within a week, of controls a tenth
    CASE WHEN hash(post_key + 6) % 70 < CASE WHEN is_control = 1 THEN 7 ELSE 10 END THEN (hash(post_key + 7) % 1000) / 1000.0 * 150 END AS goes
FROM held.post WHERE post_key >= {posts} OR post_key % 25 < 5;
INSERT INTO held.availability BY NAME
SELECT post_key, first_seen_at + to_minutes((60 * n + greatest(n - 50, 0) * 60)::INTEGER) AS checked_at,
    'reread' || epoch(checked_at)::BIGINT // 3600 || platform AS run_id, 'api' AS vantage,
    CASE WHEN coalesce(n + greatest(n - 50, 0) > goes, false) THEN CASE WHEN post_key % 2 = 0 THEN 'gone' ELSE 'unknown' END ELSE 'up' END AS status,
    CASE status WHEN 'gone' THEN ['platform', 'author', 'account'][1 + (hash(post_key) % 3)::INTEGER] WHEN 'unknown' THEN 'missing' END AS cause,
    CASE status WHEN 'unknown' THEN 'absent' ELSE 'stated' END AS basis
FROM looked, range({readings}) t(n) WHERE is_control = 0 OR n < 20 OR n % 5 = 0 ORDER BY n, post_key;
INSERT INTO held.run BY NAME
SELECT run_id, 1 AS seq, 'reread' AS collector, 'reread' AS mode, 1 AS campaign_id, 'reread' AS query,
    min(checked_at) AS started_at, max(checked_at) AS ended_at, 'answered' AS outcome,
    1 AS asked, 1 AS answered, 0 AS refused, 0 AS broken, 0 AS posts, 0 AS matched, 0 AS rejected
FROM held.availability GROUP BY run_id;
INSERT INTO held.listing BY NAME
SELECT post_key, 'chart' || (hash(post_key) % 12) AS list, 'R' || (hash(post_key) % 12) AS region, 1 + hash(post_key) % 50 AS rank,
    date_trunc('hour', first_seen_at) + to_hours(n::INTEGER) AS observed_at, 'list' || epoch(observed_at)::BIGINT // 3600 AS run_id
FROM held.post, range(24) t(n) WHERE post_key < {posts} AND post_key % 20 = 0;
INSERT INTO held.edge BY NAME
SELECT post_key, (hash(post_key) % {posts})::BIGINT AS parent_key, 'repost' AS relation, first_seen_at AS seen_at, 'r' AS run_id
FROM held.post WHERE post_key < {posts} AND post_key % 10 = 2"""


def fill(con: duckdb.DuckDBPyConnection, posts: int) -> None:
    """Write so many posts with their readings, and what is derived of them."""
    migrate(con)
    con.execute(_ROWS.format(posts=posts, readings=READINGS))
    rebuild(con)
