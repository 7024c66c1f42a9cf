"""What YouTube's API says when it does not answer: the error that each of its reasons stands for."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from collectors._formats.fields import Json, at, dicts
from spillover import Answer, Broken, BudgetSpent, Changed, CollectError, RateLimited, Refused, read_json

PACIFIC = "America/Los_Angeles"
_SPENT = {"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"}
_TOO_FAST = {"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"}
_NO_KEY = {"keyInvalid", "keyExpired", "forbidden", "accessNotConfigured", "ipRefererBlocked", "API_KEY_INVALID"}


class Stale(Broken):
    """The place in a list that we asked for is known no more."""


def read(answer: Answer, kind: str) -> Json:
    """Return an answer of this kind; raise what another one stands for."""
    told: Json = read_json(answer)
    if (refused := _refusal(told, answer.fetched_at)) is not None:
        raise refused
    if at(told, "kind") != kind:
        raise Changed(f"wanted {kind}, came {at(told, 'kind')!r:.60}")
    return told


def reason(error: CollectError, now: datetime) -> CollectError:
    """Return what an error stands for by the reasons in its body; the error itself where it gives none."""
    try:
        return _refusal(msgspec.json.decode(error.body), now, error.retry_at) or error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return error


def _refusal(told: Any, now: datetime, retry_at: datetime | None = None) -> CollectError | None:
    error = at(told, "error")
    if not isinstance(error, dict):
        return Broken("YouTube answered with an error and no reason") if error else None
    said = {str(row["reason"]) for name in ("errors", "details") for row in dicts(error.get(name)) if row.get("reason")}
    message = f"YouTube answered {error.get('code')}: {', '.join(sorted(said)) or error.get('status')}"
    if said & _SPENT or _is_of_a_day(error):
        return BudgetSpent(message, retry_at=_midnight(now))
    if said & _TOO_FAST or error.get("code") == 429:
        return RateLimited(message, retry_at=retry_at)
    if "invalidPageToken" in said:
        return Stale(message)
    return Refused(message) if said & _NO_KEY or error.get("code") in (401, 403) else Broken(message)


def _is_of_a_day(error: Json) -> bool:
    """Say whether a 429 means the bucket of a day: since 2026 searches end so ("limit 'Search Queries per day'")."""
    return error.get("code") == 429 and "per day" in str(error.get("message"))


def _midnight(now: datetime) -> datetime:
    """Return the next midnight Pacific, when each day's quota begins anew."""
    local = now.astimezone(ZoneInfo(PACIFIC))
    return datetime.combine(local.date() + timedelta(days=1), time.min, local.tzinfo).astimezone(UTC)
