"""One article is one post, whoever found it; who did stands in the runs."""

from __future__ import annotations

from datetime import UTC, datetime

from collectors._formats import feeds, gdelt, kakao, mediacloud, naver
from spillover import Answer, Page
from spillover.ingest import Subject, take_in
from spillover.pseudonym import throwaway_key

NOW = datetime(2026, 3, 2, tzinfo=UTC)
URL = "https://news.example/world/1"


def found(url: str, guid: str = "n-1") -> Page:
    item = f"<item><guid isPermaLink='false'>{guid}</guid><link>{url}</link><title>Bridge</title></item>"
    return fed(item)


def fed(items: str) -> Page:
    body = f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode()
    page = Page()
    feeds.take(feeds.parse(Answer(url="", status=200, headers={}, body=body, fetched_at=NOW)), page, NOW)
    return page


def test_an_article_is_one_post_whoever_found_it() -> None:
    seen = [
        gdelt.article({"url": "http://NEWS.example/world/1#x", "title": "Bridge"}),
        mediacloud.story({"url": f"{URL}?utm_source=mc", "title": "Bridge"}, "US", NOW),
        naver.read("news", {"originallink": URL, "link": "https://n.news.naver.com/1", "title": "Bridge"}, NOW),
        kakao.read("web", {"url": URL, "title": "Bridge"}, NOW),
        *found(f"{URL}?fbclid=abc").posts,
    ]
    assert {(post.platform, post.id) for post in seen} == {("web", URL)}
    subject, rows = Subject(1, 1, None, throwaway_key(), keep_all=True), []
    for name, post in zip(("gdelt", "mediacloud", "naver", "kakao", "rss"), seen, strict=True):
        taken = take_in(Page(posts=[post]), subject, platform=name, run_id="r", seen_at=NOW)
        rows += taken.tables["post"].to_pylist()
    assert len({row["post_key"] for row in rows}) == 1
    assert [row["policy"] for row in rows] == ["gdelt", "mediacloud", "naver", "kakao", "rss"]  # whose terms bind it


def test_an_entry_that_leads_to_a_post_is_that_post() -> None:
    (post,) = found("https://www.reddit.com/r/news/comments/6rrwyj/a_title/").posts
    assert (post.platform, post.id, post.kind) == ("reddit", "6rrwyj", "post")


def test_an_address_that_several_entries_give_loses_none_of_them() -> None:
    items = "".join(f"<item><guid isPermaLink='false'>e{n}</guid><link>{URL}#e{n}</link></item>" for n in (1, 2, 3))
    assert [(post.platform, post.id) for post in fed(items).posts] == [("", f"e{n}") for n in (1, 2, 3)]
    assert [(post.platform, post.id) for post in found("https://news.example/").posts] == [("", "n-1")]
