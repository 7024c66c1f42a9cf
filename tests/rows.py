"""Made-up rows for tests of the store: small segments, written as a collector would."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from spillover import segments

START = datetime(2026, 1, 1, 0, 7, 3)
MINUTE = timedelta(minutes=1)


def table(name: str, rows: Iterable[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=segments.SCHEMAS[name])


def post(key: int, at: datetime = START, **more: Any) -> dict[str, Any]:
    return {"post_key": key, "platform": "youtube", "id": str(key), "policy": "youtube", "seen_at": at} | more


def member(key: int, campaign: int = 1, role: str = "match") -> dict[str, Any]:
    return {"post_key": key, "campaign_id": campaign, "role": role, "run_id": "r"}


def reading(key: int, at: datetime, views: int | None, campaign: int = 1) -> dict[str, Any]:
    bounds = {"views": views, "views_low": views, "views_high": views}
    return {"post_key": key, "campaign_id": campaign, "observed_at": at, "run_id": "r", "aside": False} | bounds


def match(key: int, version: int, confidence: float, at: datetime = START, **more: Any) -> dict[str, Any]:
    found = {"kind": "phrase", "term": "t", "confidence": confidence}
    return {"post_key": key, "campaign_id": 1, "version": version, "matched_at": at} | found | more


def put(spool: Path, **tables: Iterable[dict[str, Any]]) -> str:
    return segments.put(spool, {name: table(name, rows) for name, rows in tables.items()})


def put_readings(spool: Path, *readings: tuple[int, datetime, int | None]) -> str:
    keys = sorted({key for key, *_ in readings})
    return put(
        spool,
        post=[post(key) for key in keys],
        post_campaign=[member(key) for key in keys],
        observation=[reading(*values) for values in readings],
    )
