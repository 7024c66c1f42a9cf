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

COLUMNS = ["question", "keys", "metric", "value", "low", "high", "n", "rests_on", "suppressed", "verdict"]


def main(query: str) -> None:
    """Print what the query finds in columns; nothing for a COPY."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    if not sys.stdin.isatty() and " answer" in query:
        rows = [_told(json.loads(line)) for line in sys.stdin]
        con.register("answer", pd.DataFrame(rows, columns=None if rows else COLUMNS, dtype="string"))
    if query.lstrip().upper().startswith("COPY"):
        con.execute(query)
        return
    found = con.execute(f"SELECT COLUMNS(*)::VARCHAR FROM ({query})")
    table = [[column[0] for column in found.description], *([cell or "" for cell in row] for row in found.fetchall())]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _told(row: dict[str, Any]) -> dict[str, str | None]:
    keys = {"keys": " ".join(f"{name}={value}" for name, value in row["keys"].items())} if "keys" in row else {}
    return {name: None if value is None else str(value) for name, value in (row | keys).items()}


if __name__ == "__main__":
    main(sys.argv[1])
