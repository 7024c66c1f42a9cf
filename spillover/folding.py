"""Texts made comparable: the same words in another dress become the same letters.

``fold`` undoes width, case, compatibility forms, traditional characters, accents of Latin and Greek, stress marks, and
drops what does not show: zero-width and bidi controls, variation selectors. ``squeeze`` keeps the letters and digits of
that, so that punctuation, emoji and line breaks do not matter. ``Letters`` says where each of these stood.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from unicodedata import category, normalize

import numpy as np

# Marks that Latin, Greek and Cyrillic texts lose nothing without, vowel points that Arabic and Hebrew mostly leave out.
# Marks of other scripts (Thai, Devanagari, kana) tell words apart and stay.
_LOOSE_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u0652\u0656-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
_UNSEEN = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff™℠"
_DROPPED = re.compile(f"[{_LOOSE_MARKS}{_UNSEEN}]")
_STROKES = {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "ё": "е"}  # no decomposition says so; ё is mostly written е
_SPACES = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85"
_MARKED = "\uffff"  # a noncharacter: stands for a mark in the first pass

# Scripts that put no space between words, and Hangul, which glues endings to them.
_UNSPACED = re.compile(
    "[\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\ua4cf\ua960-\ua97f\uac00-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)
_LONGEST_RUN = 20  # marks in a row; putting a run in order takes the square of its length, and nothing real has five
_RUN = re.compile(rf"([^\w\s]{{{_LONGEST_RUN}}})[^\w\s]+")
_SHORT = 40  # characters up to which one look-up each is quicker than one for all
_REMEMBERED = 60_000  # code points; more than all texts of a day use, less than a hostile one could ask for

_CONTROLS = bytes(c for c in (*range(32), 127) if chr(c) not in _SPACES)
_NO_LETTERS = bytes(c for c in range(128) if not chr(c).isalnum())
_LOWER = bytes(ord(chr(c).lower()) if c < 128 else c for c in range(256))


class _Table(dict[int, str]):
    """What becomes of each character, worked out when it is first met."""

    def __init__(self, make: Callable[[str], str]) -> None:
        self.make = make

    def __missing__(self, code: int) -> str:
        made = self.make(chr(code))
        if len(self) < _REMEMBERED:
            self[code] = made
        return made


def fold(text: str) -> str:
    """Return a text with width, case, traditional characters, accents and unseen characters folded away."""
    if text.isascii():
        return text.encode().translate(_LOWER, _CONTROLS).decode()
    return composed(text).translate(_FOLDED)


def squeeze(text: str) -> str:
    """Return the folded letters and digits of a text, nothing between them."""
    if text.isascii():
        return text.encode().translate(_LOWER, _NO_LETTERS).decode()
    if len(text) > _SHORT:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        letters = _QUICK[codes].tobytes().decode("utf-16-le").replace("\0", "")
        if _MARKED not in letters:
            return letters
        _learn(text)
    letters = text.translate(_FIRST_PASS)
    return composed(text).translate(_LETTERS) if _MARKED in letters else letters


def _learn(text: str) -> None:
    """Note for ``_QUICK`` what becomes of each character of a text, where that is at most one letter of 16 bits."""
    for c in set(text):
        made = _FIRST_PASS[ord(c)]
        if len(made) < 2 and made <= _MARKED:
            _QUICK[ord(c)] = ord(made or "\0")


def composed(text: str) -> str:
    """Return a text in which a letter and its marks are one character wherever there is such a one."""
    if text.isascii() or _MARKED not in text.translate(_FIRST_PASS):
        return text
    return normalize("NFC", _RUN.sub(r"\1", text).translate(_COMPATIBLE))


def spaced(letter: str) -> bool:
    """Say whether a letter is of a script that puts spaces between words."""
    return _UNSPACED.match(letter) is None


class Letters:
    """The folded letters of a text, and what stood between them."""

    def __init__(self, text: str) -> None:
        self.text = composed(text)
        made = [_LETTERS[ord(c)] for c in self.text]
        self.folded = "".join(made)
        self.at = [i for i, letters in enumerate(made) for _ in letters]

    def gap(self, i: int) -> str:
        """Return what stands before letter ``i`` (for ``len``: after the last), folded; of a wide gap both ends."""
        start = self.at[i - 1] + 1 if i else 0
        end = self.at[i] if i < len(self.at) else len(self.text)
        if end - start > 2 * _LONGEST_RUN:
            return fold(self.text[start : start + _LONGEST_RUN] + self.text[end - _LONGEST_RUN : end])
        return fold(self.text[start:end]) if end > start else ""

    def breaks(self, i: int) -> bool:
        """Say whether a word may end before letter ``i``."""
        if i in (0, len(self.folded)):
            return True
        return not spaced(self.folded[i - 1]) or not spaced(self.folded[i]) or self.gap(i) != ""


def _compatible(c: str) -> str:
    """Return the plain form of a character: no width, no ligature, no circle. Hangul letters and ´ stay as they are."""
    if "\u3130" <= c < "\u3190" or "\uffa0" <= c < "\uffdd":
        return c
    plain = normalize("NFKC", c)
    return c if plain[0] == " " and len(plain) > 1 else plain


def _folded(c: str) -> str:
    if _unseen(c):
        return ""
    plain = normalize("NFC", _compatible(c).casefold())
    return "".join(_one(letter) for letter in plain)


def _one(c: str) -> str:
    c = _STROKES.get(c, c)
    base = normalize("NFD", c)
    if base[0] < "\u0400":  # Latin and Greek
        c = base
    return _simplified().get(c, "".join(m for m in c if not _DROPPED.match(m)))


def _unseen(c: str) -> bool:
    return category(c) in ("Cf", "Cs") or (category(c) == "Cc" and c not in _SPACES) or _DROPPED.match(c) is not None


def _letters(c: str) -> str:
    return "".join(m for m in _folded(c) if m.isalnum() or category(m)[0] == "M")


def _first_pass(c: str) -> str:
    """Like ``_letters``, but a mark that may join the letter before it asks for a second pass over the whole text."""
    if "\u1161" <= c < "\u1200":
        return _MARKED
    seen = _DROPPED.match(c) is None or "\u0300" <= c <= "\u036f"
    return _MARKED if seen and any(category(m)[0] == "M" for m in _compatible(c)) else _letters(c)


@cache
def _simplified() -> dict[str, str]:
    """Return the simplified form of each traditional character (OpenCC's table, Apache-2.0)."""
    rows = (files("spillover") / "data" / "traditional.txt").read_text(encoding="utf-8").splitlines()
    traditional, simplified = (row for row in rows if not row.startswith("#"))
    return dict(zip(traditional, simplified, strict=True))


_COMPATIBLE = _Table(_compatible)
_FOLDED = _Table(_folded)
_LETTERS = _Table(_letters)
_FIRST_PASS = _Table(_first_pass)
_QUICK = np.full(0x110000, ord(_MARKED), np.uint16)  # _FIRST_PASS once more: one look-up a text, not one a character
