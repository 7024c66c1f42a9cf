"""Run the commands of the case studies and print below them what they say now: python docs/make_case_studies.py [PAGE]...

In a block marked `console` a line that begins with "$ " begins a command, and lines set in by four spaces go on with it. All blocks of a page are one session of a shell in a checkout, with the shared data beside it and
CASE an empty folder. A command that fails ends the run: no page shows a trouble for an answer.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from analysis.questions import QUESTIONS

HERE = Path(__file__).resolve().parent
FOLDER = HERE / "case-studies"
_BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ .*\n(?:    .*\n)*", re.MULTILINE)
_ASKED = re.compile(r"spillover show (\w+)")
_NOT_YET = "(this version does not answer that)\n"


def commands(page: str) -> Iterator[str]:
    """Yield the commands of a page, in their order."""
    for block in _BLOCK.findall(page):
        for command in _COMMAND.findall(block):
            yield command[2:].rstrip("\n")


def refreshed(page: str, say: Callable[[str], str]) -> str:
    """Return the page with what each command says now in the place of what it said."""

    def block(found: re.Match[str]) -> str:
        return "".join(
            f"$ {command}\n{say(command) if known(command) else _NOT_YET}"
            for command in commands(f"```console\n{found[0]}```\n")
        )

    return _BLOCK.sub(block, page)


def known(command: str) -> bool:
    """Say whether the question that a command asks is one of this version."""
    return all(name in QUESTIONS for name in _ASKED.findall(command))


def shell(folder: Path) -> Callable[[str], str]:
    """Return what runs a command as a person would, and returns what it printed."""
    bins, root = Path(sys.executable).parent, HERE.parent
    environ = os.environ | {
        "CASE": str(folder), "SPILLOVER_WORKSPACE": str(folder / "workspace"), "PATH": f"{bins}:{os.environ['PATH']}",
        "PYTHONPATH": str(root), "LC_ALL": "C.UTF-8", "TZ": "UTC",
    }  # fmt: skip

    def say(command: str) -> str:
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", command],
            cwd=root,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{command}\nended with {done.returncode}: {done.stderr}")
        return done.stdout.replace(str(folder), "$CASE")

    return say


def main(names: list[str]) -> None:
    """Refresh the pages of these names, or all that hold commands."""
    for path in sorted(FOLDER.glob("*.md")):
        if names and path.stem not in names:
            continue
        with tempfile.TemporaryDirectory(prefix="case-") as folder:
            path.write_text(refreshed(path.read_text("utf-8"), shell(Path(folder))), "utf-8")
        print(path.name)


if __name__ == "__main__":
    main(sys.argv[1:])
