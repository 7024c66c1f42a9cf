"""Where things stand in a TOML file: the line of every key and of every item of a list.

``tomllib`` says what a file means and not where it says so. This reads the same text once more for the lines alone, and
trusts that ``tomllib`` took it.
"""

from __future__ import annotations

import re
import tomllib

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | (?P<string>\"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*')
      | (?P<mark>[\[\]{},=.\n])
      | (?P<bare>[^\s\[\]{},=."'\#]+)""",
    re.VERBOSE | re.DOTALL,
)


def lines_of(text: str) -> dict[Path, int]:
    """Return the line (from 1) of each key path and list item of a valid TOML text."""
    scan = _Scan(text)
    scan.document()
    return scan.lines


def nearest_line(lines: dict[Path, int], path: Path) -> int:
    """Return the line of a path, else of the nearest thing that it is a part of, else 1."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Scan:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str, int]] = []
        self.i = 0
        self.lines: dict[Path, int] = {}
        self.last: dict[Path, int] = {}  # the item that was begun last of each array of tables
        line = 1
        end = 0
        for found in _TOKEN.finditer(text):
            line += text.count("\n", end, found.start())
            if found.lastgroup != "comment":
                self.tokens.append((found.lastgroup or "", found.group(), line))
            line += found.group().count("\n")
            end = found.end()

    def document(self) -> None:
        table: Path = ()
        while self.i < len(self.tokens):
            if self._taken("\n"):
                continue
            table = self._header() if self._next() == "[" else self._pair(table)

    def _next(self) -> str:
        return self.tokens[self.i][1] if self.i < len(self.tokens) else ""

    def _taken(self, mark: str) -> bool:
        if self._next() != mark:
            return False
        self.i += 1
        return True

    def _header(self) -> Path:
        line = self.tokens[self.i][2]
        self._taken("[")
        is_item = self._taken("[")
        path = self._into(self._key())
        while not self._taken("\n") and self.i < len(self.tokens):
            self.i += 1
        if is_item:
            self.last[path] = self.last.get(path, -1) + 1
            self.lines.setdefault(path, line)
            path = (*path, self.last[path])
        self._note(path, line)
        return path

    def _into(self, key: list[str]) -> Path:
        """Return the path of a header's key: a part that is an array of tables means its last item."""
        path: Path = ()
        for part in key:
            if path in self.last:
                path = (*path, self.last[path])
            path = (*path, part)
        return path

    def _key(self) -> list[str]:
        parts = []
        while True:
            kind, token, _ = self.tokens[self.i]
            self.i += 1
            parts.append(next(iter(tomllib.loads(f"{token}=0"))) if kind == "string" else token)
            if not self._taken("."):
                return parts

    def _pair(self, table: Path) -> Path:
        line = self.tokens[self.i][2]
        path: Path = (*table, *self._key())
        for size in range(len(table) + 1, len(path) + 1):
            self._note(path[:size], line)
        self._taken("=")
        self._value(path)
        return table

    def _value(self, path: Path) -> None:
        if self._taken("["):
            self._list(path)
        elif self._taken("{"):
            self._inline(path)
        else:
            while self._next() not in ("\n", ",", "]", "}", ""):
                self.i += 1

    def _list(self, path: Path) -> None:
        item = 0
        while not self._taken("]"):
            if self._taken("\n") or self._taken(","):
                continue
            self._note((*path, item), self.tokens[self.i][2])
            self._value((*path, item))
            item += 1

    def _inline(self, path: Path) -> None:
        while not self._taken("}"):
            if not (self._taken("\n") or self._taken(",")):
                self._pair(path)

    def _note(self, path: Path, line: int) -> None:
        self.lines.setdefault(path, line)
