"""Overview: how far it went, in which order it crossed borders, and what is new."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import _charts, _coverage, _crossings, _data, _ledes, _names, _parts, _where
from dashboard._text import listed, markdown_text, minute, number, short
from dashboard._theme import Ink
from dashboard._view import View

_LANES = 5
_GRAIN = {"hour": "hour", "6h": "six hours", "day": "day"}


def page(view: View, ink: Ink) -> None:
    _parts.chips(view)
    _parts.title(view)
    counts = _data.counts(view)
    if counts.empty:
        _parts.nothing_left(view)
        return
    _parts.about_regions(view)
    _parts.lede(*_ledes.reached(view))
    metrics(view, counts)
    left, right = st.columns([2.1, 1], gap="large")
    with left:
        over_time(view, ink)
        changed(view)
    with right:
        _crossings.crossings(view, ink)
    _where.where(view, ink)
    truth(view)
    frames = {
        "counts": lambda: counts.drop(columns="keys", errors="ignore"),
        "first sights": lambda: _data.first_seen(view),
    }
    _parts.downloads(view.campaign, frames)


def metrics(view: View, counts: pd.DataFrame) -> None:
    """Show posts, regions, platforms, and the known views of each platform: never their sum."""
    posts = counts[counts["metric"] == "posts"]
    with st.grid(min_column_width=190, gap="small"):
        _posts(view, posts)
        _regions(view)
        names = [markdown_text(_names.platform(code)) for code in posts["platform"]]
        _metric("Platforms", number(posts["platform"].nunique()), listed(names, 3), "Platforms with at least one post.")
        for row in _ledes.views_of(counts):
            _views(view, row)


def _posts(view: View, posts: pd.DataFrame) -> None:
    new = _data.new_posts(view)
    hidden = "Some are suppressed (fewer than 5 accounts). " if bool(posts["suppressed"].any()) else ""
    rests_on = f"{hidden}Posts held to be about the campaign up to the end of the range; {'; '.join(posts['rests_on'])}"
    line = [float(n) for n in new.groupby("start")["posts"].sum().astype("Float64").fillna(0).cumsum()]
    below = f"{number(new['posts'].sum())} first seen in this range"
    total = posts["value"].sum(min_count=1)
    value = "suppressed" if pd.isna(total) and hidden else number(total)
    _metric("Posts", value, below, rests_on, line)


def _regions(view: View) -> None:
    arrivals = _data.arrivals(view)
    fresh = int((arrivals["first_seen_at"] >= view.since).sum())
    line = [
        float(n) for n in arrivals.groupby(arrivals["first_seen_at"].dt.floor(view.step))["region"].count().cumsum()
    ]
    rests_on = (
        "Regions of posts, and of charts on which they stood: places of an audience, not statements on sovereignty."
    )
    _metric("Regions", number(len(arrivals) or None), f"{fresh} first seen in this range", rests_on, line)


def _views(view: View, row: dict[str, Any]) -> None:
    steps = _data.increments(view)
    steps = steps[steps["platform"] == row["platform"]].dropna(subset="views")
    unknown = pd.isna(row["value"])
    value = short(row["value"]) if not unknown else "suppressed" if row["suppressed"] else "unknown"
    below = row["rests_on"].split(";")[0] if unknown else _ledes.interval(row)
    rests_on = f"The last count shown for each post, added up for this platform alone. {row['rests_on']}"
    _metric(
        f"Known views, {markdown_text(_names.platform(row['platform']))}", value, below, rests_on, _over(steps, view)
    )


def _over(steps: pd.DataFrame, view: View) -> list[float]:
    """Return the sums of the days, or hours, that are over: the last one still grows, and would look like a fall."""
    width = timedelta(days=1) if view.until - view.since > timedelta(days=3) else view.step
    sums = steps["views"].astype(float).groupby(steps["start"].dt.floor(width)).sum()
    return [
        float(value) for start, value in sums.items() if pd.Timestamp(str(start)) + width <= pd.Timestamp(view.until)
    ]


def _metric(label: str, value: str, below: str, rests_on: str, line: Sequence[float] = ()) -> None:
    st.metric(label, value, below, "off", help=rests_on, border=True, height="stretch", delta_arrow="off",
              chart_data=line if len(line) > 1 else None, chart_type="bar")  # fmt: skip


def over_time(view: View, ink: Ink) -> None:
    """Draw the new known views of the platforms with most, over the coverage strip."""
    steps, value = _data.increments(view), "views"
    unit = f"New known views per {_GRAIN[view.grain]}"
    note = "growth spread evenly between two readings"
    if steps.empty:
        steps, value, unit = _data.new_posts(view), "posts", f"Posts first seen per {_GRAIN[view.grain]}"
        note = "no count was read twice, so growth of views is not known"
    _parts.head("Reach over time", f"{unit}; each platform on its own scale; {note}")
    if steps.empty:
        _parts.quiet("Nothing came into sight in this range, and no count was read twice.", 260)
        return
    top = list(steps.groupby("platform")[value].sum().sort_values(ascending=False).index[:_LANES])
    steps, blind = steps[steps["platform"].isin(top)], _coverage.unwatched(view, top)
    _parts.sphere_key(ink, top)
    says = f"{unit} on {listed([_names.platform(code) for code in top])}, a row each"
    height = max(60, (240 if value == "views" else 120) // len(top))
    _parts.draw("reach", view, ink,
                lambda: _charts.lanes(steps, view, ink, value=value, height=height, unwatched=blind), says)  # fmt: skip
    _parts.coverage(view, ink)


def changed(view: View) -> None:
    """List what is new, also that nothing is."""
    _parts.head("What changed", f"In the 24 hours up to {minute(view.until, view.zone)}")
    lines = "".join(f"<li>{html.escape(line)}</li>" for line in _ledes.last_day(view))
    st.html(f"<ul class='news'>{lines}</ul>")


def truth(view: View) -> None:
    """Show what is true beside what we say, in the workspace of a made-up world; nothing anywhere else."""
    rows = _data.truth(view)
    if len(rows):
        _parts.head("Beside the truth", "This world is made up: what truth.json says, and what the answers say of it")
        st.dataframe(rows.astype(str).replace("None", "unknown"), hide_index=True)


_parts.run(page)
