"""VK: posts of walls and videos, as its API gives them.

A post of a wall and a video can have the same owner and the same number, so a video's id is ``video-1_2``, a post's
``-1_2``. A community is named by a negative number, a person by a positive one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from collectors._formats.fields import (
    Json,
    Seen,
    account,
    at,
    count,
    dicts,
    first,
    hashtags_in,
    links_in,
    published,
    seconds,
    text,
    unique,
)
from spillover import Author, Availability, Counts, Parent, Post

# What VK says in the place of a post or video. The first that is found holds; other words stay unknown.
_WORDS: tuple[tuple[str, str, str | None], ...] = (
    (r"not found|не найден", "unknown", "missing"),
    (r"правообладател|авторск\w+ прав|copyright", "gone", "legal"),
    (r"роскомнадзор|решени\w+ суда|прокуратур|законодательств|\bcourt\b", "withheld", "legal"),
    (r"\bрегион|\bстран[еы]\b|\bтерритори|\bregion\b|\bcountry\b", "withheld", "geo"),
    (r"18 лет|возраст|авториз|\bage\b|\blog in\b", "unknown", "age_or_login"),
    (r"модератор|нарушени\w+ правил|\bviolat", "gone", "moderation"),
    (r"заблокирован|deleted or banned|\bbanned\b", "gone", "account"),
    (r"доступ|закрыт|приватн|\baccess\b|\bprivate\b", "private", "account"),
    (r"удал[её]н|\bdeleted\b", "gone", "author"),
)
_BRACKETS = re.compile(r"\[[^\]]*\]|@\w+")  # [id1|Name], [club1|Name]


def said(post_id: str, words: str, otherwise: tuple[str, str | None] = ("unknown", None)) -> Availability:
    """Return what VK's words say of a post; ``otherwise`` where they say nothing that we know."""
    found = ((state, cause) for pattern, state, cause in _WORDS if re.search(pattern, words, re.IGNORECASE))
    status, cause = next(found, otherwise)
    basis = "absent" if cause == "missing" else "stated"
    kept = _BRACKETS.sub("", words).strip() or None
    return Availability(id=post_id, status=status, cause=cause, basis=basis, said=kept)  # type: ignore[arg-type]


def authors(told: Json) -> dict[int, Author]:
    """Return the accounts that came along with an answer, by owner."""
    found = {}
    for person in dicts(told.get("profiles")):
        whole = " ".join(filter(None, (person.get("first_name"), person.get("last_name"))))
        found[person["id"]] = _author(person["id"], person.get("followers_count"), whole, person.get("screen_name"))
    for group in dicts(told.get("groups")):
        found[-group["id"]] = _author(
            -group["id"], group.get("members_count"), group.get("name"), group.get("screen_name")
        )
    return found


def post_id(item: Json, kind: str = "") -> str:
    """Return the id of a post, or with ``kind`` "video" that of a video."""
    owner, number = first(item, "owner_id", "to_id"), item["id"]
    if type(owner) is not int or type(number) is not int:
        raise ValueError(f"owner_id, id: {owner!r:.20}, {number!r:.20} are no whole numbers")
    return f"{kind}{owner}_{number}"


def posts(item: Json, known: dict[int, Author], seen: Seen) -> Iterator[Post]:
    """Yield a post of a wall, and aside the posts of which it is a repost, the nearest first."""
    chain = [item, *dicts(item.get("copy_history"))]
    for place, one in enumerate(chain):
        yield _post(one, chain[place + 1 :], known, seen, aside=place > 0)


def _post(item: Json, shared: list[Json], known: dict[int, Author], seen: Seen, *, aside: bool) -> Post:
    found, owner, words = post_id(item), first(item, "owner_id", "to_id"), text(item.get("text"))
    replied = item.get("post_id") if item.get("post_type") == "reply" else None
    parents = [Parent(id=post_id(one), relation="repost") for one in shared[:1]]
    parents += [Parent(id=f"{owner}_{replied}", relation="reply")] if isinstance(replied, int) else []
    writer = item.get("from_id", owner)
    date = published(item["date"], "date", seen)
    return Post(
        id=found,
        url=address(found),
        kind="repost" if shared else "reply" if replied else "post",
        text=words,
        author=known.get(writer) or account(writer),
        published_at=date.at,
        hashtags=hashtags_in(words),
        links=unique((*_links(item), *(link for one in shared for link in (address(post_id(one)), *_links(one))))),
        parents=tuple(parents),
        duration_s=next((seconds(part.get("duration")) for part in _videos(item)), None),
        counts=counts(item),
        aside=aside,
    )


def video(item: Json, known: dict[int, Author], seen: Seen) -> Post:
    """Return a video."""
    found, words = post_id(item, "video"), text(item.get("description"))
    outside = item.get("player") if item.get("platform") else None  # shown here, kept elsewhere
    date = published(first(item, "date", "adding_date"), "date", seen)
    return Post(
        id=found,
        url=address(found),
        kind="video",
        title=text(item["title"]),
        text=words,
        author=known.get(item["owner_id"]) or account(item["owner_id"]),
        published_at=date.at,
        hashtags=hashtags_in(words),
        links=unique((*links_in(words), outside)),
        duration_s=seconds(item.get("duration")),
        counts=counts(item),
    )


def counts(item: Json) -> Counts:
    """Return the counts of a post (``{"count": 1}``) or of a video (1); what is not shown stays unknown."""
    views, likes, shares, comments = (
        count(value.get("count") if isinstance(value := item.get(name), dict) else value, name)
        for name in ("views", "likes", "reposts", "comments")
    )
    return Counts(views=views, likes=likes, shares=shares, comments=comments)


def standing(item: Json, kind: str = "") -> Availability:
    """Return how a post or video stands that VK gave us."""
    found = post_id(item, kind)
    if item.get("is_deleted"):
        words = " ".join(filter(None, (text(item.get("deleted_reason")), text(item.get("deleted_details")))))
        return said(found, words or "deleted", ("gone", None))
    if item.get("content_restricted"):
        return said(found, text(item.get("content_restricted_message")) or "content_restricted")
    if item.get("is_private"):
        return Availability(id=found, status="private", cause="author")
    return Availability(id=found, status="up")


def address(found: str) -> str:
    """Return the public address of an id."""
    return f"https://vkvideo.ru/{found}" if found.startswith("video") else f"https://vk.com/wall{found}"


def _author(owner: int, followers: Any, *names: Any) -> Author:
    return Author(id=str(owner), names=unique(names), followers=followers if isinstance(followers, int) else None)


def _videos(item: Json) -> Iterable[Json]:
    return dicts([first(part, "video", "clip") for part in dicts(item.get("attachments"))])


def _links(item: Json) -> tuple[str, ...]:
    """Return every address that a post gives: in its text, below it, and where it was copied from."""
    attached = [at(part, "link", "url") for part in dicts(item.get("attachments"))]
    videos = [address(post_id(part, "video")) for part in _videos(item)]
    return unique((*links_in(text(item.get("text"))), *attached, *videos, at(item, "copyright", "link")))
