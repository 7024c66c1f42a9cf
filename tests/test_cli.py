"""The command line as a person uses it: names, fields, exit codes, and counts that add up."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from spillover.__main__ import main
from spillover.config import Workspace
from spillover.owner import Owner

CAMPAIGN = """name = "bridge"
title = "The video of the bridge"
live = false

[[videos]]
url = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
title.en = "The bridge that was never built"
title.zh-Hans = "从未建成的桥"
"""


def row(number: int, **more: Any) -> dict[str, Any]:
    base = {
        "platform": "youtube", "id": f"id{number:09}", "title": "从未建成的桥 full video", "author": f"someone{number}", "views": number * 10,
        "observed_at": "2026-03-01T00:00:00Z", "published_at": "2026-02-28T10:00:00Z", "region": "HK",
    }  # fmt: skip
    return base | more


def write(path: Path, rows: list[dict[str, Any]], tail: str = "") -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows) + tail, encoding="utf-8")
    return path


class Shell:
    """Runs commands in this process and returns exit code and JSON lines."""

    def __init__(self, workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
        self.workspace, self.capsys = workspace, capsys
        self.talk = ""

    def __call__(self, *arguments: str | Path) -> tuple[int, list[dict[str, Any]]]:
        code = main(["--workspace", str(self.workspace.root), *map(str, arguments), "--json"])
        out, self.talk = self.capsys.readouterr()
        return code, [json.loads(line) for line in out.splitlines()]


@pytest.fixture(params=["alone", "beside an owner"])
def shell(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> Iterator[Shell]:
    (tmp_path / "bridge.toml").write_text(CAMPAIGN, encoding="utf-8")
    made = Shell(workspace, capsys)
    owner = Owner(workspace) if request.param == "beside an owner" else None
    if owner:
        owner.start()
    code, rows = made("campaign", "add", tmp_path / "bridge.toml")
    assert (code, rows[0]["version"]) == (0, 1)
    yield made
    if owner:
        owner.close()


def test_an_import_says_what_came_of_every_record(shell: Shell, tmp_path: Path) -> None:
    rows = [*(row(number) for number in range(8)), row(0), row(9, title="cats")]
    code, (line,) = shell("import", write(tmp_path / "a.jsonl", rows, tail='{"half": \n'), "--campaign", "bridge")
    wanted = {"read": 11, "posts": 9, "new_posts": 8, "observations": 8, "matched": 9, "duplicates": 1, "rejected": 1}
    assert {name: line[name] for name in wanted} == wanted
    assert code == 1 and line["read"] == line["posts"] + line["duplicates"] + line["rejected"]
    (reject,) = map(json.loads, Path(line["rejects"]).read_text().splitlines())
    assert reject["line"] == 11
    assert shell("sql", "SELECT count(*) AS n FROM posts")[1] == [{"n": 8}]


def test_the_same_file_again_brings_nothing_new(shell: Shell, tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", [row(number) for number in range(5)])
    shell("import", file, "--campaign", "bridge")
    code, (line,) = shell("import", file, "--campaign", "bridge")
    assert (code, line["posts"], line["duplicates"], line["new_posts"], line["observations"]) == (0, 0, 5, 0, 0)


def test_keep_all_keeps_what_does_not_match(shell: Shell, tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", [row(1), row(2, title="cats")])
    _, (line,) = shell("import", file, "--campaign", "bridge", "--keep-all")
    assert (line["matched"], line["new_posts"]) == (1, 2)
    _, rows = shell("sql", "SELECT role, match_kind FROM posts ORDER BY role")
    assert rows == [{"role": "kept", "match_kind": None}, {"role": "match", "match_kind": "title"}]


def test_an_import_says_what_terms_will_erase_and_what_others_published_stays(shell: Shell, tmp_path: Path) -> None:
    rows = [row(number, observed_at="2020-03-01T00:00:00Z") for number in range(6)]
    shell("import", write(tmp_path / "a.jsonl", rows), "--campaign", "bridge")
    assert shell.talk.startswith("6 readings of youtube are older than the 30 days") and "--published" in shell.talk
    shell("expire")
    published = [row(number, observed_at="2020-03-01T00:00:00Z", author=None) for number in range(10, 12)]
    shell("import", write(tmp_path / "b.jsonl", published), "--campaign", "bridge", "--published")
    assert (shell.talk, shell("expire")[1]) == ("", [])
    _, left = shell("sql", "SELECT policy, count(*) AS n FROM observations JOIN posts USING (post_key) GROUP BY policy")
    assert left == [{"policy": "published", "n": 2}]


def test_reach_per_platform_and_as_of_a_day(shell: Shell, tmp_path: Path) -> None:
    later = [row(number, views=number * 10 + 5, observed_at="2026-03-03T00:00:00Z") for number in range(6)]
    shell(
        "import", write(tmp_path / "a.jsonl", [*(row(number) for number in range(6)), *later]), "--campaign", "bridge"
    )
    values = {}
    for day in ("2026-03-02", "2026-03-04"):
        _, rows = shell("show", "reach", "--campaign", "bridge", "--by", "platform,region", "--as-of", day)
        (known,) = [line for line in rows if line["metric"] == "known_views"]
        assert known["keys"] == {"platform": "youtube", "region": "HK"} and not known["suppressed"] and known["n"] == 6
        values[day] = (known["value"], known["low"], known["high"])
    assert values == {"2026-03-02": (150, 150, 150), "2026-03-04": (180, 180, 180)}


def test_crossings_and_cascades_are_answered(shell: Shell, tmp_path: Path) -> None:
    shell("import", write(tmp_path / "a.jsonl", [row(number) for number in range(6)]), "--campaign", "bridge")
    _, rows = shell("show", "crossings", "--campaign", "bridge", "--by", "region")
    (reached,) = [line for line in rows if line["metric"] == "crossed_by"]
    assert (reached["keys"], reached["low"], reached["verdict"]) == ({"region": "HK"}, None, "at the latest")
    _, rows = shell("show", "cascades", "--campaign", "bridge")
    (stated,) = [line for line in rows if line["metric"] == "stated_share"]
    assert (stated["value"], stated["n"]) == (0, 6)


def test_charts_that_are_imported_late_were_looked_at_when_they_were_read(shell: Shell, tmp_path: Path) -> None:
    head = "video_id,country,rank,fetched_at,title,category_id,views\n"
    for day, regions in (("10", "KR"), ("11", "KR,TW"), ("12", "KR,TW,HK")):
        lines = [f"dQw4w9WgXcQ,{region},1,2026-03-{day}T03:00:00Z,x,1,{day}" for region in regions.split(",")]
        (tmp_path / f"chart-{day}.csv").write_text(head + "\n".join(lines) + "\n")
    shell("import", *sorted(tmp_path.glob("chart-*.csv")), "--campaign", "bridge", "--published")
    _, rows = shell("show", "crossings", "--campaign", "bridge", "--as-of", "2026-03-11T12:00Z")
    found = {row["keys"]["region"]: row["low"] for row in rows if row["metric"] == "crossed_by"}
    assert found == {"KR": None, "TW": "2026-03-10T03:00:00Z"}
    _, [looked] = shell("show", "coverage", "--campaign", "bridge", "--as-of", "2026-03-11T12:00Z")
    assert (looked["runs"], looked["minutes"], looked["since"]) == (2, 33 * 60, "2026-03-10T03:00:00Z")


def test_a_file_of_many_readings_of_a_list_watched_only_some_of_the_time(shell: Shell, tmp_path: Path) -> None:
    rows = "".join(f"2026-03-0{day}T0{hour}:10:00+08:00,从未建成的桥{day},3\n" for day in (1, 2) for hour in (1, 4))
    (tmp_path / "hot.csv").write_text("first_seen,title,rank\n" + rows)
    shell("import", tmp_path / "hot.csv", "--campaign", "bridge")
    _, [looked] = shell("show", "coverage", "--campaign", "bridge", "--as-of", "2026-03-01T20:10Z")
    assert (looked["minutes"], looked["minutes_watched"], looked["minutes_partly"]) == (27 * 60, 0, 27 * 60)
    assert looked["last_reason"] == "lists were read up to 21 hours apart"


def test_a_cell_of_few_accounts_is_suppressed(shell: Shell, tmp_path: Path) -> None:
    shell("import", write(tmp_path / "a.jsonl", [row(number) for number in range(4)]), "--campaign", "bridge")
    _, rows = shell("show", "reach", "--campaign", "bridge")
    assert rows and all(line["suppressed"] and line["value"] is None and line["n"] is None for line in rows)


def test_a_changed_campaign_matches_again_what_is_stored(shell: Shell, tmp_path: Path) -> None:
    shell(
        "import",
        write(tmp_path / "a.jsonl", [row(1), row(2, title="a ferry of the strait")]),
        "--campaign",
        "bridge",
        "--keep-all",
    )
    (tmp_path / "bridge.toml").write_text(CAMPAIGN + 'title.es = "a ferry of the strait"\n', encoding="utf-8")
    code, (saved,) = shell("campaign", "add", tmp_path / "bridge.toml")
    assert (code, saved["version"], saved["backfill_needed"]) == (0, 2, True)
    assert "back-fill" in shell.talk
    assert shell("sql", "SELECT count(*) AS n FROM posts WHERE match_kind = 'title'")[1] == [{"n": 2}]


def test_a_campaign_is_listed_paused_resumed_and_archived(shell: Shell) -> None:
    for action, state in (("pause", "paused"), ("resume", "active"), ("archive", "archived")):
        assert shell("campaign", action, "bridge")[0] == 0
        assert [(line["name"], line["state"]) for line in shell("campaign", "list")[1]] == [("bridge", state)]
    assert shell("campaign", "pause", "nobody")[0] == 2


def test_match_prints_one_line_for_each_line(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "从未建成的桥\r\nsee https://youtu.be/dQw4w9WgXcQ\n\nnothing\u2028here\n\xff\n"
    monkeypatch.setattr("sys.stdin", type("Stdin", (), {"buffer": text.encode("utf-8").splitlines(keepends=True)})())
    code, rows = shell("match", "--campaign", "bridge", "-")
    assert code == 0
    assert [(line["line"], line["matched"], line["kind"]) for line in rows] == [
        (1, True, "title"), (2, True, "link"), (3, False, None), (4, False, None), (5, False, None),
    ]  # fmt: skip


def test_resolve_keeps_the_order_of_what_was_given(shell: Shell) -> None:
    code, rows = shell("resolve", "nothing", "https://youtu.be/dQw4w9WgXcQ", "https://t.me/+AbCdEfGhIjKlMnOp")
    assert code == 0 and [line["platform"] for line in rows] == [None, "youtube", "telegram"]
    assert list(rows[1]) == ["input", "platform", "kind", "id", "canonical", "needs_network", "private"]


def test_a_moment_that_is_past_knows_nothing_of_what_was_imported_since(shell: Shell, tmp_path: Path) -> None:
    """A file that speaks of an earlier time was not known before it came; before the campaign, readings count by their own time."""
    shell("import", write(tmp_path / "a.jsonl", [row(number) for number in range(8)]), "--campaign", "bridge")
    _, then = shell("show", "reach", "--campaign", "bridge")
    moment = datetime.now(UTC).isoformat()
    late = [row(number, views=99_999, observed_at="2026-03-02T00:00:00Z") for number in range(4, 14)]
    shell("import", write(tmp_path / "b.jsonl", late), "--campaign", "bridge")
    assert shell("show", "reach", "--campaign", "bridge")[1] != then
    assert shell("show", "reach", "--campaign", "bridge", "--as-of", moment)[1] == then
    _, before = shell("show", "reach", "--campaign", "bridge", "--as-of", "2026-03-02T12:00Z")
    assert before[0]["value"] == 10 * 99_999 + sum(10 * number for number in range(4))


@pytest.mark.parametrize(
    "arguments",
    [
        ("import", "missing.jsonl", "--campaign", "bridge"),
        ("import", "missing.jsonl", "--campaign", "nobody"),
        ("show", "reach", "--campaign", "bridge", "--by", "author"),
        ("show", "reach", "--campaign", "bridge", "--as-of", "soon"),
        ("show", "reach", "--campaign", "bridge", "--campaign", "bridge"),
        ("show", "reach", "--campaign", "bridge", "--campaign", "tower"),
        ("show", "reach", "--campaign", "bridge", "--campaign", "tower", "--campaign", "third"),
        ("sql", "DROP TABLE posts"),
        ("campaign", "check", "missing.toml"),
        ("translate", "nobody", "search", "missing.json"),
        ("translate", "gdelt", "load", "missing.json"),
    ],
)
def test_wrong_input_is_code_2_and_says_why(shell: Shell, arguments: tuple[str, ...]) -> None:
    assert shell(*arguments)[0] == 2
    assert shell.talk.strip()


def test_a_workspace_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--workspace", str(tmp_path / "none"), "campaign", "list"]) == 2
    assert "spillover init" in capsys.readouterr().err


def test_doctor_and_verify_find_nothing_in_a_sound_workspace(shell: Shell, tmp_path: Path) -> None:
    shell("import", write(tmp_path / "a.jsonl", [row(number) for number in range(8)]), "--campaign", "bridge")
    assert shell("verify")[0] == 0
    code, rows = shell("doctor")
    assert code == 0 and {"check", "ok", "detail", "fix"} == set(rows[0])


def test_no_author_is_anywhere_in_a_workspace_or_an_export(shell: Shell, tmp_path: Path) -> None:
    rows = [
        row(number, author=f"zhangsan_secret_{number}", text=f"by @zhangsan_secret_{number}") for number in range(40)
    ]
    tail = '{"id": "x", "author": "zhangsan_secret_99", "views": "many", "title": "从未建成的桥"}\n{"author": "zhangsan_secret'
    assert shell("import", write(tmp_path / "a.jsonl", rows, tail=tail), "--campaign", "bridge")[1][0]["rejected"] == 2
    assert shell("export", "bridge", tmp_path / "out")[0] == 0
    files = [
        path for folder in (shell.workspace.root, tmp_path / "out") for path in folder.rglob("*") if path.is_file()
    ]
    assert len(files) > 5
    assert [path.name for path in files if b"zhangsan_secret" in path.read_bytes()] == []


def test_help_and_version_of_every_command(python: list[str], checkout_first: None) -> None:
    done = subprocess.run([*python, "--help"], capture_output=True, text=True, check=True)
    for command in (
        "init",
        "up",
        "demo",
        "collect",
        "import",
        "translate",
        "resolve",
        "match",
        "show",
        "sql",
        "export",
    ):
        assert command in done.stdout
