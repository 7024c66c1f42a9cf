"""Bluesky Jetstream: frames saved to a file. Posts are read, and that their authors delete them; likes and the rest are no posts."""

from __future__ import annotations

from collections.abc import Iterator

from collectors._formats.fields import (
    Item,
    Json,
    Seen,
    account,
    at,
    dicts,
    hashtags_in,
    identity,
    language,
    moment,
    published,
    text,
    unique,
)
from spillover import Availability, Post

NAME = "jetstream"
PLATFORM = "bluesky"
_POST = "app.bsky.feed.post"


def finds(record: Json) -> bool:
    """Say whether this is a frame about a post."""
    return "did" in record and at(record, "commit", "collection") == _POST


def knows(record: Json) -> bool:
    """Say whether this is any other frame: a like, an identity, an account."""
    return "did" in record and "kind" in record and "time_us" in record


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the post, or that it was deleted."""
    commit, body = record["commit"], at(record, "commit", "record")
    did = identity(record.get("did"), "did")
    post_id = f"at://{did}/{_POST}/{identity(commit.get('rkey'), 'rkey')}"
    observed_at = moment(record.get("time_us"))
    if commit.get("operation") == "delete":
        yield Availability(id=post_id, platform=PLATFORM, status="gone", cause="author", checked_at=observed_at)
        return
    if not isinstance(body, dict):
        raise ValueError("commit.record: missing; a post has one")
    date = published(body.get("createdAt"), "createdAt", seen)
    features = [feature for facet in dicts(body.get("facets")) for feature in dicts(facet.get("features"))]
    tags = unique(
        (
            *(feature.get("tag") for feature in features),
            *(tag for tag in body.get("tags") or () if isinstance(tag, str)),
        )
    )
    yield Post(
        id=post_id,
        platform=PLATFORM,
        url=f"https://bsky.app/profile/{did}/post/{commit['rkey']}",
        text=text(body.get("text")),
        author=account(did),
        published_at=date.at,
        published_precision=date.precision,
        lang=language(at(body, "langs", 0)),
        hashtags=tags or hashtags_in(text(body.get("text"))),
        links=unique((*(feature.get("uri") for feature in features), *_embedded(body.get("embed")))),
        observed_at=observed_at,
    )


def _embedded(embed: object) -> Iterator[str | None]:
    """Yield the address that a post embeds, and that of the post which it quotes."""
    yield at(embed, "external", "uri") or at(embed, "media", "external", "uri")
    quoted = at(embed, "record", "uri") or at(embed, "record", "record", "uri")
    if isinstance(quoted, str) and f"/{_POST}/" in quoted:
        yield "https://bsky.app/profile/" + quoted.removeprefix("at://").replace(f"/{_POST}/", "/post/")
