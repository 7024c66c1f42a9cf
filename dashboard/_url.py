"""Deep links that survive translation and renaming: the address holds codes, the widgets show labels.

Streamlit's own binding writes the label that is displayed, so a link would break whenever a label changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

_OURS = ("c", "r", "p", "reg", "q", "asof", "tz", "v")
Query = dict[str, tuple[str, ...]]


class Url:
    """What the address says, and what it should say after this run."""

    def __init__(self, page: str) -> None:
        state = st.session_state
        self.query: Query = {key: tuple(st.query_params.get_all(key)) for key in _OURS if key in st.query_params}
        self._out: Query = {}
        last = state.get("_url")
        moved = state.get("_page") not in (None, page)
        # the address wins on first load, on back and forward and when edited by hand;
        # a change of page drops the query, and then the widgets keep what they show
        self.adopt = last is None or (self.query != last and not (moved and not self.query))
        state["_page"] = page

    def one(self, key: str, read: Callable[[str], Any], default: Any, *, code: str = "") -> None:
        """Set the state of a single choice from the address. ``read`` makes a code a value, or None: then it is ignored."""
        if self.adopt or key not in st.session_state:
            values = (read(text) for text in self.query.get(code or key, ()))
            st.session_state[key] = next((value for value in values if value is not None), default)

    def many(self, key: str, options: Sequence[str]) -> None:
        """Set the state of a multiple choice from the address, and leave out what is no option (any more)."""
        kept = self.query.get(key, ()) if self.adopt else st.session_state.get(key, ())
        st.session_state[key] = [value for value in dict.fromkeys(kept) if value in options]

    def keep(self, key: str, codes: Sequence[str], default: str = "") -> None:
        """Say what the address should hold; defaults are left out."""
        if codes and tuple(codes) != (default,):
            self._out[key] = tuple(codes)

    def publish(self) -> None:
        """Write the address, as a new entry of the browser's history where it changed."""
        if self._out != self.query:
            st.query_params.from_dict({key: list(codes) for key, codes in self._out.items()})
        st.session_state["_url"] = dict(self._out)
