"""The pictures: each builds a Vega-Lite spec with named frames, which the page keeps and sends as they are.

Times are drawn as the wall clock of the chosen zone, as plain numbers, so the browser's own zone plays no part.
Every layer of a picture shares one X: layers whose scales differ fail in the browser without a word.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import altair as alt
import pandas as pd

from dashboard import _names
from dashboard._text import label_text, listed, minute, short, span
from dashboard._theme import Ink
from dashboard._view import View

Picture = tuple[dict[str, Any], dict[str, pd.DataFrame]]
_HOUR = 3_600_000.0  # ms
_TICK_HOURS = (1, 3, 6, 12, 24, 48, 96, 168, 336, 672, 1344, 2688, 8736)
WIDE_GUTTER = 236
GUTTER = 128  # px for row labels; the same in every picture, so that time axes stand below each other
_SMALL = {"labelFontSize": 11.5, "tickSize": 4, "labelPadding": 5}
_ROW = {"domain": False, "ticks": False, "grid": False, "labelOverlap": False, "labelLimit": GUTTER - 12, "labelPadding": 8}
_FONT = "Source Sans, Noto Sans SC, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
_WHOLE = alt.Opacity("shade:Q", legend=None, scale=None)
_NOT_SHOWN = "suppressed (fewer than 5 accounts)"


def lanes(steps: pd.DataFrame, view: View, ink: Ink, *, value: str, height: int, unwatched: pd.DataFrame) -> Picture:
    """Draw a row a platform, each on its own scale: what came in each step. ``unwatched`` is since, until, platform."""
    order = _lane_order(steps, value)
    place = {code: len(order) - 1 - row for row, code in enumerate(order)}
    tops = steps.groupby("platform")[value].max().reindex(order).astype("Float64").clip(lower=1).fillna(1.0)
    bars = _bars(steps, view, value, place, tops)
    y, x = _lane_axis(order, place, tops, view, ink), _time(view)
    floors = pd.DataFrame({"a": _wall(view.since, view), "b": _wall(view.until, view), "low": list(place.values())})
    frames = {
        "floors": floors,
        "gaps": _boxes(unwatched, view, place),
        "bars": bars[~bars["suppressed"]].drop(columns="suppressed"),
        "hidden": bars[bars["suppressed"]].drop(columns="suppressed"),
    }
    tips = _tips(who="platform", when="from", what=value)
    layers = [
        ("floors", _named("floors").mark_rule(color=ink.faint).encode(x=x("a"), x2="b:Q", y=y)),
        ("bars", _named("bars").mark_rect().encode(x=x("a"), x2="b:Q", y=y, y2="high:Q", color=_spheres(ink), opacity=_WHOLE, tooltip=tips)),
        ("hidden", _named("hidden").mark_point(size=12, filled=True, color=ink.muted).encode(x=x("a"), y=y, tooltip=tips)),
        ("gaps", _hatched("gaps", ink).encode(x=x("a"), x2="b:Q", y=y, y2="high:Q", tooltip=_tips(who="platform", what="nobody looked"))),
    ]
    return _finish(layers, height * len(order) + 34, ink, frames)


def strip(states: pd.DataFrame, view: View, step: timedelta, ink: Ink, *, tall: bool = False) -> Picture:
    """Draw what each collector watched: pale where nobody looked, colour where it was refused or broke."""
    names = sorted(states["collector"].unique())
    x, thick = _time(view, axis=tall), 18 if tall else 9
    axis = alt.Axis(labelFontSize=12 if tall else 11.5, labelColor=ink.text if tall else ink.muted, minExtent=GUTTER, maxExtent=GUTTER, **_ROW)
    y = alt.Y("who:N", sort=names, title=None, axis=axis)
    kinds = dict(ink.states)
    colour = alt.Color("state:N", legend=None, scale=alt.Scale(domain=list(kinds), range=list(kinds.values())))
    tips = _tips(who="collector", what="was", when="from", till="to")
    frames = {
        "tracks": pd.DataFrame({"who": names, "a": _wall(view.since, view), "b": _wall(view.until, view)}),
        "seen": _stretches(states[states["state"] != "not_watched"], view, step),
    }
    layers = [
        ("tracks", _named("tracks").mark_bar(height=thick, cornerRadius=2, color=ink.track).encode(x=x("a"), x2="b:Q", y=y)),
        ("seen", _named("seen").mark_bar(height=thick).encode(x=x("a"), x2="b:Q", y=y, color=colour, tooltip=tips)),
    ]
    return _finish(layers, (thick + 11) * len(names) + (38 if tall else 10), ink, frames)


def staircase(rows: pd.DataFrame, view: View, ink: Ink) -> Picture:
    """Draw a step a region in order of arrival: the dot is our first sight, the bar how much earlier it can have been.

    ``rows``: name, platform, first_seen_at, earliest_at (NaT: nothing bounds it), note, first_look.
    """
    marks = _marks(rows, view)
    left, right = min(marks["a"]), max(marks["t"])
    whole = max(right - left, 12 * _HOUR)
    axis = alt.Axis(orient="top", gridDash=[2, 3], gridColor=ink.faint, domain=False, ticks=False, labelFontSize=11.5)
    x = _axis(left - whole * 0.78, right + whole * 0.07, _ticks(left, right, most=3), axis)
    y = alt.Y("name:N", sort=list(marks["name"]), title=None, axis=None)
    tips = _tips(name="region", what="first seen", till="cannot have been before", who="on", note="so far")
    frames = {"steps": marks, "sure": marks[~marks["first_look"]], "open": marks[marks["first_look"]]}
    layers = [
        ("steps", _named("steps").mark_rule(strokeWidth=3, opacity=0.32).encode(x=x("a"), x2="t:Q", y=y, color=_spheres(ink))),
        ("sure", _named("sure").mark_point(filled=True, size=64, opacity=1).encode(x=x("t"), y=y, color=_spheres(ink), tooltip=tips)),
        ("open", _named("open").mark_point(filled=False, size=58, strokeWidth=1.8, opacity=1).encode(x=x("t"), y=y, color=_spheres(ink), tooltip=tips)),
        ("steps", _named("steps").mark_text(align="right", dx=-10, fontSize=12, color=ink.text).encode(x=x("a"), y=y, text="name:N")),
    ]
    return _finish(layers, 21 * len(marks) + 34, ink, {name: frame.drop(columns="first_look") for name, frame in frames.items()})


def calendar(cells: pd.DataFrame, view: View, step: timedelta, ink: Ink, *, unwatched: pd.DataFrame) -> Picture:
    """Draw a row a region and a cell a step: how many posts stood on its lists. ``cells`` come in the order of rows."""
    names = [_names.region(code) for code in cells["region"].drop_duplicates()]
    view = replace(view, since=_floor(view.since, step), until=_floor(view.until, step) + step)
    x = _time(view)
    y = _category("who", names, ink)
    frame = pd.DataFrame(
        {
            "who": [_names.region(code) for code in cells["region"]],
            "a": [_wall(moment, view) for moment in cells["start"]],
            "b": [_wall(moment + step * 0.95, view) for moment in cells["start"]],
            "when": [minute(moment, view.zone) for moment in cells["start"]],
            "rank": [short(rank) for rank in cells["best_rank"]],
            **_amounts(cells),
        }
    )
    tips = _tips(who="region", when="from", what="posts on its lists", rank="best place")
    drawn = {
        "cells": _named("cells").mark_rect(cornerRadius=1.5).encode(x=x("a"), x2="b:Q", y=y, color=_amount(frame["n"], "posts on lists", ink), tooltip=tips),
        "hidden": _named("hidden").mark_point(size=10, filled=True, color=ink.muted).encode(x=x("a"), y=y, tooltip=tips),
        "gaps": _hatched("gaps", ink).encode(x=x("a"), x2="b:Q", tooltip=_tips(what="nobody looked")),
    }
    blank = unwatched.assign(since=unwatched["since"].dt.ceil(step), until=unwatched["until"].dt.floor(step))
    gaps = _boxes(blank[blank["since"] < blank["until"]], view, {})
    frames = _apart(frame) | {"gaps": gaps.drop(columns=["who", "low", "high"])}
    return _finish(list(drawn.items()), 19 * len(names) + 96, ink, frames)


def table(cells: pd.DataFrame, ink: Ink, *, columns: Sequence[str], amount: str, headed: bool = True) -> Picture:
    """Draw cells of rows by regions: row, region, posts, suppressed; ``amount`` says what ``posts`` counts.

    The rows come in the order of the frame. ``columns`` are codes in order of arrival. The picture keeps its own width,
    so that tables of the same columns stand below each other; a table without heads belongs to the one above.
    """
    names = [_names.region(code) for code in columns]
    frame = pd.DataFrame({"row": list(cells["row"]), "col": [_names.region(code) for code in cells["region"]], **_amounts(cells)})
    rows = list(dict.fromkeys(frame["row"]))
    heads = alt.Axis(orient="top", labelAngle=-60, labelFontSize=11.5, labelLimit=130, domain=False, ticks=False, labelOverlap=False, labelColor=ink.text)
    x = alt.X("col:N", title=None, scale=alt.Scale(domain=names, paddingInner=0.08), axis=heads if headed else None)
    y, tips = _category("row", rows, ink, WIDE_GUTTER), _tips(row="what", col="region", what=amount)
    drawn = {
        "cells": _named("cells").mark_rect(cornerRadius=2).encode(x=x, y=y, color=_amount(frame["n"], amount, ink), tooltip=tips),
        "hidden": _named("hidden").mark_point(size=10, filled=True, color=ink.muted).encode(x=x, y=y, tooltip=tips),
    }
    spec, frames = _finish(list(drawn.items()), 22 * len(rows), ink, _apart(frame))
    return spec | {"width": 22 * len(names), "autosize": {"type": "pad"}}, frames


def _named(name: str) -> alt.Chart:
    return alt.Chart(alt.NamedData(name=name))


def _finish(layers: Sequence[tuple[str, Any]], height: float, ink: Ink, frames: dict[str, pd.DataFrame]) -> Picture:
    """Put layers together, each named after its frame; a layer without rows would only make the browser complain."""
    drawn = [(name, layer) for name, layer in layers if len(frames[name])]
    chart = alt.layer(*(layer for _, layer in drawn)).properties(height=height, width="container")
    styled = (
        chart.configure(font=_FONT, padding={"left": 2, "right": 6, "top": 4, "bottom": 2})
        .configure_view(strokeWidth=0)
        .configure_axis(gridColor=ink.faint, domainColor=ink.faint, tickColor=ink.faint, labelColor=ink.muted)
        .configure_legend(labelFontSize=11.5, labelColor=ink.muted, titleColor=ink.muted, titleFontWeight="normal")
    )
    return styled.to_dict(validate=False), {name: frames[name].reset_index(drop=True) for name, _ in drawn}


def _wall(moment: datetime, view: View) -> float:
    """Return the wall clock of the view's zone, as milliseconds of a clock without zones."""
    return float(pd.Timestamp(moment).tz_convert(view.zone).tz_localize(None).value // 1_000_000)


def _time(view: View, *, axis: bool = True) -> Callable[[str], alt.X]:
    """Return the one X that all layers of a picture over time share, for a field's name."""
    left, right = _wall(view.since, view), _wall(view.until, view)
    return _axis(left, right, _ticks(left, right, most=9), alt.Axis(grid=False, **_SMALL) if axis else None)


def _axis(left: float, right: float, ticks: list[float], axis: alt.Axis | None) -> Callable[[str], alt.X]:
    """Return an X of wall clocks as plain numbers: layered time scales quarrel with each other in the browser."""
    scale = alt.Scale(domain=[left, right], nice=False, zero=False)
    if axis is not None:
        axis.values, axis.labelBound, axis.labelOverlap = ticks, 8, True
        axis.labelExpr = f"utcFormat(datum.value, '{_clock(ticks)}')"
    return lambda field: alt.X(f"{field}:Q", scale=scale, axis=axis, title=None)


def _clock(ticks: Sequence[float]) -> str:
    """Return the format of tick labels: hours where ticks are no whole days, the year where they span two."""
    if any(tick % (24 * _HOUR) for tick in ticks):
        return "%-d %b %H:%M"
    years = {datetime.fromtimestamp(tick / 1000, UTC).year for tick in ticks}
    return "%-d %b %y" if len(years) > 1 else "%-d %b"


def _floor(moment: datetime, step: timedelta) -> datetime:
    floor: datetime = pd.Timestamp(moment).floor(step).to_pydatetime()
    return floor


def _ticks(left: float, right: float, *, most: int) -> list[float]:
    """Return round moments between two wall clocks, at most so many."""
    step = next((hours * _HOUR for hours in _TICK_HOURS if (right - left) / (hours * _HOUR) <= most), _TICK_HOURS[-1] * _HOUR)
    first = math.ceil(left / step)
    return [tick * step for tick in range(first, math.floor(right / step) + 1)]


def _hatched(name: str, ink: Ink) -> alt.Chart:
    return _named(name).mark_rect(fill=ink.hatch, fillOpacity=0.72, stroke=ink.muted, strokeDash=[2, 3], strokeWidth=0.7, strokeOpacity=0.7)


def _category(field: str, names: Sequence[str], ink: Ink, gutter: int = GUTTER) -> alt.Y:
    axis = alt.Axis(labelFontSize=12, labelColor=ink.text, minExtent=gutter, maxExtent=gutter, **(_ROW | {"labelLimit": gutter - 12}))
    return alt.Y(f"{field}:N", sort=list(names), title=None, scale=alt.Scale(paddingInner=0.12), axis=axis)


def _amounts(cells: pd.DataFrame) -> dict[str, Any]:
    words = [_NOT_SHOWN if hidden else short(n) for n, hidden in zip(cells["posts"], cells["suppressed"], strict=True)]
    return {"n": cells["posts"].astype("Float64").to_numpy(dtype=float, na_value=float("nan")), "what": words}


def _apart(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the cells that are shown and those that are suppressed."""
    return {"cells": frame[frame["n"].notna()], "hidden": frame[frame["n"].isna()].drop(columns="n")}


def _tips(**fields: str) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in fields.items()]


def _spheres(ink: Ink) -> alt.Color:
    colours = dict(ink.spheres)
    return alt.Color("sphere:N", legend=None, scale=alt.Scale(domain=list(colours), range=list(colours.values())))


def _amount(values: pd.Series[float], title: str, ink: Ink) -> alt.Color:
    most = max(float(values.max()), 2.0) if values.notna().any() else 2.0
    legend = alt.Legend(orient="bottom", direction="horizontal", gradientLength=180, gradientThickness=8, tickMinStep=1, title=title, titleOrient="left", format="d")
    return alt.Color("n:Q", scale=alt.Scale(range=list(ink.scale), domain=[1, most]), legend=legend)


def _lane_order(steps: pd.DataFrame, value: str) -> list[str]:
    totals = steps.groupby("platform")[value].sum().astype(float).sort_values(ascending=False)
    spheres = list(_names.SPHERES)
    return sorted(map(str, totals.index), key=lambda code: (spheres.index(_names.sphere(code)), -totals[code]))


def _bars(steps: pd.DataFrame, view: View, value: str, place: dict[str, int], tops: Any) -> pd.DataFrame:
    low = steps["platform"].map(place).astype(float)
    share = (steps[value].astype("Float64") / steps["platform"].map(tops)).fillna(0).clip(-0.1, 1)
    hidden = steps[value].isna()
    return pd.DataFrame(
        {
            "who": steps["platform"].map(_names.platform),
            "sphere": steps["platform"].map(_names.sphere),
            "a": [_wall(max(moment, pd.Timestamp(view.since)), view) for moment in steps["start"]],
            "b": [_wall(min(moment + view.step * 1.12, pd.Timestamp(view.until)), view) for moment in steps["start"]],
            "low": low,
            "high": low + share.astype(float) * 0.84,
            "when": [minute(moment, view.zone) for moment in steps["start"]],
            "what": [_NOT_SHOWN if gone else f"{n:,}" for n, gone in zip(steps[value], hidden, strict=True)],
            "shade": [1.0 if moment + view.step <= pd.Timestamp(view.until) else 0.45 for moment in steps["start"]],  # the last still grows
            "suppressed": hidden.to_numpy(),
        }
    )


def _lane_axis(order: list[str], place: dict[str, int], tops: Any, view: View, ink: Ink) -> alt.Y:
    unit = {"hour": "hour", "6h": "6 hours", "day": "day"}[view.grain]
    words = {str(place[code]): [_names.platform(code), f"top {short(tops[code])} / {unit}"] for code in order}
    axis = alt.Axis(values=sorted(place.values()), labelExpr=f"({json.dumps(words)})[datum.value]", labelColor=ink.text, labelFontSize=12,
                    labelLineHeight=15, labelBaseline="bottom", labelOffset=-15, minExtent=GUTTER, maxExtent=GUTTER, **_ROW)  # fmt: skip
    return alt.Y("low:Q", title=None, scale=alt.Scale(domain=[-0.12, len(order) - 0.05], nice=False), axis=axis)


def _boxes(unwatched: pd.DataFrame, view: View, place: dict[str, int]) -> pd.DataFrame:
    """Return the unwatched stretches of these platforms; of all of them, once each, where no places are given."""
    inside = unwatched[unwatched["platform"].isin(place)] if place else unwatched.drop_duplicates(["since", "until"])
    low = inside["platform"].map(place).astype(float)
    words = [f"{minute(a, view.zone)} to {minute(b, view.zone)}" for a, b in zip(inside["since"], inside["until"], strict=True)]
    return pd.DataFrame(
        {
            "who": inside["platform"].map(_names.platform),
            "a": [_wall(moment, view) for moment in inside["since"]],
            "b": [_wall(moment, view) for moment in inside["until"]],
            "low": low,
            "high": low + 0.84,
            "what": words,
        }
    )


def _stretches(states: pd.DataFrame, view: View, step: timedelta) -> pd.DataFrame:
    """Return one row for each run of equal states that follow each other."""
    rows = states.sort_values(["collector", "start"])
    before = rows.groupby("collector")
    new = (before["state"].shift() != rows["state"]) | (before["start"].diff() != step)
    grouped = rows.groupby([rows["collector"], new.cumsum()], sort=False)
    runs = grouped.agg(state=("state", "first"), since=("start", "min"), until=("start", "max")).reset_index(level=0)
    ends = [min(moment + step, pd.Timestamp(view.until)) for moment in runs["until"]]
    return pd.DataFrame(
        {
            "who": runs["collector"],
            "state": runs["state"],
            "what": runs["state"].str.replace("_", " "),
            "a": [_wall(max(moment, pd.Timestamp(view.since)), view) for moment in runs["since"]],
            "b": [_wall(moment, view) for moment in ends],
            "when": [minute(moment, view.zone) for moment in runs["since"]],
            "till": [minute(moment, view.zone) for moment in ends],
        }
    )


def _marks(rows: pd.DataFrame, view: View) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": [label_text(name) for name in rows["name"]],
            "who": rows["platform"].map(_names.platform),
            "sphere": rows["platform"].map(_names.sphere),
            "t": [_wall(moment, view) for moment in rows["first_seen_at"]],
            "a": [
                _wall(seen if pd.isna(early) else early, view)
                for seen, early in zip(rows["first_seen_at"], rows["earliest_at"], strict=True)
            ],
            "what": [minute(moment, view.zone) for moment in rows["first_seen_at"]],
            "till": [
                "nothing bounds it: our first look" if pd.isna(early) else f"{minute(early, view.zone)} ({span(seen - early)} earlier)"
                for seen, early in zip(rows["first_seen_at"], rows["earliest_at"], strict=True)
            ],
            "note": list(rows["note"]),
            "first_look": rows["first_look"].astype(bool).to_numpy(),
        }
    )  # fmt: skip


def alt_regions(rows: pd.DataFrame) -> str:
    """Say in words what the staircase shows."""
    return "Regions in order of first sight: " + listed([str(name) for name in rows["name"]], 12)
