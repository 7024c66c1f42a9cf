"""Whether the posts of one campaign went away sooner than those of another, at the same time since each was found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from analysis._disclosure import SMALL, WITHHELD
from analysis._hazards import hazard_ratio
from analysis._letting import FLOOR
from analysis._rows import INSUFFICIENT
from analysis._spells import MATCHED, hours
from analysis._survival import log_rank
from analysis.removals import read_again

Frames = tuple[pd.DataFrame, pd.DataFrame]


def between(frames: Frames, keys: tuple[str, ...]) -> Iterator[tuple[dict[str, str], list[dict[str, Any]]]]:
    """Yield for each cell that both have its keys, and the hazard of the first campaign's posts over that of the other's.

    Posts of both campaigns are left out of both: what is compared must not be the same.
    """
    posts = [frame[frame["group"] == MATCHED] for frame in frames]
    both = np.intersect1d(posts[0]["post_key"], posts[1]["post_key"])
    cells = [dict(list(frame[~frame["post_key"].isin(both)].groupby(list(keys), sort=True))) for frame in posts]
    for cell in sorted(cells[0].keys() & cells[1].keys()):
        named = {key: str(value) for key, value in zip(keys, cell, strict=True)}
        yield named, list(_rows((cells[0][cell], cells[1][cell]), len(both)))


def _rows(pair: Frames, left_out: int) -> Iterator[dict[str, Any]]:
    if any(0 < frame["account"].nunique() < SMALL for frame in pair):
        hide = {"rests_on": WITHHELD, "suppressed": True}
        yield from ({"metric": name} | hide for name in ("hazard_ratio_between", "log_rank_p_between"))
        return
    watched = [hours(frame) for frame in pair]
    counts = [read_again(one) for one in watched]
    said = " and ".join(
        f"{int(one.lost.sum())} of {count} gone" for one, count in zip(watched, counts, strict=True)
    ) + " since each was found" + (f"; {left_out} posts of both campaigns left out" if left_out else "")  # fmt: skip
    shown = {"n": sum(counts), "suppressed": False, "verdict": None if min(counts) >= FLOOR else INSUFFICIENT}
    ratio = hazard_ratio(*watched) if min(counts) >= SMALL else None
    value, low, high = ratio or (None, None, None)
    yield shown | {"metric": "hazard_ratio_between", "value": value, "low": low, "high": high, "rests_on": said}
    yield shown | {"metric": "log_rank_p_between"} | _tested(pair, said)


def _tested(pair: Frames, said: str) -> dict[str, Any]:
    """Return the log-rank test within strata of age when found, by the first look down."""
    both = pd.concat(pair)
    watched = hours(both)
    if not watched.lost.any():
        return {"rests_on": said, "verdict": INSUFFICIENT}
    age = (both["first_at"] - both["published_at"]).dt.total_seconds() / 3600
    strata = np.log2(np.clip(age.fillna(-1).to_numpy(dtype=float), 0.5, None)).round()
    until = np.where(watched.lost, watched.down, watched.up)
    first = np.arange(len(both)) < len(pair[0])
    test = log_rank(until, watched.lost, first, strata=strata)
    return {"value": test.p, "rests_on": f"{said}; log-rank {test.statistic:.2f}, {test.expected:.1f} expected"}
