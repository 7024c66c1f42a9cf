"""What pictures are made of: time axes, rows, colours, tooltips, and how layers become a spec.

Times are drawn as the wall clock of the chosen zone, as plain numbers, so the browser's own zone plays no part.
Every layer of a picture shares one X: layers whose scales differ fail in the browser without a word.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import altair as alt
import pandas as pd

from dashboard._theme import Ink
from dashboard._view import View

Picture = tuple[dict[str, Any], dict[str, pd.DataFrame]]
HOUR = 3_600_000.0  # ms
GUTTER = 128  # px for row labels; the same in every picture, so that time axes stand below each other
SMALL = {"labelFontSize": 11.5, "tickSize": 4, "labelPadding": 5}
ROW = {"domain": False, "ticks": False, "grid": False, "labelOverlap": False, "labelLimit": GUTTER - 12, "labelPadding": 8}  # fmt: skip
_TICK_HOURS = (1, 3, 6, 12, 24, 48, 96, 168, 336, 672, 1344, 2688, 8736)
_FONT = "Source Sans, Noto Sans SC, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"


def named(name: str) -> alt.Chart:
    return alt.Chart(alt.NamedData(name=name))


def finish(layers: Sequence[tuple[str, Any]], height: float, ink: Ink, frames: dict[str, pd.DataFrame]) -> Picture:
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


def wall(moment: datetime, view: View) -> float:
    """Return the wall clock of the view's zone, as milliseconds of a clock without zones."""
    return float(pd.Timestamp(moment).tz_convert(view.zone).tz_localize(None).value // 1_000_000)


def time_axis(view: View, *, axis: bool = True) -> Callable[[str], alt.X]:
    """Return the one X that all layers of a picture over time share, for a field's name."""
    left, right = wall(view.since, view), wall(view.until, view)
    return wall_axis(left, right, ticks_between(left, right, most=9), alt.Axis(grid=False, **SMALL) if axis else None)


def wall_axis(left: float, right: float, ticks: list[float], axis: alt.Axis | None) -> Callable[[str], alt.X]:
    """Return an X of wall clocks as plain numbers: layered time scales quarrel with each other in the browser."""
    scale = alt.Scale(domain=[left, right], nice=False, zero=False)
    if axis is not None:
        axis.values, axis.labelBound, axis.labelOverlap = ticks, 8, True
        axis.labelExpr = f"utcFormat(datum.value, '{_clock(ticks)}')"
    return lambda field: alt.X(f"{field}:Q", scale=scale, axis=axis, title=None)


def _clock(ticks: Sequence[float]) -> str:
    """Return the format of tick labels: hours where ticks are no whole days, the year where they span two."""
    if any(tick % (24 * HOUR) for tick in ticks):
        return "%-d %b %H:%M"
    years = {datetime.fromtimestamp(tick / 1000, UTC).year for tick in ticks}
    return "%-d %b %y" if len(years) > 1 else "%-d %b"


def floor(moment: datetime, step: timedelta) -> datetime:
    floor: datetime = pd.Timestamp(moment).floor(step).to_pydatetime()
    return floor


def ticks_between(left: float, right: float, *, most: int) -> list[float]:
    """Return round moments between two wall clocks, at most so many."""
    step = next(
        (hours * HOUR for hours in _TICK_HOURS if (right - left) / (hours * HOUR) <= most), _TICK_HOURS[-1] * HOUR
    )
    first = math.ceil(left / step)
    return [tick * step for tick in range(first, math.floor(right / step) + 1)]


def hatched(name: str, ink: Ink) -> alt.Chart:
    return named(name).mark_rect(
        fill=ink.hatch, fillOpacity=0.72, stroke=ink.muted, strokeDash=[2, 3], strokeWidth=0.7, strokeOpacity=0.7
    )


def category(field: str, names: Sequence[str], ink: Ink, gutter: int = GUTTER) -> alt.Y:
    axis = alt.Axis(
        labelFontSize=12,
        labelColor=ink.text,
        minExtent=gutter,
        maxExtent=gutter,
        **(ROW | {"labelLimit": gutter - 12}),
    )
    return alt.Y(f"{field}:N", sort=list(names), title=None, scale=alt.Scale(paddingInner=0.12), axis=axis)


def tooltips(**fields: str) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in fields.items()]


def spheres(ink: Ink) -> alt.Color:
    colours = dict(ink.spheres)
    return alt.Color("sphere:N", legend=None, scale=alt.Scale(domain=list(colours), range=list(colours.values())))


def amount_colour(values: pd.Series[float], title: str, ink: Ink) -> alt.Color:
    most = max(float(values.max()), 2.0) if values.notna().any() else 2.0
    legend = alt.Legend(
        orient="bottom",
        direction="horizontal",
        gradientLength=180,
        gradientThickness=8,
        tickMinStep=1,
        title=title,
        titleOrient="left",
        format="d",
    )
    return alt.Color("n:Q", scale=alt.Scale(range=list(ink.scale), domain=[1, most]), legend=legend)
