"""Organic or in step: accounts that share the same things closer in time than chance allows, as groups, never as accounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd

from analysis._coshares import Edges
from analysis._disclosure import SMALL, WITHHELD, Crowd, suppress
from analysis._in_step import IN_STEP, INSUFFICIENT, NOMINAL, Found, accounts, beside_chance, look, verdicts
from analysis._overlap import overlap
from analysis._rows import COLUMNS
from analysis._scope import splits
from analysis._shared_objects import OBJECTS, sharings
from analysis._shuffles import Chance, Threshold

RATE = 0.01  # of false pairs in the view without time
MANY = 1000  # accounts that share one object, of which two say nothing in the view without time

_ARTICLE = {name: "" if name == "hashtags" else "a " for name in OBJECTS}
_THRESHOLD = ("within_s", "at_least")


class Row(NamedTuple):
    """A row of the answer before suppression; ``hidden`` where it would give another away."""

    metric: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    rests_on: str
    people: int
    threshold: Threshold | None = None
    hidden: bool = False


_NOTHING = {
    "question": "coordination", "keys": {}, "metric": "excess_p", "n": 0, "suppressed": False, "verdict": INSUFFICIENT,
    "rests_on": "no post of a named account shares a link, hashtags, a text, a parent or a video",
}  # fmt: skip


def coordination(
    con: duckdb.DuckDBPyConnection, campaign: str, *, by: Sequence[str] = ("platform",), as_of: datetime | None = None
) -> pd.DataFrame:
    """Return for each platform and kind of object whether accounts share it more in step than chance allows.

    What it says: ``excess_p``, how probable so much is by chance in any window; ``share_by_chance`` of the n pairs that share
    ``at_least`` so many objects ``within_s``; ``accounts_in_step`` in ``groups_in_step`` of five or more, where chance gives
    at most 5 % of the pairs; ``accounts_overlapping``, a second view that knows no time.
    What it does not say: coordination is not inauthenticity. Fan clubs, newsrooms, syndication and timers are in step as
    well, and we do not judge people. Never which accounts; pairs across platforms or campaigns are not looked for.
    Formula: pairs within 10, 60, 300 s, weighted by different objects, against labels shuffled within clock hour, region, language
    (Westfall and Young 1993, Holm over the cells of an answer); false discovery rate: mean pairs by chance over pairs seen, with
    the 95 % interval of that mean; overlap by the hypergeometric law (Tumminello and others 2011).
    Unknowns: posts without an author or with a time coarser than a minute are left out and counted; those known to the minute
    count in windows of a minute or more; ``insufficient`` is few accounts, or hours in which shuffling changes too little.
    """
    keys = splits([name for name in by if name != "object"])
    tested = beside_chance([look(sharing) for sharing in sharings(con, campaign, keys, as_of)])
    rows: list[dict[str, Any]] = []
    for found, verdict in zip(tested, verdicts(tested), strict=True):
        cell = dict(zip(keys, found.sharing.cell, strict=True)) | {"object": found.sharing.object}
        rows += [_named(cell, row, verdict) for row in _rows(found, verdict)]
    if not rows:
        return pd.DataFrame([_NOTHING], columns=list(COLUMNS))
    return _shown(rows, (*keys, "object", *_THRESHOLD, "metric"))


def _rows(found: Found, verdict: str) -> Iterator[Row]:
    """Yield the rows of one cell."""
    people = len(np.unique(found.sharing.shares.account))
    p = None if verdict == INSUFFICIENT else found.p()
    yield Row("excess_p", p, None, None, people, _rests_on(found), people)
    hidden = _would_tell(found)
    for at, chance in found.chances.items():
        yield _by_chance(at, chance, found, at in hidden)
    if verdict == IN_STEP:
        yield from _groups(found, people, hidden)
    yield _overlapping(found, people)


def _rests_on(found: Found) -> str:
    s = found.sharing
    crowded = sum(met.crowded for met in found.met.values())
    return (
        f"{len(np.unique(s.shares.post))} of {s.posts} posts share {_ARTICLE[s.object]}{s.object}; left out: {s.unnamed} without author, "
        f"{s.untimed} with a time coarser than a minute, {crowded} cells with too many shares at once"
    )


def _by_chance(at: Threshold, chance: Chance, found: Found, hidden: bool) -> Row:
    share = chance.share()
    value, low, high = (min(part, 1.0) for part in share) if share else (None, None, None)
    said = f"{chance.expected:.3g} ± {1.96 * chance.error:.2g} pairs by chance"
    return Row("share_by_chance", value, low, high, chance.seen, said, found.people(at), at, hidden)


def _groups(found: Found, people: int, hidden: set[Threshold]) -> Iterator[Row]:
    """Yield how many accounts are in how many groups, at the threshold that shows most of them without much chance."""
    best = max(
        (at for at, chance in found.chances.items() if at not in hidden and _mostly_real(chance)),
        key=lambda at: int(found.groups(at).sum()),
        default=None,
    )
    if best is None or not len(large := found.groups(best)):
        return
    said = f"groups of {SMALL} accounts or more, by {found.chances[best].seen} pairs; smaller ones are not counted"
    behind = int(large.sum())
    yield Row("accounts_in_step", behind, None, None, people, said, behind, best)
    yield Row("groups_in_step", len(large), None, None, people, said, behind, best)


def _mostly_real(chance: Chance) -> bool:
    share = chance.share()
    return share is not None and share[2] <= NOMINAL


def _overlapping(found: Found, people: int) -> Row:
    view = overlap(found.sharing.shares, cap=MANY)
    behind = accounts(view.validated(RATE))
    said = f"of {view.possible} pairs, at a false discovery rate of {RATE:.0%}; left out: {view.crowded} objects that too many share"
    return Row("accounts_overlapping", behind, None, None, people, said, behind)


def _would_tell(found: Found) -> set[Threshold]:
    """Return the thresholds to hide: what they have more than one that is shown would rest on fewer than 5 accounts.

    Those with little chance in them come first, then those with most pairs.
    """
    wanted = [at for at in found.chances if not 0 < found.people(at) < SMALL]
    wanted.sort(key=lambda at: (not _mostly_real(found.chances[at]), -found.chances[at].seen))
    shown: list[Threshold] = []
    for at in wanted:
        if all(_safe(found.steps[at], found.steps[other]) for other in shown):
            shown.append(at)
    return set(found.chances) - set(shown)


def _safe(one: Edges, two: Edges) -> bool:
    codes = [found.low << 32 | found.high for found in (one, two)]
    apart = [found[0][~np.isin(found[0], found[1])] for found in (codes, codes[::-1])]
    people = [len(np.union1d(code >> 32, code & 0xFFFFFFFF)) for code in apart]
    return all(count == 0 or count >= SMALL for count in people)


def _named(cell: dict[str, Any], row: Row, verdict: str) -> dict[str, Any]:
    """Return a row by column, with the cell's keys beside."""
    within = {} if row.threshold is None else dict(zip(_THRESHOLD, row.threshold, strict=True))
    said = {"question": "coordination", "keys": cell | within, "verdict": verdict}
    return cell | dict.fromkeys(_THRESHOLD, 0) | within | row._asdict() | said


def _shown(rows: list[dict[str, Any]], keys: Sequence[str]) -> pd.DataFrame:
    """Return the answer without what rests on fewer than five accounts."""
    names = [*keys, *(name for name in COLUMNS if name not in (*keys, "suppressed")), "people", "hidden"]
    frame = pd.DataFrame(rows, columns=names).astype(
        dict.fromkeys(("value", "low", "high"), "Float64") | {"n": "Int64"}
    )
    cells = list(frame[list(keys)].itertuples(index=False, name=None))
    table = {cell: Crowd(int(people)) for cell, people in zip(cells, frame["people"], strict=True)}
    forced = {cell for cell, hidden in zip(cells, frame["hidden"], strict=True) if hidden}
    shown, _ = suppress(frame, {tuple(keys): table}, values=("value", "low", "high", "n"), also={tuple(keys): forced})
    shown["rests_on"] = shown["rests_on"].mask(shown["suppressed"], WITHHELD)
    return shown[list(COLUMNS)]
