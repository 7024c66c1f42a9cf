"""Where pages get what they show: every number is an answer of ``analysis``, asked once for each state of the data.

This is the only file with caches. Their keys hold the workspace and its data version, so an answer is never stale, and
all sessions share it; nothing expires by time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

import pandas as pd
import streamlit as st

from analysis import coverage, crossings, listings, overview, reach
from analysis._as_held import as_held
from dashboard._view import BANDS, Chosen, Version, View, latest
from spillover import runtime
from spillover.campaign import Campaign, read_campaign
from spillover.errors import CampaignError
from spillover.world.beside import beside

_T = TypeVar("_T")
_F = TypeVar("_F", bound=Callable[..., Any])


def _answer(function: _F) -> _F:
    return cast("_F", st.cache_data(show_spinner=False, max_entries=400, max_size="256MB")(function))


def _picture(function: _F) -> _F:
    return cast("_F", st.cache_data(show_spinner=False, max_entries=300, max_size="128MB")(function))


def version() -> Version:
    """Return what every cache is keyed on: this workspace in this state."""
    owner = runtime.owner()
    return str(owner.workspace), owner.data_version()


def command(name: str, /, **arguments: Any) -> dict[str, Any]:
    """Have the owner carry out a command; raise what it raises."""
    return runtime.owner().command(name, **arguments)


def jobs(chosen: Chosen) -> list[dict[str, Any]]:
    """Return the scheduled jobs of a campaign, never cached: they change without a commit."""
    return [job for job in runtime.owner().jobs() if job["campaign"] == chosen.campaign]


def sources() -> list[dict[str, Any]]:
    """Return a row a collector of this installation, never cached: budgets are spent without a commit."""
    rows: list[dict[str, Any]] = command("collectors")["collectors"]
    return rows


def _ask(question: Callable[..., _T], campaign: str, *, then: datetime | None = None, **arguments: Any) -> _T:
    """Put a question to the store: as it is, or as it was held at a moment that the reader goes back to."""
    with runtime.owner().cursor() as cursor, as_held(cursor, campaign, then) as held:
        return question(held, campaign, **arguments)


@_answer
def campaigns(version: Version) -> list[dict[str, Any]]:
    """Return a row a campaign that is not archived, then the archived ones."""
    rows: list[dict[str, Any]] = command("campaign_list")["campaigns"]
    return sorted(rows, key=lambda row: row["state"] == "archived")


@_answer
def campaign_file(chosen: Chosen) -> Campaign | None:
    """Return the campaign as its file says, or None where the file cannot be read any more."""
    try:
        return read_campaign(runtime.owner().workspace / "campaigns" / f"{chosen.campaign}.toml")
    except (CampaignError, OSError):
        return None


@_answer
def headline(chosen: Chosen, as_of: datetime | None = None) -> dict[str, Any]:
    return _ask(overview.headline, chosen.campaign, then=as_of, as_of=as_of)


@_answer
def ledger(chosen: Chosen) -> pd.DataFrame:
    return _ask(coverage.ledger, chosen.campaign)


def held(chosen: Chosen) -> tuple[datetime, datetime] | None:
    """Return the first and the last moment of which we know anything, or None before the first reading.

    A run that asked a platform counts as its last moment; one that loaded a file counts with what the file covers.
    """
    known, runs = headline(chosen), ledger(chosen)
    first = known["first_seen_at"]["value"]
    asked = runs[runs["mode"] != "load"]["last_run_at"]
    ends = [known["last_seen_at"]["value"], *_moments(runs["last_to"]), *_moments(asked)]
    last = latest(ends)
    return None if first is None or last is None else (first, max(first, last) + timedelta(seconds=1))  # ends are open


@_answer
def counts(view: View) -> pd.DataFrame:
    """Return a row a platform and metric: metric, value, low, high, n, rests_on, suppressed, platform.

    Cells of the chosen regions and certainty bands of one platform are added up; ``suppressed`` says that at least one
    of them is not shown, so that the sum is a lower bound, or missing where none is left.
    """
    frame = _ask(reach.reach, view.campaign, then=view.as_of, by=_by(view), as_of=view.known_at)
    for key in _by(view):
        frame[key] = [keys[key] for keys in frame["keys"]]
    frame = _kept(frame, view)
    return frame if not (view.own_regions or view.band != "any") else _fold(frame)


@_answer
def own_regions(chosen: Chosen) -> set[str]:
    """Return the regions that posts name as their own."""
    return {keys["region"] for keys in _ask(reach.reach, chosen.campaign, by=("platform", "region"))["keys"]}


@_answer
def increments(view: View) -> pd.DataFrame:
    """Return the new known views of each step and platform: start, platform, views, suppressed."""
    return _over_time(reach.increments, view, "views")


@_answer
def new_posts(view: View) -> pd.DataFrame:
    """Return the posts first seen in each step, by platform: start, platform, posts, suppressed."""
    return _over_time(reach.posts_over_time, view, "posts")


@_answer
def first_seen(view: View) -> pd.DataFrame:
    """Return the earliest evidence of each region, platform and route up to the end of the view, suppressed rows last."""
    frame = _ask(crossings.first_seen, view.campaign, then=view.as_of, as_of=view.known_at)
    frame = frame[frame["platform"].isin(view.platforms)] if view.platforms else frame
    frame = frame[frame["region"].isin(view.regions)] if view.regions else frame
    return frame.reset_index(drop=True)


def arrivals(view: View) -> pd.DataFrame:
    """Return for each region its earliest shown evidence over platforms and routes, in order of arrival."""
    shown = first_seen(view)
    shown = shown[~shown["suppressed"]]
    return shown.sort_values(["first_seen_at", "region"]).drop_duplicates("region").reset_index(drop=True)


@_answer
def on_lists(view: View, grain: str) -> pd.DataFrame:
    """Return how many posts stood on each region's lists in each step: start, region, posts, best_rank, suppressed."""
    frame = _ask(listings.on_lists, view.campaign, then=view.as_of, since=view.since, until=view.until, grain=grain)
    frame = frame[frame["platform"].isin(view.platforms)] if view.platforms else frame
    return frame[frame["region"].isin(view.regions)] if view.regions else frame


