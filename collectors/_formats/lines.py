"""Lines of a stream, read in big pieces; a line of absurd length is let go as it passes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

LONGEST = 32 << 20  # bytes of one line, or of one JSON document
SHOWN = 2_000  # of what is kept of a record that could not be read


class Block(NamedTuple):
    """Whole lines without their ends, and the number of the first, from 1."""

    first: int
    lines: list[bytes]
    too_long: bool = False  # one line, of which only the beginning is left


def lines(chunks: Iterable[bytes]) -> Iterator[Block]:
    """Yield all lines in their order, many at a time."""
    number, rest, lost = 1, b"", b""
    for piece in chunks:
        chunk = piece
        if lost:
            _, end, chunk = chunk.partition(b"\n")
            if not end:
                continue
            yield Block(number, [lost], too_long=True)
            number, lost = number + 1, b""
        found = (rest + chunk).split(b"\n")
        rest = found.pop()
        if found:
            yield Block(number, found)
            number += len(found)
        if len(rest) > LONGEST:
            rest, lost = b"", rest[:SHOWN]
    if lost:
        yield Block(number, [lost], too_long=True)
    elif rest:
        yield Block(number, [rest])
