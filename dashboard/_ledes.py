"""Sentences that state a finding with its interval and what it rests on. Plain words, no adjectives."""

from __future__ import annotations

import html
from typing import Any

import pandas as pd

from dashboard import _coverage, _data, _names
from dashboard._text import count, day, listed, number, plain
from dashboard._view import View


def reached(view: View) -> tuple[str, str]:
    """Return the overview's sentence and what it rests on, as HTML."""
    counts, arrivals = _data.counts(view), _data.arrivals(view)
    posts = counts[counts["metric"] == "posts"]
    total = posts["value"].sum(min_count=1)
    what = f"<b>{count(int(total), 'post')}</b>" if not pd.isna(total) else "Posts (not shown: fewer than 5 accounts)"
    where = f", in <b>{count(len(arrivals), 'region')}</b>" if len(arrivals) else ""
    since, until = day(view.since, view.zone), day(view.until, view.zone)
    sentence = f"{what} on <b>{_platforms(posts)}</b>{_hidden(posts)}{where} by {until}. {_views(view, counts)}"
    missed, days = _coverage.days_missed(view)
    watched = f"On {missed} of {count(days, 'day')} from {since} nobody looked; counts are lower bounds." if missed else \
        f"Somebody looked on each of {count(days, 'day')} from {since}."  # fmt: skip
    return sentence, f"{_basis(view, counts)} {watched}"


def interval(row: Any) -> str:
    """Return the bounds of a count in words: exact as shown, between two numbers, or a lower bound."""
    if row["suppressed"] and pd.isna(row["value"]):
        return "suppressed (fewer than 5 accounts)"
    if pd.isna(row["value"]):
        return "unknown"
    if row["suppressed"] or pd.isna(row["high"]):
        return f"at least {number(row['low'])}"
    return "as shown" if row["low"] == row["high"] else f"between {number(row['low'])} and {number(row['high'])}"


def views_of(counts: pd.DataFrame, most: int = 3) -> list[dict[str, Any]]:
    """Return the rows of known views of the platforms with most, unknown ones last."""
    rows = counts[counts["metric"] == "known_views"].copy()
    rows["platform"] = rows["platform"] if "platform" in rows else [keys["platform"] for keys in rows["keys"]]
    top = rows.sort_values("value", ascending=False, na_position="last").head(most)
    return [{str(name): value for name, value in row.items()} for row in top.to_dict("records")]


def new_views(view: View, platform: str) -> Any:
    """Return the new known views of a platform in the range, NA where none is shown."""
    steps = _data.increments(view)
    return steps[steps["platform"] == platform]["views"].sum(min_count=1)


def _name(code: str) -> str:
    return html.escape(plain(_names.platform(code)))


def _platforms(posts: pd.DataFrame) -> str:
    shown = posts.dropna(subset="value").sort_values("value", ascending=False)
    return listed([_name(code) for code in (shown if len(shown) else posts)["platform"]])


def _hidden(posts: pd.DataFrame) -> str:
    """Say of which platforms the posts are not among those counted."""
    names = [_name(code) for code in posts[posts["value"].isna()]["platform"]]
    return f" ({listed(names)}: suppressed, fewer than 5 accounts)" if names and len(names) < len(posts) else ""


def _views(view: View, counts: pd.DataFrame) -> str:
    parts = []
    for row in views_of(counts):
        name = _name(row["platform"])
        if pd.isna(row["value"]):
            parts.append(f"{name} {interval(row)}")
            continue
        new = new_views(view, row["platform"])
        fresh = (
            f", {number(new)} of them new since {day(view.since, view.zone)}" if not pd.isna(new) and new > 0 else ""
        )
        parts.append(f"{name} <b>{number(row['value'])}</b> ({interval(row)}{fresh})")
    return f"Known views: {'; '.join(parts)}." if parts else ""


def _basis(view: View, counts: pd.DataFrame) -> str:
    known = _data.headline(view, view.known_at)
    shown = ", ".join(f"{_name(row['platform'])}: {html.escape(row['rests_on'])}" for row in views_of(counts))
    return f"Rests on {known['readings']['value']:,} {known['readings']['rests_on']}. {shown}."


def last_day(view: View) -> list[str]:
    """Return what is new in the last 24 hours of the view: a sentence a matter, also where there is nothing."""
    day_view = _day(view)
    states = _data.strip(view, day_view.since, day_view.until, day_view.step)
    looked = states["state"].isin(("watched", "partly")).any()
    if not looked:
        return ["Nobody looked in these 24 hours: what is new is not known.", *_troubles(states)]
    return [
        _new_posts(day_view),
        _new_regions(day_view),
        *_growth(day_view),
        *_troubles(states),
    ]


def _day(view: View) -> View:
    from dataclasses import replace
    from datetime import timedelta

    return replace(view, since=view.until - timedelta(hours=24), range="24h")


def _new_posts(view: View) -> str:
    steps = _data.new_posts(view)
    sums = steps.groupby("platform")["posts"].sum(min_count=1).dropna()
    parts = [f"{count(int(n), 'post')} on {_names.platform(str(code))}" for code, n in sums.items() if n > 0]
    hidden = " Some are suppressed (fewer than 5 accounts)." if bool(steps["suppressed"].any()) else ""
    return (f"New: {listed(parts)}." if parts else "No new post was shown.") + hidden


def _new_regions(view: View) -> str:
    arrivals = _data.arrivals(view)
    new = arrivals[arrivals["first_seen_at"] >= view.since]
    if new.empty:
        return "No region was seen for the first time."
    return f"Seen for the first time in {listed([_names.region(code) for code in new['region']], 8)}."


def _growth(view: View) -> list[str]:
    counts = _data.counts(view)
    lines = []
    for row in views_of(counts):
        new = new_views(view, row["platform"])
        if not pd.isna(new):
            posts = "" if pd.isna(row["n"]) else f", on {count(int(row['n']), 'post')}"
            more = "more" if new >= 0 else "fewer"  # platforms take counts back
            lines.append(f"{_names.platform(row['platform'])} showed {number(abs(new))} {more} views{posts}.")
    return lines


_FAILED = {"refused": "was refused", "broken": "broke", "not_asked": "was not asked"}


def _troubles(states: pd.DataFrame) -> list[str]:
    lines = []
    for name, rows in states.groupby("collector"):
        bad = {state: int((rows["state"] == state).sum()) for state in _FAILED}
        lines += [f"{name} {_FAILED[state]} in {count(n, 'hour')}." for state, n in bad.items() if n]
    return lines
