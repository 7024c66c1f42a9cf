"""Write docs/commands.md from the command line itself: python docs/make_commands.py. A test fails when it was not done."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from spillover.__main__ import _parser

_HEAD = """# Commands

`--workspace DIR` (or `SPILLOVER_WORKSPACE`) and `--json` are taken everywhere; `--json` prints JSON lines on stdout, talk goes to stderr.
Exit codes: 0 fine, 1 done with rejects or findings, 2 wrong usage or input, 3 busy.
A command that needs the database talks to the running owner, and opens the file itself where none runs.

This page is generated from the command line.

| command | what it does |
|---|---|
"""


def page() -> str:
    """Return the page's text."""
    return _HEAD + "".join(f"| `spillover {usage}` | {text} |\n" for usage, text in _rows(_parser(), ""))


def _rows(parser: argparse.ArgumentParser, prefix: str) -> Iterator[tuple[str, str]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            texts = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, command in action.choices.items():
                inner = list(_rows(command, f"{prefix}{name} "))
                yield from inner or [(f"{prefix}{name}{_arguments(command)}", texts.get(name, ""))]


def _arguments(command: argparse.ArgumentParser) -> str:
    parts = []
    for action in command._actions:
        if action.dest in ("help", "workspace") or "--json" in action.option_strings:
            continue
        value = f" {action.metavar or action.dest.upper()}" if action.nargs != 0 else ""
        if action.option_strings:
            shown = f"{action.option_strings[0]}{value}"
            parts.append(shown if action.required else f"[{shown}]")
        else:
            name = str(action.metavar or action.dest)
            parts.append(f"{name}..." if action.nargs == "+" else f"[{name}]" if action.nargs == "?" else name)
    return "".join(f" {part}" for part in parts)


if __name__ == "__main__":
    sys.stdout.write(f"{Path(__file__).with_name('commands.md').write_text(page(), 'utf-8')} characters\n")
