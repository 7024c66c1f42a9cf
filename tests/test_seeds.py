"""A campaign's own videos: held from the first word about them, read again from the first turn, whoever spoke first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from spillover import plan
from spillover.campaign import Campaign, Video
from spillover.config import Workspace
from spillover.owner import Owner
from spillover.seeds import seeds
from spillover.verify import verify
from tests.badserver import BadServer, bad_server, reply
from tests.world import SimulatedClock

VIDEO = "NYkpk_l2bMw"
CAMPAIGN = """name = "bridge"
title = "The video of the bridge"
platforms = ["youtube", "wayback"]
{more}
[[videos]]
url = "https://youtu.be/NYkpk_l2bMw?si=shared"
title.en = "The bridge that was never built"
"""
CAPTURE = [
    ["timestamp", "original", "statuscode", "mimetype", "digest"],
    ["20260301120000", f"https://www.youtube.com/watch?v={VIDEO}", "200", "text/html", "SOMETHING"],
]


def listed(*items: dict[str, Any], kind: str = "videoListResponse") -> bytes:
    return json.dumps({"kind": f"youtube#{kind}", "items": items, "pageInfo": {"totalResults": len(items)}}).encode()


def video(views: str, **details: Any) -> dict[str, Any]:
    return {
        "kind": "youtube#video", "id": VIDEO, "snippet": {"publishedAt": "2026-02-01T00:00:00Z", "title": "Another title"},
        "statistics": {"viewCount": views}, "status": {"privacyStatus": "public", "uploadStatus": "processed"},
        "contentDetails": {"duration": "PT3M", **details},
    }  # fmt: skip


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[BadServer]:
    monkeypatch.setenv("YOUTUBE_API_KEY", "a-secret-of-the-test")
    monkeypatch.setenv("SPILLOVER_ALLOW_PRIVATE", "1")
    with bad_server() as made:
        for name in ("YOUTUBE", "WAYBACK"):
            monkeypatch.setenv(f"SPILLOVER_{name}_BASE_URL", f"http://127.0.0.1:{made.port}")
        made.on("/youtube/v3/search", reply(200, listed(kind="searchListResponse")))
        made.on("/youtube/v3/videos", reply(200, listed(video("1234"))))
        made.on("/cdx/search/cdx", reply(200, json.dumps(CAPTURE).encode()))
        yield made


@pytest.fixture
def owner(workspace: Workspace, server: BadServer) -> Iterator[Owner]:
    workspace.campaign_file("bridge").write_text(CAMPAIGN.format(more=""), encoding="utf-8")
    made = Owner(workspace)
    made.campaigns.save_all()
    yield made
    made.close()


POSTS = "SELECT platform, id, url, role, match_kind, band, title FROM posts"
HELD = ("youtube", VIDEO, f"https://www.youtube.com/watch?v={VIDEO}", "match", "link", "high")


def test_the_first_turn_reads_counts_and_countries_of_the_campaigns_own_video(owner: Owner, server: BadServer) -> None:
    server.on("/youtube/v3/videos", reply(200, listed(video("1234", regionRestriction={"blocked": ["RU", "BY"]}))))
    runs = owner.do_collect(campaign="bridge", collector="youtube")["runs"]
    assert {run["outcome"] for run in runs} == {"answered"}
    assert owner.store.rows(POSTS) == [(*HELD, "Another title")]
    assert owner.store.rows("SELECT views, likes FROM observations") == [(1234, None)]
    assert owner.store.rows("SELECT status, cause, blocked_in FROM availability") == [("withheld", "geo", ["RU", "BY"])]
    asked = [parse_qs(urlsplit(head.split(" ")[1]).query)["id"] for head in server.heads if "/videos?" in head]
    assert asked == [[VIDEO]]
    assert all(row["ok"] for row in verify(owner.store))


def test_what_is_held_is_read_again_by_the_schedule_only(owner: Owner, server: BadServer) -> None:
    for _ in range(3):
        owner.do_collect(campaign="bridge", collector="youtube")
    assert sum("/videos?" in head for head in server.heads) == 1


def test_what_the_archive_says_of_it_is_kept_before_any_platform_showed_it(owner: Owner) -> None:
    owner.do_collect(campaign="bridge", collector="wayback", since="2026-01-01")
    assert owner.store.rows(POSTS) == [(*HELD, None)]
    found = owner.store.rows("SELECT vantage, status, evidence FROM availability")
    assert found == [("archive", "unknown", "wayback:20260301120000")]
    assert owner.store.rows("SELECT count(*) FROM observations") == [(0,)]  # nothing was counted
    assert all(row["ok"] for row in verify(owner.store))


def test_one_that_is_missing_from_the_start_is_unconfirmed_and_has_never_been_up(
    owner: Owner, server: BadServer
) -> None:
    server.on("/youtube/v3/videos", reply(200, listed()))
    owner.do_collect(campaign="bridge", collector="youtube")
    assert owner.store.rows(POSTS) == [(*HELD, None)]
    assert owner.store.rows("SELECT status, basis, last_up_at FROM statuses") == [("unconfirmed", "absent", None)]


def test_a_refusal_says_nothing_of_it(owner: Owner, server: BadServer) -> None:
    server.on("/youtube/v3/videos", reply(403, b'{"error": {"code": 403, "errors": [{"reason": "keyInvalid"}]}}'))
    owner.do_collect(campaign="bridge", collector="youtube")
    assert owner.store.rows(POSTS) == []


def test_a_word_about_what_is_held_makes_it_no_younger(owner: Owner, server: BadServer) -> None:
    owner.do_collect(campaign="bridge", collector="youtube")
    seen = owner.store.rows("SELECT title, last_seen_at FROM posts")
    owner.do_collect(campaign="bridge", collector="wayback", since="2026-01-01")
    assert (
        owner.store.rows("SELECT title, last_seen_at FROM posts") == seen
    )  # a term of 30 days runs from YouTube's own


def test_it_stays_about_the_campaign_when_the_campaign_changes(owner: Owner, workspace: Workspace) -> None:
    owner.do_collect(campaign="bridge", collector="youtube")
    workspace.campaign_file("bridge").write_text(CAMPAIGN.format(more='phrases.en = ["a bridge of paper and glue"]\n'))
    owner.campaigns.save("bridge")
    assert owner.store.rows(POSTS) == [(*HELD, "Another title")]


def hit(video_id: str, title: str) -> dict[str, Any]:
    return {
        "kind": "youtube#searchResult", "id": {"kind": "youtube#video", "videoId": video_id},
        "snippet": {"publishedAt": "2026-02-28T10:00:00Z", "title": title},
    }  # fmt: skip


def test_its_loss_is_confirmed_beside_controls_that_another_post_has(owner: Owner, server: BadServer) -> None:
    owner.collection.clock = clock = SimulatedClock()
    others = [f"other{number:06}" for number in range(3)]
    found = [hit("about000000", "The bridge that was never built"), *(hit(one, "Plum cake") for one in others)]
    server.on("/youtube/v3/search", reply(200, listed(*found, kind="searchListResponse")))
    held = [{**video("9"), "id": one} for one in ("about000000", *others)]
    server.on("/youtube/v3/videos", reply(200, listed(video("9"), *held)), reply(200, listed(*held)))
    for mode, minutes in (("reread", 0), ("search", 20), ("reread", 20), ("reread", 11)):
        clock.at += timedelta(minutes=minutes)
        owner.collection.turn("youtube", mode, "bridge")  # type: ignore[arg-type]
    found_so = owner.store.rows(f"SELECT status, cause, basis FROM statuses WHERE id = '{VIDEO}'")
    assert found_so == [("gone", "missing", "absent")]


def test_the_archive_is_asked_for_all_that_it_captured(owner: Owner, server: BadServer) -> None:
    owner.do_collect(campaign="bridge", collector="wayback")
    [head] = [head for head in server.heads if "/cdx" in head]
    assert parse_qs(urlsplit(head.split(" ")[1]).query)["from"][0] < "19960101"


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("https://www.youtube.com/shorts/NYkpk_l2bMw", ("youtube", "NYkpk_l2bMw")),
        ("https://x.com/CIA/status/1918000000000000000", ("x", "1918000000000000000")),
        ("https://vk.com/video-123_456", ("vk", "video-123_456")),  # a post can have the same numbers
        ("https://vk.com/wall-123_456", ("vk", "-123_456")),
        ("https://t.me/rian_ru/12345", ("telegram", "rian_ru/12345")),
        ("https://www.nicovideo.jp/watch/sm9", ("niconico", "sm9")),
        ("https://www.youtube.com/@CIA", None),
        ("https://example.org/video.html", None),
        ("https://t.me/c/1234/5", None),
    ],
)
def test_an_address_names_a_post_as_its_collector_knows_it(url: str, known: tuple[str, str] | None) -> None:
    found = [
        (seed.known.platform, seed.known.id) for seed in seeds(Campaign(name="c", title="c", videos=(Video(url=url),)))
    ]
    assert found == ([known] if known else [])


def test_its_readings_are_in_the_plan_before_anything_is_held(owner: Owner, workspace: Workspace) -> None:
    rows = {(row["collector"], row["mode"]): row for row in plan.costs(owner.campaigns.read("bridge"), owner.store)}
    assert rows["youtube", "reread"]["cost_a_day"] >= 1
    assert rows["youtube", "reread"]["fits"]
