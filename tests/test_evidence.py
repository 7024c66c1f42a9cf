"""Copies by the Wayback Machine: only on request, only of what may be shown to all for ever."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spillover.__main__ import main
from spillover.config import Workspace
from tests.badserver import BadServer, bad_server, reply

KEYS = {"WAYBACK_ACCESS_KEY": "accesskey16chars", "WAYBACK_SECRET_KEY": "secretkey16chars"}
SAVED = {"status": "success", "job_id": "spn2-1", "timestamp": "20261123120102", "http_status": 200}
CAMPAIGN = """name = "bridge"
title = "The video of the bridge"
platforms = ["wayback"]

[[videos]]
url = "https://vk.com/video-1_2"
title.en = "The bridge that was never built"
"""
HELD = {
    "platform": "youtube", "id": "aaaaaaaaaaa", "url": "https://youtu.be/aaaaaaaaaaa?si=x", "title": "The bridge that was never built",
    "author": "someone", "published_at": "2026-02-28T10:00:00Z", "observed_at": "2026-03-01T00:00:00Z",
}  # fmt: skip
Ask = Callable[..., tuple[int, list[dict[str, Any]], str]]


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch) -> Iterator[BadServer]:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with bad_server() as server:
        server.on("/save", reply(200, json.dumps(SAVED).encode()))
        monkeypatch.setenv("SPILLOVER_WAYBACK_BASE_URL", f"http://127.0.0.1:{server.port}")
        monkeypatch.setenv("SPILLOVER_ALLOW_PRIVATE", "1")
        yield server


@pytest.fixture
def ask(workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    def made(*arguments: str | Path) -> tuple[int, list[dict[str, Any]], str]:
        code = main(["--workspace", str(workspace.root), *map(str, arguments), "--json"])
        out, talk = capsys.readouterr()
        return code, [json.loads(line) for line in out.splitlines()], talk

    (tmp_path / "bridge.toml").write_text(CAMPAIGN, "utf-8")
    made("campaign", "add", tmp_path / "bridge.toml")
    (tmp_path / "held.jsonl").write_text(json.dumps(HELD) + "\n", "utf-8")
    made("import", tmp_path / "held.jsonl", "--campaign", "bridge")
    return made


def test_a_campaigns_own_video_is_copied(ask: Ask, archive: BadServer) -> None:
    code, rows, _ = ask("evidence", "save", "--campaign", "bridge")
    copy = {
        "url": "https://vkvideo.ru/video-1_2",
        "evidence": "wayback:20261123120102",
        "outcome": "answered",
        "reason": None,
    }
    assert (code, rows) == (0, [copy])
    assert "Authorization: LOW accesskey16chars:secretkey16chars" in archive.heads[0]
    assert ask("sql", "SELECT collector, outcome FROM runs WHERE collector = 'wayback'")[1][0]["outcome"] == "answered"


def test_a_post_that_is_held_is_copied_by_its_plain_address(ask: Ask, archive: BadServer) -> None:
    code, rows, _ = ask(
        "evidence", "save", "--campaign", "bridge", "--post", "https://m.youtube.com/watch?v=aaaaaaaaaaa&t=3"
    )
    assert (code, rows[0]["url"]) == (0, "https://www.youtube.com/watch?v=aaaaaaaaaaa")
    found = ask("sql", "SELECT p.id, vantage, status, checked_at FROM availability a JOIN posts p USING (post_key)")[1]
    copied = {"id": "aaaaaaaaaaa", "vantage": "archive", "status": "unknown", "checked_at": "2026-11-23T12:01:02Z"}
    assert copied in found


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://www.youtube.com/watch?v=bbbbbbbbbbb", "no post of campaign"),
        ("https://www.tiktok.com/@someone/video/123", "names an account"),
        ("https://t.me/+AbCdEfGhIjKlMnOp", "private"),
        ("not an address", "private"),
    ],
)
def test_what_is_not_to_be_copied_is_refused_and_not_asked_for(
    ask: Ask, archive: BadServer, url: str, why: str
) -> None:
    code, rows, talk = ask("evidence", "save", "--campaign", "bridge", "--post", url)
    assert (code, rows) == (2, []) and why in talk
    assert archive.heads == []


def test_without_keys_it_says_which_and_where_they_are(
    ask: Ask, archive: BadServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WAYBACK_SECRET_KEY")
    code, _, talk = ask("evidence", "save", "--campaign", "bridge")
    assert code == 2 and "set WAYBACK_SECRET_KEY; keys are at https://archive.org/account/s3.php" in talk


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (reply(200, b'{"status": "error", "status_ext": "error:not-found", "message": "no"}'), "cut_short"),
        (reply(401, b"{}"), "refused"),
        (reply(429, b"", Retry_After=900), "refused"),
        (reply(500, b"secretkey16chars"), "broken"),
        (reply(200, b"[]"), "broken"),
    ],
)
def test_a_copy_that_is_not_made_is_said_with_its_reason(
    ask: Ask, archive: BadServer, answer: Any, outcome: str
) -> None:
    archive.on("/save", answer)
    code, (copy,), talk = ask("evidence", "save", "--campaign", "bridge")
    assert (code, copy["evidence"], copy["outcome"]) == (1, None, outcome)
    assert copy["reason"] and "secretkey16chars" not in copy["reason"] + talk


def test_copies_are_never_made_by_the_schedule(ask: Ask, archive: BadServer) -> None:
    archive.on("/cdx/search/cdx", reply(200, b"[]"))
    code, rows, _ = ask("collect", "--once", "--campaign", "bridge", "--collector", "wayback")
    assert code == 0 and {row["outcome"] for row in rows} == {"answered"}
    assert all("POST" not in head for head in archive.heads)
