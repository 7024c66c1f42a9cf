"""What stands where a page failed. The owner gives it to Streamlit: ``st.App(..., on_script_error=error_card)``."""

from __future__ import annotations

import logging
import uuid

import streamlit as st

from spillover.errors import without_words

log = logging.getLogger("spillover.dashboard")


def error_card(error: Exception) -> bool:
    """Show that a page failed, with a number to find it by, and what still works; True keeps Streamlit's own box away."""
    number = uuid.uuid4().hex[:8]
    log.error("event=page outcome=failed id=%s error=%s", number, without_words(error))
    st.error(
        f"**This page could not be drawn** (error {number}).\n\nCollection goes on, the other pages and the command line work."
        " The log names the cause under this number.",
        icon=":material/error:",
    )
    return True
