"""What a search is asked for: words without quotes of their own, and the part of an address that finds it."""

from __future__ import annotations

import re

from spillover import resolve

_QUOTES = re.compile(r'["“”„«»\\]')
_TELLING = 7  # characters of an id; a shorter one is found within addresses that have nothing to do with it


def plain(words: str) -> str:
    """Return words to put between quotes, where no operator works."""
    return " ".join(_QUOTES.sub(" ", words).split())


def tag(words: str) -> str:
    """Return a hashtag with its sign; empty for nothing."""
    found = plain(words).lstrip("#＃").replace(" ", "")
    return f"#{found}" if found else ""


def telling(address: str) -> str:
    """Return what stands in every form of an address: its id, else the address without its scheme."""
    found = resolve(address)
    if found.id and len(found.id) >= _TELLING:
        return found.id
    return _QUOTES.sub("", found.canonical or address).partition("://")[2]
