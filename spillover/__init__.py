"""Spillover: follow a video across borders. The public names for authors of collectors.

Nothing heavy is loaded here: ``connect`` imports DuckDB when it is called.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from spillover.contract import (
    Answer,
    Author,
    Availability,
    Client,
    Collector,
    Count,
    Counts,
    Interval,
    Known,
    Listing,
    Page,
    Post,
    Query,
    Reading,
    Reject,
    Source,
    Window,
)
from spillover.counting import read_count
from spillover.errors import Broken, BudgetSpent, Changed, CollectError, RateLimited, Refused, UnknownFormat
from spillover.timing import read_time

if TYPE_CHECKING:
    from spillover.reading import Reader

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "Author",
    "Availability",
    "Broken",
    "BudgetSpent",
    "Changed",
    "Client",
    "CollectError",
    "Collector",
    "Count",
    "Counts",
    "Interval",
    "Known",
    "Listing",
    "Page",
    "Post",
    "Query",
    "RateLimited",
    "Reading",
    "Refused",
    "Reject",
    "Source",
    "UnknownFormat",
    "Window",
    "connect",
    "read_count",
    "read_time",
]


def connect(workspace: str | Path) -> Reader:
    """Open the public views of a workspace for reading, also while its owner runs."""
    from spillover.reading import connect as open_reader

    return open_reader(Path(workspace))
