"""Controls: posts that are not about a campaign, kept so that removal can be compared with what happens to any post.

For each matched post about three posts of the same platform and form that the same run found, as near as can be had in
age, language and size of audience. Of a control we keep what a comparison needs: no text, no title, no author.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import log2

from msgspec.structs import replace

from spillover.contract import Post

EACH = 3  # controls for a matched post
_POOL = 300  # posts of a run that wait to become controls
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    """A matched post and one that it is compared with."""

    matched: Post
    control: Post
    agrees: tuple[str, ...]


@dataclass
class Controls:
    """Finds controls within one run. ``served`` are keys of posts that have theirs already.

    ``keyed`` runs are small enough to give every post that passes its key, which a canary needs.
    """

    served: set[int] = field(default_factory=set)
    keyed: bool = True
    each: int = EACH  # 0: nothing that is found here can be read again
    _pool: deque[Post] = field(default_factory=lambda: deque(maxlen=_POOL))
    _wanting: list[tuple[Post, int]] = field(default_factory=list)  # a matched post, and how many it lacks

    def offer(self, post: Post) -> None:
        """Take note of a post that is not about the campaign."""
        self._pool.append(post)

    def want(self, post: Post, key: int) -> None:
        """Take note of a matched post, which needs controls unless it has them."""
        if self.each and key not in self.served:
            self.served.add(key)
            self._wanting.append((post, self.each))

    def pairs(self, seen_at: datetime) -> Iterator[Pair]:
        """Yield what can be paired by now; what still lacks controls waits for the next page."""
        still: list[tuple[Post, int]] = []
        for matched, lacks in self._wanting:
            chosen = self._nearest(matched, lacks, seen_at)
            for control in chosen:
                self._pool.remove(control)  # each stands for one post only, or the comparison counts it twice
                yield Pair(matched, _bare(control), alike(matched, control, seen_at))
            if len(chosen) < lacks:
                still.append((matched, lacks - len(chosen)))
        self._wanting = still

    def _nearest(self, matched: Post, most: int, seen_at: datetime) -> list[Post]:
        fit = [post for post in self._pool if (post.platform, post.kind) == (matched.platform, matched.kind)]
        return sorted(fit, key=lambda post: -len(alike(matched, post, seen_at)))[:most]


def alike(one: Post, other: Post, seen_at: datetime) -> tuple[str, ...]:
    """Return in what two posts are alike: age, lang, size. What is not known of either is not alike."""
    found = {"age": _same_age(one, other, seen_at), "lang": _same_lang(one, other), "size": _same_size(one, other)}
    return tuple(name for name, same in found.items() if same)


def magnitude(followers: int | None) -> int | None:
    """Return the order of magnitude of an audience, in powers of two; None where it is not shown."""
    return None if followers is None or followers < 0 else min(round(log2(followers + 1)), 127)


def _bare(post: Post) -> Post:
    return replace(post, title=None, text=None, author=None, hashtags=(), links=(), parents=(), listing=None)


def _same_age(one: Post, other: Post, seen_at: datetime) -> bool:
    if one.published_at is None or other.published_at is None:
        return False
    ages = sorted(max(seen_at - moment, timedelta(minutes=1)) for moment in (one.published_at, other.published_at))
    return ages[1] <= _DAY or ages[1] <= 2 * ages[0]


def _same_lang(one: Post, other: Post) -> bool:
    return one.lang is not None and other.lang is not None and one.lang.split("-")[0] == other.lang.split("-")[0]


def _same_size(one: Post, other: Post) -> bool:
    sizes = [magnitude(post.author.followers) if post.author else None for post in (one, other)]
    return sizes[0] is not None and sizes[1] is not None and abs(sizes[0] - sizes[1]) <= 1
