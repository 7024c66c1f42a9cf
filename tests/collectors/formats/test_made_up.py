"""Shapes of which no recorded answer may be copied here: made up, tiny, to the shape that is documented or was seen."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from spillover import Counts, Interval, Reading
from tests.collectors.loading import Loaded, load, written

SEEN_MS, SEEN = 1697108706245, datetime(2023, 10, 12, 11, 5, 6, 245000, tzinfo=UTC)
MADE, MADE_AT = 1697101549, datetime(2023, 10, 12, 9, 5, 49, tzinfo=UTC)


def captured(tmp_path: Path, source: str, data: Any) -> Loaded:
    envelope = {
        "nav_index": "1:0:0",
        "item_id": "1",
        "timestamp_collected": SEEN_MS,
        "source_platform": source,
        "user_agent": "nobody's",
        "data": data,
    }
    return load(written(tmp_path / "capture.ndjson", [envelope]))


TIKTOK = {
    "id": "7288995634328177926", "desc": "text #tag", "createTime": MADE, "author": {"id": "45", "uniqueId": "someone", "nickname": "Some One"},
    "stats": {"playCount": 1200000, "diggCount": 59, "shareCount": 0, "commentCount": 3}, "statsV2": {"playCount": "1234567", "diggCount": "59"},
    "video": {"duration": 277}, "locationCreated": "TR", "textLanguage": "tr", "textExtra": [{"hashtagName": "tag"}],
}  # fmt: skip
CAPTURES: list[tuple[str, dict[str, Any], str, str, Counts]] = [
    ("tiktok.com", TIKTOK, "tiktok", "7288995634328177926", Counts(views=1234567, likes=59, shares=0, comments=3)),
    (
        "douyin.com",
        {"aweme_id": "7584769166932233472", "desc": "x", "create_time": MADE, "author": {"uid": "1"}, "statistics": {"play_count": 0, "digg_count": 5, "share_count": 1, "comment_count": 2}},
        "douyin", "7584769166932233472", Counts(likes=5, shares=1, comments=2),
    ),
    (
        "twitter.com",
        {"rest_id": "1658407192859492355", "views": {"state": "EnabledWithCount", "count": "1110"}, "core": {"user_results": {"result": {"rest_id": "9", "core": {"screen_name": "a"}}}},
         "legacy": {"full_text": "x", "created_at": "Thu Oct 12 09:05:49 +0000 2023", "favorite_count": 60, "retweet_count": 42, "reply_count": 5, "user_id_str": "9", "lang": "und"}},
        "x", "1658407192859492355", Counts(views=1110, likes=60, shares=42, comments=5),
    ),
    (
        "instagram.com",
        {"code": "Cabc", "media_type": 2, "taken_at": MADE, "like_count": -1, "comment_count": 4, "play_count": 900, "user": {"id": "3", "username": "i"}, "caption": {"text": "x #y"}},
        "instagram", "Cabc", Counts(views=900, comments=4),
    ),
    (
        "threads.net",
        {"code": "Cthr", "taken_at": MADE, "like_count": 7, "text_post_app_info": {"repost_count": 2, "direct_reply_count": 1}, "user": {"pk": "3", "username": "t"}, "caption": None},
        "threads", "Cthr", Counts(likes=7, shares=2, comments=1),
    ),
    (
        "xiaohongshu.com",
        {"id": "64cca3b500000000120314a2", "note_card": {"display_title": "t", "time": MADE * 1000, "ip_location": "广东", "user": {"user_id": "5", "nickname": "n"}, "interact_info": {"liked_count": "1.2万", "comment_count": "3"}}},
        "xiaohongshu", "64cca3b500000000120314a2", Counts(likes=Interval(11_500, 12_499, 12_000), comments=3),
    ),
    (
        "truthsocial.com",
        {"id": "108", "content": "<p>a &amp; b</p>", "created_at": "2023-10-12T09:05:49.000Z", "reblogs_count": 2, "replies_count": 3, "favourites_count": 4, "account": {"id": "1", "username": "u"}},
        "truthsocial", "108", Counts(likes=4, shares=2, comments=3),
    ),
    ("gab.com", {"i": "107", "c": "x", "ca": "2023-10-12T09:05:49.000Z", "fbc": 4, "rbc": 2, "author_info": {"i": "1", "un": "u"}}, "gab", "107", Counts(likes=4, shares=2)),
    ("9gag.com", {"id": "aX", "title": "t", "creationTs": MADE, "upVoteCount": 9, "commentsCount": 1, "creator": None}, "9gag", "aX", Counts(likes=9, comments=1)),
    ("imgur.com", {"id": "im", "title": "t", "created_at": "2023-10-12T09:05:49Z", "view_count": 8, "upvote_count": 2, "comment_count": 1}, "imgur", "im", Counts(views=8, likes=2, comments=1)),
    ("pinterest.com", {"id": "77", "title": "t", "created_at": "Thu, 12 Oct 2023 09:05:49 +0000", "pinner": {"id": "4", "username": "p"}}, "pinterest", "77", Counts()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "data", "platform", "post_id", "counts"), CAPTURES, ids=[capture[0] for capture in CAPTURES]
)
def test_a_capture_is_read_whatever_platform_it_is_of(
    tmp_path: Path, source: str, data: Any, platform: str, post_id: str, counts: Counts
) -> None:
    found = captured(tmp_path, source, data)
    assert found.format == "zeeschuimer" and not found.rejects
    (post,) = found.posts
    assert (post.platform, post.id, post.counts, post.published_at, post.observed_at) == (
        platform,
        post_id,
        counts,
        MADE_AT,
        SEEN,
    )


def test_what_a_capture_declares_is_kept(tmp_path: Path) -> None:
    (post,) = captured(tmp_path, "tiktok.com", TIKTOK).posts
    assert (post.region, post.region_basis, post.lang, post.duration_s, post.hashtags) == (
        "TR",
        "tagged",
        "tr",
        277.0,
        ("tag",),
    )
    assert (
        post.url == "https://www.tiktok.com/@_/video/7288995634328177926"
        and post.author is not None
        and post.author.names == ("someone", "Some One")
    )
    (note,) = captured(tmp_path, "rednote.com", CAPTURES[5][1]).posts
    assert (note.platform, note.region, note.region_basis) == ("xiaohongshu", "CN-GD", "ip_label")


@pytest.mark.parametrize(
    ("source", "data", "said"),
    [
        ("myspace.com", {"id": 1}, "myspace"), ("tiktok.com", {"totally": "changed"}, "shape"), ("tiktok.com", "text", "shape"), ("tiktok.com", TIKTOK | {"id": None}, "id"),
        ("tiktok.com", TIKTOK | {"stats": {"playCount": "viel"}, "statsV2": {}}, "playCount"), ("x.com", {"rest_id": "1", "legacy": None}, "shape"),
    ],
)  # fmt: skip
def test_a_capture_of_an_unknown_shape_is_rejected_with_the_reason(
    tmp_path: Path, source: str, data: Any, said: str
) -> None:
    found = captured(tmp_path, source, data)
    assert not found.posts and [said in reject.reason for reject in found.rejects] == [True]


def test_comments_of_a_capture_are_no_posts(tmp_path: Path) -> None:
    found = captured(tmp_path, "tiktok-comments", {"cid": "1", "text": "x", "digg_count": 1})
    assert (found.posts, found.rejects) == ([], [])


def test_4cat_folds_the_envelope_into_the_item(tmp_path: Path) -> None:
    found = load(
        written(
            tmp_path / "4cat.ndjson",
            [TIKTOK | {"__import_meta": {"source_platform": "tiktok.com", "timestamp_collected": SEEN_MS}}],
        )
    )
    assert [(post.platform, post.observed_at) for post in found.posts] == [("tiktok", SEEN)]


def test_4cat_tables_say_their_platform_by_their_columns(tmp_path: Path) -> None:
    tiktok = load(written(tmp_path / "a.csv", "id,thread_id,author,author_full,body,timestamp,unix_timestamp,tiktok_url,likes,comments,shares,plays,hashtags,location_created\n"
        f'7288995634328177926,7288995634328177926,someone,Some One,"a ""text""",2023-10-12 09:05:49,{MADE},https://www.tiktok.com/@someone/video/7288995634328177926,59,3,0,3597,"tag,other",TR\n'))  # fmt: skip
    (post,) = tiktok.posts
    assert tiktok.format == "fourcat" and (post.platform, post.published_at, post.region, post.hashtags) == (
        "tiktok",
        MADE_AT,
        "TR",
        ("tag", "other"),
    )
    assert post.counts == Counts(views=3597, likes=59, shares=0, comments=3)
    x = load(written(tmp_path / "b.csv", "id,thread_id,timestamp,unix_timestamp,link,body,author,author_id,language_guess,retweet_count,reply_count,like_count,impression_count,is_retweet\n"
        f"11,11,2023-10-12 09:05:49,{MADE},https://x.com/a/status/11,RT @b: x,a,9,en,42,0,0,,yes\n12,12,2023-10-12 09:05:49,{MADE},https://x.com/a/status/12,x,a,9,en,2,1,3,50,no\n"))  # fmt: skip
    assert [(each.platform, each.kind, each.counts) for each in x.posts] == [
        ("x", "repost", Counts()),
        ("x", "post", Counts(views=50, likes=3, shares=2, comments=1)),
    ]
    telegram = load(
        written(
            tmp_path / "c.csv",
            "id,thread_id,body,author,timestamp,unix_timestamp,views,author_forwarded_from_name\n5,somechannel,x,1,2023-10-12 09:05:49,1697101549,10,\n",
        )
    )
    assert [(each.id, each.url) for each in telegram.posts] == [("somechannel/5", "https://t.me/somechannel/5")]


