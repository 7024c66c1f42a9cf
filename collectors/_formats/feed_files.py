"""Feeds that were saved: RSS, Atom and RDF as a file, or as the recorded answer of a site."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from collectors._formats import feeds
from collectors._formats.fields import Item, Json, Seen, Trouble
from spillover import Answer, CollectError, Page

NAME = "feed"
_PLATFORM = "rss"  # of its articles, as the collector names them
_BEGIN = re.compile(rb"\s*<(?:\?xml|!--|!DOCTYPE\s+rss|rss|feed|rdf:RDF)\b", re.IGNORECASE)
_ROOT = re.compile(rb"<(?:rss|(?:\w+:)?feed|(?:\w+:)?rdf|channel)[\s>]", re.IGNORECASE)
_LOOK = 8192


def is_feed(head: bytes) -> bool:
    """Say whether a file begins as a feed does."""
    return _BEGIN.match(head.removeprefix(b"\xef\xbb\xbf")) is not None and _ROOT.search(head[:_LOOK]) is not None


def items(body: bytes, seen: Seen, url: str = "") -> Iterator[Item]:
    """Yield the entries of a feed; what cannot be read of it is trouble."""
    answer = Answer(url=url, status=200, headers={}, body=body, fetched_at=seen.latest)
    page = Page()
    try:
        feeds.take(feeds.parse(answer), page, seen.latest)
    except CollectError as error:
        yield Trouble(str(error), None)
        return
    for post in page.posts:
        yield replace(post, platform=post.platform or _PLATFORM, observed_at=seen.observed_at)
    for reject in page.rejects:
        yield Trouble(f"entry {reject.line}: {reject.reason}", None)


def finds(record: Json) -> bool:
    """Say whether this is a recorded answer that is a feed."""
    body = record.get("body")
    return isinstance(body, str) and "status" in record and is_feed(body[:_LOOK].encode("utf-8", "replace"))


def knows(record: Json) -> bool:
    """Nothing else is answered."""
    return False


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the entries of the feed."""
    yield from items(record["body"].encode("utf-8", "surrogatepass"), seen, str(record.get("url") or ""))
