"""Recorded answers, cut down: what we read beside what stands in the file, found there by another way."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from spillover import Counts, Listing
from tests.collectors.loading import load, written

RECORDED = Path(__file__).resolve().parents[2] / "recorded" / "file"


def raw(name: str) -> Any:
    return json.loads((RECORDED / name).read_text("utf-8"))


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_bilibili_search() -> None:
    found, items = load(RECORDED / "bilibili_search.json"), raw("bilibili_search.json")["data"]["data"]["result"]
    assert found.format == "bilibili" and not found.rejects and found.claimed[0] == 1000
    assert found.ids == [item["bvid"] for item in items]
    for post, item in zip(found.posts, items, strict=True):
        assert post.counts == Counts(
            views=item["play"], likes=item["like"], comments=item["review"]
        )  # remarks on the picture and favourites are neither
        assert post.published_at == moment(item["pubdate"]) and post.observed_at == moment(1770337411)
        assert post.author is not None and post.author.id == str(item["mid"]) and item["author"] in post.author.names
        assert post.url == f"https://www.bilibili.com/video/{item['bvid']}" and "<" not in (post.title or "")
        minutes, seconds = item["duration"].split(":")
        assert post.duration_s == int(minutes) * 60 + int(seconds)
    assert found.posts[0].title == "【火-影-忍-者】全720集 4K超清未删减完整版 reaction" and found.posts[0].hashtags == (
        "合集",
    )


def test_douyin_search() -> None:
    found, cards = load(RECORDED / "douyin_search.json"), raw("douyin_search.json")["data"]["data"]
    videos = [card["aweme_info"] for card in cards if card["type"] == 1]
    assert found.format == "douyin" and not found.rejects and found.ids == [video["aweme_id"] for video in videos]
    for post, video in zip(found.posts, videos, strict=True):
        shown = video["statistics"]
        assert post.counts == Counts(
            views=None, likes=shown["digg_count"], shares=shown["share_count"], comments=shown["comment_count"]
        )
        assert post.published_at == moment(video["create_time"]) and post.text == video["desc"]
        assert post.duration_s == (video["video"]["duration"] / 1000 or None)
    assert (
        [post.kind for post in found.posts] == ["post", "video", "video"]
        and found.posts[1].lang == "zh"
        and found.posts[0].lang is None
    )
    assert found.posts[0].hashtags[:2] == ("猫", "好猫")


def test_wechat_channels_search() -> None:
    found, objects = (
        load(RECORDED / "wechat_channels_search.json"),
        raw("wechat_channels_search.json")["data"]["media_list"],
    )
    assert found.format == "wechat_channels" and found.ids == [each["id"] for each in objects] and not found.rejects
    for post, each in zip(found.posts, objects, strict=True):
        assert post.counts == Counts(
            likes=each["like_count"], shares=each["forward_count"], comments=each["comment_count"]
        )
        assert post.published_at == moment(each["createtime"]) and post.url is None and "<em" not in (post.text or "")
    assert [(post.region, post.region_basis) for post in found.posts] == [
        ("CN-GD", "ip_label"),
        ("CN-BJ", "ip_label"),
        ("CN-GD", "ip_label"),
    ]


def test_youtube_search_of_a_relay() -> None:
    found, videos = load(RECORDED / "youtube_search.json"), raw("youtube_search.json")["data"]["videos"]
    assert found.format == "youtube_search" and found.ids == [video["video_id"] for video in videos]
    assert [post.counts and post.counts.views for post in found.posts] == [video["number_of_views"] for video in videos]
    assert [post.published_precision for post in found.posts] == [
        "hour",
        "hour",
        "day",
    ]  # 10 hours ago, 12 hours ago, 1 day ago
    assert found.posts[0].published_at == moment(1770339953 - 10 * 3600) and found.posts[0].duration_s == 13 * 60 + 59


def test_x_graphql_search_and_thread() -> None:
    found = load(RECORDED / "x_graphql_search.json")
    assert found.format == "x_graphql" and not found.rejects
    first = found.of("2074976613713031490")
    assert first.counts == Counts(views=25900, likes=312, shares=21, comments=11) and first.published_at == datetime(
        2026, 7, 8, 21, 59, 10, tzinfo=UTC
    )
    assert (
        first.text is not None and first.text.startswith("In Europe*, 4.7k Tesla") and "last five so far" in first.text
    )  # the whole note, not its beginning
    thread = load(RECORDED / "x_graphql_thread.json")
    repost, original = thread.of("1658409412799737856"), thread.of("1658407192859492355")
    assert (repost.kind, repost.counts) == (
        "repost",
        Counts(),
    ) and "https://x.com/i/status/1658407192859492355" in repost.links
    assert original.counts == Counts(views=1110, likes=60, shares=42, comments=5) and original.author != repost.author
    assert len(thread.posts) == 4


def test_an_answer_without_posts_is_known_all_the_same() -> None:
    found = load(RECORDED / "x_graphql_trends.json")
    assert (found.format, found.posts, found.rejects) == ("x_graphql", [], [])


def test_x_api_v2_pages_of_twarc() -> None:
    found = load(RECORDED / "x_api_v2_twarc.jsonl")
    page = json.loads((RECORDED / "x_api_v2_twarc.jsonl").read_text("utf-8"))
    tweets = page["data"] + page["includes"]["tweets"]
    assert found.format == "x_api_v2" and found.ids == [tweet["id"] for tweet in tweets] and not found.rejects
    for post, tweet in zip(found.posts, tweets, strict=True):
        shown = tweet["public_metrics"]
        is_repost = any(part["type"] == "retweeted" for part in tweet.get("referenced_tweets", []))
        exact = Counts(likes=shown["like_count"], shares=shown["retweet_count"], comments=shown["reply_count"])
        assert post.counts == (Counts() if is_repost else exact) and post.kind == ("repost" if is_repost else "post")
        assert post.author is not None and post.author.id == tweet["author_id"] and len(post.author.names) == 2
        assert post.observed_at == datetime.fromisoformat(page["__twarc"]["retrieved_at"])
    (check,) = found.availability
    assert (check.id, check.status, check.basis) == (
        page["errors"][0]["resource_id"],
        "unknown",
        "absent",
    )  # "could not find" is no proof


def test_x_api_v1_exchanges() -> None:
    found = load(RECORDED / "x_api_v1_exchanges.ndjson")
    assert found.format == "x_api_v1" and not found.rejects and len(found.posts) == 6
    original = found.of("266367358078169089")
    assert original.counts == Counts(likes=144, shares=211) and original.published_at == datetime(
        2012, 11, 8, 2, 31, 41, tzinfo=UTC
    )
    assert original.observed_at == datetime(2019, 7, 13, 2, 27, 49, tzinfo=UTC)  # the answer's own Date header
    assert found.of("486663181901627392").kind == "repost" and found.of("486663181901627392").counts == Counts()


def test_jetstream_frames() -> None:
    found = load(RECORDED / "jetstream.jsonl")
    frames = [json.loads(line) for line in (RECORDED / "jetstream.jsonl").read_text("utf-8").splitlines()]
    made = [
        frame
        for frame in frames
        if frame["kind"] == "commit"
        and frame["commit"]["collection"].endswith(".post")
        and frame["commit"]["operation"] == "create"
    ]
    assert found.format == "jetstream" and not found.rejects
    assert found.ids == [f"at://{frame['did']}/app.bsky.feed.post/{frame['commit']['rkey']}" for frame in made]
    assert found.posts[0].links == ("https://www.youtube.com/watch?v=V5lDo-jw8mA",) and found.posts[0].lang == "en"
    assert found.posts[0].url == "https://bsky.app/profile/did:plc:dclwtltrt2ggsryagfzk7dp4/post/3mptbyoeyc22k"
    assert [(check.status, check.cause) for check in found.availability] == [("gone", "author")]


def test_telegram_messages() -> None:
    found = load(RECORDED / "telegram_news.ndjson")
    assert found.format == "telegram_news" and found.ids == ["1465826763/3881", "1465826763/3882", "1465826763/3883"]
    assert found.posts[0].published_at == datetime(2023, 8, 10, 17, 54, 5, tzinfo=UTC)
    assert found.posts[0].links == ("https://voskan.host/2023/08/05/golang-apache-kafka/",) and found.posts[
        1
    ].hashtags == ("холивар",)


def test_a_chart_is_a_place_on_a_list_and_never_the_region_of_a_video() -> None:
    found = load(RECORDED / "youtube_chart.zip")
    with zipfile.ZipFile(RECORDED / "youtube_chart.zip") as archive:
        rows = [
            row
            for name in archive.namelist()
            for row in csv.DictReader(io.StringIO(archive.read(name).decode(), newline=""))
        ]
    assert found.format == "youtube_chart" and found.ids == [row["video_id"] for row in rows] and not found.rejects
    for place, (post, row) in enumerate(zip(found.posts, rows, strict=True)):
        assert (
            post.listing == Listing(list="youtube_trending", region=row["country"], rank=place % 3 + 1)
            and post.region is None
        )
        assert post.counts == Counts(
            views=int(row["views"]), likes=int(row["likes"]) if row["likes"] else None, comments=int(row["comments"])
        )
        assert post.observed_at == datetime.fromisoformat(row["fetched_at"]) and post.title == row["title"]
        assert post.author is not None and post.author.id == row["channel_id"]


def test_the_hot_list_holds_topics() -> None:
    found = load(RECORDED / "weibo_hot.csv")
    assert found.format == "weibo_hot" and {post.kind for post in found.posts} == {"topic"}
    story = found.of("美CIA发中文视频招间谍")
    assert story.observed_at == datetime(2025, 6, 25, 1, 42, tzinfo=UTC).replace(
        second=story.observed_at.second if story.observed_at else 0
    )
    assert story.listing == Listing(list="weibo_hot_search", region="CN", rank=7) and (
        story.region,
        story.region_basis,
    ) == (
        "CN",
        "list",
    )
    assert found.posts[0].listing == Listing(list="weibo_hot_search", region="CN", rank=None)


@pytest.mark.parametrize("name", sorted(path.name for path in RECORDED.glob("*.json")))
def test_an_answer_is_known_however_it_is_laid_out_or_wrapped(tmp_path: Path, name: str) -> None:
    """Minified, one a line, in a list, as a recorded exchange, and whatever the file is called."""
    plain, value = load(RECORDED / name), raw(name)
    layouts = [
        json.dumps(value),
        json.dumps([value], indent=2),
        json.dumps(value) + "\n" + json.dumps(value),
        json.dumps({"status": 200, "body": json.dumps(value)}),
    ]
    for text in layouts:
        found = load(written(tmp_path / "x.bin", text))
        assert (found.format, found.ids[: len(plain.ids)], found.rejects) == (plain.format, plain.ids, [])


@pytest.mark.parametrize("name", ["bilibili_search.json", "douyin_search.json", "wechat_channels_search.json"])
def test_one_bad_record_of_an_answer_is_rejected_alone(tmp_path: Path, name: str) -> None:
    value, plain = raw(name), load(RECORDED / name)
    first = (
        value["data"]["data"]["result"][0]
        if "bili" in name
        else value["data"]["data"][0]["aweme_info"]
        if "douyin" in name
        else value["data"]["media_list"][0]
    )
    for field in ("pubdate", "create_time", "createtime"):
        if field in first:
            first[field] = "sometime"
    found = load(written(tmp_path / "x", json.dumps(value)))
    assert found.ids == plain.ids[1:] and len(found.rejects) == 1 and "sometime" in found.rejects[0].reason
