"""The staircase: in which order regions saw it, for one video or for all together."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import _charts, _data, _names, _parts
from dashboard._text import count, label_text
from dashboard._theme import Ink
from dashboard._view import View

_STEPS, _ALL = 22, "all"


def crossings(view: View, ink: Ink) -> None:
    """Draw the first sights by region, with a choice of the video."""
    by_post = _data.first_by_post(view)
    heading = st.container()
    chosen = _choose(by_post)
    steps = staircase(_of_one(by_post, chosen) if chosen else _of_all(_data.arrivals(view)))
    regions = by_post[by_post["post"] == chosen]["region"].nunique() if chosen else len(_data.arrivals(view))
    with heading:
        what = f"First sight in {count(regions, 'region')}" if regions else "First sight in each region"
        _parts.head("How it crossed borders", f"{what}; bar: how much earlier it can have been; hollow: our first look")
    if steps.empty:
        _parts.quiet("No post names a region yet, and none stood on a region's chart.", 260)
        return
    says = _charts.in_words(steps)
    _parts.draw("crossings", (view, chosen), ink, lambda: _charts.staircase(steps, view, ink), says)


def staircase(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows to draw: of the regions that one look brought, as many as there is room for.

    They have no order among themselves, so what does not fit is one row of its step.
    """
    if rows.empty:
        return rows
    there, later = rows[rows["first_look"]], rows[~rows["first_look"]]
    looks = [*([there] if len(there) else []), *(look for _, look in later.groupby("last_unseen_at", sort=True))]
    for most in range(_STEPS, 0, -1):
        steps = [_step(look, most) for look in looks]
        if sum(map(len, steps)) <= _STEPS:
            break
    return pd.concat(steps).head(_STEPS).reset_index(drop=True)


def _step(look: pd.DataFrame, most: int) -> pd.DataFrame:
    if len(look) <= most:
        return look
    more = count(len(look) - most + 1, "region" if most == 1 else "more region")
    return pd.concat([look.head(most - 1), look.tail(1).assign(name=more, note="")])


def _choose(by_post: pd.DataFrame) -> str:
    """Let the reader choose a video; the one that crossed in most steps is first. Empty: all together."""
    names = _names_of(by_post)
    if len(names) < 2:
        return ""
    url, options = st.session_state["url"], [*names, _ALL]
    url.one("v", lambda code: code if code in options else None, options[0])
    if st.session_state["v"] not in options:
        st.session_state["v"] = options[0]
    together = {_ALL: f"All {len(names)} together"}
    chosen = st.selectbox("Video, with its regions", options, key="v", format_func=(names | together).__getitem__)
    url.keep("v", [chosen], options[0])
    return "" if chosen == _ALL else str(chosen)


def _names_of(by_post: pd.DataFrame) -> dict[str, str]:
    """Return what to call each post: its title, and in how many regions it was."""
    found = by_post.assign(day=by_post["first_seen_at"].dt.floor("D")).groupby("post", as_index=False)
    posts = found.agg(title=("title", "first"), regions=("region", "nunique"), days=("day", "nunique"))
    posts = posts.sort_values(["days", "regions"], ascending=False)
    rows = zip(posts["post"], posts["title"], posts["regions"], strict=True)
    return {str(post): f"{label_text(str(title or post))} ({regions})" for post, title, regions in rows}


def _of_one(by_post: pd.DataFrame, chosen: str) -> pd.DataFrame:
    rows = by_post[by_post["post"] == chosen]
    return _rows(rows.assign(note=[f"best place {rank}" for rank in rows["best_rank"]], weight=-rows["best_rank"]))


def _of_all(arrivals: pd.DataFrame) -> pd.DataFrame:
    return _rows(arrivals.assign(note=[count(int(n), "post") for n in arrivals["posts"]], weight=arrivals["posts"]))


def _rows(first: pd.DataFrame) -> pd.DataFrame:
    rows = first.assign(
        name=first["region"].map(_names.region),
        first_look=first["last_unseen_at"].isna(),
        earliest_at=first[["published_at", "last_unseen_at"]].max(axis=1),
    )
    return rows.sort_values(["last_unseen_at", "weight", "name"], ascending=[True, False, True], na_position="first")
