"""Telegram, by the public preview of its channels (t.me/s/CHANNEL) and the widget that shows one post.

Terms: the pages are made for everybody without an account; they are asked slowly, and only for channels that a campaign
names. Limits: only public channels whose owner left the preview on, no groups; views are rounded; forwards and comments
are not shown, and reactions are left out: a 👎 or a 🤡 is no like. A service message (a pinned post) is no post.

Not confirmed [U]: what robots.txt says, where a page puts Telegram's words on a restricted channel (looked for in the
descriptions and notices), and what a channel without any post shows. A post that is not found may be deleted, or the
channel gone: the page does not say which, so it is absent, not removed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from collectors._formats.page import Element
from collectors._formats.telegram_api import channel_of
from collectors._formats.telegram_page import NOTICES, notice, read_page, read_posts
from spillover import (
    Availability,
    Changed,
    Collector,
    Known,
    Page,
    Query,
    Window,
    read_time,
    resolve,
)


class Telegram(Collector):
    """A query is a channel; it is read from its newest post backwards."""

    name = "telegram"
    hosts = ("t.me",)
    finds = frozenset({"feed"})
    terms = "https://telegram.org/tos"
    limits = "Only public channels with a preview; views are rounded, forwards and comments are not shown."
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
        for number, known in enumerate(posts, 1):
            page = Page(done=number == len(posts))
            if resolve(f"https://t.me/{known.id}").id == known.id:
                self._read_again(known, page)
            else:  # a channel known by its number only has no public page
                page.cut_short = "not asked: a post without a public address"
                page.availability = [Availability(id=known.id, status="unknown", cause="error", basis="inferred")]
            yield page

    def _older(self, name: str, window: Window, at: dict[str, str]) -> Page:
        """Read one page of a channel, before the post that ``at`` names."""
        answer = self.client.get(f"https://t.me/s/{name}", params={"before": at["before"]} if at else None)
        shown = read_page(answer)
        posts, rejects = read_posts(shown)
        if not shown.first("tgme_channel_info", "tgme_channel_history") and not posts:
            said = notice(shown)
            return Page(done=True, cut_short=f"no public preview{f': {said.said}' if said else ''}")
        if not posts and not rejects and not shown.first("tme_no_messages_found"):
            raise Changed("a channel's page without messages, and no word that there are none", body=answer.body)
        until = read_time(at["edge"])[0] if at else answer.fetched_at
        oldest = min((one.published_at for one in posts if one.published_at), default=until)
        before = next(filter(None, (one.attributes.get("data-before") for one in shown.all("js-messages_more"))), None)
        stuck = before is not None and before == at.get("before")
        done = stuck or before is None or (window.since is not None and oldest <= window.since)
        since = window.since or oldest if done and not stuck else oldest
        page = Page(posts=posts, rejects=rejects, window=Window(since=min(since, until), until=until), done=done)
        page.cut_short = "the channel's page gives the same posts again" if stuck else None
        page.cursor = None if done else json.dumps({"before": before, "edge": min(oldest, until).isoformat()})
        return page

    def _read_again(self, known: Known, page: Page) -> None:
        answer = self.client.get(f"https://t.me/{known.id}", params={"embed": "1", "mode": "tme"})
        shown = read_page(answer)
        posts = read_posts(shown)[0]
        page.posts = [one for one in posts if one.id == known.id]
        other = Availability(id=known.id, status="unknown", cause="error", basis="inferred", vantage="page")
        is_other = posts and not page.posts  # a channel of another name now: whether it is the same is not said
        page.availability = [other if is_other else _standing(known, shown, there=bool(page.posts))]
        page.window = Window(since=answer.fetched_at, until=answer.fetched_at)


def _standing(known: Known, shown: Element, *, there: bool) -> Availability:
    if there:
        return Availability(id=known.id, status="up", vantage="page")
    found = notice(shown)
    if found is None and not shown.first("tgme_page", *NOTICES):
        raise Changed("neither the post nor a word that it is not there")
    if found is None or found.status == "unknown":
        said = found.said if found else None
        return Availability(id=known.id, status="unknown", cause="missing", basis="absent", vantage="page", said=said)
    return Availability(id=known.id, status=found.status, cause=found.cause, vantage="page", said=found.said)
