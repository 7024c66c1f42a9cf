"""Wayback Machine: recorded requests of its CDX server with their answers. Archived pages themselves are not read here."""

from __future__ import annotations

from collections.abc import Iterator

from collectors._formats import cdx
from collectors._formats.fields import Item, Json, Seen

NAME = "wayback"


def finds(record: Json) -> bool:
    """Say whether this is a recorded request of the CDX server with its answer."""
    return "body" in record and "/cdx" in str(record.get("url")) and "archive" in str(record.get("url"))


def knows(record: Json) -> bool:
    """Say whether this is a recorded request of an archived page."""
    return "body" in record and "web.archive.org/web/" in str(record.get("url"))


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield what each line of the answer says."""
    body = record["body"]
    for number, row in enumerate(body if isinstance(body, list) else str(body).splitlines()):
        if isinstance(row, str):
            if row.strip() and not cdx.is_resume_key(row):
                yield from cdx.of_line(row)
        elif number and len(row) > 1:
            yield from cdx.items(body[0], seen)(row)
