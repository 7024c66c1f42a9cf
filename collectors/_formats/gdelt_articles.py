"""GDELT DOC 2.0: saved lists of articles, as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from collectors._formats import gdelt
from collectors._formats.fields import Item, Json, Seen

NAME = "gdelt_articles"
PLATFORM = "gdelt"


def finds(record: Json) -> bool:
    """Say whether this is an article."""
    return "seendate" in record and "url" in record


def knows(record: Json) -> bool:
    """Say whether this is a list without articles."""
    return record.get("articles") == []


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the article."""
    article = gdelt.article(record)
    yield replace(article, platform=article.platform or PLATFORM, observed_at=seen.observed_at)
