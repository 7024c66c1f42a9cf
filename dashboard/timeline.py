"""Timeline: which platform carried it when, and on which regions' lists it stood."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from dashboard import _charts, _coverage, _data, _names, _parts
from dashboard._text import count, listed
from dashboard._theme import Ink
from dashboard._view import View

_ROWS = 30
_GRAIN = {"hour": "hour", "6h": "six hours", "day": "day"}


def page(view: View, ink: Ink) -> None:
    _parts.chips(view)
    views, posts = _data.increments(view), _data.new_posts(view)
    if views.empty and posts.empty:
        _parts.nothing_left(view)
        return
    _parts.about_regions(view)
    lanes("views", "Spread timeline", f"New known views per {_GRAIN[view.grain]}", views, view, ink)
    lanes("posts", "New in sight", f"Posts first seen per {_GRAIN[view.grain]}", posts, view, ink)
    regions(view, ink)
    lists = {"lists": lambda: _data.on_lists(view, _grain(view))}
    _parts.downloads(view.campaign, {"new views": lambda: views, "new posts": lambda: posts, **lists})


def lanes(value: str, title: str, unit: str, steps: pd.DataFrame, view: View, ink: Ink) -> None:
    """Draw a row a platform over the coverage strip."""
    _parts.head(title, f"{unit}; each platform on its own scale, its highest step beside its name")
    if steps.empty:
        _parts.quiet(_EMPTY[value])
        return
    platforms = sorted(steps["platform"].unique())
    blind = _coverage.unwatched(view, platforms)
    _parts.sphere_key(ink, platforms)
    height = max(62, 170 // len(platforms)) if value == "views" else max(46, 80 // len(platforms))
    says = f"{unit} on {listed([_names.platform(code) for code in platforms])}, a row each"
    _parts.draw(f"lanes_{value}", view, ink,
                lambda: _charts.lanes(steps, view, ink, value=value, height=height, unwatched=blind), says)  # fmt: skip
    _parts.coverage(view, ink, value)


def regions(view: View, ink: Ink) -> None:
    """Draw on which regions' lists the posts stood, a cell a step."""
    grain = _grain(view)
    cells = _data.on_lists(view, grain)
    if cells.empty:
        _parts.head("Regions over time", "Places on charts and hot lists")
        _parts.quiet("No post stood on a list of a region in this range.")
        return
    order, total = _order(view, cells), cells["region"].nunique()
    shown = count(total, "region") if len(order) == total else f"{len(order)} of {total} regions"
    unit = f"How many posts stood on a region's charts and hot lists each {_GRAIN[grain]}"
    _parts.head("Regions over time", f"{unit}; {shown}, in order of first sight")
    rows = cells[cells["region"].isin(order)].sort_values("region", key=lambda column: column.map(order.index))
    blind = _coverage.unwatched(view, cells["platform"].unique())
    step = timedelta(days=1) if grain == "day" else timedelta(hours=6)
    says = f"Posts on lists over time, a row each for {shown}"
    _parts.draw("calendar", view, ink, lambda: _charts.calendar(rows, view, step, ink, unwatched=blind), says)


def _order(view: View, cells: pd.DataFrame) -> list[str]:
    """Return the regions with most cells, in order of first sight."""
    most = set(cells.groupby("region")["posts"].sum().sort_values(ascending=False).index[:_ROWS])
    return [code for code in _data.arrivals(view)["region"] if code in most]


def _grain(view: View) -> str:
    return "6h" if view.until - view.since <= timedelta(days=4) else "day"


_EMPTY = {
    "views": "No count was read twice in this range, so nothing can be said about growth.",
    "posts": "No post came into sight in this range.",
}

_parts.run(page)
