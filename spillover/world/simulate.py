"""Write a world into a folder: the campaign, the records that collectors would have made, and the truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from spillover.world import words
from spillover.world.happening import Happening, happen
from spillover.world.plan import END_H, ORIGIN, Plan, iso, plan
from spillover.world.records import lines, native_id
from spillover.world.truth.borders import cascades, coordination, crossings
from spillover.world.truth.coverage import coverage
from spillover.world.truth.places import regions
from spillover.world.truth.reach import reach
from spillover.world.truth.removals import removals

ABOUT = (
    "A made-up world: nothing of it happened. answers: true rows, asked as they say; kind tells what an answer claims of value"
    " (interval: its 95 % interval; bound: low..high, always; at_least: low; number: value; time: low..high; verdict: whether"
    " there is an effect; pairs: planted pairs). posts: a column a list; an hour of null is never."
)


def simulate(folder: Path, *, seed: int, size: str = "small", effect: str = "drawn") -> dict[str, Any]:
    """Write the world of a seed and return what was written; the same seed gives the same bytes."""
    made = plan(seed, size, effect)
    happenings = [happen(made, number) for number in range(len(made.platforms))]
    names = tuple(one.name for one in made.platforms)
    (folder / "records").mkdir(parents=True, exist_ok=True)
    (folder / "campaign.toml").write_text(words.campaign(made.name, names, ORIGIN), "utf-8")
    written = 0
    for number, happening in enumerate(happenings):
        found = list(lines(number, happening))
        (folder / "records" / f"{names[number]}.ndjson").write_bytes(b"\n".join(found) + b"\n")
        written += len(found)
    truth = _truth(made, happenings)
    (folder / "truth.json").write_bytes(msgspec.json.format(msgspec.json.encode(truth), indent=1) + b"\n")
    posts = sum(len(happening.posts) for happening in happenings)
    return {
        "folder": str(folder),
        "seed": seed,
        "size": size,
        "effects": truth["effects"],
        "posts": posts,
        "lines": written,
    }


def _truth(made: Plan, happenings: list[Happening]) -> dict[str, Any]:
    return {
        "about": ABOUT, "seed": made.seed, "size": made.size, "campaign": made.name, "effects": sorted(made.effects),
        "starts_at": iso(0), "ends_at": iso(END_H),
        "platforms": {happening.platform.name: _of_platform(number, happening) for number, happening in enumerate(happenings)},
        "answers": list(_answers(made, happenings)),
    }  # fmt: skip


def _answers(made: Plan, happenings: list[Happening]) -> Iterator[Mapping[str, Any]]:
    for happening in happenings:
        for question in (reach, removals, cascades, coordination, coverage):
            yield from question(made, happening)
    yield from crossings(made, happenings)
    yield from regions(made, happenings)


def _of_platform(number: int, h: Happening) -> dict[str, Any]:
    """Return what is true of one platform: its constants, its outages, its posts about the campaign."""
    names, gone, own = list(h.platform.regions), h.watched.gone, len(h.posts)
    never = [None if np.isinf(hour) or hour > END_H else iso(hour) for hour in gone[:own]]
    return {
        "halving_hours": h.platform.halving_h, "hazard_of_a_week": h.platform.lost,
        "times_as_strict": h.platform.strict if (h.times != 1).any() else 1.0,
        "outages": [{"since": iso(one.since), "until": iso(one.until), "outcome": one.outcome} for one in h.looks.outages],
        "posts": {
            "id": [native_id(number, post) for post in range(own)],
            "published_at": [iso(hour) for hour in h.posts.at],
            "region": [names[place] for place in h.posts.region],
            "found_at": [None if np.isinf(hour) else iso(hour) for hour in h.looks.first],
            "gone_at": never,
            "views": h.counters.views(np.arange(own), END_H - h.posts.at).astype(int).tolist(),
            "planted": h.posts.planted.tolist(),
        },
    }  # fmt: skip
