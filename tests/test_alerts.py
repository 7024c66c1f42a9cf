"""Alerts as an analyst meets them: commands, an owner at work, sinks that are real, slow or dead, and a process that is killed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spillover.config import Workspace
from spillover.owner import Owner
from spillover.store import Store
from tests.conftest import ROOT
from tests.servers import sinks
from tests.servers.sinks import Hook
from tests.test_cli import CAMPAIGN, Shell, row, write


@pytest.fixture
def hook() -> Iterator[Hook]:
    with sinks.hook() as served:
        yield served


@pytest.fixture
def shell(workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    (tmp_path / "bridge.toml").write_text(CAMPAIGN, encoding="utf-8")
    made = Shell(workspace, capsys)
    assert made("campaign", "add", tmp_path / "bridge.toml")[0] == 0
    return made


def arrive(shell: Shell, folder: Path, region: str, number: int = 0, hour: int = 1) -> None:
    """Let posts of six accounts come in from a region."""
    at = f"2026-03-01T{hour:02}:00:00Z"
    rows = [row(number + one, region=region, published_at=at, observed_at=at) for one in range(6)]
    code, _ = shell("import", write(folder / f"{region}.jsonl", rows), "--campaign", "bridge")
    assert code == 0


def states(rows: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    return {row["key"]: row["deliveries"] for row in rows if row["type"] == "event"}


def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def test_a_crossing_is_told_once_and_what_was_known_before_is_not(shell: Shell, tmp_path: Path, hook: Hook) -> None:
    arrive(shell, tmp_path, "HK")
    code, (added,) = shell("alerts", "add", "desk", "--to", hook.address)
    assert (code, added["to"]) == (0, f"json://127.0.0.1:{hook.port}/…")
    assert "1 events are known already" in shell.talk
    arrive(shell, tmp_path, "KR", 10, 2)
    assert shell("alerts", "run")[0] == 0
    assert hook.titles == ["bridge: KR is reached"]
    assert "6 posts by now" in hook.got[0]["message"]
    for _ in range(2):
        code, rows = shell("alerts", "run")
        assert code == 0
    assert len(hook.got) == 1
    assert states(rows) == {
        "bridge/crossing/KR": {"desk": "taken"},
        "bridge/first_seen/youtube/KR": {"desk": "told with crossing/KR"},
        "bridge/first_seen/youtube/HK": {"desk": "not sent: older than the target"},
    }


def test_what_happened_before_is_sent_where_it_is_asked_for(shell: Shell, tmp_path: Path, hook: Hook) -> None:
    arrive(shell, tmp_path, "HK")
    assert shell("alerts", "add", "desk", "--to", hook.address, "--past", "--on", "first_seen")[0] == 0
    shell("alerts", "run")
    assert hook.titles == ["bridge: first seen in HK on youtube"]


def test_the_list_shows_targets_rules_and_events_and_no_secret(shell: Shell, tmp_path: Path, hook: Hook) -> None:
    arrive(shell, tmp_path, "HK")
    shell("alerts", "add", "desk", "--to", hook.address, "--campaign", "bridge", "--on", "crossing,broken")
    code, rows = shell("alerts", "list")
    assert code == 0
    assert [row["type"] for row in rows] == ["target", *["rule"] * 5, "event"]
    assert rows[0]["on"] == ["crossing", "broken"] and rows[0]["campaign"] == "bridge"
    rules = {row["kind"]: row for row in rows if row["type"] == "rule"}
    assert set(rules) == {"crossing", "first_seen", "removal_wave", "burst", "broken"}
    assert rules["burst"]["verdict"] == "insufficient" and rules["burst"]["false_a_week"] is None
    assert "a-token" not in str(rows)


def test_a_test_says_for_each_target_whether_it_was_taken(shell: Shell, hook: Hook) -> None:
    assert shell("alerts", "test")[0] == 2 and "alerts add NAME --to" in shell.talk
    shell("alerts", "add", "desk", "--to", hook.address)
    shell("alerts", "add", "dead", "--to", "json://127.0.0.1:1/x")
    code, rows = shell("alerts", "test")
    assert code == 1
    assert {row["target"]: row["taken"] for row in rows} == {"desk": True, "dead": False}
    assert shell("alerts", "test", "desk")[0] == 0 and hook.titles == ["Spillover: a test"] * 2
    assert shell("alerts", "test", "nobody")[0] == 2


def test_targets_are_switched_off_and_on_and_removed(shell: Shell, tmp_path: Path, hook: Hook) -> None:
    shell("alerts", "add", "desk", "--to", hook.address)
    shell("alerts", "off", "desk")
    arrive(shell, tmp_path, "HK")
    shell("alerts", "run")
    assert hook.got == []
    shell("alerts", "on", "desk")
    shell("alerts", "run")
    assert hook.titles == ["bridge: first seen in HK on youtube"]
    assert shell("alerts", "remove", "desk")[0] == 0
    assert [row["type"] for row in shell("alerts", "list")[1] if row["type"] == "target"] == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("Desk 1", "--to", "json://127.0.0.1/"), "small letters"),
        (("desk", "--to", "https://example.org/hook"), "write jsons://HOST/PATH"),
        (("desk", "--to", "json://127.0.0.1/", "--on", "weather"), "choose from crossing"),
        (("desk", "--to", "json://127.0.0.1/", "--campaign", "nobodys"), "no campaign 'nobodys'"),
        (("desk", "--to", "secret:DESK_MAIL"), "DESK_MAIL is not set"),
    ],
)
def test_a_target_that_cannot_be_is_refused_with_the_fix(shell: Shell, asked: tuple[str, ...], said: str) -> None:
    assert shell("alerts", "add", *asked)[0] == 2
    assert said in shell.talk


def test_adding_twice_says_the_same_and_another_address_is_refused(shell: Shell, hook: Hook) -> None:
    for _ in range(2):
        assert shell("alerts", "add", "desk", "--to", hook.address)[0] == 0
    assert shell("alerts", "add", "desk", "--to", "json://127.0.0.1:1/x")[0] == 2
    assert "spillover alerts remove desk" in shell.talk


def test_an_address_is_in_one_file_of_the_owner_and_nowhere_else(
    shell: Shell, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hook: Hook
) -> None:
    address = f"json://user:hunter2hunter2@127.0.0.1:{hook.port}/hook/a-token-that-is-long-enough"
    shell("alerts", "add", "desk", "--to", address)
    monkeypatch.setenv("DESK_HOOK", f"json://127.0.0.1:{hook.port}/another-token-that-is-long")
    shell("alerts", "add", "other", "--to", "secret:DESK_HOOK")
    arrive(shell, tmp_path, "HK")
    shell("alerts", "run")
    assert len(hook.got) == 2
    shell("export", "bridge", tmp_path / "out")
    written = [*workspace.root.rglob("*"), *(tmp_path / "out").rglob("*")]
    found = {
        path.name
        for path in written
        if path.is_file() and any(word in path.read_bytes() for word in (b"hunter2", b"a-token", b"another-token"))
    }
    assert found == {"alerts.json"}
    kept = workspace.root / "keys" / "alerts.json"
    assert kept.stat().st_mode & 0o777 == 0o600 and "another-token" not in kept.read_text()


def test_mail_ntfy_and_a_webhook_are_told_by_an_owner_at_work(
    shell: Shell, workspace: Workspace, tmp_path: Path, hook: Hook
) -> None:
    with sinks.mail() as (address, box), sinks.ntfy(tmp_path) as host:
        for name, to in {"mail": address, "push": f"ntfy://{host}/desk", "hook": hook.address}.items():
            assert shell("alerts", "add", name, "--to", to)[0] == 0
        owner = Owner(workspace)
        owner.start()
        try:
            arrive(shell, tmp_path, "HK")
            arrive(shell, tmp_path, "KR", 10, 2)
            until(lambda: len(box.got) == 2 and len(hook.got) == 2 and len(sinks.of_topic(host, "desk")) == 2)
            time.sleep(6)  # one more look
        finally:
            owner.close()
        wanted = ["bridge: KR is reached", "bridge: first seen in HK on youtube"]
        assert hook.titles == wanted
        assert sorted(mail["subject"] for mail in box.got) == wanted
        assert sorted(message["title"] for message in sinks.of_topic(host, "desk")) == wanted


def test_a_dead_and_a_slow_sink_hold_up_nobody(shell: Shell, workspace: Workspace, tmp_path: Path, hook: Hook) -> None:
    with sinks.hook() as slow:
        slow.delay_s = 7.0
        shell("alerts", "add", "dead", "--to", "json://127.0.0.1:1/x")
        shell("alerts", "add", "slow", "--to", slow.address)
        shell("alerts", "add", "quick", "--to", hook.address)
        owner = Owner(workspace)
        owner.start()
        try:
            arrive(shell, tmp_path, "HK")
            arrive(shell, tmp_path, "KR", 10, 2)
            until(lambda: len(hook.got) == 2)
            assert len(slow.got) <= 1
            assert shell("show", "reach", "--campaign", "bridge")[0] == 0
            until(lambda: "slow: taken" in str(shell("alerts", "list")[1]).replace("'", ""))
        finally:
            owner.close()
    told = states(shell("alerts", "list")[1])["bridge/crossing/KR"]
    assert told["quick"] == "taken" and told["dead"].startswith("failed 1 times, again")


def test_a_killed_process_repeats_nothing_that_was_taken_and_loses_nothing(
    shell: Shell, workspace: Workspace, tmp_path: Path, hook: Hook
) -> None:
    """Killed while a sink has not yet answered, twice: what it had taken before is not sent again, all else is."""
    shell("alerts", "add", "desk", "--to", hook.address)
    for number, region in enumerate(["HK", "JP", "KR", "TW"]):
        arrive(shell, tmp_path, region, 10 * number, 1 + number)
    for reached in (2, 3):
        hook.delay_s = 0.0 if reached == 2 else 30.0
        command = [sys.executable, "-m", "spillover", "--workspace", str(workspace.root), "alerts", "run"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as victim:
            until(lambda: len(hook.got) >= reached)  # noqa: B023
            hook.delay_s = 30.0
            until(lambda: len(hook.got) > reached or victim.poll() is not None, 2.0) if reached == 2 else None  # noqa: B023
            victim.kill()
    hook.delay_s = 0.0
    taken_before = _taken(workspace)
    sent_before = list(hook.titles)
    assert shell("alerts", "run")[0] == 0
    again = sorted(set(hook.titles))
    assert again == sorted(
        ["bridge: first seen in HK on youtube", *(f"bridge: {r} is reached" for r in ("JP", "KR", "TW"))]
    )
    for title in taken_before:
        assert hook.titles.count(title) == sent_before.count(title) == 1
    assert len(_taken(workspace)) == 4


def _taken(workspace: Workspace) -> list[str]:
    store = Store(workspace)
    rows = store.rows("SELECT a.title FROM deliveries d JOIN alerts a USING (event_key) WHERE d.outcome = 'taken'")
    store.close()
    return [f"bridge: {title}" for (title,) in rows]


def test_no_alert_holds_an_account_or_a_text(shell: Shell, tmp_path: Path, hook: Hook) -> None:
    shell("alerts", "add", "desk", "--to", hook.address)
    rows = [row(one, author="only-one", region="HK") for one in range(3)]
    shell("import", write(tmp_path / "few.jsonl", rows), "--campaign", "bridge")
    shell("alerts", "run")
    (got,) = hook.got
    assert "a few posts" in got["message"]
    for word in ("only-one", "从未建成的桥", "youtube.com", "id000000"):
        assert word not in str(got)