def test_our_own_lines_come_back_as_they_went(tmp_path: Path) -> None:
    lines = [
        {"type": "run", "collector": "x", "started_at": "2026-01-02T00:00:00Z"},
        {
            "type": "page",
            "from": "2026-01-01T00:00:00Z",
            "to": "2026-01-02T00:00:00Z",
            "done": True,
            "cursor": None,
            "claimed_total": 7,
            "cut_short": None,
        },
        {
            "type": "post",
            "platform": "youtube",
            "id": "a",
            "url": None,
            "title": "t",
            "text": None,
            "author": "00ff",
            "published_at": "2026-01-01T00:00:00",
            "lang": None,
            "region": None,
        },
        {"type": "post", "platform": "youtube", "id": "b", "title": "never read"},
        {
            "type": "observation",
            "platform": "youtube",
            "id": "a",
            "observed_at": "2026-01-02T00:00:00",
            "views": 12000,
            "views_low": 11500,
            "views_high": 12499,
            "likes": 3,
            "likes_low": 3,
            "likes_high": 3,
        },
        {"type": "observation", "platform": "youtube", "id": "held", "observed_at": "2026-01-02T00:00:00", "views": 5},
        {
            "type": "availability",
            "platform": "youtube",
            "id": "a",
            "status": "withheld",
            "checked_at": "2026-01-02T00:00:00",
            "allowed_in": None,
            "blocked_in": ["DE"],
        },
        {"type": "availability", "platform": "youtube", "id": "a", "status": "vanished"},
        {"type": "what"},
    ]
    found = load(written(tmp_path / "lines", lines))
    assert found.format == "records" and sorted(found.ids) == ["a", "b"] and found.claimed == [None, 7]
    assert (
        found.of("a").counts == Counts(views=Interval(11_500, 12_499, 12_000), likes=3) and found.of("b").counts is None
    )
    assert found.readings == [
        Reading(id="held", platform="youtube", counts=Counts(views=5), observed_at=datetime(2026, 1, 2, tzinfo=UTC))
    ]
    assert [check.blocked_in for check in found.availability] == [("DE",)] and [
        reject.line for reject in found.rejects
    ] == [8, 9]


