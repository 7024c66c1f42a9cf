"""Bluesky: posts as its API shows them, with their counts. Shares are reposts; a quote is a post of its own, counted as one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta, Struct, convert

from collectors._formats.bluesky import AT_POST, PLATFORM, POSTS, Record, post_of
from collectors._formats.fields import Item, Json, Seen, at, shown
from spillover import (
    Answer,
    Author,
    Availability,
    Changed,
    Counts,
    Page,
    Post,
    Reading,
    Reject,
    Window,
    read_json,
    read_time,
)

NAME = "bluesky"
TOTAL = ("hitsTotal",)
_Number = Annotated[int, Meta(ge=0)] | None


class _Account(Struct):
    did: str
    handle: str = ""
    displayName: str | None = None


class _Label(Struct):
    val: str
    src: str
    neg: bool = False


class View(Struct):
    """What the API shows of a post."""

    uri: Annotated[str, Meta(pattern=f"^{AT_POST.pattern}$")]
    author: _Account
    record: Record
    indexedAt: Annotated[datetime, Meta(tz=True)]
    likeCount: _Number = None
    repostCount: _Number = None
    replyCount: _Number = None
    quoteCount: _Number = None
    labels: list[_Label] = []

    @property
    def counts(self) -> Counts:
        return Counts(likes=self.likeCount, shares=self.repostCount, comments=self.replyCount)

    @property
    def rkey(self) -> str:
        return self.uri.rpartition("/")[2]

    def post(self, observed_at: datetime | None) -> Post:
        """Return the post as it was shown."""
        names = tuple(name for name in (self.author.handle, self.author.displayName) if name)
        author = Author(id=self.author.did, names=names)
        return post_of(author, self.rkey, self.record, self.indexedAt, observed_at=observed_at, counts=self.counts)

    def standing(self, post_id: str, checked_at: datetime | None) -> Availability:
        """Say how the post stands: up, unless the moderation's labels, which no author can set, say otherwise."""
        for label in self.labels:
            if label.val in ("!takedown", "!hide") and not label.neg and label.src != self.author.did:
                return Availability(
                    id=post_id,
                    platform=PLATFORM,
                    status="gone" if label.val == "!takedown" else "withheld",
                    cause="moderation",
                    said=label.val,
                    checked_at=checked_at,
                )
        return Availability(id=post_id, platform=PLATFORM, status="up", checked_at=checked_at)


class Shown:
    """The posts of one answer of the API, each once; raises Changed where it is none, or nothing of it can be read."""

    def __init__(self, answer: Answer) -> None:
        told = read_json(answer)
        posts, further, total = at(told, "posts"), at(told, "cursor"), at(told, "hitsTotal")
        if not isinstance(posts, list):
            raise Changed(
                f"no list of posts in the answer: {sorted(told)[:8] if isinstance(told, dict) else shown(told)}"
            )
        self.read_at = answer.fetched_at
        self.further = further if isinstance(further, str) and posts else ""
        self.total = total if isinstance(total, int) else None
        self.views: dict[str, View] = {}
        self.rejects: list[Reject] = []
        self._unread = set()
        for line, item in enumerate(posts, 1):
            try:
                view = convert(item, View)
                self.views[view.uri] = view
            except ValueError as error:
                self.rejects.append(Reject(line=line, reason=str(error), raw=repr(item)[:500]))
                self._unread.add(at(item, "uri"))
        if self.rejects and not self.views:
            raise Changed(f"none of {len(posts)} posts can be read: {self.rejects[-1].reason}")

    def page(self) -> Page:
        """Return the posts as they were shown at that moment."""
        posts = [view.post(self.read_at) for view in self.views.values()]
        return Page(posts=posts, rejects=self.rejects, window=Window(since=self.read_at, until=self.read_at))

    def counted(self, asked: Sequence[str]) -> Page:
        """Return counts and standing of the posts that were asked for; what is left out is unknown, not gone."""
        page = Page(rejects=self.rejects, window=Window(since=self.read_at, until=self.read_at))
        found = self._found()
        for uri in asked:
            if (view := found.get(uri)) is not None:
                page.readings.append(Reading(id=uri, counts=view.counts, observed_at=self.read_at))
                page.availability.append(view.standing(uri, self.read_at))
            else:
                page.availability.append(unseen(uri, "error" if uri in self._unread else "missing", self.read_at))
        return page

    def left_out(self, asked: Sequence[str]) -> list[str]:
        """Return those that were asked for and are not in the answer."""
        return [uri for uri in asked if uri not in self._found() and uri not in self._unread]

    def _found(self) -> dict[str, View]:
        """Return the posts by every address that they could be asked for by."""
        named = {f"at://{view.author.handle}/{POSTS}/{view.rkey}": view for view in self.views.values()}
        return named | self.views

    def searched(self, place: dict[str, str], *, goes_on: bool) -> Page:
        """Return the page of a search, newest first; ``place`` is what was asked and down to where it had been read."""
        page, edge = self.page(), read_time(place["edge"])[0]
        sorted_at = [view.indexedAt for view in self.views.values()] + [
            post.published_at or edge for post in page.posts
        ]
        oldest = min([*sorted_at, edge])
        further = self.further if self.further != place.get("cursor") else ""
        page.claimed_total, page.done = self.total, not (further and goes_on)
        if further and not goes_on:
            page.cut_short = "without a login Bluesky shows only the newest posts"
        elif page.done and place["since"]:
            oldest = min(edge, read_time(place["since"])[0])
        page.window = Window(since=oldest, until=edge)
        page.cursor = None if page.done else json.dumps({**place, "cursor": further, "edge": oldest.isoformat()})
        return page


def beginning(window: Window, now: datetime) -> dict[str, str]:
    """Return where a search begins: what is asked for, and down to where it has been read."""
    until = (window.until or now).astimezone(UTC).isoformat()
    return {"since": window.since.astimezone(UTC).isoformat() if window.since else "", "until": until, "edge": until}


def unseen(uri: str, cause: str, checked_at: datetime | None = None) -> Availability:
    """Return that we do not know how a post stands."""
    return Availability(id=uri, platform=PLATFORM, status="unknown", cause=cause, basis="absent", checked_at=checked_at)


def finds(record: Json) -> bool:
    """Say whether this is the view of a post."""
    return "indexedAt" in record and "record" in record and AT_POST.fullmatch(str(record.get("uri"))) is not None


knows = finds


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the post of a saved answer, and how it stands where its labels say."""
    found = convert(record, View)
    yield found.post(seen.observed_at)
    if (standing := found.standing(found.uri, seen.observed_at)).status != "up":
        yield standing
