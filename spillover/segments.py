"""Segments: what collectors hand over. Any process writes them; only the owner takes them in.

A segment is one file of Arrow streams, a table each. It is written under a hidden name, flushed to the disk, renamed,
and the folder is flushed too: after ``put`` returns it survives a crash, before that it was never there.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from spillover import redaction

_TIME = pa.timestamp("us")
_COUNTS = [
    (f"{metric}{bound}", pa.int64())
    for metric in ("views", "likes", "shares", "comments")
    for bound in ("", "_low", "_high")
]

SCHEMAS: dict[str, pa.Schema] = {
    "post": pa.schema(
        [
            ("post_key", pa.int64()), ("platform", pa.string()), ("id", pa.string()), ("url", pa.string()), ("kind", pa.string()),
            ("title", pa.string()), ("text", pa.string()), ("published_at", _TIME), ("published_precision", pa.string()),
            ("lang", pa.string()), ("region", pa.string()), ("region_basis", pa.string()), ("duration_s", pa.float64()),
            ("hashtags", pa.list_(pa.string())), ("links", pa.list_(pa.string())),
            ("policy", pa.string()), ("seen_at", _TIME),
        ]
    ),
    "post_campaign": pa.schema(
        [
            ("post_key", pa.int64()), ("campaign_id", pa.int32()), ("role", pa.string()), ("author", pa.binary()),
            ("publisher", pa.string()), ("sealed", pa.binary()), ("run_id", pa.string()), ("followers_log2", pa.int8()),
        ]
    ),
    "observation": pa.schema(
        [("post_key", pa.int64()), ("campaign_id", pa.int32()), ("observed_at", _TIME), ("run_id", pa.string()), ("aside", pa.bool_()), *_COUNTS]
    ),
    "availability": pa.schema(
        [
            ("post_key", pa.int64()), ("checked_at", _TIME), ("run_id", pa.string()), ("vantage", pa.string()), ("status", pa.string()),
            ("cause", pa.string()), ("basis", pa.string()), ("allowed_in", pa.list_(pa.string())), ("blocked_in", pa.list_(pa.string())),
            ("said", pa.string()), ("evidence", pa.string()),
        ]
    ),
    "account": pa.schema(  # the end of an account, for every post that a campaign holds of it
        [
            ("campaign_id", pa.int32()), ("author", pa.binary()), ("checked_at", _TIME), ("run_id", pa.string()), ("vantage", pa.string()),
            ("status", pa.string()), ("cause", pa.string()), ("basis", pa.string()), ("said", pa.string()),
        ]
    ),
    "edge": pa.schema(
        [("post_key", pa.int64()), ("parent_key", pa.int64()), ("relation", pa.string()), ("seen_at", _TIME), ("run_id", pa.string())]
    ),
    "control": pa.schema(
        [
            ("campaign_id", pa.int32()), ("post_key", pa.int64()), ("control_key", pa.int64()), ("agrees", pa.list_(pa.string())),
            ("run_id", pa.string()),
        ]
    ),
    "measure": pa.schema(
        [
            ("campaign_id", pa.int32()), ("collector", pa.string()), ("series", pa.string()), ("subject", pa.string()), ("unit", pa.string()),
            ("region", pa.string()), ("lang", pa.string()), ("since", _TIME), ("until", _TIME), ("value", pa.float64()), ("read_at", _TIME),
            ("run_id", pa.string()),
        ]
    ),
    "listing": pa.schema(
        [
            ("post_key", pa.int64()), ("list", pa.string()), ("region", pa.string()), ("rank", pa.int32()), ("observed_at", _TIME),
            ("run_id", pa.string()),
        ]
    ),
    "match": pa.schema(
        [
            ("post_key", pa.int64()), ("campaign_id", pa.int32()), ("version", pa.int32()), ("kind", pa.string()), ("term", pa.string()),
            ("confidence", pa.float64()), ("video", pa.int32()), ("matched_at", _TIME),
        ]
    ),
    "review": pa.schema(
        [
            ("post_key", pa.int64()), ("campaign_id", pa.int32()), ("verdict", pa.string()), ("reviewer", pa.string()),
            ("note", pa.string()), ("reviewed_at", _TIME),
        ]
    ),
    "run": pa.schema(
        [
            ("run_id", pa.string()), ("seq", pa.int32()), ("collector", pa.string()), ("mode", pa.string()), ("campaign_id", pa.int32()),
            ("query", pa.string()), ("started_at", _TIME), ("ended_at", _TIME), ("outcome", pa.string()), ("asked", pa.int32()),
            ("answered", pa.int32()), ("refused", pa.int32()), ("broken", pa.int32()), ("posts", pa.int64()), ("matched", pa.int64()), ("rejected", pa.int64()),
            ("window_from", _TIME), ("window_to", _TIME), ("claimed_total", pa.int64()), ("reason", pa.string()),
            ("lag_s", pa.float64()), ("spent", pa.string()),
        ]
    ),
    "checkpoint": pa.schema(
        [
            ("collector", pa.string()), ("mode", pa.string()), ("campaign_id", pa.int32()), ("query", pa.string()), ("cursor", pa.string()),
            ("saved_at", _TIME),
        ]
    ),
}  # fmt: skip


def put(spool: Path, tables: Mapping[str, pa.Table]) -> str:
    """Write one segment durably and return its id."""
    segment_id = f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}"
    hidden = spool / f".{segment_id}.tmp"
    with hidden.open("wb") as file:
        for name, table in tables.items():
            if table.num_rows:
                with pa.ipc.new_stream(file, table.schema.with_metadata({"table": name})) as writer:
                    writer.write_table(_without_secrets(table))
        file.flush()
        os.fsync(file.fileno())
    hidden.rename(spool / f"{segment_id}.arrows")
    _sync_folder(spool)
    return segment_id


def _without_secrets(table: pa.Table) -> pa.Table:
    """Return a table without the values that we log in with: a platform may say them back in an address or an error."""
    secrets = redaction.plain_pattern()
    for number, field in enumerate(table.schema if secrets else ()):
        column, is_list = table.column(number), pa.types.is_list(field.type)
        texts = pc.list_flatten(column) if is_list else column
        if not pa.types.is_string(texts.type) or not pc.any(pc.match_substring_regex(texts, secrets)).as_py():
            continue
        if is_list:
            clean = [row and [text and redaction.hide(text) for text in row] for row in column.to_pylist()]
        else:
            clean = [text and redaction.hide(text) for text in column.to_pylist()]
        table = table.set_column(number, field, pa.array(clean, field.type))
    return table


def waiting(spool: Path) -> list[Path]:
    """Return the segments that wait, oldest first."""
    return sorted(spool.glob("*.arrows"))


def read(path: Path) -> dict[str, pa.Table]:
    """Return the tables of a segment; raise ValueError when it is torn or of another schema."""
    tables = {}
    try:
        with pa.OSFile(str(path)) as file:
            while file.tell() < file.size():
                table = pa.ipc.open_stream(file).read_all()
                name = (table.schema.metadata or {}).get(b"table", b"").decode()
                tables[name] = table.replace_schema_metadata(None).cast(SCHEMAS[name])
    except (pa.ArrowException, KeyError, OSError) as error:
        raise ValueError(f"{path.name}: torn or of another version: {error}") from error
    return tables


def set_aside(path: Path) -> Path:
    """Move a segment that cannot be read out of the way; nothing is deleted."""
    bad = path.parent / "bad"
    bad.mkdir(exist_ok=True)
    return path.rename(bad / path.name)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
