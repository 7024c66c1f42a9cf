"""The one owner of this process, kept where Streamlit's reloader cannot reach it.

Pages read through ``owner().cursor()`` and change things through ``owner().command(...)`` only.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import duckdb

_NAME = "_spillover_owner"  # a module object without a file: nothing reloads it


class Owner(Protocol):
    """What the owner offers to pages."""

    workspace: Path

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor for reading, to be used by one thread."""
        ...

    def data_version(self) -> int:
        """Return a number that grows with every committed change: the key of every cache."""
        ...

    def command(self, name: str, /, **arguments: Any) -> dict[str, Any]:
        """Carry out a command; raise what it raises."""
        ...

    def jobs(self) -> list[dict[str, Any]]:
        """Return a row a scheduled job: collector, mode, campaign, every_s, next_run_at (UTC) or None when paused, running."""
        ...


def set_owner(owner: Owner | None) -> None:
    """Make this the owner of the process."""
    module = ModuleType(_NAME)
    module.owner = owner  # type: ignore[attr-defined]
    sys.modules[_NAME] = module


def owner() -> Owner:
    """Return the owner of the process; raise LookupError where there is none."""
    found: Owner | None = getattr(sys.modules.get(_NAME), "owner", None)
    if found is None:
        raise LookupError("no workspace is open in this process: start with `spillover up`")
    return found
