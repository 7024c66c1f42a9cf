"""When nobody looked, platform by platform: what pictures hatch and sentences admit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

import pandas as pd

from dashboard import _data
from dashboard._view import View

Span = tuple[pd.Timestamp, pd.Timestamp]
_SELDOM = timedelta(days=1)  # who looks less often than that leaves gaps
_SLACK = 1.7  # times a collector's own rhythm: one look a day leaves 24 hours between looks, and that is no gap


def strip_step(view: View) -> timedelta:
    """Return how wide the marks of a coverage strip are."""
    return view.step


def unwatched(view: View, platforms: Iterable[str]) -> pd.DataFrame:
    """Return the stretches of the view in which no collector of a platform looked: since, until, platform."""
    ledger, gaps = _data.ledger(view), _data.gaps(view)
    blind = {
        str(name): _blind(rows, gaps[gaps["collector"] == name], view) for name, rows in ledger.groupby("collector")
    }
    shown = set(platforms)
    rows = [
        {"since": since, "until": until, "platform": platform}
        for platform in sorted(shown)
        for since, until in _all_of([blind[name] for name in _watchers(platform, shown, blind)])
    ]
    frame = pd.DataFrame(rows, columns=["since", "until", "platform"])
    return frame.astype(dict.fromkeys(("since", "until"), "datetime64[us, UTC]"))


def days_missed(view: View) -> tuple[int, int]:
    """Return on how many days of the view nobody looked at all, and how many days it has."""
    day = timedelta(days=1)
    start = view.since.replace(hour=0, minute=0, second=0, microsecond=0)
    states = _data.strip(view, start, view.until, day)
    looked = states[states["state"].isin(("watched", "partly"))]["start"].nunique()
    total = states["start"].nunique()
    return total - looked, total


def _watchers(platform: str, shown: set[str], blind: dict[str, list[Span]]) -> list[str]:
    """Return the collectors that can bring a platform: its own where it has one, else those that are no platform's own."""
    return [platform] if platform in blind else [name for name in blind if name not in shown] or list(blind)


def _blind(runs: pd.DataFrame, gaps: pd.DataFrame, view: View) -> list[Span]:
    """Return when a collector did not look for much longer than it usually leaves between two looks."""
    since, until = pd.Timestamp(view.since), pd.Timestamp(view.until)
    first, last = runs["first_from"].min(), runs["last_to"].max()
    if pd.isna(first):
        return [(since, until)]
    rhythm = (last - first) / max(int(runs["answered"].sum() + runs["cut_short"].sum()) - 1, 1)
    spans = [(since, first), *zip(gaps["since"], gaps["until"], strict=True), (last, until)]
    inside = ((max(a, since), min(b, until), b - a) for a, b in spans)
    return [(a, b) for a, b, whole in inside if a < b and whole > min(rhythm, _SELDOM) * _SLACK]


def _all_of(lists: Sequence[list[Span]]) -> list[Span]:
    """Return where spans of every list overlap."""
    common = list(lists[0]) if lists else []
    for spans in lists[1:]:
        pairs = ((max(a, c), min(b, d)) for a, b in common for c, d in spans)
        common = [(a, b) for a, b in pairs if a < b]
    return common
