"""X API v2: what a query and a moment of ours are in X's language."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from spillover import Query, read_time, resolve

_QUOTES = re.compile(r'["“”„\\]')
_LONGEST = 510  # of the 512 characters of a query two are the quotes
_TELLING = 7  # characters of an id; a shorter one is found within addresses that have nothing to do with it


def words(query: Query) -> str:
    """Return a query: an address by the id within it, words in quotes, in which no operator works; empty for nothing."""
    if query.kind == "link":
        return _link(query.text)
    told = " ".join(_QUOTES.sub(" ", query.text).split())
    if query.kind == "hashtag":
        tag = told.lstrip("#＃").replace(" ", "")
        return f"#{tag}" if tag else ""
    if len(told) > _LONGEST:
        told = told[:_LONGEST].rpartition(" ")[0] or told[:_LONGEST]
    return f'"{told}"' if told else ""


def _link(address: str) -> str:
    found = resolve(address)
    if found.id and len(found.id) >= _TELLING:
        return f'url:"{found.id}"'
    return f'url:"{_QUOTES.sub("", found.canonical or address).partition("://")[2]}"'


def stamp(moment: datetime) -> str:
    """Return a moment; two of them compare as texts."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    """Return the moment that such a text names."""
    return read_time(text)[0]
