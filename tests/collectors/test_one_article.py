"""One article has one id in every source that finds it, and stays with the source that did."""

from __future__ import annotations

from datetime import UTC, datetime

from collectors._formats import gdelt, kakao, mediacloud, naver
from spillover import Page
from spillover.ingest import Subject, take_in
from spillover.pseudonym import throwaway_key

NOW = datetime(2026, 3, 2, tzinfo=UTC)
URL = "https://news.example/world/1"


def test_an_article_has_one_id_whoever_found_it() -> None:
    found = {
        "gdelt": gdelt.article({"url": "http://NEWS.example/world/1#x", "title": "Bridge"}),
        "mediacloud": mediacloud.story({"url": f"{URL}?utm_source=mc", "title": "Bridge"}, "US", NOW),
        "naver": naver.read(
            "news", {"originallink": URL, "link": "https://n.news.naver.com/1", "title": "Bridge"}, NOW
        ),
        "kakao": kakao.read("web", {"url": URL, "title": "Bridge"}, NOW),
    }
    subject = Subject(1, 1, None, throwaway_key(), keep_all=True)
    rows = []
    for name, post in found.items():
        rows += take_in(Page(posts=[post]), subject, platform=name, run_id="r", seen_at=NOW).tables["post"].to_pylist()
    assert {row["id"] for row in rows} == {URL}
    assert [(row["platform"], row["policy"]) for row in rows] == [(name, name) for name in found]  # whose terms bind it
