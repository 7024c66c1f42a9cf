"""4CAT: its CSV exports, one row a post; columns differ by data source, the first ones do not.

A count of a repost on X is its original's, so the row has none. Times are UTC; ``unix_timestamp`` is, and says so. A
column that 4CAT could not fill is empty, or 0 for a count that its data source never has. What analysts add in 4CAT
(annotations) stands in columns of their own names, which are not taken for ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from collectors._formats import table
from collectors._formats.fields import Seen, above_zero, count, text
from collectors._formats.headers import Columns, folded
from collectors._formats.mapping import Rules
from spillover import Author, Counts, Parent, Post

NAME = "fourcat"
# What a data source alone has among its columns, and the platform whose posts it holds. The first that is there tells.
_MARKS = (
    ("tiktok_url", "tiktok"), ("prevent_download", "douyin"), ("is_retweet", "x"), ("page_top_country", "facebook"), ("likes_hidden", "instagram"),
    ("num_likes", "instagram"), ("author_forwarded_from_name", "telegram"), ("favourites_count", "gab"), ("account_username", "truthsocial"),
    ("replies_allowed", "bluesky"), ("audio_url", "threads"), ("virality_score", "imgur"), ("tags_annotated", "9gag"),
    ("pinner_original", "pinterest"), ("inclusion_context", "linkedin"), ("reblog_key", "tumblr"), ("youtube_url", "youtube"),
)  # fmt: skip
_OWN = {
    "region": ("location_created",), "lang": ("language_guess",), "published_at": ("unix_timestamp",), "author": ("author_user_id", "account_id", "page_id"),
    "name": ("author_nickname", "account_display_name", "author"), "views": ("views_post",), "shares": ("reposts", "reblog_count"),
    "observed_at": ("collected_at", "timestamp_collected"),
}  # fmt: skip
# Names that we take for our own in other tables, and that 4CAT gives to nothing: an analyst's annotation may have one.
_NOT_OURS = frozenset(
    map(folded, ("platform", "source_platform", "network", "kind", "lang", "language", "country", "country_code", "observed_at", "fetched_at", "captured_at"))
)  # fmt: skip
_NAMES = ("author", "author_username", "author_name", "author_fullname", "author_full", "author_screen_name", "account_username", "account_display_name", "account_account")  # fmt: skip
_FOLLOWERS = ("author_followers", "account_followers", "page_followers")


def fits(names: Sequence[str]) -> bool:
    """Say whether these are the columns of such an export."""
    columns = Columns(names)
    return (
        columns.has("thread_id", "collected_from_url")
        and columns.has("body", "subject")
        and columns.has("timestamp", "unix_timestamp")
        and columns.has("id")
    )


def reader(names: Sequence[str], seen: Seen) -> Callable[[Sequence[Any]], Post]:
    """Return what makes a post of a row."""
    columns = Columns(names)
    platform = next((name for mark, name in _MARKS if columns.has(mark)), None)
    given = {ours: str(names[place]) for ours, theirs in _OWN.items() if (place := columns.place(*theirs)) is not None}
    ours = ["" if folded(name) in _NOT_OURS else name for name in names]
    rows = table.reader(ours, seen, Rules(columns=given, platform=platform))
    reposted = columns.place("is_retweet")

    def post(values: Sequence[Any]) -> Post:
        row = columns.row(values)
        found = _known(rows(values), row)
        if reposted is not None and values[reposted] == "yes":
            return replace(found, kind="repost", counts=Counts(), author=_author(found.author, row))
        return replace(
            found, author=_author(found.author, row), parents=tuple(_parents(found, row)), counts=_counts(found, row)
        )

    return post


def _known(post: Post, row: Callable[..., Any]) -> Post:
    """Return a post by the id under which it is known: a message's number is its own only within its channel."""
    thread = row("thread_id")
    if post.platform == "telegram" and thread is not None:
        post_id = f"{thread}/{post.id.removeprefix(f'{thread}-')}"
        return replace(post, id=post_id, url=f"https://t.me/{post_id}")
    if post.platform == "instagram" and row("media_type") == "video":
        return replace(post, kind="video")
    return replace(post, kind="video") if post.platform in ("tiktok", "youtube") else post


def _author(author: Author | None, row: Callable[..., Any]) -> Author | None:
    """Return an author with every name that the row gives, so that all can be taken out of texts."""
    if author is None:
        return None
    names = (text(row(name)) for name in _NAMES)
    followers = str(row(*_FOLLOWERS) or "")
    return replace(
        author,
        names=tuple(dict.fromkeys((*author.names, *(name for name in names if name)))),
        followers=int(followers) if followers.isdecimal() else None,
    )


def _parents(post: Post, row: Callable[..., Any]) -> Iterator[Parent]:
    """Yield what the post quotes and answers, where the row says which post that is."""
    if quoted := text(row("quote_tweet_id")):
        yield Parent(id=quoted, relation="quote")
    if post.platform == "telegram" and (answered := text(row("reply_to"))):
        yield Parent(id=f"{row('thread_id')}/{answered}", relation="reply")
    for column, relation in (("quoted_post", "quote"), ("replied_to_post", "reply")):  # of Bluesky: addresses
        if found := _bluesky(text(row(column))):
            yield Parent(id=found, relation=relation)


def _bluesky(address: str | None) -> str | None:
    from spillover import resolve

    found = resolve(address) if address and address.startswith("https://") else None
    return found.id if found and not found.needs_network else None  # a handle is no id


def _counts(post: Post, row: Callable[..., Any]) -> Counts | None:
    """Return the counts without the zeros and negative numbers that stand for one that was not shown."""
    counts = post.counts
    if counts is None or post.platform not in ("douyin", "instagram"):
        return counts
    if post.platform == "douyin":
        return replace(counts, views=above_zero(counts.views))
    is_shown = row("likes_hidden") == "no" and str(row("partial_item")).casefold() != "true"
    said = row("num_likes") if is_shown or row("likes_hidden") is None else None
    likes = count(said, "num_likes")
    return replace(counts, likes=likes if is_shown else above_zero(likes), views=above_zero(counts.views))
