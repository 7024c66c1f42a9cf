"""Sightings: what a person enters lands as everything else does, counts as reviewed, and gives nobody away."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from spillover import UsageError, sightings
from spillover.__main__ import main
from spillover.config import Workspace
from spillover.owner import Owner
from tests.test_cli import CAMPAIGN, Shell

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KUAISHOU = "https://www.kuaishou.com/short-video/3xj8yd6c7d9a8bs"
PNG = b"\x89PNG\r\n\x1a\nmade up"


@pytest.fixture(params=["alone", "beside an owner"])
def shell(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> Iterator[Shell]:
    (tmp_path / "bridge.toml").write_text(CAMPAIGN, encoding="utf-8")
    owner = Owner(workspace) if request.param == "beside an owner" else None
    if owner:
        owner.start()
    made = Shell(workspace, capsys)
    made("campaign", "add", tmp_path / "bridge.toml")
    yield made
    if owner:
        owner.close()


def add(shell: Shell, *arguments: str | Path) -> tuple[int, list[dict[str, Any]]]:
    return shell("sighting", "add", "--campaign", "bridge", *arguments)


def test_a_sighting_lands_by_the_ordinary_path_and_is_reviewed(shell: Shell) -> None:
    code, (line,) = add(
        shell, "--url", f"{KUAISHOU}?authorId=9", "--title", "从未建成的桥", "--views", "1.2万", "--likes", "30", "--region", "CN", "--lang", "zh",
        "--seen-at", "2026-03-01 18:30 +0800", "--published-at", "2026-02-28", "--by", "reviewer 7", "--note", "seen on a phone",
    )  # fmt: skip
    assert (code, line["platform"], line["id"], line["url"]) == (0, "kuaishou", "3xj8yd6c7d9a8bs", KUAISHOU)
    assert (line["observed_at"], line["matched"], line["band"]) == ("2026-03-01T10:30:00+00:00", True, "reviewed")
    (post,) = shell(
        "sql", "SELECT kind, region, region_basis, lang, published_precision, band, verdict, match_kind FROM posts"
    )[1]
    assert post == {
        "kind": "post", "region": "CN", "region_basis": "reviewer", "lang": "zh", "published_precision": "day", "band": "reviewed",
        "verdict": "accept", "match_kind": "title",
    }  # fmt: skip
    (counts,) = shell("sql", "SELECT views, views_low, views_high, likes, shares FROM observations")[1]
    assert counts == {"views": 12000, "views_low": 11500, "views_high": 12499, "likes": 30, "shares": None}
    (run,) = shell("sql", "SELECT collector, mode, query, outcome, posts, matched FROM runs")[1]
    assert run == {"collector": "sighting", "mode": "load", "query": "sighting:kuaishou", "outcome": "answered", "posts": 1, "matched": 1}  # fmt: skip
    assert shell("sql", "SELECT note FROM reviews")[1] == [{"note": "seen on a phone"}]
    assert all(row["ok"] for row in shell("verify")[1])


def test_one_that_nothing_matches_counts_because_a_person_says_so(shell: Shell) -> None:
    code, (line,) = add(shell, "--url", KUAISHOU, "--title", "something else")
    assert (code, line["matched"], line["band"]) == (0, False, "reviewed")
    assert shell("sql", "SELECT role, band FROM posts")[1] == [{"role": "kept", "band": "reviewed"}]


def test_the_same_reading_again_is_said_to_be_held(shell: Shell) -> None:
    asked = ("--url", KUAISHOU, "--views", "5", "--seen-at", "2026-03-01 10:00")
    assert add(shell, *asked)[0] == 0
    code, (line,) = add(shell, *asked)
    assert (code, line["new_reading"], line["new_post"]) == (1, False, False) and "held already" in shell.talk
    assert shell("sql", "SELECT count(*) AS n FROM observations")[1] == [{"n": 1}]


def test_a_removal_is_kept_in_the_platforms_own_words(shell: Shell) -> None:
    add(shell, "--url", KUAISHOU, "--status", "gone", "--said", "作品已被作者删除 @someone")
    (row,) = shell("sql", "SELECT status, basis, said, vantage FROM availability")[1]
    assert row == {"status": "gone", "basis": "stated", "said": "作品已被作者删除 …", "vantage": "page"}


def test_a_screenshot_stays_in_the_workspace_and_its_digest_in_the_store(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "shot.png").write_bytes(PNG)
    code, (line,) = add(shell, "--platform", "wechat_channels", "--screenshot", tmp_path / "shot.png", "--title", "x")
    digest = hashlib.sha256(PNG).hexdigest()
    assert code == 0 and line["screenshot"] == f"sha256:{digest}" and line["id"] == f"screenshot-{digest[:32]}"
    kept = shell.workspace.root / "evidence" / f"{digest}.png"
    assert kept.read_bytes() == PNG and kept.stat().st_mode & 0o077 == 0 and kept.parent.stat().st_mode & 0o077 == 0
    assert "never exported" in shell.talk
    shell("export", "bridge", tmp_path / "out")
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert files and not any(PNG in path.read_bytes() or path.suffix == ".png" for path in files)


def test_a_busy_or_missing_campaign_is_said(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--workspace", str(workspace.root), "sighting", "add", "--campaign", "none", "--url", KUAISHOU]) == 2
    assert "no campaign 'none'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"url": "https://t.me/c/1234567890/5"}, "--url: it leads into a private place"),
        ({"url": "kuaishou, somewhere"}, "--url: no web address"),
        ({"url": "https://v.kuaishou.com/abc"}, "--url: a short link"),
        ({"url": "https://www.youtube.com/channel/UCagDqcSk9AONbgEgSOsZ55A"}, "--url: of a channel"),
        ({"url": KUAISHOU, "platform": "weibo"}, "--platform: the address is of kuaishou"),
        ({"url": "https://unknown.example/video/1"}, "--platform: the address is of none that we know"),
        ({"platform": "wechat_channels", "title": "x"}, "--id: nothing tells this post from others"),
        ({"platform": "We Chat", "id": "1"}, "--platform: 'we chat' is no name"),
        ({"platform": "weibo", "id": "1"}, "--title: nothing that was seen is said"),
        ({"url": KUAISHOU, "views": "many"}, "--views: 'many' is no count"),
        ({"url": KUAISHOU, "seen_at": "soon"}, "--seen-at:"),
        ({"url": KUAISHOU, "seen_at": "2026-03-02 12:00"}, "--seen-at: it is in the future"),
        ({"url": KUAISHOU, "seen_at": "2026-02-01 00:00", "published_at": "2026-02-03"}, "--published-at: later than the post was seen"),
        ({"url": KUAISHOU, "region": "China"}, "--region: 'China' is no code"),
        ({"url": KUAISHOU, "lang": "中文"}, "--lang: '中文' is no language"),
        ({"url": KUAISHOU, "status": "deleted"}, "--status: 'deleted' is none"),
        ({"url": KUAISHOU, "status": "gone"}, "--said: gone is not proven"),
        ({"link": KUAISHOU}, "link: no such field"),
    ],
)  # fmt: skip
def test_what_is_wrong_names_the_field_and_the_fix(said: dict[str, str], named: str) -> None:
    with pytest.raises(UsageError) as raised:
        sightings.read(said, None, NOW)
    assert str(raised.value).startswith(named) and ";" in str(raised.value)


@pytest.mark.parametrize(
    ("content", "named"), [(b"MZ not a picture", "no picture"), (PNG + bytes(sightings.BIGGEST), "at most 20 MB")]
)
def test_a_screenshot_is_a_picture_of_a_bounded_size(content: bytes, named: str) -> None:
    with pytest.raises(UsageError, match=f"--screenshot: .*{named}"):
        sightings.read({"platform": "weibo"}, base64.b64encode(content).decode(), NOW)


def test_an_address_that_names_an_account_is_known_by_its_digest_alone(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bridge.toml").write_text(CAMPAIGN, encoding="utf-8")
    shell = Shell(workspace, capsys)
    shell("campaign", "add", tmp_path / "bridge.toml")
    _, (line,) = add(
        shell, "--platform", "soundcloud", "--url", "https://soundcloud.com/someones-name/a-song", "--title", "x"
    )
    assert line["url"] is None and len(line["id"]) == 32 and "someones-name" not in json.dumps(line)


@pytest.mark.parametrize(
    ("said", "known_as"),
    [
        ({"url": "https://vk.com/clip-1_2"}, ("vk", "video-1_2")),
        ({"url": "https://vk.com/wall-1_2?reply=7"}, ("vk", "-1_7")),
        ({"url": "http://news.example/a?utm_source=x#top", "platform": "web"}, ("web", "https://news.example/a")),
    ],
)
def test_what_is_entered_has_the_id_that_a_collector_stores(said: dict[str, str], known_as: tuple[str, str]) -> None:
    post = sightings.read(said | {"title": "x"}, None, NOW)[0].post
    assert (post.platform, post.id) == known_as
