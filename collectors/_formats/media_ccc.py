"""media.ccc.de: recordings of talks ("events"), as its public API answers. Licence and speakers are named with each."""

from __future__ import annotations

from collections.abc import Iterator

from collectors._formats.fields import (
    Item,
    Json,
    Seen,
    account,
    counts,
    first,
    hashtags_in,
    identity,
    links_in,
    plain,
    published,
    seconds,
    text,
    unique,
)  # fmt: skip
from collectors._formats.languages import from_three
from spillover import Post

NAME = PLATFORM = "media_ccc"


def finds(record: Json) -> bool:
    """Say whether this is an event."""
    return "guid" in record and "conference_url" in record and ("frontend_link" in record or "release_date" in record)


def knows(record: Json) -> bool:
    """Say whether this is an answer without events: conferences, recordings, a search that found none."""
    return "recordings_url" in record or "recording_url" in record or isinstance(record.get("conferences"), list) or record == {"events": []}  # fmt: skip


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the event; one without a date of release was not published yet, or says it elsewhere."""
    title = ": ".join(part for part in (text(record.get("title")), text(record.get("subtitle"))) if part)
    body = plain(record.get("description"))
    date = published(first(record, "release_date", "date"), "release_date", seen)
    persons = record.get("persons")
    tongues = str(record.get("original_language") or "").split("-")
    yield Post(
        id=identity(record.get("guid"), "guid"),
        platform=PLATFORM,
        url=text(record.get("frontend_link")),
        kind="video",
        title=title or None,
        text=body,
        author=account(None, *(persons if isinstance(persons, list) else ())),
        published_at=date.at,
        published_precision="day" if record.get("release_date") else date.precision,
        lang=from_three(tongues[0]) if len(tongues) == 1 else None,
        hashtags=hashtags_in(body),
        links=unique((text(record.get("link")), *links_in(body))),
        duration_s=seconds(first(record, "duration", "length")),
        counts=counts(record, views="view_count"),
        observed_at=seen.observed_at,
    )
