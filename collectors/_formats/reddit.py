"""Reddit: submissions ("t3") as listings of its API hold them, and as archives keep them, one a line. Comments are no posts.

The API asks for approval; a saved answer is the analyst's. Scores are blurred by Reddit and may be negative: only a
score above zero is a count of likes. ``removed_by_category`` says who took a submission away.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from collectors._formats.fields import (
    Item,
    Json,
    Seen,
    account,
    at,
    count,
    dicts,
    first,
    hashtags_in,
    identity,
    links_in,
    plain,
    published,
    seconds,
    text,
    unique,
)  # fmt: skip
from spillover import Author, Availability, Counts, Parent, Post

NAME = "reddit"
_SUBMISSION = "t3"
_KINDS = (
    "Listing",
    "t1",
    "t2",
    "t3",
    "t4",
    "t5",
    "t6",
    "more",
    "LiveUpdate",
    "LiveUpdateEvent",
    "UserList",
    "wikipage",
)
# ``removed_by_category`` and what stands in the place of a text, and the cause of which each speaks.
_REMOVED: dict[str, str | None] = {
    "deleted": "author", "author": "author", "[deleted]": "author", "moderator": "moderation", "automod_filtered": "moderation",
    "[removed]": "moderation", "anti_evil_ops": "platform", "community_ops": "platform", "reddit": "platform", "content_takedown": "platform",
    "copyright_takedown": "legal",
}  # fmt: skip
_STAND_INS = ("[removed]", "[deleted]", "[ Removed by Reddit ]", "[deleted by user]", "[removed by reddit]")


def finds(record: Json) -> bool:
    """Say whether this is a submission, wrapped in its kind or alone."""
    if isinstance(record.get("data"), dict) and "kind" in record:
        return bool(record["kind"] == _SUBMISSION)
    return "created_utc" in record and "subreddit" in record and "title" in record and "body" not in record


def knows(record: Json) -> bool:
    """Say whether this is any other answer of the API: an empty list, comments, communities, an error."""
    return (record.get("kind") in _KINDS and "data" in record) or ("body" in record and "link_id" in record)


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the submission and, aside, the one of which it is a crosspost; and who took it away, where it says."""
    data = record["data"] if isinstance(record.get("data"), dict) else record
    post_id = identity(first(data, "id") or str(data.get("name", "")).removeprefix("t3_"))
    removed = _removed(data)
    if removed is not None:
        yield Availability(
            id=post_id, platform=NAME, status="gone", cause=_REMOVED.get(removed), said=removed, checked_at=seen.observed_at
        )  # fmt: skip
    yield _post(data, post_id, seen)
    for original in dicts(data.get("crosspost_parent_list")):
        yield replace(_post(original, identity(original.get("id")), seen), aside=True)


def _post(data: Json, post_id: str, seen: Seen) -> Post:
    body = _shown(plain(data.get("selftext")))
    date = published(first(data, "created_utc", "created"), "created_utc", seen)
    is_video = data.get("is_video") is True or data.get("post_hint") in ("hosted:video", "rich:video")
    origin = text(data.get("crosspost_parent"))
    return Post(
        id=post_id,
        platform=NAME,
        url=f"https://www.reddit.com/comments/{post_id}/",
        kind="video" if is_video else "post",
        title=_shown(plain(data.get("title"))),
        text=body,
        author=_author(data),
        published_at=date.at,
        published_precision=date.precision,
        hashtags=hashtags_in(body),
        links=unique((_target(data), *links_in(body))),
        parents=(Parent(id=origin.removeprefix("t3_"), relation="repost"),) if origin else (),
        duration_s=seconds(at(data, "media", "reddit_video", "duration")),
        counts=_counts(data),
        observed_at=seen.observed_at,
    )


def _target(data: Json) -> str | None:
    """Return the address that a submission is about; that of one with a text only is its own."""
    found = text(first(data, "url_overridden_by_dest", "url"))
    if not found or data.get("is_self") is True or not found.startswith(("http://", "https://")):
        return None
    return None if str(data.get("permalink", "?")).split("?")[0] in found else found


def _author(data: Json) -> Author | None:
    name = data.get("author")
    if name in (None, "", *_STAND_INS):
        return None
    return account(first(data, "author_fullname") or name, name)


def _counts(data: Json) -> Counts:
    score = data.get("score") if data.get("hide_score") is not True else None
    return Counts(
        views=count(data.get("view_count"), "view_count"),
        likes=score if isinstance(score, int) and not isinstance(score, bool) and score > 0 else None,
        shares=count(data.get("num_crossposts"), "num_crossposts"),
        comments=count(data.get("num_comments"), "num_comments"),
    )


def _removed(data: Json) -> str | None:
    said: Any = data.get("removed_by_category")
    if isinstance(said, str) and said:
        return said
    stands = plain(data.get("selftext"))
    return stands if stands in ("[removed]", "[deleted]") else None


def _shown(value: str | None) -> str | None:
    return None if value in _STAND_INS else value
