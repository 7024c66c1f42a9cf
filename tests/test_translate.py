"""``translate``: every collector prints what it makes of a recorded answer, or says why it cannot; never an empty success."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spillover import registry
from spillover.__main__ import main
from tests.collectors.cases import all_cases
from tests.collectors.casing import Case

NAMED = [(name, case) for name, case in all_cases() if name.endswith("-0") and "search" in case.collector.modes()]


def written(folder: Path, case: Case) -> Path:
    lines = [{"status": status, "headers": said, "body": body.decode()} for status, said, body in case.exchanges()]
    path = folder / "recorded.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


@pytest.mark.parametrize(("name", "case"), NAMED, ids=[name for name, _ in NAMED])
def test_a_recorded_search_is_translated(
    name: str, case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["translate", case.collector.name, "search", str(written(tmp_path, case))]) == 0
    kinds = {json.loads(line)["type"] for line in capsys.readouterr().out.splitlines()}
    assert kinds & {"post", "measure", "availability"}


@pytest.mark.parametrize("name", ["bluesky", "peertube", "vk"])
def test_a_recorded_reading_is_translated_by_the_posts_in_it(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = next(case for label, case in all_cases() if label == f"{name}-0")
    assert main(["translate", name, "reread", str(written(tmp_path, case))]) == 0
    assert '"observation"' in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"<html>hi</html>", b'{"a": [1, ', b"7", bytes(range(256))])
@pytest.mark.parametrize("name", sorted(registry.names()))
def test_what_is_no_answer_is_an_error_that_names_the_file(
    name: str, content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.json").write_bytes(content)
    mode = registry.load(name).modes()[0]
    assert main(["translate", name, mode, str(tmp_path / "bad.json")]) == 2
    said = capsys.readouterr()
    assert said.out == "" and "bad.json: " in said.err


def test_what_a_recording_is_the_answer_to_can_be_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = tmp_path / "gone.ndjson"
    gone.write_text('{"status": 404, "headers": {}, "body": ""}\n', "utf-8")
    assert main(["translate", "niconico", "reread", str(gone)]) == 2
    assert "--post ID" in capsys.readouterr().err
    assert main(["translate", "gdelt", "search", str(gone), "--query", "link:https://a.example"]) == 2
    assert "phrase, title" in capsys.readouterr().err
