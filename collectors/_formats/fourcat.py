"""4CAT: its CSV exports, one row a post; columns differ by data source, the first ones do not.

A count of a repost on X is its original's, so the row has none. Times are UTC; ``unix_timestamp`` is, and says so. A
column that 4CAT could not fill is empty, or 0 for a count that its data source never has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from collectors._formats import table
from collectors._formats.fields import Seen
from collectors._formats.headers import Columns
from collectors._formats.mapping import Rules
from spillover import Counts, Post

NAME = "fourcat"
# What a data source alone has among its columns, and the platform whose posts it holds. The first that is there tells.
_MARKS = (
    ("tiktok_url", "tiktok"), ("prevent_download", "douyin"), ("is_retweet", "x"), ("likes_hidden", "instagram"), ("num_likes", "instagram"),
    ("author_forwarded_from_name", "telegram"), ("favourites_count", "gab"), ("account_username", "truthsocial"), ("replies_allowed", "bluesky"),
    ("audio_url", "threads"), ("virality_score", "imgur"), ("tags_annotated", "9gag"), ("pinner_original", "pinterest"),
)  # fmt: skip
_OWN = {"region": "location_created", "lang": "language_guess"}


def fits(names: Sequence[str]) -> bool:
    """Say whether these are the columns of such an export."""
    columns = Columns(names)
    return (
        columns.has("thread_id")
        and columns.has("body", "subject")
        and columns.has("timestamp", "unix_timestamp")
        and columns.has("id")
    )


def reader(names: Sequence[str], seen: Seen) -> Callable[[Sequence[Any]], Post]:
    """Return what makes a post of a row."""
    columns = Columns(names)
    platform = next((name for mark, name in _MARKS if columns.has(mark)), None)
    given = {ours: theirs for ours, theirs in _OWN.items() if columns.has(theirs)}
    if columns.has("unix_timestamp"):
        given["published_at"] = "unix_timestamp"
    rows = table.reader(names, seen, Rules(columns=given, platform=platform))
    thread, reposted = columns.place("thread_id"), columns.place("is_retweet")

    def post(values: Sequence[Any]) -> Post:
        found = rows(values)
        if reposted is not None and values[reposted] == "yes":
            return replace(found, kind="repost", counts=Counts())
        if found.platform == "telegram" and thread is not None:  # a message's number is its own only within its channel
            return replace(found, id=f"{values[thread]}/{found.id}", url=f"https://t.me/{values[thread]}/{found.id}")
        if found.platform == "douyin" and found.counts is not None and found.counts.views == 0:
            return replace(found, counts=replace(found.counts, views=None))
        return found

    return post
