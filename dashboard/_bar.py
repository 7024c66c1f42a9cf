"""The filter bar on top of every page."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import available_timezones

import streamlit as st

from dashboard import _data, _names
from dashboard._text import label_text, markdown_text
from dashboard._url import Url
from dashboard._view import BANDS, RANGES, Chosen, Version, View, days, end_of, is_zone, stretch

_RANGE_NAMES = {"24h": "24 h", "7d": "7 d", "30d": "30 d", "all": "All", "custom": "Days"}
_BAND_NAMES = {
    "any": "All, also uncertain",
    "medium": "Medium and better (0.60)",
    "high": "High (0.90)",
    "reviewed": "Reviewed by a person",
}
Held = tuple[datetime, datetime]


def filter_bar(version: Version, page: str) -> Chosen:
    """Draw the bar; return the view that is chosen, or the campaign alone where nothing of it is held yet.

    The address is written after the page, which may have choices of its own: ``st.session_state["url"]``.
    """
    rows = {row["name"]: row for row in _data.campaigns(version)}
    url, state = Url(page), st.session_state
    first = max(rows, key=lambda name: _readings(Chosen(version, name)))
    url.one("c", lambda code: code if code in rows else None, first)
    if state["c"] not in rows:
        state["c"] = first
    chosen = Chosen(version, state["c"])
    held = _data.held(chosen)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="filterbar"):
        st.selectbox(
            "Campaign", list(rows), key="c", width=320, format_func=lambda name: label_text(rows[name]["title"])
        )
        view = _choose(url, chosen, held) if held else chosen
    url.keep("c", [state["c"]], first)
    state["url"] = url
    return view


def _readings(chosen: Chosen) -> int:
    """Return how much is held of a campaign: the one with most is shown first."""
    return int(_data.headline(chosen)["readings"]["value"])


def clear() -> None:
    """Take every filter off; for the button of a page that they leave empty."""
    st.session_state.update({"p": [], "reg": [], "q": "any"})


def _choose(url: Url, chosen: Chosen, held: Held) -> View:
    state = st.session_state
    options = _seed(url, chosen, held)
    st.segmented_control("Range", list(_RANGE_NAMES), key="r", format_func=_RANGE_NAMES.__getitem__, required=True)
    if state["r"] == "custom":
        st.date_input("From, to (UTC)", key="days", min_value=held[0].date(), max_value=held[1].date(), width=230)
    if len(options["p"]) > 1:
        st.pills(
            "Platforms",
            options["p"],
            key="p",
            selection_mode="multi",
            format_func=lambda code: markdown_text(_names.platform(code)),
        )
    with st.popover("More filters", icon=":material/tune:"):
        _rare(options["reg"], held)
    if on := sum((bool(state["reg"]), state["q"] != "any", state["asof"] is not None)):
        st.badge(f"{on} more filter{'s' if on > 1 else ''} on", icon=":material/filter_alt:", color="orange")
    return _view(url, chosen, held)


def _seed(url: Url, chosen: Chosen, held: Held) -> dict[str, list[str]]:
    """Put what the address says into the widgets' state; return the options of the multiple choices."""
    known = _data.headline(chosen)
    whole = View(chosen.version, chosen.campaign, *held)
    options = {
        "p": sorted(known["known_views"]),
        "reg": sorted(_data.first_seen(whole)["region"].unique(), key=_names.region),
    }
    url.one("r", _range_choice, "all")
    url.one("days", days, (held[0].date(), held[1].date()), code="r")
    url.one("q", lambda code: code if code in BANDS else None, "any")
    url.one("asof", lambda code: (days(f"{code}..{code}") or (None,))[0], None)
    url.one("tz", lambda code: code if is_zone(code) else None, "UTC")
    for key, codes in options.items():
        url.many(key, codes)
    _stay_inside(held)
    return options


def _rare(regions: list[str], held: Held) -> None:
    st.multiselect("Regions", regions, key="reg", format_func=_names.region, placeholder="All regions")
    st.selectbox("Match certainty", list(BANDS), key="q", format_func=_BAND_NAMES.__getitem__,
                 help="Leaves posts that match less surely out of posts and views. First sights by region keep all.")  # fmt: skip
    st.date_input("As of the end of (UTC)", key="asof", min_value=held[0].date(), max_value=held[1].date(),
                  help="What was known then: rows read later are left out.")  # fmt: skip
    here = st.context.timezone
    zones = list(dict.fromkeys(["UTC", *([here] if here and is_zone(here) else []), *sorted(available_timezones())]))
    st.selectbox("Times in", zones, key="tz")


def _view(url: Url, chosen: Chosen, held: Held) -> View:
    state: Any = st.session_state
    code = _range_code(state)
    as_of = end_of(state["asof"]) if state["asof"] else None
    for key, codes, default in (
        ("r", [code], "all"), ("p", state.get("p", []), ""), ("reg", state["reg"], ""), ("q", [state["q"]], "any"),
        ("asof", [state["asof"].isoformat()] if as_of else [], ""), ("tz", [state["tz"]], "UTC"),
    ):  # fmt: skip
        url.keep(key, codes, default)
    since, until = stretch(code, held, as_of)
    own = _data.own_regions(chosen) if state["reg"] else set()
    return View(
        chosen.version, chosen.campaign, since, until, range=code, platforms=tuple(state.get("p", [])), regions=tuple(state["reg"]),
        own_regions=tuple(region for region in state["reg"] if region in own), band=state["q"], as_of=as_of, to_the_end=until == held[1], zone_name=state["tz"],
    )  # fmt: skip


def _range_choice(code: str) -> str | None:
    return "custom" if days(code) else code if code in RANGES or code == "all" else None


def _range_code(state: Any) -> str:
    if state["r"] != "custom":
        return str(state["r"])
    chosen = state["days"]
    return f"{chosen[0]}..{chosen[1]}" if isinstance(chosen, tuple) and len(chosen) == 2 else "all"


def _stay_inside(held: Held) -> None:
    """Move chosen days into what is held: the calendar refuses others."""
    first, last = held[0].astimezone(UTC).date(), held[1].astimezone(UTC).date()

    def fit(day: date) -> date:
        return min(max(day, first), last)

    state = st.session_state
    state["days"] = tuple(fit(day) for day in state["days"]) if state["days"] else (first, last)
    state["asof"] = fit(state["asof"]) if state["asof"] else None
