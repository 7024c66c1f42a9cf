"""Bluesky: the record of a post, as every stream and answer carries it.

``createdAt`` is the author's claim: one that is later than the server's clock, or older than the network, gives way to
when the server saw the post.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.json import decode

from collectors._formats.fields import Json, at
from spillover import Author, Counts, Parent, Post, read_time

PLATFORM = "bluesky"
POSTS = "app.bsky.feed.post"
AT_POST = re.compile(rf"at://([\w.:%-]+)/{re.escape(POSTS)}/([\w.~:-]+)", re.ASCII)
_SKEW = timedelta(minutes=10)  # of authors' clocks
_FIRST = datetime(2022, 11, 1, tzinfo=UTC)  # no post is older than the network
_LANG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_URL = "https://bsky.app/profile/{}/post/{}"


class _Facet(Struct):
    features: list[Json] = []


class _Reference(Struct):
    uri: str = ""


class _Reply(Struct):
    parent: _Reference | None = None


class Record(Struct):
    """What an author wrote."""

    text: str
    createdAt: Any = None
    langs: list[str] | None = None
    tags: list[str] | None = None
    facets: list[_Facet] | None = None
    embed: Json | None = None
    reply: _Reply | None = None


def post_of(
    author: Author,
    rkey: str,
    record: Record,
    seen_at: datetime,
    *,
    observed_at: datetime | None,
    counts: Counts | None = None,
) -> Post:
    """Return a post from its record; ``seen_at`` is when the network saw it."""
    published_at, precision = _published(record.createdAt, seen_at)
    title, uris, quoted = _embedded(record.embed) if record.embed else (None, (), "")
    features = [feature for facet in record.facets for feature in facet.features] if record.facets else []
    langs = record.langs or ()
    return Post(
        id=f"at://{author.id}/{POSTS}/{rkey}",
        platform=PLATFORM,
        url=_URL.format(author.id, rkey),
        title=title,
        text=record.text,
        author=author,
        published_at=published_at,
        published_precision=precision,
        lang=langs[0] if len(langs) == 1 and _LANG.fullmatch(langs[0]) else None,
        hashtags=_tags([*(_said(feature, "tag") for feature in features), *(record.tags or ())]),
        links=_links([*(_said(feature, "uri") for feature in features), *uris, quoted]),
        parents=_parents(record.reply, quoted) if record.reply or quoted else (),
        counts=counts,
        observed_at=observed_at,
    )


def error_in(body: bytes) -> str:
    """Return the name of an XRPC error, "" where there is none."""
    try:
        return _said(decode(body), "error")
    except (ValueError, RecursionError):
        return ""


def _embedded(embed: Json) -> tuple[str | None, tuple[str, str], str]:
    """Return the title of a link's card, the addresses of the card, and what is quoted."""
    media = embed.get("media")  # a quote with something beside it
    title = _said(embed, "external", "title") or _said(media, "external", "title")
    quoted = _said(embed, "record", "uri") or _said(embed, "record", "record", "uri")
    return title or None, (_said(embed, "external", "uri"), _said(media, "external", "uri")), quoted


def _parents(reply: _Reply | None, quoted: str) -> tuple[Parent, ...]:
    """Return the posts that are answered and quoted; feeds and lists can be quoted too, and are no posts."""
    answered = reply.parent.uri if reply and reply.parent else ""
    stated = ((answered, "reply"), (quoted, "quote"))
    return tuple(Parent(id=uri, relation=relation) for uri, relation in stated if AT_POST.fullmatch(uri))


def _published(claimed: object, seen_at: datetime) -> tuple[datetime, str]:
    try:
        moment, precision = read_time(claimed)
    except ValueError:
        return seen_at, "second"
    return (moment, precision) if _FIRST <= moment <= seen_at + _SKEW else (seen_at, "second")


def _tags(said: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for tag in said if (word := tag.strip("#＃ \t\r\n")))) if said else ()


def _links(said: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(link for uri in said if uri and (link := _link(uri)))) if said else ()


def _link(uri: str) -> str | None:
    """Return a whole web address; a post that is quoted by its at:// address gets its web form."""
    if found := AT_POST.fullmatch(uri):
        return _URL.format(*found.groups())
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    return uri if parts.scheme in ("http", "https") and parts.hostname else None


def _said(value: object, *path: str) -> str:
    """Return the text that stands in an open object, "" where there is none: apps may put in what they like."""
    found = at(value, *path)
    return found if isinstance(found, str) else ""
