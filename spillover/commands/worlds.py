"""Commands about made-up worlds: simulate, score."""

from __future__ import annotations

from argparse import Namespace

from spillover.commands import _out
from spillover.errors import UsageError


def simulate(asked: Namespace) -> int:
    """Write what collectors would have seen of a made-up world, and what was true in it."""
    from spillover.world.simulate import simulate as write

    if asked.seed < 0:
        raise UsageError(f"--seed: {asked.seed} is below 0; write a whole number from 0")
    try:
        made = write(asked.directory, seed=asked.seed, size=asked.size, effect=asked.effect)
    except OSError as error:
        raise UsageError(
            f"{asked.directory}: {error.strerror or error}; choose a folder that you may write to"
        ) from error
    _out.rows([made], asked.style)
    return _out.FINE


def score(asked: Namespace) -> int:
    """Import worlds, ask the ordinary questions, and print how far the answers lie from the truth."""
    from spillover.world.scoring import score as compare

    _out.rows(compare(asked.directories), asked.style)
    return _out.FINE