def mblog(number: str, **other: Any) -> dict[str, Any]:
    return {
        "mid": number, "id": number, "text": "x", "created_at": "06-27", "reposts_count": 1, "comments_count": 2, "attitudes_count": "100万+", "user": {"id": 5, "screen_name": "someone"},
    } | other  # fmt: skip


def weibo(tmp_path: Path, *posts: dict[str, Any]) -> Loaded:
    group = {"card_type": 11, "card_group": [{"card_type": 9, "mblog": post} for post in posts]}
    return load(
        written(
            tmp_path / "weibo.json",
            [
                {
                    "ok": 1,
                    "data": {"cardlistInfo": {"total": 259}, "cards": [group, {"card_type": 10, "user": {"id": 1}}]},
                }
            ],
        )
    )


def test_weibo_texts_lose_their_markup_and_keep_their_links(tmp_path: Path) -> None:
    text = '<a href="/n/someone">@someone</a>:看<span class="url-icon"><img alt=[doge] src="x"></span><br />B&amp;C <a data-url="http://t.cn/A6" href="https://weibo.cn/sinaurl?u=https%3A%2F%2Fexample.org%2Fv">网页</a> #中情局[超话]#'
    (post,) = weibo(tmp_path, mblog("4387933362623405", text=text, region_name="发布于 广东")).posts
    assert (
        post.text == "@someone:看[doge]\nB&C 网页 #中情局[超话]#"
        and post.links == ("http://t.cn/A6", "https://example.org/v")
        and post.hashtags == ("中情局",)
    )
    assert (
        (post.region, post.region_basis) == ("CN-GD", "ip_label")
        and post.counts is not None
        and post.counts.likes == Interval(1_000_000, None, 1_000_000)
    )
    assert post.published_at == datetime(
        2019, 6, 27, 15, 11, 40, tzinfo=UTC
    )  # its number says the second, and agrees with the day


