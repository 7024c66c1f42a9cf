"""Bytes of any encoding to UTF-8, piece by piece."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from itertools import chain

_MARKS = (  # the long ones first: that of UTF-16 begins that of UTF-32
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_HIGH = re.compile(rb"[\x80-\xff]")
# What a text of each script looks like once decoded; the first encoding whose text does is the one.
_LEGACY = (
    ("gb18030", re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")),
    ("cp1251", re.compile(r"[А-яЁё]")),
    ("cp1252", re.compile(r"[À-ÿ’‘“”–—…€]")),
)
_ENOUGH = 0.9  # of the letters outside ASCII


def as_utf8(chunks: Iterable[bytes]) -> tuple[str, Iterator[bytes]]:
    """Return the name of the encoding and the same text in UTF-8, without a byte order mark.

    What is nearly UTF-8 passes as it is, so that each bad line can be told; only a text that is plainly of another
    encoding is decoded.
    """
    pieces = iter(chunks)
    head = next(pieces, b"")
    name = guess(head)
    whole = chain((head,), pieces)
    if name == "utf-8":
        return name, whole
    if name == "utf-8-sig":
        return name, chain((head.removeprefix(codecs.BOM_UTF8),), pieces)
    return name, _decoded(whole, name)


def guess(head: bytes) -> str:
    """Return the encoding of a text by its first bytes."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    sample = head[:65536]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if min(even, odd) * 8 < max(even, odd) and max(even, odd) * 3 > len(sample) // 2:
        return "utf-16-le" if odd > even else "utf-16-be"
    return _legacy(head) or "utf-8"


def _legacy(head: bytes) -> str | None:
    """Return the old encoding of a text in which no line outside ASCII is UTF-8, and more than one is not."""
    lines = [line for line in head.split(b"\n")[:-1] or [head] if _HIGH.search(line)]
    if len(lines) < 2 or any(_is_utf8(line) for line in lines):
        return None
    for name, expected in _LEGACY:
        try:
            text = b"\n".join(lines).decode(name)
        except UnicodeDecodeError:
            continue
        foreign = [letter for letter in text if letter > "\x7f"]
        if len(expected.findall("".join(foreign))) >= _ENOUGH * len(foreign):
            return name
    return None


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decoded(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(name)("replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")
