"""PeerTube: videos of many small servers, by Sepia Search, which indexes about a thousand of them, or by instances.

Terms: both are open without an account; 50 requests in ten seconds, said in headers. Sepia's index is filled by crawling,
so it lags, and what it lacks is not thereby gone. A video has one id on all instances; each counts its own views, and
dislikes have no place here. Videos marked as sensitive are asked for as well.

A video is read again at its home where that is among the instances, else in the first instance's search. Not confirmed
by an answer [U]: that Sepia finds by ``uuids``, where its results end (the search then goes on below the oldest video
that it gave), and the bodies of errors, which are read in their documented form.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from collectors._formats.peertube import listed, refused, shown
from spillover import (
    Availability,
    Changed,
    CollectError,
    Collector,
    Known,
    Page,
    Query,
    Refused,
    Window,
    resolve,
)

_AT_ONCE = 50


class Peertube(Collector):
    """The cursor of a search says what was asked, and down to where it has been read."""

    name = "peertube"
    instances = ("https://sepiasearch.org",)
    finds = frozenset({"link", "title", "phrase", "hashtag"})
    terms = "https://docs.joinpeertube.org/api-rest-reference.html"
    limits = (
        "sees what Sepia Search has indexed or an instance has heard of, with a lag, and no video that is not public"
    )
    per_minute = 120.0
    every_s = 3600

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        base = (query.at or self.bases[0]).rstrip("/")
        since, until = (at and at.isoformat() for at in (window.since, window.until or self.client.now()))
        page = Page(cursor=cursor or json.dumps({"since": since, "until": until, "edge": until, "start": 0}))
        while page.cursor and not page.done:
            page = self._found(base, query, json.loads(page.cursor))
            yield page

    def reread(self, posts: Sequence[Known]) -> Iterator[Page]:
        bases = {urlsplit(base).netloc: base.rstrip("/") for base in self.bases}
        homes = {post.id: bases.get(urlsplit(post.url or "").netloc) for post in posts}
        far = [id for id, home in homes.items() if home is None]
        asked = [self._indexed(far[at : at + _AT_ONCE]) for at in range(0, len(far), _AT_ONCE)]
        asked += [self._at_home(id, home) for id, home in homes.items() if home is not None]
        failed: CollectError | None = None
        if not asked:
            yield Page(done=True)
        for pages in asked:
            try:
                yield from pages
            except CollectError as error:  # what others say is read all the same
                failed = error
        if failed:
            raise failed

    def _found(self, base: str, query: Query, asked: dict[str, Any]) -> Page:
        params = _words(query) | {
            "start": str(asked["start"]), "count": "100", "sort": "-publishedAt", "nsfw": "both", "endDate": asked["until"],
        }  # fmt: skip
        params |= {"startDate": asked["since"]} if asked["since"] else {}
        return listed(self.client.get(f"{base}/api/v1/search/videos", params=params), asked)

    def _indexed(self, ids: list[str]) -> Iterator[Page]:
        asked = urlencode([("uuids", id) for id in ids] + [("count", str(_AT_ONCE)), ("nsfw", "both")])
        page = listed(self.client.get(f"{self.bases[0].rstrip('/')}/api/v1/search/videos?{asked}"))
        there = {post.id for post in page.posts}
        if not there <= set(ids):
            raise Changed("a search by ids gives other videos: this server does not know how")
        page.availability += [Availability(id=id, status="up") for id in ids if id in there]
        missing = [id for id in ids if id not in there]
        page.availability += [Availability(id=id, status="unknown", cause="missing", basis="absent") for id in missing]
        yield page

    def _at_home(self, id: str, home: str) -> Iterator[Page]:
        try:
            yield shown(id, self.client.get(f"{home}/api/v1/videos/{id}"))
        except Refused as error:
            yield refused(id, error)


def _words(query: Query) -> dict[str, str]:
    if query.kind == "hashtag":
        return {"tagsOneOf": query.text.lstrip("#＃")}
    linked = resolve(query.text) if query.kind == "link" else None
    return {"uuids": linked.id} if linked and linked.platform == "peertube" and linked.id else {"search": query.text}
