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
        given = {"published_at": NOON - HOUR} | given
        self.matched = [store.post(author=f"author{n}", **given) for n in range(matched)]
        self.controls = [store.post(role="control", kind=None, **given) for _ in range(matched * each)]
        for place, control in enumerate(self.controls):
            store.insert(
                "control",
                campaign_id=1,
                post_key=self.matched[place // each],
                control_key=control,
                agrees=[],
                run_id="r",
            )
        self.gone: dict[int, float] = {}
        self.cause: dict[int, str] = {}

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
        self.store.con.register("said", pd.DataFrame(rows, columns=list(CHECK)))
        self.store.con.execute("INSERT INTO held.availability BY NAME FROM said")

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
