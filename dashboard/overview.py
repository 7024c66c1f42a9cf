"""Overview: how far it went, in which order it crossed borders, and what is new."""

from __future__ import annotations

import html

import pandas as pd
import streamlit as st

from dashboard import _charts, _coverage, _data, _ledes, _names, _parts
from dashboard._data import Version
from dashboard._text import count, label_text, listed, minute, number, short
from dashboard._theme import Ink
from dashboard._view import View

_STEPS, _COLUMNS, _VIDEOS, _LANES, _FEW, _ALL = 22, 33, 12, 5, 4, "all"
_GRAIN = {"hour": "hour", "6h": "six hours", "day": "day"}


def page(version: Version, view: View, ink: Ink) -> None:
    _parts.chips(version, view)
    _parts.title(version, view.campaign)
    counts = _data.counts(version, view)
    if counts.empty:
        _parts.nothing_left(view)
        return
    _parts.lede(*_ledes.reached(version, view))
    metrics(version, view, counts)
    left, right = st.columns([2.1, 1], gap="large")
    with left:
        over_time(version, view, ink)
        changed(version, view)
    with right:
        crossings(version, view, ink)
    where(version, view, ink)
    _parts.downloads(
        view.campaign,
        {"counts": lambda: counts.drop(columns="keys", errors="ignore"), "first sights": lambda: _data.first_seen(version, view)},
    )


def metrics(version: Version, view: View, counts: pd.DataFrame) -> None:
    posts = counts[counts["metric"] == "posts"]
    arrivals, new = _data.arrivals(version, view), _data.new_posts(version, view)
    regions = arrivals.groupby(arrivals["first_seen_at"].dt.floor(view.step))["region"].count()
    fresh = int((arrivals["first_seen_at"] >= view.since).sum())
    hidden = "Some are suppressed (fewer than 5 accounts). " if bool(posts["suppressed"].any()) else ""
    with st.grid(min_column_width=205, gap="small"):
        _metric("Posts", number(posts["value"].sum(min_count=1)), f"{number(new['posts'].sum())} first seen in this range",
                hidden + "Posts held to be about the campaign, up to the end of the range; " + "; ".join(posts["rests_on"]),
                _running(new.groupby("start")["posts"].sum()), "bar")  # fmt: skip
        _metric("Regions", number(len(arrivals)) if len(arrivals) else "unknown", f"{fresh} first seen in this range",
                "Regions of posts, and of charts on which they stood. A place of an audience, not a statement on sovereignty.",
                _running(regions), "area")  # fmt: skip
        _metric("Platforms", number(posts["platform"].nunique()), listed([_names.platform(code) for code in posts["platform"]], 3),
                "Platforms on which at least one post is held.", None, "line")  # fmt: skip
        for row in _ledes.views_of(counts):
            grown = _data.increments(version, view)
            steps = grown[grown["platform"] == row["platform"]].set_index("start")["views"].dropna()
            _metric(f"Known views, {_names.platform(row['platform'])}", _value(row), row["rests_on"].split(";")[0] if pd.isna(row["value"]) else _ledes.interval(row),
                    f"The last count shown for each post, added up for this platform alone. {row['rests_on']}", _whole_steps(steps, view), "area")  # fmt: skip


