"""Results of a search engine: read each once, and how far back those reach that come newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from spillover import Changed, Page, Post, Reject, Window


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
