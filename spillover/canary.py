"""Canaries: what must be found again. A search that finds nothing of it is broken, not empty.

A canary is learned: the newest posts that the same query brought last time. While the stretch that a run covers still
holds them, at least one must come again. After three runs in a row that miss them they are taken for gone, and learned
anew. Kept are keys and times only, of posts that may be about anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from msgspec import Struct, field
from msgspec.json import Decoder, encode

from spillover.contract import Window

_KEPT = 5
_GIVEN_UP = 3  # misses in a row
_ASKED_AGAIN = 3  # one alone may have been deleted
_REACH = timedelta(days=7)  # a platform that cuts time into slices is not asked for more of them

Seen = tuple[int, float]  # a post's key, and when it was published, epoch seconds


class Canary(Struct):
    """What a query must find again."""

    posts: list[Seen] = field(default_factory=list)
    misses: int = 0

    @classmethod
    def read(cls, saved: str | None) -> Canary:
        return _read(saved) if saved else cls()

    def written(self) -> str:
        """Return it as JSON, for the checkpoint."""
        return encode(self).decode()

    def is_missed(self, found: Iterable[Seen], window: Window) -> bool:
        """Say whether a run over this stretch should have found one of the posts, and found none."""
        expected = {key for key, at in self.posts if _inside(at, window)}
        return bool(expected) and expected.isdisjoint(key for key, _ in found)

    def since(self, now: datetime) -> datetime | None:
        """Return from when to search, so that there is something to find: a rare subject has nothing newer.

        It costs little: what lies after the newest posts that are known is new.
        """
        times = [datetime.fromtimestamp(at, UTC) for _, at in self.posts[:_ASKED_AGAIN]]
        return min((at for at in times if now - at < _REACH), default=None)

    def after(self, found: Iterable[Seen], *, missed: bool) -> Canary:
        """Return the canary for the next run."""
        if missed and self.misses + 1 < _GIVEN_UP:
            return Canary(self.posts, self.misses + 1)
        newest = sorted(set(found), key=lambda seen: seen[1], reverse=True)[:_KEPT]
        return Canary(newest if missed else newest or self.posts)

    @property
    def is_given_up(self) -> bool:
        """Say whether one more miss is taken for the posts' own end."""
        return self.misses + 1 >= _GIVEN_UP


_read = Decoder(Canary).decode


def _inside(at: float, window: Window) -> bool:
    moment = datetime.fromtimestamp(at, UTC)
    return (window.since is None or window.since <= moment) and (window.until is None or moment <= window.until)
