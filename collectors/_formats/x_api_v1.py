"""X (Twitter) API 1.1: statuses. Retired in 2023, and still the shape of most archived collections."""

from __future__ import annotations

from collections.abc import Iterator

from collectors._formats import x
from collectors._formats.fields import (
    Item,
    Json,
    Seen,
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
)
from collectors._formats.regions import from_code
from spillover import Counts, Parent, Post

NAME = "x_api_v1"


def finds(record: Json) -> bool:
    """Say whether this is a status: the newer answers nest what is flat here."""
    return (
        "id_str" in record
        and ("text" in record or "full_text" in record)
        and "retweet_count" in record
        and "user" in record
    )


def knows(record: Json) -> bool:
    """Say whether this is an answer without statuses: users, an empty search, an oEmbed."""
    return (
        "search_metadata" in record
        or ("screen_name" in record and "id_str" in record)
        or ("provider_url" in record and "html" in record)
    )


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the status, and those that it reposts and quotes."""
    yield from status(record, seen, identity(record.get("id_str"), "id_str"))
    for name in ("retweeted_status", "quoted_status"):
        inner = record.get(name)
        if isinstance(inner, dict):
            yield from read(inner, seen)


def status(record: Json, seen: Seen, status_id: str) -> Iterator[Item]:
    """Yield one status; the ``legacy`` part of the web's answers has the same fields."""
    copyright_claim = record.get("withheld_copyright")
    if (check := x.withheld(status_id, record.get("withheld_in_countries"), copyright_claim, seen)) is not None:
        yield check
    original = first(record, "retweeted_status", "retweeted_status_result")
    date = published(record.get("created_at"), "created_at", seen)
    full = record.get("extended_tweet") if isinstance(record.get("extended_tweet"), dict) else {}
    entities = first(full or {}, "entities") or record.get("entities")
    region = from_code(at(record, "place", "country_code"))
    carried = (
        x.address(at(record, name, "id_str"))
        for name in ("retweeted_status", "quoted_status")
        if at(record, name, "id_str")
    )
    yield Post(
        id=status_id,
        platform=x.NAME,
        url=x.address(status_id),
        kind="repost" if original else "post",
        text=plain(text(first(full or {}, "full_text")) or text(first(record, "full_text", "text"))),
        author=account(
            at(record, "user", "id_str"),
            at(record, "user", "screen_name"),
            at(record, "user", "name"),
            followers=at(record, "user", "followers_count"),
        ),
        published_at=date.at,
        published_precision=date.precision,
        lang=language(record.get("lang")),
        region=region,
        region_basis="tagged" if region else None,
        hashtags=x.hashtags(entities),
        links=(*x.links(entities), *carried),
        parents=_parents(record),
        duration_s=x.duration(dicts(at(record, "extended_entities", "media"))),
        counts=Counts()
        if original
        else counts(record, likes="favorite_count", shares="retweet_count", comments="reply_count"),
        observed_at=seen.observed_at,
    )


def _parents(record: Json) -> tuple[Parent, ...]:
    """Return what the status reposts, quotes and answers; a repost repeats what its original quotes."""
    reposted = at(record, "retweeted_status", "id_str")
    if reposted:
        return (Parent(id=identity(reposted), relation="repost"),)
    stated = (
        (first(record, "quoted_status_id_str") or at(record, "quoted_status", "id_str"), "quote"),
        (record.get("in_reply_to_status_id_str"), "reply"),
    )
    return tuple(Parent(id=identity(found), relation=relation) for found, relation in stated if found)
