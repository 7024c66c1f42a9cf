"""Niconico, by its snapshot search: videos by the words and tags in them, and their counts once a day.

Terms: free for services that name themselves (User-Agent and ``_context``), not for advertising. Limits: the index is
made once a day, at about 05:00 in Japan, so counts are those of that moment and a video of today is not in it; a search
ends at 100,100 results. A video that is not in the index may be deleted, hidden, or younger than the index: absent.

No recorded answer was at hand: the documented form is read. Unconfirmed [U]: how many ids one question may name (50
are asked for), and how fast one may ask.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from collectors._formats import niconico
from collectors._formats.articles import kept_back, listed, reached, read_each
from spillover import (
    Broken,
    Budget,
    Collector,
    Cost,
    Known,
    Mode,
    Page,
    Query,
    Refused,
    Window,
    known_shape,
    read_json,
    read_time,
)

_API = "https://snapshot.search.nicovideo.jp/api/v2/snapshot"
_AT_ONCE, _BATCH, _LAST_OFFSET = 100, 50, 100_000


class Niconico(Collector):
    """The cursor is the place in the list of results, and up to when they go."""

    name = "niconico"
    hosts = ("snapshot.search.nicovideo.jp",)
    finds = frozenset({"title", "phrase", "hashtag"})
    terms = "https://site.nicovideo.jp/search-api-docs/snapshot"
    limits = "It sees the index of 05:00 in Japan: nothing younger, and counts of that moment."
    per_minute = 30.0
    budgets: ClassVar[Mapping[str, Budget]] = {"calls": Budget(limit=5_000, zone="Asia/Tokyo")}
    costs: ClassVar[Mapping[Mode, Cost]] = {
        "search": Cost(bucket="calls"),
        "reread": Cost(bucket="calls", batch=_BATCH),
    }
    every_s = 24 * 3600
    first_reread_s = 24 * 3600

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        made_at = self._made_at()
        offset, until = int(cursor) if cursor else 0, min(window.until or made_at, made_at)
        if window.since and window.since >= until:
            yield Page(done=True, cut_short=f"the index was made at {made_at:%Y-%m-%dT%H:%MZ}: nothing younger")
            return
        asked = {"q": _words(query), "targets": "tagsExact" if query.kind == "hashtag" else "title,description,tags"}
        asked |= {"filters[startTime][lt]": until.isoformat(), "_sort": "-startTime"}
        asked |= {"filters[startTime][gte]": window.since.isoformat()} if window.since else {}
        done = False
        while not done:
            items, total = self._ask(asked, offset)
            posts, rejects = read_each(items, lambda item: niconico.read(item, made_at), offset + 1)
            offset += _AT_ONCE
            full = f"{offset} of {total} results is all that Niconico gives" if offset > _LAST_OFFSET else None
            page = reached(posts, window, until, ended=offset >= total or not items, ceiling=full)
            page.rejects, page.claimed_total, done = rejects, total, page.done
            kept_back(page, len(items), offset - _AT_ONCE)
            page.cursor = None if done else str(offset)
            yield page

    def reread(self, posts: Sequence[Known]) -> Iterator[Page]:
        made_at = self._made_at()
        for start in range(0, len(posts), _BATCH):
            ids = [post.id for post in posts[start : start + _BATCH]]
            named = {f"filters[contentId][{number}]": id for number, id in enumerate(ids)}
            items, _ = self._ask({"q": "", "targets": "title", **named})
            found, rejects = read_each(items, lambda item: niconico.read(item, made_at))
            checks = niconico.checks(ids, items, made_at)
            moment = Window(since=made_at, until=made_at)
            done = start + _BATCH >= len(posts)
            yield Page(posts=found, rejects=rejects, availability=checks, window=moment, done=done)

    def _ask(self, asked: dict[str, str], offset: int = 0) -> tuple[list[Any], int]:
        asked = asked | {
            "fields": niconico.FIELDS,
            "_context": "spillover",
            "_limit": str(_AT_ONCE),
            "_offset": str(offset),
        }
        told = read_json(self.client.get(f"{_API}/video/contents/search", params=asked, spend="calls"))
        with known_shape("a list of videos"):
            status, code = told["meta"]["status"], told["meta"].get("errorCode")
            if status != 200:  # also where HTTP says 200
                raise (Refused if status in (401, 403) else Broken)(f"Niconico answers with {status} {code}")
            return listed(told["data"]), int(told["meta"]["totalCount"])

    def _made_at(self) -> datetime:
        """Return when the index was made."""
        told = read_json(self.client.get(f"{_API}/version", spend="calls"))
        with known_shape("the index's version"):
            return read_time(told["last_modified"])[0].astimezone(UTC)


def _words(query: Query) -> str:
    plain = query.text.replace('"', " ")
    return plain if query.kind == "hashtag" else f'"{plain}"'
