"""What is wrong with a campaign file, where, and what would be right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeGuard, TypeVar

from msgspec import Struct

from spillover.toml_lines import Path, nearest_line


class Problem(Struct, frozen=True):
    """One thing that is wrong in a campaign file, and the nearest right thing."""

    file: str
    line: int
    key: str
    message: str
    nearest: str | None = None

    def __str__(self) -> str:
        key = f" {self.key}:" if self.key else ""
        nearest = f"; nearest: {self.nearest}" if self.nearest else ""
        return f"{self.file}:{self.line}:{key} {self.message}{nearest}"


class Report:
    """The problems of one file, each with its line."""

    def __init__(self, file: str, lines: Mapping[Path, int]) -> None:
        self.file, self.lines = file, dict(lines)
        self.problems: list[Problem] = []
        self.terms = 0

    def add(self, path: Path, message: str, nearest: str | None = None) -> None:
        """Note that something is wrong at a path."""
        key = ".".join(str(part) for part in path if isinstance(part, str))
        self.problems.append(Problem(self.file, nearest_line(self.lines, path), key, message, nearest))


Check = Callable[[Any, Path, Report], Any]
T = TypeVar("T")


def close_to(word: str, right: frozenset[str] | list[str]) -> str | None:
    """Return the nearest of some right words, or None where none is near."""
    found = get_close_matches(word.lower(), {r.lower(): r for r in right}, n=1)
    return next((r for r in right if found and r.lower() == found[0]), None)


def of_type(value: object, kind: type[T], path: Path, report: Report, *, example: str) -> TypeGuard[T]:
    """Say whether a value is of a type; report it where it is not."""
    if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return True
    words = {str: "a text", list: "a list", dict: "a table", bool: "true or false"}
    report.add(path, f"must be {words[kind]}, not {as_written(value)}", example)
    return False


def walk(table: Mapping[str, Any], known: Mapping[str, Check], path: Path, report: Report) -> Iterator[tuple[str, Any]]:
    """Yield what each known key of a table holds; report the unknown ones."""
    for key, value in table.items():
        if key in known:
            yield key, known[key](value, (*path, key), report)
        else:
            report.add((*path, key), "is no key here", close_to(key, list(known)))


def as_written(value: object) -> str:
    """Return a value as a message shows it: as in the file, cut short."""
    shown = str(value).lower() if isinstance(value, bool) else repr(value) if isinstance(value, str) else str(value)
    return shown if len(shown) <= 60 else shown[:60] + "…"
