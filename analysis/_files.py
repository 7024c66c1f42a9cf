"""Tables into a folder of CSV and Parquet with a manifest: all or nothing, and never over somebody else's files."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from spillover.errors import UsageError

FORMAT = "spillover-export"
MANIFEST = "manifest.json"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet takes a cell that begins so for a command
_NOTES = [
    "In CSV a text that begins with = + - @ or tab has a ' before it, so that no spreadsheet runs it; not in Parquet.",
    "Ids are text: read them as text, or a spreadsheet rounds them.",
    "An empty count is not known or not shown, never 0. Times are UTC.",
]


class Table(NamedTuple):
    """A table to write, under its name."""

    name: str
    frame: pd.DataFrame


def write_folder(directory: Path, about: dict[str, Any], tables: Sequence[Table]) -> list[Path]:
    """Write the tables and a manifest into a folder; raise UsageError where it holds other things than our export."""
    _check(directory)
    directory.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        made.chmod(0o755)
        entries = [entry for table in tables for entry in _write(made, table)]
        suppressed = {
            table.name: int(table.frame["suppressed"].sum()) for table in tables if "suppressed" in table.frame
        }
        manifest = {
            "format": FORMAT,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            **about,
            "suppressed_rows": suppressed,
            "notes": _NOTES,
            "files": entries,
        }
        (made / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        _replace(directory, made)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return [directory / entry["file"] for entry in entries] + [directory / MANIFEST]


def csv_rows(frame: pd.DataFrame) -> list[list[str | int | float | None]]:
    """Return the rows of a frame as CSV shall have them, the names of its columns first."""
    columns = [[_plain(value) for value in frame[name].tolist()] for name in frame.columns]
    return [list(frame.columns), *map(list, zip(*columns, strict=True))]


def _plain(value: Any) -> str | int | float | None:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, bool):
        return str(value).lower()
    if pd.isna(value):
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    return value  # type: ignore[no-any-return]  # a number


def _write(folder: Path, table: Table) -> list[dict[str, Any]]:
    """Write a table twice and return what the manifest says of each file."""
    comma, column = folder / f"{table.name}.csv", folder / f"{table.name}.parquet"
    with comma.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerows(csv_rows(table.frame))
    arrow = _arrow(table.frame)
    pq.write_table(arrow, column, compression="zstd")
    names = {field.name: str(field.type) for field in arrow.schema}
    return [
        {
            "file": path.name,
            "rows": len(table.frame),
            "bytes": path.stat().st_size,
            "sha256": _sha256(path),
            "columns": names,
        }
        for path in (comma, column)
    ]


def _arrow(frame: pd.DataFrame) -> pa.Table:
    """Return a frame as Arrow; a column of nothing but empty cells is text, not a type of its own."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    fields = [pa.field(field.name, _type(field.type)) for field in table.schema]
    return table.cast(pa.schema(fields))


def _type(given: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_null(given) or pa.types.is_large_string(given) else given


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(directory: Path) -> None:
    """Raise UsageError unless the folder is absent, empty, or holds an earlier export and nothing else."""
    if directory.exists() and not directory.is_dir():
        raise UsageError(f"{directory} is a file; name a folder")
    held = {path.name for path in directory.iterdir()} if directory.is_dir() else set()
    if held and held - _ours(directory):
        other = ", ".join(sorted(held - _ours(directory))[:3])
        raise UsageError(f"{directory} holds files that are not our export ({other}); name an empty or a new folder")


def _ours(directory: Path) -> set[str]:
    """Return the names that an earlier export wrote here."""
    try:
        manifest = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
        return {MANIFEST, *(entry["file"] for entry in manifest["files"])} if manifest["format"] == FORMAT else set()
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _replace(directory: Path, made: Path) -> None:
    """Put the new folder where the old one was; the old one goes last."""
    if not directory.exists():
        made.rename(directory)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{directory.name}-old-", dir=directory.parent))
    directory.rename(old / "export")
    made.rename(directory)
    shutil.rmtree(old)
