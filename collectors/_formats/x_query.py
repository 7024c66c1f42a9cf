"""X API v2: what a query and a moment of ours are in X's language."""

from __future__ import annotations

from datetime import UTC, datetime

from collectors._formats import asking
from spillover import Query, read_time

_LONGEST = 510  # of the 512 characters of a query two are the quotes


def words(query: Query) -> str:
    """Return a query: an address by the id within it, words in quotes; empty for nothing."""
    if query.kind == "link":
        return f'url:"{asking.telling(query.text)}"'
    if query.kind == "hashtag":
        return asking.tag(query.text)
    told = asking.plain(query.text)
    if len(told) > _LONGEST:
        told = told[:_LONGEST].rpartition(" ")[0] or told[:_LONGEST]
    return f'"{told}"' if told else ""


def stamp(moment: datetime) -> str:
    """Return a moment; two of them compare as texts."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    """Return the moment that such a text names."""
    return read_time(text)[0]
