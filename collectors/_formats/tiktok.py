"""TikTok: items as its web answers hold them since 2020: ``itemInfos``, then ``stats``, now ``statsV2`` with exact texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from collectors._formats.fields import (
    Item,
    Json,
    Seen,
    account,
    at,
    counts,
    dicts,
    first,
    hashtags_in,
    identity,
    language,
    published,
    seconds,
    text,
    unique,
)  # fmt: skip
from collectors._formats.regions import from_code
from spillover import Author, Availability, Counts, Parent, Post

NAME = "tiktok"
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


def finds(record: Json) -> bool:
    """Say whether this is an item: an author and a sound have an id, but neither a time nor counts of an item."""
    if isinstance(record.get("itemInfos"), dict):
        return True
    return "createTime" in record and (
        "stats" in record or "statsV2" in record or ("desc" in record and "video" in record)
    )


def knows(record: Json) -> bool:
    """Say whether this is an answer without items: hashtags, users, comments, or a list that ended."""
    return any(name in record for name in ("cardItem", "challengeInfo", "userInfo", "itemList", "itemInfo")) or (
        "statusCode" in record and ("hasMore" in record or "cursor" in record)
    )


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the item, and that it is private where it says so."""
    item = record["itemInfos"] if isinstance(record.get("itemInfos"), dict) else record
    item_id = identity(item.get("id"))
    if item.get("privateItem") or item.get("secret") is True:
        yield Availability(id=item_id, platform=NAME, status="private", cause="author", checked_at=seen.observed_at)
    date = published(item.get("createTime"), "createTime", seen)
    body = _unescaped(text(first(item, "desc", "text")))
    region = from_code(item.get("locationCreated"))
    yield Post(
        id=item_id,
        platform=NAME,
        url=f"https://www.tiktok.com/@_/video/{item_id}",
        kind="video",
        text=body,
        author=_author(record, item),
        published_at=date.at,
        published_precision=date.precision,
        lang=language(item.get("textLanguage")),
        region=region,
        region_basis="tagged" if region else None,
        hashtags=_hashtags(record, item, body),
        parents=_parents(item),
        duration_s=seconds(at(item, "video", "duration") or at(item, "video", "videoMeta", "duration")),
        counts=_counts(item),
        observed_at=seen.observed_at,
    )


def _counts(item: Json) -> Counts:
    stats = (
        {**(item.get("stats") or {}), **(item.get("statsV2") or {})} if "stats" in item or "statsV2" in item else item
    )
    return counts(stats, views="playCount", likes="diggCount", shares="shareCount", comments="commentCount")


def _author(record: Json, item: Json) -> Author | None:
    author = first(record, "author", "authorInfos", "authorInfo")
    followers = at(record, "authorStats", "followerCount")
    if isinstance(author, dict):
        names = (author.get("uniqueId"), first(author, "nickname", "nickName"), author.get("secUid"))
        return account(first(author, "id", "userId", "secUid"), *names, followers=followers)
    return account(first(item, "authorId"), author, item.get("nickname"), followers=followers)


def _parents(item: Json) -> tuple[Parent, ...]:
    """Return the video beside which this one plays: a duet answers it, as a quote does."""
    found = at(item, "duetInfo", "duetFromId")
    return (Parent(id=str(found), relation="quote"),) if found not in (None, "", "0", 0) else ()


def _hashtags(record: Json, item: Json, body: str | None) -> tuple[str, ...]:
    extras = (extra.get("hashtagName") for extra in dicts(item.get("textExtra")))
    challenges = (
        first(tag, "title", "challengeName") for tag in dicts(first(record, "challenges", "challengeInfoList"))
    )
    return unique((*extras, *challenges)) or hashtags_in(body)


def _unescaped(value: Any) -> str | None:
    """Return a text whose letters some programs escaped twice."""
    return (
        _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
        if isinstance(value, str) and "\\u" in value
        else value
    )
