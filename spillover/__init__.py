"""Spillover: follow a video across borders. The public names for authors of collectors.

Nothing heavy is loaded here: ``connect`` imports DuckDB when it is called.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spillover.answers import is_wall, known_shape, read_json
from spillover.contract import (
    AccountState,
    Answer,
    Author,
    Availability,
    Budget,
    Client,
    Collector,
    Cost,
    Count,
    Counts,
    Interval,
    Known,
    Listing,
    Measure,
    Mode,
    OtherRun,
    Page,
    Parent,
    Post,
    Query,
    Reading,
    Reject,
    Source,
    Window,
)
from spillover.counting import read_count
from spillover.errors import (
    Broken,
    BudgetSpent,
    Changed,
    CollectError,
    RateLimited,
    Refused,
    UnknownFormat,
    UsageError,
)
from spillover.timing import TooCoarse, read_time

if TYPE_CHECKING:
    from spillover.links import resolve
    from spillover.places import country, language
    from spillover.reading import Reader
    from spillover.wordings import Wording, read_wording

__version__ = "0.1.0"

__all__ = [
    "AccountState",
    "Answer",
    "Author",
    "Availability",
    "Broken",
    "Budget",
    "BudgetSpent",
    "Changed",
    "Client",
    "CollectError",
    "Collector",
    "Cost",
    "Count",
    "Counts",
    "Interval",
    "Known",
    "Listing",
    "Measure",
    "Mode",
    "OtherRun",
    "Page",
    "Parent",
    "Post",
    "Query",
    "RateLimited",
    "Reading",
    "Refused",
    "Reject",
    "Source",
    "TooCoarse",
    "UnknownFormat",
    "UsageError",
    "Window",
    "Wording",
    "connect",
    "country",
    "is_wall",
    "known_shape",
    "language",
    "read_count",
    "read_json",
    "read_time",
    "read_wording",
    "resolve",
]
_AT_FIRST_USE = {  # their tables take 40 ms to load, the wordings half a second
    "resolve": "links",
    "country": "places",
    "language": "places",
    "Wording": "wordings",
    "read_wording": "wordings",
}


def __getattr__(name: str) -> Any:
    if name in _AT_FIRST_USE:
        return getattr(import_module(f"spillover.{_AT_FIRST_USE[name]}"), name)
    raise AttributeError(f"module 'spillover' has no attribute {name!r}")


def connect(workspace: str | Path) -> Reader:
    """Open the public views of a workspace for reading, also while its owner runs."""
    from spillover.reading import connect as open_reader

    return open_reader(Path(workspace))