@_answer
def first_by_post(view: View) -> pd.DataFrame:
    """Return when each post was first on lists of each region, up to the end of the view; shown rows only."""
    frame = _ask(listings.first_by_post, view.campaign, then=view.as_of, as_of=view.known_at)
    frame = frame[~frame["suppressed"]]
    frame = frame[frame["platform"].isin(view.platforms)] if view.platforms else frame
    frame = frame[frame["region"].isin(view.regions)] if view.regions else frame
    return frame.assign(post=frame["platform"] + ":" + frame["id"]).reset_index(drop=True)


def truth(view: View) -> pd.DataFrame:
    """Return what is true beside what is said, where the workspace is that of a made-up world; never cached: it is a file."""
    found = beside(runtime.owner().workspace, view.campaign, view.until, lambda *asked: _shown(view, *asked))
    return pd.DataFrame(list(found))


@_answer
def _shown(chosen: Chosen, question: str, by: str, as_of: str) -> list[dict[str, Any]]:
    """Return an answer as `spillover show` prints it."""
    rows: list[dict[str, Any]] = command("show", question=question, campaign=chosen.campaign, by=[by], as_of=as_of)[
        "rows"
    ]
    return rows


@_answer
def strip(chosen: Chosen, since: datetime, until: datetime, step: timedelta) -> pd.DataFrame:
    return _ask(coverage.strip, chosen.campaign, since=since, until=until, step=step)


@_answer
def gaps(chosen: Chosen) -> pd.DataFrame:
    return _ask(coverage.gaps, chosen.campaign)


@_picture
def picture(name: str, view: Any, dark: bool, _build: Callable[[], Any]) -> Any:
    """Return a picture's (spec, frames), built on the first call only: sending a kept one costs a thirtieth."""
    return _build()


def _by(view: View) -> tuple[str, ...]:
    return ("platform", *(["region"] if view.own_regions else []), *(["band"] if view.band != "any" else []))


def _kept(frame: pd.DataFrame, view: View) -> pd.DataFrame:
    """Return the rows of the chosen platforms, regions and certainty bands."""
    chosen = {"platform": view.platforms, "region": view.own_regions, "band": BANDS[view.band]}
    for key, codes in chosen.items():
        if key in frame and codes:
            frame = frame[frame[key].isin(codes)]
    return frame.reset_index(drop=True)


def _fold(frame: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for (platform, metric), cells in frame.groupby(["platform", "metric"], sort=False):
        shown = cells[cells["n"].fillna(0) > 0]
        sums: dict[str, Any] = {name: shown[name].sum(min_count=1) for name in ("value", "low", "n")}
        sums["high"] = shown["high"].sum(skipna=False) if len(shown) else pd.NA
        rests_on = f"{len(shown)} of {len(cells)} cells of the filter"
        suppressed = bool(cells["suppressed"].any())
        rows.append({"platform": platform, "metric": metric, **sums, "rests_on": rests_on, "suppressed": suppressed})
    columns = ["platform", "metric", "value", "low", "high", "n", "rests_on", "suppressed"]
    return pd.DataFrame(rows, columns=columns)


def _over_time(question: Callable[..., pd.DataFrame], view: View, value: str) -> pd.DataFrame:
    asked = {"since": view.since, "until": view.until, "grain": view.grain, "by": _by(view)}
    return _steps(_kept(_ask(question, view.campaign, then=view.as_of, **asked), view), value)


def _steps(frame: pd.DataFrame, value: str) -> pd.DataFrame:
    grouped = frame.groupby(["start", "platform"], as_index=False)
    return grouped.agg(**{value: (value, lambda cells: cells.sum(min_count=1)), "suppressed": ("suppressed", "any")})


def _moments(column: pd.Series[Any]) -> list[datetime]:
    return [moment.to_pydatetime().astimezone(UTC) for moment in column.dropna()]
