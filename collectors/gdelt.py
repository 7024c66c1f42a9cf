"""GDELT DOC 2.0: news articles of the whole world by the words in them, in 65 languages and their English translations.

Terms: free for any use with the source named. Limits: one request each 5 seconds (refused more often when the service
is busy), 250 articles an answer, three months back. An answer that is nearly full is asked for again in halves of its
time, down to 15 minutes; what is full even then counts from below. A time is when GDELT first saw the article.

No recorded answer was at hand: the documented form is read, and errors that others reported, which come as plain text
with status 200. Nothing found is an empty object (alex9smith/gdelt-doc-api, pull request 62). Unconfirmed [U]: how
phrases in Chinese and Japanese are cut into words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from collectors._formats import gdelt
from collectors._formats.stretches import Place, Stretch
from spillover import Answer, Collector, Page, Query, Window

_API = "https://api.gdeltproject.org/api/v2/doc/doc"
_MOST = 250
_NEARLY_FULL = 225
_SHORTEST = timedelta(minutes=15)  # GDELT's own step
_REACH = timedelta(days=90)
_STAMP = "%Y%m%d%H%M%S"
_ASKED = {"mode": "ArtList", "format": "json", "maxrecords": str(_MOST), "sort": "DateDesc"}
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")  # Japanese and Chinese: a phrase may look like a word


class Gdelt(Collector):
    """The cursor holds the stretches of time that are still to be asked for, the newest last."""

    name = "gdelt"
    hosts = ("api.gdeltproject.org",)
    finds = frozenset({"title", "phrase"})
    terms = "https://www.gdeltproject.org/about.html#termsofuse"
    limits = "250 articles for 15 minutes, three months back; what GDELT does not monitor is not seen."
    per_minute = 12.0
    every_s = 3600

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        whole, cut_short = _reach(window, self.client.now())
        place = Place.of(cursor, whole)
        while place.left:
            stretch = place.left[-1]
            page, came = gdelt.page(self._answer(query, stretch))
            page.window, page.cut_short = (
                Window(since=stretch.since, until=stretch.until),
                None if cursor else cut_short,
            )
            if came < _NEARLY_FULL:
                place.finish()
            elif place.halve(_SHORTEST):  # its posts are real, but it covers nothing for certain
                page.window = Window(since=stretch.until, until=stretch.until)
            else:
                page.cut_short = f"{_MOST} articles is all GDELT gives: a lower bound"
            page.done, page.cursor = not place.left, place.cursor()
            yield page

    def _answer(self, query: Query, stretch: Stretch) -> Answer:
        assert stretch.since is not None
        bounds = {"startdatetime": _stamp(stretch.since), "enddatetime": _stamp(stretch.until)}
        return self.client.get(_API, params={"query": _words(query.text)} | _ASKED | bounds)


def _reach(window: Window, now: datetime) -> tuple[Stretch, str | None]:
    """Return what to ask for: the last day where nothing is said, and nothing before GDELT's own reach."""
    until = min(window.until or now, now)
    since = window.since or until - timedelta(days=1)
    floor = now - _REACH
    if until <= floor:
        since = until = floor
    cut_short = "GDELT reaches back three months" if since < floor or until == floor else None
    return Stretch(max(since, floor), until), cut_short


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_STAMP)


def _words(text: str) -> str:
    """Return a query for a text: in quotes where it is more than one word, for GDELT refuses short words in quotes."""
    words = re.sub(r'["()]+', " ", text).split()
    plain = " ".join(words)
    return plain if len(words) == 1 and plain.isalnum() and not _UNSPACED.search(plain) else f'"{plain}"'
