"""Addresses as records give them: of a post on a platform that we know, or of a page of the open web."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit


class Place(NamedTuple):
    """What is at an address. ``url`` is None where it names an account that nobody would take out of it."""

    platform: str  # empty: a page of the open web
    id: str
    url: str | None


_PORT = re.compile(r":(?:80|443)$")


def known_as(url: str, name: str = "url") -> Place:
    """Return how what is at an address is known; raise ValueError with the name of the field.

    A page is known by its address without the fragment, as in news sources, so that one article has one id; where the
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
    if address.private:
        raise ValueError(f"{name}: of {parts.hostname}, and private; only public posts are kept")
    if address.platform and address.id and address.kind != "channel":
        return Place(address.platform, address.id, said)
    if address.platform:
        raise ValueError(f"{name}: of {parts.hostname}, and no post: a channel, a list or a front page")
    whole = urlunsplit(parts._replace(netloc=_PORT.sub("", parts.netloc.lower()), fragment=""))
    if address.carries_account:
        return Place("", blake2b(whole.encode("utf-8", "replace"), digest_size=16).hexdigest(), None)
    return Place("", whole, whole)
