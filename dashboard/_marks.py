"""Rows for pictures: what each mark needs, with the words of its tooltip."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd

from dashboard import _names
from dashboard._axes import wall
from dashboard._text import label_text, minute, short, span
from dashboard._view import View

_NOT_SHOWN = "suppressed (fewer than 5 accounts)"


def amounts(cells: pd.DataFrame) -> dict[str, Any]:
    words = [_NOT_SHOWN if hidden else short(n) for n, hidden in zip(cells["posts"], cells["suppressed"], strict=True)]
    return {"n": cells["posts"].astype("Float64").to_numpy(dtype=float, na_value=float("nan")), "what": words}


def apart(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the cells that are shown and those that are suppressed."""
    return {"cells": frame[frame["n"].notna()], "hidden": frame[frame["n"].isna()].drop(columns="n")}


def lane_order(steps: pd.DataFrame, value: str) -> list[str]:
    totals = steps.groupby("platform")[value].sum().astype(float).sort_values(ascending=False)
    spheres = list(_names.SPHERES)
    return sorted(map(str, totals.index), key=lambda code: (spheres.index(_names.sphere(code)), -totals[code]))


def bars_of(steps: pd.DataFrame, view: View, value: str, place: dict[str, int], tops: Any) -> pd.DataFrame:
    low = steps["platform"].map(place).astype(float)
    share = (steps[value].astype("Float64") / steps["platform"].map(tops.clip(lower=1))).fillna(0).clip(-0.1, 1)
    hidden = steps[value].isna()
    return pd.DataFrame(
        {
            "who": steps["platform"].map(_names.platform),
            "sphere": steps["platform"].map(_names.sphere),
            "a": [wall(max(moment, pd.Timestamp(view.since)), view) for moment in steps["start"]],
            "b": [wall(min(moment + view.step, pd.Timestamp(view.until)), view) for moment in steps["start"]],
            "low": low,
            "high": low + share.astype(float) * 0.84,
            "when": [minute(moment, view.zone) for moment in steps["start"]],
            "what": [_NOT_SHOWN if gone else f"{n:,}" for n, gone in zip(steps[value], hidden, strict=True)],
            "over": [moment + view.step <= pd.Timestamp(view.until) for moment in steps["start"]],
            "suppressed": hidden.to_numpy(),
        }
    )


def outline(bars: pd.DataFrame) -> pd.DataFrame:
    """Return the corners of the bars, a run for bars that touch: one shape each has no seams between its steps."""
    rows = bars.sort_values(["low", "a"])
    run = ((rows["a"] != rows["b"].shift()) | (rows["low"] != rows["low"].shift())).cumsum()
    rows = rows.assign(run=run)[["a", "b", "low", "high", "sphere", "run"]]
    ends = rows.groupby("run").tail(1)
    return pd.concat([rows, ends.assign(a=ends["b"])]).sort_values(["run", "a"], kind="stable").drop(columns="b")


def boxes(unwatched: pd.DataFrame, view: View, place: dict[str, int]) -> pd.DataFrame:
    """Return the unwatched stretches of these platforms; of all of them, once each, where no places are given."""
    inside = unwatched[unwatched["platform"].isin(place)] if place else unwatched.drop_duplicates(["since", "until"])
    low = inside["platform"].map(place).astype(float)
    words = [
        f"{minute(a, view.zone)} to {minute(b, view.zone)}"
        for a, b in zip(inside["since"], inside["until"], strict=True)
    ]
    return pd.DataFrame(
        {
            "who": inside["platform"].map(_names.platform),
            "a": [wall(moment, view) for moment in inside["since"]],
            "b": [wall(moment, view) for moment in inside["until"]],
            "low": low,
            "high": low + 0.84,
            "what": words,
        }
    )


def stretches(states: pd.DataFrame, view: View, step: timedelta) -> pd.DataFrame:
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
            "a": [wall(max(moment, pd.Timestamp(view.since)), view) for moment in runs["since"]],
            "b": [wall(moment, view) for moment in ends],
            "when": [minute(moment, view.zone) for moment in runs["since"]],
            "till": [minute(moment, view.zone) for moment in ends],
        }
    )


def stairs(rows: pd.DataFrame, view: View) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": [label_text(name) for name in rows["name"]],
            "who": rows["platform"].map(_names.platform),
            "sphere": rows["platform"].map(_names.sphere),
            "t": [wall(moment, view) for moment in rows["first_seen_at"]],
            "a": [
                wall(seen if pd.isna(early) else early, view)
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
