"""The form in which a person enters what no collector may see: a post on Kuaishou or WeChat, a screenshot."""

from __future__ import annotations

import base64

import streamlit as st

from dashboard import _data, _parts
from dashboard._text import html_text
from dashboard._view import Chosen
from spillover.errors import SpilloverError

_COUNTS = ("views", "likes", "shares", "comments")
_STATES = ("up", "gone", "withheld", "private", "unknown")
_SHOTS = ["png", "jpg", "jpeg", "gif", "webp", "pdf"]


def form(chosen: Chosen) -> None:
    """Show the form, and what became of the last one."""
    _parts.head("Enter a sighting", "What only a person may see; it counts as reviewed by you")
    if told := st.session_state.pop("sighting_told", ""):
        st.html(f"<p class='basis'>{html_text(told)}</p>")
    with st.expander("A post that you saw yourself", icon=":material/edit_note:"), st.form("sighting", border=False):
        left, right = st.columns(2)
        left.text_input("Address", key="sighting_url", placeholder="https://")
        right.text_input(
            "Platform, if the address does not say", key="sighting_platform", placeholder="wechat_channels"
        )
        st.text_input("Title", key="sighting_title")
        st.text_area("Text", key="sighting_text", height=80, help="Leave out names of accounts: write what was said.")
        for column, name in zip(st.columns(4), _COUNTS, strict=True):
            column.text_input(name.capitalize(), key=f"sighting_{name}", placeholder="1.2万")
        _when_and_where()
        st.file_uploader("Screenshot", _SHOTS, key="sighting_shot", help=_KEPT)
        st.form_submit_button("Keep it", on_click=_keep, args=(chosen.campaign,))


_KEPT = "It can show names of accounts: it stays in this workspace, in evidence/, and no export takes it along."


def _when_and_where() -> None:
    first, second, third, fourth = st.columns(4)
    first.text_input("Seen at", key="sighting_seen_at", placeholder="now", help="UTC, if no zone is said")
    second.text_input("Published at", key="sighting_published_at", placeholder="2025-05-01 18:30")
    third.text_input("Region", key="sighting_region", placeholder="CN")
    fourth.text_input("Language", key="sighting_lang", placeholder="zh")
    state, words, by = st.columns((1, 2, 1))
    state.selectbox("State", _STATES, key="sighting_status")
    words.text_input("The platform's own words, where it is not up", key="sighting_said")
    by.text_input("Reviewer", key="sighting_by", placeholder="analyst")
    st.text_input("Note", key="sighting_note")


def _keep(campaign: str) -> None:
    """Have the owner keep it; what it refuses names the field, and the form stays filled."""
    names = [name for name in st.session_state if isinstance(name, str) and name.startswith("sighting_")]
    said = {
        name.removeprefix("sighting_"): st.session_state[name]
        for name in names
        if name not in ("sighting_shot", "sighting_told")
    }
    shot = st.session_state.get("sighting_shot")
    picture = base64.b64encode(shot.getvalue()).decode() if shot else None
    try:
        found = _data.command("sighting_add", campaign=campaign, said=said, picture=picture)
    except SpilloverError as error:
        st.session_state["sighting_told"] = f"Not kept: {str(error).replace('--', '')}"
        return
    for name in said:
        if name not in ("status", "by"):
            st.session_state[f"sighting_{name}"] = ""
    held = "kept" if found["new_reading"] else "held already"
    st.session_state["sighting_told"] = f"The sighting on {found['platform']} is {held}, reviewed."
