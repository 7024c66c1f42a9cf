"""A small store with made-up rows, written with SQL into the real schema."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from spillover.migrate import migrate

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 3, 1, 12)  # naive UTC, as the store holds it


class MadeUp:
    """Writes made-up rows; what a test does not say is the plainest case."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self.posts = 0

    def campaign(self, name: str = "made-up", number: int = 1) -> None:
        self.insert("campaign", campaign_id=number, name=name, state="active", live=False, added_at=NOON)

    def post(
        self,
        *,
        author: str | None = None,
        campaign: int = 1,
        role: str = "match",
        kind: str | None = "title",
        **given: Any,
    ) -> int:
        self.posts += 1
        key = self.posts
        seen = given.pop("first_seen_at", NOON)
        match = {"term": "a title", "confidence": 0.95} | {
            k: given.pop(k) for k in ("term", "confidence") if k in given
        }
        link = {k: given.pop(k) for k in ("publisher", "run_id") if k in given}
        row = {
            "platform": "youtube",
            "id": f"id{key}",
            "policy": given.get("platform", "youtube"),
            "kind": "video",
            "last_seen_at": seen,
            **given,
        }
        self.insert("post", post_key=key, first_seen_at=seen, **row)
        blob = author.encode().ljust(16, b".") if author else None
        self.insert(
            "post_campaign", post_key=key, campaign_id=campaign, role=role, author=blob, **{"run_id": "r", **link}
        )
        if kind:
            self.insert("match", post_key=key, campaign_id=campaign, version=1, kind=kind, matched_at=seen, **match)
        return key

    def posts_of(self, authors: int, **given: Any) -> list[int]:
        """Make a post for each of so many authors, each with 100 views unless told otherwise."""
        views = given.pop("views", 100)
        keys = [
            self.post(author=f"{given.get('region', '')}{given.get('platform', '')}{n}", **given)
            for n in range(authors)
        ]
        for key in keys:
            self.reading(key, given.get("first_seen_at", NOON), views=views)
        return keys

    def reading(self, post: int, when: datetime, **counts: Any) -> None:
        bounds = {f"{m}_{b}": v for m, v in counts.items() if "_" not in m for b in ("low", "high")}
        self.insert("observation", post_key=post, observed_at=when, run_id="r", **{**bounds, **counts})

    def insert(self, table: str, **row: Any) -> None:
        marks = ", ".join(f"${name}" for name in row)
        self.con.execute(f"INSERT INTO held.{table} ({', '.join(row)}) VALUES ({marks})", row)

    def derive(self) -> duckdb.DuckDBPyConnection:
        """Make the derived tables by their own definitions."""
        from spillover.derived import rebuild

        rebuild(self.con)
        return self.con


@pytest.fixture
def store() -> Iterator[MadeUp]:
    with duckdb.connect() as con:
        migrate(con)
        made_up = MadeUp(con)
        made_up.campaign()
        yield made_up
