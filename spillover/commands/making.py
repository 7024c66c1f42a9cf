"""The command for authors: new-collector."""

from __future__ import annotations

import re
from argparse import Namespace
from importlib import resources
from pathlib import Path

import spillover
from spillover import registry
from spillover.commands import _out
from spillover.errors import UsageError

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")  # a package's name neither doubles nor ends with a dash
_LONGEST = 30
_TAKEN = {*spillover.__all__, "Any", "ClassVar", "Iterator", "Replay", "Sequence"}  # what the skeleton itself says
_FILES = {
    "collector.py.txt": "spillover_{name}.py",
    "pyproject.toml.txt": "pyproject.toml",
    "test.py.txt": "test_spillover_{name}.py",
}


def new_collector(asked: Namespace) -> int:
    """Write the skeleton of a collector as a package of its own; nothing that exists is overwritten."""
    name = asked.name
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r}: a collector's name has small letters, digits and single _ between them, a letter first"
        )
    if len(name) > _LONGEST:
        raise UsageError(f"{name!r}: a collector's name has {_LONGEST} letters at most")
    if _class(name) in _TAKEN:
        raise UsageError(f"{name!r} is a word of the contract; name the platform more fully, such as {name}_example")
    if name in registry.names():
        raise UsageError(f"{name!r} exists already; see: spillover collectors")
    folder = asked.directory / f"spillover-{name.replace('_', '-')}"
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise UsageError(f"{folder} exists already; name another folder with --directory") from error
    for path, text in skeleton(name).items():
        (folder / path).write_text(text, "utf-8")
        _out.rows([{"file": str(folder / path)}], asked.style)
    _out.talk(f"next: pip install -e {folder} && pytest {folder}; docs/write-a-collector.md says the rest")
    return _out.FINE


def skeleton(name: str) -> dict[Path, str]:
    """Return the files of a new collector."""
    words = {
        "name": name,
        "dashed": name.replace("_", "-"),
        "Class": _class(name),
        "Title": name.replace("_", " ").capitalize(),
    }
    templates = resources.files("spillover") / "skeleton"
    return {
        Path(path.format(**words)): templates.joinpath(template).read_text("utf-8").format(**words)
        for template, path in _FILES.items()
    }


def _class(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
