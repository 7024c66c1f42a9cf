"""Where a workspace is and what lies in it.

A workspace is a folder: ``campaigns/*.toml`` (the truth about campaigns), ``spillover.duckdb``, ``spool/`` (segments
that wait for the owner), ``keys/`` (one key a campaign, mode 0600, never copied out), ``inbox/CAMPAIGN/`` (files that
the scheduler loads), ``rejects/``, ``evidence/`` (screenshots of sightings: they can show names and are never exported),
and ``publishers.toml`` (outlets that may be named).
"""

from __future__ import annotations

import os
import tempfile
import tomllib
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from spillover.credentials import look_in, secret
from spillover.errors import UsageError

__all__ = ["FOLDERS", "Workspace", "find_workspace", "open_workspace", "publishers", "secret"]

FOLDERS = ("campaigns", "spool", "keys", "inbox", "rejects")


@dataclass(frozen=True)
class Workspace:
    """The paths of one workspace."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "spillover.duckdb"

    @property
    def spool(self) -> Path:
        return self.root / "spool"

    @property
    def gates(self) -> Path:
        """What each collector has spent, and when it may ask again: a file a credential."""
        return self.root / "gates"

    @property
    def policies(self) -> Path:
        """Where an operator departs from a platform's terms, with the permission for it."""
        return self.root / "policies.toml"

    @property
    def owner_note(self) -> Path:
        """The file in which a running owner says how to reach it."""
        return self.root / "owner.json"

    @property
    def socket(self) -> Path:
        """The owner's socket; not inside the workspace, since the system allows only about 100 bytes for its path."""
        name = blake2b(os.fsencode(self.root), digest_size=8).hexdigest()
        return Path(tempfile.gettempdir()) / f"spillover-{os.getuid()}-{name}" / "owner.sock"

    def campaign_file(self, name: str) -> Path:
        return self.root / "campaigns" / f"{name}.toml"

    def key_file(self, name: str) -> Path:
        return self.root / "keys" / f"{name}.key"

    def inbox(self, name: str) -> Path:
        return self.root / "inbox" / name

    def exists(self) -> bool:
        return all((self.root / folder).is_dir() for folder in FOLDERS)

    def make(self) -> None:
        """Make the folders; what is there stays."""
        for folder in FOLDERS:
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        (self.root / "keys").chmod(0o700)


def find_workspace(given: str | None) -> Workspace:
    """Return the workspace that was asked for: flag, SPILLOVER_WORKSPACE, else the user data folder."""
    workspace = Workspace(_place(given or os.environ.get("SPILLOVER_WORKSPACE")))
    look_in(workspace.root)
    return workspace


def _place(named: str | None) -> Path:
    if named:
        return Path(named).expanduser().resolve()
    from platformdirs import user_data_path

    return user_data_path("spillover") / "workspace"


def open_workspace(given: str | None) -> Workspace:
    """Return an existing workspace; raise UsageError that names the command that makes one."""
    workspace = find_workspace(given)
    if not workspace.exists():
        raise UsageError(f"{workspace.root}: no workspace here; make one with: spillover init {workspace.root}")
    return workspace


def publishers(workspace: Workspace) -> dict[tuple[str, str], str]:
    """Return the outlets that the operator allows to be named: (platform, account id) -> name."""
    path = workspace.root / "publishers.toml"
    if not path.is_file():
        return {}
    try:
        listed = tomllib.loads(path.read_text("utf-8"))
        return {(platform, str(key)): str(name) for platform, ids in listed.items() for key, name in ids.items()}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError) as error:
        raise UsageError(f'{path}: {error}; write [youtube] and then "UC…" = "Name of the outlet"') from error
