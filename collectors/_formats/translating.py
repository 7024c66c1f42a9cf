"""From what a file holds to pages: answers that hold many posts, and rows and objects that are one each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any

from collectors._formats import answers, cdx, feed_files, gdelt_tables, telegram_files
from collectors._formats.choosing import Choice, ItemReader, Reader
from collectors._formats.documents import Document
from collectors._formats.fields import Item, Seen, shown
from collectors._formats.paging import Pager
from spillover import Page, Post

_SHAPES = 1_000  # sets of keys whose readers are kept
_NO_POST = "no post of a shape that is known"


def rows(choice: Choice, seen: Seen, pager: Pager) -> Iterator[Page]:
    """Yield the pages of a table with a header."""
    found = choice.rows()
    first = next(found)
    names = first.values[0]
    if choice.name == gdelt_tables.NAME and (given := gdelt_tables.unnamed(names)) is not None:
        names, found = given, chain((first,), found)
    fill = (
        partial(_fill_items, pager, choice.items(names, seen))
        if choice.says_items
        else partial(_fill, pager, choice.reader(names, seen))
    )
    for some in found:
        if some.trouble is not None:
            pager.reject(some.numbers[0], some.trouble, some.raw)
            continue
        fill(some.numbers, some.values)
        if pager.is_full():
            yield from pager.flush()
    yield from pager.end()


def _fill(pager: Pager, read: Reader, numbers: Sequence[int], values: Sequence[Sequence[Any]]) -> None:
    """Add rows to the page; the loop that every row of a table passes."""
    append = pager.posts.append
    for number, row in zip(numbers, values, strict=True):
        try:
            append(read(row))
        except ValueError as error:
            if any(cell not in ("", None) for cell in row):  # spreadsheets end in empty rows
                pager.reject(number, str(error), list(row))


def _fill_items(pager: Pager, items: ItemReader, numbers: Sequence[int], values: Sequence[Sequence[Any]]) -> None:
    """Add what rows say that are more, or less, than a post."""
    for number, row in zip(numbers, values, strict=True):
        try:
            for item in items(row):
                pager.add(item, number)
        except ValueError as error:
            if any(cell not in ("", None) for cell in row):
                pager.reject(number, str(error), list(row))


def text(choice: Choice, seen: Seen, pager: Pager) -> Iterator[Page]:
    """Yield the pages of a file in which each line says something alone; blank lines and what follows them say nothing."""
    known: set[str] = set()
    for block in choice.lines():
        for number, line in enumerate(block.lines, block.first):
            said = line.decode(errors="replace").strip()
            if said and not cdx.is_resume_key(said):
                for item in cdx.of_line(said, known):
                    pager.add(item, number)
        if pager.is_full():
            yield from pager.flush()
    yield from pager.end()


def whole(choice: Choice, seen: Seen, pager: Pager) -> Iterator[Page]:
    """Yield the pages of a feed, or of a page of the web."""
    items = telegram_files.items if choice.name == telegram_files.NAME else feed_files.items
    for item in items(choice.whole(), seen):
        pager.add(item, 1)
    yield from pager.end()


def listed(choice: Choice, seen: Seen, pager: Pager) -> Iterator[Page]:
    """Yield the pages of a list of rows, the first of which names the columns."""
    read: ItemReader | None = None
    for document in choice.documents():
        row = document.value
        if document.trouble is not None or not isinstance(row, list):
            pager.reject(document.line, document.trouble or f"{shown(row)} is no row", document.raw)
        elif read is None:
            read = choice.items([str(name) for name in row], seen)
        elif len(row) > 1:  # one value alone says where to go on
            _fill_items(pager, read, [document.line], [row])
        if pager.is_full():
            yield from pager.flush()
    yield from pager.end()


def objects(choice: Choice, seen: Seen, pager: Pager) -> Iterator[Page]:
    """Yield the pages of flat JSON objects; those of one set of keys share a reader."""
    readers: dict[tuple[str, ...], Reader] = {}
    for document in choice.documents():
        for record in (document.value,) if type(document.value) is not list else document.value:
            try:
                if type(record) is not dict:
                    raise ValueError(document.trouble or f"{shown(record)} is no object")
                keys = (*record,)
                read = readers.get(keys)
                if read is None:
                    readers = readers if len(readers) < _SHAPES else {}
                    read = readers[keys] = choice.reader(keys, seen)
                pager.posts.append(read((*record.values(),)))
            except ValueError as error:
                pager.reject(document.line, str(error), document.raw)
        if pager.is_full():
            yield from pager.flush()
    yield from pager.end()


def item_objects(choice: Choice, seen: Seen, pager: Pager) -> Iterator[Page]:
    """Yield the pages of flat JSON objects that say something else than a post."""
    for document in choice.documents():
        for record in (document.value,) if type(document.value) is not list else document.value:
            if type(record) is dict:
                _fill_items(pager, choice.items((*record,), seen), [document.line], [(*record.values(),)])
            else:
                pager.reject(document.line, document.trouble or f"{shown(record)} is no object", document.raw)
        if pager.is_full():
            yield from pager.flush()
    yield from pager.end()


def documents(choice: Choice, seen: Seen, pager: Pager) -> Iterator[Page]:
    """Yield the pages of answers; one in which nothing is known is a record that could not be read."""
    for document in choice.documents():
        if document.trouble is not None:
            pager.reject(document.line, document.trouble, document.raw)
            continue
        for item in _items(document, seen, pager):
            pager.add(item, document.line)
        if pager.is_full():
            yield from pager.flush()
    yield from pager.end()


def _items(document: Document, seen: Seen, pager: Pager) -> Iterator[Item]:
    """Yield what an answer says, each reading once: pages show one post in several places."""
    found, once = None, set()
    for found in answers.records(document.value, seen):
        for item in answers.items(found):
            if isinstance(item, Post):
                key = (item.platform, item.id, item.observed_at)
                if key in once:
                    continue
                once.add(key)
            yield item
    if found is not None:
        if pager.page.claimed_total is None:
            pager.page.claimed_total = answers.total(document.value, found.format)
    elif answers.known(document.value) is None and not answers.is_exchange(document.value):
        pager.reject(document.line, f"{_NO_POST}: {_keys(document.value)}", document.raw)


def _keys(value: Any) -> str:
    return f"an object with {', '.join(list(value)[:12])}" if isinstance(value, dict) and value else shown(value)
