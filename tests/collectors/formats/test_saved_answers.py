"""Saved answers, made up in their documented forms: what each says, whose parents it states, and what it does not say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from spillover import Availability, Counts, Interval, Parent
from tests.collectors.loading import load, written

RECORDED = Path(__file__).resolve().parents[2] / "recorded"
MADE, MADE_AT = 1697101549, datetime(2023, 10, 12, 9, 5, 49, tzinfo=UTC)
SEEN = "Thu, 12 Oct 2023 10:00:00 GMT"
SEEN_AT = datetime(2023, 10, 12, 10, tzinfo=UTC)


def exchange(url: str, body: Any, status: int = 200, date: Any = SEEN, **more: Any) -> dict[str, Any]:
    """Return a recorded request with its answer."""
    return {"url": url, "status": status, "headers": {"date": date}, "body": body} | more


def standing(check: Availability) -> tuple[Any, ...]:
    return check.id, check.status, check.cause, check.basis


# Reddit


def submission(**more: Any) -> dict[str, Any]:
    data = {
        "id": "abc12", "name": "t3_abc12", "title": "A &amp; b", "selftext": "", "author": "someone", "author_fullname": "t2_9", "created_utc": float(MADE),
        "subreddit": "news", "permalink": "/r/news/comments/abc12/a_b/", "url": "https://outlet.example/1", "is_self": False, "score": 40, "num_comments": 7,
        "num_crossposts": 2,
    }  # fmt: skip
    return {"kind": "t3", "data": data | more}


def listing(*children: dict[str, Any]) -> dict[str, Any]:
    return exchange("https://oauth.reddit.com/r/news/new", {"kind": "Listing", "data": {"children": list(children)}})


def test_a_submission_of_reddit(tmp_path: Path) -> None:
    (post,) = load(written(tmp_path / "a.json", [listing(submission(), {"kind": "t1", "data": {"body": "x"}})])).posts
    assert (post.id, post.url, post.title) == ("abc12", "https://www.reddit.com/comments/abc12/", "A & b")
    assert post.counts == Counts(likes=40, shares=2, comments=7) and post.links == ("https://outlet.example/1",)
    assert (post.published_at, post.observed_at) == (MADE_AT, SEEN_AT) and post.author and post.author.id == "t2_9"


def test_a_crosspost_states_its_origin_which_is_kept_aside(tmp_path: Path) -> None:
    origin = submission(id="zzz99", is_video=True, media={"reddit_video": {"duration": 31}})["data"]
    record = submission(crosspost_parent="t3_zzz99", crosspost_parent_list=[origin])
    post, inner = load(written(tmp_path / "a.json", [listing(record)])).posts
    assert post.parents == (Parent(id="zzz99", relation="repost"),)
    assert (inner.id, inner.aside, inner.kind, inner.duration_s) == ("zzz99", True, "video", 31.0)


@pytest.mark.parametrize(
    ("more", "cause", "said"),
    [
        ({"removed_by_category": "moderator"}, "moderation", "moderator"),
        ({"removed_by_category": "deleted", "author": "[deleted]"}, "author", "deleted"),
        ({"removed_by_category": "copyright_takedown"}, "legal", "copyright_takedown"),
        ({"removed_by_category": "something_new"}, None, "something_new"),
        ({"selftext": "[removed]", "is_self": True}, "moderation", "[removed]"),
        ({"selftext": "[deleted]", "is_self": True, "author": "[deleted]"}, "author", "[deleted]"),
    ],
)
def test_reddit_says_who_took_a_submission_away(
    tmp_path: Path, more: dict[str, Any], cause: str | None, said: str
) -> None:
    found = load(written(tmp_path / "a.json", [listing(submission(**more))]))
    (check,) = found.availability
    assert (check.status, check.cause, check.said, check.basis) == ("gone", cause, said, "stated")
    assert "[" not in f"{found.posts[0].text}" and (found.posts[0].author is None) == ("author" in more)


def test_a_score_below_zero_is_no_count_and_an_account_that_is_gone_is_no_removal(tmp_path: Path) -> None:
    found = load(written(tmp_path / "a.json", [listing(submission(score=-3, author="[deleted]"))]))
    assert found.posts[0].counts == Counts(shares=2, comments=7) and not found.availability


def test_an_archive_of_submissions_has_one_a_line(tmp_path: Path) -> None:
    found = load(written(tmp_path / "a.jsonl", [submission()["data"], submission(id="d2")["data"]]))
    assert (found.format, found.ids) == ("reddit", ["abc12", "d2"])


# oEmbed

ASKED = "https://www.youtube.com/oembed?format=json&url=https%3A%2F%2Fyoutu.be%2FeiHXASgRTcA"
EMBED = {"type": "video", "version": "1.0", "title": "T", "provider_name": "YouTube", "author_name": "Someone", "html": "<iframe src='https://www.youtube.com/embed/eiHXASgRTcA'>"}  # fmt: skip


def test_an_oembed_answer_means_that_a_video_was_up(tmp_path: Path) -> None:
    found = load(written(tmp_path / "a.json", [exchange(ASKED, json.dumps(EMBED))]))
    (post,), (check,) = found.posts, found.availability
    assert (post.platform, post.id, post.title, post.kind) == ("youtube", "eiHXASgRTcA", "T", "video")
    assert standing(check) == ("eiHXASgRTcA", "up", None, "inferred") and check.checked_at == SEEN_AT


@pytest.mark.parametrize("status", [404, 410])
def test_what_oembed_does_not_find_is_absent_and_not_gone(tmp_path: Path, status: int) -> None:
    found = load(written(tmp_path / "a.json", [exchange(ASKED, "Not Found", status)]))
    assert standing(found.availability[0]) == ("eiHXASgRTcA", "unknown", "missing", "absent")
    assert found.posts[0].url == "https://youtu.be/eiHXASgRTcA"  # so that the check has something to be about


@pytest.mark.parametrize(("status", "body"), [(401, "Unauthorized"), (403, "{}"), (429, ""), (503, ""), (200, "<html>Just a moment...</html>"), (200, '{"error": 1}')])  # fmt: skip
def test_what_says_nothing_of_a_post_is_set_aside_with_its_status(tmp_path: Path, status: int, body: str) -> None:
    found = load(written(tmp_path / "a.json", [exchange(ASKED, json.dumps(EMBED)), exchange(ASKED, body, status)]))
    assert len(found.availability) == 1 and [f"status: {status}" in reject.reason for reject in found.rejects] == [True]


def test_an_oembed_answer_alone_is_known_by_what_it_embeds(tmp_path: Path) -> None:
    assert load(written(tmp_path / "a.json", json.dumps(EMBED))).ids == ["eiHXASgRTcA"]
    unknown = exchange("https://a.example/oembed?url=https%3A%2F%2Fa.example%2F1", json.dumps(EMBED))
    found = load(written(tmp_path / "b.json", [unknown]))
    assert not found.posts and found.rejects[0].reason == "url: a.example is no platform that we know"


# YouTube's pages


def player(status: str, reason: str = "", **more: Any) -> dict[str, Any]:
    return {"playabilityStatus": {"status": status, "reason": reason}} | more


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (player("ERROR", "This video has been removed by the uploader"), ("gone", "author", "stated")),
        (player("ERROR", "Video unavailable"), ("unknown", "missing", "stated")),
        (player("ERROR", "This video is no longer available because the YouTube account associated with this video has been terminated."), ("gone", "account", "stated")),
        (player("ERROR", "This video is no longer available due to a copyright claim by Someone"), ("gone", "legal", "stated")),
        (player("LOGIN_REQUIRED", "This is a private video."), ("private", "author", "stated")),
        (player("UNPLAYABLE", "The uploader has not made this video available in your country"), ("withheld", "geo", "stated")),
        (player("LOGIN_REQUIRED", "Sign in to confirm your age"), ("unknown", "age_or_login", "stated")),
        (player("ERROR", "Dieses Video ist nicht verfügbar"), ("unknown", "missing", "stated")),
        (player("ERROR", "Something that nobody has said yet"), ("unknown", None, "stated")),
    ],
)  # fmt: skip
def test_what_stands_in_the_place_of_a_video(tmp_path: Path, answer: Any, wanted: tuple[str | None, ...]) -> None:
    recorded = exchange("https://www.youtube.com/youtubei/v1/player", answer, request_json={"videoId": "dQw4w9WgXcQ"})
    found = load(written(tmp_path / "a.json", [recorded]))
    (check,) = found.availability
    assert standing(check) == ("dQw4w9WgXcQ", *wanted) and check.said == answer["playabilityStatus"]["reason"]
    assert found.format == "youtube_player" and found.ids == ["dQw4w9WgXcQ"]


def test_a_player_answer_says_where_a_video_may_be_played(tmp_path: Path) -> None:
    details = {"videoId": "dQw4w9WgXcQ", "title": "T", "viewCount": "12916", "channelId": "UC1", "author": "Someone", "lengthSeconds": "721"}  # fmt: skip
    facts = {"availableCountries": ["DE", "FR"], "publishDate": "2015-01-27T21:14:36-08:00", "likeCount": "72"}
    answer = player("OK", videoDetails=details, microformat={"playerMicroformatRenderer": facts})
    found = load(written(tmp_path / "a.json", json.dumps(answer)))
    (post,), (check,) = found.posts, found.availability
    assert post.counts == Counts(views=12916, likes=72) and post.published_at == datetime(2015, 1, 28, 5, 14, 36, tzinfo=UTC)  # fmt: skip
    assert (check.status, check.cause, check.allowed_in) == ("withheld", "geo", ("DE", "FR"))
    facts["availableCountries"] = [f"{number:03}" for number in range(249)]
    (check,) = load(written(tmp_path / "b.json", json.dumps(answer))).availability
    assert (check.status, check.allowed_in) == ("up", None)


def test_videos_of_a_list_are_read_in_english_only(tmp_path: Path) -> None:
    def renderer(video_id: str, views: str, ago: str) -> dict[str, Any]:
        return {"videoRenderer": {"videoId": video_id, "title": {"runs": [{"text": "T"}]}, "viewCountText": {"simpleText": views}, "publishedTimeText": {"simpleText": ago}, "lengthText": {"simpleText": "2:16"}}}  # fmt: skip

    rows = [renderer("aaaaaaaaaaa", "1,862 views", "Streamed 2 hours ago"), renderer("bbbbbbbbbbb", "1.862 visualizaciones", "hace 2 horas"), renderer("ccccccccccc", "No views", "")]  # fmt: skip
    lockup = {"lockupViewModel": {"contentType": "LOCKUP_CONTENT_TYPE_VIDEO", "contentId": "ddddddddddd", "metadata": {"lockupMetadataViewModel": {"title": {"content": "L"}, "metadata": {"contentMetadataViewModel": {"metadataRows": [{"metadataParts": [{"text": {"content": "Someone"}}]}, {"metadataParts": [{"text": {"content": "21k views"}}, {"text": {"content": "3 days ago"}}]}]}}}}}}  # fmt: skip
    answer = exchange("https://www.youtube.com/youtubei/v1/search", {"contents": [*rows, lockup]}, date=[SEEN])
    first, second, third, fourth = load(written(tmp_path / "a.json", [answer])).posts
    assert first.counts == Counts(views=1862) and first.duration_s == 136.0
    assert (first.published_at, first.published_precision) == (datetime(2023, 10, 12, 8, tzinfo=UTC), "hour")
    assert (second.counts, second.published_at, third.counts) == (Counts(), None, Counts(views=0))
    assert fourth.counts == Counts(views=Interval(20_500, 21_499, 21_000)) and fourth.title == "L"
    assert fourth.author is not None and fourth.author.names == ("Someone",)


def test_invidious_says_where_a_video_may_be_played(tmp_path: Path) -> None:
    video = {"type": "video", "videoId": "dQw4w9WgXcQ", "title": "T", "author": "Someone", "authorId": "UC1", "viewCount": 5, "likeCount": 0, "published": MADE, "lengthSeconds": 9, "allowedRegions": ["DE"]}  # fmt: skip
    found = load(written(tmp_path / "a.json", [video]))
    assert found.posts[0].counts == Counts(views=5) and found.posts[0].published_at == MADE_AT
    assert (found.availability[0].status, found.availability[0].allowed_in) == ("withheld", ("DE",))


# Telegram

CHANNEL = {
    "name": "Channel", "type": "public_channel", "id": 1234, "messages": [
        {"id": 1, "type": "service", "action": "create_channel", "date": "2023-10-12T09:00:00"},
        {"id": 2, "type": "message", "date": "2023-10-12T12:05:49", "date_unixtime": str(MADE), "from": "Channel", "from_id": "channel1234",
         "text": ["see ", {"type": "text_link", "text": "this", "href": "https://youtu.be/eiHXASgRTcA"}, " ", {"type": "hashtag", "text": "#tag"}],
         "media_type": "video_file", "duration_seconds": 12},
        {"id": 3, "type": "message", "date_unixtime": str(MADE), "text": "yes", "reply_to_message_id": 2, "from_id": "channel1234"},
    ],
}  # fmt: skip


def test_a_channel_that_telegram_desktop_exported(tmp_path: Path) -> None:
    found = load(written(tmp_path / "result.json", json.dumps(CHANNEL, indent=1)))
    video, answer = found.posts
    assert found.format == "telegram_export" and found.ids == ["1234/2", "1234/3"] and not found.rejects
    assert (video.kind, video.text, video.published_at, video.duration_s) == ("video", "see this #tag", MADE_AT, 12.0)
    assert video.links == ("https://youtu.be/eiHXASgRTcA",) and video.hashtags == ("tag",)
    assert answer.parents == (Parent(id="1234/2", relation="reply"),) and video.counts is None


def test_a_private_chat_is_refused_and_the_public_one_beside_it_is_read(tmp_path: Path) -> None:
    private = {"name": "Someone", "type": "personal_chat", "id": 5, "messages": [{"id": 1, "type": "message", "date_unixtime": str(MADE), "text": "secret"}]}  # fmt: skip
    found = load(written(tmp_path / "result.json", json.dumps({"about": "x", "chats": {"list": [private, CHANNEL]}})))
    assert found.ids == ["1234/2", "1234/3"] and len(found.rejects) == 1
    assert "personal_chat" in found.rejects[0].reason and "Someone" not in found.rejects[0].reason


def test_messages_of_telegrams_api_state_what_they_forward(tmp_path: Path) -> None:
    message = {"_": "Message", "id": 7, "peer_id": {"_": "PeerChannel", "channel_id": 99}, "date": "2023-10-12T09:05:49+00:00", "message": "m", "views": 10,
               "forwards": 2, "replies": {"replies": 1}, "fwd_from": {"from_id": {"channel_id": 55}, "channel_post": 8}, "reply_to": {"reply_to_msg_id": 6}}  # fmt: skip
    named = message | {"id": 8, "_chat": {"username": "somechannel", "title": "Some"}, "fwd_from": None}
    first, second = load(written(tmp_path / "a.jsonl", [message, named])).posts
    assert (first.id, first.url, first.counts) == ("99/7", None, Counts(views=10, shares=2, comments=1))
    assert first.parents == (Parent(id="55/8", relation="forward"), Parent(id="99/6", relation="reply"))
    assert (second.id, second.url) == ("somechannel/8", "https://t.me/somechannel/8")
    private = message | {"peer_id": {"_": "PeerUser", "user_id": 5}}
    assert not load(written(tmp_path / "b.jsonl", [message, private])).ids[1:]


# Mastodon, PeerTube, Nostr, Hacker News, VK, GDELT, feeds, media.ccc.de


def status(number: int, **more: Any) -> dict[str, Any]:
    base = {"id": str(number), "uri": f"https://mastodon.example/users/a/statuses/{number}", "url": f"https://mastodon.example/@a/{number}", "visibility": "public", "content": "<p>x</p>",
            "created_at": "2023-10-12T09:05:49.000Z", "reblogs_count": 1, "favourites_count": 2, "replies_count": 0, "in_reply_to_id": None, "reblog": None,
            "account": {"username": "a", "acct": "a", "display_name": "A", "url": "https://mastodon.example/@a", "followers_count": 5}}  # fmt: skip
    return base | more


def test_statuses_of_mastodon_are_public_and_state_what_they_boost(tmp_path: Path) -> None:
    boost = status(110000000000000003, reblog=status(110000000000000001), content="")
    answer = status(110000000000000002, in_reply_to_id="110000000000000001")
    body = [status(110000000000000001), answer, boost, status(4, visibility="private")]
    found = load(written(tmp_path / "a.json", [exchange("https://mastodon.example/api/v1/timelines/tag/x", body)]))
    by_id = {post.id.rpartition("/")[2]: post for post in found.posts}
    assert found.format == "mastodon_answers" and {post.platform for post in found.posts} == {"mastodon"}
    assert by_id["110000000000000003"].parents == (Parent(id=by_id["110000000000000001"].id, relation="repost"),)
    assert by_id["110000000000000002"].parents == (Parent(id="mastodon.example/110000000000000001", relation="reply"),)
    assert by_id["110000000000000001"].author and by_id["110000000000000001"].author.followers == 5
    assert ["private" in reject.reason for reject in found.rejects] == [True]


def test_a_status_alone_does_not_guess_which_server_showed_it(tmp_path: Path) -> None:
    remote = status(110000000000000002, in_reply_to_id="5", account={"username": "a", "acct": "a@mastodon.example"})
    (post,) = load(written(tmp_path / "a.jsonl", [remote])).posts
    assert post.parents == ()


def test_a_stream_of_mastodon_is_read_line_by_line(tmp_path: Path) -> None:
    body = f":)\nevent: update\ndata: {json.dumps(status(110000000000000001))}\n\n"
    found = load(written(tmp_path / "a.json", [exchange("https://mastodon.example/api/v1/streaming/public", body)]))
    assert len(found.posts) == 1 and not found.rejects


def test_a_video_of_peertube_that_is_not_for_all_is_private(tmp_path: Path) -> None:
    video = {"uuid": "9c9de5e8-0a1e-484a-b099-e80766180a6d", "name": "T", "url": "https://framatube.org/videos/watch/9c9de5e8-0a1e-484a-b099-e80766180a6d", "views": 3, "likes": 1,
             "publishedAt": "2023-10-12T09:05:49.000Z", "privacy": {"id": 1}, "channel": {"name": "c"}, "account": {"name": "a", "url": "https://framatube.org/accounts/a"}}  # fmt: skip
    hidden = video | {"uuid": "8c9de5e8-0a1e-484a-b099-e80766180a6d", "privacy": {"id": 3}}
    body = {"total": 7, "data": [video, hidden]}
    found = load(written(tmp_path / "a.json", [exchange("https://framatube.org/api/v1/search/videos?search=x", body)]))
    assert (found.format, found.claimed[0], found.ids) == ("peertube_answers", 7, [video["uuid"]])
    assert [(check.id, check.status) for check in found.availability] == [(hidden["uuid"], "private")]


def test_hits_and_items_of_hacker_news(tmp_path: Path) -> None:
    hit = {"objectID": "1", "title": "T", "url": "https://outlet.example/1", "author": "a", "points": 5, "num_comments": 2, "created_at_i": MADE, "_tags": ["story"]}  # fmt: skip
    dead = {"id": 2, "type": "comment", "by": "b", "text": "x", "time": MADE, "parent": 1, "dead": True}
    found = load(written(tmp_path / "a.jsonl", [{"hits": [hit], "nbHits": 9}, dead]))
    assert (found.format, found.ids, found.claimed[0]) == ("hackernews_answers", ["1", "2"], 9)
    assert found.posts[0].counts == Counts(likes=5, comments=2) and found.posts[1].parents == (Parent(id="1", relation="reply"),)  # fmt: skip
    assert [(check.id, check.status, check.cause) for check in found.availability] == [("2", "gone", "moderation")]


def test_answers_of_vk_with_what_they_repost_and_how_they_stand() -> None:
    found = load(RECORDED / "vk" / "made_up_search_first.json")
    assert found.format == "vk_answers" and {post.platform for post in found.posts} == {"vk"} and not found.rejects
    reposts = [post for post in found.posts if post.kind == "repost"]
    assert all(post.parents[0].relation == "repost" for post in reposts) and any(post.aside for post in found.posts)
    stood = load(RECORDED / "vk" / "made_up_videos_by_id.json").availability
    assert {check.status for check in stood} == {"withheld", "gone", "unknown", "private"}


def test_lists_of_gdelt_also_with_backslashes_that_it_does_not_escape() -> None:
    found = load(RECORDED / "gdelt" / "made_up_articles.json")
    assert found.format == "gdelt_articles" and len(found.posts) == 6
    assert {(post.platform, post.kind) for post in found.posts} == {("web", "article")}
    assert len(load(RECORDED / "gdelt" / "made_up_bad_escapes.json").posts) == 1


def test_a_feed_is_read_as_a_file_and_as_a_recorded_answer(tmp_path: Path) -> None:
    feed = RECORDED / "rss" / "made_up_news.xml"
    found = load(feed)
    assert found.format == "feed" and (found.posts[0].platform, found.posts[0].id) == (
        "web",
        "https://outlet.example/1",
    )
    body = exchange("https://outlet.example/feed", feed.read_text("utf-8"))
    assert load(written(tmp_path / "a.json", [body])).ids == found.ids
    broken = load(written(tmp_path / "b.xml", "<?xml version='1.0'?><rss><channel>" + "<a>" * 60_000))
    assert not broken.posts and "tags" in broken.rejects[0].reason


def test_a_saved_page_of_a_telegram_channel(tmp_path: Path) -> None:
    page = RECORDED / "telegram" / "made_up_channel.html"
    found = load(page)
    assert found.format == "telegram_page" and len(found.posts) == 4 and not found.rejects
    assert {post.platform for post in found.posts} == {"telegram"} and any(post.parents for post in found.posts)
    body = exchange("https://t.me/s/somechannel", page.read_text("utf-8"))
    assert load(written(tmp_path / "a.json", [body])).ids == found.ids
    changed = load(RECORDED / "telegram" / "made_up_channel_changed.html")
    assert not changed.posts and "no message" in changed.rejects[0].reason


def test_an_event_of_media_ccc_de(tmp_path: Path) -> None:
    event = {"guid": "g-1", "title": "T", "subtitle": "S", "description": "<p>d</p>", "original_language": "deu-eng", "persons": ["P"], "view_count": 9, "release_date": "2023-10-12T00:00:00.000+02:00",
             "duration": 60, "frontend_link": "https://media.ccc.de/v/t", "conference_url": "https://api.media.ccc.de/public/conferences/c", "link": "https://events.example/1"}  # fmt: skip
    single = event | {"guid": "g-2", "original_language": "deu"}
    first, second = load(written(tmp_path / "a.json", json.dumps({"events": [event, single]}))).posts
    assert (first.id, first.title, first.lang, first.counts) == ("g-1", "T: S", None, Counts(views=9))
    assert (second.lang, second.published_precision, second.duration_s) == ("de", "day", 60.0)


# X, Weibo, TikTok, Threads: stated parents and sizes of accounts


def test_what_x_states_of_reposts_quotes_and_answers(tmp_path: Path) -> None:
    def tweet(number: int, **more: Any) -> dict[str, Any]:
        return {"id_str": str(number), "full_text": "x", "retweet_count": 0, "created_at": "Thu Oct 12 09:05:49 +0000 2023", "user": {"id_str": "1", "screen_name": "a", "followers_count": 77}} | more  # fmt: skip

    quote = tweet(3, quoted_status_id_str="1", in_reply_to_status_id_str="9")
    repost = tweet(4, retweeted_status=quote, quoted_status_id_str="1")
    found = load(written(tmp_path / "a.jsonl", [quote, repost]))
    assert found.of("3").parents == (Parent(id="1", relation="quote"), Parent(id="9", relation="reply"))
    assert found.of("4").parents == (Parent(id="3", relation="repost"),)
    assert found.of("3").author is not None and found.of("3").author.followers == 77


def test_older_captures_of_x_put_a_tweet_together_otherwise(tmp_path: Path) -> None:
    legacy = {"id_str": "5", "full_text": "x", "created_at": "Thu Oct 12 09:05:49 +0000 2023", "favorite_count": 1, "retweet_count": 0, "reply_count": 0, "user_id_str": "1"}  # fmt: skip
    item = {"id": 5, "type": "adaptive", "legacy": legacy, "user": {"screen_name": "a", "name": "A", "followers_count": 3}, "ext_views": {"count": "8"}}  # fmt: skip
    line = {"source_platform": "twitter.com", "timestamp_collected": MADE * 1000, "data": item}
    (post,) = load(written(tmp_path / "a.ndjson", [line])).posts
    assert (post.id, post.counts) == ("5", Counts(views=8, likes=1, shares=0, comments=0))
    assert post.author is not None and (post.author.names, post.author.followers) == (("a", "A"), 3)


def test_a_duet_and_a_quote_on_threads_state_what_they_play_beside(tmp_path: Path) -> None:
    duet = {"id": "7", "desc": "x", "createTime": MADE, "stats": {"playCount": 1}, "duetInfo": {"duetFromId": "6"}, "authorStats": {"followerCount": 12}, "author": {"id": "1", "uniqueId": "a"}}  # fmt: skip
    plain = duet | {"id": "8", "duetInfo": {"duetFromId": "0"}}
    first, second = load(written(tmp_path / "a.jsonl", [duet, plain])).posts
    assert (first.parents, second.parents) == ((Parent(id="6", relation="quote"),), ())
    assert first.author is not None and first.author.followers == 12
    thread = {"code": "C1", "taken_at": MADE, "like_count": 1, "user": {"pk": "1", "username": "a"}, "text_post_app_info": {"share_info": {"quoted_post": {"code": "C0"}}}}  # fmt: skip
    (quote,) = load(written(tmp_path / "b.jsonl", [thread])).posts
    assert quote.parents == (Parent(id="C0", relation="quote"),)
