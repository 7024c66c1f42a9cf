"""The tables of regions: where posts of each platform were seen, and where each video was."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import _charts, _data, _names, _parts
from dashboard._text import count, label_text, listed
from dashboard._theme import Ink
from dashboard._view import View

_COLUMNS, _VIDEOS, _FEW = 33, 12, 4


def where(view: View, ink: Ink) -> None:
    """Draw where posts were seen: by platform and route, and by video below."""
    cells, arrivals = _data.first_seen(view), _data.arrivals(view)
    if len(arrivals) < _FEW:
        return
    most = set(cells.groupby("region")["posts"].sum().sort_values(ascending=False).index[:_COLUMNS])
    columns = [code for code in arrivals["region"] if code in most]
    few = f"{len(columns)} of {len(arrivals)} regions, those with most posts"
    shown = few if len(columns) < len(arrivals) else count(len(columns), "region")
    _parts.head("Where it is", f"{shown}, in order of first sight; a dot: suppressed (fewer than 5 accounts)")
    videos = _videos(_data.first_by_post(view))
    with st.container(key="wide_where", gap=None):
        _table("posts", _routes(cells), columns, view, ink)
        if videos["row"].nunique() > 1:
            _table("readings on lists", videos, columns, view, ink)


def _table(amount: str, cells: pd.DataFrame, columns: list[str], view: View, ink: Ink) -> None:
    inside = cells[cells["region"].isin(columns)]
    says = f"Number of {amount} by region, a row each for {listed(list(dict.fromkeys(inside['row'])), 6)}"
    _parts.draw(f"where_{amount}", view, ink,
                lambda: _charts.table(inside, ink, columns=columns, amount=amount, headed=amount == "posts"),
                says, wide=True)  # fmt: skip


def _routes(cells: pd.DataFrame) -> pd.DataFrame:
    words = {"listing": "lists", "post": "posts"}
    return cells.assign(row=cells["platform"].map(_names.platform) + " " + cells["route"].map(words))


def _videos(by_post: pd.DataFrame) -> pd.DataFrame:
    """Return a row a video and region, for the videos that reached most regions: row, region, posts (readings)."""
    reached = list(by_post.groupby("post")["region"].nunique().sort_values(ascending=False).index[:_VIDEOS])
    rows = by_post[by_post["post"].isin(reached)].sort_values("post", key=lambda posts: posts.map(reached.index))
    titles = [label_text(str(title or post)) for title, post in zip(rows["title"], rows["post"], strict=True)]
    return rows.assign(row=titles, posts=rows["n"])
