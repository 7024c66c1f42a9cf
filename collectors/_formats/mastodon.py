"""Statuses as the API of Mastodon and of its kin gives them: Pleroma, GoToSocial, snac and others.

A post's id is the same whichever server shows it: its home server and its number there, as its public address says
(``mastodon.social/1032``), else its ActivityPub ``uri``. A server's own numbers mean nothing elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from collectors._formats import mastodon_like
from collectors._formats.fields import Item, Json, Seen, Trouble, account, at, identity, text
from spillover import Author, Counts, Interval, Parent, Post, resolve

_SHOWN_TO_ALL = ("public", "unlisted")
_BRIDGED = re.compile(r"https://bsky\.brid\.gy/convert/ap/(at://did:[\w.:%-]+/app\.bsky\.feed\.post/\w+)", re.ASCII)
_GUESSED_LANGUAGE = re.compile(r"[0-9a-fA-F]{32,}")  # servers with such numbers call every post English
_BY_NUMBER = re.compile(r"\d{10,20}|[0-9A-HJKMNP-TV-Z]{26}|[0-9A-Za-z]{18}")  # Mastodon, GoToSocial, Pleroma


def items(record: Json, seen: Seen, host: str, *, searched: bool = False) -> Iterator[Item]:
    """Yield a status and, aside, what it boosts or quotes; trouble where it is not ours to keep.

    ``host`` is the server that was asked; ``searched`` that it was found by its words, which its author may not want.
    """
    if (why := _withheld(record, searched=searched)) is not None:
        yield Trouble(why, None)
        return
    boosted, quoted = record.get("reblog"), at(record, "quote", "quoted_status")
    yield _boost(record, boosted, seen, host) if boosted else _status(record, seen, host)
    for inner in (boosted, quoted):
        if inner and _withheld(inner, searched=searched) is None:
            yield replace(_status(inner, seen, host), aside=True)


def global_id(record: Json) -> str:
    """Return the id under which every server knows a status."""
    found = (resolve(address) for name in ("url", "uri") if isinstance(address := record.get(name), str))
    here = next((address.id for address in found if address.platform == "mastodon" and address.id), None)
    return here or identity(record.get("uri"), "uri")


def home(post_id: str) -> tuple[str, str | None]:
    """Return the home server of a post and its number there; None where the id does not say the number."""
    host, _, path = (post_id.partition("://")[2] or post_id).partition("/")
    number = path.removesuffix("/activity").rpartition("/")[2]
    return host, number if _BY_NUMBER.fullmatch(number) else None


def is_public(record: Json) -> bool:
    """Say whether a status is shown to all."""
    return record["visibility"] in _SHOWN_TO_ALL


def _withheld(record: Json, *, searched: bool) -> str | None:
    if not is_public(record):
        return f"visibility: {record['visibility']!r:.20} is not public, left out"
    unwilling = searched and any(at(record, "account", name) is False for name in ("indexable", "discoverable"))
    return "indexable, discoverable: its author does not want to be found by search, left out" if unwilling else None


def _status(record: Json, seen: Seen, host: str) -> Post:
    found = mastodon_like.post(record, seen, global_id(record))
    guessed = _GUESSED_LANGUAGE.fullmatch(identity(record["id"]))
    parents = tuple(_parents(record, host))
    counts = found.counts if home(found.id)[0] == host else _at_least(found.counts or Counts())
    return replace(
        found,
        url=_address(record),
        author=_author(record),
        parents=parents,
        lang=None if guessed else found.lang,
        counts=counts,
    )


def _at_least(seen: Counts) -> Counts:
    """Return counts as lower bounds: another server than a post's home counts what it has heard of."""
    low = {name: getattr(seen, name) for name in ("likes", "shares", "comments")}
    return Counts(**{name: Interval(n, None, n) if isinstance(n, int) else n for name, n in low.items()})


def _boost(record: Json, boosted: Json, seen: Seen, host: str) -> Post:
    """Return a boost: what it shows is the original's, and so are the counts that some servers give it."""
    original = _status(boosted, seen, host)
    own_id, address = global_id(record), _address(record)
    if own_id == original.id or "#" in own_id:  # Pleroma and snac give a boost no address of its own
        asked = host or urlsplit(identity(record.get("uri"), "uri")).hostname
        own_id, address = f"{asked}/{identity(record['id'])}", None  # what stands there is the original's
    when = mastodon_like.post(record, seen, own_id)
    return replace(
        original, id=own_id, url=address, kind="repost", author=_author(record), counts=Counts(),
        published_at=when.published_at, parents=(Parent(id=original.id, relation="repost"),),
    )  # fmt: skip


def _parents(record: Json, host: str) -> Iterator[Parent]:
    if bridged := _BRIDGED.fullmatch(record["uri"]):
        yield Parent(id=bridged[1], relation="repost", platform="bluesky")
    if host and (number := text(record.get("in_reply_to_id"))):
        yield Parent(id=f"{host}/{number}", relation="reply")  # its home server is not said: this server's copy
    if quoted := at(record, "quote", "quoted_status"):
        yield Parent(id=global_id(quoted), relation="quote")
    elif host and (number := text(at(record, "quote", "quoted_status_id"))):
        yield Parent(id=f"{host}/{number}", relation="quote")


def _author(record: Json) -> Author | None:
    who = record["account"]
    found = account(who.get("url") or who.get("uri"), who.get("username"), who.get("acct"), who.get("display_name"))
    followers: Any = who.get("followers_count")
    return replace(found, followers=followers) if found and isinstance(followers, int) and followers >= 0 else found


def _address(record: Json) -> str | None:
    said = (record.get(name) for name in ("url", "uri"))
    return next((url for url in said if isinstance(url, str) and url.startswith(("https://", "http://"))), None)
