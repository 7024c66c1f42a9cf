"""What a platform's own words say about a post that cannot be seen, in the languages that platforms speak.

The phrases are data (wordings.json), and so is what they mean. Texts and phrases are folded first, so that case, width,
traditional characters, quotes and full stops do not matter. A phrase must be a clause of its own: a headline about a
removal is no removal. What is not known stays unknown; a wall or an error is never a removal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import count

from msgspec import Struct

from spillover.contract import Basis, Status
from spillover.folding import Letters, fold, spaced, squeeze
from spillover.places import country

_LONGEST = 600  # characters; a notice has fewer, and what is longer tells a story
_SLOT = 120  # letters that may stand in the place of a name, where blanks part words
_DENSE_SLOT = 40  # the same where they do not
_ENOUGH = 20  # letters of a platform's own phrase that are known without its name
_MAYBE = re.compile(r"(\w)\?")  # one letter that may be left out
_TOKENS = re.compile(r"\{[\w]+\}|[\[\]()|*@?]|[^\[\]()|*@?{}]+")
_NO_CLAUSE = re.compile(r"[\s\"'’‘`´“”«»„*_·•-]*")  # what stands between two words of one clause
_EDGE = r"(?:\b|(?<!\w))"  # a name neither begins nor ends within a word
_WORD_END = r"(?=[ \n]|$)"
_ASKED = re.compile(r"[\s\"'’”»)]*[?？؟]")
_APOSTROPHES = frozenset("'’‘`´ʼ")
_LIST = re.compile(r",|\band\b|&|;")


class Wording(Struct, frozen=True, kw_only=True):
    """What words of a platform mean. ``said`` is the words as they stood, with "…" where a name stood."""

    status: Status
    cause: str | None = None
    basis: Basis = "stated"
    said: str


class _Phrase(Struct, frozen=True):
    """A phrase and what it means."""

    pattern: re.Pattern[str]
    status: Status
    cause: str | None
    platforms: frozenset[str]  # none: any


class _Fit(Struct, frozen=True):
    phrase: _Phrase
    wording: Wording


def read_wording(said: str, platform: str | None = None) -> Wording | None:
    """Return what a platform's words mean; None where they are not known. Never raises, never guesses."""
    if not said or len(said) > _LONGEST:
        return None
    text = _Marked(said)
    for phrase in _phrases()[True]:  # a wall or an error outranks all: what it hides is not known
        if found := phrase.pattern.search(text.marked):
            return _wording(phrase, text, found)
    fits = list(_fitting(text, platform))
    if platform is None:  # words of one platform say nothing where it is not known which, unless all mean the same
        general = [fit for fit in fits if not fit.phrase.platforms]
        fits = general or [fit for fit in fits if len(squeeze(fit.wording.said)) >= _ENOUGH]
        fits = fits if general or len({(fit.phrase.status, fit.phrase.cause) for fit in fits}) == 1 else []
    return max(fits, key=_rank).wording if fits else None


class _Marked:
    """The folded letters of a text, a blank between words, a line break between clauses, and where each one stood."""

    def __init__(self, text: str) -> None:
        letters = Letters(text)
        self.text, self.at = letters.text, list[int]()
        made: list[str] = []
        for i, letter in enumerate(letters.folded):
            mark = _mark(letters, i) if i else ""
            made += [mark, letter]
            self.at += [letters.at[i]] * (len(mark) + 1)
        self.marked = "".join(made)

    def is_asked(self, end: int) -> bool:
        """Say whether a question mark follows: a platform states what became of a post, a headline asks."""
        return bool(_ASKED.match(self.text, self.at[end - 1] + 1))

    def kept(self, start: int, end: int) -> str:
        """Return the text from one letter to before another, as it stood."""
        return self.text[self.at[start] : self.at[end - 1] + 1] if end > start else ""


def _mark(letters: Letters, i: int) -> str:
    gap = letters.gap(i)
    if not gap or gap in _APOSTROPHES:
        return ""
    if "\n" in gap or not _NO_CLAUSE.fullmatch(gap) or re.search(r"\s[-–—]+\s", gap):
        return "\n"
    return " " if spaced(letters.folded[i - 1]) and spaced(letters.folded[i]) else ""


