"""Hacker News: an item of the official API, or a hit of Algolia's search, which has other names for the same."""

from __future__ import annotations

import html
import re

from collectors._formats.fields import Json, account, count, first, identity, links_in, plain, text, unique
from spillover import Availability, Counts, Parent, Post, read_time

_HREF = re.compile(r'href="([^"]+)"')  # a link's text is cut short, its address is not


def post(record: Json) -> Post:
    """Return the story, comment, poll or job."""
    post_id = identity(first(record, "objectID", "id"))
    body = first(record, "text", "comment_text", "story_text")
    parent = first(record, "parent", "parent_id")
    author = first(record, "by", "author")
    written = [html.unescape(href) for href in _HREF.findall(body or "")]
    return Post(
        id=post_id,
        url=f"https://news.ycombinator.com/item?id={post_id}",
        kind="comment" if "comment" in (record.get("type"), *record.get("_tags", ())) else "post",
        title=text(record.get("title")),
        text=plain(body),
        author=account(author, author),
        published_at=read_time(first(record, "time", "created_at_i"))[0],
        links=unique((*links_in(record.get("url")), *written)),
        parents=(Parent(id=identity(parent), relation="reply"),) if parent is not None else (),
        counts=Counts(
            likes=count(first(record, "score", "points"), "score"),
            comments=count(first(record, "descendants", "num_comments"), "descendants"),
        ),
    )


def standing(post_id: str, item: Json | None) -> Availability:
    """Say how an item stands; the API answers ``null`` for what it does not have."""
    if item is None:
        return Availability(id=post_id, status="unknown", cause="missing", basis="absent")
    if identity(item["id"]) != post_id:
        raise ValueError("another item than was asked for")
    if item.get("deleted") is True:
        return Availability(id=post_id, status="gone", cause="author", said="deleted")
    if item.get("dead") is True:
        return Availability(id=post_id, status="gone", cause="moderation", said="dead")
    return Availability(id=post_id, status="up")
