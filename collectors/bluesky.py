"""Bluesky: every post as it happens, from Jetstream; counts and quotes of posts that we hold, from the public API.

Terms: the stream is open to all, without an account; its maintainers ask readers to use it in place of search.
Limits: the stream looks back 36 hours; asked for more it starts later, and the page says so. It counts nothing. The API
has no views, and leaves out without a word what is gone: what its own server (of Bluesky's) still keeps was hidden by
another than its author. Search without ``BLUESKY_TOKEN`` (it lives for hours) is refused, or shows the newest 100.
Not confirmed [U]: that ``q=*`` with ``url`` finds links, the labels ``!takedown`` and ``!hide``, the order of quotes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from json import loads
from typing import ClassVar
from urllib.parse import urlencode

from collectors._formats.bluesky import AT_POST, error_in
from collectors._formats.bluesky_repo import DIRECTORY, SERVERS, still_kept
from collectors._formats.bluesky_views import Shown, beginning, unseen
from collectors._formats.following import Follower
from spillover import Broken, Changed, CollectError, Collector, Known, Page, Query, Refused, Window

_STREAM, _API, _SEARCH = "jetstream2.us-east.bsky.network", "public.api.bsky.app", "api.bsky.app"
_AT_ONCE, _QUOTES, _PAGE_FRAMES, _PAGE_AGE = 25, 2, 2_000, timedelta(seconds=5)  # posts of a call; pages of quotes


class Bluesky(Collector):
    """Every post of the stream passes; which of them are about a campaign is decided behind the door."""

    name = "bluesky"
    hosts = (_STREAM, _API, _SEARCH, DIRECTORY, SERVERS)
    services: ClassVar[Mapping[str, str]] = {_STREAM: "stream", _API: "api", _SEARCH: "search", DIRECTORY: "plc"}
    finds = frozenset({"link", "title", "phrase", "hashtag"})
    terms = "https://docs.bsky.app/blog/jetstream"
    limits = "No views; the stream looks back 36 hours; what is gone is left out of the API's answers without a word."
    wants = ("BLUESKY_TOKEN",)
    per_minute = 300.0  # half of what one address may
    every_s = 6 * 3600

    def stream(self, queries: Sequence[Query], cursor: str | None) -> Iterator[Page]:
        """Follow version 2 of the stream, or version 1 where a server has no other."""
        follower = Follower(cursor)
        while True:
            try:
                return (yield from self._follow(follower))
            except CollectError as error:
                if not follower.yields(error):
                    raise

    def reread(self, posts: Sequence[Known]) -> Iterator[Page]:
        """Read counts and standing of posts, then the quotes of each that has some."""
        others = [post.id for post in posts if not AT_POST.fullmatch(post.id)]
        if others:
            yield Page(availability=[unseen(id, "error") for id in others], cut_short="ids that are no at:// addresses")
        uris = [post.id for post in posts if post.id not in others]
        for start in range(0, len(uris), _AT_ONCE):
            asked = uris[start : start + _AT_ONCE]
            found = self._ask(_API, "getPosts", {"uris": asked})
            yield found.counted(asked)
            yield from still_kept(self.client, found.left_out(asked), len(asked))
            for view in found.views.values():
                yield from self._quotes(view.uri) if view.quoteCount else ()

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        """Search newest first. The cursor says what was asked, and down to where it has been read."""
        place, page = loads(cursor) if cursor else beginning(window, self.client.now()), Page()
        while not page.done:
            where = {name: value for name, value in place.items() if value and name != "edge"}
            found = self._ask(_SEARCH, "searchPosts", {**_words(query), **where, "sort": "latest", "limit": "100"})
            page = found.searched(place, goes_on=bool(self.secrets.get("BLUESKY_TOKEN")))
            yield page
            place = loads(page.cursor) if page.cursor else place

    def _quotes(self, uri: str) -> Iterator[Page]:
        asked = {"uri": uri, "limit": "100"}
        for number in range(1, _QUOTES + 1):
            found = self._ask(_API, "getQuotes", asked)
            page = found.page()
            if found.further and number == _QUOTES:
                page.cut_short = f"no more than {_QUOTES * 100} quotes of a post are read"
            yield page
            if not found.further:
                return
            asked["cursor"] = found.further

    def _ask(self, host: str, method: str, asked: Mapping[str, str | Sequence[str]]) -> Shown:
        token = self.secrets.get("BLUESKY_TOKEN") if host == _SEARCH else None
        url = f"https://{host}/xrpc/app.bsky.feed.{method}?{urlencode(asked, doseq=True)}"
        try:
            return Shown(self.client.get(url, headers={"Authorization": f"Bearer {token}"} if token else {}))
        except Broken as error:
            if error_in(error.body) in ("ExpiredToken", "InvalidToken"):  # they come with 400
                raise Refused("BLUESKY_TOKEN is no longer valid", body=error.body) from None
            raise

    def _follow(self, follower: Follower) -> Iterator[Page]:
        """Yield a page now and then, and what there is when the line is cut."""
        begun_at = self.client.now()
        try:
            for frame in self.client.frames(f"wss://{_STREAM}{follower.path()}"):
                now = self.client.now()
                follower.take(frame, now)
                if follower.told and (follower.frames >= _PAGE_FRAMES or now - begun_at >= _PAGE_AGE):
                    yield follower.page()
                    begun_at = now
        except Changed:
            raise  # without a page, so that what could not be read is asked for again
        except CollectError:
            if follower.told:
                yield follower.page()
            raise
        if follower.told:
            yield follower.page()


def _words(query: Query) -> dict[str, str]:
    if query.kind == "link":
        return {"q": "*", "url": query.text}  # also links behind words and in cards
    return {"q": query.text, "tag": query.text.lstrip("#")} if query.kind == "hashtag" else {"q": query.text}
