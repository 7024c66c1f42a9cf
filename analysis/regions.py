"""In which regions are the posts about a video, as far as platform, language, charts, hashtags and statements tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import _audiences as audiences
from analysis._calibration import bounds, calibration_error
from analysis._disclosure import SMALL, WITHHELD, Crowd, Tables, hidden
from analysis._fusion import ENOUGH, Model, codes, learn
from analysis._pooling import Array
from analysis._region_counts import Drawn, draw
from analysis._rows import INSUFFICIENT, as_answer
from analysis._signals import labelled, own
from analysis._time import naive
from analysis._views_outside import views_outside
from analysis.outside import origin_region
from analysis.reach import posts_sql

LEAST = 5  # posts that show something of a region; with fewer there is no mix to speak of
UNKNOWN, UNCALIBRATED = "unknown", "uncalibrated"
_WORTH_A_ROW = 1.0  # expected posts; regions with fewer are told as "elsewhere"
_LIKELY = 0.5  # an account counts where one of its posts is of the region more likely than not; less says nothing of it
_CHECKED = 100  # labelled posts from which the calibration error says something
_PARTS = ("platform", "region")


def regions(
    con: duckdb.DuckDBPyConnection, campaign: str, *, by: Sequence[str] = ("platform",), as_of: datetime | None = None
) -> pd.DataFrame:
    """Return in which regions the posts are: expected numbers and shares, over all platforms and for each.

    What it says: posts: how many of the posts are expected to be of each region, from what they show (what the platform or
    outlet states, the chart, the platform's home audience, language and script, hashtags); share: of the posts that show
    anything, and for ``unknown`` of all; ``elsewhere`` is all regions with less than one. outside_origin: which share of known views lies outside the origin,
    each post's views by how likely it is of it, by platform. calibration_error: how far what is
    said of posts that state their region, from their other signals, is off. The interval is for the posts that we hold.
    What it does not say: where anybody is, or the region of one post; a language is no place; nothing below a country.
    Formula: score_r = b_r + sum of w_s log(P_s(r) / prior(r)), multinomial logistic, weights from labelled posts where there
    are 300 (else defaults fitted on made-up worlds: ``uncalibrated``); b by region, platform and language from the
    campaign's own labels, with Laplace's uncertainty; posts drawn from it. ECE: Naeini et al., AAAI 2015, less its noise.
    Unknowns: a post that shows nothing of a region is ``unknown``, always told and spread over no region; Chinese that does
    not tell its script is half simplified, half traditional.
    """
    if set(by) - set(_PARTS):
        raise ValueError(f"regions are by {' and '.join(_PARTS)}, not by {', '.join(sorted(set(by) - set(_PARTS)))}")
    parameters = {"campaign": campaign, "as_of": naive(as_of)}
    posts = own(con, parameters)
    if posts.empty:
        return as_answer([])
    known = shows_a_region(posts)
    sample = labelled(con, parameters)
    model = learn(sample)
    found = draw(posts[known], model) if known.any() else None
    counts = _Counts(posts, known, found)
    parts = [None, *sorted(posts["platform"].unique())] if "platform" in by else [None]
    rows = [row for part in parts for row in counts.rows(part, model)]
    if "platform" in by:
        rows += counts.outside(_views(con, parameters), origin_region(con, parameters), model)
    return as_answer([*rows, *_checked(sample)])


def shows_a_region(posts: pd.DataFrame) -> pd.Series[bool]:
    """Return for each post whether it shows anything of a region: a platform that is open to all is not enough."""
    home = posts["platform"].map(audiences.has_home).astype(bool)
    language = posts["language"].map(lambda name: bool(name) and audiences.of_language(name, 1.0) is not None)
    return home | language.astype(bool) | posts["stated"].isin(codes()) | (posts["listed"] != "")


def distributions(con: duckdb.DuckDBPyConnection, campaign: str, *, as_of: datetime | None = None) -> pd.DataFrame:
    """Return for each post in scope its distribution: a column a region, indexed by post; for other answers, never shown."""
    parameters = {"campaign": campaign, "as_of": naive(as_of)}
    posts = own(con, parameters)
    known = shows_a_region(posts) if len(posts) else pd.Series([], dtype=bool)
    frame = pd.DataFrame({UNKNOWN: (~known).astype(float)}).set_index(posts["post_key"])
    if not known.any():
        return frame
    found = draw(posts[known], learn(labelled(con, parameters)))
    told = pd.DataFrame(found.posts, columns=list(found.regions), index=posts["post_key"][known])
    return frame.join(told).fillna(0.0)


class _Counts:
    """The posts of a campaign, those that show a region and what was drawn for them."""

    def __init__(self, posts: pd.DataFrame, known: pd.Series[bool], found: Drawn | None) -> None:
        self.posts, self.known, self.found = posts, known, found
        self.told, self.chances = self._told()
        self.crowds = self._crowds()
        self.small = hidden(self.crowds)

    def _told(self) -> tuple[tuple[str, ...], Array]:
        """Return the regions that have a row, and for each post its distribution over them; unknown is the last."""
        every = np.zeros((len(self.posts), 2))
        every[:, 1] = ~self.known
        if self.found is None:
            return ("elsewhere", UNKNOWN), every
        expected = self.found.posts[:, :-1].sum(axis=0)
        self.columns = np.flatnonzero(expected >= _WORTH_A_ROW)
        own_columns = np.zeros((len(self.posts), len(self.columns)))
        own_columns[self.known.to_numpy()] = self.found.posts[:, self.columns]
        every[:, 0] = np.where(self.known, 1 - own_columns.sum(axis=1), 0.0)
        names = tuple(self.found.regions[column] for column in self.columns)
        return (*names, "elsewhere", UNKNOWN), np.hstack([own_columns, np.maximum(every, 0.0)])

    def _crowds(self) -> Tables:
        """Return the crowds of each cell: the private accounts of which a post is of the region more likely than not."""
        private = self.posts["account"].notna().to_numpy()
        people = pd.DataFrame(self.chances[private], columns=list(self.told))
        people[["account", "platform"]] = self.posts.loc[private, ["account", "platform"]].to_numpy()
        tables: Tables = {(): {}, ("platform",): {}, ("region",): {}, _PARTS: {}}
        for cell, group in [((), people), *(((name,), rows) for name, rows in people.groupby("platform"))]:
            most = group.groupby("account")[list(self.told)].max()
            tables[("platform",) if cell else ()][cell] = _crowd(frozenset(most.index))
            for region in self.told:
                likely = most.index[most[region] >= _LIKELY]
                if len(likely):
                    tables[_PARTS if cell else ("region",)][(*cell, region)] = _crowd(frozenset(likely))
        return tables

    def rows(self, part: str | None, model: Model) -> Iterator[dict[str, Any]]:
        """Yield the rows of one platform, or of all."""
        here = np.ones(len(self.posts), dtype=bool) if part is None else (self.posts["platform"] == part).to_numpy()
        known = int((here & self.known).sum())
        cell = () if part is None else (part,)
        drawn, closed = self._drawn(part), self._closed(cell)
        for place, region in enumerate(self.told):
            expected = float(self.chances[here, place].sum())
            if region not in (UNKNOWN, "elsewhere") and expected < _WORTH_A_ROW:
                continue
            named = {"platform": part, "region": region} if part else {"region": region}
            whole = int(here.sum()) if region == UNKNOWN else known
            sums = np.full(1, expected) if region == UNKNOWN or drawn is None else drawn[:, place]
            row: dict[str, Any] = {"question": "regions", "keys": named, "n": whole, "suppressed": False}
            row |= {"rests_on": self._rests_on(here, region, model)} | _verdict(region, known, model)
            if closed or (*cell, region) in self.small[_PARTS if part else ("region",)]:
                row |= {"n": None, "rests_on": WITHHELD, "suppressed": True, "verdict": None}
                yield from (row | {"metric": metric} for metric in ("posts", "share"))
                continue
            yield row | {"metric": "posts"} | _interval(expected, sums)
            if whole:
                yield row | {"metric": "share"} | _interval(expected / whole, sums / whole)

    def _closed(self, cell: tuple[str, ...]) -> bool:
        """Say whether all rows of a platform must go: it has few accounts, or what is hidden is the whole less what is shown."""
        keys = _PARTS if cell else ("region",)
        gone = [crowd for key, crowd in self.crowds[keys].items() if key[:-1] == cell and key in self.small[keys]]
        if not gone:
            return cell in self.small[("platform",)] if cell else False
        if len(gone) < 2 or max(crowd.people for crowd in gone) >= SMALL:
            return len(gone) < 2
        return len(frozenset[str]().union(*(crowd.accounts or () for crowd in gone))) < SMALL

    def outside(self, views: pd.DataFrame, origin: str | None, model: Model) -> Iterator[dict[str, Any]]:
        """Yield the share of views outside the origin of each platform, hidden where it would tell of a hidden region."""
        column = self.told.index(origin) if origin in self.told else None
        at_origin = np.zeros(len(self.posts)) if column is None else self.chances[:, column]
        posts = self.posts[["post_key", "platform"]].assign(at_origin=np.where(self.known, at_origin, np.nan))
        for row in views_outside(posts.merge(views, on="post_key", how="left"), origin):
            platform = row["keys"]["platform"]
            small = {(platform, region) for region in (origin, UNKNOWN)} & self.small[_PARTS]
            if small or self._closed((platform,)):
                row |= dict.fromkeys(("value", "low", "high", "n", "verdict")) | {"rests_on": WITHHELD}
                yield row | {"suppressed": True}
            else:
                yield row | {"suppressed": False, "verdict": row.get("verdict", None if model.labels else UNCALIBRATED)}

    def _drawn(self, part: str | None) -> Array | None:
        """Return the drawn numbers of the regions that have a row, ``elsewhere`` last; None where nothing was drawn."""
        if self.found is None or (part is not None and part not in self.found.parts):
            return None
        counts = self.found.counts.sum(axis=1) if part is None else self.found.counts[:, self.found.parts.index(part)]
        chosen = counts[:, self.columns]
        return np.hstack([chosen, (counts.sum(axis=1) - chosen.sum(axis=1))[:, None]])

    def _rests_on(self, here: NDArray[np.bool_], region: str, model: Model) -> str:
        if region == UNKNOWN:
            return "posts that show no language, home platform, chart or statement"
        stated = int((self.posts["stated"].isin(codes()).to_numpy() & here).sum())
        learned = f"weights learned from {model.labels} labelled posts" if model.labels else "default weights"
        return f"{stated} posts state a region; the others by platform, language, charts and hashtags; {learned}"


def _views(con: duckdb.DuckDBPyConnection, parameters: dict[str, Any]) -> pd.DataFrame:
    query = posts_sql(parameters["as_of"] is not None)
    return con.execute(
        f"SELECT post_key, views::DOUBLE AS views FROM ({query}) WHERE views IS NOT NULL", parameters
    ).df()


def _crowd(accounts: frozenset[str]) -> Crowd:
    return Crowd(len(accounts), accounts if len(accounts) < SMALL else None)


def _interval(expected: float, sums: Array) -> dict[str, float]:
    """Return the 95 % interval of what was drawn; of a rare region more draws than that can be 0, and it holds what is expected.

    Posts are whole, so half of the draws of just so many count as fewer, or the interval holds the truth too often.
    """
    values, drawn = np.unique(sums, return_counts=True)
    low, high = np.interp((0.025, 0.975), (np.cumsum(drawn) - drawn / 2) / drawn.sum(), values)
    return {"value": expected, "low": min(float(low), expected), "high": max(float(high), expected)}


def _verdict(region: str, known: int, model: Model) -> dict[str, str | None]:
    if region == UNKNOWN:
        return {"verdict": None}
    return {"verdict": INSUFFICIENT if known < LEAST else None if model.labels else UNCALIBRATED}


def _checked(sample: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield how far off we are on posts whose region is stated, each half judged by what the other taught."""
    told = {"question": "regions", "keys": {}, "metric": "calibration_error", "n": len(sample), "suppressed": False}
    if len(sample) < _CHECKED:
        why = f"{len(sample)} posts of the workspace state their region; {_CHECKED} are needed to check it"
        yield told | {"rests_on": why, "verdict": INSUFFICIENT}
        return
    said, held = held_out(sample)
    low, high = bounds(said, held)
    rests_on = "labelled posts of the workspace, each half predicted from the other, without what they state"
    verdict = None if len(sample) >= ENOUGH else UNCALIBRATED
    yield told | {
        "value": calibration_error(said, held),
        "low": low,
        "high": high,
        "rests_on": rests_on,
        "verdict": verdict,
    }


def held_out(sample: pd.DataFrame) -> tuple[Array, Array]:
    """Return of labelled posts what was said of their likeliest region, and whether it was theirs, each half from the other."""
    said, held = np.zeros(len(sample)), np.zeros(len(sample))
    for half in (0, 1):
        out = np.arange(len(sample)) % 2 == half
        blind = sample.assign(stated=sample["stated"].where(~out, None))
        found = draw(blind, learn(sample[~out]), 60)
        likeliest = found.posts[out].argmax(axis=1)
        said[out] = found.posts[out].max(axis=1)
        held[out] = np.array(found.regions)[likeliest] == sample["stated"][out].to_numpy()
    return said, held
