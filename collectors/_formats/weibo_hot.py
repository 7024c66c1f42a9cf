"""Weibo's hot-search list: when a title was first seen on a day, and at which place. A title is a topic, not a post of anyone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from collectors._formats.fields import CHINA, Seen, hashtags_in, identity, text
from collectors._formats.headers import Columns
from spillover import Listing, Post, read_time

NAME = "weibo_hot"
LIST = "weibo_hot_search"


def fits(names: Sequence[str]) -> bool:
    """Say whether these are the columns of such a list."""
    columns = Columns(names)
    return (
        columns.has("title")
        and columns.has("first_seen")
        and columns.has("band_rank_at_first_sight", "rank", "band_rank")
    )


def reader(names: Sequence[str], seen: Seen) -> Callable[[Sequence[Any]], Post]:
    """Return what makes a topic of a row. A place is empty where the list was read by another order."""
    columns = Columns(names)

    def post(values: Sequence[Any]) -> Post:
        row = columns.row(values)
        title = text(row("title")) or ""
        try:
            observed_at, precision = read_time(row("first_seen"), zone=CHINA)
        except ValueError as error:
            raise ValueError(f"first_seen: {error}") from None
        return topic(
            title,
            str(row("band_rank_at_first_sight", "rank", "band_rank") or ""),
            observed_at if precision != "day" else seen.observed_at,
            is_hashtag=str(row("is_hashtag")) in ("1", "True", "true"),
        )

    return post


def topic(title: str, rank: str, observed_at: datetime | None, *, is_hashtag: bool) -> Post:
    """Return a title of the list, however it was kept: files and the collector know one topic by one id."""
    query = f"#{title}#" if is_hashtag else title
    return Post(
        id=identity(title, "title"),
        platform="weibo",
        url=f"https://s.weibo.com/weibo?q={quote(query)}",
        kind="topic",
        title=title,
        region="CN",
        region_basis="list",
        hashtags=(title,) if is_hashtag else hashtags_in(title),
        observed_at=observed_at,
        listing=Listing(list=LIST, region="CN", rank=int(rank) if rank.isdecimal() and int(rank) > 0 else None),
    )
