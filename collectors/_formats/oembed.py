"""oEmbed: what a site answers when it is asked how to embed an address. The cheapest look at whether something is still up.

An answer with status 200 that describes it means that it is up, which is inferred: the answer is about embedding. 404
and 410 mean that it was not found, for whatever reason. 401 and 403 are as often about embedding as about the post, and
like 429 and 5xx they say nothing of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from collectors._formats.fields import Item, Json, Seen, account, bare, first, links_in, plain, text
from collectors._formats.web import WEB, Place, known_as
from spillover import Availability, Post

NAME = "oembed"
_ASKED, _SOURCE = (
    re.compile(r"oembed|/embed\b", re.IGNORECASE),
    re.compile(r"(?:src|href|cite|data-url)=[\"']([^\"']+)"),
)
_ABSENT = (404, 410)


def finds(record: Json) -> bool:
    """Say whether this is a recorded question with its answer, or an answer alone."""
    if "body" in record and "status" in record:
        return _asked_for(record) is not None
    return _is_answer(record)


def knows(record: Json) -> bool:
    """Nothing else is answered."""
    return False


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the post and that it was up, or that it was not found; raise ValueError where the answer says nothing of it."""
    asked = _asked_for(record) if "status" in record else None
    status = int(record["status"]) if asked is not None else 200
    if status in _ABSENT:
        place = _place(_whole(str(asked)))
        if place is None:
            return
        check = Availability(
            id=place.id, platform=place.platform, status="unknown", cause="missing", basis="absent", checked_at=seen.observed_at
        )  # fmt: skip
        yield check
        yield bare(check, place.url)
        return
    told = _told(record["body"]) if asked is not None else record
    if status != 200 or told is None:
        raise ValueError(
            f"status: {status} with {'another page' if told is None else 'an answer'}: it says nothing of the post"
        )
    place = _place(_whole(asked)) if asked else _subject(told)
    if place is None:
        return
    yield Availability(id=place.id, platform=place.platform, status="up", basis="inferred", checked_at=seen.observed_at)
    yield _post(told, place, seen)


def _post(told: Json, place: Place, seen: Seen) -> Post:
    return Post(
        id=place.id,
        platform=place.platform,
        url=place.url,
        kind="video" if told.get("type") == "video" else "post",
        title=plain(told.get("title")),
        text=plain(told.get("description")),
        author=account(
            first(told, "author_unique_id", "author_url"), told.get("author_unique_id"), told.get("author_name")
        ),
        observed_at=seen.observed_at,
    )


def _asked_for(record: Json) -> str | None:
    """Return the address that a site was asked about, where the request was for an oEmbed."""
    parts = urlsplit(str(record.get("url")))
    asked = parse_qs(parts.query).get("url", [""])[0]
    return asked if asked and _ASKED.search(parts.path) else None


def _is_answer(told: Any) -> bool:
    return (
        isinstance(told, dict)
        and told.get("type") in ("video", "rich", "photo", "link")
        and ("html" in told or "provider_name" in told or "thumbnail_url" in told)
        and ("version" in told or "provider_url" in told)
    )


def _told(body: Any) -> Json | None:
    try:
        found = json.loads(body) if isinstance(body, str) else body
    except ValueError:
        return None
    return found if _is_answer(found) else None


def _subject(told: Json) -> Place:
    """Return what an answer is about by the addresses that it holds; one that embeds nothing known is about nothing known."""
    given = [told.get("url"), *_SOURCE.findall(str(told.get("html") or "")), *links_in(text(told.get("html")))]
    for found in (_whole(address) for address in given if isinstance(address, str)):
        try:
            place = known_as(found)
        except ValueError:
            continue
        if place.platform != WEB:
            return place
    raise ValueError("url: the answer names no post of a platform that we know; keep the request beside it")


def _place(address: str) -> Place | None:
    """Return what an address leads to, None for a channel or a list; raise ValueError where no platform is known."""
    from spillover import resolve

    found = resolve(address)
    if found.platform and (not found.id or found.kind == "channel") and not found.private:
        return None
    place = known_as(address)
    if place.platform == WEB:
        raise ValueError(f"url: {urlsplit(address).hostname} is no platform that we know")
    return place


def _whole(address: str) -> str:
    return f"https:{address}" if address.startswith("//") else address
