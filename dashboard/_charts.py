"""The pictures: each builds a Vega-Lite spec with named frames, which the page keeps and sends as they are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import altair as alt
import pandas as pd

from dashboard import _names
from dashboard._axes import (
    GUTTER,
    HOUR,
    ROW,
    Picture,
    amount_colour,
    category,
    finish,
    floor,
    hatched,
    named,
    spheres,
    ticks_between,
    time_axis,
    tooltips,
    wall,
    wall_axis,
)
from dashboard._marks import amounts, apart, bars_of, boxes, lane_order, outline, stairs, stretches
from dashboard._text import listed, minute, short
from dashboard._theme import Ink
from dashboard._view import View

WIDE_GUTTER = 214  # px for titles


def lanes(steps: pd.DataFrame, view: View, ink: Ink, *, value: str, height: int, unwatched: pd.DataFrame) -> Picture:
    """Draw a row a platform, each on its own scale: what came in each step. ``unwatched`` is since, until, platform."""
    order = lane_order(steps, value)
    place = {code: len(order) - 1 - row for row, code in enumerate(order)}
    tops = steps.groupby("platform")[value].max().reindex(order).astype("Float64")  # NA: all its steps are suppressed
    bars = bars_of(steps, view, value, place, tops)
    y, x = _lane_axis(order, place, tops, view, ink), time_axis(view)
    floors = pd.DataFrame({"a": wall(view.since, view), "b": wall(view.until, view), "low": list(place.values())})
    frames = {
        "floors": floors,
        "gaps": boxes(unwatched, view, place),
        "whole": outline(bars[~bars["suppressed"] & bars["over"]]),
        "last": bars[~bars["suppressed"] & ~bars["over"]].drop(columns=["suppressed", "over"]),  # it still grows
        "bars": bars[~bars["suppressed"]].drop(columns=["suppressed", "over", "sphere"]),
        "hidden": bars[bars["suppressed"]].drop(columns=["suppressed", "over"]),
    }
    tips = tooltips(who="platform", when="from", what=value)
    gap_tips = tooltips(who="platform", what="nobody looked")
    gaps = ("gaps", hatched("gaps", ink).encode(x=x("a"), x2="b:Q", y=y, y2="high:Q", tooltip=gap_tips))
    area = {"x": x("a"), "y": y, "y2": "high:Q", "color": spheres(ink)}
    drawn = [
        ("whole", named("whole").mark_area(interpolate="step-after").encode(**area, detail="run:N")),
        ("last", named("last").mark_rect(opacity=0.45).encode(**area, x2="b:Q")),
        ("bars", named("bars").mark_rect(opacity=0).encode(x=x("a"), x2="b:Q", y=y, y2="high:Q", tooltip=tips)),
        (
            "hidden",
            named("hidden").mark_point(size=12, filled=True, color=ink.muted).encode(x=x("a"), y=y, tooltip=tips),
        ),
    ]
    floor_line = ("floors", named("floors").mark_rule(color=ink.faint).encode(x=x("a"), x2="b:Q", y=y))
    # growth inside a gap is spread between two readings, so the gap lies over it; a post was seen, so it lies over the gap
    layers = [floor_line, *drawn, gaps] if value == "views" else [floor_line, gaps, *drawn]
    return finish(layers, height * len(order) + 34, ink, frames)


def strip(states: pd.DataFrame, view: View, step: timedelta, ink: Ink, *, tall: bool = False) -> Picture:
    """Draw what each collector watched: pale where nobody looked, colour where it was refused or broke."""
    names = sorted(states["collector"].unique())
    x, thick = time_axis(view, axis=tall), 18 if tall else 9
    axis = alt.Axis(
        labelFontSize=12 if tall else 11.5,
        labelColor=ink.text if tall else ink.muted,
        minExtent=GUTTER,
        maxExtent=GUTTER,
        **ROW,
    )
    y = alt.Y("who:N", sort=names, title=None, axis=axis)
    kinds = dict(ink.states)
    colour = alt.Color("state:N", legend=None, scale=alt.Scale(domain=list(kinds), range=list(kinds.values())))
    tips = tooltips(who="collector", what="was", when="from", till="to")
    frames = {
        "tracks": pd.DataFrame({"who": names, "a": wall(view.since, view), "b": wall(view.until, view)}),
        "seen": stretches(states[states["state"] != "not_watched"], view, step),
    }
    layers = [
        (
            "tracks",
            named("tracks").mark_bar(height=thick, cornerRadius=2, color=ink.track).encode(x=x("a"), x2="b:Q", y=y),
        ),
        ("seen", named("seen").mark_bar(height=thick).encode(x=x("a"), x2="b:Q", y=y, color=colour, tooltip=tips)),
    ]
    return finish(layers, (thick + 11) * len(names) + (38 if tall else 10), ink, frames)


def staircase(rows: pd.DataFrame, view: View, ink: Ink) -> Picture:
    """Draw a step a region in order of arrival: the dot is our first sight, the bar how much earlier it can have been.

    ``rows``: name, platform, first_seen_at, earliest_at (NaT: nothing bounds it), note, first_look.
    """
    marks = stairs(rows, view)
    left, right = min(marks["a"]), max(marks["t"])
    whole = max(right - left, 12 * HOUR)
    axis = alt.Axis(orient="top", gridDash=[2, 3], gridColor=ink.faint, domain=False, ticks=False, labelFontSize=11.5)
    x = wall_axis(left - whole * 0.78, right + whole * 0.07, ticks_between(left, right, most=3) or [right], axis)
    y = alt.Y("name:N", sort=list(marks["name"]), title=None, axis=None)
    tips = tooltips(name="region", what="first seen", till="cannot have been before", who="on", note="so far")
    frames = {"steps": marks, "sure": marks[~marks["first_look"]], "open": marks[marks["first_look"]]}
    layers = [
        (
            "steps",
            named("steps").mark_rule(strokeWidth=3, opacity=0.32).encode(x=x("a"), x2="t:Q", y=y, color=spheres(ink)),
        ),
        (
            "sure",
            named("sure")
            .mark_point(filled=True, size=64, opacity=1)
            .encode(x=x("t"), y=y, color=spheres(ink), tooltip=tips),
        ),
        (
            "open",
            named("open")
            .mark_point(filled=False, size=58, strokeWidth=1.8, opacity=1)
            .encode(x=x("t"), y=y, color=spheres(ink), tooltip=tips),
        ),
        (
            "steps",
            named("steps")
            .mark_text(align="right", dx=-10, fontSize=12, color=ink.text)
            .encode(x=x("a"), y=y, text="name:N"),
        ),
    ]
    return finish(
        layers, 21 * len(marks) + 34, ink, {name: frame.drop(columns="first_look") for name, frame in frames.items()}
    )


def calendar(cells: pd.DataFrame, view: View, step: timedelta, ink: Ink, *, unwatched: pd.DataFrame) -> Picture:
    """Draw a row a region and a cell a step: how many posts stood on its lists. ``cells`` come in the order of rows."""
    names = [_names.region(code) for code in cells["region"].drop_duplicates()]
    view = replace(view, since=floor(view.since, step), until=floor(view.until, step) + step)
    x = time_axis(view)
    y = category("who", names, ink)
    frame = pd.DataFrame(
        {
            "who": [_names.region(code) for code in cells["region"]],
            "a": [wall(moment, view) for moment in cells["start"]],
            "b": [wall(moment + step * 0.95, view) for moment in cells["start"]],
            "when": [minute(moment, view.zone) for moment in cells["start"]],
            "rank": [short(rank) for rank in cells["best_rank"]],
            **amounts(cells),
        }
    )
    tips = tooltips(who="region", when="from", what="posts on its lists", rank="best place")
    drawn = {
        "cells": named("cells")
        .mark_rect(cornerRadius=1.5)
        .encode(x=x("a"), x2="b:Q", y=y, color=amount_colour(frame["n"], "posts on lists", ink), tooltip=tips),
        "hidden": named("hidden").mark_point(size=10, filled=True, color=ink.muted).encode(x=x("a"), y=y, tooltip=tips),
        "gaps": hatched("gaps", ink).encode(x=x("a"), x2="b:Q", tooltip=tooltips(what="nobody looked")),
    }
    blank = unwatched.assign(since=unwatched["since"].dt.ceil(step), until=unwatched["until"].dt.floor(step))
    gaps = boxes(blank[blank["since"] < blank["until"]], view, {})
    frames = apart(frame) | {"gaps": gaps.drop(columns=["who", "low", "high"])}
    return finish(list(drawn.items()), 19 * len(names) + 96, ink, frames)


def table(cells: pd.DataFrame, ink: Ink, *, columns: Sequence[str], amount: str, headed: bool = True) -> Picture:
    """Draw cells of rows by regions: row, region, posts, suppressed; ``amount`` says what ``posts`` counts.

    The rows come in the order of the frame. ``columns`` are codes in order of arrival. The picture keeps its own width,
    so that tables of the same columns stand below each other; a table without heads belongs to the one above.
    """
    names = [_names.region(code) for code in columns]
    frame = pd.DataFrame(
        {"row": list(cells["row"]), "col": [_names.region(code) for code in cells["region"]], **amounts(cells)}
    )
    rows = list(dict.fromkeys(frame["row"]))
    heads = alt.Axis(
        orient="top",
        labelAngle=-60,
        labelFontSize=11.5,
        labelLimit=130,
        domain=False,
        ticks=False,
        labelOverlap=False,
        labelColor=ink.text,
    )
    x = alt.X("col:N", title=None, scale=alt.Scale(domain=names, paddingInner=0.08), axis=heads if headed else None)
    y, tips = category("row", rows, ink, WIDE_GUTTER), tooltips(row="what", col="region", what=amount)
    drawn = {
        "cells": named("cells")
        .mark_rect(cornerRadius=2)
        .encode(x=x, y=y, color=amount_colour(frame["n"], amount, ink), tooltip=tips),
        "hidden": named("hidden").mark_point(size=10, filled=True, color=ink.muted).encode(x=x, y=y, tooltip=tips),
    }
    spec, frames = finish(list(drawn.items()), 22 * len(rows), ink, apart(frame))
    return spec | {"width": 22 * len(names), "autosize": {"type": "pad"}}, frames


def _top(top: Any, unit: str) -> str:
    return "suppressed" if pd.isna(top) else f"top {short(top)} / {unit}"


def _lane_axis(order: list[str], place: dict[str, int], tops: Any, view: View, ink: Ink) -> alt.Y:
    unit = {"hour": "hour", "6h": "6 hours", "day": "day"}[view.grain]
    words = {str(place[code]): [_names.platform(code), _top(tops[code], unit)] for code in order}
    axis = alt.Axis(values=sorted(place.values()), labelExpr=f"({json.dumps(words)})[datum.value]", labelColor=ink.text, labelFontSize=12,
                    labelLineHeight=15, labelBaseline="bottom", labelOffset=-15, minExtent=GUTTER, maxExtent=GUTTER, **ROW)  # fmt: skip
    return alt.Y("low:Q", title=None, scale=alt.Scale(domain=[-0.12, len(order) - 0.05], nice=False), axis=axis)


def in_words(rows: pd.DataFrame) -> str:
    """Say in words what the staircase shows."""
    return "Regions in order of first sight: " + listed([str(name) for name in rows["name"]], 12)
