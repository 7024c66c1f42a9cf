"""Is this text about the campaign: by link, title, phrase, hashtag.

All terms stand in one automaton over the folded letters of a text, so that one pass finds them whatever stands between.
What it finds is then held against the text as written, for the ends of words. How sure we are:

=========  =====================================================  ==========
kind       what was found                                         confidence
=========  =====================================================  ==========
link       the address of a video of the campaign                 1.0
title      a whole title that tells much; some; little            .95 .8 .6
title      a title of everyday words, where it is all of a field  .3
phrase     a phrase that tells much; some; little                 .8 .65 .5
phrase     its parts near one another                             .1 less
hashtag    a hashtag that tells some; little                      .6 .5
=========  =====================================================  ==========

Much, some and little are 40, 24 and 12 points of ``spillover.rarity``. A title alone never proves that it is the same
video. A phrase with a space in a script without spaces (中央情报局 招募视频), or one written with " + ", means: all its
parts, in any order, within 60 characters. A text that says one of the campaign's look-alikes matches by link only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick
from msgspec import Struct

from spillover.campaign import Campaign
from spillover.errors import CampaignError
from spillover.folding import Letters, squeeze
from spillover.links import links_in, resolve
from spillover.rarity import ENOUGH, points, too_common
from spillover.terms import Part, part_of, parts_of, stands, stands_as_tag

_Find = Callable[..., list[tuple[int, int, int]]]  # part, first letter, letter after the last

KINDS = ("link", "title", "phrase", "hashtag")
_CONFIDENCE = {"title": (0.95, 0.8, 0.6), "phrase": (0.8, 0.65, 0.5), "hashtag": (0.6, 0.6, 0.5)}
_STEPS = (40, 24)
_WHOLE_FIELD_ONLY = 0.3
_PARTED = 0.1  # what a phrase loses that was found in parts
_NEAR = 60  # characters, beyond those of the parts themselves
_LONGEST = 1_000_000  # characters of a text that are read; no post and no article has as many


class Match(Struct, frozen=True, kw_only=True):
    """Why a text is held to be about a campaign. ``video`` counts from 0, None where no one video is meant."""

    kind: str
    term: str
    confidence: float
    video: int | None = None


class _Term(NamedTuple):
    match: Match
    parts: tuple[int, ...]
    whole_field: bool = False


class _Spot(NamedTuple):
    """Where a term stands: field, then character."""

    field: int
    start: int
    match: Match


class Matcher:
    """The terms of one campaign, ready to be looked for."""

    def __init__(self, campaign: Campaign) -> None:
        _refuse_common(campaign)
        self._parts: dict[Part, int] = {}
        terms = [*self._titles(campaign), *self._phrases(campaign), *self._hashtags(campaign)]
        excluded = [term for terms in campaign.exclude.values() for term in terms if squeeze(term)]
        self._terms = _by_first_part(terms)
        self._excluded = _by_first_part(_Term(_NO_MATCH, self._numbers(term)) for term in excluded)
        self._by_number = list(self._parts)
        self._by_longest = self._needs()
        self._find: _Find = AhoCorasick([part.letters for part in self._by_number]).find_matches_as_indexes
        self._links = {
            key: (i, video.url)
            for i, video in enumerate(campaign.videos)
            if video.url and (key := _link_key(video.url))
        }

    def best(
        self, text: str | None, *, title: str | None = None, links: Sequence[str] = (), hashtags: Sequence[str] = ()
    ) -> Match | None:
        """Return the match that we are surest of; of equals the first by kind, then by place."""
        if not (
            hashtags
            or (self._links and self._may_link(text, links))
            or (text and self._may_name(text))
            or (title and self._may_name(title))
        ):
            return None  # nearly all of a stream goes this way
        found = self.matches(text, title=title, links=links, hashtags=hashtags)
        return found[0] if found else None

    def matches(
        self, text: str | None, *, title: str | None = None, links: Sequence[str] = (), hashtags: Sequence[str] = ()
    ) -> list[Match]:
        """Return every match, the surest first. Addresses and hashtags that stand in the text count as well."""
        found: list[_Spot] = []
        if self._may_link(text, links):
            found = list(self._by_link([*links, *(links_in(text[:_LONGEST]) if text and "/" in text else ())]))
        tags = " ".join(f"#{tag.lstrip('#＃')}" for tag in hashtags) if hashtags else None
        reads = [
            _Read(i, field, hits, self._by_number)
            for i, field in enumerate((title, text, tags))
            if field and (hits := self._hits(field))
        ]
        if reads:
            found += self._by_term(reads)
        return _in_order(found) if found else []

    def _may_link(self, text: str | None, links: Sequence[str]) -> bool:
        return bool(self._links) and (bool(links) or (text is not None and "/" in text))

    def _may_name(self, field: str) -> bool:
        """Say whether the letters of all parts of a term are in a field, before anything is looked at more closely."""
        letters = squeeze(field if len(field) <= _LONGEST else field[:_LONGEST])
        if not self._find(letters):
            return False
        there = {number for number, _, _ in self._find(letters, overlapping=True)}
        return any(parts <= there for number in there for parts in self._by_longest[number])

    def _hits(self, field: str) -> list[tuple[int, int, int]]:
        """Return which parts' letters are in a field, and from which letter to which."""
        return self._find(squeeze(field[:_LONGEST]), overlapping=True)

    def _needs(self) -> dict[int, list[frozenset[int]]]:
        """Return which parts each term needs, under the longest of them: short ones are in many texts."""
        needs: dict[int, list[frozenset[int]]] = {number: [] for number in range(len(self._by_number))}
        for term in (term for terms in self._terms.values() for term in terms):
            longest = max(term.parts, key=lambda number: len(self._by_number[number].letters))
            needs[longest].append(frozenset(term.parts))
        return needs

    def _titles(self, campaign: Campaign) -> Iterator[_Term]:
        for i, video in enumerate(campaign.videos):
            for title in _each(video.titles):
                told = points(title)
                confidence = _confidence("title", told) if told >= ENOUGH else _WHOLE_FIELD_ONLY
                part = (self._number(part_of(title)),)
                yield _Term(
                    Match(kind="title", term=title, confidence=confidence, video=i), part, whole_field=told < ENOUGH
                )

    def _phrases(self, campaign: Campaign) -> Iterator[_Term]:
        for phrase in _each(campaign.phrases):
            parts = self._numbers(phrase)
            confidence = _confidence("phrase", points(phrase)) - (_PARTED if len(parts) > 1 else 0)
            yield _Term(Match(kind="phrase", term=phrase, confidence=round(confidence, 2)), parts)

    def _hashtags(self, campaign: Campaign) -> Iterator[_Term]:
        for tag in campaign.hashtags:
            if squeeze(tag):
                part = (self._number(part_of(tag, is_tag=True)),)
                yield _Term(Match(kind="hashtag", term=tag, confidence=_confidence("hashtag", points(tag))), part)

    def _numbers(self, phrase: str) -> tuple[int, ...]:
        return tuple(self._number(part_of(part)) for part in parts_of(phrase))

    def _number(self, part: Part) -> int:
        return self._parts.setdefault(part, len(self._parts))

    def _by_link(self, links: list[str]) -> Iterator[_Spot]:
        for place, link in enumerate(links):
            if found := self._links.get(_link_key(link) or ("", "")):
                yield _Spot(-1, place, Match(kind="link", term=found[1], confidence=1.0, video=found[0]))

    def _by_term(self, reads: list[_Read]) -> list[_Spot]:
        if any(read.place(term) is not None for read in reads for term in _named(read, self._excluded)):
            return []
        spots = ((read.number, read.place(term), term.match) for read in reads for term in _named(read, self._terms))
        return [_Spot(field, start, match) for field, start, match in spots if start is not None]


