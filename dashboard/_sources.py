"""The collectors of this installation: which can look, what the others lack, and what is left of their budgets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import _data, _parts
from dashboard._text import html_text, label_text, listed, minute, plain
from dashboard._view import Chosen

_ORDER = ("broken", "on", "off")
_MARKS = {"on": "on", "off": "off", "broken": "⚠ broken"}  # never by colour alone
_COLUMNS = {
    "name": st.column_config.TextColumn("Collector", pinned=True), "state": "State", "why": "What it lacks, or why it broke", "asks": "Can",
    "last_run": "Last run", "next_run": "Next run", "left": "Left of its budgets",
}  # fmt: skip


def notice(chosen: Chosen) -> None:
    """Name the collectors that are broken now: what a broken one did not find says nothing."""
    broken = [row for row in _data.sources() if row["state"] == "broken"]
    if broken:
        names = listed([f"<b>{html_text(row['name'])}</b>" for row in broken])
        verb = "is" if len(broken) == 1 else "are"
        reasons = " ".join(f"{html_text(row['name'])}: {html_text(plain(row['why'] or '', 160))}." for row in broken)
        _parts.lede(f"{names} {verb} broken: that nothing came says nothing.", reasons)


def table(chosen: Chosen) -> None:
    """Show a row a collector, broken ones first."""
    _parts.head("Sources", "Which collectors can look, what the others lack, and what their budgets still hold")
    rows = sorted(_data.sources(), key=lambda row: (_ORDER.index(row["state"]), row["name"]))
    frame = pd.DataFrame([_shown(row, chosen) for row in rows])
    says = "Collectors, whether they can work, and what is left of their budgets"
    st.dataframe(frame, hide_index=True, column_config=_COLUMNS, height="content", key="sources", alt=says)


def _shown(row: dict[str, Any], chosen: Chosen) -> dict[str, Any]:
    left = ", ".join(_left(bucket, amount) for bucket, amount in row["budget_left"].items())
    return {
        "name": row["name"], "state": _MARKS[row["state"]], "why": label_text(row["why"]) if row["why"] else "", "asks": ", ".join(row["capabilities"]),
        "last_run": _when(row["last_run"], chosen) or "never", "next_run": _when(row["next_run"], chosen) or "not planned", "left": left,
    }  # fmt: skip


def _when(moment: str | None, chosen: Chosen) -> str:
    return minute(datetime.fromisoformat(moment), chosen.zone) if moment else ""


def _left(bucket: str, amount: int) -> str:
    return f"${amount / 1e6:,.2f}" if bucket == "money" else f"{amount:,} {bucket}"
