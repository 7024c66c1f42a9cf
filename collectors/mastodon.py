"""Mastodon and the servers that speak its API: hashtags, full text, counts and removals, and live feeds of hashtags.

Terms: each server has its own; public statuses may be read without an account where it allows that. Only what is shown to
all is kept. Full text leaves out who declined to be found (``indexable`` or ``discoverable`` is false); a hashtag is how an
author asks to be found, so its timeline is read as the server gives it.
Limits: 300 requests in five minutes. A server knows what reached it; what it counts of others' posts is a lower bound: ask
several. Full text and, since 4.2, feeds want ``MASTODON_TOKEN``: ``token@host``, several apart by spaces, each sent to its
own host only. A post is read again at its home server, if that is among the instances; others stay unknown.

The feed is the first instance's. Not confirmed [U]: that full text comes newest first, and takes an address in quotation
marks; that a reply's parent has its home where it was read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from collectors._formats.mastodon import home
from collectors._formats.mastodon_feed import Feed
from collectors._formats.mastodon_pages import read_again, timeline
from spillover import Availability, CollectError, Collector, Known, Page, Query, Window

_AT_ONCE = 20  # statuses that one request reads again
_PAGE_AGE = timedelta(seconds=5)


class Mastodon(Collector):
    """The cursor of a search says what was asked, and the oldest status that was read."""

    name = "mastodon"
    instances = ("https://mastodon.social",)
    finds = frozenset({"link", "title", "phrase", "hashtag"})
    wants = ("MASTODON_TOKEN",)
    terms = "https://docs.joinmastodon.org/client/public/"
    limits = "It sees what has reached the asked server, finds words only with a token, and keeps what is shown to all."
    per_minute = 50.0

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        base = (query.at or self.bases[0]).rstrip("/")
        if query.kind != "hashtag" and not self._key(base):
            yield Page(done=True, cut_short=f"not asked: full text wants MASTODON_TOKEN=token@{urlsplit(base).netloc}")
            return
        since, until = (at and at.isoformat() for at in (window.since, window.until))
        page = Page(cursor=cursor or json.dumps({"since": since, "until": until}))
        while page.cursor and not page.done:
            page = self._found(base, query, json.loads(page.cursor))
            yield page

    def reread(self, posts: Sequence[Known]) -> Iterator[Page]:
        bases = {urlsplit(base).netloc: base.rstrip("/") for base in self.bases}
        homes = {post.id: home(post.id) for post in posts}
        far = [id for id, (host, number) in homes.items() if host not in bases or number is None]
        if far or not posts:
            why = f"{len(far)} posts have their home at servers that are not among the instances" if far else None
            unknown = [Availability(id=id, status="unknown", basis="inferred") for id in far]
            yield Page(availability=unknown, cut_short=why)
        failed: CollectError | None = None
        for host, base in bases.items():
            here = {number: id for id, (where, number) in homes.items() if where == host and number}
            try:
                yield from self._reread(base, here)
            except CollectError as error:  # the other servers' posts are read all the same
                failed = error
        if failed:
            raise failed

    def stream(self, queries: Sequence[Query], cursor: str | None) -> Iterator[Page]:
        tags = list(dict.fromkeys(query.text.lstrip("#＃") for query in queries if query.kind == "hashtag"))
        if not tags:
            yield Page(cursor=cursor or "", cut_short="a feed is of hashtags, and the campaign names none")
            return
        base = self.bases[0].rstrip("/")
        url = f"ws{base.removeprefix('http')}/api/v1/streaming?{urlencode({'stream': 'hashtag', 'tag': tags[0]})}"
        more = [json.dumps({"type": "subscribe", "stream": "hashtag", "tag": tag}).encode() for tag in tags[1:]]
        feed, ended = Feed(urlsplit(base).netloc, self.client.now()), None
        try:
            for frame in self.client.frames(url, send=more, headers=self._key(base), quiet=True):
                feed.take(frame, self.client.now())
                if feed.heard_at - feed.since >= _PAGE_AGE:
                    yield feed.page(feed.heard_at)
        except CollectError as error:  # a feed gives nothing twice: what has come is kept
            ended = error
        if feed.frames or not ended:
            yield feed.page(feed.heard_at if ended else self.client.now())
        if ended:
            raise ended

    def _found(self, base: str, query: Query, asked: dict[str, Any]) -> Page:
        searched, words = query.kind != "hashtag", query.text.replace('"', " ").strip()
        params = {"limit": "40"} | ({"max_id": asked["max_id"]} if "max_id" in asked else {})
        if searched:
            exact = words if words.isascii() and words.isalnum() else f'"{words}"'
            path, params = "/api/v2/search", params | {"q": exact, "type": "statuses"}
        else:
            path = f"/api/v1/timelines/tag/{quote(words.lstrip('#＃'), safe='')}"
        answer = self.client.get(base + path, params=params, headers=self._key(base))
        return timeline(answer, urlsplit(base).netloc, asked, searched=searched)

    def _reread(self, base: str, numbers: dict[str, str]) -> Iterator[Page]:
        host, key, every = urlsplit(base).netloc, self._key(base), list(numbers.items())
        for start in range(0, len(every), _AT_ONCE):
            batch = dict(every[start : start + _AT_ONCE])
            asked = urlencode([("id[]", number) for number in batch])
            answer = self.client.get(f"{base}/api/v1/statuses?{asked}", headers=key)
            if answer.status == 200:
                yield read_again(answer, host, batch)
                continue
            for number, id in batch.items():  # the server is older than 4.3, or of another kind
                answer = self.client.get(f"{base}/api/v1/statuses/{number}", headers=key)
                yield read_again(answer, host, {number: id})

    def _key(self, base: str) -> dict[str, str]:
        tokens = (word.rpartition("@") for word in self.secrets.get("MASTODON_TOKEN", "").split())
        own = next((token for token, _, host in tokens if host == urlsplit(base).netloc), None)
        return {"Authorization": f"Bearer {own}"} if own else {}
