"""A workspace with the sample's real rows for the dashboard, and campaigns that make its life hard.

The rows go straight into the store's tables, so that these tests need no collector; the derived tables are made by
their own definitions, and the owner is the real one. Two days are left out, so that there is a gap to show.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb

from spillover import derived
from spillover.config import Workspace
from spillover.owner import Owner
from spillover.store import campaign_id

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CHARTS, CIA, MIXED, EMPTY = "sample-youtube-trending", "cia-china-2025", "mixed", "not-yet"
MISSED = ("2026-04-02", "2026-04-03")
HOSTILE = (
    '<img src=x onerror="window.hacked=1">**bold** [link](http://evil.example) www.evil.example :red[red] \u202eback'
)
_MIXED_FILE = (
    f'name = "{MIXED}"\ntitle = "Made up: five platforms"\nlive = false\n[[videos]]\ntitle.ar = "مقطع تجريبي طويل"\n'
)
_EMPTY_FILE = f"name = \"{EMPTY}\"\ntitle = '''{HOSTILE}'''\nlive = false\n[[videos]]\ntitle.en = '''{HOSTILE}'''\n"


def make(root: Path) -> Workspace:
    """Make the workspace and return it, closed."""
    workspace = Workspace(root)
    workspace.make()
    for name in (CHARTS, CIA):
        shutil.copyfile(EXAMPLES / f"{name}.toml", workspace.campaign_file(name))
    workspace.campaign_file(EMPTY).write_text(_EMPTY_FILE, "utf-8")
    workspace.campaign_file(MIXED).write_text(_MIXED_FILE, "utf-8")
    owner = Owner(workspace)
    owner.campaigns.save_all()
    with owner.cursor() as cursor:
        _charts(cursor, EXAMPLES / "sample" / CHARTS)
        _hot_list(cursor, EXAMPLES / "sample" / CIA)
        _mixed(cursor)
        derived.rebuild(cursor)
    owner.close()
    return workspace


def _charts(cursor: duckdb.DuckDBPyConnection, folder: Path) -> None:
    with duckdb.connect() as given:
        given.execute("SET TimeZone = 'UTC'")
        given.execute(
            f"""CREATE TABLE places AS SELECT * REPLACE (fetched_at::TIMESTAMPTZ::TIMESTAMP AS fetched_at, published_at::TIMESTAMPTZ::TIMESTAMP AS published_at)
                FROM read_csv('{folder}/*.csv.gz') WHERE fetched_at::TIMESTAMPTZ::DATE NOT IN {MISSED}"""
        )
        tables = {
            "places": "SELECT *, (hash(video_id) // 4)::BIGINT AS v FROM places",
            "days": "SELECT fetched_at::DATE AS day, min(fetched_at) AS a, max(fetched_at) AS b, count(*) AS n FROM places GROUP BY day",
        }
        for name, query in tables.items():
            cursor.register(name, given.sql(query).to_arrow_table())
    _insert(cursor, campaign_id(CHARTS))


def _insert(cursor: duckdb.DuckDBPyConnection, campaign: int) -> None:
    statements = (
        """INSERT INTO held.post BY NAME SELECT v AS post_key, 'youtube' AS platform, any_value(video_id) AS id, 'video' AS kind,
           any_value(title) AS title, any_value(published_at) AS published_at, 'second' AS published_precision,
           any_value(audio_language) AS lang, 'published' AS policy, min(fetched_at) AS first_seen_at, max(fetched_at) AS last_seen_at
           FROM places GROUP BY v""",
        "INSERT INTO held.post_campaign BY NAME SELECT DISTINCT v AS post_key, $c AS campaign_id, 'match' AS role, 'r' AS run_id FROM places",
        """INSERT INTO held.match BY NAME SELECT DISTINCT v AS post_key, $c AS campaign_id, 1 AS version, 'title' AS kind, video_id AS term,
           CASE WHEN v % 3 = 0 THEN 0.7 ELSE 1.0 END AS confidence, TIMESTAMP '2026-04-16' AS matched_at FROM places""",
        """INSERT INTO held.observation BY NAME SELECT v AS post_key, fetched_at AS observed_at, strftime(fetched_at, 'y%Y%m%d') AS run_id,
           views, views AS views_low, views AS views_high, likes, likes AS likes_low, likes AS likes_high,
           comments, comments AS comments_low, comments AS comments_high FROM places""",
        """INSERT INTO held.listing BY NAME SELECT v AS post_key, 'trending' AS list, country AS region, rank,
           fetched_at AS observed_at, strftime(fetched_at, 'y%Y%m%d') AS run_id FROM places""",
        """INSERT INTO held.run BY NAME SELECT strftime(day, 'y%Y%m%d') AS run_id, 1 AS seq, 'file' AS collector, 'load' AS mode,
           $c AS campaign_id, 'charts_' || day || '.csv' AS query, now()::TIMESTAMP AS started_at, now()::TIMESTAMP AS ended_at,
           'answered' AS outcome, 1 AS asked, 1 AS answered, 0 AS refused, 0 AS broken, n AS posts, n AS matched, 0 AS rejected,
           a AS window_from, b AS window_to FROM days""",
    )
    for statement in statements:
        cursor.execute(statement, {"c": campaign} if "$c" in statement else None)


def _hot_list(cursor: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Take the founding case's rows of the hot list, and make two runs between them that were refused and broke."""
    with duckdb.connect() as given:
        rows = given.sql(
            f"""SELECT row_number() OVER (ORDER BY first_seen)::BIGINT AS post_key, title, band_rank_at_first_sight::INTEGER AS rank,
                timezone('UTC', first_seen::TIMESTAMPTZ) AS seen_at FROM read_csv('{folder}/*.csv', all_varchar = true)
                WHERE title IN ('中方严正抗议CIA公然发布投靠指南', '中方强烈谴责美中情局招募间谍', '美CIA发中文视频招间谍')"""
        ).to_arrow_table()
    cursor.register("hot", rows)
    values = {"c": campaign_id(CIA), "reason": HOSTILE}
    statements = (
        """INSERT INTO held.post BY NAME SELECT post_key, 'weibo' AS platform, md5(title || seen_at) AS id, 'hot_search' AS kind, title, 'zh' AS lang,
           'CN' AS region, 'published' AS policy, seen_at AS first_seen_at, seen_at AS last_seen_at FROM hot""",
        "INSERT INTO held.post_campaign BY NAME SELECT post_key, $c AS campaign_id, 'match' AS role, 'w' AS run_id FROM hot",
        """INSERT INTO held.match BY NAME SELECT post_key, $c AS campaign_id, 1 AS version, 'phrase' AS kind, title AS term, 0.9 AS confidence,
           seen_at AS matched_at FROM hot""",
        "INSERT INTO held.observation BY NAME SELECT post_key, seen_at AS observed_at, 'w' AS run_id FROM hot",
        """INSERT INTO held.listing BY NAME SELECT post_key, 'hot_search' AS list, 'CN' AS region, rank, seen_at AS observed_at, 'w' || post_key AS run_id
           FROM hot""",
        """INSERT INTO held.run BY NAME SELECT 'w' || post_key AS run_id, 1 AS seq, 'file' AS collector, 'load' AS mode, $c AS campaign_id,
           'first_seen.csv' AS query, now()::TIMESTAMP AS started_at, now()::TIMESTAMP AS ended_at, 'answered' AS outcome, 1 AS asked, 1 AS answered,
           0 AS refused, 0 AS broken, 1 AS posts, 1 AS matched, 0 AS rejected, seen_at AS window_from, seen_at AS window_to FROM hot""",
        """INSERT INTO held.run BY NAME SELECT outcome AS run_id, 1 AS seq, 'rss' AS collector, 'search' AS mode, $c AS campaign_id, moment AS started_at,
           moment AS ended_at, outcome, 1 AS asked, 0 AS answered, (outcome = 'refused')::INTEGER AS refused, (outcome = 'broken')::INTEGER AS broken,
           0 AS posts, 0 AS matched, 0 AS rejected, $reason AS reason
           FROM (VALUES ('refused', TIMESTAMP '2025-05-06 10:00'), ('broken', TIMESTAMP '2025-05-07 10:00')) t (outcome, moment)""",
    )
    for statement in statements:
        needed: dict[str, Any] = {key: value for key, value in values.items() if f"${key}" in statement}
        cursor.execute(statement, needed or None)


