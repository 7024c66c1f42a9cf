"""Rows of a table: CSV or TSV as spreadsheets and scripts write them, and Parquet."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from collectors._formats.containers import Damaged
from collectors._formats.lines import LONGEST, SHOWN, lines

_DELIMITERS = ",\t;|"
_AT_ONCE = 5_000
_MOST_LINES = 1_000  # of one record; beyond it a quote was never closed, and would swallow the file
csv.field_size_limit(LONGEST)  # the module's own limit of 128 kB is below what a transcript takes


class Rows(NamedTuple):
    """Some rows and the line where each begins; or a record that is no row, and why."""

    numbers: Sequence[int]
    values: Sequence[Sequence[Any]]
    trouble: str | None = None
    raw: str = ""


def header_of(text: str) -> tuple[list[str], str]:
    """Return the names in the first line of a table and what stands between them: the sign that makes the most of them."""
    splits = ((_split(text, sign), sign) for sign in _DELIMITERS)
    names, sign = max(splits, key=lambda found: len(found[0]))
    return [name.strip() for name in names], sign


def _split(text: str, sign: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=sign), [])
    except csv.Error:
        return []


def csv_rows(chunks: Iterable[bytes]) -> Iterator[Rows]:
    """Yield the header alone, then the rows below it, many at a time.

    A row whose width is not that of the header is trouble. Where it spans several lines a quote was left open in the
    first: that line is trouble, and the others are read again as rows of their own.
    """
    feed = _Feed(chunks)
    header, sign = header_of(next(feed.texts(), ""))
    yield Rows([1], [header])
    feed.kept.clear()
    numbers: list[int] = []
    values: list[list[str]] = []
    for row in _records(feed, sign):
        if len(row) == len(header) and not feed.is_forced:
            numbers.append(feed.number - len(feed.kept) + 1)
            values.append(row)
            feed.kept.clear()
            if len(values) < _AT_ONCE and not feed.troubles:
                continue
        else:
            feed.refuse(row, len(header))
        yield Rows(numbers, values)
        yield from feed.taken_troubles()
        numbers, values = [], []
    yield Rows(numbers, values)
    if feed.broken is not None:
        feed.troubles.append(Rows([feed.number + 1], [], broken_off(feed.broken)))
    yield from feed.taken_troubles()


def broken_off(error: Damaged) -> str:
    """Return what is said in the place where a file breaks off."""
    return f"here {error}; what came before is read, get the file again for the rest"


def _records(feed: _Feed, sign: str) -> Iterator[list[str]]:
    """Yield the cells of each record, with care for quotes; a lone line with an odd one is read as well as it goes."""
    while True:
        try:
            yield from csv.reader(feed.texts(), delimiter=sign, strict=True)
        except csv.Error as error:
            feed.odd = str(error)
            yield (_split(feed.kept[0], sign) if len(feed.kept) == 1 else []) or [feed.odd]
            feed.odd = ""
        if not feed.waiting:
            return


class _Feed:
    """The lines that a CSV reader asks for, and those of the record that it is at."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.blocks = lines(chunks)
        self.waiting: deque[str] = deque()
        self.kept: list[str] = []
        self.number = 0
        self.is_forced = False  # the record was ended by us: its quote was never closed
        self.odd = ""  # what the reader said of the record
        self.broken: Damaged | None = None
        self.troubles: list[Rows] = []

    def texts(self) -> Iterator[str]:
        """Yield the lines to read; close a quote that would swallow too many, or that the end of the file leaves open."""
        kept, waiting = self.kept, self.waiting
        while waiting or self._refill():
            while waiting:
                text = waiting.popleft()
                kept.append(text)
                self.number += 1
                yield text
                if len(kept) > _MOST_LINES:
                    self.is_forced = True
                    yield '"\n'
        if kept and self.broken is None:
            self.is_forced = True
            yield '"\n'

    def refuse(self, row: list[str], width: int) -> None:
        """Note that the record at hand is no row, unless it is blank; hand out all but its first line again."""
        if any(row) and self.kept:
            first = self.number - len(self.kept) + 1
            what = (
                "a quote is never closed"
                if self.is_forced
                else self.odd or f"{len(row)} cells where the header has {width}"
            )
            reason = f"{what}; put quotes around texts that hold a quote, a separator or a new line"
            self.troubles.append(Rows([first], [], reason, self.kept[0][:SHOWN]))
            self.waiting.extendleft(reversed(self.kept[1:]))
            self.number = first
        self.kept.clear()
        self.is_forced, self.odd = False, ""

    def taken_troubles(self) -> list[Rows]:
        found, self.troubles = self.troubles, []
        return found

    def _refill(self) -> bool:
        """Add a block's lines with their ends; those that are no text are trouble, and blank here."""
        try:
            block = next(self.blocks, None)
        except Damaged as error:
            block, self.broken = None, error
        if block is None:
            return False
        whole = b"\n".join(block.lines)
        try:
            if not block.too_long and b"\0" not in whole:
                self.waiting.extend(io.StringIO(whole.decode() + "\n", newline="\n"))
                return True
        except UnicodeDecodeError:
            pass  # told line by line below
        self.waiting.extend(
            self._text(number, line, block.too_long) for number, line in enumerate(block.lines, block.first)
        )
        return True

    def _text(self, number: int, line: bytes, too_long: bool) -> str:
        reason = _not_text(line, too_long)
        if reason is None:
            return line.decode() + "\n"
        self.troubles.append(Rows([number], [], reason, line[:SHOWN].decode(errors="replace")))
        return "\n"


def _not_text(line: bytes, too_long: bool) -> str | None:
    if too_long:
        return f"longer than {LONGEST >> 20} MB; no record is: a quote may be missing"
    if b"\0" in line:
        return f"a NUL byte stands at {line.index(0) + 1}; the file was damaged when it was written or copied"
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return f"byte {error.start + 1} of it is not UTF-8 (0x{line[error.start]:02x}); save the file as UTF-8"
    return None


def parquet_rows(stream: IO[bytes]) -> Iterator[Rows]:
    """Yield the header alone, then the rows, many at a time; raise ValueError for what is no whole Parquet file.

    A row's number is its place in the file, from 1.
    """
    try:
        file = pq.ParquetFile(stream)
        yield Rows([1], [list(file.schema_arrow.names)])
        first = 1
        for batch in file.iter_batches(_AT_ONCE):
            columns = [column.to_pylist() for column in batch.columns]
            yield Rows(range(first, first + batch.num_rows), list(zip(*columns, strict=True)))
            first += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"not a whole Parquet file: {error}") from error
