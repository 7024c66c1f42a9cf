"""Wayback Machine CDX: when the archive saw an address, and how the site answered it.

Lines of text, a list of lists (``output=json``), or a table with the columns of a CDX. From a capture with 200 it is
inferred that a post was up, except where a platform answers 200 for what it took away as well, and tells it in words
that an index does not hold. 404 says that it was absent; 410 and 451 are the site's own words. Other answers (redirects,
403, 429, 5xx) and repeats without a status say nothing of a post: there is no item for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from collectors._formats.fields import Item, Seen, Trouble, bare, shown
from collectors._formats.headers import Columns
from collectors._formats.wayback import HONEST
from collectors._formats.web import WEB, known_as
from spillover import Availability

NAME = "cdx"
_COLUMNS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
_LINE = re.compile(r"\S+\)\S* \d{14} \S+ \S+ (?:\d{3}|-) \S+(?: \S+)*")
_RESUME = re.compile(r"[^\s?]+%29[^\s?]*\+\d{8,}\S*")
_STATUS = re.compile(r"\d{3}|-")
_STANDING: dict[str, tuple[str, str | None, str]] = {
    "200": ("up", None, "inferred"), "404": ("unknown", "missing", "absent"), "410": ("gone", None, "stated"), "451": ("withheld", "legal", "stated"),
}  # fmt: skip


class _Capture(NamedTuple):
    timestamp: str
    original: str
    status: str


def is_line(line: str) -> bool:
    """Say whether this is a line of such an answer."""
    return _LINE.fullmatch(line.strip()) is not None


def is_resume_key(line: str) -> bool:
    """Say whether this is where to go on, which stands last in an answer that was asked for in parts."""
    return _RESUME.fullmatch(line.strip()) is not None


def is_listed(values: Sequence[Any]) -> bool:
    """Say whether these are rows of ``output=json``, the first of which names the columns."""
    return bool(values) and isinstance(values[0], list) and "timestamp" in values[0] and "original" in values[0]


def fits(names: Sequence[str]) -> bool:
    """Say whether these are the columns of such a table."""
    columns = Columns(names)
    return columns.has("timestamp") and columns.has("original") and columns.has("statuscode", "status")


def items(names: Sequence[str], seen: Seen) -> Callable[[Sequence[Any]], Iterator[Item]]:
    """Return what says what a row says."""
    columns, known = Columns(names), set[str]()

    def read(values: Sequence[Any]) -> Iterator[Item]:
        row = columns.row(values)
        fields = (row("timestamp"), row("original"), row("statuscode", "status"))
        yield from _standing(_Capture(*("-" if value is None else str(value) for value in fields)), known)

    return read


def of_line(line: str, known: set[str]) -> Iterator[Item]:
    """Yield what a line says; ``known`` are the addresses of which others said something."""
    parts = line.split()
    if len(parts) < len(_COLUMNS) - 1 or not is_line(line):
        yield Trouble("no line of a CDX: urlkey, timestamp, original, mimetype, statuscode, digest, length", line)
        return
    try:
        yield from _standing(_Capture(parts[1], parts[2], parts[4]), known)
    except ValueError as error:
        yield Trouble(str(error), line)


def _standing(capture: _Capture, known: set[str]) -> Iterator[Item]:
    """Yield what a capture says, and once what it is about; raise ValueError with the field that cannot be read."""
    if not _STATUS.fullmatch(capture.status):
        raise ValueError(f"statuscode: {shown(capture.status)} is none")
    try:
        seen_at = datetime.strptime(capture.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"timestamp: {shown(capture.timestamp)} is no time") from None
    place = known_as(capture.original, "original")
    if capture.status not in _STANDING:
        return
    status, cause, basis = _STANDING[capture.status]
    status = "unknown" if status == "up" and place.platform not in (WEB, *HONEST) else status
    check = Availability(
        id=place.id, platform=place.platform or "web", status=status, cause=cause, basis=basis, checked_at=seen_at,  # type: ignore[arg-type]
        vantage="archive", evidence=f"wayback:{capture.timestamp}", said=f"HTTP {capture.status}" if basis == "stated" else None,
    )  # fmt: skip
    yield check
    if place.id not in known:
        known.add(place.id)
        yield bare(check, place.url, "page" if place.platform == WEB else "post")
