"""What each platform's terms ask of whoever stores its posts, as data: ``policies.toml``, and a workspace's own beside it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct, ValidationError, convert

from spillover.contract import CAUSES
from spillover.errors import UsageError
from spillover.toml_lines import Path as Place
from spillover.toml_lines import lines_of, nearest_line

PUBLISHED = "published"  # the policy of rows that others published under a licence
_EXAMPLES = {
    "storage_days": "storage_days = 30, or 0 for no limit",
    "forget_h": "forget_h = 24",
    "forget_causes": f'forget_causes = ["author", "account"], of {", ".join(CAUSES)}',
    "redistribute": 'redistribute = "all", "ids" or "none"',
    "terms": 'terms = "https://..."',
    "accepted": 'accepted = "who allowed it, and when"',
}


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
        return cls({name: convert(default | shipped.get(name, {}) | mine.get(name, {}), Policy) for name in names})


def _own(path: Path) -> dict[str, dict[str, Any]]:
    try:
        text = path.read_text("utf-8")
        found = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}; write [youtube] and its rules below, such as storage_days = 30") from error
    lines = lines_of(text)
    for name, row in found.items():
        for place, fix in _wrong(name, row):
            raise UsageError(f"{path}:{nearest_line(lines, place)}: {'.'.join(map(str, place))}: {fix}")
    return found


def _wrong(name: str, row: Any) -> Iterator[tuple[Place, str]]:
    """Yield what is wrong with the rules of one platform: where it stands, and what to write."""
    if not isinstance(row, dict):
        yield (name,), f"write [{name}] and its rules below, such as storage_days = 30"
        return
    for key, value in row.items():
        if fix := _wrong_value(key, value):
            yield (name, key), fix
    if not str(row.get("accepted", "")).strip():
        yield (name,), 'departs from the terms: add accepted = "who allowed it, and when"'


def _wrong_value(key: str, value: Any) -> str | None:
    if key not in Policy.__struct_fields__:
        near = get_close_matches(key, Policy.__struct_fields__, 1, 0.5)
        return f"write {near[0]}" if near else f"write one of {', '.join(Policy.__struct_fields__)}"
    try:
        policy = convert({key: value}, Policy)
    except ValidationError:
        return f"write {_EXAMPLES[key]}"
    wrong = policy.storage_days < 0 or policy.forget_h < 0 or not set(policy.forget_causes) <= set(CAUSES)
    return f"write {_EXAMPLES[key]}" if wrong else None