def _mixed(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make up posts whose counts are exact (youtube), rounded (bilibili), of too few accounts (vk) and hidden (x), and a platform
    with a name that somebody made up to do harm."""
    values = {"c": campaign_id(MIXED)}
    cursor.execute(
        """CREATE TEMP TABLE made AS SELECT (900000 + row_number() OVER ())::BIGINT AS k, platform, n, moment FROM (VALUES
           ('youtube', 8, TIMESTAMP '2026-01-01 06:00'), ('bilibili', 7, TIMESTAMP '2026-01-01 18:00'),
           ('vk', 3, TIMESTAMP '2026-01-02 06:00'), ('**[p](http://evil.example)**<b>', 5, TIMESTAMP '2026-01-02 09:00'), ('x', 6, TIMESTAMP '2026-01-02 12:00')) t (platform, posts, moment), range(posts) r (n)"""
    )
    statements = (
        """INSERT INTO held.post BY NAME SELECT k AS post_key, platform, 'id' || k AS id, 'video' AS kind, $t AS title, platform AS policy,
           CASE platform WHEN 'bilibili' THEN 'CN' WHEN 'youtube' THEN 'HK' END AS region, moment AS first_seen_at, moment AS last_seen_at FROM made""",
        """INSERT INTO held.post_campaign BY NAME SELECT k AS post_key, $c AS campaign_id, 'match' AS role, encode(lpad(k::VARCHAR, 16, '0')) AS author,
           'm' AS run_id FROM made""",
        """INSERT INTO held.match BY NAME SELECT k AS post_key, $c AS campaign_id, 1 AS version, 'title' AS kind, 't' AS term,
           0.95 AS confidence, moment AS matched_at FROM made""",
        """INSERT INTO held.observation BY NAME SELECT k AS post_key, moment + to_hours((12 * again)::INTEGER) AS observed_at, 'm' AS run_id,
           CASE WHEN platform IN ('youtube', 'bilibili', 'vk') THEN 12000 * (again + 1) END AS views,
           CASE WHEN platform = 'bilibili' THEN 11500 * (again + 1) WHEN platform IN ('youtube', 'vk') THEN 12000 * (again + 1) END AS views_low,
           CASE WHEN platform = 'bilibili' THEN 12499 * (again + 1) WHEN platform IN ('youtube', 'vk') THEN 12000 * (again + 1) END AS views_high
           FROM made, range(4) r (again)""",
        """INSERT INTO held.run BY NAME SELECT 'm' AS run_id, 1 AS seq, 'rss' AS collector, 'search' AS mode, $c AS campaign_id,
           TIMESTAMP '2026-01-04' AS started_at, TIMESTAMP '2026-01-04' AS ended_at, 'answered' AS outcome, 1 AS asked, 1 AS answered,
           0 AS refused, 0 AS broken, 24 AS posts, 24 AS matched, 0 AS rejected,
           TIMESTAMP '2026-01-01' AS window_from, TIMESTAMP '2026-01-04' AS window_to""",
    )
    for statement in statements:
        needed: dict[str, Any] = {
            key: value for key, value in (values | {"t": HOSTILE}).items() if f"${key}" in statement
        }
        cursor.execute(statement, needed or None)
