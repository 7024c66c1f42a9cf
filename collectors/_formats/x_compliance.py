"""X: the result file of a batch compliance job over posts (``GET /2/compliance/jobs/:id``, its ``download_url``).

A line is a post that is to be deleted from what we hold, with X's reason: the one place where X tells deleted from
suspended. What is not in the file still stands. The file of a job over users looks the same: do not bring that one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from collectors._formats import x
from collectors._formats.fields import Item, Json, Seen, Trouble, identity, moment, shown
from spillover import Availability

NAME = "x_compliance"
_MARKS = {"id", "action", "reason", "redacted_at"}
_REASONS: dict[str, tuple[Literal["gone", "private"], str]] = {
    "deleted": ("gone", "author"),
    "bounced": ("gone", "platform"),  # it failed a check by X, and its author had to take it down
    "protected": ("private", "account"),
    "suspended": ("gone", "account"),
    "deactivated": ("gone", "account"),
}


def finds(record: Json) -> bool:
    """Say whether this is a line of such a file."""
    return record.keys() >= _MARKS


def knows(record: Json) -> bool:
    """Say no: a file without removals has no line at all."""
    return False


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield what became of the post, from the moment that X names."""
    reason = record["reason"]
    status, cause = _REASONS.get(reason, (None, None)) if isinstance(reason, str) else (None, None)
    if status is None:
        yield Trouble(f"reason: {shown(reason)} does not say whether the post still stands", record)
        return
    yield Availability(
        id=identity(record["id"]), platform=x.NAME, status=status, cause=cause, said=reason,
        checked_at=moment(record["redacted_at"]) or seen.observed_at,
    )  # fmt: skip
