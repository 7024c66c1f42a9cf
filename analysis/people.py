"""Two numbers that are given only when they are asked for by name: a sum over platforms, and bounds on people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb
import pandas as pd

from analysis._bounds import union
from analysis._disclosure import WITHHELD
from analysis._rows import INSUFFICIENT, as_answer
from analysis._scope import SCOPE
from analysis._time import naive
from analysis.reach import COUNTS, reach

WORLD = 8_200_000_000  # people, mid-2025 (United Nations, World Population Prospects 2024, rounded)
_LIKES = """
SELECT s.platform, max(o.likes) FROM scope s JOIN held.observation o USING (post_key)
WHERE s.account IS NULL AND ($as_of::TIMESTAMP IS NULL OR o.observed_at <= $as_of::TIMESTAMP) GROUP BY s.platform"""


def all_platforms(con: duckdb.DuckDBPyConnection, campaign: str, *, as_of: datetime | None = None) -> pd.DataFrame:
    """Return known views, likes, shares and comments added up over platforms, and what was added.

    What it says: a sum of counts that each platform makes by rules of its own.
    What it does not say: anything that can be compared: a view is 3 seconds here, 30 there, a post that scrolled by elsewhere.
    Formula: sum of the rows of reach by platform that are shown; bounds likewise.
    Unknowns: platforms with too few accounts, or that show no such count, are left out and counted.
    """
    frame = reach(con, campaign, as_of=as_of)
    return as_answer([_sum(frame[frame["metric"] == f"known_{metric}"], metric) for metric in COUNTS if len(frame)])


def people(con: duckdb.DuckDBPyConnection, campaign: str, *, as_of: datetime | None = None) -> pd.DataFrame:
    """Return bounds on how many people saw the posts that we hold, over all platforms; no value between them.

    What it says: not fewer than liked one post, if nobody likes it with two accounts; not more than there were views.
    What it does not say: how many it were; a view is not a person, and the same people are on many platforms.
    Formula: max over platforms of the most likes of one public post <= people <= min(sum of known views, people in the world).
    Unknowns: a platform that hides views takes the upper bound away, one that is suppressed both. Posts of private accounts
    give no lower bound, which would be about one of them.
    """
    frame = reach(con, campaign, as_of=as_of)
    views = frame[frame["metric"] == "known_views"]
    told: dict[str, Any] = {
        "question": "reach",
        "keys": {},
        "metric": "people",
        "suppressed": False,
        "verdict": "bounds",
    }
    if views.empty or views["suppressed"].any() or frame["suppressed"].any():
        hide = {"suppressed": bool(len(views)), "rests_on": WITHHELD if len(views) else "no posts", "verdict": None}
        return as_answer([told | hide | ({} if len(views) else {"verdict": INSUFFICIENT})])
    likes = con.execute(f"WITH {SCOPE} {_LIKES}", {"campaign": campaign, "as_of": naive(as_of)}).fetchall()
    liked = [float(most) for _, most in likes if most is not None]
    posts = frame[frame["metric"] == "posts"]["n"].sum()
    whole = views["high"].notna().all() and int(views["n"].sum()) == int(posts)
    high = union([float(v) for v in views["high"]], WORLD) if whole else None
    named = ", ".join(keys["platform"] for keys in views["keys"])
    rests_on = f"likes of one post at least, views of all at most; {named}" + (
        f"; {high.independent:.0f} if every view were another person and platforms independent"
        if high
        else "; not all posts show views"
    )
    return as_answer(
        [
            told
            | {
                "low": union(liked, WORLD).low if liked else None,
                "high": high.high if high else None,
                "n": int(posts),
                "rests_on": rests_on,
            }
        ]
    )


def _sum(rows: pd.DataFrame, metric: str) -> dict[str, Any]:
    shown = rows[~rows["suppressed"] & (rows["n"] > 0).fillna(False)]
    parts = ", ".join(f"{keys['platform']} {value}" for keys, value in zip(shown["keys"], shown["value"], strict=True))
    left = f"; {len(rows) - len(shown)} left out" if len(shown) < len(rows) else ""
    told: dict[str, Any] = {"question": "reach", "keys": {"platform": "all"}, "metric": f"known_{metric}_all_platforms"}
    told |= {
        "suppressed": False,
        "rests_on": f"adds what each platform counts by its own rules: {parts or 'nothing'}{left}",
    }
    if shown.empty:
        return told | {"verdict": INSUFFICIENT, "n": 0}
    sums = {name: int(shown[name].sum()) for name in ("value", "low", "n")}
    return told | sums | {"high": int(shown["high"].sum()) if shown["high"].notna().all() else None}
