"""Write docs/scores.md: make up worlds, score them, and print the table: python -m docs.make_scores 1-40.

It takes about fifteen seconds a world and core; tests/test_scores.py holds the table that is committed against what must hold.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from spillover._where import own_process
from spillover.world.comparing import Scores
from spillover.world.scoring import score_of
from spillover.world.simulate import simulate

_HEAD = """# Scores: answers held against made-up worlds

`spillover simulate DIR --seed N` makes up a world and writes what collectors would have seen, and `truth.json`.
`spillover score DIR --json` imports that by the ordinary path, asks the ordinary questions and prints these lines.
The table below is of {worlds} small worlds, their effects drawn by the seed: `python -m docs.make_scores {seeds}`.

`intervals` are 95 % intervals, `cover` is the share that holds the truth.
`bounds` are no such intervals: they hold it always, or are wrong; `held` is the share that does.
`error` is a mean: of shares, ratios and hours as they are, of counts relative to the truth, which can be next to nothing in a stretch.
`concluded without effect` and `effects not concluded` count verdicts that say something; their error is the share that is wrong.
[Decision 18](decisions/0018-known-worlds.md) says what is true in a world, and which assumptions it breaks on purpose.

## What truth.json holds

`effects`, `platforms` (constants, outages, and of each post when it was published, found and gone, its region and views) and `answers`: true rows of the answers, each with `question`, `by`, `as_of`, `metric`, `keys`, `value` and, in `kind`, what the answer claims of the value.

| kind | the answer claims |
|---|---|
| interval | its 95 % interval holds it |
| bound | low and high hold it, always |
| at_least | low is not above it |
| number | it is near; there is no interval |
| time | the times low and high hold it; without low, high is not before it |
| verdict | whether there is an effect: a verdict that names one where there is none is wrong |
| pairs | of the pairs told of, how many are planted |

## The scores

| question | metric | n | error | intervals | cover | bounds | held |
|---|---|--:|--:|--:|--:|--:|--:|
"""


def page(lines: Iterable[Mapping[str, Any]], seeds: str) -> str:
    """Return the page's text."""
    rows = [
        "| " + " | ".join("" if value is None else str(value) for value in line.values()) + " |\n" for line in lines
    ]
    return _HEAD.format(worlds=len(numbers(seeds)), seeds=seeds) + "".join(rows)


def numbers(seeds: str) -> list[int]:
    """Return the seeds of ranges such as 1-5 21-25."""
    ends = [part.split("-") for part in seeds.split()]
    return [seed for part in ends for seed in range(int(part[0]), int(part[-1]) + 1)]


def _world(seed: int) -> Scores:
    with tempfile.TemporaryDirectory() as place:
        simulate(Path(place) / "world", seed=seed)
        return score_of(Path(place) / "world")


def _main(seeds: str) -> None:
    own_process()
    scores = Scores()
    with ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=own_process) as workers:
        for found in workers.map(_world, numbers(seeds)):  # in the order of the seeds, so that sums are the same
            scores.join(found)
    text = page(scores.lines(), seeds)
    Path(__file__).with_name("scores.md").write_text(text, "utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    _main(" ".join(sys.argv[1:]) or "1-40")
