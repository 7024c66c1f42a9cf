"""What collectors would have seen, as the lines that the import reads: runs, posts, readings, checks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from spillover.world import words
from spillover.world.counters import shown
from spillover.world.happening import Happening, seen_at
from spillover.world.looks import Run
from spillover.world.losses import CAUSES
from spillover.world.plan import Floats, Whole, iso
from spillover.world.rereads import Turn

_BASIS = {"weibo": "ip_label", "douyin": "ip_label"}
_SAID = {
    "author": "deleted by its author",
    "account": "this account does not exist",
    "platform": "this content is not available",
}
_LIKES, _SHARES = 0.04, 0.005  # of the views
_TURN_S = 40 / 3600
_DARK = {"refused": "HTTP 429: too many requests", "broken": "Changed: the answer has an unknown shape"}

Line = dict[str, Any]


def native_id(number: int, post: int) -> str:
    """Return the id of a post of the platform of this number; controls come after the campaign's own."""
    return f"w{number}x{post:08d}"


def lines(number: int, happening: Happening) -> Iterator[bytes]:
    """Yield every line of one platform, run after run."""
    scribe, encoder = _Scribe(number, happening), msgspec.json.Encoder()
    steps: list[Run | Turn] = sorted([*happening.looks.runs, *happening.turns], key=lambda one: one.hour)
    for count, step in enumerate(steps, start=1):
        found = scribe.look(step, count) if isinstance(step, Run) else scribe.turn(step, count)
        yield from (encoder.encode(line) for line in found)


class _Scribe:
    """Writes down what is seen of one platform."""

    def __init__(self, number: int, happening: Happening) -> None:
        self.number, self.happening = number, happening
        self.name, self.own = happening.platform.name, len(happening.posts)
        self.regions = list(happening.platform.regions)

    def look(self, run: Run, count: int) -> Iterator[Line]:
        """Yield a run that looked for posts; each new one stands among others that compare with it, but in a file."""
        told = {"query": run.query, "outcome": run.outcome, "reason": run.reason, "claimed_total": run.claimed}
        window = {"from": _iso(run.since), "to": _iso(run.until)}
        ended = {"ended_at": iso(run.until)} if run.mode == "stream" and run.until else {}
        yield self._run(count, run.collector, run.mode, run.hour) | ended | told | window
        hours = seen_at(run, self.happening.posts)
        for post, hour in zip(run.found.tolist(), hours.tolist(), strict=True):
            yield self._post(post)
            yield self._count(np.array([post]), hour)[0]
        new = run.found[hours == self.happening.asked[run.found]] if run.mode != "load" else run.found[:0]
        for control in (self.own + np.flatnonzero(np.isin(self.happening.of, new))).tolist():
            yield self._control(control)
            at = iso(self.happening.watched.found[control])
            yield self._named("observation", control) | {"observed_at": at, "views": 100 + control % 900}

    def turn(self, turn: Turn, count: int) -> Iterator[Line]:
        """Yield a run that read posts again: the campaign's own with their counts, what is not up, and the controls."""
        told = {"outcome": turn.outcome, "reason": _DARK.get(turn.outcome), "query": None}
        yield self._run(count, self.name, "reread", turn.hour) | told
        own = turn.posts[turn.up & (turn.posts < self.own)]
        yield from self._count(own, turn.hour)
        for post, up in zip(turn.posts.tolist(), turn.up.tolist(), strict=True):
            if post >= self.own or not up or self._is_hidden(post, turn.hour):
                yield self._check(post, turn, up=up)

    def _run(self, count: int, collector: str, mode: str, hour: float) -> Line:
        return {
            "type": "run", "id": f"r{self.number}{count:06d}", "collector": collector, "mode": mode,
            "started_at": iso(hour), "ended_at": iso(hour + _TURN_S),
        }  # fmt: skip

    def _named(self, kind: str, post: int) -> Line:
        return {"type": kind, "platform": self.name, "id": native_id(self.number, post)}

    def _post(self, post: int) -> Line:
        h, p = self.happening, self.happening.posts
        lang, exact = words.LANGUAGES[p.lang[post]], bool(p.exact[post])
        region = self.regions[p.region[post]] if p.declared[post] else None
        said = words.talk(lang, post * 7 + self.number)
        link = [f"https://news.example/{self.name}/{p.link[post]}"] if p.link[post] >= 0 else []
        return self._named("post", post) | {
            "title": words.TITLES[lang] if exact else None, "text": said if exact else f"{words.PHRASES[lang]} {said}",
            "author": f"a{self.number}-{p.account[post]}", "followers": int(h.followers[post]), "published_at": iso(p.at[post]),
            "lang": lang, "region": region, "region_basis": _BASIS.get(self.name, "declared") if region else None, "kind": "post",
            "links": link, "parents": self._parents(post),
        }  # fmt: skip

    def _parents(self, post: int) -> list[Line]:
        """Return what a post states: the post before it, or the first of all where its platform names no other."""
        h = self.happening
        if h.posts.parent[post] < 0:
            return []
        above = h.posts.parent[post] if h.platform.chain else h.posts.root[post]
        return [{"id": native_id(self.number, int(above)), "relation": h.platform.relation}]

    def _control(self, control: int) -> Line:
        """Return a post about something else, of the same form, age and language."""
        h = self.happening
        lang = words.LANGUAGES[h.posts.lang[h.of[control - self.own]]]
        return self._named("post", control) | {
            "text": words.talk(lang, control), "author": f"c{self.number}-{control}", "followers": int(h.followers[control]),
            "published_at": iso(h.watched.at[control]), "lang": lang, "kind": "post",
        }  # fmt: skip

    def _count(self, posts: Whole, hour: float) -> list[Line]:
        h = self.happening
        age: Floats = hour - h.posts.at[posts]
        value, low, high = (part.tolist() for part in shown(h.platform, h.counters.counted(posts, age)))
        true = h.counters.views(posts, age)
        likes, shares = ((true * part).astype(np.int64).tolist() for part in (_LIKES, _SHARES))
        at = {"observed_at": iso(hour)}
        return [
            self._named("observation", post)
            | at
            | {"views": value[i], "views_low": low[i], "views_high": high[i], "likes": likes[i], "shares": shares[i]}
            for i, post in enumerate(posts.tolist())
        ]

    def _is_hidden(self, post: int, hour: float) -> bool:
        return bool(hour - self.happening.posts.at[post] >= self.happening.hidden[post])

    def _check(self, post: int, turn: Turn, *, up: bool) -> Line:
        line = self._named("availability", post) | {"checked_at": iso(turn.hour), "basis": "stated"}
        if up:
            hidden = post < self.own and self._is_hidden(post, turn.hour)
            return line | ({"status": "withheld", "cause": "geo", "blocked_in": ["RU"]} if hidden else {"status": "up"})
        if turn.outcome == "broken" or not self.happening.platform.states:
            return line | {"status": "unknown", "cause": "missing", "basis": "absent"}
        cause = CAUSES[int(self.happening.cause[post])]
        return line | {"status": "gone", "cause": cause, "said": _SAID[cause]}


def _iso(hour: float | None) -> str | None:
    return None if hour is None else iso(hour)
