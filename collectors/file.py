"""Files that an analyst brings: captures of a browser, exports of other programs, recorded answers, charts, tables.

The only lawful way to platforms that answer no program. The format is told by the content; a record that cannot be read
is rejected with its line, and the others land. Without a time of its own a record was seen when the file was last changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from collectors._formats import answers, records, translating
from collectors._formats.choosing import Choice, choose
from collectors._formats.containers import Damaged, Member, members
from collectors._formats.fields import Seen
from collectors._formats.mapping import read_mapping
from collectors._formats.paging import Pager
from spillover import Collector, Page, Source, UnknownFormat

_LAYOUTS = {"text": translating.text, "listed": translating.listed, "whole": translating.whole}


class File(Collector):
    """Reads files; ``format_name`` is that of the file which was loaded last."""

    name = "file"
    terms = "what the analyst may keep is the analyst's to know"
    format_name: str | None = None

    def load(self, source: Source) -> Iterator[Page]:
        """Read a file, or every member of a zip; raise UnknownFormat where nothing in it is known."""
        last: Page | None = None
        for page in self._pages(source):
            if last is not None:
                yield last
            last = page
        if last is not None:
            last.done = True
            yield last

    def _pages(self, source: Source) -> Iterator[Page]:
        seen = _seen(source)
        unknown: list[UnknownFormat] = []
        found = _members(source)
        for member in found:
            try:
                choice = _choose(member, source, seen)
            except UnknownFormat as error:
                if len(found) == 1:
                    raise
                unknown.append(error)
                continue
            self.format_name = self.format_name or choice.name
            yield from _pages(choice, seen)
        if len(unknown) == len(found):
            raise unknown[0] if unknown else UnknownFormat(f"{source.path}: nothing is in this zip")
        yield from _skipped(unknown)


def detect(source: Source) -> str:
    """Return the format of a file without reading the whole; raise UnknownFormat."""
    troubles = []
    for member in _members(source):
        try:
            return _choose(member, source, _seen(source)).name
        except UnknownFormat as error:
            troubles.append(error)
    raise troubles[0] if troubles else UnknownFormat(f"{source.path}: nothing is in this zip")


def _seen(source: Source) -> Seen:
    return Seen(None, datetime.fromtimestamp(source.path.stat().st_mtime, UTC))


def _members(source: Source) -> list[Member]:
    try:
        return members(source.path)
    except (Damaged, OSError) as error:
        raise UnknownFormat(f"{source.path}: {error}") from error


def _choose(member: Member, source: Source, seen: Seen) -> Choice:
    rules = read_mapping(source.mapping) if source.mapping else None
    try:
        return choose(member, seen, wanted=source.format, rules=rules)
    except ValueError as error:  # a Parquet file without its end
        raise UnknownFormat(f"{source.path}: {error}") from error


def _skipped(unknown: list[UnknownFormat]) -> Iterator[Page]:
    pager = Pager()
    for error in unknown:
        pager.reject(1, str(error), "")
    yield from pager.flush()


def _pages(choice: Choice, seen: Seen) -> Iterator[Page]:
    pager = Pager(choice.member.name)
    if choice.name == records.NAME:
        return records.pages(choice.documents(), pager)
    if choice.layout in ("csv", "parquet"):
        return translating.rows(choice, seen, pager)
    if choice.layout in _LAYOUTS:
        return _LAYOUTS[choice.layout](choice, seen, pager)
    if any(choice.name == each.NAME for each in answers.FORMATS):
        return translating.documents(choice, seen, pager)
    return (translating.item_objects if choice.says_items else translating.objects)(choice, seen, pager)
