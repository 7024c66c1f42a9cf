"""Google News, by the feeds of its search: what outlets of one country or language wrote, an edition at a time.

Terms: every feed says that it is "made available solely for the purpose of rendering Google News results within a personal
feed reader for personal, non-commercial use" and that any other use is prohibited; its robots.txt is reported to close the
path to all. So it is off until a campaign names it. The feeds are documented nowhere; others measured what is written here.

Limits: about 100 articles an answer and no second page, so an answer that is nearly full is asked again in halves of its
time, down to a day; what is full even then counts from below. Links are Google's redirects and are kept as they are. Google
serves another edition in the place of one that it does not have, which the page then says.

Unconfirmed [U]: whether days are those of UTC and include their ends (a day more is asked for on each side), whether
``when:`` is exact, and whether one article has one id in all editions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from collectors._formats import google_news
from collectors._formats.stretches import Place, Stretch
from spillover import Collector, Page, Query, Window

_SEARCH = "https://news.google.com/rss/search"
_NEARLY_FULL = 90
_SHORTEST = timedelta(days=1)
_FIRST = timedelta(days=7)  # how far back a search goes that says nothing of it
_HOURS = 96  # up to which "when:" is used: it knows hours, the other operators know days


class GoogleNews(Collector):
    """The cursor holds the editions and the stretches of time that are still to be asked for, the newest last."""

    name = "googlenews"
    hosts = ("news.google.com",)
    finds = frozenset({"title", "phrase"})
    terms = "https://policies.google.com/terms"
    limits = (
        "About 100 articles an edition and day; only outlets that Google lists, and never the articles' own addresses."
    )
    optional = True
    per_minute = 6.0
    every_s = 3 * 3600

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        until = window.until or self.client.now()
        since = window.since or until - _FIRST
        place = Place.of(cursor, *(Stretch(since, until, edition) for edition in google_news.editions(query)[::-1]))
        if not place.left:
            yield Page(done=True, cut_short=f"Google News has no edition in {query.lang}")
        while place.left:
            page = self._found(query, place)
            page.done, page.cursor = not place.left, place.cursor()
            yield page

    def _found(self, query: Query, place: Place) -> Page:
        """Ask for the newest stretch of an edition; say what it covers, and note in ``place`` what is left."""
        stretch = place.left[-1]
        words = f'"{" ".join(query.text.replace(chr(34), " ").split())}" {_during(stretch, self.client.now())}'
        answer = self.client.get(_SEARCH, params={"q": words} | google_news.address(stretch.where))
        page, served = google_news.page(answer, stretch.where)
        page.window = Window(since=stretch.since, until=stretch.until)
        if served != stretch.where:
            page.window, page.cut_short = None, f"Google served {served} in the place of {stretch.where}"
            place.finish()
        elif len(page.posts) + len(page.rejects) < _NEARLY_FULL:
            place.finish()
        elif place.halve(_SHORTEST):  # its posts are real, but it covers nothing for certain
            page.window = Window(since=stretch.until, until=stretch.until)
        else:
            page.cut_short = f"{len(page.posts)} articles of {stretch.where} is about all Google gives: a lower bound"
        return page


def _during(stretch: Stretch, now: datetime) -> str:
    """Return the operators for a stretch; "before:" alone is not obeyed, with "after:" it is."""
    since = stretch.since or stretch.until
    hours = math.ceil((now - since) / timedelta(hours=1)) + 1
    if hours <= _HOURS and now - stretch.until < timedelta(hours=1):
        return f"when:{hours}h"
    first, last = since.astimezone(UTC).date(), stretch.until.astimezone(UTC).date()
    return f"after:{first - timedelta(days=1)} before:{last + timedelta(days=1)}"
