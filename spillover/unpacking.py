"""Bodies as they come over the line, unpacked within a limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from spillover.errors import Broken

_GZIP = 16 + zlib.MAX_WBITS
_STEP = 2**20  # bytes unpacked at a time: a small bomb never becomes a large piece


def unpack(encoding: str, pieces: Iterable[bytes], biggest: int) -> Iterator[bytes]:
    """Yield a body piece by piece; raise Broken where it is larger than ``biggest`` or has no end."""
    encoding = encoding.lower().strip()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise Broken(f"an answer packed as {encoding!r}, which we did not ask for")
    size = 0
    for piece in _gunzip(pieces) if "gzip" in encoding else pieces:
        size += len(piece)
        if size > biggest:
            raise Broken(f"an answer of more than {biggest} bytes")
        yield piece


def _gunzip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packed, begun = zlib.decompressobj(_GZIP), False
    for piece in pieces:
        rest = piece
        while rest:
            if packed.eof:  # several packed parts may stand one after another
                packed = zlib.decompressobj(_GZIP)
            yield _some(packed, rest)
            rest, begun = packed.unused_data if packed.eof else packed.unconsumed_tail, True
    if begun and not packed.eof:
        raise Broken("half an answer: its packed form has no end")


def _some(packed: zlib._Decompress, piece: bytes) -> bytes:
    try:
        return packed.decompress(piece, _STEP)
    except zlib.error as error:
        raise Broken(f"an answer that cannot be unpacked: {error}") from error
