"""What each platform's terms ask of whoever stores its posts, as data: ``policies.toml``, and a workspace's own beside it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct, ValidationError, convert

from spillover.errors import UsageError


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rules for the posts of one platform."""

    storage_days: int = 0  # 0: no limit
    forget_h: int = 24
    forget_causes: tuple[str, ...] = ()
    redistribute: Literal["all", "ids", "none"] = "ids"
    terms: str = ""
    accepted: str = ""  # the permission under which a workspace departs from the terms


class Policies:
    """The rules of every platform; ``of`` falls back to the default."""

    def __init__(self, known: Mapping[str, Policy]) -> None:
        self.known = known

    def of(self, policy: str) -> Policy:
        """Return the rules for one platform's rows."""
        return self.known.get(policy) or self.known["default"]

    @classmethod
    def read(cls, own: Path | None = None) -> Policies:
        """Read the shipped rules and a workspace's own; raise UsageError that says what is wrong with the latter."""
        shipped = tomllib.loads(resources.files("spillover").joinpath("policies.toml").read_text("utf-8"))
        mine = _own(own) if own and own.is_file() else {}
        default = shipped["default"] | mine.get("default", {})
        names = {*shipped, *mine}
        rows = {name: default | shipped.get(name, {}) | mine.get(name, {}) for name in names}
        try:
            return cls({name: convert(row, Policy) for name, row in rows.items()})
        except ValidationError as error:
            raise UsageError(f"{own}: {error}; see spillover/policies.toml for what may stand there") from error


def _own(path: Path) -> dict[str, dict[str, Any]]:
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}") from error
    for name, row in found.items():
        if not isinstance(row, dict):
            raise UsageError(f"{path}: {name}: write [{name}] and its rules below, such as storage_days = 30")
        if not str(row.get("accepted", "")).strip():
            raise UsageError(f'{path}: [{name}] departs from the terms: add accepted = "who allowed it, and when"')
    return found
