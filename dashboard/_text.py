"""Words and numbers as people read them, and the one way in which text from outside reaches a page.

Titles, reasons and names come from strangers. ``html_text`` is for ``st.html``, ``markdown_text`` for everything that
Streamlit takes as Markdown (labels, badges, help); both show the text as it is written and let nothing of it act.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

import pandas as pd

_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")  # could turn around the words beside them
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_LINK_START = re.compile(r"(?i)(://|\bwww(?=\.)|@)")  # what Markdown makes into a link without being asked
_WORDS = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")
_JOINER = "\u2060"  # no width, breaks no line: the pattern above matches no longer


def plain(text: str, limit: int = 300) -> str:
    """Return text on one line, without characters that steer its direction, cut where it is longer than ``limit``."""
    clean = _DIRECTION.sub("", _CONTROL.sub(" ", text)).strip()
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def html_text(text: str) -> str:
    """Return text from outside for ``st.html``."""
    return f"<bdi>{html.escape(plain(text))}</bdi>"


def markdown_text(text: str) -> str:
    """Return text from outside for Markdown, kept apart from what stands around it; a plain word stays as it is."""
    if _WORDS.fullmatch(text):
        return text
    guarded = _LINK_START.sub(lambda m: _JOINER + _JOINER.join(m[0]) + _JOINER, plain(text))
    return "\u2068" + _PUNCTUATION.sub(r"\\\1", guarded) + "\u2069"


def label_text(text: str) -> str:
    """Return text from outside for a place that takes no markup: an option of a list, a cell, a mark in a picture."""
    return "\u2068" + plain(text, 120) + "\u2069"


def number(value: Any) -> str:
    """Return a number for a sentence: whole up to a million, then three figures; unknown where there is none."""
    if value is None or pd.isna(value):
        return "unknown"
    return f"{int(value):,}" if abs(value) < 1_000_000 else short(value)


def short(value: Any) -> str:
    """Return a number with three figures and k, M or B; unknown where there is none."""
    if value is None or pd.isna(value):
        return "unknown"
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


def day(moment: datetime, zone: tzinfo) -> str:
    """Return a date as in 5 Mar 2026."""
    local = moment.astimezone(zone)
    return f"{local.day} {local:%b %Y}"


def minute(moment: datetime, zone: tzinfo) -> str:
    """Return a date and time as in 5 Mar 2026 03:39 UTC."""
    local = moment.astimezone(zone)
    return f"{day(moment, zone)} {local:%H:%M %Z}"


def span(length: timedelta) -> str:
    """Return a length of time in its largest sensible unit."""
    seconds = round(length.total_seconds())
    if seconds < 60:
        return count(seconds, "second")
    hours = seconds / 3600
    if hours < 1:
        return count(round(hours * 60), "minute")
    return count(round(hours), "hour") if hours < 48 else count(round(hours / 24), "day")


def count(value: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: 1 post, 3 posts."""
    return f"{value:,} {noun if value == 1 else plural or noun + 's'}"


def listed(names: Sequence[str], most: int = 5) -> str:
    """Return names as a list in a sentence: A, B and 3 others."""
    shown = list(names[:most])
    if len(names) > most:
        shown.append(f"{len(names) - most} others")
    return ", ".join(shown[:-1]) + " and " + shown[-1] if len(shown) > 1 else "".join(shown)
