"""Pieces that pages share: headings, chips, metrics, pictures, downloads, and what stands where there is nothing."""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import _bar, _charts, _coverage, _data, _names
from dashboard._axes import Picture
from dashboard._text import listed, markdown_text, minute, plain, span
from dashboard._theme import Ink
from dashboard._view import Chosen, Version, View
from spillover.campaign import Campaign

_TITLES = 6


def run(page: Callable[[View, Ink], None], *also: Callable[[Chosen], None]) -> None:
    """Show a page of what is chosen, or that nothing is held of it yet and ``also`` what makes sense then."""
    chosen, ink = st.session_state["view"], st.session_state["ink"]
    if isinstance(chosen, View):
        page(chosen, ink)
        return
    chips(chosen)
    waiting(chosen)
    for part in also:
        part(chosen)


def head(title: str, sub: str) -> None:
    """Write a section's heading; ``sub`` says the unit and what to mind. Both are our own words."""
    st.html(f"<h3 class='head'>{html.escape(title)}</h3><p class='sub'>{html.escape(sub)}</p>")


def title(chosen: Chosen) -> None:
    """Write the campaign's title, and the titles of its videos in other languages."""
    row, file = row_of(chosen), _data.campaign_file(chosen)
    found = _titles(file)
    names = [
        f"<span dir='auto' lang='{html.escape(lang, quote=True)}'>{_bare(text)}</span>"
        for lang, text in found[:_TITLES]
    ]
    more = f"<span>and {len(found) - _TITLES} more</span>" if len(found) > _TITLES else ""
    st.html(f"<h2 class='title' dir='auto'>{_bare(row['title'])}</h2><div class='names'>{''.join(names)}{more}</div>")


def _bare(text: str) -> str:
    """Return text from outside for an element of its own that finds its direction from it."""
    return html.escape(plain(text))


def _titles(file: Campaign | None) -> list[tuple[str, str]]:
    """Return the titles of a campaign's videos with their languages, first one of each language."""
    found = [
        (lang, text)
        for video in (file.videos if file else ())
        for lang, texts in video.titles.items()
        for text in texts
    ]
    first = {lang: text for lang, text in reversed(found)}
    return [*reversed(first.items()), *(pair for pair in found if pair not in first.items())]


def row_of(chosen: Chosen) -> dict[str, Any]:
    return next(row for row in _data.campaigns(chosen.version) if row["name"] == chosen.campaign)


def chips(chosen: Chosen) -> None:
    """Show at a glance: is it collected, up to when do the data reach, is it a sample."""
    row, file = row_of(chosen), _data.campaign_file(chosen)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(**_state_badge(row, bool(_data.jobs(chosen))))
        if isinstance(chosen, View):
            st.badge(f"as of {minute(chosen.until, chosen.zone)}", color="gray")
        if file and file.sample:
            st.badge(
                "Sample data", icon=":material/science:", color="violet", help="Real, published data, recorded earlier."
            )
        _fresh(chosen.version)


def _state_badge(row: Mapping[str, Any], planned: bool) -> dict[str, Any]:
    if row["state"] != "active":
        return {"label": row["state"].capitalize(), "icon": ":material/pause_circle:", "color": "orange"}
    if row["live"]:
        return {"label": "Collecting", "icon": ":material/radio_button_checked:", "color": "green"}
    return {"label": "Replaying files" if planned else "Files only", "icon": ":material/folder_open:", "color": "blue",
            "help": "Live collection is off for this campaign; switch it on under Collectors."}  # fmt: skip


def _offer(version: Version) -> None:
    """Say that there is more than the page shows; pictures never change under the reader's eyes."""
    newer = _data.version()[1] - version[1]
    if newer > 0 and st.button("New data, show", icon=":material/refresh:", type="tertiary", key="fresh"):
        st.rerun()


_fresh = st.fragment(run_every="20s")(_offer)


def lede(sentence: str, basis: str) -> None:
    """Write the finding, and what it rests on. Both are HTML whose outside text is escaped already."""
    st.html(f"<p class='lede'>{sentence}</p><p class='basis'>{basis}</p>")


def key(entries: Mapping[str, str]) -> None:
    """Write a key: label to colour."""
    marks = (
        f"<span><i style='background:{colour}'></i>{html.escape(label)}</span>" for label, colour in entries.items()
    )
    st.html(f"<div class='key'>{''.join(marks)}</div>")


def sphere_key(ink: Ink, platforms: list[str]) -> None:
    """Write the key of the spheres that are shown, and of what is hatched."""
    shown = {_names.sphere(code) for code in platforms}
    key({_names.SPHERES[name]: colour for name, colour in ink.spheres if name in shown} | {"not watched": ink.hatch})


