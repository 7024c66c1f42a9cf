"""Regions that were reached for the first time, and platforms that show something there for the first time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb

from analysis._arrivals import ARRIVALS, EVIDENCE
from analysis._disclosure import Hidden, crowds, hidden
from analysis._events import NO_TEST, Event, Rule
from analysis._time import iso
from analysis.outside import origin_region

_PLACE = ("part", "region")
_PLATFORMS = f"""
{EVIDENCE}
SELECT platform, min(first_seen_at) AS seen_at, count(*) AS posts, count(DISTINCT account) AS accounts,
       bool_or(region <> 'unknown') OR platform IN (SELECT platform FROM evidence) AS placed
FROM mine GROUP BY platform ORDER BY platform"""
_NO_TEST = "no test: it is wrong where a post's region or match is wrong"
Row = dict[str, Any]


def newly(con: duckdb.DuckDBPyConnection, parameters: dict[str, Any]) -> Iterator[Event]:
    """Yield each region that was reached after the first one, and each first sighting on a platform, there or at all."""
    apart, together = parameters | {"apart": True}, parameters | {"apart": False}
    regions = _rows(con, ARRIVALS, together)
    start = origin_region(con, parameters) or _first(regions)
    small = _small(con, together)
    yield from (_crossing(row, regions, small) for row in regions if row["region"] != start)
    crossed = {row["region"]: row["platform"] for row in regions if row["region"] != start}
    small = _small(con, apart)
    yield from (_on_platform(row, crossed, small) for row in _rows(con, ARRIVALS, apart))
    yield from (_platform(row) for row in _rows(con, _PLATFORMS, apart) if not row["placed"])


def rules(events: list[Event]) -> Iterator[Rule]:
    """Yield what the two kinds promise: they are no tests, so nothing is false by chance."""
    for kind in ("crossing", "first_seen"):
        yield Rule(kind, None, sum(event.kind == kind for event in events), _NO_TEST, NO_TEST)


def _rows(con: duckdb.DuckDBPyConnection, query: str, parameters: dict[str, Any]) -> list[Row]:
    found = con.execute(query, parameters)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _first(regions: list[Row]) -> str | None:
    """Return the region that we saw first: an earlier one that comes to light later is news, the first one is not."""
    return min(regions, key=lambda row: (row["seen_at"], row["by_at"], row["region"]))["region"] if regions else None


def _small(con: duckdb.DuckDBPyConnection, parameters: dict[str, Any]) -> Hidden:
    return hidden(crowds(con, _PLACE, f"{EVIDENCE} SELECT part, region, account FROM evidence", parameters)[0])


def _crossing(row: Row, regions: list[Row], small: Hidden) -> Event:
    region, hide = row["region"], ("all", row["region"]) in small[_PLACE]
    before = sum(other["by_at"] < row["by_at"] for other in regions)
    when = (
        f"between {iso(row['unseen_at'])} and {iso(row['by_at'])}"
        if row["unseen_at"]
        else f"by {iso(row['by_at'])} at the latest"
    )
    watched = "" if row["unseen_at"] else "; nobody watched without a break from before"
    seen = "first a post" if row["route"] == "post" else "first a place on a chart"
    text = (
        f"{region} is reached, after {before or 'no'} other region{'' if before == 1 else 's'}: {seen} on {row['platform']}"
        + (", a few posts by now." if hide else f", {_posts(row)} by now. It was reached {when}{watched}.")
    )
    return _event("crossing", {"region": region}, row, hide, f"{region} is reached", text)


def _on_platform(row: Row, crossed: dict[str, str], small: Hidden) -> Event:
    platform, region = row["part"], row["region"]
    hide = (platform, region) in small[_PLACE]
    text = f"The first sighting in {region} on {platform}" + (
        "; a few posts by now." if hide else f", seen {iso(row['seen_at'])}; {_posts(row)} by now."
    )
    told = f"crossing/{region}" if crossed.get(region) == platform else None
    event = _event(
        "first_seen", {"platform": platform, "region": region}, row, hide, f"first seen in {region} on {platform}", text
    )
    return event._replace(told_by=told)


def _platform(row: Row) -> Event:
    hide = 0 < row["accounts"] < 5
    text = f"The first sighting on {row['platform']}, of no known region" + (
        "; a few posts by now." if hide else f", seen {iso(row['seen_at'])}; {_posts(row)} by now."
    )
    return _event("first_seen", {"platform": row["platform"]}, row, hide, f"first seen on {row['platform']}", text)


def _posts(row: Row) -> str:
    return f"{row['posts']} post{'' if row['posts'] == 1 else 's'}"


def _event(kind: str, keys: dict[str, str], row: Row, hide: bool, title: str, text: str) -> Event:
    since = row["seen_at"]
    shown = since.replace(hour=0, minute=0, second=0, microsecond=0) if hide else since  # of a few, the day only
    rests_on = (
        "a few posts of fewer than 5 accounts" if hide else f"{_posts(row)} of this region, the first seen {iso(since)}"
    )
    posts = None if hide else row["posts"]
    return Event(kind, keys, shown, shown, title, text, rests_on, value=posts, n=posts, suppressed=hide)
