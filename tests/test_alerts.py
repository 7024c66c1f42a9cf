"""The commands about alerts as an analyst meets them: what is told, once; what is shown; and no secret and no person in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analysis import alerts
from spillover.config import Workspace
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


def arrive(shell: Shell, folder: Path, *regions: str, begin: int = 0) -> None:
    """Let posts of six accounts come in from each region, an hour after the one before."""
    rows = []
    for place, region in enumerate(regions, start=begin):
        at = f"2026-03-01T{place:02}:00:00Z"
        rows += [row(10 * place + one, region=region, published_at=at, observed_at=at) for one in range(6)]
    code, _ = shell("import", write(folder / "posts.jsonl", rows), "--campaign", "bridge")
    assert code == 0


def states(rows: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    return {row["key"]: row["deliveries"] for row in rows if row["type"] == "event"}


def test_a_crossing_is_told_once_and_what_was_known_before_is_not(shell: Shell, tmp_path: Path, hook: Hook) -> None:
    arrive(shell, tmp_path, "HK")
    code, (added,) = shell("alerts", "add", "desk", "--to", hook.address)
    assert (code, added["to"]) == (0, f"json://127.0.0.1:{hook.port}/…")
    assert "1 events are known already" in shell.talk
    arrive(shell, tmp_path, "KR", begin=1)
    assert shell("alerts", "run")[0] == 0
    assert hook.titles == ["bridge: KR is reached"]
    assert "6 posts by now" in hook.got[0]["message"]
    for _ in range(2):
        code, rows = shell("alerts", "run")
        assert code == 0
    assert len(hook.got) == 1
    assert states(rows) == {
        "bridge/crossing/KR": {"desk": "taken"},
        "bridge/first_seen/youtube/KR": {"desk": "told with bridge/crossing/KR"},
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
    rules = {row["rule"]: row for row in rows if row["type"] == "rule"}
    assert set(rules) == {"crossing", "first_seen", "removal_wave", "burst", "broken"}
    assert rules["burst"]["verdict"] == "insufficient" and rules["burst"]["expected_false_alarms_a_week"] is None
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


def test_a_burst_and_a_broken_collector_are_found_in_runs_made_elsewhere(
    shell: Shell, tmp_path: Path, hook: Hook
) -> None:
    """Five days of hourly searches, two busy hours, then a server that is down."""
    shell("alerts", "add", "desk", "--to", hook.address, "--on", "burst,broken")
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    lines: list[dict[str, Any]] = []
    for hour in range(123):
        since, until = begin + timedelta(hours=hour), begin + timedelta(hours=hour + 1)
        ended = {"started_at": until.isoformat(), "ended_at": until.isoformat()}
        looked = (
            {"outcome": "answered", "from": since.isoformat(), "to": until.isoformat()}
            if hour < 120
            else {"outcome": "broken"}
        )
        lines.append(
            {"type": "run", "id": f"run{hour}", "collector": "youtube", "mode": "search", "query": "phrase:b"}
            | ended
            | looked
        )
        for number in range((1 if hour % 2 else 3) + (25 if hour in (110, 111) else 0) if hour < 120 else 0):
            post = {
                "type": "post",
                "platform": "youtube",
                "id": f"h{hour:03}n{number:06}",
                "title": "从未建成的桥",
                "region": "HK",
            }
            lines.append(post | {"author": f"a{hour}-{number}", "published_at": since.isoformat()})
    code, _ = shell("import", write(tmp_path / "runs.jsonl", lines), "--campaign", "bridge")
    assert code == 0
    shell("alerts", "run")
    assert hook.titles == ["bridge: burst on youtube", "bridge: youtube is broken"]
    told = {message["title"]: message["message"] for message in hook.got}
    assert "between 2026-03-05T14:00Z and 2026-03-05T16:00Z" in told["bridge: burst on youtube"]
    assert "is broken since 2026-03-06T01:00Z: 3 turns failed" in told["bridge: youtube is broken"]
    rules = {row["rule"]: row for row in shell("alerts", "list")[1] if row["type"] == "rule"}
    assert 0 < rules["burst"]["expected_false_alarms_a_week"] < 0.2
    assert 0 < rules["broken"]["expected_false_alarms_a_week"] < 0.01


def test_no_alert_holds_an_account_or_a_text(shell: Shell, tmp_path: Path, hook: Hook) -> None:
    shell("alerts", "add", "desk", "--to", hook.address)
    rows = [row(one, author="only-one", region="HK") for one in range(3)]
    shell("import", write(tmp_path / "few.jsonl", rows), "--campaign", "bridge")
    shell("alerts", "run")
    (got,) = hook.got
    assert "a few posts" in got["message"]
    for word in ("only-one", "从未建成的桥", "youtube.com", "id000000"):
        assert word not in str(got)


def test_real_charts_without_accounts_are_looked_at(shell: Shell, tmp_path: Path) -> None:
    shell("campaign", "add", ROOT / "examples/sample-youtube-trending.toml")
    charts = sorted((ROOT / "examples/sample/sample-youtube-trending").glob("*.csv.gz"))[:2]
    assert shell("import", *charts, "--campaign", "sample-youtube-trending")[0] == 0
    code, rows = shell("alerts", "run")
    assert code == 0 and "could not be looked at" not in shell.talk
    assert len(rows) == 50 and {row["kind"] for row in rows} <= {
        "crossing",
        "first_seen",
    }  # the latest of some two hundred


def test_a_campaign_that_cannot_be_looked_at_is_said_and_is_none_without_news(
    shell: Shell, tmp_path: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other.toml").write_text(CAMPAIGN.replace('name = "bridge"', 'name = "other"'), encoding="utf-8")
    shell("campaign", "add", tmp_path / "other.toml")
    shell("alerts", "add", "desk", "--to", hook.address)
    arrive(shell, tmp_path, "HK", "KR")
    events = alerts.events

    def broken(con: Any, campaign: str, **given: Any) -> Any:
        if campaign == "other":
            raise TypeError("a fault of ours")
        return events(con, campaign, **given)

    monkeypatch.setattr(alerts, "events", broken)
    code, _ = shell("alerts", "run")
    assert code == 1 and "other: could not be looked at" in shell.talk
    assert "bridge: KR is reached" in hook.titles
    monkeypatch.setattr(alerts, "events", events)
    assert shell("alerts", "run")[0] == 0
