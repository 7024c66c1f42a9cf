"""Texts of feeds without their markup, and the addresses that stood in it."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

_LONGEST = 100_000  # characters of one text
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_WITHIN = ("a", "b", "i", "em", "strong", "span", "font")  # these part no words


class Plain(HTMLParser):
    """What feedparser calls a detail, as text; the declared type is no help: RSS has none, and feedparser guesses."""

    def __init__(self, detail: Any) -> None:
        super().__init__()
        self.links: list[str] = []
        self._parts: list[str] = []
        self._hidden = 0
        value = str((detail or {}).get("value", ""))[:_LONGEST]
        if _TAG.search(value):
            self.feed(_without_comments(value))
            self.close()
            value = " ".join("".join(self._parts).split())
        elif "html" in (detail or {}).get("type", ""):
            value = unescape(value)
        self.text = value.strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("script", "style")
        self._parts.append("" if tag in _WITHIN else " ")
        self.links += [value for name, value in attrs if name in ("href", "src") and value and tag != "img"]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style") and self._hidden > 0
        self._parts.append("" if tag in _WITHIN else " ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._parts.append(data)


def _without_comments(text: str) -> str:
    """Take comments out; the parser would search the rest of the text anew for each one that never ends."""
    first, *rest = text.split("<!--")
    return first + "".join(part.partition("-->")[2] for part in rest)
