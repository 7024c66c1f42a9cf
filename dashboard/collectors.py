"""Collectors: what we could not see, and what runs next."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import _charts, _coverage, _data, _parts, _sighting, _sources
from dashboard._text import count, day, html_text, label_text, minute, plain, span
from dashboard._theme import Ink
from dashboard._view import Chosen, View
from spillover.errors import SpilloverError

_STATES = {
    "watched": "watched", "partly": "partly, or a single look", "refused": "refused", "broken": "broken", "not_asked": "not asked",
}  # fmt: skip
_BAD = {"refused": "refused", "broken": "broken", "cut_short": "cut short", "not_asked": "not asked"}
_COLUMNS = {
    "collector": "Collector", "mode": "Mode", "runs": "Runs", "answered": "Answered", "refused": "Refused",
    "broken": "Broken", "cut_short": "Cut short", "not_asked": "Not asked", "posts": st.column_config.NumberColumn("Posts read", format="localized"),
    "matched": st.column_config.NumberColumn("Matched", format="localized"),
    "covered": st.column_config.TextColumn("Covers", width=185),
    "last_run_at": st.column_config.DatetimeColumn("Last run", format="D MMM YYYY, HH:mm"), "last_reason": "Last reason",
}  # fmt: skip


def page(view: View, ink: Ink) -> None:
    _parts.chips(view)
    _parts.head("What we could not see", "Every picture marks these gaps; a gap is not a zero")
    ledger = _data.ledger(view)
    _sources.notice(view)
    warning(view, ledger)
    states = _data.strip(view, view.since, view.until, view.step)
    if not states.empty:
        _parts.key({label: ink.state(name) for name, label in _STATES.items()} | {"nobody looked": ink.track})
        strip = "State of each collector over time"
        _parts.draw("status", view, ink, lambda: _charts.strip(states, view, view.step, ink, tall=True), strip)
    _parts.head("Ledger", "What each collector asked, and how it ended, since the campaign began")
    table(ledger, view)
    _sources.table(view)
    planned(view)
    _sighting.form(view)
    _parts.downloads(view.campaign, {"ledger": lambda: _data.ledger(view), "gaps": lambda: _data.gaps(view)})


def warning(view: View, ledger: pd.DataFrame) -> None:
    """Say in one line what is missing."""
    missed, days = _coverage.days_missed(view)
    bad = [row for row in ledger.to_dict("records") if any(row[kind] for kind in _BAD)]
    parts = [f"Nobody looked on <b>{missed} of {count(days, 'day')}</b>."] if missed else []
    parts += [f"<b>{html_text(row['collector'])}</b> ({html.escape(row['mode'])}): {_ends(row)}." for row in bad]
    if parts:
        reasons = " ".join(_reason(row) for row in bad)
        basis = f"Counts that rest on these stretches are lower bounds. {reasons}"
        _parts.lede(" ".join(parts), basis)
    else:
        _parts.lede(f"Somebody looked on each of {count(days, 'day')}.", "No run was refused, broke or was cut short.")


def table(ledger: pd.DataFrame, view: View) -> None:
    """Show the ledger, a row a collector and mode."""
    shown = ledger.assign(
        covered=[_window(row, view) for row in ledger.to_dict("records")],
        last_reason=[label_text(text) if isinstance(text, str) else "" for text in ledger["last_reason"]],
        last_run_at=ledger["last_run_at"].dt.tz_convert(view.zone),
    )
    says = "Runs of each collector by how they ended"
    order = [name for name in _COLUMNS if name != "last_reason" or any(shown["last_reason"])]
    st.dataframe(shown, hide_index=True, column_order=order, column_config=_COLUMNS, key="ledger", alt=says)


def planned(chosen: Chosen) -> None:
    """Show what runs next, and the few things that can be changed."""
    _parts.head("Next runs", "Run one now, pause the campaign, or let its collectors ask the network")
    row = _parts.row_of(chosen)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        live = bool(row["live"])
        turn = {"name": chosen.campaign, "live": not live}
        words = "Off: only files are read, nothing is asked of the network."
        # the key holds the state: what the owner did is shown, not what was clicked
        st.toggle("Collect live", live, f"live_{chosen.campaign}_{live}", words, _change, ("campaign_live",), turn)
        verb, icon = ("pause", "pause") if row["state"] == "active" else ("resume", "play_arrow")
        st.button(f"{verb.capitalize()} collection", key=verb, icon=f":material/{icon}:", on_click=_change,
                  args=(f"campaign_{verb}",), kwargs={"name": chosen.campaign})  # fmt: skip
    if refused := st.session_state.pop("refused", ""):
        st.html(f"<p class='basis'>Not done: {html_text(refused)}</p>")
    _jobs(chosen)


def _list_jobs(chosen: Chosen) -> None:
    jobs = _data.jobs(chosen)
    if not jobs:
        _parts.quiet("Nothing is planned: the campaign is paused, or nothing can be collected without the network.", 70)
    for job in jobs:
        _job(job, chosen)


_jobs = st.fragment(run_every="10s")(_list_jobs)  # what is due changes while one looks at it


def _job(job: dict[str, Any], chosen: Chosen) -> None:
    rhythm = f"{html.escape(job['mode'])}, every {span(timedelta(seconds=job['every_s']))}: {_when(job, chosen)}"
    what = {"campaign": chosen.campaign, "collector": job["collector"]}
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.html(f"<b>{html_text(job['collector'])}</b> {rhythm}", width=420)
        st.button("Run now", key=f"run_{job['collector']}_{job['mode']}", icon=":material/play_arrow:", on_click=_change,
                  args=("collect",), kwargs=what, disabled=job["running"])  # fmt: skip


def _when(job: dict[str, Any], chosen: Chosen) -> str:
    if job["running"]:
        return "running now"
    return f"next at {minute(job['next_run_at'], chosen.zone)}" if job["next_run_at"] else "paused"


def _change(command: str, **arguments: Any) -> None:
    """Have the owner do it; what it refuses is said below the buttons."""
    try:
        _data.command(command, **arguments)
    except SpilloverError as error:
        st.session_state["refused"] = str(error)


def _window(row: Any, view: View) -> str:
    if pd.isna(row["first_from"]):
        return "not said"
    return f"{day(row['first_from'], view.zone)} to {day(row['last_to'], view.zone)}"


def _ends(row: Any) -> str:
    return ", ".join(f"{count(int(row[kind]), 'run')} {words}" for kind, words in _BAD.items() if row[kind])


def _reason(row: Any) -> str:
    if not isinstance(row["last_reason"], str):
        return ""
    return f"Last reason of {html_text(row['collector'])}: {html_text(plain(row['last_reason'], 160))}."


_parts.run(page, _sources.notice, _sources.table, planned, _sighting.form)
