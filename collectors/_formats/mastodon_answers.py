"""Mastodon and its kin: saved statuses, alone or in the recorded answers of a server.

Which server answered is said by the recorded request only; without it the status that is answered has no id that others
know, unless the answering one is the server's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from collectors._formats import mastodon
from collectors._formats.fields import Item, Json, Seen, Trouble, at
from spillover import Post

NAME = "mastodon_answers"
PLATFORM = "mastodon"
_API, _DATA = (
    re.compile(r"/api/v\d+/(?:timelines/|statuses\b|accounts/[^/]+/statuses$|search$|trends/statuses$|streaming)"),
    "data: {",
)


def finds(record: Json) -> bool:
    """Say whether this is a status, or a recorded request for statuses."""
    if "body" in record and "url" in record:
        return _API.search(urlsplit(str(record["url"])).path) is not None and "visibility" in str(record["body"])
    return _is_status(record)


def knows(record: Json) -> bool:
    """Say whether this is another answer of such a server: an account, an instance, an error."""
    return ("acct" in record and "username" in record) or ("domain" in record and "source_url" in record)


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the statuses, and aside what they boost or quote."""
    if "body" not in record or "url" not in record:
        yield from _items(record, seen, _own_host(record), searched=False)
        return
    asked = urlsplit(str(record["url"]))
    for status in _statuses(_told(record["body"])):
        try:
            yield from _items(status, seen, asked.netloc, searched="/search" in asked.path)
        except (ValueError, TypeError, LookupError) as error:
            yield Trouble(f"{type(error).__name__}: {error}", status)


def _items(status: Json, seen: Seen, host: str, *, searched: bool) -> Iterator[Item]:
    for item in mastodon.items(status, seen, host, searched=searched):
        if isinstance(item, Post):
            parents = tuple(parent for parent in item.parents if not parent.id.startswith("/"))
            yield replace(item, platform=item.platform or PLATFORM, parents=parents)
        else:
            yield item


def _is_status(record: Json) -> bool:
    return (
        "visibility" in record and "uri" in record and "content" in record and isinstance(record.get("account"), dict)
    )


def _own_host(status: Json) -> str:
    """Return the server of a status that is its own; nothing where another showed it."""
    return "" if "@" in str(at(status, "account", "acct")) else urlsplit(str(status["uri"])).netloc


def _told(body: Any) -> Any:
    """Return what a server answered; a stream is told line by line."""
    if not isinstance(body, str):
        return body
    if _DATA in body:
        return [_parsed(line.removeprefix("data: ")) for line in body.splitlines() if line.startswith(_DATA)]
    return _parsed(body)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None  # what is no JSON holds no status: "OK", a page


def _statuses(told: Any) -> Iterator[Json]:
    """Yield the statuses in an answer; those that lie in another status belong to it."""
    if isinstance(told, list):
        for part in told:
            yield from _statuses(part)
    elif isinstance(told, dict):
        if _is_status(told):
            yield told
        else:
            yield from _statuses([part for part in told.values() if isinstance(part, (dict, list))])
