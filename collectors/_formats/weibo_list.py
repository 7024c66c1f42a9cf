"""Weibo's hot-search list as a public archive keeps it: a file a day, with every title that stood on the list that day.

An entry is a title and the search to which the list links; the link says at which place the title was first seen. When
it was is not in the file, nor when it left.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from collectors._formats import weibo_hot
from collectors._formats.fields import Item, Json, Seen, text
from spillover import Post

NAME = "weibo_list"


def finds(record: Json) -> bool:
    """Say whether this is an entry of such a file."""
    return "title" in record and str(record.get("url")).startswith("/weibo?q=")


def knows(record: Json) -> bool:
    """Nothing else is in such a file."""
    return False


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the topic."""
    yield topic_of(record, seen)


def topic_of(record: Json, seen: Seen) -> Post:
    """Return the topic of an entry; raise ValueError with the field that cannot be read."""
    asked = parse_qs(urlsplit(str(record.get("url"))).query)
    query = asked.get("q", [""])[0]
    if not query:
        raise ValueError("url: no search; an entry links to one")
    title, rank = text(record.get("title")), asked.get("band_rank", [""])[0]
    return weibo_hot.topic(
        title or "", rank, seen.observed_at, is_hashtag=query.startswith("#") and query.endswith("#")
    )
