"""Runs that a file tells of land in the ledger as runs of the collectors that made them, and their rows as theirs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spillover.__main__ import main

CAMPAIGN = """name = "bridge"
title = "The video of the bridge"

[[videos]]
title.en = "the bridge that was never built"
"""
SEARCH: dict[str, Any] = {
    "type": "run", "id": "1", "collector": "youtube", "mode": "search", "query": "title:the bridge", "started_at": "2026-03-01T00:00:00Z",
    "ended_at": "2026-03-01T00:01:00Z", "outcome": "answered", "from": "2026-02-28T23:00:00Z", "to": "2026-03-01T00:00:00Z",
}  # fmt: skip
REREAD = {
    "type": "run",
    "id": "2",
    "collector": "youtube",
    "mode": "reread",
    "started_at": "2026-03-01T02:00:00Z",
    "ended_at": "2026-03-01T02:01:00Z",
}
DOWN = {
    "type": "run", "id": "3", "collector": "x", "started_at": "2026-03-01T02:00:00Z", "outcome": "not_asked", "reason": "the quota is spent",
}  # fmt: skip


def post(number: int, title: str, **more: Any) -> dict[str, Any]:
    named = {
        "type": "post",
        "platform": "youtube",
        "id": f"video-{number:05}",
        "title": title,
        "author": f"account-{number}",
    }
    return named | {"kind": "video", "published_at": "2026-02-28T23:30:00Z"} | more  # fmt: skip


def read(number: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "platform": "youtube", "id": f"video-{number:05}"} | more


LINES = [
    SEARCH,
    post(1, "The bridge that was never built", listing={"list": "trending", "region": "KR", "rank": 3}),
    read(1, "observation", observed_at="2026-03-01T00:01:00Z", views=1200, views_low=1150, views_high=1249),
    post(2, "How to cook rice", followers=100),
    post(
        3, "The bridge that was never built", parents=[{"platform": "youtube", "id": "video-00001", "relation": "repost"}]
    ),
    REREAD,
    read(1, "observation", observed_at="2026-03-01T02:01:00Z", views=2200),
    read(2, "availability", checked_at="2026-03-01T02:01:00Z", status="gone"),
    DOWN,
    {
        "type": "measure", "series": "articles", "subject": "the bridge", "unit": "articles", "value": 3,
        "since": "2026-03-01T00:00:00Z", "until": "2026-03-01T01:00:00Z",
    },
]  # fmt: skip


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPILLOVER_WORKSPACE", str(tmp_path / "w"))
    (tmp_path / "bridge.toml").write_text(CAMPAIGN, "utf-8")
    assert main(["init"]) == 0
    assert main(["campaign", "add", str(tmp_path / "bridge.toml")]) == 0
    return tmp_path


def put(workspace: Path, capsys: pytest.CaptureFixture[str], *lines: dict[str, Any]) -> dict[str, Any]:
    path = workspace / "told.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    capsys.readouterr()
    main(["import", str(path), "--campaign", "bridge", "--json"])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def ask(capsys: pytest.CaptureFixture[str], query: str) -> list[tuple[Any, ...]]:
    capsys.readouterr()
    assert main(["sql", query, "--json"]) == 0
    return [tuple(json.loads(line).values()) for line in capsys.readouterr().out.splitlines()]


def test_each_run_has_its_line_and_its_rows(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = put(workspace, capsys, *LINES)
    assert (told["read"], told["posts"], told["observations"], told["rejected"], told["runs"]) == (3, 3, 4, 0, 3)
    runs = "SELECT collector, mode, outcome, asked, answered, posts, matched, window_to, reason FROM runs WHERE collector <> 'file' ORDER BY mode, collector"
    assert ask(capsys, runs) == [
        ("youtube", "reread", "answered", 1, 1, 0, 0, None, None),
        ("x", "search", "not_asked", 0, 0, 0, 0, None, "the quota is spent"),
        ("youtube", "search", "answered", 1, 1, 3, 2, "2026-03-01T00:00:00Z", None),
    ]
    of_runs = "SELECT o.id, r.mode, o.views, o.views_low FROM observations o JOIN runs r USING (run_id) WHERE o.views > 0 ORDER BY o.views"
    assert ask(capsys, of_runs) == [("video-00001", "search", 1200, 1150), ("video-00001", "reread", 2200, 2200)]
    assert ask(
        capsys, "SELECT m.series, m.collector, r.collector AS by FROM measures m JOIN runs r USING (run_id)"
    ) == [("articles", "x", "x")]
    assert ask(capsys, "SELECT list, region, rank FROM listings") == [("trending", "KR", 3)]
    assert ask(capsys, "SELECT id, parent_id, relation FROM edges") == [("video-00003", "video-00001", "repost")]


def test_what_a_search_elsewhere_found_beside_them_is_compared_with(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(workspace, capsys, *LINES)
    assert ask(capsys, "SELECT control_id FROM controls") == [("video-00002",)]
    assert ask(capsys, "SELECT id, title FROM posts WHERE role = 'control'") == [("video-00002", None)]
    assert ask(capsys, "SELECT id, status FROM availability") == [("video-00002", "gone")]


def test_the_same_file_again_changes_nothing(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(workspace, capsys, *LINES)
    count = "SELECT (SELECT count(*) FROM runs WHERE collector <> 'file'), (SELECT count(*) FROM observations), (SELECT count(*) FROM controls)"
    before = ask(capsys, count)
    told = put(workspace, capsys, *LINES)
    assert (told["read"], told["posts"], told["duplicates"], told["new_posts"]) == (3, 0, 3, 0)
    assert ask(capsys, count) == before == [(3, 4, 1)]
    assert main(["verify"]) == 0


def test_what_was_watched_elsewhere_was_watched(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(workspace, capsys, *LINES)
    assert main(["show", "coverage", "--campaign", "bridge", "--as-of", "2026-03-01T03:00Z", "--json"]) == 0
    rows = {row["keys"]["collector"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert rows["youtube"]["value"] == 60 and rows["x"]["value"] == 0 and rows["x"]["runs_not_asked"] == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (SEARCH | {"outcome": "vanished"}, "outcome: 'vanished' is none of"),
        (SEARCH | {"mode": "look"}, "mode: 'look' is none of"),
        (SEARCH | {"started_at": None}, "started_at: missing"),
        (SEARCH | {"collector": ""}, "collector: missing"),
        (SEARCH | {"asked": -1}, "asked: -1 is no whole number"),
        (SEARCH | {"to": "2026-02-28T22:00:00Z"}, "a run cannot end before it began"),
        (SEARCH | {"ended_at": "soon"}, "ended_at:"),
        (post(1, "x", parents=[{"id": "2", "relation": "theft"}]), "parents: 'theft' is none of"),
        (post(1, "x", duration_s="long"), "duration_s: 'long' is no number"),
        ({"type": "measure", "series": "articles"}, "subject: missing"),
    ],
)
def test_a_bad_line_is_kept_aside_and_the_others_land(
    line: dict[str, Any], reason: str, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = put(workspace, capsys, line, SEARCH | {"id": "9"}, post(1, "The bridge that was never built"))
    assert (told["rejected"], told["posts"], told["runs"]) == (1, 1, 1)
    assert reason in json.loads(Path(told["rejects"]).read_text("utf-8"))["reason"]


def test_a_post_was_known_as_soon_as_any_run_had_brought_it(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def brought(run: str, hour: int) -> list[dict[str, Any]]:
        when = {"started_at": f"2026-03-01T{hour:02}:00:00Z", "ended_at": f"2026-03-01T{hour:02}:01:00Z"}
        posts = [post(number, "The bridge that was never built") for number in range(6)]
        read_at = {"observed_at": f"2026-03-01T{hour:02}:01:00Z", "views": 100 * hour}
        counts = [read(number, "observation", **read_at) for number in range(6)]
        return [SEARCH | {"id": run, "from": None, "to": None} | when, *(line for both in zip(posts, counts, strict=True) for line in both)]  # fmt: skip

    put(workspace, capsys, *brought("late", 9))  # the file with the later run comes first
    put(workspace, capsys, *brought("early", 1))
    for moment, known in (("00:30", None), ("05:00", 600), ("09:30", 5400)):
        assert main(["show", "reach", "--campaign", "bridge", "--as-of", f"2026-03-01T{moment}Z", "--json"]) == 0
        rows = map(json.loads, capsys.readouterr().out.splitlines())
        assert next((row["value"] for row in rows if row["metric"] == "known_views"), None) == known
