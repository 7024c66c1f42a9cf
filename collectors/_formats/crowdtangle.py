"""CrowdTangle (closed in 2024): exports of Facebook and Instagram posts as CSV, and answers of its API.

Its documented columns; the column of "overperforming" says how it was computed in its own name. Likes are likes alone,
not all reactions. Counts are of the day of the export, which the file does not say. ``Post Views`` of a post without a
video is 0, which is not shown. The country of a page's administrators is about people and is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from collectors._formats.fields import (
    Item,
    Json,
    Seen,
    above_zero,
    account,
    at,
    count,
    dicts,
    first,
    hashtags_in,
    identity,
    published,
    seconds,
    text,
    unique,
)
from collectors._formats.headers import Columns
from spillover import Counts, Post, resolve

NAME = "crowdtangle"


def fits(names: Sequence[str]) -> bool:
    """Say whether these are the columns of an export."""
    columns = Columns(names)
    return columns.has("Post Created") and columns.has("Total Interactions") and columns.has("URL")


def reader(names: Sequence[str], seen: Seen) -> Callable[[Sequence[Any]], Post]:
    """Return what makes a post of a row."""
    columns = Columns(names)

    def post(values: Sequence[Any]) -> Post:
        row = columns.row(values)
        url = text(row("URL")) or ""
        platform, post_id = _place(url, text(row("Facebook Id", "CT Id")))
        body = text(row("Message")) or text(row("Description"))
        date = published(row("Post Created"), "Post Created", seen)
        names = (row("Page Name", "Group Name", "Account"), row("User Name"))
        return Post(
            id=post_id,
            platform=platform,
            url=url,
            kind=_kind(row("Type")),
            title=text(row("Title")) or text(row("Link Text")),
            text=body,
            author=account(row("Facebook Id"), *names, followers=row("Followers at Posting", "Likes at Posting")),
            published_at=date.at,
            published_precision=date.precision,
            hashtags=hashtags_in(body),
            links=unique(link for link in (row("Final Link"), row("Link")) if link and link != url),
            duration_s=seconds(row("Video Length")),
            counts=Counts(
                views=count(above_zero(row("Post Views", "Views")), "Post Views"),
                likes=count(row("Likes"), "Likes"),
                shares=count(row("Shares"), "Shares"),
                comments=count(row("Comments"), "Comments"),
            ),
        )

    return post


def finds(record: Json) -> bool:
    """Say whether this is a post of the API."""
    return "platformId" in record and "postUrl" in record and "statistics" in record


def knows(record: Json) -> bool:
    """Say whether this is an answer without posts."""
    return isinstance(at(record, "result", "posts"), list)


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the post of an answer."""
    url = text(record.get("postUrl")) or ""
    platform, post_id = _place(url, text(record.get("platformId")))
    shown, who = at(record, "statistics", "actual"), record.get("account")
    body = text(first(record, "message", "description"))
    date = published(record.get("date"), "date", seen)
    found = shown if isinstance(shown, dict) else {}
    yield Post(
        id=post_id,
        platform=platform,
        url=url,
        kind=_kind(record.get("type")),
        title=text(record.get("title")),
        text=body,
        author=account(
            at(who, "platformId") or at(who, "id"), at(who, "name"), at(who, "handle"),
            followers=first(record, "subscriberCount") or at(who, "subscriberCount"),
        ),
        published_at=date.at,
        published_precision=date.precision,
        lang=text(record.get("languageCode")),
        hashtags=hashtags_in(body),
        links=unique((*(part.get("expanded") for part in dicts(record.get("expandedLinks"))), record.get("link"))),
        duration_s=seconds(first(record, "videoLengthMS")) and (seconds(record["videoLengthMS"]) or 0) / 1000,
        counts=Counts(
            views=count(above_zero(first(found, "viewCount", "postViewCount")), "viewCount"),
            likes=count(first(found, "likeCount", "favoriteCount"), "likeCount"),
            shares=count(found.get("shareCount"), "shareCount"),
            comments=count(found.get("commentCount"), "commentCount"),
        ),
        observed_at=seen.observed_at,
    )  # fmt: skip


def _kind(said: Any) -> str:
    return "video" if "video" in str(said).casefold() or str(said).casefold() in ("igtv", "reel") else "post"


def _place(url: str, own_id: str | None) -> tuple[str, str]:
    """Return the platform and the id: that of the address, else what the row gives."""
    address = resolve(url)
    if address.private:
        raise ValueError("URL: private; only public posts are kept")
    if address.platform and address.post_id:
        return address.platform, address.post_id
    platform = address.platform or next((name for name in ("instagram", "reddit") if name in url), "facebook")
    last = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    return platform, identity(last or own_id, "URL")
