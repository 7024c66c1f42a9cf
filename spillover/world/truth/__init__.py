"""What the right answers to the questions are, row by row: how truth.json says it.

A row has the question, metric and keys of an answer's row, the ``by`` and ``as_of`` with which it is asked, the true
``value``, and in ``kind`` what the answer claims of it:

=========  =======================================================================================
interval   the 95 % interval low..high holds it, in 95 of 100
bound      low..high hold it, always: what a platform rounds, what lies between two readings
at_least   low is not above it
number     value is near it; there is no interval
time       the times low..high hold it; without low, high is not before it
verdict    value tells whether there is an effect; a verdict that names one where there is none is wrong
pairs      of the pairs that are told of, how many are planted
=========  =======================================================================================

``says`` is a text that the row's ``rests_on`` must hold, where keys alone do not tell rows apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from spillover.world.plan import END_H, iso


class Asked(NamedTuple):
    """How a question is asked."""

    question: str
    by: str = "platform"
    as_of: float = END_H

    def row(self, kind: str, metric: str, value: Any, says: str | None = None, **keys: Any) -> dict[str, Any]:
        """Return a true row of its answer."""
        told = {"question": self.question, "by": self.by, "as_of": iso(self.as_of), "kind": kind, "metric": metric}
        return told | {"keys": keys, "value": value} | ({"says": says} if says else {})


Rows = Iterator[Mapping[str, Any]]
