"""Which format a file is of, told by what is in it, never by its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Any, Protocol

from collectors._formats import (
    answers,
    cdx,
    crowdtangle,
    feed_files,
    fourcat,
    gdelt_tables,
    known_ids,
    mediacloud_export,
    records,
    table,
    telegram_files,
    tweet_attrition,
    weibo_hot,
    youtube_chart,
)
from collectors._formats.containers import Damaged, Member
from collectors._formats.documents import Document, by_bracket, by_line, decode
from collectors._formats.encodings import as_utf8
from collectors._formats.fields import Item, Seen
from collectors._formats.lines import Block, lines
from collectors._formats.mapping import Rules
from collectors._formats.packing import no_text
from collectors._formats.rows import Rows, broken_off, csv_rows, header_of, parquet_rows
from spillover import Post, UnknownFormat

Reader = Callable[[Sequence[Any]], Post]
ItemReader = Callable[[Sequence[Any]], Iterator[Item]]


class TableFormat(Protocol):
    """What a module of this package is that reads tables."""

    NAME: str

    def fits(self, names: Sequence[str]) -> bool: ...


class RowFormat(TableFormat, Protocol):
    """One whose rows are a post each: the fast way."""

    def reader(self, names: Sequence[str], seen: Seen) -> Reader: ...


class ItemFormat(TableFormat, Protocol):
    """One whose rows say anything else, or several things."""

    def items(self, names: Sequence[str], seen: Seen) -> ItemReader: ...


_POSTS: tuple[RowFormat, ...] = (youtube_chart, weibo_hot, fourcat, crowdtangle, mediacloud_export, known_ids)
_ITEMS: tuple[ItemFormat, ...] = (tweet_attrition, gdelt_tables, cdx)
_ROWS: tuple[TableFormat, ...] = (*_ITEMS, *_POSTS, table)  # a table of addresses is what is left
_SAMPLE = 50  # records that are looked at
_PARQUET = b"PAR1"
_WHOLE_CHUNKS = 16  # of a megabyte each
_BIGGEST_PARQUET = 2 << 30  # of a member of a zip, which must be whole in memory: its index is at its end


@dataclass(frozen=True)
class Choice:
    """A format and how the file is laid out."""

    name: str
    layout: str  # lines, brackets, csv, parquet, listed, text, whole
    member: Member
    rules: Rules | None = None

    def documents(self) -> Iterator[Document]:
        """Yield the JSON values of the file; where it breaks off, the last is trouble."""
        line = 0
        try:
            for document in (by_line if self.layout == "lines" else by_bracket)(as_utf8(self.member.chunks())[1]):
                line = document.line
                yield document
        except Damaged as error:
            yield Document(line + 1, b"", trouble=broken_off(error))

    def rows(self) -> Iterator[Rows]:
        """Yield the header and the rows of the file."""
        if self.layout == "parquet":
            return _parquet(self.member)
        return csv_rows(as_utf8(self.member.chunks())[1])

    def lines(self) -> Iterator[Block]:
        """Yield the lines of a file in which each says something alone."""
        return lines(as_utf8(self.member.chunks())[1])

    def whole(self) -> bytes:
        """Return all of a file, up to what no feed or page is longer than, as it stands: it says its encoding itself."""
        return b"".join(islice(self.member.chunks(), _WHOLE_CHUNKS))

    @property
    def says_items(self) -> bool:
        """Whether rows say other things than a post."""
        return any(self.name == each.NAME for each in _ITEMS)

    def reader(self, names: Sequence[str], seen: Seen) -> Reader:
        """Return what makes a post of a row."""
        if self.name == table.NAME:
            return table.reader(names, seen, self.rules)
        return next(each for each in _POSTS if self.name == each.NAME).reader(names, seen)

    def items(self, names: Sequence[str], seen: Seen) -> ItemReader:
        """Return what says what a row says."""
        return next(each for each in _ITEMS if self.name == each.NAME).items(names, seen)


def names() -> list[str]:
    """Return the formats that are known."""
    return sorted({records.NAME, *(each.NAME for each in answers.FORMATS), *(each.NAME for each in _ROWS)})


def choose(member: Member, seen: Seen, *, wanted: str | None = None, rules: Rules | None = None) -> Choice:
    """Return the format of a stream; raise UnknownFormat that says what was seen."""
    if wanted is not None and wanted not in names():
        raise UnknownFormat(f"no format {wanted!r}; there are: {', '.join(names())}")
    head = _head(member)
    if not head.strip(b" \t\r\n\0"):
        raise UnknownFormat(f"{_said(member)}: the file is empty")
    if (found := no_text(head)) is not None and not head.startswith(_PARQUET):
        raise UnknownFormat(f"{_said(member)}: {found}")
    if head.startswith(_PARQUET):
        return _by_header(next(iter(_parquet(member))).values[0], "parquet", member, wanted, rules)
    if (whole := _whole_format(head)) is not None and wanted in (None, whole):
        return Choice(whole, "whole", member)
    layout = _json_layout(head)
    if layout is None:
        line = head.lstrip(b"\r\n").split(b"\n", 1)[0].decode(errors="replace")
        if wanted in (None, cdx.NAME) and rules is None and cdx.is_line(line):
            return Choice(cdx.NAME, "text", member)
        return _by_header(header_of(line)[0], "csv", member, wanted, rules)
    return _by_sample(
        Choice(wanted or table.NAME, layout, member, rules), seen, is_told=wanted is not None or rules is not None
    )


def _whole_format(head: bytes) -> str | None:
    """Return the format of a file that is read whole: a feed, a page."""
    if feed_files.is_feed(head):
        return feed_files.NAME
    return telegram_files.NAME if telegram_files.is_page(head) else None


def _head(member: Member) -> bytes:
    try:
        return next(as_utf8(member.chunks())[1], b"")
    except Damaged as error:
        raise UnknownFormat(f"{_said(member)}: {error}") from error


def _said(member: Member) -> str:
    return f"{member.path}, {member.name}" if member.name else str(member.path)


def _json_layout(head: bytes) -> str | None:
    """Return how JSON is laid out: a value a line, or over lines; None for what is no JSON."""
    found = [line.rstrip(b"\r\0") for line in head.split(b"\n")[:200]]
    whole = [line for line in found[:-1] or found if line.strip()]
    opening = [line for line in whole if line[:1] in (b"{", b"[")]
    if not opening or (len(opening) * 3 < len(whole) and not head.lstrip().startswith((b"{", b"["))):
        return None
    is_one_list = len(opening) == 1 and opening[0].startswith(b"[")
    if len(whole[0]) > 2 and not is_one_list and any(_is_json(line) for line in opening[:20]):
        return "lines"
    return "brackets"


def _is_json(line: bytes) -> bool:
    try:
        return isinstance(decode(line.strip()), (dict, list))
    except ValueError:
        return False


def _by_header(header: Sequence[str], layout: str, member: Member, wanted: str | None, rules: Rules | None) -> Choice:
    if wanted is not None or rules is not None:
        return Choice(wanted or table.NAME, layout, member, rules)
    for each in _ROWS:
        if each.fits(header):
            return Choice(each.NAME, layout, member)
    raise _unknown(member, f"a table with the columns {', '.join(map(str, header))[:500] or '(none)'}")


def _by_sample(choice: Choice, seen: Seen, *, is_told: bool) -> Choice:
    """Return the choice with the format that the first records show."""
    if is_told:
        return choice
    sample = list(islice(choice.documents(), _SAMPLE))
    values = [document.value for document in sample if document.trouble is None]
    if cdx.is_listed(values):
        return Choice(cdx.NAME, "listed", choice.member)
    name = _format_of(values, seen)
    if name is not None:
        return Choice(name, choice.layout, choice.member)
    if not values:
        raise _unknown(
            choice.member, f"JSON of which nothing can be read ({sample[0].trouble if sample else 'it breaks off'})"
        )
    keys = ", ".join(list(values[0])[:20]) if isinstance(values[0], dict) else type(values[0]).__name__
    raise _unknown(choice.member, f"JSON; the first record has {keys[:500]}")


def _format_of(values: list[Any], seen: Seen) -> str | None:
    if any(map(records.finds, values)):
        return records.NAME
    found = Counter(first.format.NAME for value in values if (first := next(answers.records(value, seen), None)))
    if found:  # recorded exchanges are of several kinds: the most frequent names the file
        return found.most_common(1)[0][0]
    flat = [
        part
        for value in values
        for part in (value if isinstance(value, list) else (value,))
        if isinstance(part, dict) and not answers.is_exchange(part)  # the address in it is of the request
    ]
    for each in _ROWS:
        if any(each.fits(list(value)) for value in flat):
            return each.NAME
    return next((empty.NAME for value in values if (empty := answers.known(value)) is not None), None)


def _unknown(member: Member, what: str) -> UnknownFormat:
    return UnknownFormat(
        f"{_said(member)}: {what}. Known are: {', '.join(names())}; "
        "for another table write a mapping file and give it with --mapping"
    )  # fmt: skip


def _parquet(member: Member) -> Iterator[Rows]:
    if not member.name:
        with member.path.open("rb") as stream:
            yield from parquet_rows(stream)
        return
    content = BytesIO()
    for chunk in member.chunks():
        content.write(chunk)
        if content.tell() > _BIGGEST_PARQUET:
            raise UnknownFormat(
                f"{_said(member)}: unpack this Parquet file first; it is too big to be read within a zip"
            )
    content.seek(0)
    yield from parquet_rows(content)
