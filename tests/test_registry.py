"""Packages that strangers bring: each fault is named beside its collector, and no other collector is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spillover import registry
from spillover.__main__ import main
from spillover.config import Workspace
from spillover.doctor import examine

FINE = """
from spillover import Collector, Page

class C(Collector):
    name = "NAME"
    hosts = ("x.example",)
    finds = frozenset({"phrase"})
    terms = "https://x.example/terms"
    MORE

    def search(self, query, window, cursor):
        yield Page(window=window, done=True)
"""
FAULTS = {
    "leaves": ("raise SystemExit(3)", "SystemExit: 3"),
    "garbled": ("def (:", "SyntaxError"),
    "undefined": ("x = nothing", "NameError"),
    "divides": ("1 / 0", "ZeroDivisionError"),
    "needsmore": ("import a_package_that_is_not_there", "ModuleNotFoundError"),
    "empty": ("", "has no attribute 'C'"),
    "nothing": ("class C: pass", "not a Collector"),
    "nameless": ("from spillover import Collector\nclass C(Collector): pass", "calls itself None"),
    "other": (FINE.replace("NAME", "another"), "calls itself 'another'"),
    "unkeyed": (FINE.replace("MORE", "needs = None"), "needs = None"),
    "letters": (FINE.replace("MORE", "needs = 'KEY'"), "needs = 'KEY'"),
    "hurried": (FINE.replace("MORE", "per_minute = 0"), "per_minute = 0"),
    "spends": (FINE.replace("MORE", "budgets = {'calls': 100}"), "budgets"),
    "nowhere": (
        FINE.replace("MORE", "from spillover import Budget\n    budgets = {'a': Budget(limit=1, zone='Mars')}"),
        "no time zone 'Mars'",
    ),
    "costly": (FINE.replace("MORE", "from spillover import Cost\n    costs = {'search': Cost(bucket='b')}"), "costs: search"),
    "modeless": (FINE.replace("def search", "def look"), "define at least one of"),
    "Bad/Name": (FINE, "small letters"),
}  # fmt: skip


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def install(folder: Path, name: str, code: str, package: str = "") -> None:
    """Lay a package there as an installer does, without its archive."""
    module = package or f"stranger_{''.join(filter(str.isalnum, name))}".lower()
    (folder / f"{module}.py").write_text(code.replace("NAME", name).replace("MORE", ""))
    about = folder / f"{module}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[spillover.collectors]\n{name} = {module}:C\n")


def rows(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, object]]:
    assert main(["collectors", "--json", "--workspace", str(workspace.root)]) == 0
    return {row["name"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}


def test_whatever_is_wrong_with_a_package_is_named_and_takes_nothing_else_down(
    packages: Path, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    before = set(registry.names())
    for name, (code, _) in FAULTS.items():
        install(packages, name, code)
    install(packages, "sound", FINE)
    found = rows(workspace, capsys)
    assert set(found) == before | set(FAULTS) | {"sound"}
    assert {name: found[name]["state"] for name in FAULTS} == dict.fromkeys(FAULTS, "broken")
    missing = {name: found[name]["why"] for name, (_, said) in FAULTS.items() if said not in str(found[name]["why"])}
    assert not missing
    assert (found["sound"]["state"], found["sound"]["capabilities"]) == ("on", ["search"])
    assert found["bluesky"]["state"] == "on"


def test_two_packages_of_one_name_are_both_named_and_only_that_name_is_lost(
    packages: Path, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    install(packages, "twice", FINE, "stranger_one")
    install(packages, "twice", FINE, "stranger_two")
    found = rows(workspace, capsys)["twice"]
    assert found["state"] == "broken"
    assert "stranger_one" in str(found["why"]) and "stranger_two" in str(found["why"])


def test_a_package_that_claims_a_name_of_ours_is_named_and_ours_is_used(
    packages: Path, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    install(packages, "rss", FINE)
    found = rows(workspace, capsys)["rss"]
    assert found["state"] == "on"
    assert "stranger_rss" in str(found["why"])
    assert registry.load("rss").__module__ == "collectors.rss"
    assert [row["ok"] for row in examine(workspace) if row["check"] == "collector rss"] == [False]


def test_what_a_package_prints_does_not_stand_among_results(
    packages: Path, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    install(packages, "talks", "print('hello')" + FINE)
    assert rows(workspace, capsys)["talks"]["state"] == "on"
