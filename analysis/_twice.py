"""Posts that two campaigns both hold: they make two answers depend on each other, and a difference tell of few accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import duckdb
import pandas as pd

from analysis._disclosure import SMALL
from analysis._scope import SCOPE, SPLITS
from analysis._time import naive
from analysis.reach import COUNTS, posts_sql

Held = tuple[duckdb.DuckDBPyConnection, str, datetime | None]  # where to read which campaign, up to when
_COUNTED = ("known_", "new_", "corrections_")


class Twice(NamedTuple):
    """How many posts are in both, and of each campaign those in neither of the other; empty where none is shared."""

    shared: int
    apart: tuple[pd.DataFrame, ...]

    @classmethod
    def of(cls, one: Held, other: Held) -> Twice:
        keys = [
            set(con.execute(f"WITH {SCOPE} SELECT post_key FROM scope", _given(name, until)).df()["post_key"])
            for con, name, until in (one, other)
        ]
        both = keys[0] & keys[1]
        return cls(len(both), tuple(_posts(held, both) for held in (one, other)) if both else ())

    def few(self, metric: str, keys: Mapping[str, Any]) -> bool:
        """Say whether a cell's difference would rest on 1 to 4 private accounts, those that only one of the two holds."""
        return any(0 < _people(posts, metric, keys) < SMALL for posts in self.apart)

    def said(self) -> str:
        return f"{self.shared} posts are in both: the two are not independent" if self.shared else "no post is in both"


def _given(name: str, until: datetime | None) -> dict[str, Any]:
    return {"campaign": name, "as_of": naive(until)}


def _posts(held: Held, both: set[int]) -> pd.DataFrame:
    con, name, until = held
    columns = ", ".join(("post_key", *SPLITS, "account", *(f"{m} IS NOT NULL AS {m}" for m in COUNTS)))
    frame = con.execute(f"SELECT {columns} FROM ({posts_sql(until is not None)})", _given(name, until)).df()
    return frame[~frame["post_key"].isin(both)]


def _people(posts: pd.DataFrame, metric: str, keys: Mapping[str, Any]) -> int:
    for name in SPLITS:
        if name in keys:
            posts = posts[posts[name] == keys[name]]
    counted = next((m for m in COUNTS if metric in tuple(f"{prefix}{m}" for prefix in _COUNTED)), None)
    return int((posts if counted is None else posts[posts[counted]])["account"].nunique())
