"""Tables whose column of ids says by its name whose ids they are: ``tweet_id``, ``bvid``; and which no address or platform names.

So write twarc-csv, X's own releases on information operations, YouTube Data Tools, and whoever reads counts again and
again. A video of 11 signs beside a channel is YouTube's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from collectors._formats import table
from collectors._formats.fields import Seen, above_zero, identity
from collectors._formats.headers import Columns, folded
from collectors._formats.mapping import Rules
from spillover import Counts, Parent, Post

NAME = "known_ids"
# The column of ids, what must stand beside it, the platform, and how its posts are called there.
_KINDS: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    ("tweet_id", (), "x", "post"), ("tweetid", (), "x", "post"), ("id", ("public_metrics.like_count",), "x", "post"),
    ("bvid", (), "bilibili", "video"), ("aweme_id", (), "douyin", "video"), ("youtube_id", (), "youtube", "video"),
    ("video_id", ("channel_id", "channel_title", "n_available_countries"), "youtube", "video"),
)  # fmt: skip
_OWN = {
    "published_at": ("tweet_time", "publish_date", "published_at", "created_at", "pubdate", "create_time"),
    "author": ("userid", "author_id", "channel_id", "author", "mid"),
    "name": ("user_screen_name", "author.username", "channel_title", "author", "user_display_name"),
    "text": ("tweet_text", "text", "description", "video_description", "title"),
    "views": ("public_metrics.impression_count", "view_count", "views", "play"),
    "likes": ("public_metrics.like_count", "like_count", "likes"),
    "shares": ("public_metrics.retweet_count", "retweet_count", "retweets", "shares"),
    "comments": ("public_metrics.reply_count", "reply_count", "replies", "comment_count", "comments"),
    "duration_s": ("duration_sec", "length_s", "duration"),
}
_PARENTS = (
    ("repost", ("retweet_tweetid", "referenced_tweets.retweeted.id")), ("quote", ("quoted_tweet_tweetid", "referenced_tweets.quoted.id")),
    ("reply", ("in_reply_to_tweetid", "referenced_tweets.replied_to.id")),
)  # fmt: skip


def fits(names: Sequence[str]) -> bool:
    """Say whether the ids of a table are somebody's, by the names of its columns alone."""
    columns = Columns(names)
    return not columns.has("platform", "source_platform") and _kind_of(columns) is not None


def reader(names: Sequence[str], seen: Seen) -> Callable[[Sequence[Any]], Post]:
    """Return what makes a post of a row."""
    columns = Columns(names)
    found = _kind_of(columns)
    assert found is not None
    column, _, platform, kind = found
    given = {ours: name for ours, theirs in _OWN.items() if (name := _there(columns, names, theirs))}
    rows = table.reader(
        names, seen, Rules(columns=given | {"id": str(names[columns.places[folded(column)]])}, platform=platform)
    )

    def post(values: Sequence[Any]) -> Post:
        made, row = rows(values), columns.row(values)
        parents = tuple(
            Parent(id=identity(said, relation), relation=relation)
            for relation, theirs in _PARENTS
            if (said := row(*theirs))
        )
        is_repost = bool(parents) and parents[0].relation == "repost"
        counts = made.counts or Counts()
        if platform == "x":  # 0 for all that is older than the count
            counts = replace(counts, views=above_zero(counts.views))
        return replace(
            made, kind="repost" if is_repost else kind, parents=parents, counts=Counts() if is_repost else counts
        )  # fmt: skip

    return post


def _kind_of(columns: Columns) -> tuple[str, tuple[str, ...], str, str] | None:
    return next((kind for kind in _KINDS if columns.has(kind[0]) and (not kind[1] or columns.has(*kind[1]))), None)


def _there(columns: Columns, names: Sequence[str], theirs: tuple[str, ...]) -> str | None:
    place = columns.place(*theirs)
    return None if place is None else str(names[place])
