"""What went away, how soon, and whether it went away more than what it is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite, nan
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from analysis._disclosure import SMALL, WITHHELD, Cell, crowds_of, hidden
from analysis._hazards import Spells, hazard_ratio, incidence
from analysis._letting import ACTIVE, FLOOR, INSUFFICIENT, MARGIN, reading, seeable
from analysis._proportions import Bounded, clopper_pearson, difference
from analysis._rows import COLUMNS
from analysis._scope import splits
from analysis._spells import CONTROLS, MATCHED, hours, spells
from analysis._survival import aalen_johansen, log_rank
from analysis._time import naive
from analysis.withholding import by_country

TIMES = {"24h": 24.0, "7d": 168.0}
_AGES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)  # hours after publication from which enough may be under watch
_REMOVING = """
SELECT p.platform, count(DISTINCT a.post_key) FROM held.availability a JOIN held.post p USING (post_key)
WHERE a.status = 'gone' AND a.basis = 'stated' AND a.cause IN ('platform', 'legal', 'moderation') AND a.vantage <> 'archive'
  AND ($as_of::TIMESTAMP IS NULL OR a.checked_at <= $as_of::TIMESTAMP) GROUP BY ALL"""


@dataclass(frozen=True)
class _Row:
    """One row of the answer before cells are checked; ``groups`` are those that it tells something about."""

    metric: str
    value: Bounded | None
    n: int
    rests_on: str
    groups: tuple[str, ...] = (MATCHED, CONTROLS)
    more: tuple[tuple[str, str], ...] = ()
    verdict: str | None = None


@dataclass(frozen=True)
class _Pair:
    """The posts of one cell, those about the campaign and their controls, as they were watched."""

    frames: dict[str, pd.DataFrame]
    watched: dict[str, Spells]

    @classmethod
    def of(cls, posts: pd.DataFrame, since: str = "first_at") -> _Pair:
        frames = {group: posts[posts["group"] == group] for group in (MATCHED, CONTROLS)}
        return cls(frames, {group: hours(frame, since=since) for group, frame in frames.items()})

    def spells(self, group: str, easy: bool | None = None) -> Spells:
        watched = self.watched[group]
        return watched if easy is None else watched.where((self.frames[group]["easy"] == easy).to_numpy())

    @property
    def enough(self) -> bool:
        return all(read_again(self.spells(group)) >= FLOOR for group in (MATCHED, CONTROLS))


def removals(
    con: duckdb.DuckDBPyConnection, campaign: str, *, by: Sequence[str] = ("platform",), as_of: datetime | None = None
) -> pd.DataFrame:
    """Return for each platform what share was gone 24 hours and 7 days after we found it, beside that of its controls.

    What it says: first what could have been seen at all (power; the least effects to be seen four times in five), then the
    shares, their difference, the hazard ratio and its reading; by cause; and by age, for posts that are up when found. By
    ``country`` instead: where posts are withheld, and whether the platform could be reached from there.
    What it does not say: who took a post away or why, unless that was stated; what was refused before anyone could see it,
    or was gone before we found it. The reading is about posts as a whole, and never adds up platforms.
    Formula: losses lie between the last look up and the first look down (Turnbull, 1976); hazards constant in pieces, late
    entry (Prentice & Gloeckler, 1978); causes by Aalen & Johansen (1978); alike: the interval within 1/1.5 to 1.5.
    Unknowns: an absence counts once it is confirmed beside a control that is up; a post that was not read, or hides its
    counts, is not gone; a run in which controls vanish says nothing; one made private leaves the watch, not the platform.
    """
    if "country" in by:
        return by_country(con, campaign, as_of=as_of)
    keys = splits(by)
    frame = spells(con, campaign, as_of)
    removing = dict(con.execute(_REMOVING, {"as_of": naive(as_of)}).fetchall())
    rows = []
    for cell, posts in frame.groupby(list(keys), sort=True):
        named = {key: str(value) for key, value in zip(keys, cell, strict=True)}
        rows += [(cell, named, row) for row in _cell(posts, removing.get(named["platform"], 0))]
    return _shown(rows, keys, frame)


def read_again(watched: Spells) -> int:
    """Return how many posts were read at least once after we found them."""
    return int(((watched.up > watched.entry) | watched.lost).sum())


def _cell(posts: pd.DataFrame, removing: int) -> Iterator[_Row]:
    pair = _Pair.of(posts)
    found = {group: _gone(pair, group, 0.0) for group in pair.frames}
    yield from _power(pair, found)
    yield from _shares((("since", "found"),), pair, found, 0.0)
    yield from _ratios(pair, removing)
    yield from _causes(pair)
    dated = _Pair.of(posts[posts["published_at"].notna()], "published_at")
    age = _first_age(dated)
    if age is not None:
        gone = {group: _gone(dated, group, age) for group in dated.frames}
        yield from _shares((("since", "published"),), dated, gone, age)


def _gone(pair: _Pair, group: str, since: float) -> list[Bounded | None]:
    """Return the share gone by each time, None where too few posts were watched for as long."""
    watched = pair.spells(group)
    shares = incidence(watched, tuple(TIMES.values()), since=since) if len(watched.entry) else []
    known = [_known(watched, time) >= SMALL for time in TIMES.values()]
    return [share if enough else None for share, enough in zip(shares, known, strict=True)] if shares else [None, None]


def _known(watched: Spells, time: float) -> int:
    return int(((watched.up >= time) | (watched.down <= time)).sum())


def _power(pair: _Pair, gone: dict[str, list[Bounded | None]]) -> Iterator[_Row]:
    watched = (read_again(pair.spells(MATCHED)), read_again(pair.spells(CONTROLS)))
    lost = int(pair.spells(CONTROLS).lost.sum())
    share = gone[CONTROLS][1] or gone[CONTROLS][0] or (0.0, 0.0, 0.0)
    seen = seeable(share[0], lost, watched)
    rests_on = f"{watched[0]} posts and {watched[1]} controls that were read again, {lost} controls gone"
    for metric, value, means in (
        ("power", seen.power, "the chance to see twice the controls' share gone"),
        ("smallest_difference", seen.difference, "the least difference in share gone to be seen four times in five"),
        ("smallest_ratio", seen.ratio, "the least hazard ratio to be seen four times in five"),
    ):
        yield _Row(metric, (value, nan, nan), sum(watched), f"{means}; {rests_on}")


def _shares(
    more: tuple[tuple[str, str], ...], pair: _Pair, gone: dict[str, list[Bounded | None]], age: float
) -> Iterator[_Row]:
    when = "we found it" if more[0][1] == "found" else f"publication, of what was up at an age of {age:g} h"
    for place, (name, time) in enumerate(TIMES.items()):
        for group, shares in gone.items():
            rests_on = f"{_watch(pair, group, time)}; {name} after {when}"
            yield _Row(
                f"gone_{name}",
                shares[place],
                read_again(pair.spells(group)),
                rests_on,
                (group,),
                (("group", group), *more),
            )
        one, other = gone[MATCHED][place], gone[CONTROLS][place]
        value = difference(one, other) if one and other else None
        n = sum(read_again(pair.spells(group)) for group in gone)
        verdict = None if pair.enough and value else INSUFFICIENT
        yield _Row(
            f"difference_{name}",
            value,
            n,
            f"share gone {name} after {when}, less that of controls",
            more=more,
            verdict=verdict,
        )


def _watch(pair: _Pair, group: str, time: float) -> str:
    watched, frame = pair.spells(group), pair.frames[group]
    never, doubted = len(frame) - read_again(watched), int(frame["unconfirmed"].sum())
    parts = [
        f"{len(frame)} posts, {int(watched.lost.sum())} gone, {int((watched.up >= time).sum())} seen up at {time:g} h or later",
        f"{int(frame['missed'].sum())} of {int(frame['checks'].sum())} checks said nothing",
    ]
    parts += [f"{doubted} absent and not yet believed to be gone"] * bool(doubted)
    return "; ".join(parts + [f"{never} never read again"] * bool(never))


def _ratios(pair: _Pair, removing: int) -> Iterator[_Row]:
    """Yield the hazard ratios, with the reading beside that of all posts, and a test that takes no model."""
    parts = {"all": None, "easy to find": True, "hard to find": False}
    found = {name: _ratio(pair, easy) for name, easy in parts.items()}
    verdict = (
        reading(found["all"], found["easy to find"], found["hard to find"], removing) if pair.enough else INSUFFICIENT
    )
    mixed = pair.frames[MATCHED]["easy"].nunique() > 1
    for name, ratio in found.items():
        easy = parts[name]
        n = sum(read_again(pair.spells(group, easy)) for group in pair.frames)
        rests_on = f"hazard of {name} posts over that of their controls; alike is within {1 / MARGIN:.2f} to {MARGIN}"
        if name == "all":
            rests_on += f"; {removing} posts of this platform held here were said to be taken down, of {ACTIVE} that it takes to say that it removes"
        if name == "all" or mixed:
            yield _Row(
                "hazard_ratio", ratio, n, rests_on, more=(("posts", name),), verdict=verdict if name == "all" else None
            )
    yield _log_rank(pair)


def _ratio(pair: _Pair, easy: bool | None) -> Bounded | None:
    one, other = pair.spells(MATCHED, easy), pair.spells(CONTROLS, easy)
    return hazard_ratio(one, other) if min(read_again(one), read_again(other)) >= SMALL else None


def _log_rank(pair: _Pair) -> _Row:
    """Return a test of equal curves, by the first look down, within strata of age when found."""
    both = pd.concat(pair.frames.values())
    watched = hours(both)
    age = (both["first_at"] - both["published_at"]).dt.total_seconds() / 3600
    strata = np.log2(np.clip(age.fillna(-1).to_numpy(dtype=float), 0.5, None)).round()
    until = np.where(watched.lost, watched.down, watched.up)
    test = log_rank(until, watched.lost, both["group"] == MATCHED, strata=strata)
    value = (test.p, nan, nan) if watched.lost.any() else None
    rests_on = f"log-rank {test.statistic:.2f} on 1 degree of freedom, within strata of age when found; {test.lost:g} gone, {test.expected:.1f} expected"
    return _Row("log_rank_p", value, int(watched.lost.sum()), rests_on)


def _causes(pair: _Pair) -> Iterator[_Row]:
    for group, frame in pair.frames.items():
        watched, lost = pair.spells(group), frame["gone_at"].notna().to_numpy()
        if not lost.any():
            continue
        names = sorted(frame["cause"][lost].unique())
        numbers = np.where(
            lost, frame["cause"].astype(object).map({name: place + 1 for place, name in enumerate(names)}).fillna(0), 0
        )
        until = np.where(lost, (watched.up + np.minimum(watched.down, 1e6)) / 2, watched.up)
        for name, curve in zip(names, aalen_johansen(until, numbers.astype(int)), strict=True):
            share, se = (column[curve.times <= TIMES["7d"]] for column in (curve.share, curve.se))
            point = float(share[-1]) if len(share) else 0.0
            width = 1.96 * float(se[-1]) if len(se) else 0.0
            value = (point, max(0.0, point - width), min(1.0, point + width))
            rests_on = f"share gone by 7 days for this cause; a loss is put half-way between the two looks; {int((frame['cause'][lost] == name).sum())} gone"
            yield _Row(
                "gone_7d",
                value,
                int((frame["cause"][lost] == name).sum()),
                rests_on,
                (group,),
                (("group", group), ("cause", name)),
            )
        known, all_lost = int((frame["cause"][lost] != "not known").sum()), int(lost.sum())
        share_known = (known / all_lost, *clopper_pearson(known, all_lost))
        yield _Row(
            "cause_known",
            share_known,
            all_lost,
            "share of what is gone whose cause was stated",
            (group,),
            (("group", group),),
        )


def _first_age(pair: _Pair) -> float | None:
    """Return the age from which enough posts of both groups are under watch, None where that is after a day."""
    for age in _AGES:
        under = [int(((one.entry <= age) & (np.maximum(one.up, np.where(one.lost, one.down, 0)) > age)).sum())
                 for one in (pair.spells(MATCHED), pair.spells(CONTROLS))]  # fmt: skip
        if min(under) >= FLOOR // 2:
            return age
    return None


def _shown(
    rows: Sequence[tuple[Sequence[Any], dict[str, str], _Row]], keys: Sequence[str], frame: pd.DataFrame
) -> pd.DataFrame:
    """Return the answer, without what rests on fewer than five accounts or would give such a cell away."""
    inner = ("place", *keys[1:])
    lost = frame[frame["gone_at"].notna()]
    small = {
        "": hidden(crowds_of(frame, inner))[inner],
        "posts": hidden(crowds_of(frame, (*inner, "easy")))[(*inner, "easy")],
        "cause": hidden(crowds_of(lost, (*inner, "cause")))[(*inner, "cause")],
        "lost": hidden(crowds_of(lost, inner))[inner],
    }
    shown = [
        _fields(named, row, any(_is_small(small, cell, row, group) for group in row.groups))
        for cell, named, row in rows
    ]
    return pd.DataFrame(shown, columns=list(COLUMNS)).astype(
        {"value": "Float64", "low": "Float64", "high": "Float64", "n": "Int64"}
    )


def _is_small(small: Mapping[str, set[Cell]], cell: Sequence[str], row: _Row, group: str) -> bool:
    place, more = (f"{cell[0]} {group}", *cell[1:]), dict(row.more)
    if row.metric == "cause_known":
        return place in small["lost"]
    if "cause" in more:
        return place in small[""] or (*place, more["cause"]) in small["cause"]
    part = more.get("posts", "all")
    return place in small[""] or (part != "all" and (*place, part == "easy to find") in small["posts"])


def _fields(named: dict[str, str], row: _Row, small: bool) -> tuple[Any, ...]:
    keys = named | dict(row.more)
    if small:
        return ("removals", keys, row.metric, None, None, None, None, WITHHELD, True, row.verdict and INSUFFICIENT)
    value, low, high = (
        None if part is None or not isfinite(part) else part for part in row.value or (None, None, None)
    )
    return ("removals", keys, row.metric, value, low, high, row.n, row.rests_on, False, row.verdict)