def draw(name: str, view: Any, ink: Ink, build: Callable[[], Picture], says: str, *, wide: bool = False) -> None:
    """Show a picture, built once for this state of data, filters and theme. ``says`` is its alternative text.

    A wide one keeps its own width and is scrolled in its place on a narrow page.
    """
    spec, frames = _data.picture(name, view, ink.dark, build)
    st.vega_lite_chart(
        {**spec, "datasets": frames},
        key=f"picture_{name}",
        alt=says,
        theme=None,
        width="content" if wide else "stretch",
    )


def coverage(view: View, ink: Ink, below: str = "reach") -> None:
    """Show the strip of what was watched, below a picture with the same time axis."""
    step = _coverage.strip_step(view)
    states = _data.strip(view, view.since, view.until, step)
    if states.empty:
        return
    draw(
        f"strip_{below}",
        view,
        ink,
        lambda: _charts.strip(states, view, step, ink),
        "What each collector watched, over time",
    )


def quiet(text: str, height: int = 120) -> None:
    """Stand where a picture would be: say why there is none. Our own words only."""
    st.html(
        f"<div class='quiet' style='min-height:{height}px;display:flex;align-items:center;justify-content:center'><span>{html.escape(text)}</span></div>"
    )


def nothing_left(view: View) -> None:
    """Say which filters leave nothing, and offer to take them off."""
    on = [
        name
        for name, chosen in (
            ("platforms", view.platforms),
            ("regions", view.regions),
            ("certainty", view.band != "any"),
        )
        if chosen
    ]
    st.info(
        f"No post is left: filtered by {', '.join(on)}." if on else "No post was seen in this range.",
        icon=":material/filter_alt:",
    )
    if on:
        st.button("Take the filters off", on_click=_bar.clear, icon=":material/filter_alt_off:", key="take_off")


def about_regions(view: View) -> None:
    """Say which numbers a filter by region cannot reach: a chart's region is not a post's."""
    if view.regions and not view.own_regions:
        names = listed([markdown_text(_names.region(code)) for code in view.regions])
        st.caption(
            f"No post names {names} as its own region: posts and views are those of all regions, first sights and lists those of {names}."
        )


def waiting(chosen: Chosen) -> None:
    """Stand for a page of a campaign of which nothing is held yet: when it starts, and no zeros."""
    title(chosen)
    planned = sorted(job["next_run_at"] for job in _data.jobs(chosen) if job["next_run_at"])
    now = datetime.now(UTC)
    if planned:
        text = f"No data yet. The next run starts at {minute(planned[0], UTC)}, in {span(max(planned[0] - now, planned[0] - planned[0]))}."
    else:
        text = "No data yet, and no run is planned: import files, or switch on live collection under Collectors."
    st.html(f"<p class='lede'>{text}</p>")
    st.code(f"spillover import FILE... --campaign {chosen.campaign}", language=None)
    for words in (
        "Reach over time appears with the second reading of a post.",
        "Regions appear with the first post or chart that names one.",
    ):
        quiet(words)


def welcome() -> None:
    """Stand for every page of a workspace without campaigns."""
    st.html(
        "<h2 class='title'>Follow a video across borders</h2><p class='lede'>Register the videos you study. Spillover then looks for"
        " public posts about them on a schedule, keeps reading their counts, and says what it could not see.</p>"
    )
    with st.grid(min_column_width=300, gap="medium"):
        for heading, text, line in _FIRST_STEPS:
            with st.container(border=True):
                st.markdown(f"**{heading}**\n\n{text}")
                st.code(line, language=None, wrap_lines=True)
    st.caption(
        "Nothing leaves this computer but the collectors' public requests. Accounts become pseudonyms when they come in."
    )


_FIRST_STEPS = (
    ("1 · Register a campaign", "A small text file: a name, a title, and the title of one video are enough.", "spillover campaign add FILE"),
    ("2 · Bring your own data", "Captures, CSV, JSON lines or Parquet; many formats are known by their look.", "spillover import FILE... --campaign NAME"),
    ("3 · Look around first", "Real, published data in a workspace of its own; nothing is asked of the network.", "spillover demo"),
)  # fmt: skip


def downloads(campaign: str, frames: Mapping[str, Callable[[], pd.DataFrame]]) -> None:
    """Offer the page's numbers; files are made on the click. Suppressed cells are empty and marked."""
    with st.container(horizontal=True, gap="small"):
        for name, frame in frames.items():
            file = f"{campaign}-{name.replace(' ', '-')}"
            st.download_button(f"{name} (CSV)".capitalize(), lambda f=frame: f().to_csv(index=False).encode(), f"{file}.csv", "text/csv",
                               on_click="ignore", icon=":material/table:", key=f"csv_{name}", type="tertiary")  # fmt: skip
            st.download_button("Parquet", lambda f=frame: _parquet(f()), f"{file}.parquet", on_click="ignore",
                               icon=":material/database:", key=f"parquet_{name}", type="tertiary")  # fmt: skip


def _parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()
