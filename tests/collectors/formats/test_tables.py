"""Tables of other programs, made up with their documented columns: captures, news, exports, reports, ids by their name."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from spillover import Counts, Listing, Parent, UnknownFormat
from tests.collectors.loading import load, written

MADE, MADE_AT = 1697101549, datetime(2023, 10, 12, 9, 5, 49, tzinfo=UTC)
VIMEO, YOUTUBE = "https://vimeo.com/76979871", "https://www.youtube.com/watch?v=eiHXASgRTcA"


def cdx(url: str, status: str, at: str = "20231012090549", key: str = "com,x)/1") -> str:
    return f"{key} {at} {url} text/html {status} B2RKOLH7OEPRC5ZLUE7T3TGB7DRLGZ7J 12929\n"


# the Wayback Machine


def test_captures_say_what_the_site_answered(tmp_path: Path) -> None:
    lines = [cdx(VIMEO, "200"), cdx(VIMEO, "404", "20231101000000"), cdx(VIMEO, "410", "20231201000000"), cdx(YOUTUBE, "200"), cdx(YOUTUBE, "451")]  # fmt: skip
    found = load(written(tmp_path / "a.txt", "".join(lines)))
    assert found.format == "cdx" and not found.rejects
    assert [(check.platform, check.status, check.cause, check.basis) for check in found.availability] == [
        ("vimeo", "up", None, "inferred"), ("vimeo", "unknown", "missing", "absent"), ("vimeo", "gone", None, "stated"),
        ("youtube", "unknown", None, "inferred"),  # it says 200 of what it took away, too
        ("youtube", "withheld", "legal", "stated"),
    ]  # fmt: skip
    first = found.availability[0]
    assert (first.checked_at, first.vantage, first.evidence) == (MADE_AT, "archive", "wayback:20231012090549")
    assert found.availability[2].said == "HTTP 410"
    assert [(post.platform, post.id) for post in found.posts] == [("vimeo", "76979871"), ("youtube", "eiHXASgRTcA")]


def test_redirects_refusals_and_repeats_say_nothing_of_a_post(tmp_path: Path) -> None:
    lines = "".join(cdx(VIMEO, code) for code in ("301", "403", "429", "503", "-"))
    found = load(written(tmp_path / "a.txt", f"{lines}\ncom%2Cx%29%2F1+20231012090550\n"))
    assert (found.posts, found.availability, found.rejects) == ([], [], [])


def test_a_bad_line_of_captures_is_set_aside_and_the_others_land(tmp_path: Path) -> None:
    bad = ["gov,epa)/ half a line\n", cdx("not/an/address", "200"), cdx(VIMEO, "200", "20231399000000"), cdx("https://t.me/c/1234567890/5", "200")]  # fmt: skip
    found = load(written(tmp_path / "a.txt", "".join([cdx(VIMEO, "200"), *bad, cdx(VIMEO, "200", "20240101000000")])))
    assert len(found.availability) == 2 and [reject.line for reject in found.rejects] == [2, 3, 4, 5]
    said = " ".join(reject.reason for reject in found.rejects)
    assert "no line of a CDX" in said and "original: no public address" in said and "timestamp" in said and "private" in said  # fmt: skip


@pytest.mark.parametrize("ending", [[], [[], ["com%2Cx%29%2F1+20231012090550"]]])
def test_captures_as_json_name_their_columns_first(tmp_path: Path, ending: list[Any]) -> None:
    rows = [["timestamp", "original", "statuscode"], ["20231012090549", VIMEO, "200"], ["20231012090549", VIMEO, "302"]]
    found = load(written(tmp_path / "a.json", json.dumps([*rows, *ending])))
    assert found.format == "cdx" and [check.status for check in found.availability] == ["up"] and not found.rejects


def test_captures_as_a_table_as_objects_and_as_a_recorded_answer(tmp_path: Path) -> None:
    table = load(written(tmp_path / "a.csv", f"timestamp,original,statuscode\n20231012090549,{VIMEO},404\n"))
    objects = load(written(tmp_path / "b.jsonl", [{"timestamp": "20231012090549", "original": VIMEO, "statuscode": "404"}]))  # fmt: skip
    url = "https://web.archive.org/cdx/search/cdx?url=vimeo.com"
    recorded = load(written(tmp_path / "c.json", [{"url": url, "status": 200, "headers": {}, "body": cdx(VIMEO, "404")}]))  # fmt: skip
    for found in (table, objects, recorded):
        assert [(check.id, check.status) for check in found.availability] == [("76979871", "unknown")]


# GDELT's files

MENTION = ["555924816", "20160701210000", "20170701234500", "1", "a.example", "http://a.example/1#top", "3", "1", "2", "3", "1", "50", "900", "1.5", "srclc:fra;eng:Moses", ""]  # fmt: skip


def test_mentions_without_a_header_lose_no_row(tmp_path: Path) -> None:
    citation = [*MENTION[:3], "2", "b", "some book, 1999", *MENTION[6:]]
    rows = ["\t".join(row) for row in (MENTION, citation, [*MENTION[:5], "http://b.example/2", *MENTION[6:]])]
    found = load(written(tmp_path / "20170701234500.mentions.CSV", "\n".join(rows) + "\n"))
    assert found.format == "gdelt_tables" and found.ids == ["https://a.example/1", "https://b.example/2"]
    (reject,) = found.rejects
    assert reject.line == 2 and "MentionType" in reject.reason
    post = found.posts[0]
    assert (post.platform, post.kind, post.lang) == ("gdelt", "article", "fr")
    assert (post.published_at, post.published_precision) == (datetime(2017, 7, 1, 23, 45, tzinfo=UTC), "minute")


@pytest.mark.parametrize(("width", "stamp", "url"), [(61, 59, 60), (58, 56, 57)])
def test_events_without_a_header_of_both_versions(tmp_path: Path, width: int, stamp: int, url: int) -> None:
    cells = ["0"] * width
    cells[0], cells[1], cells[stamp], cells[url] = "669670701", "20160701", "20170701234500", "http://a.example/1"
    found = load(written(tmp_path / "export.CSV", "\t".join(cells) + "\n"))
    assert found.ids == ["https://a.example/1"] and found.posts[0].published_at == datetime(2017, 7, 1, 23, 45, tzinfo=UTC)  # fmt: skip


def test_the_knowledge_graph_gives_titles_and_the_videos_that_articles_carry(tmp_path: Path) -> None:
    cells = [""] * 27
    cells[0], cells[1], cells[2], cells[4] = "20170701234500-T0", "20170701234500", "1", "http://a.example/1"
    cells[21], cells[25], cells[26] = f"{YOUTUBE};", "srclc:ces;eng:x", "<PAGE_TITLE>A &amp; b</PAGE_TITLE>"
    (post,) = load(written(tmp_path / "gkg.csv", "\t".join(cells) + "\n")).posts
    assert (post.title, post.links, post.lang) == ("A & b", (YOUTUBE,), "cs")
    old = "DATE\tNUMARTS\tSOURCES\tSOURCEURLS\tCAMEOEVENTIDS\n20170701\t2\ta;b\thttp://a.example/1<UDIV>http://b.example/2\t1\n"  # fmt: skip
    both = load(written(tmp_path / "gkg1.csv", old)).posts
    assert [(each.id, each.published_precision) for each in both] == [("https://a.example/1", "day"), ("https://b.example/2", "day")]  # fmt: skip


# Media Cloud, CrowdTangle


def test_stories_of_media_cloud_are_articles_or_the_posts_they_link_to(tmp_path: Path) -> None:
    table = f"stories_id,title,url,language,media_id,media_name,collect_date,publish_date,facebook_share_count\n1,T,https://outlet.example/1#x,fr,2,Outlet,2019-01-02 00:00:00,2019-01-01 10:00:00,99\n2,V,{YOUTUBE},en,2,Y,2019-01-02 00:00:00,,5\n"
    article, video = load(written(tmp_path / "a.csv", table)).posts
    assert (article.platform, article.id, article.kind, article.lang) == ("mediacloud", "https://outlet.example/1", "article", "fr")  # fmt: skip
    assert (video.platform, video.id, video.kind, video.counts) == ("youtube", "eiHXASgRTcA", "post", None)


FACEBOOK = "Page Name,User Name,Facebook Id,Page Category,Page Admin Top Country,Followers at Posting,Post Created,Type,Total Interactions,Likes,Comments,Shares,Love,Post Views,URL,Message,Link,Final Link,Description"  # fmt: skip


def test_an_export_of_crowdtangle(tmp_path: Path) -> None:
    row = f'A Page,apage,100,NEWS,DE,"12345",2021-09-26 18:00:00 EDT,Native Video,"1,234","1,000",30,4,200,5600,https://www.facebook.com/100/posts/200300400500600,look #tag,https://youtu.be/eiHXASgRTcA,{YOUTUBE},'  # fmt: skip
    found = load(written(tmp_path / "a.csv", f"{FACEBOOK}\n{row}\n"))
    (post,) = found.posts
    assert (found.format, post.platform, post.kind) == ("crowdtangle", "facebook", "video") and "200300400500600" in post.id  # fmt: skip
    assert post.counts == Counts(views=5600, likes=1000, shares=4, comments=30)
    assert post.published_at == datetime(2021, 9, 26, 22, tzinfo=UTC) and post.region is None
    assert post.links == (YOUTUBE, "https://youtu.be/eiHXASgRTcA") and post.hashtags == ("tag",)
    assert post.author is not None and (post.author.id, post.author.followers) == ("100", 12345)
    assert post.author.names == ("A Page", "apage")


def test_a_list_of_instagram_and_the_api_of_crowdtangle(tmp_path: Path) -> None:
    table = "Account,User Name,Followers at Posting,Post Created,Type,Total Interactions,Likes,Comments,Views,URL,Link,Photo,Title,Description\nA,a,5,2021-09-26 18:00:00 CEST,Photo,3,2,1,0,https://www.instagram.com/p/CUTabcdefgh/,https://www.instagram.com/p/CUTabcdefgh/,x,,hello\n"
    (post,) = load(written(tmp_path / "a.csv", table)).posts
    assert (post.platform, post.id, post.links) == ("instagram", "CUTabcdefgh", ())
    assert post.counts == Counts(likes=2, comments=1)  # 0 views of a picture are none that were shown
    told = {"platform": "Facebook", "platformId": "100_200300400500600", "date": "2021-09-26 22:00:00", "type": "link", "message": "m", "postUrl": "https://www.facebook.com/100/posts/200300400500600",
            "expandedLinks": [{"original": "x", "expanded": YOUTUBE}], "statistics": {"actual": {"likeCount": 3, "shareCount": 1}}, "account": {"platformId": "100", "name": "A Page"}, "subscriberCount": 7}  # fmt: skip
    (post,) = load(written(tmp_path / "b.json", json.dumps({"status": 200, "result": {"posts": [told]}}))).posts
    assert (post.counts, post.links) == (Counts(likes=3, shares=1), (YOUTUBE,))
    assert post.author is not None and post.author.followers == 7


# Ids that say by their name whose they are


def test_readings_of_tweets_again_and_again(tmp_path: Path) -> None:
    rows = [
        {"recorded": "2024-04-18T18:56:40+03:00", "tweet_id": "1542891693044912128", "author": "88", "likes": 59, "retweets": 19, "replies": 5, "views": None},
        {"recorded": "2024-10-06T06:03:24+03:00", "tweet_id": "1542891693044912128", "author": "88", "likes": 55, "retweets": 17, "replies": 4, "views": 0},
    ]  # fmt: skip
    found = load(written(tmp_path / "a.ndjson", rows))
    assert found.format == "known_ids" and {(post.platform, post.kind) for post in found.posts} == {("x", "post")}
    assert [post.counts for post in found.posts] == [Counts(likes=59, shares=19, comments=5), Counts(likes=55, shares=17, comments=4)]  # fmt: skip
    assert found.posts[0].observed_at == datetime(2024, 4, 18, 15, 56, 40, tzinfo=UTC)


def test_a_release_of_x_and_a_table_of_twarc_state_their_parents(tmp_path: Path) -> None:
    release = "tweetid,userid,user_screen_name,follower_count,tweet_language,tweet_text,tweet_time,in_reply_to_tweetid,quoted_tweet_tweetid,is_retweet,retweet_tweetid,like_count,retweet_count\n11,9,a,5,zh,x,2019-08-01 10:00,,,True,10,0,0\n12,9,a,5,zh,y,2019-08-01 10:00,7,8,False,,3,1\n"
    repost, post = load(written(tmp_path / "a.csv", release)).posts
    assert (repost.kind, repost.counts, repost.parents) == ("repost", Counts(), (Parent(id="10", relation="repost"),))
    assert post.parents == (Parent(id="8", relation="quote"), Parent(id="7", relation="reply"))
    assert (post.counts, post.text, post.published_at) == (Counts(likes=3, shares=1), "y", datetime(2019, 8, 1, 10, tzinfo=UTC))  # fmt: skip
    twarc = "id,conversation_id,referenced_tweets.replied_to.id,referenced_tweets.retweeted.id,author_id,created_at,text,lang,public_metrics.like_count,public_metrics.retweet_count,public_metrics.reply_count,author.username\n5,5,4,,9,2021-10-06T06:02:02.000Z,x,en,3,1,0,a\n"
    (tweet,) = load(written(tmp_path / "b.csv", twarc)).posts
    assert (tweet.platform, tweet.counts, tweet.parents) == ("x", Counts(likes=3, shares=1, comments=0), (Parent(id="4", relation="reply"),))  # fmt: skip


def test_videos_of_youtube_data_tools(tmp_path: Path) -> None:
    table = "position,channelId,channelTitle,videoId,publishedAt,videoTitle,videoDescription,durationSec,viewCount,likeCount,commentCount\n1,UC1,Someone,eiHXASgRTcA,2023-10-12T09:05:49Z,T,D,60,9,2,1\n"  # fmt: skip
    (post,) = load(written(tmp_path / "a.csv", table)).posts
    assert (post.platform, post.id, post.kind, post.duration_s) == ("youtube", "eiHXASgRTcA", "video", 60.0)
    assert post.counts == Counts(views=9, likes=2, comments=1) and post.published_at == MADE_AT


def test_a_report_on_tweets_that_vanished(tmp_path: Path) -> None:
    rows = "".join(f"twitter.com/a/status/{number},{number},{state},no\n" for number, state in enumerate(("available_tweet", "suspended_user", "protected_user", "censored_tweet", "unavailable_tweet", "odd"), 1))  # fmt: skip
    found = load(written(tmp_path / "a.csv", f"tweet_url,tweet_id,tweet_current_status,is_retweet\n{rows}"))
    assert [(check.status, check.cause, check.basis) for check in found.availability] == [
        ("up", None, "inferred"), ("gone", "account", "inferred"), ("private", "account", "inferred"), ("withheld", "legal", "inferred"),
        ("unknown", "missing", "absent"),
    ]  # fmt: skip
    assert [reject.line for reject in found.rejects] == [7] and len(found.posts) == 5


def test_charts_that_keep_their_country_in_the_name_of_the_file_only(tmp_path: Path) -> None:
    old = "video_id,trending_date,title,channel_title,category_id,publish_time,tags,views,likes,dislikes,comment_count\neiHXASgRTcA,17.14.11,T,Someone,22,2017-11-13T17:13:01.000Z,x,9,2,0,1\n"  # fmt: skip
    new = "video_id,title,publishedAt,channelId,channelTitle,categoryId,trending_date,view_count,likes,comment_count\neiHXASgRTcA,T,2020-08-11T19:20:14Z,UC1,Someone,22,2020-08-12T00:00:00Z,9,2,1\n"  # fmt: skip
    for table, day in ((old, datetime(2017, 11, 14, tzinfo=UTC)), (new, datetime(2020, 8, 12, tzinfo=UTC))):
        found = load(written(tmp_path / "USvideos.csv", table))
        (post,) = found.posts
        assert (found.format, post.id, post.counts) == ("youtube_chart", "eiHXASgRTcA", Counts(views=9, likes=2, comments=1))  # fmt: skip
        assert post.observed_at == day and post.listing == Listing(list="youtube_trending", region=None, rank=1)
        assert post.published_at is not None


# 4CAT


def test_an_annotation_of_an_analyst_is_not_taken_for_ours(tmp_path: Path) -> None:
    table = f"id,thread_id,body,timestamp,unix_timestamp,author,author_full,author_followers,tiktok_url,plays,likes,platform,language,kind\n7,7,x,2023-10-12 09:05:49,{MADE},a,A,12,https://www.tiktok.com/@a/video/7,5,1,propaganda,strong,odd\n"
    (post,) = load(written(tmp_path / "a.csv", table)).posts
    assert (post.platform, post.lang, post.kind, post.counts) == ("tiktok", None, "video", Counts(views=5, likes=1))
    assert post.author is not None and (set(post.author.names), post.author.followers) == ({"a", "A"}, 12)


def test_messages_of_telegram_by_4cats_new_ids(tmp_path: Path) -> None:
    table = f"id,thread_id,chat,author,author_username,author_name,body,reply_to,views,unix_timestamp,timestamp,author_forwarded_from_name\nsomechannel-5,somechannel,somechannel,1,u,Some One,x,4,10,{MADE},2023-10-12 09:05:49,\n"
    (post,) = load(written(tmp_path / "a.csv", table)).posts
    assert (post.id, post.parents) == ("somechannel/5", (Parent(id="somechannel/4", relation="reply"),))
    assert post.author is not None and {"u", "Some One"} <= set(post.author.names)


def test_zeros_that_4cat_writes_for_what_instagram_hid(tmp_path: Path) -> None:
    head = "id,thread_id,url,body,author,timestamp,unix_timestamp,media_type,play_count,likes_hidden,num_likes,num_comments,partial_item\n"  # fmt: skip
    rows = f"CUTabcdefg1,CUTabcdefg1,https://www.instagram.com/p/CUTabcdefg1,x,a,2023-10-12 09:05:49,{MADE},photo,0,no,0,3,\nCUTabcdefg2,CUTabcdefg2,https://www.instagram.com/p/CUTabcdefg2,x,a,,,video,9,,0,0,True\nCUTabcdefg3,CUTabcdefg3,https://www.instagram.com/p/CUTabcdefg3,x,a,2023-10-12 09:05:49,{MADE},photo,0,yes,0,1,\n"  # fmt: skip
    shown, partial, hidden = load(written(tmp_path / "a.csv", head + rows)).posts
    assert (shown.counts, hidden.counts) == (Counts(likes=0, comments=3), Counts(comments=1))
    assert (partial.kind, partial.counts and partial.counts.likes) == ("video", None)


@pytest.mark.parametrize(
    ("columns", "row", "platform", "post_id"),
    [
        ("collected_from_url,id,url,subject,body,timestamp,author,upvotes,comments,tags_annotated,unix_timestamp", f",aX,https://9gag.com/gag/aX,T,,x,a,9,1,,{MADE}", "9gag", "aX"),
        ("collected_from_url,id,subject,body,timestamp,author,post_url,views,upvotes,virality_score,unix_timestamp", f",im,T,,x,a,https://imgur.com/gallery/im,8,2,1,{MADE}", "imgur", "im"),
        ("id,thread_id,body,timestamp,account_id,account_username,account_display_name,account_followers,replies_count", "108,108,x,2023-10-12 09:05:49,1,u,U,5,2", "truthsocial", "108"),
        ("id,thread_id,body,timestamp,author,quoted_post,replied_to_post,replies_allowed,like_count", "at://did:plc:abc/app.bsky.feed.post/3kabcdefghi2z,x,b,1697101549,a,,,True,3", "bluesky", "at://did:plc:abc/app.bsky.feed.post/3kabcdefghi2z"),
        ("id,thread_id,body,timestamp,unix_timestamp,post_url,reblog_key,reblog_count,like_count,author", f"9,k,x,x,{MADE},https://a.tumblr.com/post/9,k,4,2,a", "tumblr", "9"),
    ],
)  # fmt: skip
def test_4cat_tables_of_every_source(tmp_path: Path, columns: str, row: str, platform: str, post_id: str) -> None:
    found = load(written(tmp_path / "a.csv", f"{columns}\n{row}\n"))
    assert found.format == "fourcat" and [(post.platform, post.id) for post in found.posts] == [(platform, post_id)]
    assert found.posts[0].published_at == MADE_AT and not found.rejects


# What is known of nothing


@pytest.mark.parametrize(
    "content",
    [
        "relative_time_second,number_of_followers\n0,5\n", "Source,Target,Type,Id,Weight\n1,2,Directed,0,3\n", "country,20190619,20190620\nDE,5,6\n",
        "object_id,account_id,content_id,timestamp_share\n1,2,3,4\n", '{"1": "Film", "2": "Autos"}', '["DE", "FR"]', "<html><body>x</body></html>",
        '<?xml version="1.0"?><opml version="1.1"><body><outline xmlUrl="https://a.example/feed"/></body></opml>',
        '{"url": "https://a.example/x", "status": 200, "headers": {}, "body": "{\\"foo\\": 1}"}\n',
    ],
)  # fmt: skip
def test_what_holds_no_post_of_a_known_shape_stays_unknown_and_is_told_what_it_is(tmp_path: Path, content: str) -> None:
    with pytest.raises(UnknownFormat, match=r"Known are: .*--mapping"):
        load(written(tmp_path / "a", content))


def test_shares_of_hashed_posts_are_read_with_a_mapping_that_says_the_platform(tmp_path: Path) -> None:
    mapping = written(tmp_path / "m.toml", '[columns]\nid = "content_id"\nauthor = "account_id"\npublished_at = "timestamp_share"\n[defaults]\nplatform = "x"\n')  # fmt: skip
    shares = written(tmp_path / "a.csv", f"object_id,account_id,content_id,timestamp_share\no1,a1,c1,{MADE}\n")
    (post,) = load(shares, mapping=mapping).posts
    assert (post.platform, post.id, post.published_at) == ("x", "c1", MADE_AT)
