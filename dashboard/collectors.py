"""Collectors: what we could not see, and what runs next."""

from __future__ import annotations

import html
from datetime import UTC, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import _charts, _coverage, _data, _parts
from dashboard._data import Version
from dashboard._text import count, day, html_text, label_text, minute, plain, span
from dashboard._theme import Ink
from dashboard._view import View
from spillover.errors import SpilloverError

_STATES = {"watched": "watched", "partly": "partly, or a single look", "refused": "refused", "broken": "broken"}


def page(version: Version, view: View, ink: Ink) -> None:
    _parts.chips(version, view)
    _parts.head("What we could not see", "Every picture marks these gaps; a gap is not a zero")
    ledger = _data.ledger(version, view.campaign)
    warning(version, view, ledger)
    states = _data.strip(version, view.campaign, view.since, view.until, view.step)
    if not states.empty:
        _parts.key({label: ink.state(name) for name, label in _STATES.items()} | {"nobody looked": ink.track})
        _parts.draw("status", version, view, ink, lambda: _charts.strip(states, view, view.step, ink, tall=True),
                    "State of each collector over time")  # fmt: skip
    _parts.head("Ledger", "What each collector asked, and how it ended, since the campaign began")
    table(ledger, view)
    planned(version, view.campaign, view)
    _parts.downloads(
        view.campaign, {"ledger": lambda: _data.ledger(version, view.campaign), "gaps": lambda: _data.gaps(version, view.campaign)}
    )


def warning(version: Version, view: View, ledger: pd.DataFrame) -> None:
    """Say in one line what is missing."""
    missed, days = _coverage.days_missed(version, view)
    parts = [f"Nobody looked on <b>{missed} of {count(days, 'day')}</b>."] if missed else []
    reasons: list[str] = []
    for row in ledger.to_dict("records"):
        bad = [count(int(row[key]), "run") + f" {words}" for key, words in
               (("refused", "refused"), ("broken", "broken"), ("cut_short", "cut short")) if row[key]]  # fmt: skip
        if bad:
            parts.append(f"<b>{html_text(row['collector'])}</b> ({html.escape(row['mode'])}): {', '.join(bad)}.")
            reasons.append(_reason(row))
    if parts:
        st.html(f"<p class='lede'>{' '.join(parts)}</p><p class='basis'>Counts that rest on these stretches are lower bounds. {' '.join(reasons)}</p>")
    else:
        st.html(f"<p class='lede'>In this range of {span(view.until - view.since)}, somebody looked on each day, and no run was refused or broke.</p>")


def table(ledger: pd.DataFrame, view: View) -> None:
    """Show the ledger, a row a collector and mode."""
    shown = ledger.assign(
        covered=[_window(row, view) for row in ledger.to_dict("records")],
        last_reason=[label_text(text) if isinstance(text, str) else "" for text in ledger["last_reason"]],
        last_run_at=ledger["last_run_at"].dt.tz_convert(view.zone),
    )
    names = {"collector": "Collector", "mode": "Mode", "runs": "Runs", "answered": "Answered", "refused": "Refused", "broken": "Broken",
             "cut_short": "Cut short", "posts": "Posts read", "matched": "Matched", "covered": "Covers", "last_reason": "Last reason"}  # fmt: skip
    columns: dict[str, Any] = dict(names)
    columns["last_run_at"] = st.column_config.DatetimeColumn("Last run", format="D MMM YYYY, HH:mm")
    columns["covered"] = st.column_config.TextColumn("Covers", width=190)
    columns["posts"] = st.column_config.NumberColumn("Posts read", format="localized")
    order = [*list(names)[:10], "last_run_at", "last_reason"]
    st.dataframe(shown, hide_index=True, column_order=order, column_config=columns, key="ledger", alt="Runs of each collector by how they ended")


def planned(version: Version, campaign: str, view: View | None) -> None:
    """Show what runs next, and the few things that can be changed."""
    _parts.head("Next runs", "Run one now, pause the campaign, or let its collectors ask the network")
    row = _parts.row_of(version, campaign)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.toggle("Collect live", value=bool(row["live"]), key=f"live_{campaign}_{row['live']}", on_change=_change, args=("campaign_live",),
                  kwargs={"name": campaign, "live": not row["live"]}, help="Off: only files are read, nothing is asked of the network.")  # fmt: skip
        if row["state"] == "active":
            st.button("Pause collection", icon=":material/pause:", on_click=_change, args=("campaign_pause",), kwargs={"name": campaign})
        else:
            st.button("Resume collection", icon=":material/play_arrow:", on_click=_change, args=("campaign_resume",), kwargs={"name": campaign})
    if words := st.session_state.pop("trouble", ""):
        st.html(f"<p class='basis'>Not done: {html_text(words)}</p>")
    jobs = _data.jobs(campaign)
    if not jobs:
        _parts.quiet("Nothing is planned: the campaign is paused, or no collector can work for it without live collection.", 70)
    for job in jobs:
        _job(job, campaign, view)


def _job(job: dict[str, Any], campaign: str, view: View | None) -> None:
    zone = view.zone if view else UTC
    when = "running now" if job["running"] else f"next at {minute(job['next_run_at'], zone)}" if job["next_run_at"] else "paused"
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        words = f"<b>{html_text(job['collector'])}</b> {html.escape(job['mode'])}, every {span(timedelta(seconds=job['every_s']))}: {html.escape(when)}"
        st.html(words, width=420)
        st.button("Run now", icon=":material/play_arrow:", key=f"run_{job['collector']}_{job['mode']}", on_click=_change, args=("collect",),
                  kwargs={"campaign": campaign, "collector": job["collector"]}, disabled=job["running"])  # fmt: skip


def _change(command: str, **arguments: Any) -> None:
    """Have the owner do it; what it refuses is said below the buttons."""
    try:
        _data.command(command, **arguments)
    except SpilloverError as error:
        st.session_state["trouble"] = str(error)


def _window(row: dict[str, Any], view: View) -> str:
    if pd.isna(row["first_from"]):
        return "not said"
    return f"{day(row['first_from'], view.zone)} to {day(row['last_to'], view.zone)}"


def _reason(row: dict[str, Any]) -> str:
    text = row["last_reason"]
    return f"Last reason of {html_text(row['collector'])}: {html_text(plain(text, 160))}." if isinstance(text, str) and text else ""


_view = st.session_state["view"]
if isinstance(_view, str):
    _parts.chips(_data.version(), _view)
    _parts.waiting(_data.version(), _view)
    planned(_data.version(), _view, None)
else:
    page(_data.version(), _view, st.session_state["ink"])
