"""How long the answers take on a million readings, beside plain SQL over them: ``python tests/bench/bench_reach.py``.

The rows are made up. Half of the posts are private, so that suppression has work to do.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from analysis.outside import outside  # noqa: E402 - run as a script, from any folder
from analysis.reach import increments, posts_over_time, reach  # noqa: E402
from analysis.series import series  # noqa: E402
from analysis.speed import speed  # noqa: E402
from spillover.derived import rebuild  # noqa: E402
from spillover.migrate import migrate  # noqa: E402

POSTS, READINGS = 20_000, 50
MIDDLE = datetime(2026, 1, 15)
_ROWS = f"""
INSERT INTO held.campaign VALUES (1, 'bench', 'active', false, TIMESTAMP '2026-01-01');
INSERT INTO held.post BY NAME
SELECT i AS post_key, ['youtube', 'bilibili', 'x', 'weibo', 'vk'][1 + i % 5] AS platform, 'id' || i AS id,
    CASE WHEN hash(i) % 2 = 0 THEN 'published' ELSE 'youtube' END AS policy, 'R' || (hash(i + 1) % 40) AS region,
    'l' || (hash(i + 2) % 20) AS lang, TIMESTAMP '2026-01-01' + to_minutes((i % 20000)::INTEGER) AS first_seen_at,
    first_seen_at + INTERVAL 294 HOUR AS last_seen_at
FROM range({POSTS}) t(i);
INSERT INTO held.post_campaign BY NAME
SELECT post_key, 1 AS campaign_id, 'match' AS role, md5((post_key // 3)::VARCHAR)::BLOB AS author, 'r' AS run_id
FROM held.post;
INSERT INTO held.match BY NAME
SELECT post_key, 1 AS campaign_id, 1 AS version, 'title' AS kind, 0.95 AS confidence, first_seen_at AS matched_at
FROM held.post;
INSERT INTO held.observation BY NAME
SELECT post_key, first_seen_at + to_hours((6 * n)::INTEGER) AS observed_at, 'r' AS run_id,
    1000 + 31 * n + post_key % 97 AS views, views AS views_low, views AS views_high,
    CASE WHEN post_key % 3 > 0 THEN 10 * n END AS likes
FROM held.post, range({READINGS}) t(n) ORDER BY n, post_key"""
_PLAIN_REACH = """
SELECT platform, region, sum(views), count(views) FROM (
    SELECT post_key, arg_max(views, observed_at) AS views FROM held.observation
    WHERE observed_at <= $until GROUP BY post_key)
JOIN held.post USING (post_key) GROUP BY ALL"""
_PLAIN_GROWTH = """
SELECT platform, date_trunc('hour', observed_at) AS hour, sum(d) FROM (
    SELECT post_key, observed_at, views - lag(views) OVER (PARTITION BY post_key ORDER BY observed_at) AS d
    FROM held.observation)
JOIN held.post USING (post_key) GROUP BY ALL"""


def milliseconds(work: Callable[[], object]) -> float:
    """Return the median of five runs."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def main() -> None:
    """Print each answer's time beside that of plain SQL over the same rows."""
    con = duckdb.connect()
    migrate(con)
    con.execute(_ROWS)
    rebuild(con)
    plain_now = milliseconds(lambda: con.execute(_PLAIN_REACH, {"until": datetime(2030, 1, 1)}).fetchall())
    plain_past = milliseconds(lambda: con.execute(_PLAIN_REACH, {"until": MIDDLE}).fetchall())
    plain_growth = milliseconds(lambda: con.execute(_PLAIN_GROWTH).fetchall())
    readings = con.execute("SELECT count(*) FROM held.observation").fetchall()[0][0]
    print(f"{readings:,} readings of {POSTS:,} posts, half of them private; median of 5, ms\n")
    print(f"{'answer':46} {'ours':>8} {'plain SQL':>10}")
    for name, work, plain in (
        ("reach by platform", lambda: reach(con, "bench"), plain_now),
        ("reach by platform, region", lambda: reach(con, "bench", by=("region",)), plain_now),
        (
            "reach by platform, region as of a day",
            lambda: reach(con, "bench", by=("region",), as_of=MIDDLE),
            plain_past,
        ),
        ("increments by hour, platform", lambda: increments(con, "bench"), plain_growth),
        ("speed by platform", lambda: speed(con, "bench"), plain_growth),
        ("share outside by platform", lambda: outside(con, "bench"), plain_now),
        ("series by day, platform: views, likes, shares", lambda: series(con, "bench", grain="day"), plain_growth),
        ("posts over time by day, platform", lambda: posts_over_time(con, "bench", grain="day"), None),
    ):
        beside = "" if plain is None else f"{plain:10.0f}"
        print(f"{name:46} {milliseconds(work):8.0f} {beside}")


if __name__ == "__main__":
    main()
