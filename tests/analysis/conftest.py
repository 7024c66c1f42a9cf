"""A small store with made-up rows, written with SQL into the real schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from spillover.migrate import migrate

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 3, 1, 12)  # naive UTC, as the store holds it


class MadeUp:
    """Writes made-up rows; what a test does not say is the plainest case."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._waiting: dict[tuple[str, ...], list[dict[str, Any]]] = {}  # of a table and the columns given
        self.posts = 0

    @property
    def con(self) -> duckdb.DuckDBPyConnection:
        """The connection, with all rows in: they go in together, for a statement a row was half the time of these tests."""
        waiting, self._waiting = self._waiting, {}
        for (table, *_), rows in waiting.items():
            self._insert(table, rows)
        return self._con

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
        self._waiting.setdefault((table, *row), []).append(row)

    def many(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        """Insert many rows with the same columns at once."""
        if rows:
            self._insert(table, rows)

    def _insert(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        self._con.register("made_up", pa.Table.from_pylist(list(rows)))
        self._con.execute(f"INSERT INTO held.{table} BY NAME SELECT * FROM made_up")
        self._con.unregister("made_up")

    def many_posts(self, rows: Sequence[dict[str, Any]]) -> list[int]:
        """Make many matched posts at once, each with an author of its own unless it says another; return their keys."""
        keys = list(range(self.posts + 1, self.posts + len(rows) + 1))
        self.posts += len(rows)
        posts, members, matches = [], [], []
        for key, row in zip(keys, rows, strict=True):
            given = {
                "platform": "youtube",
                "id": f"id{key}",
                "first_seen_at": NOON,
                "author": f"a{key}",
                "run_id": "r",
                **row,
            }
            author, run = given.pop("author"), given.pop("run_id")
            posts.append({"post_key": key, "policy": given["platform"], "kind": "video", "last_seen_at": NOON, **given})
            blob = author.encode().ljust(16, b".") if author else None
            members.append({"post_key": key, "campaign_id": 1, "role": "match", "author": blob, "run_id": run})
            matches.append(
                {
                    "post_key": key,
                    "campaign_id": 1,
                    "version": 1,
                    "kind": "title",
                    "confidence": 0.95,
                    "matched_at": NOON,
                }
            )
        for table, made in {"post": posts, "post_campaign": members, "match": matches}.items():
            self.many(table, made)
        return keys

    def derive(self) -> duckdb.DuckDBPyConnection:
        """Make the derived tables by their own definitions."""
        from spillover.derived import rebuild

        rebuild(self.con)
        return self.con


@pytest.fixture(scope="session")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """One database for all tests of a process: making the schema takes longer than most of them."""
    with duckdb.connect() as con:
        migrate(con)
        yield con


@pytest.fixture
def store(database: duckdb.DuckDBPyConnection) -> Iterator[MadeUp]:
    with database.cursor() as con:  # temporary tables end with it
        made_up = MadeUp(con)
        made_up.campaign()
        yield made_up
    names = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'held' AND table_name <> 'meta' AND estimated_size > 0"
    for (name,) in database.execute(names).fetchall():
        database.execute(f"TRUNCATE held.{name}")