def over_time(version: Version, view: View, ink: Ink) -> None:
    steps = _data.increments(version, view)
    _parts.head("Reach over time", f"New known views per {_GRAIN[view.grain]}; each platform on its own scale, growth spread evenly between two readings")
    if steps.empty:
        _parts.quiet("No count was read twice in this range, so nothing can be said about growth.", 260)
        return
    top = steps.groupby("platform")["views"].sum().sort_values(ascending=False).index[:_LANES]
    steps = steps[steps["platform"].isin(top)]
    blind = _coverage.unwatched(version, view, top)
    _parts.sphere_key(ink, list(top))
    height = max(60, 240 // len(top))
    _parts.draw("reach", version, view, ink, lambda: _charts.lanes(steps, view, ink, value="views", height=height, unwatched=blind),
                f"New known views over time on {listed([_names.platform(code) for code in top])}, a row each")  # fmt: skip
    _parts.coverage(version, view, ink)


def crossings(version: Version, view: View, ink: Ink) -> None:
    """Draw the first sights by region: of one video, or of all together."""
    arrivals, by_post = _data.arrivals(version, view), _data.first_by_post(version, view)
    heading = st.container()
    chosen = _choose(by_post)
    rows = _rows(by_post[by_post["post"] == chosen].assign(note="best place " + by_post["best_rank"].astype(str), weight=-by_post["best_rank"]) if chosen
                 else arrivals.assign(note=[count(int(n), "post") for n in arrivals["posts"]], weight=arrivals["posts"]))  # fmt: skip
    steps = staircase_steps(rows)
    with heading:
        _parts.head("How it crossed borders", _crossed(len(rows), len(steps)))
    if steps.empty:
        _parts.quiet("No post names a region yet, and none stood on a region's chart.", 260)
        return
    _parts.draw("crossings", version, (view, chosen), ink, lambda: _charts.staircase(steps, view, ink), _charts.alt_regions(steps))


def _choose(by_post: pd.DataFrame) -> str:
    """Let the reader choose a video; the one that crossed in most steps is first. Empty: all together."""
    found = by_post.groupby("post").agg(title=("title", "first"), regions=("region", "nunique"), days=("first_seen_at", lambda at: at.dt.date.nunique()))
    found = found.sort_values(["days", "regions"], ascending=False)
    if len(found) < 2:
        return ""
    names = {post: f"{row['title'] or post} ({row['regions']})" for post, row in found.iterrows()}
    url = st.session_state["url"]
    options = [*names, _ALL]
    url.one("v", lambda code: code if code in options else None, options[0])
    if st.session_state["v"] not in options:
        st.session_state["v"] = options[0]
    chosen = st.selectbox("Video, with its regions", options, key="v", format_func=lambda post: label_text(names.get(post, f"All {len(names)} together")))
    url.keep("v", [chosen], options[0])
    return "" if chosen == _ALL else str(chosen)


def _rows(first: pd.DataFrame) -> pd.DataFrame:
    return first.assign(
        name=first["region"].map(_names.region),
        first_look=first["last_unseen_at"].isna(),
        earliest_at=first[["published_at", "last_unseen_at"]].max(axis=1),
    ).sort_values(["first_look", "last_unseen_at", "weight", "name"], ascending=[False, True, False, True])


def staircase_steps(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the staircase: the regions first, of those found by one look as many as there is room for.

    Regions that the same look brought have no order among themselves: what does not fit is one row of its step.
    """
    looks = [look for _, look in rows.groupby(rows["last_unseen_at"].fillna(rows["first_seen_at"].min()), sort=True)]
    for most in range(_STEPS, 0, -1):
        steps = [_step(look, most) for look in looks]
        if sum(map(len, steps)) <= _STEPS:
            break
    return pd.concat(steps).head(_STEPS).reset_index(drop=True) if looks else rows


def _step(look: pd.DataFrame, most: int) -> pd.DataFrame:
    if len(look) <= most:
        return look
    more = count(len(look) - most + 1, "region" if most == 1 else "more region")
    return pd.concat([look.head(most - 1), look.tail(1).assign(name=more, note="")])


def where(version: Version, view: View, ink: Ink) -> None:
    """Draw where posts were seen: by platform and route, and by video below."""
    cells, arrivals = _data.first_seen(version, view), _data.arrivals(version, view)
    if len(arrivals) < _FEW:
        return
    most = cells.groupby("region")["posts"].sum().sort_values(ascending=False).index[:_COLUMNS]
    columns = [code for code in arrivals["region"] if code in set(most)]
    shown = f"{len(columns)} of {len(arrivals)} regions, those with most posts" if len(columns) < len(arrivals) else count(len(columns), "region")
    _parts.head("Where it is", f"{shown}, in order of first sight; a dot: suppressed (fewer than 5 accounts)")
    routes = cells.assign(row=[_route(*pair) for pair in zip(cells["platform"], cells["route"], strict=True)])
    videos = _videos(_data.first_by_post(version, view))
    with st.container(key="wide_where", gap=None):
        _table("where", routes, "posts", columns, version, view, ink)
        if videos["row"].nunique() > 1:
            _table("videos", videos, "readings on lists", columns, version, view, ink)


def _table(name: str, cells: pd.DataFrame, amount: str, columns: list[str], version: Version, view: View, ink: Ink) -> None:
    inside = cells[cells["region"].isin(columns)]
    _parts.draw(name, version, view, ink, lambda: _charts.table(inside, ink, columns=columns, amount=amount, headed=name == "where"),
                f"Number of {amount} by region, a row each for {listed(list(dict.fromkeys(inside['row'])), 6)}", wide=True)  # fmt: skip


def _videos(by_post: pd.DataFrame) -> pd.DataFrame:
    """Return a row a video and region, for the videos that reached most regions: row, region, posts (readings)."""
    reached = by_post.groupby("post")["region"].nunique().sort_values(ascending=False).index[:_VIDEOS]
    rows = by_post[by_post["post"].isin(reached)].sort_values("post", key=lambda posts: posts.map(list(reached).index))
    titles = [label_text(title) if isinstance(title, str) else post for title, post in zip(rows["title"], rows["post"], strict=True)]
    return rows.assign(row=titles, posts=rows["n"])


def _route(platform: str, route: str) -> str:
    return f"{_names.platform(platform)} {'lists' if route == 'listing' else 'posts'}"


def changed(version: Version, view: View) -> None:
    _parts.head("What changed", f"In the 24 hours up to {minute(view.until, view.zone)}")
    lines = "".join(f"<li>{html.escape(line)}</li>" for line in _ledes.last_day(version, view))
    st.html(f"<ul class='news'>{lines}</ul>")


def _crossed(regions: int, steps: int) -> str:
    if regions <= steps:
        return "First sight in each region; bar: how much earlier it can have been"
    return f"First sight in {count(regions, 'region')}; bar: how much earlier it can have been; hollow: seen at our first look"


def _value(row: dict[str, object]) -> str:
    return short(row["value"]) if not pd.isna(row["value"]) else "suppressed" if row["suppressed"] else "unknown"


def _whole_steps(steps: pd.Series[int], view: View) -> list[float]:
    """Return the steps that are over: the last one still grows, and would look like a fall."""
    return [float(value) for value in steps[steps.index + view.step <= pd.Timestamp(view.until)]]


def _running(steps: pd.Series[int]) -> list[float]:
    return [float(value) for value in steps.astype("Float64").fillna(0).cumsum()]


def _metric(label: str, value: str, below: str, rests_on: str, line: list[float] | None, kind: str) -> None:
    st.metric(label, value, below, help=rests_on, border=True, height="stretch", delta_color="off", delta_arrow="off",
              chart_data=line if line and len(line) > 1 else None, chart_type=kind)  # fmt: skip


_view = st.session_state["view"]
if isinstance(_view, str):
    _parts.chips(_data.version(), _view)
    _parts.waiting(_data.version(), _view)
else:
    page(_data.version(), _view, st.session_state["ink"])
