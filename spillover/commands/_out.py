"""How commands print: JSON lines for programs, CSV for sheets, columns for people."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from spillover.redaction import hide

FINE, FOUND, WRONG, BUSY = 0, 1, 2, 3  # exit codes
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def talk(message: str) -> None:
    """Say something to the person, on stderr."""
    print(message, file=sys.stderr)


def rows(found: Iterable[Mapping[str, Any]], style: str) -> None:
    """Print rows as ``json`` lines, as ``csv``, or as ``text`` in columns."""
    if style == "json":
        for row in found:
            print(json_line(row))
    elif style == "csv":
        _csv(list(found))
    else:
        _text(list(found))


def json_line(row: Mapping[str, Any]) -> str:
    """Return one JSON line: times in UTC with Z, bytes in hex, no NaN."""
    return json.dumps({key: plain(value) for key, value in row.items()}, ensure_ascii=False, allow_nan=False)


def plain(value: Any) -> Any:
    """Return a value as JSON knows it."""
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str | bytes):
        return hide(value) if isinstance(value, str) else value.hex()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and not isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def _cell(value: Any) -> Any:
    value = plain(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value  # a sheet would take it for a formula
    return value


def _csv(found: Sequence[Mapping[str, Any]]) -> None:
    if not found:
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(found[0])
    writer.writerows([_cell(value) for value in row.values()] for row in found)


def _text(found: Sequence[Mapping[str, Any]]) -> None:
    if not found:
        return
    names = list(found[0])
    table = [names, *([_short(row.get(name)) for name in names] for row in found)]
    widths = [max(len(line[number]) for line in table) for number in range(len(names))]
    for line in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _short(value: Any) -> str:
    value = _cell(value)
    text = "" if value is None else str(value)
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return text if len(text) <= 60 else text[:59] + "…"
