"""Records of one answer into a page: a single odd one is a reject, an answer of nothing but odd ones has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from spillover import Changed, Page, Post, Reject


def take(page: Page, records: Iterable[Any], read: Callable[[Any], Iterable[Post]]) -> None:
    """Add what each record says, each post once; raise Changed where none of them could be read."""
    posts, count = {(post.platform, post.id): post for post in page.posts}, 0
    for line, record in enumerate(records, 1):
        try:
            for post in read(record):
                known = posts.get((post.platform, post.id))
                if known is None or (known.aside and not post.aside):
                    posts[post.platform, post.id] = post
            count += 1
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError, OverflowError) as error:
            page.rejects.append(
                Reject(line=line, reason=f"{type(error).__name__}: {error}"[:200], raw=repr(record)[:500])
            )
    page.posts = [*posts.values()]
    if page.rejects and not count:
        raise Changed(f"no record could be read; the first: {page.rejects[0].reason}"[:300])
