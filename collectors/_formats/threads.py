"""Threads: posts as its web pages hold them. Made from the published field names of 4CAT; no recorded answer was at hand."""

from __future__ import annotations

from collections.abc import Iterator

from collectors._formats.fields import (
    Item,
    Json,
    Seen,
    account,
    at,
    count,
    hashtags_in,
    identity,
    links_in,
    published,
    text,
    unique,
)
from spillover import Counts, Parent, Post

NAME = "threads"


def finds(record: Json) -> bool:
    """Say whether this is a post."""
    return "code" in record and isinstance(record.get("text_post_app_info"), dict)


def knows(record: Json) -> bool:
    """Nothing else is captured."""
    return False


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the post."""
    code, info = identity(record.get("code"), "code"), record["text_post_app_info"]
    body = text(at(record, "caption", "text"))
    date = published(record.get("taken_at"), "taken_at", seen)
    yield Post(
        id=code,
        platform=NAME,
        url=f"https://www.threads.com/@_/post/{code}",
        text=body,
        author=account(
            at(record, "user", "pk") or at(record, "user", "id"),
            at(record, "user", "username"),
            at(record, "user", "full_name"),
        ),
        published_at=date.at,
        published_precision=date.precision,
        hashtags=hashtags_in(body),
        links=unique((at(info, "link_preview_attachment", "url"), *links_in(body))),
        parents=tuple(_parents(info)),
        counts=Counts(
            likes=count(record.get("like_count"), "like_count"),
            shares=count(info.get("repost_count"), "repost_count"),
            comments=count(info.get("direct_reply_count"), "direct_reply_count"),
        ),
        observed_at=seen.observed_at,
    )


def _parents(info: Json) -> Iterator[Parent]:
    """Yield the posts that this one carries. Which post it answers is not given, only whose."""
    for name, relation in (("reposted_post", "repost"), ("quoted_post", "quote")):
        if code := text(at(info, "share_info", name, "code")):
            yield Parent(id=code, relation=relation)
