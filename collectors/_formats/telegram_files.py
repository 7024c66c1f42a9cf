"""Telegram's public pages of channels and posts, saved from a browser or as a recorded answer."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from collectors._formats.fields import Item, Json, Seen, Trouble
from collectors._formats.telegram_page import read_page, read_posts
from spillover import Answer, CollectError

NAME = "telegram_page"
PLATFORM = "telegram"
_MARK = b"tgme_"


def is_page(head: bytes) -> bool:
    """Say whether a file begins as such a page does."""
    return head.lstrip()[:1] == b"<" and (_MARK in head or b"https://t.me/" in head) and b"<html" in head[:2000].lower()


def items(body: bytes, seen: Seen, url: str = "") -> Iterator[Item]:
    """Yield the posts of a page; what cannot be read of it is trouble, but that a channel was renamed is no post at all."""
    answer = Answer(url=url, status=200, headers={}, body=body, fetched_at=seen.latest)
    try:
        posts, rejects = read_posts(read_page(answer))
    except CollectError as error:
        yield Trouble(str(error), None)
        return
    if not posts:
        yield Trouble("no message is on this page: the channel shows none here, or Telegram changed its pages", None)
    for post in posts:
        yield replace(post, platform=PLATFORM, observed_at=seen.observed_at)
    yield from (Trouble(reject.reason, None) for reject in rejects if "service message" not in reject.reason)


def finds(record: Json) -> bool:
    """Say whether this is a recorded answer that is such a page."""
    body = record.get("body")
    return isinstance(body, str) and "status" in record and "://t.me/" in str(record.get("url")) and "tgme_" in body


def knows(record: Json) -> bool:
    """Nothing else is answered."""
    return False


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the posts of the page."""
    yield from items(record["body"].encode("utf-8", "replace"), seen, str(record["url"]))
