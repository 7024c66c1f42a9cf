"""X API v2: pages with their expansions, as twarc and others save them, and tweets into which these were folded.

The records are the tweets of ``data``. Those in ``includes`` are kept as well, aside: they are no results of the search,
but a repost's counts are its original's, which is there. X's guides still say "tweet" and "retweet" in the names of fields, its
description of the API (2.167, August 2026) says "post" and "repost": both are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from collectors._formats import x
from collectors._formats.fields import (
    Item,
    Json,
    Seen,
    Trouble,
    above_zero,
    account,
    at,
    counts,
    dicts,
    first,
    identity,
    language,
    plain,
    published,
    text,
)  # fmt: skip
from collectors._formats.regions import from_code
from spillover import Author, Availability, Counts, Parent, Post

NAME = "x_api_v2"
_MISSING, _CLOSED = "resource-not-found", "not-authorized-for-resource"
_RELATIONS = {"retweeted": "repost", "quoted": "quote", "replied_to": "reply"}


def finds(record: Json) -> bool:
    """Say whether this is a page of tweets, one tweet of a lookup, or a tweet that was flattened."""
    return (
        _is_tweet(record)
        or any(map(_is_tweet, _data(record)))
        or any(map(_is_missing_tweet, dicts(record.get("errors"))))
    )


def knows(record: Json) -> bool:
    """Say whether this is an answer without tweets: users, lists, spaces, jobs, an empty page."""
    return (
        "result_count" in record
        or ("data" in record and bool({"meta", "includes", "__twarc"} & record.keys()))
        or "username" in record
    )


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the tweets of a page, those that it includes, and what it says of those that it could not give."""
    if _is_tweet(record):
        yield from _flattened(record, seen)
        return
    included = {
        kind: {first(item, "id", "media_key"): item for item in dicts(at(record, "includes", kind))}
        for kind in ("users", "media", "places")
    }
    for tweets, aside in ((_data(record), False), (_included(record), True)):
        for tweet in tweets:
            try:
                yield from _tweet(tweet, included, seen, aside=aside)
            except ValueError as error:
                yield Trouble(str(error), tweet)
    for lack in dicts(record.get("errors")):
        if _is_missing_tweet(lack):
            yield _missing(lack, seen)


def _included(record: Json) -> list[Json]:
    return dicts(at(record, "includes", "tweets")) + dicts(at(record, "includes", "posts"))


def _data(record: Json) -> list[Json]:
    data = record.get("data")
    return [data] if isinstance(data, dict) else dicts(data)


def _is_tweet(record: Json) -> bool:
    return (
        "id" in record
        and "text" in record
        and ("edit_history_tweet_ids" in record or "author_id" in record or "public_metrics" in record)
    )


def _is_missing_tweet(error: Json) -> bool:
    return error.get("resource_type") in ("tweet", "post") and "resource_id" in error


def _missing(error: Json, seen: Seen) -> Availability:
    """Return that a tweet was not given. X says "could not find", which tells no cause: it is no proof that it is gone."""
    tweet_id, kind = identity(error.get("resource_id"), "resource_id"), str(error.get("type"))
    if kind.endswith(_CLOSED):
        return x.not_shown(tweet_id, str(error.get("detail")), seen)
    return Availability(
        id=tweet_id, platform=x.NAME, status="unknown", cause="missing", basis="absent", checked_at=seen.observed_at
    )


def _flattened(tweet: Json, seen: Seen, *, aside: bool = False) -> Iterator[Item]:
    """Yield a tweet with its expansions inside it, and the tweets that it refers to."""
    media = dicts(at(tweet, "attachments", "media")) or dicts(at(tweet, "attachments", "media_keys"))
    author = first(tweet, "author", "author_user")
    place = at(tweet, "geo", "place") or tweet.get("geo")
    included = {
        "users": {tweet.get("author_id"): author}, "media": {part.get("media_key"): part for part in media}, "places": {at(tweet, "geo", "place_id"): place},
    }  # fmt: skip
    yield from _tweet(tweet, included, seen, aside=aside)
    for inner in _referenced(tweet):
        if _is_tweet(inner):
            yield from _flattened(inner, seen, aside=True)


def _tweet(tweet: Json, included: dict[str, dict[Any, Any]], seen: Seen, *, aside: bool) -> Iterator[Item]:
    tweet_id = identity(tweet.get("id"))
    held = tweet.get("withheld")
    if (
        check := x.withheld(tweet_id, at(held, "country_codes"), at(held, "copyright"), seen, scope=at(held, "scope"))
    ) is not None:
        yield check
    referenced = {part.get("type"): part.get("id") for part in _referenced(tweet)}
    keys = at(tweet, "attachments", "media_keys") or at(tweet, "attachments", "media") or []
    keys = [key.get("media_key") if isinstance(key, dict) else key for key in keys] if isinstance(keys, list) else []
    media = [part for key in keys if isinstance(key, str) and isinstance(part := included["media"].get(key), dict)]
    author = included["users"].get(tweet.get("author_id"))
    region = from_code(at(included["places"].get(at(tweet, "geo", "place_id")), "country_code"))
    date = published(tweet.get("created_at"), "created_at", seen)
    carried = (x.address(referenced[kind]) for kind in ("retweeted", "quoted") if referenced.get(kind))
    yield Post(
        id=tweet_id,
        platform=x.NAME,
        url=x.address(tweet_id),
        kind="repost" if "retweeted" in referenced else "post",
        text=plain(text(at(first(tweet, "note_tweet", "note_post"), "text")) or text(tweet.get("text"))),
        author=_author(tweet, author),
        published_at=date.at,
        published_precision=date.precision,
        lang=language(tweet.get("lang")),
        region=region,
        region_basis="tagged" if region else None,
        hashtags=x.hashtags(tweet.get("entities")),
        links=(*x.links(tweet.get("entities")), *carried),
        parents=tuple(
            Parent(id=identity(referenced[kind]), relation=name)
            for kind, name in _RELATIONS.items()
            if referenced.get(kind)
        ),
        duration_s=x.duration(media),
        counts=Counts() if "retweeted" in referenced else _counts(tweet.get("public_metrics")),
        observed_at=seen.observed_at,
        aside=aside,
    )


def _referenced(tweet: Json) -> list[Json]:
    return dicts(first(tweet, "referenced_tweets", "referenced_posts"))


def _author(tweet: Json, shown: Any) -> Author | None:
    found, followers = (
        account(tweet.get("author_id"), at(shown, "username"), at(shown, "name")),
        at(shown, "public_metrics", "followers_count"),
    )
    return replace(found, followers=followers) if found and isinstance(followers, int) else found


def _counts(metrics: Any) -> Counts:
    found = metrics if isinstance(metrics, dict) else {}
    found = found | {
        "impression_count": above_zero(found.get("impression_count"))
    }  # 0 for all that is older than the count
    shares = "repost_count" if "repost_count" in found else "retweet_count"
    return counts(found, views="impression_count", likes="like_count", shares=shares, comments="reply_count")
