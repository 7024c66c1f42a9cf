"""Results of a search engine: an article or a page known by its address, a video known as its platform knows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from spillover import Changed, Page, Post, Reject, Window, resolve

_BLOGS = ("blog.naver.com", ".tistory.com", ".egloos.com", "blog.daum.net", "post.naver.com")  # named after accounts


class Place(NamedTuple):
    """Where a result is. ``url`` is None where it names an account that nobody would take out of it."""

    platform: str  # empty: no platform that we know
    id: str
    url: str | None


def place(url: str) -> Place:
    """Return how a result is known; raise ValueError for what is no public address.

    The address without its fragment is the id, as in other news sources, so that one article has one id; where the
    address names an account, its digest is.
    """
    address, parts = resolve(url.strip()), urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or address.private:
        raise ValueError("link: no public address")
    if address.platform and address.id:
        return Place(address.platform, address.id, url.strip())
    whole = urlunsplit(parts._replace(netloc=parts.netloc.lower(), fragment=""))
    host = f".{parts.hostname.removeprefix('m.')}"
    is_blog = any(host.endswith(blog if blog[0] == "." else f".{blog}") for blog in _BLOGS)
    if is_blog or address.carries_account:
        return Place("", blake2b(whole.encode(), digest_size=16).hexdigest(), None)
    return Place("", whole, whole)


def listed(value: Any) -> list[Any]:
    """Return a list as it came; raise TypeError for what is none, for an object without members is no list without results."""
    if not isinstance(value, list):
        raise TypeError(f"a list, not {type(value).__name__}")
    return value


def kept_back(page: Page, came: int, start: int = 0) -> None:
    """Say where an engine counts results and shows none of them: that is not nothing found."""
    if not came and not start and page.claimed_total:
        page.cut_short = page.cut_short or f"{page.claimed_total} results are counted, and none is shown"


def read_each(items: Sequence[Any], read: Callable[[Any], Post], first: int = 1) -> tuple[list[Post], list[Reject]]:
    """Return the posts, each once, and what could not be read; raise Changed where nothing could."""
    posts: dict[tuple[str, str], Post] = {}
    rejects: list[Reject] = []
    for number, item in enumerate(items, first):
        try:
            post = read(item)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            rejects.append(Reject(line=number, reason=f"result {number}: {type(error).__name__} {error}"))
        else:
            posts[post.platform, post.id] = post
    if rejects and not posts:
        raise Changed(f"none of the results could be read; {rejects[0].reason}")
    return list(posts.values()), rejects


def reached(posts: Sequence[Post], window: Window, until: datetime, *, ended: bool, ceiling: str | None) -> Page:
    """Return the page of results that come newest first: how far back they reach, and whether that is far enough.

    ``ceiling`` says why no further page can be asked for, where the engine gives no more than it gave.
    """
    oldest = min((post.published_at for post in posts if post.published_at), default=until)
    enough = ended or (window.since is not None and oldest < window.since)
    page = Page(posts=list(posts), done=enough or ceiling is not None, cut_short=None if enough else ceiling)
    page.window = Window(since=window.since if enough else min(oldest, until), until=until)
    return page
