"""Alerts of a process at work: sinks that are real, slow, dead or silent, and a process that is killed."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from spillover.config import Workspace
from spillover.owner import Owner
from tests.conftest import ROOT
from tests.servers import sinks
from tests.servers.sinks import Hook
from tests.test_alerts import arrive, hook, shell, states
from tests.test_cli import Shell

__all__ = ["hook", "shell"]  # fixtures
LOOK_S = 0.5


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an owner look more often than it does for people."""
    monkeypatch.setattr("spillover.owner.LOOK_EVERY_S", LOOK_S)


def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def test_mail_ntfy_and_a_webhook_are_told_by_an_owner_at_work(
    shell: Shell, workspace: Workspace, tmp_path: Path, hook: Hook
) -> None:
    with sinks.mail() as (address, box), sinks.ntfy(tmp_path) as host:
        for name, to in {"mail": address, "push": f"ntfy://{host}/desk", "hook": hook.address}.items():
            assert shell("alerts", "add", name, "--to", to)[0] == 0
        owner = Owner(workspace)
        owner.start()
        try:
            arrive(shell, tmp_path, "HK", "KR")
            until(lambda: len(box.got) == 2 and len(hook.got) == 2 and len(sinks.of_topic(host, "desk")) == 2)
            time.sleep(6 * LOOK_S)  # more looks, which find nothing new
        finally:
            owner.close()
        wanted = ["bridge: KR is reached", "bridge: first seen in HK on youtube"]
        assert hook.titles == wanted
        assert sorted(mail["subject"] for mail in box.got) == wanted
        assert sorted(message["title"] for message in sinks.of_topic(host, "desk")) == wanted


def test_a_dead_and_a_slow_sink_hold_up_nobody(shell: Shell, workspace: Workspace, tmp_path: Path, hook: Hook) -> None:
    with sinks.hook() as slow:
        slow.delay_s = 3.0
        shell("alerts", "add", "dead", "--to", "json://127.0.0.1:1/x")
        shell("alerts", "add", "slow", "--to", slow.address)
        shell("alerts", "add", "quick", "--to", hook.address)
        owner = Owner(workspace)
        owner.start()
        try:
            arrive(shell, tmp_path, "HK", "KR")
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
    """Killed while the third of four messages is with a sink that has not answered: that one alone is sent again."""
    shell("alerts", "add", "desk", "--to", hook.address)
    arrive(shell, tmp_path, "HK", "JP", "KR", "TW")
    hook.silent_after = 2
    command = [sys.executable, "-m", "spillover", "--workspace", str(workspace.root), "alerts", "run"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as victim:
        hook.wait_for(3)
        victim.kill()
    hook.silent_after = None
    first = [message["title"] for message in hook.got]
    assert shell("alerts", "run")[0] == 0
    times = {title: hook.titles.count(title) for title in hook.titles}
    assert times == {title: 2 if title == first[2] else 1 for title in times} and len(times) == 4
    assert len({message["event"] for message in hook.got}) == 4  # what came twice carries the same name twice
    assert shell("alerts", "run")[0] == 0 and len(hook.got) == 5


@pytest.mark.slow
def test_an_owner_that_is_killed_again_and_again_tells_everything_and_repeats_what_was_in_its_hands_at_most(
    shell: Shell, workspace: Workspace, tmp_path: Path, hook: Hook
) -> None:
    shell("alerts", "add", "desk", "--to", hook.address)
    hook.delay_s = 0.3
    kills, choose = 12, random.Random(7)
    for number in range(kills):
        arrive(shell, tmp_path, f"A{chr(65 + number)}", begin=number)
        with subprocess.Popen(
            [sys.executable, "-m", "tests.headless", "owner", str(workspace.root)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        ) as owner:  # fmt: skip
            assert owner.stdout is not None and owner.stdout.readline() == b"ready\n"
            time.sleep(choose.uniform(4.5, 7.0))  # it looks after five seconds
            owner.kill()
    hook.delay_s = 0.0
    assert shell("alerts", "run")[0] == 0
    sent = Counter(message["event"] for message in hook.got)
    _, rows = shell("sql", "SELECT event_key, attempts, outcome FROM deliveries")
    assert len(rows) == len(sent) == kills and {row["outcome"] for row in rows} == {"taken"}
    attempts = {row["event_key"]: row["attempts"] for row in rows}
    assert all(1 <= times <= attempts[event] for event, times in sent.items()), (sent, attempts)
    assert shell("alerts", "run")[0] == 0 and sum(sent.values()) == len(hook.got)