def _named(read: _Read, terms: Mapping[int, list[_Term]]) -> Iterator[_Term]:
    """Yield the terms whose first part's letters are in a field; the others need no look."""
    for number in read.found:
        yield from terms.get(number, ())


def _by_first_part(terms: Iterable[_Term]) -> dict[int, list[_Term]]:
    found: dict[int, list[_Term]] = defaultdict(list)
    for term in terms:
        found[term.parts[0]].append(term)
    return dict(found)


class _Read:
    """One field of a post with the parts whose letters are in it; looks closer only at a term that may be there."""

    def __init__(self, number: int, field: str, hits: list[tuple[int, int, int]], parts: list[Part]) -> None:
        self.number, self.field, self.parts = number, field[:_LONGEST], parts
        self.found: dict[int, list[int]] = defaultdict(list)
        for part, start, _ in hits:
            self.found[part].append(start)
        self.held: dict[int, list[int]] = {}

    @cached_property
    def letters(self) -> Letters:
        return Letters(self.field)

    def place(self, term: _Term) -> int | None:
        """Return the character at which a term stands, None where it does not."""
        if any(number not in self.found for number in term.parts):
            return None
        if term.whole_field and len(self.parts[term.parts[0]].letters) != len(self.letters.folded):
            return None
        places = [self._held(number) for number in term.parts]
        if not all(places):
            return None
        return self.letters.at[places[0][0]] if len(places) == 1 else self._near(term.parts, places)

    def _held(self, number: int) -> list[int]:
        """Return the letters at which a part stands as written."""
        if number not in self.held:
            part = self.parts[number]
            holds = stands_as_tag if part.is_tag else stands
            self.held[number] = [start for start in self.found[number] if holds(part, start, self.letters)]
        return self.held[number]

    def _near(self, numbers: tuple[int, ...], places: list[list[int]]) -> int | None:
        """Return where all parts stand within reach of one another."""
        at = self.letters.at
        reach = _NEAR + sum(len(self.parts[number].letters) for number in numbers)
        last: dict[int, int] = {}
        for start, which in sorted((start, which) for which, starts in enumerate(places) for start in starts):
            last[which] = at[start]
            if len(last) == len(places) and at[start] - min(last.values()) <= reach:
                return min(last.values())
        return None


def _confidence(kind: str, told: int) -> float:
    return _CONFIDENCE[kind][sum(told < step for step in _STEPS)]


def _each(by_language: dict[str, tuple[str, ...]]) -> Iterator[str]:
    return (term for terms in by_language.values() for term in terms if squeeze(term))


def _link_key(url: str) -> tuple[str, str] | None:
    address = resolve(url)
    if address.private or (address.needs_network and address.id is None):
        return None
    if address.platform and address.post_id:
        return address.platform, address.post_id
    return "", address.canonical or url.strip()


def _refuse_common(campaign: Campaign) -> None:
    for term in (*_each(campaign.phrases), *campaign.hashtags):
        if reason := too_common(term):
            raise CampaignError(f"{campaign.name}: {term!r} {reason}")


def _in_order(found: list[_Spot]) -> list[Match]:
    found.sort(key=lambda spot: (-spot.match.confidence, KINDS.index(spot.match.kind), spot.field, spot.start))
    return list(dict.fromkeys(spot.match for spot in found))


_NO_MATCH = Match(kind="", term="", confidence=0.0)
