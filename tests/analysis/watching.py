"""Made-up worlds of posts under watch: what each check said is written as collectors would have left it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

NOON = datetime(2026, 3, 1, 12)
HOUR = timedelta(hours=1)
ROUNDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 23.0, 31.0, 47.0, 71.0, 95.0, 119.0, 143.0, 167.0, 191.0)  # hours
CHECK = ("post_key", "checked_at", "run_id", "vantage", "status", "cause", "basis")


class Watch:
    """Posts about the campaign and their controls, found at noon, and rounds of checks of all of them.

    ``gone`` is by post the hour at which it goes (infinity: never); a check after that finds it absent, or says ``cause``.
    """

    def __init__(self, store: Any, *, matched: int = 40, each: int = 3, **given: Any) -> None:
        self.store = store
        first, own = store.posts + 1, matched * (1 + each)
        store.posts += own
        keys = list(range(first, first + own))
        self.matched, self.controls = keys[:matched], keys[matched:]
        row = {
            "platform": "youtube",
            "kind": "video",
            "published_at": NOON - HOUR,
            "first_seen_at": NOON,
            "last_seen_at": NOON,
        } | given
        self.put("post", [{"post_key": key, "id": f"id{key}", "policy": row["platform"], **row} for key in keys])
        link = {"campaign_id": 1, "run_id": "r"}
        author = [{"role": "match", "author": f"author{key}".encode().ljust(16, b".")} for key in self.matched]
        self.put(
            "post_campaign", [{"post_key": key, **link, **who} for key, who in zip(self.matched, author, strict=True)]
        )
        self.put("post_campaign", [{"post_key": key, **link, "role": "control"} for key in self.controls])
        found = {
            "campaign_id": 1,
            "version": 1,
            "kind": "title",
            "term": "a title",
            "confidence": 0.95,
            "matched_at": NOON,
        }
        self.put("match", [{"post_key": key, **found} for key in self.matched])
        pairs = [(self.matched[place // each], control) for place, control in enumerate(self.controls)]
        self.put(
            "control",
            [{"post_key": post, "control_key": control, "agrees": ["age"], **link} for post, control in pairs],
        )
        self.gone: dict[int, float] = {}
        self.cause: dict[int, str] = {}

    def put(self, table: str, rows: list[dict[str, Any]]) -> None:
        """Insert rows all at once: one by one they take longer than the tests."""
        if rows:
            self.store.con.register("rows_to_put", pd.DataFrame(rows))
            self.store.con.execute(f"INSERT INTO held.{table} BY NAME FROM rows_to_put")

    @property
    def posts(self) -> list[int]:
        return [*self.matched, *self.controls]

    def lose(self, posts: Sequence[int], after: float | Sequence[float], cause: str | None = None) -> None:
        hours = [after] * len(posts) if isinstance(after, float) else after
        self.gone |= dict(zip(posts, hours, strict=True))
        self.cause |= dict.fromkeys(posts, cause) if cause else {}

    def check(
        self, rounds: Iterable[float] = ROUNDS, *, broken: Iterable[float] = (), blind: Iterable[float] = ()
    ) -> None:
        """Check all posts at each round; in a ``broken`` one nothing comes and the run says so, in a ``blind`` one it does not."""
        rows = []
        for hour in rounds:
            out = hour in set(broken) | set(blind)
            self.run(f"round {hour}", hour, "broken" if hour in set(broken) else "answered")
            rows += [self._said(post, hour, out) for post in self.posts]
        self.put("availability", [dict(zip(CHECK, row, strict=True)) for row in rows])

    def run(self, name: str, hour: float, outcome: str = "answered") -> None:
        at = NOON + hour * HOUR
        row = {"asked": 1, "answered": 1, "refused": 0, "broken": 0, "posts": 0, "matched": 0, "rejected": 0}
        self.store.insert(
            "run", run_id=name, seq=1, collector="youtube", mode="reread", campaign_id=1, query="reread",
            started_at=at, ended_at=at, outcome=outcome, **row,
        )  # fmt: skip

    def say(self, post: int, hour: float, status: str, run: str | None = None, **given: Any) -> None:
        row = {"basis": "stated", "vantage": "api", "run_id": run or f"round {hour}"} | given
        self.store.insert("availability", post_key=post, checked_at=NOON + hour * HOUR, status=status, **row)

    def _said(self, post: int, hour: float, out: bool) -> tuple[Any, ...]:
        down = self.gone.get(post, np.inf) <= hour
        said = ("up", None, "stated")
        if down or out:
            said = ("unknown", "missing", "absent")
        if down and not out and post in self.cause:
            said = ("gone", self.cause[post], "stated")
        return (post, NOON + hour * HOUR, f"round {hour}", "api", *said)
