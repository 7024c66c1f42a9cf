"""Differences and ratios of two estimates, from the limits of each: square-and-add, which keeps what is asymmetric.

MOVER (Zou and Donner, Statistics in Medicine 27, 2008, 1693): the limits of a difference lie as far from it as the roots
of the summed squares of how far those of each lie from its value; of a ratio the same on the logarithm (Donner and Zou,
2012). Both hold for independent estimates. Of dependent ones, and of bounds, the widest holds: [low - high, high - low].
A limit that is not known is None, and leaves open what it would bound.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, inf, isfinite, log, sqrt
from typing import NamedTuple


class Limits(NamedTuple):
    """A value and its limits; each may be unknown."""

    value: float | None
    low: float | None
    high: float | None


Combine = Callable[[Limits, Limits], Limits]


def difference(one: Limits, other: Limits) -> Limits:
    """Return one less other, of independent estimates."""
    if one.value is None or other.value is None:
        return Limits(None, None, None)
    value = one.value - other.value
    below = _away(one.value, one.low), _away(other.value, other.high)
    above = _away(one.value, one.high), _away(other.value, other.low)
    return Limits(value, _known(value - _root(*below)), _known(value + _root(*above)))


def ratio(one: Limits, other: Limits) -> Limits:
    """Return one over other, of independent positive estimates; nothing where one is 0."""
    return _on_logs(difference, one, other)


def widest_difference(one: Limits, other: Limits) -> Limits:
    """Return one less other, with limits that hold however the two depend on each other."""
    value = None if one.value is None or other.value is None else one.value - other.value
    return Limits(value, _less(one.low, other.high), _less(one.high, other.low))


def widest_ratio(one: Limits, other: Limits) -> Limits:
    """Return one over other, with limits that hold however the two depend on each other."""
    return _on_logs(widest_difference, one, other)


def _on_logs(combine: Combine, one: Limits, other: Limits) -> Limits:
    value, low, high = combine(*(Limits(*(_log(end) for end in limits)) for limits in (one, other)))
    if value is None and low is None and high is None:
        return Limits(None, None, None)
    return Limits(*(None if end is None else _exp(end) for end in (value, -inf if low is None else low, high)))


def _log(value: float | None) -> float | None:
    return None if value is None or value <= 0 else log(value)


def _exp(value: float) -> float | None:
    return exp(value) if value < log(1e300) else None


def _away(value: float, end: float | None) -> float:
    return inf if end is None else value - end


def _root(one: float, other: float) -> float:
    return sqrt(one**2 + other**2)


def _known(end: float) -> float | None:
    return end if isfinite(end) else None


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other
