"""How one term stands in a text: as words of its own, whatever punctuation, emoji or line breaks are in between."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from spillover.folding import Letters, spaced, squeeze

_WIDEST_GAP = 20  # characters between two letters of a term
_GLUED = 12  # letters from which a term may stand without its spaces, as in #WhyIContactedTheCIA


class Part(NamedTuple):
    """Letters that stand together. Before those in ``ends`` a word ends, before those in ``loose`` is punctuation."""

    letters: str
    ends: frozenset[int]
    loose: frozenset[int]
    is_tag: bool


def part_of(text: str, *, is_tag: bool = False) -> Part:
    """Return the letters of a term, and where its words end."""
    letters = Letters(text)
    inner = range(1, len(letters.folded))
    both = {i for i in inner if spaced(letters.folded[i - 1]) and spaced(letters.folded[i])}
    ends = frozenset(i for i in both if re.search(r"\s", letters.gap(i)))
    loose = frozenset(i for i in both if letters.gap(i)) - ends
    return Part(letters.folded, frozenset() if is_tag else ends, loose, is_tag)


def parts_of(phrase: str) -> list[str]:
    """Return the parts of a phrase that may stand apart: between " + ", between spaces in a script that has none."""
    pieces = re.split(r"\s\+\s", phrase)
    if any(not spaced(c) and not _is_hangul(c) for c in squeeze(phrase)):
        pieces = [word for piece in pieces for word in piece.split()]
    return [piece for piece in dict.fromkeys(pieces) if squeeze(piece)]


def _is_hangul(c: str) -> bool:
    return "\uac00" <= c < "\ud7b0" or "\u1100" <= c < "\u1200"


def stands(part: Part, start: int, letters: Letters) -> bool:
    """Say whether a part's letters stand in a text as words of their own, not inside others and not strewn about."""
    end = start + len(part.letters)
    if not (letters.breaks(start) and letters.breaks(end)):
        return False
    gaps = [letters.gap(i) for i in range(start + 1, end)]
    if not any(gaps):
        return not part.ends or len(part.letters) >= _GLUED
    return all(len(gap) <= _WIDEST_GAP for gap in gaps) and all(_word_holds(word, part, gaps) for word in _words(part))


def _words(part: Part) -> list[tuple[int, int]]:
    edges = [0, *sorted(part.ends), len(part.letters)]
    return list(pairwise(edges))


def _word_holds(word: tuple[int, int], part: Part, gaps: list[str]) -> bool:
    """Say whether what stands between the letters of one word, and before it, lets it be that word.

    Punctuation and emoji may stand anywhere (C.I.A., 中_央_情_报_局); a space only where the term has one or a hyphen,
    where every letter has one (C I A), or in a script that has no spaces.
    """
    start, end = word
    if start and not gaps[start - 1] and len(part.letters) < _GLUED:
        return False
    strict = [
        gaps[i - 1]
        for i in range(start + 1, end)
        if i not in part.loose and spaced(part.letters[i - 1]) and spaced(part.letters[i])
    ]
    return all(strict) or not any(re.search(r"\s", gap) for gap in strict)


def stands_as_tag(part: Part, start: int, letters: Letters) -> bool:
    """Say whether a part is exactly one hashtag: # before it, its end after it."""
    end = start + len(part.letters)
    if not letters.gap(start).endswith("#") or any(letters.gap(i).strip("_") for i in range(start + 1, end)):
        return False
    after = letters.gap(end)
    return end == len(letters.folded) or (after != "" and after.strip("_") != "")
