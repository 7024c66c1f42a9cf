"""Media Cloud: articles of a country's outlets in which words stand, and how many there are a day.

Terms: for research, with Media Cloud named; texts of articles are not given out. Limits: two questions a minute and
4,000 a week, so a text is looked for in the national collections where its language is read; a date is a day; what the
archive missed (2021-12-25 to 2022-01-19, 2022-04-13 to 05-05) is not there. A rate limit may come as 403.

No recorded answer was at hand: the form is that of the public client 5.2 and of the server's own source. Unconfirmed
[U]: in which zone a day ends (taken for UTC), and how long after its day a story can still be indexed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from collectors._formats import mediacloud
from collectors._formats.articles import kept_back, listed, read_each
from spillover import (
    Broken,
    Budget,
    Changed,
    Collector,
    Cost,
    Mode,
    Page,
    Query,
    RateLimited,
    Refused,
    Window,
    known_shape,
    read_json,
)

_API = "https://search.mediacloud.org/api/search"
_LOOK_BACK = timedelta(days=30)  # where nobody says since when


class Mediacloud(Collector):
    """The cursor holds the window, the countries still to ask, and the token of the next page."""

    name = "mediacloud"
    hosts = ("search.mediacloud.org",)
    finds = frozenset({"title", "phrase"})
    terms = "https://www.mediacloud.org/legal/mc-terms-of-use"
    limits = "It sees outlets of its national collections, and of them the days on which it gathered."
    needs = ("MEDIACLOUD_TOKEN",)
    per_minute = 2.0
    budgets: ClassVar[Mapping[str, Budget]] = {"calls": Budget(limit=570)}
    costs: ClassVar[Mapping[Mode, Cost]] = {"search": Cost(bucket="calls", amount=2)}
    every_s = 24 * 3600

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        until = window.until or self.client.now()
        since = window.since or until - _LOOK_BACK
        names = mediacloud.countries(query.lang, query.region)
        at: dict[str, Any] = {"since": since.isoformat(), "until": until.isoformat(), "left": names, "token": None}
        at = json.loads(cursor) if cursor else at
        if not at["left"]:
            yield Page(done=True, cut_short=f"Media Cloud has no collection of {query.region} that we know")
        while at["left"]:
            page = self._stories(query, at)
            page.done = not at["left"]
            page.cursor = None if page.done else json.dumps(at)
            yield page

    def _stories(self, query: Query, at: dict[str, Any]) -> Page:
        """Ask for the next page of stories and say in ``at`` what is left; where there are none, nothing is listed."""
        country, since, until = at["left"][0], *(datetime.fromisoformat(at[name]) for name in ("since", "until"))
        words = query.text.replace("\\", " ").replace('"', " ")
        days = {"start": f"{since.astimezone(UTC):%Y-%m-%d}", "end": f"{until.astimezone(UTC):%Y-%m-%d}"}
        asked = {"q": f'"{words}"', "cs": str(mediacloud.COLLECTIONS[country]), **days}
        page = Page(window=Window(since=since, until=until))
        if not at["token"]:
            counted = self._ask("count-over-time", asked)
            with known_shape("counts over time"):
                found = list(mediacloud.measures(listed(counted["count_over_time"]["counts"]), query.text, country))
            page.measures = found
            page.claimed_total = sum(int(one.value or 0) for one in found if one.series == "articles")
        if at["token"] or page.claimed_total:
            told = self._ask("story-list", asked | ({"pagination_token": at["token"]} if at["token"] else {}))
            with known_shape("a list of stories"):
                stories, at["token"] = listed(told["stories"]), told["pagination_token"]
            now = self.client.now()
            page.posts, page.rejects = read_each(stories, lambda item: mediacloud.story(item, country, now))
            kept_back(page, len(stories), 0 if page.claimed_total else 1)
        if not at["token"]:
            at["left"] = at["left"][1:]
        return page

    def _ask(self, what: str, asked: dict[str, str]) -> Any:
        key = {"Authorization": f"Token {self.secrets.get('MEDIACLOUD_TOKEN', '')}", "Accept": "application/json"}
        try:
            told = read_json(self.client.get(f"{_API}/{what}", params=asked, headers=key, spend="calls"))
        except Refused as error:
            if b"do not have permission" in error.body:  # what its rate limit says to those who are logged in
                raise RateLimited("Media Cloud asks us to slow down", retry_at=self._in(minutes=5)) from error
            raise
        except Broken as error:
            if b"quota" in error.body.lower():
                raise RateLimited("Media Cloud: the week's quota is used up", retry_at=self._in(days=1)) from error
            raise
        if not isinstance(told, dict) or told.get("status") == "error":
            raise Broken("Media Cloud answers with an error") if isinstance(told, dict) else Changed("no object came")
        return told

    def _in(self, **later: int) -> datetime:
        return self.client.now() + timedelta(**later)
