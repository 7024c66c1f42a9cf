"""Whom alerts go to: ``keys/alerts.json`` in the workspace, mode 0600, beside the campaigns' keys and as little shown.

An address holds a password or a token. It is in that file, or it is a secret of its own (``secret:NAME``, found where
all secrets are found) and the file holds its name only. Neither is in the database, an export, a log or a listing.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from spillover import notify
from spillover.config import Workspace, secret
from spillover.errors import UsageError

KINDS = ("crossing", "first_seen", "removal_wave", "burst", "broken")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_SECRET = "secret:"


@dataclass(frozen=True)
class Target:
    """One place that alerts go to, and which of them."""

    name: str
    to: str
    campaign: str | None
    on: tuple[str, ...]
    since: datetime  # what was raised before is not sent
    active: bool = True

    @property
    def address(self) -> str:
        """The address; raise UsageError where its secret is not set."""
        if not self.to.startswith(_SECRET):
            return self.to
        name = self.to.removeprefix(_SECRET)
        found = secret(name)
        if found is None:
            raise UsageError(
                f"target {self.name}: {name} is not set; put it into the environment or a keyring, or add the target anew"
            )
        return found

    @property
    def shown(self) -> str:
        """The address as it may be seen."""
        return self.to if self.to.startswith(_SECRET) else notify.show(self.to)

    def wants(self, campaign: str, kind: str) -> bool:
        return kind in self.on and self.campaign in (None, campaign)


class Targets:
    """Reads and writes the targets of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._path = workspace.root / "keys" / "alerts.json"

    def all(self) -> list[Target]:
        """Return every target, by name; what their addresses hold is kept out of all that is written from now on."""
        found = [_read(name, row) for name, row in sorted(self._rows().items())]
        for target in found:
            if not target.to.startswith(_SECRET):
                notify.learn(target.to)
        return found

    def one(self, name: str) -> Target:
        """Return a target by its name; raise UsageError where there is none."""
        found = {target.name: target for target in self.all()}
        if name not in found:
            raise UsageError(f"no target {name!r}: {_known(found)}")
        return found[name]

    def add(self, target: Target) -> None:
        """Keep a new target; raise UsageError for a name or an address that cannot be."""
        if not _NAME.fullmatch(target.name):
            raise UsageError(f"{target.name!r}: a target's name has small letters, digits, - and _, forty at most")
        rows = self._rows()
        if target.name in rows and not _same(target, self.one(target.name)):
            raise UsageError(f"target {target.name!r} exists; first: spillover alerts remove {target.name}")
        if unknown := [kind for kind in target.on if kind not in KINDS]:
            raise UsageError(f"--on {unknown[0]!r}: choose from {', '.join(KINDS)}")
        notify.check(target.address)
        if target.name not in rows:
            self._write(rows | {target.name: _row(target)})

    def remove(self, name: str) -> None:
        self.one(name)
        self._write({other: row for other, row in self._rows().items() if other != name})

    def switch(self, name: str, active: bool) -> None:
        """Stop telling a target, or go on; what was raised meanwhile is sent then."""
        self._write(self._rows() | {name: _row(replace(self.one(name), active=active))})

    def _rows(self) -> dict[str, Any]:
        try:
            text = self._path.read_text("utf-8")
        except FileNotFoundError:
            return {}
        try:
            rows: dict[str, Any] = json.loads(text)
        except ValueError:
            raise UsageError(f"{self._path}: no JSON; mend it, or remove it and add the targets anew") from None
        return rows

    def _write(self, rows: dict[str, Any]) -> None:
        """Put the file in the place of the old one at once; nobody else may read it at any moment."""
        part = self._path.with_suffix(".part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(rows, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path)


def _row(target: Target) -> dict[str, Any]:
    return {name: value for name, value in asdict(target).items() if name != "name"} | {
        "since": target.since.isoformat()
    }


def _same(one: Target, other: Target) -> bool:
    """Say whether two targets differ in their beginning only: a command that is said twice says the same."""
    return (one.to, one.campaign, one.on) == (other.to, other.campaign, other.on)


def _read(name: str, row: dict[str, Any]) -> Target:
    try:
        since = datetime.fromisoformat(row["since"]).astimezone(UTC)
        return Target(name, row["to"], row["campaign"], tuple(row["on"]), since, bool(row["active"]))
    except (KeyError, TypeError, ValueError):
        raise UsageError(
            f"target {name!r} of keys/alerts.json cannot be read; remove its entry and add it anew"
        ) from None


def _known(found: dict[str, Target]) -> str:
    return (
        f"there are {', '.join(found)}"
        if found
        else "there is none; add one with: spillover alerts add NAME --to ADDRESS"
    )
