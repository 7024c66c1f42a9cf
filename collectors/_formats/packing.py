"""Packed streams, told by their first bytes: gzip, bzip2, xz and Zstandard; and files that hold no text at all."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
from collections.abc import Callable
from typing import IO, Any, cast

import zstandard

TROUBLES = (lzma.LZMAError, zstandard.ZstdError)
LOOK = 512  # first bytes that tell what a file is
_PIECE = 1 << 12  # packed bytes at once: they can unpack to 30,000 times as many
_WINDOW = 1 << 31  # what archives of Reddit need
_NO_TEXT = (
    (b"%PDF", "a PDF"), (b"SQLite format 3", "a SQLite database"), (b"7z\xbc\xaf\x27\x1c", "a 7z archive"), (b"Rar!", "a RAR archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"), (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"),
    (b"\x37\xa4\x30\xec", "a dictionary of Zstandard"),
)  # fmt: skip
_TAR_MARK_AT, _MANY = 257, 20
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")


class _Zstandard:
    """Unpacks frame after frame; the library's own reader takes a stream that breaks off for one that ended."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._rest = stream, b""
        self._frame: Any = None

    def read1(self, _: int) -> bytes:
        made = b""
        while not made:
            packed = self._rest or self._stream.read(_PIECE)
            if not packed:
                if self._frame is not None:
                    raise EOFError("its last frame has no end")
                return b""
            frame = self._frame or zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
            made = frame.decompress(packed)
            self._rest, self._frame = frame.unused_data, None if frame.eof else frame
        return made


_UNPACKED: dict[bytes, Callable[[IO[bytes]], Any]] = {
    b"\x1f\x8b": lambda stream: gzip.GzipFile(fileobj=stream),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\0": lzma.LZMAFile,
    b"\x28\xb5\x2f\xfd": _Zstandard,
}


def unpacked(stream: IO[bytes], starts: bytes) -> IO[bytes]:
    """Return a stream of the unpacked bytes; the stream itself where it is not packed."""
    unpack = next((unpack for mark, unpack in _UNPACKED.items() if starts.startswith(mark)), None)
    return cast(IO[bytes], unpack(stream)) if unpack else stream


def no_text(head: bytes) -> str | None:
    """Return what a file is that holds no text, and what to do; None for a text."""
    name = next((name for mark, name in _NO_TEXT if head.startswith(mark)), None)
    if head[_TAR_MARK_AT : _TAR_MARK_AT + 5] == b"ustar":
        return "a tar archive; unpack it and give the files that are in it"
    if name is None and len(_CONTROLS.findall(head[:LOOK])) * _MANY > min(len(head), LOOK):
        name = "binary data"
    return f"{name}, no text; export it as CSV or JSON" if name else None
