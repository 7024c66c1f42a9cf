"""Wayback Machine: recorded requests of its CDX server with their answers. Archived pages themselves are not read here."""

from __future__ import annotations

from collections.abc import Iterator

from collectors._formats import cdx
from collectors._formats.fields import Item, Json, Seen

NAME = "cdx_answers"


def finds(record: Json) -> bool:
    """Say whether this is a recorded request of the CDX server with its answer."""
    return "body" in record and "/cdx" in str(record.get("url")) and "archive" in str(record.get("url"))


def knows(record: Json) -> bool:
    """Say whether this is a recorded request of an archived page."""
    return "body" in record and "web.archive.org/web/" in str(record.get("url"))


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield what each line of the answer says."""
    body, known = record["body"], set[str]()
    if isinstance(body, list):
        read_row = cdx.items(body[0] if body else [], seen)
        for row in body[1:]:
            if len(row) > 1:  # one value alone says where to go on
                yield from read_row(row)
        return
    for line in str(body).splitlines():
        if line.strip() and not cdx.is_resume_key(line):
            yield from cdx.of_line(line, known)
