"""Where secrets come from: the environment, the system's keyring, a file of the operator's. The first that has one.

The file is ``.streamlit/secrets.toml`` in the workspace, else in the current folder. In its table ``[spillover]`` a
secret stands under its name, or under a table of its collector: ``YOUTUBE_API_KEY`` is also ``[spillover.youtube]``
``api_key``. We write none of the three.
"""

from __future__ import annotations

import logging
import os
import tomllib
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from spillover import redaction
from spillover.errors import UsageError

_FILE = Path(".streamlit") / "secrets.toml"
_log = logging.getLogger("spillover.credentials")
_workspace: Path | None = None


def look_in(folder: Path) -> None:
    """Look for the file of secrets in this workspace first."""
    global _workspace  # a process opens one workspace
    _workspace = folder


def secret(name: str) -> str | None:
    """Return a secret by its name; from now on it is taken out of all that is written and shown."""
    found = os.environ.get(f"SPILLOVER_{name}") or os.environ.get(name) or _from_keyring(name) or _from_files(name)
    redaction.learn([found])
    return found


@cache  # a keyring can take seconds; what is put there later is seen after a restart
def _from_keyring(name: str) -> str | None:
    if find_spec("keyring") is None:
        return None
    keyring = import_module("keyring")
    try:
        found: str | None = keyring.get_password("spillover", name)
    except (keyring.errors.KeyringError, RuntimeError, OSError) as error:  # locked, or a machine without any
        _log.warning("event=keyring outcome=failed error=%s", type(error).__name__)
        return None
    return found


def _from_files(name: str) -> str | None:
    folders = [folder for folder in (_workspace, Path.cwd()) if folder is not None]
    paths = dict.fromkeys((folder / _FILE).resolve() for folder in folders)
    return next((value for path in paths if path.is_file() and (value := _in_file(path, name))), None)


def _in_file(path: Path, name: str) -> str | None:
    table = _read(path, path.stat().st_mtime_ns).get("spillover", {})
    for key, value in table.items() if isinstance(table, dict) else ():
        for inner, text in value.items() if isinstance(value, dict) else [("", value)]:
            if f"{key}_{inner}".strip("_").upper() == name.upper() and isinstance(text, str):
                return text or None
    return None


@cache  # read once for each time it is written
def _read(path: Path, _: int) -> dict[str, Any]:
    if path.stat().st_mode & 0o077:
        _log.warning("event=secrets file=%s note=others-can-read-it fix=chmod-600", path)
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        where = f" {error}"[:200] if isinstance(error, tomllib.TOMLDecodeError) else " it is not UTF-8"
        raise UsageError(f'{path}: no TOML:{where}; write [spillover] and then NAME = "…"') from None
