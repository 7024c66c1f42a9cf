"""Truth Social and Gab: statuses in Mastodon's shape, and in Gab's own short names.

Made from the published field names of 4CAT; no recorded answer was at hand.
"""

from __future__ import annotations

from collections.abc import Iterator

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
    unique,
)
from spillover import Counts, Post


def status(record: Json, seen: Seen, platform: str) -> Iterator[Item]:
    """Yield the status."""
    post_id = identity(first(record, "i", "id"))
    body = plain(first(record, "c", "content"))
    date = published(first(record, "ca", "created_at"), "created_at", seen)
    author = first(record, "author_info", "account")
    card = first(record, "card", "link")
    yield Post(
        id=post_id,
        platform=platform,
        url=f"https://gab.com/posts/{post_id}" if platform == "gab" else f"https://truthsocial.com/@_/posts/{post_id}",
        kind="repost" if isinstance(record.get("reblog"), dict) else "post",
        text=body,
        author=account(
            at(author, "i") or at(author, "id"),
            *(at(author, name) for name in ("un", "username", "ac", "acct", "dn", "display_name")),
        ),
        published_at=date.at,
        published_precision=date.precision,
        lang=language(record.get("language")),
        hashtags=unique(tag.get("name") for tag in dicts(first(record, "tg", "tags"))),
        links=unique((at(card, "url"), *links_in(body))),
        counts=Counts(
            likes=count(first(record, "fbc", "favourites_count"), "favourites_count"),
            shares=count(first(record, "rbc", "reblogs_count"), "reblogs_count"),
            comments=count(record.get("replies_count"), "replies_count"),
        ),
        observed_at=seen.observed_at,
    )
