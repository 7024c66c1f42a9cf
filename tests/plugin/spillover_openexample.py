"""A third-party collector in one file. The platform is made up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from spillover import Author, Changed, Collector, Counts, Page, Post, Query, Window, read_count, read_time


class OpenExample(Collector):
    """Posts of a made-up platform."""

    name = "openexample"
    hosts = ("open.example",)
    finds = frozenset({"phrase", "hashtag"})
    terms = "https://open.example/terms"

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        """Yield a page an answer until there is no next one."""
        while True:
            answer = self.client.get("https://open.example/search", params={"q": query.text, "page": cursor or "1"})
            found = json.loads(answer.body)
            if "items" not in found:
                raise Changed(f"no items in the answer; it has {sorted(found)}")
            cursor = found.get("next")
            yield Page(
                posts=[_post(item) for item in found["items"]], window=window, cursor=cursor, done=cursor is None
            )
            if cursor is None:
                return


def _post(item: dict[str, Any]) -> Post:
    return Post(
        id=str(item["id"]),
        url=item["link"],
        author=Author(id=item["user"]),
        text=item["text"],
        published_at=read_time(item["created"])[0],
        counts=Counts(views=read_count(item.get("reads")), shares=read_count(item.get("forwards"))),
    )
