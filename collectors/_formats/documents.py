"""JSON values of a stream: one a line, or the elements of a list, or whole documents however they are laid out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from collectors._formats.lines import LONGEST, SHOWN, lines

_DECODER = msgspec.json.Decoder()
_OUTSIDE, _INSIDE = re.compile(rb'["{}\[\]]'), re.compile(rb'["\\]')
_OPENING = (b"{", b"[")
_ESCAPE = re.compile(r'(?<!\\)((?:\\\\)*)\\(?!["\\/bfnrtu])')  # a backslash that begins no escape: GDELT writes such


class Document(NamedTuple):
    """One JSON value and the line where it begins; or why there is none."""

    line: int
    raw: bytes
    value: Any = None
    trouble: str | None = None


def decode(raw: bytes) -> Any:
    """Return a JSON value; raise ValueError with a reason that a person can act on."""
    try:
        return _DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _decode_leniently(raw)
    except RecursionError:
        raise ValueError("it is nested too deep to be a record") from None


def _decode_leniently(raw: bytes) -> Any:
    """Read what other programs write although JSON forbids it: halves of letters, NaN, tabs in texts."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise ValueError(
            f"byte {error.start + 1} of it is not UTF-8 (0x{raw[error.start]:02x}); save the file as UTF-8"
        ) from None
    if "\0" in text:
        raise ValueError(
            f"a NUL byte stands at {text.index(chr(0)) + 1}; the file was damaged when it was written or copied"
        )
    try:
        return json.loads(_ESCAPE.sub(r"\1\\\\", text), strict=False)
    except RecursionError:
        raise ValueError("it is nested too deep to be a record") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at character {error.pos + 1}; it may have been cut off") from None


def by_line(chunks: Iterable[bytes]) -> Iterator[Document]:
    """Yield a document a line; blank lines are nothing."""
    read = _DECODER.decode
    for block in lines(chunks):
        for number, line in enumerate(block.lines, block.first):
            try:
                yield Document(number, line, read(line))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                yield from _line(number, line, block.too_long)


def _line(number: int, line: bytes, too_long: bool) -> Iterator[Document]:
    """Yield what can be made of a line that is no plain JSON."""
    raw = line.strip(b" \t\r\0")
    if too_long:
        yield Document(number, raw, trouble=_too_long())
    elif raw:
        yield _document(number, raw)
    elif line.strip(b" \t\r"):
        yield Document(
            number, line[:SHOWN], trouble="a line of NUL bytes; the file was damaged when it was written or copied"
        )


def _document(number: int, raw: bytes) -> Document:
    try:
        return Document(number, raw, decode(raw))
    except ValueError as error:
        return Document(number, raw, trouble=str(error))


def _too_long() -> str:
    return f"longer than {LONGEST >> 20} MB; no record is: it may be several files in one line"


def by_bracket(chunks: Iterable[bytes]) -> Iterator[Document]:
    """Yield each whole value that stands at the top, or in a list at the top, wherever its lines end."""
    scan = _Scan()
    for chunk in chunks:
        yield from scan.values_in(chunk)
    yield from scan.end()


class _Scan:
    """Where we are between pieces of a stream: how deep, in a text or not, and what of the value came so far."""

    def __init__(self) -> None:
        self.depth, self.in_list, self.in_text, self.skip = 0, False, False, 0
        self.line, self.began_at = 1, 1
        self.value, self.is_open, self.too_long = bytearray(), False, False

    def values_in(self, chunk: bytes) -> Iterator[Document]:
        position, start, counted = self.skip, 0, 0
        while token := (_INSIDE if self.in_text else _OUTSIDE).search(chunk, position):
            sign, position = token[0], token.end()
            if self.in_text:
                position += sign == b"\\"
                self.in_text = sign == b"\\"
            elif sign == b'"':
                self.in_text = True
            elif sign in _OPENING:
                if self._opens(sign):
                    start = token.start()
                    self.line += chunk.count(b"\n", counted, start)
                    self.began_at, counted = self.line, start
            elif self._closes():
                self._keep(chunk[start:position])
                yield self._whole()
        self.skip = max(0, position - len(chunk))
        self.line += chunk.count(b"\n", counted)
        if self.is_open:
            self._keep(chunk[start:])

    def end(self) -> Iterator[Document]:
        raw = bytes(self.value[:SHOWN])
        if self.is_open:
            yield Document(self.began_at, raw, trouble="the file ends in the middle of this record")
        elif self.in_list:
            yield Document(self.line, b"", trouble="the file ends before its list does; what came after is missing")

    def _opens(self, sign: bytes) -> bool:
        """Go one level down; return whether a value begins here."""
        self.depth += 1
        if self.depth == 1 and sign == b"[" and not self.in_list:
            self.in_list = True
            return False
        if self.depth == 1 + self.in_list:
            self.is_open = True
            return True
        return False

    def _closes(self) -> bool:
        """Go one level up; return whether a value ends here."""
        self.depth = max(0, self.depth - 1)
        if self.depth == self.in_list and self.is_open:
            return True
        if self.depth == 0:
            self.in_list = False
        return False

    def _keep(self, piece: bytes) -> None:
        self.too_long = self.too_long or len(self.value) + len(piece) > LONGEST
        self.value += piece[:SHOWN] if self.too_long and not self.value else b"" if self.too_long else piece

    def _whole(self) -> Document:
        raw, too_long = bytes(self.value), self.too_long
        self.value, self.is_open, self.too_long = bytearray(), False, False
        return Document(self.began_at, raw[:SHOWN], trouble=_too_long()) if too_long else _document(self.began_at, raw)
