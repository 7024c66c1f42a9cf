"""Hacker News: stories and comments by Algolia's search, read again by the official item API.

Terms: both are open and need no key. Limits: Algolia gives 1,000 hits a question (algolia/hn-search#230), so a stretch
of time that holds more is asked for again in halves; it does not index what is dead (algolia/hn-search#240); comments show no points.
An item says itself that it is ``deleted`` (by its author) or ``dead`` (by moderators, flags or filters).

Not confirmed by a recorded answer [U]: the limit of 10,000 questions an hour (one client says 1,000), that 403 can
mean it, that quotes ask for a phrase (``advancedSyntax``; without it more is found, never less), and that several attributes can be named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from collectors._formats import hackernews
from collectors._formats.asking import plain, telling
from collectors._formats.stretches import Place, Stretch
from collectors._formats.taking import take
from spillover import (
    Changed,
    Collector,
    Known,
    Page,
    Query,
    RateLimited,
    Refused,
    Window,
    known_shape,
    read_json,
)

_SEARCH = "https://hn.algolia.com/api/v1/search_by_date"
_ITEM = "https://hacker-news.firebaseio.com/v0/item"
_FIRST = datetime(2006, 10, 9, tzinfo=UTC)  # the day of item 1
_MOST = 1_000
_SHORTEST = timedelta(minutes=1)
_CUT_SHORT = f"{_MOST} hits is all that Algolia gives: a lower bound"
_FIXED = {
    "tags": "(story,comment,poll,job)",
    "hitsPerPage": str(_MOST),
    "typoTolerance": "false",
    "advancedSyntax": "true",
}


class Hackernews(Collector):
    """The cursor of a search holds the stretches of time that are still to be asked for."""

    name = "hackernews"
    hosts = ("hn.algolia.com", "hacker-news.firebaseio.com")
    services: ClassVar[Mapping[str, str]] = {"hn.algolia.com": "search", "hacker-news.firebaseio.com": "items"}
    finds = frozenset({"link", "title", "phrase"})
    terms = "https://github.com/HackerNews/API"
    limits = "Dead items are not indexed, comments show no points, and nothing shows views."
    per_minute = 60.0
    every_s, looks_back_days = 3600, 8_000  # to its first day: that costs a question more

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        until = window.until or self.client.now()
        place = Place.of(cursor, Stretch(min(window.since or _FIRST, until), until))
        while place.left:
            since, until = place.left[-1].since or _FIRST, place.left[-1].until
            stamps = f"created_at_i>={int(since.timestamp())},created_at_i<={int(until.timestamp())}"
            hits, total = self._hits(_words(query) | {"numericFilters": stamps})
            page = Page(window=Window(since=since, until=until), claimed_total=total)
            take(page, hits, lambda hit: [hackernews.post(hit)])
            if total > len(hits):
                page.window = Window(since=until, until=until)  # its posts are real, but it covers nothing for certain
                page.cut_short = None if place.halve(_SHORTEST) else _CUT_SHORT
            else:
                place.finish()
            page.done, page.cursor = not place.left, place.cursor()
            yield page

    def reread(self, posts: Sequence[Known]) -> Iterator[Page]:
        for number, known in enumerate(posts, 1):
            answer = self.client.get(f"{_ITEM}/{known.id}.json")
            item = read_json(answer)
            page = Page(window=Window(since=answer.fetched_at, until=answer.fetched_at), cursor=str(number))
            with known_shape():
                page.availability.append(standing := hackernews.standing(known.id, item))
                page.posts += [hackernews.post(item)] if standing.status == "up" else []
            page.done = number == len(posts)
            yield page

    def _hits(self, asked: dict[str, str]) -> tuple[list[dict[str, Any]], int]:
        try:
            told = read_json(self.client.get(_SEARCH, params=_FIXED | asked))
        except Refused as error:
            raise RateLimited(str(error)) if b"limit" in error.body.lower() else error from None
        with known_shape("a search"):
            hits, total = told["hits"], int(told["nbHits"])
        if not isinstance(hits, list):
            raise Changed("hits are no list")
        return hits, total


def _words(query: Query) -> dict[str, str]:
    """Return what to ask for, in quotes: a video's id may begin with "-", which alone means not."""
    if query.kind != "link":
        return {"query": f'"{plain(query.text)}"'}
    return {"query": f'"{telling(query.text)}"', "restrictSearchableAttributes": "url,story_text,comment_text"}
