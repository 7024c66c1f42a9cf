"""Run one SELECT or COPY in plain DuckDB, over raw files or over an answer that comes in as JSON lines.

    python docs/case-studies/look.py "SELECT ... FROM '../shared/data/...'"
    spillover show reach --campaign C --json | python docs/case-studies/look.py "SELECT ... FROM answer"

It knows nothing of Spillover, so that what it finds in the raw files can be held against an answer. Of an answer every
column is the text that was printed; keys are written one after another.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import duckdb
import pandas as pd


def main(query: str) -> None:
    """Print what the query finds in columns; nothing for a COPY."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    if not sys.stdin.isatty() and " answer" in query:
        con.register("answer", pd.DataFrame([_told(json.loads(line)) for line in sys.stdin], dtype="string"))
    found = con.execute(query)
    if query.lstrip().upper().startswith("COPY"):
        return
    table = [[column[0] for column in found.description], *([_plain(value) for value in row] for row in found.fetchall())]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _told(row: dict[str, Any]) -> dict[str, str | None]:
    keys = {"keys": " ".join(f"{name}={value}" for name, value in row["keys"].items())}
    return {name: None if value is None else str(value) for name, value in (row | keys).items()}


def _plain(value: Any) -> str:
    return "" if value is None or value is pd.NA else str(value)


if __name__ == "__main__":
    main(sys.argv[1])
