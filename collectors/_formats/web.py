"""Addresses as records give them: of a post on a platform that we know, or of a page of the open web."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

WEB = ""  # of what is on no platform: it stays with the source that found it (docs/decisions/0011)


class Place(NamedTuple):
    """What is at an address. ``url`` is None where it names an account that nobody would take out of it."""

    platform: str
    id: str
    url: str | None


def known_as(url: str, name: str = "url") -> Place:
    """Return how what is at an address is known; raise ValueError with the name of the field.

    An article is known by its address without what tracks its reader, so that it has one id in every source; where the
    address names an account, by its digest.
    """
    from spillover import resolve  # its tables load in 40 ms, which tables with ids need not wait for

    said = url.strip()
    try:
        parts = urlsplit(said)
    except ValueError:
        raise ValueError(f"{name}: no address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or "." not in parts.hostname or "@" in parts.netloc:
        raise ValueError(f"{name}: no public address")
    address = resolve(said)
    if address.private or address.page_id is None:
        raise ValueError(f"{name}: of {parts.hostname}, and private; only public posts are kept")
    if address.platform and address.post_id and address.kind != "channel":
        return Place(address.platform, address.post_id, said)
    if address.platform:
        raise ValueError(f"{name}: of {parts.hostname}, and no post: a channel, a list or a front page")
    return Place(WEB, address.page_id, None if address.carries_account else address.canonical)


def found_at(url: str, name: str = "url") -> Place:
    """Return how a result of a search is known: a platform's page that is no post as a page of the web, by its digest."""
    from spillover import resolve

    address = resolve(url.strip())
    if address.platform and not address.private and address.page_id and (not address.id or address.kind == "channel"):
        return Place(WEB, address.page_id, None)
    return known_as(url, name)
