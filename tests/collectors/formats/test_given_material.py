"""The given material whole: how many posts each file holds, and that no value is absurd. Read where it lies, never copied."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from spillover import Interval
from tests.collectors.loading import load

# posts, checks of availability; counted in the files by hand or by what their publisher says of them
EXPECTED = {
    "api/bilibili/search_2026-02-05.json": ("bilibili", 42, 0),
    "api/douyin/general_search_2026-02-05.json.gz": ("douyin", 16, 0),  # 18 cards, 2 of them suggestions of words
    "api/wechat_channels/search_2026-02-05.json.gz": ("wechat_channels", 10, 0),
    "api/weibo/m_weibo_cn_getIndex_2019-07-16_13c460c.json": (
        "weibo",
        12,
        0,
    ),  # 11 cards, one with the post that it reposts
    "api/telegram/t_me_s_telegram.html": ("telegram_page", 20, 0),
    "api/tiktok/web_hashtag_list_2021.json.gz": ("tiktok", 30, 0),
    "api/tiktok/web_hashtag_trend_2021.json": ("tiktok", 0, 0),
    "api/tiktok/web_trending_2021.json.gz": ("tiktok", 30, 0),
    "api/tiktok/web_video_detail_2021.json": ("tiktok", 1, 0),
    "api/tiktok/zeeschuimer_tiktok.ndjson.gz": ("zeeschuimer", 96, 0),
    "api/x_twitter/api_v1_1_tweepy.ndjson.gz": ("x_api_v1", 62, 0),
    "api/x_twitter/api_v2_twarc_observatory.jsonl.gz": ("x_api_v2", 218 + 163, 4),  # of the pages, and only included
    "api/x_twitter/graphql_card_audiospace.json.gz": ("x_graphql", 2, 0),
    "api/x_twitter/graphql_card_summary.json.gz": ("x_graphql", 5, 0),
    "api/x_twitter/graphql_issue_28_1.json.gz": ("x_graphql", 4, 0),
    "api/x_twitter/graphql_issue_42.json.gz": ("x_graphql", 2, 0),
    "api/x_twitter/graphql_manual_tweet_with_video_1.json.gz": ("x_graphql", 11, 0),
    "api/x_twitter/graphql_raw_search.json.gz": ("x_graphql", 25, 0),
    "api/x_twitter/graphql_raw_trends.json.gz": ("x_graphql", 0, 0),
    "api/x_twitter/graphql_raw_tweet_details.json.gz": ("x_graphql", 37, 0),
    "api/x_twitter/graphql_raw_user_tweets.json.gz": ("x_graphql", 41, 0),
    "api/youtube_web/search_relay_2026-02-05.json": ("youtube_search", 20, 0),
    "api/bluesky/jetstream_v1_2026-07-04.jsonl": ("jetstream", 17, 1),
    "api/youtube_data_v3/search__search_by_keywords_p1.json": ("youtube_api", 25, 0),
    "api/youtube_data_v3/search__search_channels.json": ("youtube_api", 0, 0),
    "api/gdelt/events_v2_translingual_sample.tsv": ("gdelt_tables", 50, 0),
    "api/gdelt/gkg_v1_sample.tsv": ("gdelt_tables", 59, 0),  # 50 rows, 9 of which name a second article or more
    "api/gdelt/gkg_v2_translingual_sample.tsv": ("gdelt_tables", 50, 0),
    "api/gdelt/mentions_v2_sample.csv": ("gdelt_tables", 1635, 0),
    "api/media_ccc/media_ccc.ndjson.gz": ("media_ccc", 880, 0),
    "api/nostr/random.json": ("nostr_events", 4, 0),  # of 5 events: one is a profile
    "api/nostr/search.json": ("nostr_events", 3, 0),
    "api/peertube/peertube_and_sepiasearch.ndjson.gz": ("peertube_answers", 141, 0),
    "api/reddit/reddit_oauth_api.ndjson.gz": ("reddit", 440 + 1, 0),  # and the original of a crosspost, aside
    "api/telegram/t_me_s_telegram.expected.json": ("telegram_news", 20, 0),
    "api/wayback/zero_length_cdx.txt": ("cdx", 1, 5),  # five captures of one address
    "api/wayback/wayback_cdx_and_mementos.ndjson.gz": ("cdx_answers", 39, 299),
    "api/youtube_web/innertube.ndjson.gz": ("youtube_lists", 511, 4),
    "api/youtube_web/invidious_hashtag_martingarrix_page1.json.gz": ("youtube_lists", 60, 0),
    "api/youtube_web/invidious_video_regular_mrbeast.player.json.gz": ("youtube_player", 1, 1),
    "spread/x_tweet_counts_2023_2026.ndjson": ("known_ids", 1177, 0),
    "spread/youtube_view_counts_invidious_2022_2024.ndjson": ("known_ids", 17, 0),
    "spread/youtube_view_counts_newpipe_2020_2026.ndjson": ("known_ids", 300, 0),
    "spread/telegram_ru_news_2024.ndjson.gz": ("telegram_news", 14_991, 0),
    "spread/youtube_trending/raw_csv_2026-03-15.zip": ("youtube_chart", 5_397, 0),
    "spread/weibo_hot_search/first_seen_2025.csv.gz": ("weibo_hot", 155_016, 0),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_every_record_of_a_file_is_a_post(shared: Path, name: str) -> None:
    found = load(shared / "data" / name)
    assert (found.format, len(found.posts), len(found.availability), found.rejects) == (*EXPECTED[name], [])
    for post in found.posts:
        assert post.platform and post.id and (post.published_at is None or 2006 <= post.published_at.year <= 2026)
        if post.platform == "telegram":  # its ids name the channel, and are sealed at the door
            continue
        assert post.author is None or not any(name in post.id for name in post.author.names if len(name) > 3)
        for count in (post.counts.views, post.counts.likes) if post.counts else ():
            assert count is None or isinstance(count, Interval) or 0 <= count < 10**12


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def test_a_capture_of_tiktok_says_what_its_lines_say(shared: Path) -> None:
    path = shared / "data/api/tiktok/zeeschuimer_tiktok.ndjson.gz"
    found = load(path)
    for post, line in zip(found.posts, lines(path), strict=True):
        item = line["data"]
        assert post.id == item["id"] and post.published_at and post.published_at.timestamp() == item["createTime"]
        assert post.observed_at and round(post.observed_at.timestamp() * 1000) == line["timestamp_collected"]
        assert post.counts and (post.counts.views, post.counts.likes) == (
            item["stats"]["playCount"],
            item["stats"]["diggCount"],
        )
        assert set(post.hashtags) >= {
            extra["hashtagName"] for extra in item.get("textExtra", []) if extra.get("hashtagName")
        }


def test_a_weibo_day_without_a_year_is_of_the_year_in_which_the_post_was_made(shared: Path) -> None:
    found = load(shared / "data/api/weibo/m_weibo_cn_getIndex_2019-07-16_13c460c.json")
    days = [post.published_at.strftime("%Y-%m-%d") for post in found.posts if post.published_at]
    assert days[:2] == ["2019-06-27", "2019-06-27"] and set(day[:7] for day in days) == {"2019-06", "2019-07"}
    repost, original = found.posts[:2]
    assert (repost.kind, original.kind) == (
        "repost",
        "post",
    ) and f"https://m.weibo.cn/detail/{original.id}" in repost.links
    assert repost.counts and original.counts and (repost.counts.shares, original.counts.shares) == (6, 59)
    assert [post.counts.views for post in found.posts if post.kind == "video" and post.counts][:3] == [840, 2233, 2065]


def test_stories_of_media_cloud_are_the_videos_that_were_linked(shared: Path) -> None:
    found = load(shared / "data/spread/mediacloud_youtube_stories.csv")
    assert (
        found.format == "mediacloud_export" and len(found.posts) + len(found.rejects) == 1000 and len(found.posts) > 900
    )
    assert {post.platform for post in found.posts} == {"youtube"}


# posts, checks, records that cannot be read: in these files some are none
WITH_REJECTS = {
    "api/mastodon/mastodon_rest.ndjson.gz": ("mastodon_answers", 205, 0, 10),  # 10 are not public
    "api/oembed/oembed_answers.ndjson": ("oembed", 6, 6, 33),  # 33 of sites that we do not know, or that refused
    "api/wayback/malformed_cdx.txt": ("cdx", 2, 3, 2),
    "spread/mediacloud_youtube_stories.csv": ("mediacloud_export", 995, 0, 5),  # 5 channels and front pages
    "takedown/youtube_playability_not_ok.ndjson": ("youtube_player", 30, 30, 1),  # one names no video
    "takedown/tweet_attrition_statuses_minet.csv": ("tweet_attrition", 14, 14, 1),  # one is without a state
}


@pytest.mark.parametrize("name", WITH_REJECTS)
def test_what_cannot_be_read_is_set_aside_and_the_rest_lands(shared: Path, name: str) -> None:
    found = load(shared / "data" / name)
    counts = (found.format, len(found.posts), len(found.availability), len(found.rejects))
    assert counts == WITH_REJECTS[name] and all(reject.reason and reject.line for reject in found.rejects)


def test_removed_videos_say_so_in_youtubes_own_words(shared: Path) -> None:
    found = load(shared / "data/takedown/youtube_playability_not_ok.ndjson")
    states = Counter((check.status, check.cause) for check in found.availability)
    assert states[("gone", "author")] == 1 and states[("private", "author")] == 3 and states[("withheld", "geo")] == 5
    assert all(check.said and check.checked_at for check in found.availability)


def test_repeated_readings_of_one_video_go_down_as_well(shared: Path) -> None:
    found = load(shared / "data/spread/youtube_view_counts_newpipe_2020_2026.ndjson")
    by_video: dict[str, list[Any]] = {}
    for post in sorted(found.posts, key=lambda post: post.observed_at or post.published_at):  # type: ignore[arg-type,return-value]
        by_video.setdefault(post.id, []).append(post.counts and post.counts.views)
    falls = sum(later < before for views in by_video.values() for before, later in pairwise(views) if before and later)
    assert len(by_video) == 61 and falls > 0
