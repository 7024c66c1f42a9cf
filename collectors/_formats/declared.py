"""Feeds in the encoding that they declare, read as browsers read it, so that one spoilt character spoils no other.

Outlets cut summaries in the middle of a character, and write "Shift_JIS" or "gb2312" for a superset of it. A parser that
is strict about either falls back to Latin letters for the whole feed: then nothing matches, and nobody is told.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from collectors._formats.encodings import guess

# Names that browsers take for a superset (encoding.spec.whatwg.org, "Names and labels").
_TAKEN_FOR = {
    "cp932": "shift_jis shift-jis sjis x-sjis ms_kanji ms932 windows-31j csshiftjis", "gb18030": "gb2312 gbk x-gbk gb_2312-80 chinese csgb2312",
    "big5hkscs": "big5 big5-hkscs cn-big5 csbig5 x-x-big5", "cp949": "euc-kr euckr ks_c_5601-1987 ksc5601 korean windows-949",
    "cp1252": "iso-8859-1 iso8859-1 latin1 latin-1 l1 ascii us-ascii windows-1252", "cp874": "tis-620 iso-8859-11 windows-874 dos-874",
    "cp1254": "iso-8859-9 latin5 windows-1254",
}  # fmt: skip
_CODECS = {label: codec for codec, labels in _TAKEN_FOR.items() for label in labels.split()}
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_DECLARED = re.compile(rb"\s*<\?xml[^>]*?\sencoding\s*=\s*[\"']([\w.:-]+)[\"']")
_DECLARES = re.compile(r"(\s*<\?xml[^>]*?)\sencoding\s*=\s*[\"'][\w.:-]+[\"']")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_SEVEN_BITS = ("iso2022", "hz")  # all of their bytes are ASCII, so they look like UTF-8
_SPOILT = 0.05  # of the letters outside ASCII may be spoilt; where more are, it is another encoding


def as_declared(body: bytes, content_type: str) -> bytes | None:
    """Return a feed in UTF-8, without the name of another encoding; None where nothing tells what it is written in."""
    names = list(_names(body, content_type))
    if b"\0" in body[:64] and names[0] == "utf-8":
        return None  # UTF-16 or UTF-32 without a mark, which a parser of XML tells by itself
    for allowed in (0.0, _SPOILT):
        for name in names:
            text = body.decode(name, "replace")
            if text.count("\ufffd") <= allowed * sum(letter > "\x7f" for letter in text):
                return _plain(text)
    return None if (name := guess(body)) == "utf-8" else _plain(body.decode(name, "replace"))


def _names(body: bytes, content_type: str) -> Iterator[str]:
    """Yield the encodings that it may be in, the likeliest first: what is UTF-8 is so by no chance, whatever is declared."""
    yield from (name for mark, name in _MARKS if body.startswith(mark))
    inside, outside = _DECLARED.match(body[:1024]), _CHARSET.search(content_type)
    named = [_codec(found[1]) for found in (outside, inside) if found]
    yield from (name for name in named if name and name.startswith(_SEVEN_BITS))
    yield "utf-8"
    yield from (name for name in named if name)


def _codec(label: bytes | str) -> str | None:
    name = (label.decode("ascii", "replace") if isinstance(label, bytes) else label).lower()
    try:
        return codecs.lookup(_CODECS.get(name, name)).name
    except LookupError:
        return None


def _plain(text: str) -> bytes:
    return _DECLARES.sub(r"\1", text.removeprefix("\ufeff"), count=1).encode("utf-8", "replace")
