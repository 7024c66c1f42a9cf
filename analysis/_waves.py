"""Removal waves: posts that were up and are gone within hours, beside what happened to their controls meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis._disclosure import SMALL
from analysis._events import DAY_H, Event, Rule, stretches
from analysis._overlap import at_least
from analysis._rows import INSUFFICIENT
from analysis._spells import CONTROLS, MATCHED, spells
from analysis._time import iso

WINDOWS_H = (6, 24)
ALPHA = 0.001
OUTAGE = 0.3  # a vanishing of more of the controls than this is our own fault, whoever noticed it
LEAST_CONTROLS = 5
_BACK = timedelta(days=7)
_CALM = timedelta(hours=DAY_H)
_HOUR = timedelta(hours=1)
_NEGLIGIBLE = 1e-12
Moments = NDArray[np.datetime64]


class _Side(NamedTuple):
    """Posts of one side, as they were watched; the accounts as numbers."""

    first: Moments
    last: Moments
    gone: Moments  # NaT: not gone
    account: NDArray[np.int64]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> _Side:
        first, last, gone = (frame[name].to_numpy("datetime64[us]") for name in ("first_at", "last_at", "gone_at"))
        who = frame["account"].fillna(frame["post_key"])  # who has no account is alone
        return cls(first, last, gone, pd.factorize(who)[0].astype(np.int64))

    def lost(self, since: np.datetime64, until: np.datetime64) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return which posts were under watch in a window, and which of them went."""
        went = (self.gone > since) & (self.gone <= until)
        read = np.isnat(self.gone) & (self.last > since) | (self.gone > until) | went
        return (self.first < until) & read, went & (self.first < until)

    def accounts(self, which: NDArray[np.bool_]) -> int:
        return len(np.unique(self.account[which]))


Pair = tuple[_Side, _Side]  # posts about the campaign, and their controls


class _Loss(NamedTuple):
    """What went within a window, on both sides, in accounts; and the chance of so much if both sides were alike."""

    gone: int
    watched: int
    controls_gone: int
    controls: int

    @property
    def p(self) -> float:
        common, one, two = (np.array([x]) for x in (self.gone, self.watched, self.gone + self.controls_gone))
        return float(at_least(common, self.watched + self.controls, one, two)[0])

    @property
    def is_wave(self) -> bool:
        enough = self.gone >= SMALL and self.controls >= LEAST_CONTROLS
        return enough and self.controls_gone <= OUTAGE * self.controls and self.p < ALPHA / len(WINDOWS_H)


def waves(con: duckdb.DuckDBPyConnection, campaign: str, as_of: datetime | None, now: datetime) -> Iterator[Event]:
    """Yield the waves of the last week."""
    for platform, pair in _sides(con, campaign, as_of).items():
        if np.count_nonzero(pair[0].gone > np.datetime64(now - _BACK)) >= SMALL:
            yield from _of_platform(platform, pair, now)


def rule(con: duckdb.DuckDBPyConnection, campaign: str, as_of: datetime | None, now: datetime) -> Rule:
    """Return how often a week chance makes a wave: the test's exact size at today's numbers, once a window."""
    expected, watched = 0.0, 0
    for pair in _sides(con, campaign, as_of).values():
        week = _loss(pair, now, 7 * 24)
        if week.controls >= LEAST_CONTROLS and week.watched >= SMALL:
            weekly = min(0.99, (week.controls_gone + 0.5) / (week.controls + 1))
            expected += sum(7 * 24 / span * _size(week, 1 - (1 - weekly) ** (span / (7 * 24))) for span in WINDOWS_H)
            watched += 1
    said = f"losses as frequent as those of the controls this week; {watched} platforms with {LEAST_CONTROLS} controls or more"
    return Rule("removal_wave", expected if watched else None, watched, said, None if watched else INSUFFICIENT)


def _sides(con: duckdb.DuckDBPyConnection, campaign: str, as_of: datetime | None) -> dict[str, Pair]:
    frame = spells(con, campaign, as_of)
    return {
        str(platform): (_Side.of(part[part["group"] == MATCHED]), _Side.of(part[part["group"] == CONTROLS]))
        for platform, part in frame.groupby("platform", sort=True)
    }


def _of_platform(platform: str, pair: Pair, now: datetime) -> Iterator[Event]:
    hours = [now - hour * _HOUR for hour in range(int(_BACK / _HOUR))]
    flagged = {moment: span for moment in hours for span in WINDOWS_H if _loss(pair, moment, span).is_wave}
    for first, last in stretches(list(flagged), _CALM):
        since, until = np.datetime64(first - timedelta(hours=flagged[first])), np.datetime64(last)
        _, gone = pair[0].lost(since, until)
        yield _event(platform, pair, pair[0].gone[gone].min().astype(datetime), last, flagged[last])


def _loss(pair: Pair, moment: datetime, span_h: int) -> _Loss:
    (watched, gone), (controls, missing) = _lost(pair, moment, span_h)
    return _Loss(
        pair[0].accounts(gone), pair[0].accounts(watched), pair[1].accounts(missing), pair[1].accounts(controls)
    )


def _lost(pair: Pair, moment: datetime, span_h: int) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    since, until = np.datetime64(moment - timedelta(hours=span_h)), np.datetime64(moment)
    return [side.lost(since, until) for side in pair]


def _event(platform: str, pair: Pair, begun: datetime, moment: datetime, span_h: int) -> Event:
    (watched, gone), (controls, missing) = _lost(pair, moment, span_h)
    up_until = pair[0].last[gone].min().astype(datetime)
    loss = _loss(pair, moment, span_h)
    beside = f"controls {int(missing.sum())} of {int(controls.sum())}"
    sentence = f"{int(gone.sum())} of {int(watched.sum())} gone on {platform} since {iso(up_until)}, {beside}"
    return Event(
        "removal_wave", {"platform": platform}, begun, moment, f"removals on {platform}",
        f"{sentence}. Who took them away is not said by this: a removal can be the platform's, the author's or a state's.",
        f"{loss.watched} accounts under watch within {span_h} h, {loss.gone} with a loss; {loss.controls} of controls, "
        f"{loss.controls_gone} with one; p = {loss.p:.1g} if both were alike",
        calm_h=DAY_H, value=float(gone.sum()), n=int(watched.sum()),
    )  # fmt: skip


def _size(week: _Loss, share: float) -> float:
    """Return the chance of a wave in one window if posts and controls are lost alike."""
    one, other = _binomial(week.watched, share), _binomial(week.controls, share)
    gone = np.flatnonzero(one > _NEGLIGIBLE)
    gone = gone[gone >= SMALL]
    chance = 0.0
    for missing in np.flatnonzero(other > _NEGLIGIBLE):
        if len(gone) and missing <= OUTAGE * week.controls:
            whole, taken = np.full_like(gone, week.watched), gone + missing
            p = at_least(gone, week.watched + week.controls, whole, taken)
            chance += float(other[missing] * one[gone[p < ALPHA / len(WINDOWS_H)]].sum())
    return chance


def _binomial(tries: int, share: float) -> NDArray[np.float64]:
    hits = np.arange(tries)
    logs = np.log((tries - hits) / (hits + 1) * share / (1 - share))
    chances: NDArray[np.float64] = np.exp(np.concatenate([[0.0], np.cumsum(logs)]) + tries * np.log1p(-share))
    return chances
