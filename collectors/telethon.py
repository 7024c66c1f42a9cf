"""Telegram with an account, by Telethon: exact views, forwards, comments and deletions of public channels.

Off until a campaign names it. It cannot go through our client: Telegram's API is MTProto, an encrypted protocol of its
own over sockets to Telegram's data centres, not HTTP; so our guard, proxy and base addresses do not apply. Telethon is
told to wait for nothing: a FLOOD_WAIT comes back as RateLimited with its time. Untested against the live service [U].

Terms: an account of your own that follows public channels only; no covert mass collection. Limits: one account sees what
Telegram shows it and may be shut; groups are left out: their authors are persons. Telethon is MIT and kept up, 14 MB; of
what it needs, pyaes (2017) and rsa (archived 2025) are not. Who deleted a post is not said; reactions are no likes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby

from collectors._formats.fields import Json, dicts
from collectors._formats.telegram_api import channel_of, read, standing
from spillover import Availability, Collector, Known, Page, Query, Window, known_shape, read_time, resolve

_NOT_SHOWN = {
    "private": "private, or closed to this account",
    "nobody": "no channel has this name",
    "group": "a group; its authors are persons",
}


class Telethon(Collector):
    """A query is a channel; it is read from its newest post backwards, 100 posts a question."""

    name = "telethon"
    hosts = ("t.me",)  # for the sake of the addresses; nothing is asked there
    finds = frozenset({"feed"})
    rereads = ("telegram",)
    terms = "https://core.telegram.org/api/terms"
    limits = "Public channels only; what Telegram shows this account; not tested against the live service."
    needs = ("TELEGRAM_API_ID", "TELEGRAM_API_HASH", "TELEGRAM_SESSION")
    packages = ("telethon",)
    optional = True
    per_minute = 20.0
    every_s = 1800

    @classmethod
    def takes(cls, query: Query) -> bool:
        """Say whether a feed is a public channel of Telegram."""
        return query.kind == "feed" and channel_of(query.text) is not None

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        name = channel_of(query.text)
        if name is None:
            yield Page(done=True, cut_short="not asked: no public channel of Telegram")
            return
        page = Page(cursor=cursor)
        while not page.done:
            page = self._older(name, window, json.loads(page.cursor) if page.cursor else {})
            yield page

    def reread(self, posts: Sequence[Known]) -> Iterator[Page]:
        for name, group in groupby(sorted(posts, key=lambda post: post.id), lambda post: post.id.partition("/")[0]):
            wanted = list(group)
            for start in range(0, len(wanted), 100):
                yield self._again(name, wanted[start : start + 100])

    def history(self, name: str, before: int) -> Json:
        """Ask for messages of a channel before one."""
        from collectors._formats.telegram_wire import history  # half a second, and only where the extra is installed

        return history(self.secrets, name, before, self.client.now())

    def messages(self, name: str, ids: list[int]) -> Json:
        """Ask for messages of a channel by their numbers."""
        from collectors._formats.telegram_wire import messages

        return messages(self.secrets, name, ids, self.client.now())

    def _older(self, name: str, window: Window, at: Json) -> Page:
        told, now = self.history(name, at.get("before", 0)), self.client.now()
        why = told.get("refused") or ("" if told["channel"].get("broadcast") else "group")
        if why:
            return Page(done=True, cut_short=f"not read: {_NOT_SHOWN[why]}")
        with known_shape("an answer"):
            posts, rejects = read(told["answer"], told["channel"])
            oldest_id = min((message["id"] for message in told["answer"]["messages"]), default=0)
        until = read_time(at["edge"])[0] if at else now
        oldest = min((post.published_at for post in posts if post.published_at), default=until)
        done = oldest_id <= 1 or (window.since is not None and oldest <= window.since)
        since = window.since or oldest if done else oldest
        page = Page(posts=posts, rejects=rejects, window=Window(since=min(since, until), until=until), done=done)
        page.claimed_total = told["answer"].get("count")
        page.cursor = None if done else json.dumps({"before": oldest_id, "edge": min(oldest, until).isoformat()})
        return page

    def _again(self, name: str, wanted: list[Known]) -> Page:
        page, now = Page(done=True), self.client.now()
        if resolve(f"https://t.me/{name}").kind != "channel":
            page.cut_short = "not asked: a channel that is known by its number only"
            page.availability = [_unread(known) for known in wanted]
            return page
        told = self.messages(name, [int(known.id.partition("/")[2]) for known in wanted])
        if why := told.get("refused"):
            page.availability = [_closed(known, why) for known in wanted]
            return page
        with known_shape("an answer"):
            page.posts, page.rejects = read(told["answer"], told["channel"])
            found = {f"{name}/{message['id']}": message for message in dicts(told["answer"]["messages"])}
            page.availability = [standing(known, found.get(known.id), told["channel"]) for known in wanted]
        page.window = Window(since=now, until=now)
        return page


def _unread(known: Known) -> Availability:
    return Availability(id=known.id, platform="telegram", status="unknown", cause="error", basis="inferred")


def _closed(known: Known, why: str) -> Availability:
    """A channel that was closed may only be closed to us; a name that nobody has may have been changed."""
    if why == "private":
        return Availability(id=known.id, platform="telegram", status="private", cause="account", basis="inferred")
    return Availability(id=known.id, platform="telegram", status="unknown", cause="account", basis="absent")
