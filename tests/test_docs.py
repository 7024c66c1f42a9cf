"""Docs that can fail: each command, collector, view, decision and link is looked up."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from spillover import registry
from spillover.__main__ import _parser
from spillover.commands.making import skeleton
from spillover.store import PUBLIC_VIEWS
from tests.conftest import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXT = "\n".join(path.read_text("utf-8") for path in PAGES)


def commands() -> list[str]:
    groups = next(action for action in _parser()._actions if action.choices and not action.option_strings)
    return list(groups.choices or ())


@pytest.mark.parametrize("command", commands())
def test_every_command_is_documented(command: str) -> None:
    assert re.search(rf"`(spillover )?{command}\b|spillover {command}\b", TEXT)


@pytest.mark.parametrize("name", registry.names())
def test_every_collector_is_documented(name: str) -> None:
    assert re.search(name, TEXT, re.IGNORECASE)


@pytest.mark.parametrize("view", sorted(PUBLIC_VIEWS))
def test_every_view_is_documented(view: str) -> None:
    assert f"## {view}" in (ROOT / "docs/store.md").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("name", ["store", "commands", "platforms", "write_a_collector"])
def test_generated_pages_are_fresh(name: str) -> None:
    code = f"import sys; sys.path.insert(0, 'docs'); import make_{name}; sys.stdout.write(make_{name}.page())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == (ROOT / f"docs/{name.replace('_', '-')}.md").read_text("utf-8")


def test_the_example_of_a_plug_in_is_what_the_command_writes() -> None:
    written = {path.name: path.read_text("utf-8") for path in (ROOT / "tests/plugin").glob("*.*")}
    assert written == {str(path): text for path, text in skeleton("openexample").items()}


def test_the_project_speaks_of_itself_alone() -> None:
    """No path of a machine and no package host in what we commit."""
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    pattern = re.compile(
        "|".join(
            ("/wor" + "k/", "pypi" + r"\.org", "pythonh" + "osted", "registry" + r"\.npmjs", "deb" + r"\.debian\.org")
        )
    )
    found = []
    for name in filter(None, files):
        path = ROOT / name
        if (
            path.suffix in (".py", ".md", ".toml", ".txt", ".yml", ".json", ".sql", "")
            and path.is_file()
            and path.stat().st_size < 1_000_000
        ):
            found += [
                f"{name}: {line[:80]}"
                for line in path.read_text("utf-8", "replace").splitlines()
                if pattern.search(line)
            ]
    assert found == []
