"""Check the installation and the workspace; each finding names its fix."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from spillover import registry
from spillover.campaign import check_campaign
from spillover.config import Workspace, secret
from spillover.errors import UsageError
from spillover.policies import Policies

_NEEDED = {
    "duckdb": (2, 0),
    "streamlit": (1, 67),
    "apscheduler": (3, 11),
    "apprise": (2, 2),
    "pandas": (2, 2),
    "pyarrow": (18, 0),
}
_ROOM = 1 << 30
Row = dict[str, Any]


def examine(workspace: Workspace) -> Iterator[Row]:
    """Yield a row a check: check, ok, detail, fix."""
    yield _row("python", sys.version_info >= (3, 11), sys.version.split()[0], "install Python 3.11 or newer")
    yield from (_package(name, least) for name, least in _NEEDED.items())
    if not workspace.exists():
        yield _row("workspace", False, str(workspace.root), f"spillover init {workspace.root}")
        return
    yield _row(
        "workspace",
        os.access(workspace.root, os.W_OK),
        str(workspace.root),
        f"make it writable: chmod u+w {workspace.root}",
    )
    free = shutil.disk_usage(workspace.root).free
    yield _row("disk", free > _ROOM, f"{free / 1e9:.1f} GB free", "free some room, or move the workspace")
    yield from _keys(workspace)
    yield from _policies(workspace)
    yield from _campaigns(workspace)
    yield from _collectors()
    torn = len(list((workspace.spool / "bad").glob("*")))
    yield _row("spool", torn == 0, f"{torn} segments set aside", "look at spool/bad and at the log of that time")


def _package(name: str, least: tuple[int, ...]) -> Row:
    wanted = ".".join(map(str, least))
    try:
        found = version(name)
    except PackageNotFoundError:
        return _row(name, False, "missing", f"pip install '{name}>={wanted}'")
    numbers = tuple(int(part) for part in found.split(".")[:2] if part.isdigit())
    return _row(name, numbers >= least, found, f"pip install '{name}>={wanted}'")


def _keys(workspace: Workspace) -> Iterator[Row]:
    keys = workspace.root / "keys"
    for path in sorted([*keys.glob("*.key"), *keys.glob("alerts.json")]):  # addresses of targets hold passwords
        yield _row(
            f"key {path.stem}", not path.stat().st_mode & 0o077, oct(path.stat().st_mode & 0o777), f"chmod 600 {path}"
        )


def _policies(workspace: Workspace) -> Iterator[Row]:
    if not workspace.policies.is_file():
        return
    try:
        Policies.read(workspace.policies)
    except UsageError as error:
        yield _row("policies", False, str(error), "mend that line: until then nothing expires and nothing is exported")
    else:
        yield _row("policies", True, "read", "")


def _campaigns(workspace: Workspace) -> Iterator[Row]:
    for path in sorted((workspace.root / "campaigns").glob("*.toml")):
        problems = check_campaign(path)
        yield _row(
            f"campaign {path.stem}", not problems, f"{len(problems)} problems", f"spillover campaign check {path}"
        )


def _collectors() -> Iterator[Row]:
    for name in registry.names():
        try:
            missing = [need for need in registry.load(name).needs if not secret(need)]
        except UsageError as error:
            yield _row(f"collector {name}", False, str(error), "reinstall or remove the package that brings it")
            continue
        if claims := registry.shadowed(name):
            yield _row(
                f"collector {name}", False, f"{claims} claims this name and is not used", "rename or uninstall it"
            )
            continue
        # a collector without its key is off by the operator's choice: said, but no fault
        yield _row(f"collector {name}", True, f"off: set {', '.join(missing)}" if missing else "on", "")


def _row(check: str, ok: bool, detail: str, fix: str) -> Row:
    return {"check": check, "ok": ok, "detail": detail, "fix": "" if ok else fix}
