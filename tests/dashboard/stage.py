"""A workspace with real rows for the dashboard: videos that crossed borders on YouTube's charts, and Weibo's hot list.

The rows go straight into the store's tables, so that these tests need no collector; the derived tables are made by
their own definitions, and the owner is the real one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from spillover import derived
from spillover.config import Workspace
from spillover.owner import Owner
from spillover.store import campaign_id

CHARTS, CIA, RUSSIA, EMPTY = "charts", "cia-videos", "russia-contract", "not-yet"
SINCE, UNTIL = "2026-02-26", "2026-03-19"
MISSED = ("2026-03-05", "2026-03-06")
TITLE = '<img src=x onerror="window.hacked=1">**bold** [link](http://evil.example) :red[red] \u202eback'

CAMPAIGNS = {
    CHARTS: 'name = "charts"\ntitle = "Videos on the charts, spring 2026"\nsample = true\nlive = false\n[[videos]]\ntitle.en = "Calm Down"\n',
    CIA: """name = "cia-videos"
title = "CIA videos for Chinese officials"
origin_region = "US"
sample = true
live = false
[[videos]]
title.en = "Why I contacted the CIA: to take control of my fate"
title.ja = "なぜ私はCIAに接触したのか──自分の人生を自分でコントロールするために"
title.ru = "Почему я связался с ЦРУ"
title.ar = "لماذا اتصلت بوكالة المخابرات المركزية"
""",
    EMPTY: f"name = \"not-yet\"\ntitle = '''{TITLE}'''\nlive = false\n[[videos]]\ntitle.en = '''{TITLE}'''\n",
}


def make(root: Path, shared: Path) -> Workspace:
    """Make the workspace and return it, closed."""
    workspace = Workspace(root)
    workspace.make()
    for name, text in CAMPAIGNS.items():
        workspace.campaign_file(name).write_text(text, "utf-8")
    owner = Owner(workspace)
    owner.campaigns.save_all()
    with owner.cursor() as cursor:
        _charts(cursor, shared / "data" / "spread" / "youtube_trending")
        _hot_list(cursor, shared / "data" / "spread" / "weibo_hot_search")
        derived.rebuild(cursor)
    owner.close()
    return workspace


def _charts(cursor: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Take videos that began on at most eight charts and came to many, with all their places and counts."""
    with duckdb.connect() as given:
        given.execute(
            f"""CREATE TABLE obs AS SELECT * FROM '{folder}/observations_*.parquet'
                WHERE fetched_at BETWEEN '{SINCE}' AND '{UNTIL}' AND fetched_at::DATE NOT IN {MISSED}"""
        )
        given.execute(
            f"""CREATE TABLE chosen AS
            WITH first AS (SELECT v, country, min(fetched_at) AS f FROM obs GROUP BY ALL),
            began AS (SELECT v, min(f) AS a FROM first GROUP BY v)
            SELECT v, count(*) AS countries FROM first JOIN began USING (v) JOIN '{folder}/videos_*.parquet' USING (v)
            WHERE published_at >= TIMESTAMP '{SINCE}' - INTERVAL 10 DAY GROUP BY v
            HAVING count(*) >= 15 AND count(*) FILTER (f::DATE = a::DATE) <= 8 ORDER BY countries DESC, v LIMIT 40"""
        )
        tables = {
            "videos": f"SELECT * FROM '{folder}/videos_*.parquet' SEMI JOIN chosen USING (v)",
            "places": "SELECT * FROM obs SEMI JOIN chosen USING (v)",
            "days": "SELECT fetched_at::DATE AS day, min(fetched_at) AS a, max(fetched_at) AS b, count(*) AS n FROM obs GROUP BY day",
        }
        for name, query in tables.items():
            cursor.register(name, given.sql(query).to_arrow_table())
    _insert(cursor, campaign_id(CHARTS))


def _insert(cursor: duckdb.DuckDBPyConnection, campaign: int) -> None:
    statements = (
        """INSERT INTO held.post BY NAME SELECT v + 1000 AS post_key, 'youtube' AS platform, video_id AS id,
           'https://www.youtube.com/watch?v=' || video_id AS url, 'video' AS kind, title, published_at, 'second' AS published_precision,
           default_language AS lang, 'published' AS policy, a AS first_seen_at, b AS last_seen_at
           FROM videos JOIN (SELECT v, min(fetched_at) AS a, max(fetched_at) AS b FROM places GROUP BY v) USING (v)""",
        """INSERT INTO held.post_campaign BY NAME SELECT v + 1000 AS post_key, $c AS campaign_id, 'match' AS role, 'r' AS run_id FROM videos""",
        """INSERT INTO held.match BY NAME SELECT v + 1000 AS post_key, $c AS campaign_id, 1 AS version, 'link' AS kind, video_id AS term,
           CASE WHEN v % 3 = 0 THEN 0.7 ELSE 1.0 END AS confidence, now()::TIMESTAMP AS matched_at FROM videos""",
        """INSERT INTO held.observation BY NAME SELECT v + 1000 AS post_key, fetched_at AS observed_at, strftime(fetched_at, 'y%Y%m%d') AS run_id,
           views, views AS views_low, views AS views_high, likes, likes AS likes_low, likes AS likes_high,
           comments, comments AS comments_low, comments AS comments_high FROM places""",
        """INSERT INTO held.listing BY NAME SELECT v + 1000 AS post_key, 'trending' AS list, country AS region, rank,
           fetched_at AS observed_at, strftime(fetched_at, 'y%Y%m%d') AS run_id FROM places""",
        """INSERT INTO held.run BY NAME SELECT strftime(day, 'y%Y%m%d') AS run_id, 1 AS seq, 'file' AS collector, 'load' AS mode,
           $c AS campaign_id, 'charts_' || day || '.csv' AS query, now()::TIMESTAMP AS started_at, now()::TIMESTAMP AS ended_at,
           'answered' AS outcome, 1 AS asked, 1 AS answered, 0 AS refused, 0 AS broken, n AS posts, 40 AS matched, 0 AS rejected,
           a AS window_from, b AS window_to FROM days""",
    )
    for statement in statements:
        cursor.execute(statement, {"c": campaign} if "$c" in statement else None)


def _hot_list(cursor: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Take the founding case's rows of the hot list, and the runs that refused and broke between them."""
    with duckdb.connect() as given:
        rows = given.sql(
            f"""SELECT row_number() OVER (ORDER BY first_seen)::BIGINT AS post_key, title, band_rank_at_first_sight::INTEGER AS rank,
                timezone('UTC', first_seen::TIMESTAMPTZ) AS seen_at
                FROM read_csv(['{folder}/first_seen_2024.csv.gz', '{folder}/first_seen_2025.csv.gz'], all_varchar = true)
                WHERE title IN ('中方严正抗议CIA公然发布投靠指南', '中方强烈谴责美中情局招募间谍', '美CIA发中文视频招间谍')"""
        ).to_arrow_table()
    cursor.register("hot", rows)
    values = {"c": campaign_id(CIA), "reason": TITLE}
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
