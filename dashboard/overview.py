"""Overview: how far it went, in which order it crossed borders, and what is new."""

from __future__ import annotations

import html

import pandas as pd
import streamlit as st

from dashboard import _charts, _coverage, _data, _ledes, _names, _parts
from dashboard._data import Version
from dashboard._text import count, listed, minute, number, short
from dashboard._theme import Ink
from dashboard._view import View

_STEPS, _COLUMNS, _LANES = 17, 40, 5
_GRAIN = {"hour": "hour", "6h": "six hours", "day": "day"}


def page(version: Version, view: View, ink: Ink) -> None:
    _parts.chips(version, view)
    _parts.title(version, view.campaign)
    counts = _data.counts(version, view)
    if counts.empty:
        _parts.nothing_left(view)
        return
    _parts.lede(*_ledes.reached(version, view))
    metrics(version, view, counts)
    left, right = st.columns([2.1, 1], gap="large")
    with left:
        over_time(version, view, ink)
    with right:
        crossings(version, view, ink)
    where(version, view, ink)
    changed(version, view)
    _parts.downloads(
        view.campaign,
        {"counts": lambda: counts.drop(columns="keys", errors="ignore"), "first sights": lambda: _data.first_seen(version, view)},
    )


def metrics(version: Version, view: View, counts: pd.DataFrame) -> None:
    posts = counts[counts["metric"] == "posts"]
    arrivals, new = _data.arrivals(version, view), _data.new_posts(version, view)
    regions = arrivals.groupby(arrivals["first_seen_at"].dt.floor(view.step))["region"].count()
    fresh = int((arrivals["first_seen_at"] >= view.since).sum())
    hidden = "Some are suppressed (fewer than 5 accounts). " if bool(posts["suppressed"].any()) else ""
    with st.grid(min_column_width=205, gap="small"):
        _metric("Posts", number(posts["value"].sum(min_count=1)), f"{number(new['posts'].sum())} first seen in this range",
                hidden + "Posts held to be about the campaign, up to the end of the range; " + "; ".join(posts["rests_on"]),
                _running(new.groupby("start")["posts"].sum()), "bar")  # fmt: skip
        _metric("Regions", number(len(arrivals)) if len(arrivals) else "unknown", f"{fresh} first seen in this range",
                "Regions of posts, and of charts on which they stood. A place of an audience, not a statement on sovereignty.",
                _running(regions), "area")  # fmt: skip
        _metric("Platforms", number(posts["platform"].nunique()), listed([_names.platform(code) for code in posts["platform"]], 3),
                "Platforms on which at least one post is held.", None, "line")  # fmt: skip
        for row in _ledes.views_of(counts):
            grown = _data.increments(version, view)
            steps = grown[grown["platform"] == row["platform"]].set_index("start")["views"].dropna()
            _metric(f"Known views, {_names.platform(row['platform'])}", _value(row), _ledes.interval(row),
                    f"The last count shown for each post, added up for this platform alone. {row['rests_on']}", list(steps.astype(float)), "area")  # fmt: skip


def over_time(version: Version, view: View, ink: Ink) -> None:
    steps = _data.increments(version, view)
    _parts.head("Reach over time", f"New known views per {_GRAIN[view.grain]}; each platform on its own scale, growth spread evenly between two readings")
    if steps.empty:
        _parts.quiet("No count was read twice in this range, so nothing can be said about growth.", 260)
        return
    top = steps.groupby("platform")["views"].sum().sort_values(ascending=False).index[:_LANES]
    steps = steps[steps["platform"].isin(top)]
    blind = _coverage.unwatched(version, view, top)
    _parts.sphere_key(ink, list(top))
    height = max(60, 240 // len(top))
    _parts.draw("reach", version, view, ink, lambda: _charts.lanes(steps, view, ink, value="views", height=height, unwatched=blind),
                f"New known views over time on {listed([_names.platform(code) for code in top])}, a row each")  # fmt: skip
    _parts.coverage(version, view, ink)


def crossings(version: Version, view: View, ink: Ink) -> None:
    arrivals = _data.arrivals(version, view)
    rows = steps_of(arrivals)
    _parts.head("How it crossed borders", _crossed(arrivals, len(rows)))
    if rows.empty:
        _parts.quiet("No post names a region yet, and none stood on a region's chart.", 260)
        return
    _parts.draw("crossings", version, view, ink, lambda: _charts.staircase(rows, view, ink), _charts.alt_regions(rows))


def steps_of(arrivals: pd.DataFrame) -> pd.DataFrame:
    """Return the steps of the staircase: regions seen at our first look as one, then the others in order."""
    rows = arrivals.assign(
        name=arrivals["region"].map(_names.region),
        first_look=arrivals["last_unseen_at"].isna(),
        earliest_at=arrivals[["published_at", "last_unseen_at"]].max(axis=1),
    )
    there, later = rows[rows["first_look"]], rows[~rows["first_look"]]
    if len(there) > 5 or len(later) > _STEPS - len(there):
        name = count(len(there), "region") + " at first look" if len(there) > 1 else there["name"].str.cat()
        there = there.head(1).assign(name=name, posts=there["posts"].max())
    return pd.concat([there, later]).head(_STEPS).reset_index(drop=True)


def where(version: Version, view: View, ink: Ink) -> None:
    cells, arrivals = _data.first_seen(version, view), _data.arrivals(version, view)
    if arrivals.empty:
        return
    most = cells.groupby("region")["posts"].sum().sort_values(ascending=False).index[:_COLUMNS]
    columns = [code for code in arrivals["region"] if code in set(most)]
    shown = f"the {len(columns)} with most posts of {len(arrivals)} regions" if len(columns) < len(arrivals) else count(len(columns), "region")
    _parts.head("Where it is", f"Posts by region and route, {shown}, in order of first sight; a dot: suppressed (fewer than 5 accounts)")
    cells = cells[cells["region"].isin(columns)]
    _parts.draw("where", version, view, ink, lambda: _charts.table(cells, ink, columns=columns), "Number of posts by platform and region")


def changed(version: Version, view: View) -> None:
    _parts.head("What changed", f"In the 24 hours up to {minute(view.until, view.zone)}")
    lines = "".join(f"<li>{html.escape(line)}</li>" for line in _ledes.last_day(version, view))
    st.html(f"<ul class='news'>{lines}</ul>")


def _crossed(arrivals: pd.DataFrame, shown: int) -> str:
    if arrivals.empty:
        return "First sight in each region"
    return f"First sight in each of {count(len(arrivals), 'region')}, earliest {shown} steps; bar: how much earlier it can have been"


def _value(row: dict[str, object]) -> str:
    return short(row["value"]) if not pd.isna(row["value"]) else "suppressed" if row["suppressed"] else "unknown"


def _running(steps: pd.Series[int]) -> list[float]:
    return [float(value) for value in steps.astype("Float64").fillna(0).cumsum()]


def _metric(label: str, value: str, below: str, rests_on: str, line: list[float] | None, kind: str) -> None:
    st.metric(label, value, below, help=rests_on, border=True, height="stretch", delta_color="off", delta_arrow="off",
              chart_data=line if line and len(line) > 1 else None, chart_type=kind)  # fmt: skip


_view = st.session_state["view"]
if isinstance(_view, str):
    _parts.chips(_data.version(), _view)
    _parts.waiting(_data.version(), _view)
else:
    page(_data.version(), _view, st.session_state["ink"])
