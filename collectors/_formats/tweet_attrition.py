"""minet's reports on tweets that can no longer be seen (``minet twitter attrition``): what became of each.

The words are minet's reading of X's answers, so they are inferred.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from collectors._formats import x
from collectors._formats.fields import Item, Seen, bare, identity, moment, shown
from collectors._formats.headers import Columns
from spillover import Availability, resolve

NAME = "tweet_attrition"
_STATES: tuple[tuple[str, str, str | None], ...] = (
    ("available", "up", None), ("accessible", "up", None), ("suspended_", "gone", "account"), ("deactivated_", "gone", "account"),
    ("protected_", "private", "account"), ("censored_", "withheld", "legal"), ("blocked_", "unknown", None), ("unavailable_", "unknown", "missing"),
    ("user_or_tweet_deleted", "unknown", "missing"),
)  # fmt: skip


def fits(names: Sequence[str]) -> bool:
    """Say whether these are the columns of such a report."""
    return Columns(names).has("current_tweet_status", "tweet_current_status")


def items(names: Sequence[str], seen: Seen) -> Callable[[Sequence[Any]], Iterator[Item]]:
    """Return what says what a row says."""
    columns = Columns(names)

    def read(values: Sequence[Any]) -> Iterator[Item]:
        row = columns.row(values)
        said = str(row("tweet_current_status", "current_tweet_status") or "")
        tweet_id = row("tweet_id", "id") or resolve(str(row("tweet_url", "url") or "")).id
        found = next((state for state in _STATES if said.startswith(state[0])), None)
        if found is None:
            raise ValueError(f"tweet_current_status: {shown(said)} is none that we know")
        _, status, cause = found
        check = Availability(
            id=identity(tweet_id, "tweet_id"), platform=x.NAME, status=status, cause=cause,  # type: ignore[arg-type]
            basis="absent" if cause == "missing" else "inferred", vantage="page", said=said,
            checked_at=moment(row("observed_at", "collected_at", "retrieved_at")) or seen.observed_at,
        )  # fmt: skip
        yield check
        yield bare(check, x.address(check.id))

    return read
