"""What lies in a file: the file itself, unpacked where it is packed, or each member of a zip.

Nothing is written to disk, so names of members are only names. What unpacks to absurd sizes is refused.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from collectors._formats import packing

_BOMB_RATIO = 200  # texts pack 3 to 50 times; what packs more, and is big, was made to harm
_BOMB_SIZE = 1 << 28
_CHUNK = 1 << 20
_ZIPS = (b"PK\3\4", b"PK\5\6")
_WORKBOOK = "xl/workbook.xml"
_NO_DATA = ("__MACOSX/", ".DS_Store", "Thumbs.db")
_TROUBLES = (
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
    OSError,
    RuntimeError,
    NotImplementedError,
    *packing.TROUBLES,
)  # RuntimeError, NotImplementedError: locked, odd packing


class Damaged(Exception):
    """Bytes that cannot be unpacked further; what came before them is good."""


@dataclass(frozen=True)
class Member:
    """One stream of bytes: a file, or a member of a zip, whose name stands before what is said about it."""

    path: Path
    name: str = ""

    def chunks(self) -> Iterator[bytes]:
        """Yield the unpacked bytes in pieces of at most a megabyte; raise Damaged where they break off."""
        total = 0
        with ExitStack() as stack:
            stream, packed = self._open(stack)
            while chunk := _read(stream):
                total += len(chunk)
                if total > _BOMB_SIZE and total > _BOMB_RATIO * packed:
                    raise Damaged(
                        f"it unpacks to more than {_BOMB_RATIO} times its size; unpack it yourself if you trust it"
                    )
                yield chunk

    def _open(self, stack: ExitStack) -> tuple[IO[bytes], int]:
        packed = self.path.stat().st_size
        if self.name:
            archive = stack.enter_context(_archive(self.path))
            try:
                packed = archive.getinfo(self.name).compress_size
                starts = _starts(archive.open(self.name))
                stream = stack.enter_context(archive.open(self.name))
            except _TROUBLES as error:
                raise Damaged(f"cannot be unpacked: {error}") from error
        else:
            starts = _starts(self.path.open("rb"))
            stream = stack.enter_context(self.path.open("rb"))
        return packing.unpacked(stream, starts), packed


def members(path: Path) -> list[Member]:
    """Return the streams of a file in the order of the archive; raise Damaged for a zip without its index."""
    with path.open("rb") as stream:
        if stream.read(4) not in _ZIPS:
            return [Member(path)]
    with _archive(path) as archive:
        names = [info.filename for info in archive.infolist() if not info.is_dir()]
    if _WORKBOOK in names:
        raise Damaged("an Excel workbook; save its sheet as CSV (UTF-8)")
    return [Member(path, name) for name in names if not any(part in name for part in _NO_DATA)]


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Damaged(f"this zip has no readable index ({error}); download it again") from error


def _starts(stream: IO[bytes]) -> bytes:
    with stream:
        return stream.read(packing.LOOK)


def _read(stream: IO[bytes]) -> bytes:
    try:
        return cast(bytes, stream.read1(_CHUNK))  # type: ignore[attr-defined]  # read() would lose what came before a break
    except _TROUBLES as error:
        raise Damaged(f"it breaks off or is damaged ({error or type(error).__name__})") from error
