"""How much a term tells a text from all others, in points: about two bits each, added up over its words.

==============================================  ======
a word of everyday posts (data/common.txt)           2
a word of one or two letters                         2
any other word                                  4 a letter, at most 14
a number                                        2 a digit, at most 8
a Han character in daily use, a rarer one       5, 7
hiragana; katakana or Hangul; Thai and its kin  2; 3; 2
==============================================  ======

A phrase needs ``ENOUGH``: one word of three letters that is no everyday word ("CIA"), three Han characters, or two rare
ones. Less would match half the web.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from itertools import groupby
from unicodedata import category

from spillover.folding import fold, spaced

ENOUGH = 12
_WORD = 14
_LONGEST_COMMON = 8  # characters of the longest everyday word of a script without spaces
_RUNS = re.compile(r"[^\W_]+")
_DAILY_HAN = (
    ("gb2312", 0xB0, 0xD7),
    ("shift_jis", 0x88, 0x97),
)  # level 1 of both standards: the characters in daily use


def points(term: str) -> int:
    """Return how much a term tells, in points."""
    letters = "".join(c if category(c)[0] != "M" else "" for c in fold(term))
    return sum(_of_run(run) for run in _RUNS.findall(letters))


def too_common(term: str) -> str | None:
    """Return why a term would match half the web, or None where it would not."""
    found = points(term)
    if found >= ENOUGH:
        return None
    why = "everyday words, or too short"
    return f"would match half the web ({found} of {ENOUGH} points: {why}); add words that only this story has"


def _of_run(run: str) -> int:
    return sum(
        _of_word("".join(part)) if spaces else _of_unspaced("".join(part)) for spaces, part in groupby(run, spaced)
    )


def _of_word(word: str) -> int:
    if word.isdigit():
        return min(2 * len(word), 8)
    if len(word) < 3 or word in _common():
        return 2
    return min(4 * len(word), _WORD)


def _of_unspaced(run: str) -> int:
    total = i = 0
    while i < len(run):
        size = next((n for n in range(_LONGEST_COMMON, 1, -1) if run[i : i + n] in _common()), 1)
        total += 2 if size > 1 else _of_character(run[i])
        i += size
    return total


def _of_character(c: str) -> int:
    if c >= "\u3400" and not "\uac00" <= c < "\ud7b0":
        return 5 if any(_in_level(c, *level) for level in _DAILY_HAN) else 7
    return 3 if "\u30a0" <= c < "\u3100" or "\uac00" <= c < "\ud7b0" else 2


def _in_level(c: str, encoding: str, first: int, last: int) -> bool:
    try:
        return first <= c.encode(encoding)[0] <= last
    except UnicodeEncodeError:
        return False


@cache
def _common() -> frozenset[str]:
    rows = (files("spillover") / "data" / "common.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for row in rows if not row.startswith("#") for word in row.split())
