"""Timeline: which platform carried it when, and on which regions' lists it stood."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import streamlit as st

from dashboard import _charts, _coverage, _data, _names, _parts
from dashboard._data import Version
from dashboard._text import count, listed
from dashboard._theme import Ink
from dashboard._view import View

_ROWS = 30
_GRAIN = {"hour": "hour", "6h": "six hours", "day": "day"}


def page(version: Version, view: View, ink: Ink) -> None:
    _parts.chips(version, view)
    views, posts = _data.increments(version, view), _data.new_posts(version, view)
    if views.empty and posts.empty:
        _parts.nothing_left(view)
        return
    lanes("views", "Spread timeline", f"New known views per {_GRAIN[view.grain]}", views, version, view, ink)
    lanes("posts", "New in sight", f"Posts first seen per {_GRAIN[view.grain]}", posts, version, view, ink)
    regions(version, view, ink)
    _parts.downloads(
        view.campaign,
        {"new views": lambda: views, "new posts": lambda: posts, "lists": lambda: _data.on_lists(version, view, _grain(view))},
    )


def lanes(value: str, title: str, unit: str, steps: pd.DataFrame, version: Version, view: View, ink: Ink) -> None:
    """Draw a row a platform over the coverage strip."""
    _parts.head(title, f"{unit}; each platform on its own scale, its highest step beside its name")
    if steps.empty:
        _parts.quiet("No count was read twice in this range, so nothing can be said about growth.")
        return
    platforms = sorted(steps["platform"].unique())
    blind = _coverage.unwatched(version, view, platforms)
    _parts.sphere_key(ink, platforms)
    height = max(62, 170 // len(platforms)) if value == "views" else max(46, 80 // len(platforms))
    _parts.draw(f"lanes_{value}", version, view, ink,
                lambda: _charts.lanes(steps, view, ink, value=value, height=height, unwatched=blind),
                f"{unit} on {listed([_names.platform(code) for code in platforms])}, a row each")  # fmt: skip
    _parts.coverage(version, view, ink, value)


def regions(version: Version, view: View, ink: Ink) -> None:
    """Draw on which regions' lists the posts stood, a cell a step."""
    grain = _grain(view)
    cells = _data.on_lists(version, view, grain)
    cells = cells[cells["platform"].isin(view.platforms)] if view.platforms else cells
    if cells.empty:
        _parts.head("Regions over time", "Places on charts and hot lists")
        _parts.quiet("No post stood on a list of a region in this range.")
        return
    order = _order(version, view, cells)
    shown = count(len(order), "region") if len(order) == cells["region"].nunique() else f"{len(order)} of {cells['region'].nunique()} regions"
    _parts.head("Regions over time", f"How many posts stood on a region's charts and hot lists each {_GRAIN[grain]}; {shown}, in order of first sight")
    rows = cells[cells["region"].isin(order)].sort_values("region", key=lambda column: column.map(order.index))
    blind = _coverage.unwatched(version, view, cells["platform"].unique())
    step = timedelta(days=1) if grain == "day" else timedelta(hours=6)
    _parts.draw("calendar", version, view, ink, lambda: _charts.calendar(rows, view, step, ink, unwatched=blind),
                f"Posts on lists over time, a row each for {shown}")  # fmt: skip


def _order(version: Version, view: View, cells: pd.DataFrame) -> list[str]:
    """Return the regions with most cells, in order of first sight."""
    most = set(cells.groupby("region")["posts"].sum().sort_values(ascending=False).index[:_ROWS])
    return [code for code in _data.arrivals(version, view)["region"] if code in most]


def _grain(view: View) -> str:
    return "6h" if view.until - view.since <= timedelta(days=4) else "day"


_view = st.session_state["view"]
if isinstance(_view, str):
    _parts.chips(_data.version(), _view)
    _parts.waiting(_data.version(), _view)
else:
    page(_data.version(), _view, st.session_state["ink"])
