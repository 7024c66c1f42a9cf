"""Where was it first, and when did it cross: the earliest evidence of each region, with its bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import duckdb
import pandas as pd

from analysis._arrivals import ARRIVED, CROSSINGS, MOMENTS, PLACE, ROUTES, WAY
from analysis._disclosure import WITHHELD, Hidden, crowds, crowds_in, hidden, suppress
from analysis._leads import leads
from analysis._rows import COLUMNS
from analysis._scope import SCOPE
from analysis._time import aware, naive

_TIMES = ("first_seen_at", "published_at", "last_unseen_at")
_KEYS = ("platform", "route", "region")

_SIGHTS = f"""
WITH {SCOPE}, sights AS (
    SELECT s.platform, 'listing' AS route, l.region, s.post_key, s.account, s.published_at,
           l.observed_at AS seen_at, l.rank, l.list, l.run_id
    FROM scope s JOIN held.listing l USING (post_key)
    WHERE l.region IS NOT NULL AND ($as_of::TIMESTAMP IS NULL OR l.observed_at <= $as_of::TIMESTAMP)
    UNION ALL
    SELECT platform, 'post', region, post_key, account, published_at, first_seen_at, NULL, NULL, run_id
    FROM scope WHERE region <> 'unknown'
)"""
# looked there before: an earlier run for this campaign that ended well and read the same list, or asked the same
_FIRST = f"""
{_SIGHTS}, firsts AS (
    SELECT platform, route, region, min(seen_at) AS first_seen_at, min(published_at) AS published_at,
           arg_min(rank, (seen_at, rank)) AS rank, arg_min(list, seen_at) AS list, arg_min(run_id, seen_at) AS run_id,
           count(DISTINCT post_key) AS posts, count(*) AS n
    FROM sights GROUP BY ALL
), answered AS (
    SELECT run_id, collector, mode, query, coalesce(window_to, started_at) AS seen_to FROM runs
    WHERE campaign = $campaign AND outcome = 'answered'
), looks AS (
    SELECT l.list, a.run_id, max(l.observed_at) AS seen_to
    FROM answered a JOIN held.listing l USING (run_id) GROUP BY ALL
), on_lists AS (
    SELECT f.platform, f.route, f.region, max(k.seen_to) AS seen_to FROM firsts f
    JOIN looks k ON k.list = f.list AND k.seen_to < f.first_seen_at WHERE f.route = 'listing' GROUP BY ALL
), by_asking AS (
    SELECT f.platform, f.route, f.region, max(b.seen_to) AS seen_to FROM firsts f
    JOIN answered a ON a.run_id = f.run_id AND a.mode <> 'load'
    JOIN answered b ON b.collector = a.collector AND b.mode = a.mode
        AND b.query IS NOT DISTINCT FROM a.query AND b.seen_to < f.first_seen_at
    WHERE f.route = 'post' GROUP BY ALL
)
SELECT f.region, f.platform, f.route, f.first_seen_at, f.published_at, u.seen_to AS last_unseen_at, f.rank, f.posts, f.n
FROM firsts f LEFT JOIN (FROM on_lists UNION ALL FROM by_asking) u USING (platform, route, region)
ORDER BY f.first_seen_at, f.region, f.platform, f.route"""


def first_seen(con: duckdb.DuckDBPyConnection, campaign: str, *, as_of: datetime | None = None) -> pd.DataFrame:
    """Return the earliest evidence of each region, platform and route (``listing``: its chart; ``post``: its posts).

    What it says: when we first saw it there, when at the earliest it can have been, and when we last looked in vain.
    What it does not say: when it came; that lies between last_unseen_at and first_seen_at, or before if nobody looked.
    A run that read the same list, or asked the same question, counts as having looked at every region of it.
    Formula: least time of n sightings up to ``as_of``; arrival is interval-censored (Turnbull, JRSS B 38, 1976).
    Unknowns: a post without a region is left out; last_unseen_at is empty where we had not looked.
    """
    parameters = {"campaign": campaign, "as_of": naive(as_of)}
    frame = con.execute(_FIRST, parameters).df().astype({"rank": "Int64", "posts": "Int64", "n": "Int64"})
    tables = crowds(con, _KEYS, f"{_SIGHTS} SELECT platform, route, region, account FROM sights", parameters)[0]
    frame, _ = suppress(frame, tables, values=(*_TIMES, "rank", "posts", "n"))
    return aware(frame, *_TIMES)


_FIELDS = ("part", "region", "origin", "block", *COLUMNS[2:8], "verdict")
_VALUES = ("value", "low", "high", "n")
_BOUNDED = ("value", "low", "high")
_DATES = {"first_published": "published_at", "first_collected": "seen_at", "coverage_start": "since"}


def crossings(
    con: duckdb.DuckDBPyConnection, campaign: str, *, by: Sequence[str] = ("platform",), as_of: datetime | None = None
) -> pd.DataFrame:
    """Return for each region when it was reached, in which order, by which stated route, and which region leads which.

    What it says: crossed_by: the latest time by which it had crossed, low where we know that it had not before; the dates
    first_published, first_collected, coverage_start; watched_share until then; rank among the regions, low to high where
    intervals overlap; stated_edges from other regions, the earliest of them the candidate route; and, apart from these,
    lead: pairs within an hour in this order, more than chance. Without ``by`` platform, over all platforms together.
    What it does not say: that one region took it from another: a lead is inferred, and a third can drive both; nor where
    people are. At blocks of 6 h a common driver alone gives .16 false leads, so a verdict rests on 1.5 and 3 h.
    Formula: least time of the evidence; an interval ends where watching broke off first (left-censored without one: Turnbull,
    JRSS B 38, 1976); interval jitter (Amarasingham et al., J. Neurophysiology 107, 2012), p of as many by Lugannani and
    Rice (Adv. Appl. Prob. 12, 1980) in place of draws, rates by Benjamini and Hochberg (JRSS B 57, 1995) over all pairs.
    Unknowns: a post without a region is no evidence, but may have been the first, so an interval begins with it at the latest;
    one without a time counts from when we saw it, and in no lead; a parent that is not held is an origin of its own; routes
    that nobody watched leave the interval open below.
    """
    if set(by) - {"platform", "region"}:
        raise ValueError(f"crossings are by platform and region, not by {', '.join(set(by) - {'platform', 'region'})}")
    parameters = {"campaign": campaign, "as_of": naive(as_of), "apart": "platform" in by}
    arrived, routes, moments, *people = (rows or [] for rows in con.execute(CROSSINGS, parameters).fetchall()[0])
    places, ways = (
        crowds_in(keys, [tuple(row.values()) for row in rows])[0]
        for keys, rows in zip((PLACE, WAY), people, strict=True)
    )
    small = hidden(places)
    rows = (_arrived(_frame(arrived, ARRIVED), small), _routes(_frame(routes, ROUTES)), leads(_frame(moments, MOMENTS)))
    told = [pd.DataFrame(list(part), columns=list(_FIELDS)) for part in rows]
    shown = [
        suppress(told[0], places, values=_VALUES)[0],
        suppress(told[1], ways, values=_VALUES, also=small)[0],
        suppress(told[2], places, values=_VALUES)[0],
    ]
    return _plainly(shown, small, "platform" in by)


def _frame(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=list(columns))
    times = [name for name in columns if name.endswith("_at") or name == "since"]
    return frame.assign(**{name: pd.to_datetime(frame[name]).astype("datetime64[us]") for name in times})


def _arrived(regions: pd.DataFrame, small: Hidden) -> Iterator[dict[str, Any]]:
    """Yield the rows of each region: its interval, three dates, what was watched, and its rank."""
    for row in regions.to_dict("records"):
        said = f"{row['posts']} posts; first a {row['route']} on {row['platform']}"
        named = {"part": row["part"], "region": row["region"], "n": row["posts"], "rests_on": said}
        yield named | {"metric": "crossed_by", **_interval(row, said)}
        for metric, column in _DATES.items():
            yield named | {"metric": metric, **dict.fromkeys(_BOUNDED, _iso(row[column]))}
        if not pd.isna(row["covered"]):
            yield named | {"metric": "watched_share", **dict.fromkeys(_BOUNDED, row["covered"])}
    for part, group in regions.groupby("part"):
        shown = [cell not in small[PLACE] for cell in zip(group["part"], group["region"], strict=True)]
        yield from _ranked(str(part), group[shown])


def _interval(row: Mapping[Any, Any], said: str) -> dict[str, Any]:
    """Return between which times a region was reached; open below where we had not been watching."""
    times = {"value": _iso(row["by_at"]), "low": _iso(row["unseen_at"]), "high": _iso(row["by_at"])}
    if times["low"] is None:
        return times | {"verdict": "at the latest", "rests_on": f"{said}; not watched without a break from before"}
    return times | {"verdict": "between"}


def _ranked(part: str, regions: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the place of each region: who was surely earlier stands before it, who was not surely later may."""
    low, high = regions["unseen_at"], regions["by_at"]
    for region, begins, ends, posts in zip(regions["region"], low, high, regions["posts"], strict=True):
        first, last = 1 + int((high < begins).sum()), len(regions) - int((low > ends).sum())
        rank = {"value": first if first == last else None, "low": first, "high": last, "n": posts}
        said = f"{len(regions)} regions; intervals that overlap are a tie"
        verdict = "ranked" if first == last else "tie"
        yield {"part": part, "region": region, "metric": "rank", **rank, "rests_on": said, "verdict": verdict}


