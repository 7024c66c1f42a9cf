"""The errors that we raise.

SpilloverError
├── UsageError            what the person gave is wrong; says where, what and how to mend it (exit code 2)
│   ├── CampaignError     a campaign file: file, line, key, nearest right key
│   └── UnknownFormat     a file of no shape that we know
├── Busy                  another owner holds the workspace (exit code 3)
└── CollectError          one run of one collector could not go on
    ├── Refused           the platform said no to us: 401, 403, a bot wall; never counted against a post
    ├── RateLimited       429 or its kin; carries when to come back
    ├── BudgetSpent       our own limit for the day is used up; carries when it is filled again
    ├── Broken            network, 5xx, half an answer
    └── Changed           an answer of a shape that the collector does not know
"""

from __future__ import annotations

import traceback
from datetime import datetime
from pathlib import Path

from spillover.redaction import redact


class SpilloverError(Exception):
    """Anything that we raise on purpose."""


class UsageError(SpilloverError):
    """What the person gave is wrong."""


class CampaignError(UsageError):
    """A campaign file that cannot be read as one."""


class UnknownFormat(UsageError):
    """A file of no shape that we know."""


class Busy(SpilloverError):
    """Another process owns the workspace."""


class CollectError(SpilloverError):
    """One run of one collector could not go on."""

    def __init__(self, message: str, *, retry_at: datetime | None = None, body: bytes = b"") -> None:
        super().__init__(redact(message))
        self.retry_at = retry_at
        self.body = body  # what the platform answered, so that a collector can read its reasons; never printed


class Refused(CollectError):
    """The platform said no to us."""


class RateLimited(CollectError):
    """The platform asked us to slow down."""


class BudgetSpent(CollectError):
    """Our own limit is used up."""


class Broken(CollectError):
    """The network or the platform failed."""


class Changed(CollectError):
    """An answer of a shape that the collector does not know."""


def without_words(error: BaseException) -> str:
    """Return an error's type and where it was raised, fit for a log: its message can quote a post."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-3:]]
    return f"{type(error).__name__} at {' < '.join(reversed(places))}"