@pytest.mark.parametrize(
    ("words", "status", "cause"),
    [
        ("抱歉，此微博已被作者删除。查看帮助：", "gone", "author"), ("由于博主隐私设置，你没有权限查看此微博。", "private", "author"), ("该账号因被投诉违反法律法规，现已无法查看。", "gone", "account"),
        ("该微博因被多人投诉，根据《微博社区公约》，已被删除。", "gone", "platform"), ("抱歉，此微博不存在", "unknown", "missing"),
    ],
)  # fmt: skip
def test_what_stands_in_the_place_of_a_weibo_post_says_why(tmp_path: Path, words: str, status: str, cause: str) -> None:
    found = weibo(
        tmp_path,
        mblog(
            "4387933362623405",
            retweeted_status={"mid": "4387930325701338", "text": words, "user": None, "deleted": "1"},
        ),
    )
    assert found.ids == ["4387933362623405"] and [
        (check.id, check.status, check.cause) for check in found.availability
    ] == [("4387930325701338", status, cause)]


def test_youtube_says_where_a_video_is_withheld(tmp_path: Path) -> None:
    def video(number: int, **other: Any) -> dict[str, Any]:
        return {
            "kind": "youtube#video",
            "id": f"video{number:06d}",
            "snippet": {"title": "t", "channelId": "UC1", "publishedAt": "2023-10-12T09:05:49Z"},
        } | other

    page = {"kind": "youtube#videoListResponse", "pageInfo": {"totalResults": 4}, "items": [
        video(1, statistics={"viewCount": "5"}, contentDetails={"duration": "PT1M", "regionRestriction": {"blocked": ["DE", "RU"]}}),
        video(2, contentDetails={"regionRestriction": {"allowed": []}}), video(3, contentDetails={"regionRestriction": {"blocked": []}}),
        video(4, status={"privacyStatus": "private"}),
    ]}  # fmt: skip
    found = load(written(tmp_path / "pages.json", [page]))
    assert found.claimed == [4] and found.posts[0].counts == Counts(views=5) and found.posts[0].duration_s == 60
    said = [(check.status, check.allowed_in, check.blocked_in) for check in found.availability]
    assert said == [
        ("withheld", None, ("DE", "RU")),
        ("withheld", (), None),
        ("up", None, ()),
        ("private", None, None),
    ]  # allowed nowhere; blocked nowhere


@pytest.mark.parametrize(
    ("words", "status", "cause"),
    [
        ("This Post was deleted by the Post author. Learn more", "gone", "author"), ("This Post is from a suspended account.", "gone", "account"),
        ("This Post is from an account that no longer exists.", "gone", "account"), ("You’re unable to view this Post because this account owner limits who can view their Posts.", "private", "account"),
        ("This Post violated the X Rules.", "gone", "platform"), ("This Post is unavailable.", "unknown", "missing"),
    ],
)  # fmt: skip
def test_a_tombstone_of_x_says_why(tmp_path: Path, words: str, status: str, cause: str) -> None:
    grave = {"__typename": "TweetTombstone", "tombstone": {"text": {"text": words}}}
    found = load(
        written(
            tmp_path / "x.json",
            [
                {
                    "data": {
                        "entries": [
                            {"entryId": "tweet-11", "content": {"itemContent": {"tweet_results": {"result": grave}}}}
                        ]
                    }
                }
            ],
        )
    )
    assert found.format == "x_graphql" and [(check.id, check.status, check.cause) for check in found.availability] == [
        ("11", status, cause)
    ]