def _fitting(text: _Marked, platform: str | None) -> Iterator[_Fit]:
    for phrase in _phrases()[False]:
        mine = platform is None or not phrase.platforms or platform in phrase.platforms
        found = phrase.pattern.search(text.marked) if mine else None
        if found and not (phrase.status != "unknown" and text.is_asked(found.end())):
            yield _Fit(phrase, _wording(phrase, text, found))


def _rank(fit: _Fit) -> tuple[bool, bool, int]:
    """A platform's own phrase goes before a general one, a state before unknown, many words before few."""
    return bool(fit.phrase.platforms), fit.phrase.status != "unknown", len(squeeze(fit.wording.said))


def _wording(phrase: _Phrase, text: _Marked, found: re.Match[str]) -> Wording:
    return Wording(status=phrase.status, cause=phrase.cause, said=_said(text, found))


def _said(text: _Marked, found: re.Match[str]) -> str:
    """Return the words of a phrase as they stood, without what stood in the place of a name."""
    made, start = "", found.start()
    for name, group in found.re.groupindex.items():
        since, until = found.span(group)
        if since < 0 or since == until or (name.startswith("place") and _is_place(text.kept(since, until))):
            continue
        before = text.kept(start, len(text.marked[start:since].rstrip(" \n")) + start)
        if until == found.end() and "\n" in text.marked[since - 1 : since + 1]:
            return made + before  # what follows is another sentence, not a name
        blank = " " if text.marked[since - 1 : since] in (" ", "\n") or text.marked[since] == " " else ""
        made += f"{before}{blank}…"
        rest = text.marked[until : found.end()]
        start = until + len(rest) - len(rest.lstrip(" \n"))
        made += " " if start > until and start < found.end() else ""
    return (made + text.kept(start, found.end())).strip()


def _is_place(text: str) -> bool:
    parts = [part.strip().removeprefix("the ") for part in _LIST.split(text)]
    return all(country(part) for part in parts)


@cache
def _phrases() -> dict[bool, list[_Phrase]]:
    """Return the phrases, by whether they count anywhere in a text."""
    data = json.loads((files("spillover") / "wordings.json").read_text("utf-8"))
    made: dict[bool, list[_Phrase]] = {True: [], False: []}
    for entry in data["wordings"]:
        anywhere = entry.get("anywhere", False)
        platforms = frozenset(entry.get("platforms", ()))
        made[anywhere] += [
            _Phrase(_compiled(says, data["words"], anywhere), entry["status"], entry.get("cause"), platforms)
            for says in entry["says"]
        ]
    return made


def _compiled(says: str, words: dict[str, str], anywhere: bool) -> re.Pattern[str]:
    body = "".join(_regex(_MAYBE.sub(r"[\1]", says), words, count()))
    dense = not all(map(spaced, body))
    body = body.replace("SLOT", str(_DENSE_SLOT if dense else _SLOT)).replace("EDGE", "" if dense else _EDGE)
    if anywhere:
        return re.compile(body if dense else rf"(?<!\w){body}(?!\w)")
    return re.compile(rf"(?:^|(?<=\n)){body}(?=\n|$)")


def _regex(says: str, words: dict[str, str], slots: Iterator[int]) -> Iterator[str]:
    opened: list[str] = []
    for token in _TOKENS.findall(says):
        if token[0] == "{":
            known = words[token[1:-1]]
            yield f"(?:{''.join(_regex(known, words, slots))}){_WORD_END if all(map(spaced, known)) else ''}"
        elif token in "([":
            opened.append(token)
            yield "(?:"
        elif token in ")]":
            yield ")" if opened.pop() == "(" else "[ \\n]?)?"
        elif token in "*@":
            yield rf"(?P<{'place' if token == '@' else 'name'}{next(slots)}>EDGE[^\0]{{0,SLOT}}?)EDGE"
        elif token in "|?":
            yield token
        else:
            yield _literal(token)


def _literal(token: str) -> str:
    """Return the words of a token; a comma may stand between two letters that no blank parts."""
    parts = ("".join(c if spaced(c) else rf"{c}\n?" for c in squeeze(part)) for part in fold(token).split(" "))
    return r"[ \n]?".join(parts)
