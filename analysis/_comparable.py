"""How each number of an answer is set beside that of another campaign: as an estimate, as bounds, as a time, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from analysis._mover import Limits, difference, ratio, widest_difference, widest_ratio

ESTIMATE, BOUNDS, TIME, APART = "estimate", "bounds", "time", "apart"
# what is known of the posts that we hold: its limits are what rounding leaves open, and chance has no part in them
_BOUNDED = frozenset(
    {
        "posts",
        "people",
        "cascades",
        "largest_size",
        "posts_in_generation",
        "stated_edges",
        "stated_share",
        "orphan_share",
        "accounts_in_step",
        "groups_in_step",
        "accounts_overlapping",
        "watched_share",
        "region_unknown",
        "top_post_share",
    }
)
_BOUNDED_PREFIXES = ("known_", "new_", "corrections_")
_TIMES = frozenset({"crossed_by", "first_published", "first_collected", "coverage_start"})
# what could have been seen, probabilities, and ranks: none of them is larger in one campaign than in the other; of two
# "at least" nobody knows which is more; what is still to come is told of a moment
_APART = frozenset(
    {
        "power",
        "smallest_difference",
        "smallest_ratio",
        "log_rank_p",
        "excess_p",
        "lead",
        "lead_fdr",
        "rank",
        "missed_at_least",
        "missed_at_least_chao2",
        "nowcast",
        "minutes_watched",  # of stretches of different length: watched_share is the one to compare
    }
)
_RATIOS = frozenset(
    {
        "velocity",
        "doubling_hours",
        "halving_hours",
        "reproduction_number",
        "shares_of_first_post",
        "size",
        "final_size",
        "posts",
        "cascades",
        "largest_size",
    }
)
_RATIO_PREFIXES = ("known_", "new_")
_RATIO_ALONE = frozenset(
    {"hazard_ratio", "hazard_ratio_more_viewed", "views_at_removal"}
)  # a difference of ratios says nothing


class Compared(NamedTuple):
    """What two numbers are to each other; ``even`` is what it is where they are equal."""

    metric: str
    limits: Limits
    even: float


def kind_of(metric: str) -> str:
    """Return how a number is compared; one that is not known here counts as an estimate."""
    if metric in _APART:
        return APART
    if metric in _TIMES:
        return TIME
    return BOUNDS if metric in _BOUNDED or metric.startswith(_BOUNDED_PREFIXES) else ESTIMATE


def compared(metric: str, one: Limits, other: Limits, *, independent: bool) -> Iterator[Compared]:
    """Yield the difference of two numbers, and their ratio where that has a meaning."""
    kind = kind_of(metric)
    if kind == APART:
        return
    if kind == BOUNDS:
        one, other = _exact(one), _exact(other)
    add_squares = independent and kind == ESTIMATE
    if metric not in _RATIO_ALONE:
        yield Compared(f"{metric}_difference", (difference if add_squares else widest_difference)(one, other), 0.0)
    if metric in _RATIOS | _RATIO_ALONE or metric.startswith(_RATIO_PREFIXES):
        found = (ratio if add_squares else widest_ratio)(one, other)
        if found.value is not None or found.low is not None:
            yield Compared(f"{metric}_ratio", found, 1.0)


def _exact(counted: Limits) -> Limits:
    """Return a count with itself as its limits where it has none: nothing was rounded."""
    value, low, high = counted
    return Limits(value, value, value) if low is None and high is None else counted


def higher(found: Compared, names: tuple[str, str]) -> str:
    """Return which of two is higher, where the limits say so; what they leave open we cannot tell."""
    _, low, high = found.limits
    if low is not None and low > found.even:
        return f"{names[0]} higher"
    if high is not None and high < found.even:
        return f"{names[1]} higher"
    return "no difference seen" if low is not None and high is not None else "cannot tell"


def delay(limits: tuple[object, object, object], since: datetime) -> Limits:
    """Return times of an answer as hours since a moment."""
    return Limits(*(_hours(text, since) for text in limits))


def _hours(text: object, since: datetime) -> float | None:
    if not isinstance(text, str):
        return None
    return (datetime.fromisoformat(text).replace(tzinfo=None) - since).total_seconds() / 3600
