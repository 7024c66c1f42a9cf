"""Openexample: what it is, and what it shows to everybody.

Terms: who may read it, and how often. Limits: what it does not show. Unconfirmed: what no recorded answer proves yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from spillover import (
    Author,
    Availability,
    Budget,
    Collector,
    Cost,
    Counts,
    Known,
    Mode,
    Page,
    Post,
    Query,
    Window,
    known_shape,
    read_count,
    read_json,
    read_time,
)


class Openexample(Collector):
    """Posts of Openexample. A cursor is the number of the next page."""

    name = "openexample"
    hosts = ("openexample.example",)
    finds = frozenset({"phrase", "hashtag"})
    terms = "https://openexample.example/terms"
    limits = "Shows public posts of the last 30 days."
    per_minute = 30
    budgets: ClassVar[dict[str, Budget]] = {"calls": Budget(limit=1_000, reserve=0.5)}
    costs: ClassVar[dict[Mode, Cost]] = {"search": Cost(bucket="calls"), "reread": Cost(bucket="calls", batch=50)}

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        """Yield a page an answer until there is no next one."""
        page = Page(cursor=cursor)
        while not page.done:
            asked = {"q": query.text, "page": page.cursor or "1"}
            found = read_json(self.client.get("https://openexample.example/search", params=asked, spend="calls"))
            with known_shape("a page of results"):
                next_page = found["next"]
                posts = [_post(item) for item in found["items"]]
            page = Page(posts=posts, window=window, cursor=next_page, done=not next_page)
            yield page

    def reread(self, posts: Sequence[Known]) -> Iterator[Page]:
        """Say of each post what came back; one that did not come is absent, which is not gone."""
        for start in range(0, len(posts), 50):
            ids = [post.id for post in posts[start : start + 50]]
            answer = self.client.get("https://openexample.example/posts", params={"ids": ",".join(ids)}, spend="calls")
            with known_shape("a post"):
                found = [_post(item) for item in read_json(answer)["items"]]
            there = {post.id for post in found}
            standing = [_standing(id, there) for id in ids]
            window = Window(since=answer.fetched_at, until=answer.fetched_at)
            yield Page(posts=found, availability=standing, window=window, done=start + 50 >= len(posts))


def _standing(id: str, there: set[str]) -> Availability:
    if id in there:
        return Availability(id=id, status="up")
    return Availability(id=id, status="unknown", cause="missing", basis="absent")


def _post(item: dict[str, Any]) -> Post:
    return Post(
        id=str(item["id"]),
        url=item["link"],
        author=Author(id=str(item["user"])),
        text=item["text"],
        published_at=read_time(item["created"])[0],
        counts=Counts(views=read_count(item.get("reads")), shares=read_count(item.get("forwards"))),
    )
