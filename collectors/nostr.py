"""Nostr: notes, comments, articles and videos that relays hold, by hashtag, by link, and by words where a relay searches.

A campaign names the relays; each holds what was sent to it and no more. Links are found in ``r`` tags alone, which few
programs write, and only as spelled there. Words are asked only of a relay whose own document names NIP-50: another
would answer nothing, or everything. Reactions are not counted: a relay knows a part of them. A deletion request (kind 5)
is the author's word only where its key is that of the event. A note asked for again comes with its reposts.

Terms: each relay's own. Limits: relays cut long answers short without a word, so an answer of 20 or more is asked on
from its oldest second, and words, which come by rank, in halves of their time. Unconfirmed [U]: which relays search.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors._formats import nostr
from collectors._formats.nostr_relay import ask, between, searches, translated
from collectors._formats.spellings import spellings
from collectors._formats.stretches import Place, Stretch
from collectors._formats.taking import take
from spillover import CollectError, Collector, Known, Page, Query, Window, read_json

_MOST, _LEAST = 500, 20  # asked for at once; no relay is known that gives less where it has more
_FIRST = datetime(2020, 11, 1, tzinfo=UTC)  # nothing was posted before
_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)


class Nostr(Collector):
    """The cursor holds the stretches of time that are still to be asked for."""

    name = "nostr"
    instances = ("wss://relay.damus.io", "wss://nos.lol", "wss://relay.primal.net", "wss://search.nos.today")
    hosts = tuple(base.removeprefix("wss://") for base in instances)
    finds = frozenset({"link", "title", "phrase", "hashtag"})
    terms = "https://github.com/nostr-protocol/nips"
    limits = "It sees what the relays that it asks were sent and kept; counts are shown nowhere."
    every_s = 3600

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        base, until = query.at or self.bases[0], window.until or self.client.now()
        place = Place.of(cursor, Stretch(min(window.since or _FIRST, until), until))
        if query.kind in ("title", "phrase"):
            return self._ranked(base, " ".join(query.text.replace(":", " ").split()), place)  # a colon names an option
        tag = query.text.lstrip("#")
        wanted = {"#r": spellings(query.text)} if query.kind == "link" else {"#t": sorted({tag, tag.lower()})}
        return self._dated(base, wanted, place.left[-1])

    def reread(self, posts: Sequence[Known]) -> Iterator[Page]:
        for start in range(0, len(posts), 100):
            ids = [post.id for post in posts[start : start + 100]]
            events, troubles = self._everywhere([post_id for post_id in ids if nostr.is_id(post_id)])
            page = Page(window=Window(since=self.client.now(), until=self.client.now()), cursor=str(start + 100))
            take(page, events, nostr.posts)
            page.availability = nostr.standings(ids, events, heard_all=not troubles)
            gone = {check.id for check in page.availability if check.status == "gone"}
            page.posts = [post for post in page.posts if post.id not in gone]
            page.cut_short, page.done = "; ".join(troubles) or None, start + 100 >= len(posts)
            yield page

    def _dated(self, base: str, wanted: dict[str, Any], stretch: Stretch) -> Iterator[Page]:
        """Ask from the newest on, each time from a second above the oldest that came: there relays differ."""
        since, until = _seconds(stretch)
        seen, most, upto = set[str](), _LEAST, until
        while True:
            told = ask(self.client, base, wanted | between(since, upto, _MOST))
            page, oldest = translated(told, since, upto)
            is_stuck = len(told.events) >= most and seen.issuperset(post.id for post in page.posts)
            page.posts = [post for post in page.posts if post.id not in seen]
            upto = min(oldest, upto - _SECOND) if is_stuck else oldest + _SECOND
            page.done = upto < since or not (told.goes_on(_LEAST) and (page.posts or is_stuck))
            page.window = Window(since=since if page.done else min(upto, until), until=until)
            page.cursor = None if page.done else Place([Stretch(since, upto)]).cursor()
            page.cut_short = "more in one second than the relay gives" if is_stuck else None
            yield page
            if page.done:
                return
            seen |= {post.id for post in page.posts if not post.aside}
            most, until = max(most, len(told.events)), min(upto, until)

    def _ranked(self, base: str, words: str, place: Place) -> Iterator[Page]:
        """Ask for words; what comes by rank cannot be asked on from a time, so a full answer is asked in halves."""
        document = self.client.get(base.replace("ws", "http", 1), headers={"Accept": "application/nostr+json"})
        most = searches(read_json(document), _MOST)
        if not most:
            yield Page(done=True, cut_short="this relay does not search: NIP-50 is not in its document")
        while place.left and most:
            since, until = _seconds(place.left[-1])
            told = ask(self.client, base, {"search": words} | between(since, until, _MOST))
            page, _ = translated(told, since, until)
            if len(told.events) >= most:
                page.window = Window(since=until, until=until)  # its posts are real, but it covers nothing for certain
                halved = place.halve(_MINUTE)
                page.cut_short = None if halved else f"{most} events is all that the relay gives: a lower bound"
            else:
                place.finish()
            page.done, page.cursor = not place.left, place.cursor()
            yield page

    def _everywhere(self, ids: list[str]) -> tuple[list[dict[str, Any]], list[str]]:
        """Ask every relay for posts, their reposts, and requests to delete them; raise only where none answers."""
        filters = {"ids": ids}, {"kinds": [nostr.DELETION, *nostr.REPOSTS], "#e": ids, "limit": _MOST}
        events, troubles = list[dict[str, Any]](), list[CollectError]()
        for base in self.bases if ids else ():
            try:
                events += ask(self.client, base, *filters).events
            except CollectError as error:
                troubles.append(error)
        if troubles and len(troubles) == len(self.bases):
            raise troubles[0]
        return events, [str(trouble) for trouble in troubles]


def _seconds(stretch: Stretch) -> tuple[datetime, datetime]:
    """Return a stretch in whole seconds, for relays know no others."""
    return (stretch.since or _FIRST).replace(microsecond=0), stretch.until.replace(microsecond=0)
