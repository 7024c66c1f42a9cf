"""Pages of a bounded size from posts that come one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from collectors._formats.fields import Item
from collectors._formats.lines import SHOWN
from spillover import Availability, Page, Post, Reading, Reject

AT_ONCE = 5_000  # posts of a page


class Pager:
    """The page that is being filled."""

    def __init__(self, member: str = "", size: int = AT_ONCE) -> None:
        self.size, self.member = size, member
        self.page = Page()
        self.posts, self.readings, self.availability = self.page.posts, self.page.readings, self.page.availability

    def add(self, item: Item, line: int) -> None:
        """Add what a record says."""
        if isinstance(item, Post):
            self.posts.append(item)
        elif isinstance(item, Reading):
            self.readings.append(item)
        elif isinstance(item, Availability):
            self.availability.append(item)
        else:
            self.reject(line, item.reason, item.record)

    def reject(self, line: int, reason: str, record: Any) -> None:
        """Add a record that could not be read."""
        where = f"{self.member}: " if self.member else ""
        self.page.rejects.append(Reject(line=line, reason=where + reason, raw=_raw(record)))

    def is_full(self) -> bool:
        """Say whether the page has its size."""
        return (
            len(self.posts) >= self.size
            or len(self.page.rejects) + len(self.readings) + len(self.availability) >= self.size
        )

    def flush(self) -> Iterator[Page]:
        """Yield the page if anything is in it, and begin another."""
        page = self.page
        if self.posts or self.readings or self.availability or page.rejects or page.measures or page.window:
            self.page = Page()
            self.posts, self.readings, self.availability = self.page.posts, self.page.readings, self.page.availability
            yield page

    def end(self) -> Iterator[Page]:
        """Yield the last page, empty or not."""
        yield self.page


def _raw(record: Any) -> str:
    if isinstance(record, bytes):
        return record[:SHOWN].decode(errors="replace")
    if isinstance(record, str):
        return record[:SHOWN]
    try:
        return msgspec.json.encode(record).decode(errors="replace")[:SHOWN]
    except (msgspec.MsgspecError, UnicodeEncodeError, TypeError, ValueError, RecursionError):
        return repr(record)[:SHOWN]
