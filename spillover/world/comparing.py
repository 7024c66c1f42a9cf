"""Answers held against the truth, row by row, and what comes of many of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from spillover.world.truth.borders import IN_STEP, LEADS
from spillover.world.truth.removals import STOPPED

CONCLUSIONS = {"removals": STOPPED, "coordination": IN_STEP, "crossings": LEADS}
_SHARES = ("gone_", "difference_", "outside_", "share", "calibration_", "hazard_", "concluded", "effects")
_SLACK = 1e-6
NOMINAL = 0.05  # of pairs by chance, with which groups are told of

Row = Mapping[str, Any]


@dataclass
class Score:
    """What many comparisons of one metric come to; ``error`` is a mean: of shares, ratios and hours as they are, else relative."""

    n: int = 0
    error: float = 0.0
    intervals: int = 0
    covered: int = 0
    bounds: int = 0
    held: int = 0

    def add(self, error: float, n: int = 1) -> None:
        self.n += n
        self.error += error

    def join(self, other: Score) -> None:
        """Take in what came of other comparisons of the same metric."""
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def line(self, question: str, metric: str) -> dict[str, Any]:
        """Return the line that is printed; ``bounds`` are not intervals: they hold the truth always, or are wrong."""
        return {
            "question": question, "metric": metric, "n": self.n, "error": _mean(abs(self.error), self.n),
            "intervals": self.intervals, "cover": _mean(self.covered, self.intervals),
            "bounds": self.bounds, "held": _mean(self.held, self.bounds),
        }  # fmt: skip


@dataclass
class Scores:
    """The scores of every metric, and of each question over all its 95 % intervals."""

    found: dict[tuple[str, str], Score] = field(default_factory=dict)

    def compare(self, true: Row, answer: Iterable[Row]) -> None:
        """Hold what an answer says against one true row."""
        rows = [row for row in answer if is_about(row, true) and not row["suppressed"]]
        for row in rows:
            if true["kind"] == "verdict":
                self._conclude(true, row)
            elif true["kind"] == "pairs":
                self._pairs(true, row)
            elif row["value"] is not None or row["low"] is not None:
                self._numbers(true, row)

    def join(self, other: Scores) -> None:
        """Take in the scores of another world."""
        for key, score in other.found.items():
            self.found.setdefault(key, Score()).join(score)

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield a line a metric, and of each question one over all its intervals."""
        whole: dict[str, Score] = {}
        for (question, metric), score in sorted(self.found.items()):
            yield score.line(question, metric)
            pooled = whole.setdefault(question, Score())
            pooled.n, pooled.intervals = pooled.n + score.intervals, pooled.intervals + score.intervals
            pooled.covered += score.covered
        for question, pooled in whole.items():
            if pooled.intervals:
                yield pooled.line(question, "all intervals") | {"error": None}

    def _of(self, true: Row, metric: str) -> Score:
        return self.found.setdefault((true["question"], metric), Score())

    def _conclude(self, true: Row, row: Row) -> None:
        """Count a conclusion where there is no effect, and none where there is one; ``insufficient`` concludes nothing."""
        if row["verdict"] in (None, "insufficient"):
            return
        drawn = row["verdict"] in CONCLUSIONS[true["question"]]
        name = "effects not concluded" if true["value"] else "concluded without effect"
        self._of(true, name).add(float(drawn != true["value"]))

    def _pairs(self, true: Row, row: Row) -> None:
        """Hold the pairs that chance gives, over all thresholds, against those that are not planted; n counts pairs seen."""
        if row["n"] and row["value"] is not None and row["verdict"] != "insufficient":
            not_planted = max(row["n"] - true["value"], 0)
            self._of(true, "pairs by chance").add(row["value"] * row["n"] - not_planted, row["n"])
            if row["verdict"] in IN_STEP and row["high"] <= NOMINAL:
                self._of(true, "pairs told of that are not planted").add(not_planted, row["n"])

    def _numbers(self, true: Row, row: Row) -> None:
        score = self._of(true, true["metric"] + (f" ({true['about']})" if "about" in true else ""))
        value, low, high = (_number(one) for one in (true["value"], row["low"], row["high"]))
        said = _number(row["value"])
        assert value is not None
        if said is not None:
            score.add(_error(true, said, value))
        if true["kind"] == "interval" and low is not None and high is not None:
            score.intervals += 1
            score.covered += low - _SLACK <= value <= high + _SLACK
        elif true["kind"] in ("bound", "time", "at_least"):
            score.bounds += 1
            above = true["kind"] == "at_least" or high is None or value <= high + _SLACK
            score.held += (low is None or low - _SLACK <= value) and above


def is_about(row: Row, true: Row) -> bool:
    """Return whether a row of an answer is the one that a true row tells of."""
    keys = row["keys"]
    if row["metric"] != true["metric"] or true.get("says", "") not in (row["rests_on"] or ""):
        return False
    return keys == true["keys"] if isinstance(keys, dict) else False


def _error(true: Row, said: float, value: float) -> float:
    error = abs(said - value)
    is_share = true["kind"] == "time" or true["metric"].startswith(_SHARES)
    return error if is_share else error / max(abs(value), 1.0)


def _number(value: Any) -> float | None:
    """Return a number, of a time its hours; None for what is not known."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).timestamp() / 3600
    return None if value is None else float(value)


def _mean(total: float, n: int) -> float | None:
    return round(total / n, 4) if n else None
