"""VK's API, answers that came just now: errors, which come with 200, and the page that an answer makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors._formats import asking, vk
from collectors._formats.fields import Json, Seen, at
from spillover import (
    Answer,
    Author,
    Availability,
    Broken,
    BudgetSpent,
    Changed,
    CollectError,
    Page,
    Post,
    Query,
    RateLimited,
    Reading,
    Refused,
    Reject,
    Window,
    known_shape,
    read_json,
)

_UNREADABLE = (KeyError, TypeError, ValueError, AttributeError)


class Closed(Refused):
    """A post, or the wall on which it stands, is not shown; ``words`` are VK's."""

    words: str = ""


class NotForThisKey(Refused):
    """The method wants another kind of key."""


_KINDS: dict[type[CollectError], tuple[set[int], timedelta | None]] = {
    RateLimited: ({6}, timedelta(seconds=30)),  # too many requests a second
    BudgetSpent: ({29}, timedelta(days=1)),  # too many of this method; VK does not say until when
    Closed: ({15, 18, 19, 30, 37, 203, 204, 210}, None),
    NotForThisKey: ({27, 28, 1051}, None),
    Changed: ({3, 8, 23, 34, 35, 100}, None),  # VK does not take any more what we ask
    Broken: ({1, 10, 32, 36, 43}, None),
}
_FLOOD, _ABOUT_US = 9, {1133, 1134}  # of "access denied" these say that the method or kind of application is meant


def told(answer: Answer) -> Json:
    """Return what VK answered; raise what an error stands for. A message says its number: VK's words can name accounts."""
    found = read_json(answer)
    if isinstance(found, dict) and isinstance(error := found.get("error"), dict):
        raise _refusal(error, answer)
    response = at(found, "response")
    if not isinstance(response, dict) or not isinstance(response.get("items"), list):
        raise Changed("VK answered with neither items nor an error")
    return response


def _refusal(error: Json, answer: Answer) -> CollectError:
    code, message = error.get("error_code"), f"VK answered error {error.get('error_code')!r:.20}"
    if code == _FLOOD:
        return RateLimited(f"{message}: flood control", retry_at=answer.fetched_at + timedelta(hours=1))
    if code == 14:
        return Refused(f"{message}: it wants a captcha solved")
    if error.get("error_subcode") in _ABOUT_US:
        return Refused(message)
    for kind, (codes, wait) in _KINDS.items():
        if code in codes:
            made = kind(message, retry_at=answer.fetched_at + wait if wait else None)
            if isinstance(made, Closed):
                made.words = str(error.get("error_msg", ""))
            return made
    return Refused(message)


def words(query: Query) -> str:
    """Return a query: words and addresses in quotes, which VK takes as they stand; empty for nothing."""
    if query.kind == "hashtag":
        return asking.tag(query.text)
    found = asking.telling(query.text) if query.kind == "link" else asking.plain(query.text)
    return f'"{found}"' if found else ""


def total(found: Json) -> int:
    """Return how many results VK claims; ``count`` is what it would show of them."""
    claimed = found.get("total_count", found.get("count"))
    if type(claimed) is not int:
        raise Changed("VK answered without a count")
    return claimed


def posts(found: Json, answer: Answer) -> Page:
    """Return the posts of an answer and, aside, what they repost."""
    return _page(found, answer, vk.posts)


def videos(found: Json, answer: Answer) -> Page:
    """Return the videos of an answer."""
    return _page(found, answer, lambda item, known, seen: iter([vk.video(item, known, seen)]))


def times(page: Page) -> list[int]:
    """Return when the posts and videos that were found were published, in Unix time."""
    return [int(post.published_at.timestamp()) for post in page.posts if post.published_at and not post.aside]


def stretch(since: int, until: int) -> Window:
    """Return a stretch of Unix time."""
    return Window(since=datetime.fromtimestamp(min(since, until), UTC), until=datetime.fromtimestamp(until, UTC))


def readings(found: Json, ids: list[str], answer: Answer) -> Page:
    """Return what an answer says of each post or video that was asked for."""
    kind, page = "video" if ids[0].startswith("video") else "", Page()
    with known_shape("a post"):
        page.availability = [vk.standing(item, kind) for item in found["items"]]
        page.readings = [
            Reading(id=vk.post_id(item, kind), counts=vk.counts(item))
            for item in found["items"]
            if not item.get("is_deleted")
        ]
    spoken = {check.id for check in page.availability}
    page.availability += [
        Availability(id=id, status="unknown", cause="missing", basis="absent") for id in ids if id not in spoken
    ]
    page.window = Window(since=answer.fetched_at, until=answer.fetched_at)
    return page


def closed(post_id: str, error: Closed) -> Page:
    """Return why a post is not shown; words that we do not know say no more than that it is closed to us."""
    return Page(availability=[vk.said(post_id, error.words, ("private", "account"))])


def _page(found: Json, answer: Answer, read: Callable[[Json, dict[int, Author], Seen], Iterator[Post]]) -> Page:
    with known_shape("an account"):
        known = vk.authors(found)
    page, seen = Page(), Seen(answer.fetched_at, answer.fetched_at)
    for number, item in enumerate(found["items"], 1):
        try:
            page.posts += read(item, known, seen)
        except _UNREADABLE as error:
            page.rejects.append(
                Reject(line=number, reason=f"{type(error).__name__}: {error}"[:200], raw=str(item)[:500])
            )
    if page.rejects and not page.posts:
        raise Changed(f"VK: items of another shape: {page.rejects[0].reason}")
    once: dict[str, Any] = {post.id: post for post in sorted(page.posts, key=lambda post: post.aside, reverse=True)}
    page.posts = sorted(once.values(), key=lambda post: post.aside)  # once, and rather as a find than aside
    return page
