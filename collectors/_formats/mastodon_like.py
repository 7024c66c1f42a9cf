"""Statuses in Mastodon's shape: what Mastodon, Truth Social and Gab (in its own short names) have in common.

Truth Social's and Gab's were made from the published field names of 4CAT; no recorded answer was at hand.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from collectors._formats.fields import (
    Item,
    Json,
    Seen,
    account,
    at,
    count,
    dicts,
    first,
    identity,
    language,
    links_in,
    plain,
    published,
    seconds,
    text,
    unique,
)
from spillover import Counts, Post

_ANCHOR, _HREF = re.compile(r"<a\b[^<>]*>"), re.compile(r"href=[\"'](https?://[^\"']+)")
_INNER = re.compile(r"(?:class|rel)=[\"'][^\"']*\b(?:mention|hashtag|tag)\b")  # leads to an account or a tag


def status(record: Json, seen: Seen, platform: str) -> Iterator[Item]:
    """Yield a status of a platform that is one server."""
    post_id = identity(first(record, "i", "id"))
    author = first(record, "author_info", "account")
    names = (at(author, name) for name in ("un", "username", "ac", "acct", "dn", "display_name"))
    yield replace(
        post(record, seen, post_id),
        platform=platform,
        url=f"https://gab.com/posts/{post_id}" if platform == "gab" else f"https://truthsocial.com/@_/posts/{post_id}",
        kind="repost" if isinstance(record.get("reblog"), dict) else "post",
        author=account(at(author, "i") or at(author, "id"), *names),
    )


def post(record: Json, seen: Seen, post_id: str) -> Post:
    """Return what a status says, without where it is and whose: that differs by platform."""
    content = first(record, "c", "content")
    body = plain(content)
    date = published(first(record, "ca", "created_at"), "created_at", seen)
    card = first(record, "card", "link")
    media = (seconds(at(each, "meta", "original", "duration")) for each in dicts(record.get("media_attachments")))
    return Post(
        id=post_id,
        title=text(at(card, "title")) or text(record.get("spoiler_text")),
        text=body,
        published_at=date.at,
        published_precision=date.precision,
        lang=language(record.get("language")),
        hashtags=unique(tag.get("name") for tag in dicts(first(record, "tg", "tags"))),
        links=unique((at(card, "url"), *_linked(content), *links_in(body))),
        duration_s=next(filter(None, media), None),
        counts=Counts(
            likes=count(first(record, "fbc", "favourites_count"), "favourites_count"),
            shares=count(first(record, "rbc", "reblogs_count"), "reblogs_count"),
            comments=count(record.get("replies_count"), "replies_count"),
        ),
        observed_at=seen.observed_at,
    )


def _linked(content: Any) -> Iterator[str]:
    """Yield the addresses behind a text's links, which what stands there may cut short."""
    for anchor in _ANCHOR.findall(content) if isinstance(content, str) else ():
        if (found := _HREF.search(anchor)) and not _INNER.search(anchor):
            yield html.unescape(found[1])