def _routes(edges: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the stated edges into each region, by where they come from; the region of the earliest is the candidate."""
    known = edges[~edges["origin"].isin(["unknown", "not held"]) & edges["first_at"].notna()]
    candidates = set(known.loc[known.groupby(["part", "region"])["first_at"].idxmin()].index) if len(known) else set()
    for place, row in edges.iterrows():
        count = dict.fromkeys(("value", "low", "high", "n"), row["edges"])
        yield {
            "part": row["part"], "region": row["region"], "origin": row["origin"], "metric": "stated_edges", **count,
            "rests_on": f"{row['edges']} parents that posts of the region state; the first {_iso(row['first_at']) or 'at no known time'}",
            "verdict": "candidate route" if place in candidates else None,
        }  # fmt: skip


def _plainly(parts: Sequence[pd.DataFrame], small: Hidden, apart: bool) -> pd.DataFrame:
    """Return one frame with the agreed columns; a row that names a hidden region as its origin is hidden too."""
    frame = pd.concat(
        [part.astype({name: object for name in (*_VALUES, *_FIELDS)}) for part in parts], ignore_index=True
    )
    closed = [way in small[PLACE] for way in zip(frame["part"], frame["origin"], strict=True)]
    frame["suppressed"] = frame["suppressed"].astype(bool) | pd.Series(closed, dtype=bool)
    shown = ~frame["suppressed"]
    for name in (*_VALUES, "verdict"):
        frame[name] = frame[name].where(frame[name].notna() & shown, None)
    frame["n"] = pd.Series(
        [None if n is None else int(n) for n in frame["n"]], dtype=object
    )  # a hidden one made all fractions
    frame["rests_on"] = frame["rests_on"].where(shown, WITHHELD)
    named = zip(*(frame[name] for name in ("part", "region", "origin", "metric", "block")), strict=True)
    keys = pd.Series([_named(row, apart) for row in named], dtype=object)
    return frame.assign(question="crossings", keys=keys)[list(COLUMNS)]


def _named(row: Sequence[Any], apart: bool) -> dict[str, Any]:
    """Return the keys of a row; what is stated and what is inferred carry different ones."""
    part, region, origin, metric, block = row
    way = {"from": origin} if isinstance(origin, str) else {}
    edges = {"edges": "inferred" if metric.startswith("lead") else "stated"} if way else {}
    hours = {"block_h": float(block)} if edges.get("edges") == "inferred" else {}
    return {**({"platform": part} if apart else {}), "region": region, **way, **edges, **hours}


def _iso(moment: Any) -> str | None:
    return None if pd.isna(moment) else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
