"""X: the answers of its web pages (GraphQL), whole or tweet by tweet as a browser extension keeps them.

``views`` is a text, and absent where the state is not "EnabledWithCount". A tweet that is not shown leaves a tombstone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from collectors._formats import x, x_api_v1
from collectors._formats.fields import Item, Json, Seen, account, at, count, first, identity, plain, text
from spillover import Counts, Parent, Post

NAME = "x_graphql"
_GONE = ("TweetTombstone", "TweetUnavailable")
_ENTRY = re.compile(r"(?:^|-)tweet-(\d+)$")


def finds(record: Json) -> bool:
    """Say whether this is a tweet, or an entry of a timeline in whose place a tombstone stands."""
    kind = record.get("__typename")
    if kind in ("Tweet", "TweetWithVisibilityResults"):
        return "legacy" in record or "tweet" in record
    if isinstance(record.get("legacy"), dict):  # without rest_id: as older captures put it together
        return "full_text" in record["legacy"] and ("rest_id" in record or "id_str" in record["legacy"])
    return _tombstone(record) is not None


def knows(record: Json) -> bool:
    """Say whether this is of a timeline that may hold tweets: trends, users, cursors."""
    return str(record.get("__typename")).startswith(("Timeline", "User", "Tweet"))


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the tweet, and those that it reposts and quotes."""
    if (buried := _tombstone(record)) is not None:
        yield x.not_shown(*buried, seen)
        return
    tweet = record["tweet"] if isinstance(record.get("tweet"), dict) else record
    legacy = tweet.get("legacy")
    if not isinstance(legacy, dict):
        raise ValueError("legacy: missing; the tweet's own fields are there")
    tweet_id = identity(first(tweet, "rest_id") or legacy.get("id_str"), "rest_id")
    inner = _inner(tweet, legacy)
    for item in x_api_v1.status(legacy, seen, tweet_id):
        yield _completed(item, tweet, legacy, inner) if isinstance(item, Post) else item
    for inner_id, result, _ in inner:
        yield from _inside(inner_id, result, seen)


def _completed(post: Post, tweet: Json, legacy: Json, inner: list[tuple[str, Any, str]]) -> Post:
    user = at(tweet, "core", "user_results", "result") or tweet.get("user")
    shown = [part for part in (at(user, "legacy"), at(user, "core"), user) if isinstance(part, dict)]
    names = (part.get(name) for part in shown for name in ("screen_name", "name"))
    followers = next((part["followers_count"] for part in shown if "followers_count" in part), None)
    plays = first(tweet, "views", "ext_views")
    views = at(plays, "count") if at(plays, "state") != "Enabled" else None
    is_repost = post.kind == "repost"
    found = post.counts or Counts()
    note = at(tweet, "note_tweet", "note_tweet_results", "result")
    return replace(
        post,
        text=plain(text(at(note, "text"))) or post.text,
        author=account(first(legacy, "user_id_str") or at(user, "rest_id"), *names, followers=followers),
        hashtags=post.hashtags or x.hashtags(at(note, "entity_set")),
        links=(
            *(post.links or x.links(at(note, "entity_set"))),
            *(x.address(inner_id) for inner_id, _, _ in inner if inner_id),
        ),
        parents=_parents(post, inner),
        counts=found if is_repost else replace(found, views=count(views, "views.count")),
    )


def _parents(post: Post, inner: list[tuple[str, Any, str]]) -> tuple[Parent, ...]:
    """Return what a tweet reposts, else what it quotes and answers: a repost repeats what its original quotes."""
    stated = [Parent(id=found, relation=relation) for found, _, relation in inner if found]
    reposted = tuple(parent for parent in stated if parent.relation == "repost")
    return reposted or tuple(dict.fromkeys((*post.parents, *stated)))


def _inner(tweet: Json, legacy: Json) -> list[tuple[str, Any, str]]:
    """Return the id and the result of the tweets that this one reposts and quotes, and which of both it does."""
    reposted = at(first(legacy, "retweeted_status_result") or tweet.get("retweeted_status_result"), "result")
    quoted = at(first(tweet, "quoted_status_result") or legacy.get("quoted_status_result"), "result")
    ids = (_id_of(reposted), _id_of(quoted) or text(legacy.get("quoted_status_id_str")) or "")
    return [
        (found, result, relation)
        for found, result, relation in zip(ids, (reposted, quoted), ("repost", "quote"), strict=True)
        if isinstance(result, dict) or found
    ]


def _id_of(result: Any) -> str:
    return text(at(result, "rest_id") or at(result, "tweet", "rest_id")) or ""


def _inside(inner_id: str, result: Any, seen: Seen) -> Iterator[Item]:
    if not isinstance(result, dict):
        return
    if inner_id and (words := _words(result)) is not None:
        yield x.not_shown(inner_id, words, seen)
    elif finds(result):
        yield from read(result, seen)


def _tombstone(record: Json) -> tuple[str, str] | None:
    """Return the id and the words of a tombstone that stands in a timeline's entry."""
    entry = _ENTRY.search(str(record.get("entryId"))) if "entryId" in record else None
    if entry is None:
        return None
    content = first(record, "content", "item")
    words = _words(at(content, "itemContent", "tweet_results", "result"))
    return (entry[1], words) if words is not None else None


def _words(result: Any) -> str | None:
    if at(result, "__typename") not in _GONE and "tombstone" not in (result if isinstance(result, dict) else {}):
        return None
    return text(at(result, "tombstone", "text", "text")) or text(at(result, "reason")) or ""
