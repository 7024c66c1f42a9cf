"""Media Cloud: stories of a topic or a search, as its exports list them. A story is an article, or a post that was linked.

``facebook_share_count`` is Facebook's number of the address, not the outlet's, and no count of the story.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from collectors._formats.fields import Seen, language, moment, published, text
from collectors._formats.headers import Columns
from collectors._formats.web import WEB, known_as
from spillover import Post

NAME, PLATFORM = "mediacloud_export", "mediacloud"


def fits(names: Sequence[str]) -> bool:
    """Say whether these are the columns of an export."""
    columns = Columns(names)
    return (
        columns.has("url")
        and columns.has("media_name", "media_url")
        and columns.has("stories_id", "id", "indexed_date")
    )


def reader(names: Sequence[str], seen: Seen) -> Callable[[Sequence[Any]], Post]:
    """Return what makes a post of a row."""
    columns = Columns(names)

    def post(values: Sequence[Any]) -> Post:
        row = columns.row(values)
        place = known_as(str(row("url") or ""))
        date = published(row("publish_date"), "publish_date", seen)
        return Post(
            id=place.id,
            platform=place.platform or PLATFORM,
            url=place.url,
            kind="article" if place.platform == WEB else "post",
            title=text(row("title")),
            published_at=date.at,
            published_precision=date.precision,
            lang=language(row("language")),
            observed_at=moment(row("collect_date", "indexed_date")) or seen.observed_at,
        )

    return post
