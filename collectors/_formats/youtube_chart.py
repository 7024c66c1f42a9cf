"""YouTube trending charts, as collectors of them write a table a country and day: one row a video, in the order of the chart.

The region is that of the chart, never of the video; a table that keeps it in the name of its file only has none. A column ``rank`` counts where there is one. What the uploader gave
as ``tags`` are keywords, not hashtags that anyone sees.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from collectors._formats.fields import Seen, account, count, hashtags_in, identity, moment, published, seconds, text
from collectors._formats.headers import Columns
from collectors._formats.regions import from_code
from spillover import Counts, Listing, Post

NAME = "youtube_chart"
_LIST = "youtube_trending"
_OLD_DAY = re.compile(r"(\d\d)\.(\d\d)\.(\d\d)")


def fits(names: Sequence[str]) -> bool:
    """Say whether these are the columns of such a chart."""
    columns = Columns(names)
    return (
        columns.has("video_id", "id")
        and (columns.has("country", "region") or columns.has("trending_date"))
        and columns.has("fetched_at", "collected_at", "trending_date")
        and columns.has("category_id", "channel_id", "rank")
    )


def reader(names: Sequence[str], seen: Seen) -> Callable[[Sequence[Any]], Post]:
    """Return what makes a post of a row; it counts the rows of each country and day."""
    columns = Columns(names)
    ranks: Counter[tuple[Any, str]] = Counter()

    def post(values: Sequence[Any]) -> Post:
        row = columns.row(values)
        video_id, region = identity(row("video_id", "id"), "video_id"), from_code(row("country", "region"))
        observed_at = _day(row("fetched_at", "collected_at", "trending_date"))
        day = (region, str(observed_at)[:10])
        ranks[day] += 1
        title = text(row("title"))
        date = published(row("published_at", "publish_time"), "published_at", seen.at(observed_at))
        return Post(
            id=video_id,
            platform="youtube",
            url=f"https://www.youtube.com/watch?v={video_id}",
            kind="video",
            title=title,
            author=account(row("channel_id"), row("channel_title")),
            published_at=date.at,
            published_precision=date.precision,
            lang=text(row("audio_language", "default_audio_language")) or text(row("default_language")),
            hashtags=hashtags_in(title),
            duration_s=seconds(row("duration_raw", "duration", "duration_s")),
            counts=Counts(
                views=count(row("views", "view_count"), "views"),
                likes=count(row("likes", "like_count"), "likes"),
                comments=count(row("comments", "comment_count"), "comments"),
            ),
            observed_at=observed_at or seen.observed_at,
            listing=Listing(list=_LIST, region=region, rank=_rank(row("rank")) or ranks[day]),
        )

    return post


def _day(value: Any) -> datetime | None:
    """Return when a chart was read; "17.14.11" is how the oldest collections write 14 November 2017."""
    if found := _OLD_DAY.fullmatch(str(value).strip()):
        year, day, month = found.groups()
        return moment(f"20{year}-{month}-{day}")
    return moment(value)


def _rank(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, str)) and str(value).isdecimal() and int(value) > 0 else None
