"""What a Nostr relay says to one question (NIP-01, NIP-67), and in the document about itself (NIP-11)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from collectors._formats import nostr
from collectors._formats.fields import Json, at
from collectors._formats.taking import take
from spillover import (
    Broken,
    BudgetSpent,
    Changed,
    Client,
    CollectError,
    Page,
    RateLimited,
    Refused,
    Window,
    known_shape,
)

_TOO_FAST = re.compile(r"rate.?limit|too (?:many|fast)|slow down", re.IGNORECASE)
_TROUBLE = re.compile(
    r"error|bad |invalid|unsupported|unknown|not allowed|denied|restricted|auth|blocked|could not", re.IGNORECASE
)


_MOST_FRAMES = 5_000  # ten times what a question of ours asks for


@dataclass
class Heard:
    """The events that a relay holds of what was asked for."""

    events: list[Json] = field(default_factory=list)
    hints: Sequence[str] = ()  # "finish": these were all; "more": there are more

    def goes_on(self, least: int) -> bool:
        """Say whether the relay may hold more: it said so, or gave so many that it may have stopped."""
        return bool(self.events) and "finish" not in self.hints and ("more" in self.hints or len(self.events) >= least)


def ask(client: Client, base: str, *filters: Json) -> Heard:
    """Put one question to a relay: what matches any of the filters."""
    question = json.dumps(["REQ", "spillover", *filters]).encode()
    with closing(client.frames(base, send=[question])) as frames:  # type: ignore[type-var]  # it is a generator
        return heard(frames)


def heard(frames: Iterator[bytes]) -> Heard:
    """Listen until the relay has said all that it holds; raise what a refusal stands for."""
    found = Heard()
    for frame in _bounded(frames):
        with known_shape("a message"):
            match json.loads(frame):
                case ["EVENT", _, dict() as event]:
                    found.events.append(event)
                case ["EOSE", _, *hints]:
                    found.hints = [hint for listed in hints[:1] for hint in listed]
                    return found
                case ["CLOSED", _, *said]:
                    raise _refusal(" ".join(map(str, said)))
                case ["NOTICE", str(said)]:  # for people; after one about trouble nothing more need come
                    if _TOO_FAST.search(said) or _TROUBLE.search(said):
                        raise _refusal(said)
                case ["AUTH" | "OK", *_]:  # a challenge to log in is no refusal yet: CLOSED is
                    pass
                case _:
                    raise Changed("a message that no relay is known to send")
    raise BudgetSpent("stopped before the relay had said all")


def _bounded(frames: Iterator[bytes]) -> Iterator[bytes]:
    for number, frame in enumerate(frames):
        if number >= _MOST_FRAMES:
            raise Broken(f"the relay does not come to an end: {number} messages")
        yield frame


def between(since: datetime, until: datetime, most: int) -> Json:
    """Return the part of a filter that asks for posts of a time, ends included."""
    return {"kinds": [*nostr.KINDS], "since": int(since.timestamp()), "until": int(until.timestamp()), "limit": most}


def translated(told: Heard, since: datetime, until: datetime) -> tuple[Page, datetime]:
    """Return the posts of an answer and the time of the oldest; raise Changed for times that were not asked for."""
    page = Page(window=Window(since=since, until=until))
    take(page, told.events, nostr.posts)
    times = [post.published_at for post in page.posts if post.published_at and not post.aside]
    if any(not since <= moment <= until for moment in times):
        raise Changed("the relay gave events of other times than it was asked for")
    return page, min(times, default=since)


def searches(told: Any, most: int) -> int:
    """Return how many events a relay gives of words at once; 0 where it does not say that it searches (NIP-50)."""
    with known_shape("a relay's document"):
        nips, limit = told.get("supported_nips") or [], at(told, "limitation", "max_limit")
        return 0 if 50 not in nips else min(most, limit) if type(limit) is int and limit > 0 else most


def _refusal(said: str) -> CollectError:
    message = f"the relay said: {said}"[:200]
    if _TOO_FAST.search(said):
        return RateLimited(message)
    return Broken(message) if said.lower().startswith("error") else Refused(message)