def test_withheld_tweets_name_their_countries(tmp_path: Path) -> None:
    page = {
        "data": [
            {"id": "1", "text": "x", "author_id": "9", "withheld": {"country_codes": ["DE", "FR"], "copyright": False}}
        ],
        "meta": {"result_count": 1},
    }
    found = load(written(tmp_path / "x.json", [page]))
    assert [(check.status, check.blocked_in, check.cause) for check in found.availability] == [
        ("withheld", ("DE", "FR"), "legal")
    ] and found.ids == ["1"]


def test_a_flattened_tweet_carries_its_expansions(tmp_path: Path) -> None:
    inner = {
        "id": "2",
        "text": "whole text https://t.co/x",
        "author_id": "8",
        "public_metrics": {"like_count": 5, "retweet_count": 6},
        "author": {"id": "8", "username": "b"},
    }
    tweet = {"id": "1", "text": "RT @b: whole…", "author_id": "9", "author": {"id": "9", "username": "a", "name": "A"}, "public_metrics": {"like_count": 0, "retweet_count": 6},
             "referenced_tweets": [{"type": "retweeted"} | inner], "__twarc": {"retrieved_at": "2021-10-06T06:02:02+00:00"}}  # fmt: skip
    found = load(written(tmp_path / "flat.jsonl", [tweet]))
    assert [(post.id, post.kind, post.counts) for post in found.posts] == [
        ("1", "repost", Counts()),
        ("2", "post", Counts(likes=5, shares=6)),
    ]
    assert found.posts[0].author is not None and found.posts[0].author.names == ("a", "A")


def test_an_object_of_no_known_shape_among_answers_is_rejected(tmp_path: Path) -> None:
    found = load(written(tmp_path / "x", [TIKTOK, {"foo": 1}, {"cardItem": {"title": "#tag"}}, [TIKTOK | {"id": "8"}]]))
    assert found.ids == [TIKTOK["id"], "8"] and [(reject.line, "foo" in reject.reason) for reject in found.rejects] == [
        (2, True)
    ]


def test_what_stands_in_the_place_of_a_video_says_how_it_stands(tmp_path: Path) -> None:
    hidden = {"status_code": 0, "aweme_detail": None, "filter_detail": {"aweme_id": "7584769166932233472", "detail_msg": "作品已被设为私密", "filter_reason": "status_self_see", "notice": "抱歉，作品不见了"}}  # fmt: skip
    asked = {"url": "https://api.bilibili.com/x/web-interface/view?aid=170001", "status": 200, "headers": {}, "body": {"code": 62002, "message": "稿件不可见", "ttl": 1}}  # fmt: skip
    found = load(written(tmp_path / "a.ndjson", [hidden, asked]))
    assert [(check.platform, check.id, check.status, check.cause) for check in found.availability] == [
        ("douyin", "7584769166932233472", "private", "author"),
        ("bilibili", "BV17x411w7KC", "unknown", "missing"),
    ]
    assert found.ids == ["7584769166932233472", "BV17x411w7KC"]


def test_a_row_is_known_as_its_address_says_unless_that_needs_a_read(tmp_path: Path) -> None:
    rows = [
        {"platform": "vk", "id": "-1_2", "url": "https://vk.com/video-1_2"},
        {"platform": "reddit", "id": "t3_6rrwyj", "url": "https://www.reddit.com/r/x/comments/6rrwyj/t/"},
        {"platform": "web", "id": "77", "url": "http://news.example/a?utm_source=x"},
        {"platform": "bluesky", "id": "at://did:plc:abc123/app.bsky.feed.post/3kxyzabcde123", "url": "https://bsky.app/profile/some.one/post/3kxyzabcde123"},
        {"platform": "tiktok", "url": "https://www.tiktok.com/@someone/collection/1"},
        {"platform": "rutube", "id": "0" * 32, "url": f"https://rutube.ru/video/private/{'0' * 32}"},
    ]  # fmt: skip
    found = load(written(tmp_path / "a.ndjson", rows))
    *ids, unknown = found.ids
    assert ids == ["video-1_2", "6rrwyj", "https://news.example/a", rows[3]["id"]]
    assert "someone" not in unknown and len(unknown) == 32
    assert ["private" in reject.reason for reject in found.rejects] == [True]
