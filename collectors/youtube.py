"""YouTube, by its Data API v3: search for videos, and read again those that we hold.

Terms: stored data lives 30 days unless the operator was accepted for longer; YouTube's numbers are shown as YouTube's
and never summed with others. Limits: 100 searches and 10,000 units a day, reset at midnight Pacific; a search ends near
500 results and is not exhaustive, so it counts from below. One that came near its end is asked again in halves of its
time, down to an hour.

Not confirmed by a recorded answer [U]: statistics, status and contentDetails (read in their documented form, and held
against Google's own schema), that ``order=date`` is strict, how long a page token lives, and that a video that is gone
is merely absent. That the key may stand in a header is documented (docs.cloud.google.com/apis/docs/system-parameters).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from collectors._formats import youtube_api, youtube_errors
from collectors._formats.fields import Json, Seen, at
from collectors._formats.stretches import Place, Stretch, stamp
from spillover import Budget, CollectError, Collector, Cost, Known, Mode, Page, Query, Window, known_shape, resolve

_API = "https://www.googleapis.com/youtube/v3"
_CEILING = 450  # a search that gave this many has met YouTube's own end near 500
_SHORTEST = timedelta(hours=1)
_ASKED = {"part": "snippet", "type": "video", "order": "date", "maxResults": "50"}
_PARTS = {"part": "snippet,statistics,status,contentDetails", "maxResults": "50"}
_ANSWERS = {"search": ("youtube#searchListResponse", "search"), "videos": ("youtube#videoListResponse", "units")}
_OPERATORS = re.compile(r'[|"]|(?<!\w)-+')  # in a query these mean or, exactly, not


class Youtube(Collector):
    """Search by date, newest first; the cursor holds the stretches of time still to be asked for, the newest last."""

    name = "youtube"
    hosts = ("www.googleapis.com",)
    finds = frozenset({"link", "title", "phrase", "hashtag"})
    terms = "https://developers.google.com/youtube/terms/developer-policies"
    limits = "A search is not exhaustive and ends near 500 results; 100 searches a day; shares are never shown."
    needs = ("YOUTUBE_API_KEY",)
    budgets: ClassVar[Mapping[str, Budget]] = {
        "search": Budget(limit=100, zone=youtube_errors.PACIFIC),
        "units": Budget(limit=10_000, unit="units", zone=youtube_errors.PACIFIC),
    }
    costs: ClassVar[Mapping[Mode, Cost]] = {"search": Cost(bucket="search"), "reread": Cost(bucket="units", batch=50)}
    every_s = 6 * 3600

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        words = _words(query)
        if words is None:
            yield Page(done=True, cut_short="YouTube finds only links to its own videos")
            return
        asked = _ASKED | {"q": words} | ({"regionCode": query.region} if query.region else {})
        place = Place.of(cursor, Stretch(window.since, window.until or self.client.now()))
        while place.left:
            page = self._found(asked, place)
            page.cursor, page.done = place.cursor(), not place.left
            yield page

    def reread(self, posts: Sequence[Known]) -> Iterator[Page]:
        for start in range(0, len(posts), 50):
            ids = [post.id for post in posts[start : start + 50]]
            now, told = self._ask("videos", _PARTS | {"id": ",".join(ids)})
            with known_shape("a video"):
                page = youtube_api.page(told["items"], Seen(now, now))
            there = {post.id for post in page.posts}
            spoken = {check.id for check in page.availability}
            page.availability += [youtube_api.standing(id, id in there) for id in ids if id not in spoken]
            page.window, page.done = Window(since=now, until=now), start + 50 >= len(posts)
            yield page

    def _found(self, asked: dict[str, str], place: Place) -> Page:
        """Ask for one page of the newest stretch; say which time it covers, and note in ``place`` what is left."""
        stretch, token = place.left[-1], place.token
        bounds = {"publishedAfter": stamp(stretch.since), "publishedBefore": stamp(stretch.until), "pageToken": token}
        try:
            now, told = self._ask("search", asked | {name: text for name, text in bounds.items() if text})
        except youtube_errors.Stale:
            if token is None:
                raise
            place.restart()
            return self._found(asked, place)
        with known_shape("a result"):
            page = youtube_api.page(told["items"], Seen(now, now))
            seen, token = place.seen + len(told["items"]), told.get("nextPageToken")
            page.claimed_total = at(told, *youtube_api.TOTAL)
        edge = place.edge or stretch.until
        oldest = min([edge, *(post.published_at for post in page.posts if post.published_at)])
        page.window = Window(since=oldest, until=edge)
        if token:
            place.follow(token, oldest, seen)
        elif seen < _CEILING:
            page.window = Window(since=stretch.since or oldest, until=edge)
            place.finish()
        elif not place.halve(_SHORTEST):
            page.cut_short = "500-result ceiling"
        return page

    def _ask(self, what: str, asked: Mapping[str, str]) -> tuple[datetime, Json]:
        """Return when an answer came, and what it told; raise what its error stands for."""
        key = {"X-Goog-Api-Key": self.secrets.get("YOUTUBE_API_KEY", "")}
        kind, budget = _ANSWERS[what]
        try:
            answer = self.client.get(f"{_API}/{what}", params=asked, headers=key, spend=budget)
        except CollectError as error:
            raise youtube_errors.reason(error, self.client.now()) from None
        return answer.fetched_at, youtube_errors.read(answer, kind)


def _words(query: Query) -> str | None:
    """Return what to ask for; None for a link to another platform."""
    if query.kind == "link":
        named = resolve(query.text)
        return named.id if (named.platform, named.kind) == ("youtube", "video") else None
    words = _OPERATORS.sub(" ", query.text).strip()
    return f"#{words.lstrip('#')}" if query.kind == "hashtag" else words
