"""Everything that happens on one platform of a world, and everything that is seen of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spillover.controls import EACH
from spillover.world.counters import Counters, counters
from spillover.world.looks import AT_ONCE_H, Looks, Run, looks
from spillover.world.losses import ages_at_loss, causes, hidden_from, strictness
from spillover.world.plan import Floats, Plan, Platform, Whole
from spillover.world.rereads import Turn, Watched, rereads
from spillover.world.spread import Posts, spread


@dataclass(frozen=True)
class Happening:
    """One platform: what was, and what was seen. Controls come after posts in ``watched``, three to each post that a run found."""

    platform: Platform
    posts: Posts
    counters: Counters
    times: Floats  # of the usual hazard, for each post and control
    cause: Floats
    hidden: Floats  # age from which a post is withheld
    followers: Whole
    looks: Looks
    asked: Floats  # when a run first found each post that can find controls beside it: no file does
    of: Whole  # for each control the post that it is compared with
    watched: Watched
    turns: list[Turn]

    def readings(self) -> tuple[Whole, Floats]:
        """Return every reading of a count of the campaign's posts: which post, and the hour."""
        posts, hours = [], []
        for run in self.looks.runs:
            posts.append(run.found)
            hours.append(seen_at(run, self.posts))
        for turn in self.turns:
            own = turn.posts[turn.up & (turn.posts < len(self.posts))]
            posts.append(own)
            hours.append(np.full(len(own), turn.hour))
        return np.concatenate(posts), np.concatenate(hours)


def seen_at(run: Run, posts: Posts) -> Floats:
    """Return when a run saw each post that it found: a stream at once, others when they asked."""
    return posts.at[run.found] + AT_ONCE_H if run.mode == "stream" else np.full(len(run.found), run.hour)


def happen(plan: Plan, number: int) -> Happening:
    """Return what happens on one platform: the same seed gives the same."""
    platform, chance = plan.platforms[number], np.random.default_rng([plan.seed, 100 + number])
    posts = spread(plan, platform, chance)
    counts = counters(platform, posts.at, chance)
    times = strictness(plan, platform, posts.exact)
    gone = posts.at + ages_at_loss(platform, times, np.zeros(len(posts)), chance)
    seen = looks(plan, number, posts, gone, chance)
    asked = seen.first if platform.second == "stream" else seen.searched
    of = np.repeat(np.flatnonzero(np.isfinite(asked)), EACH)
    found = asked[of]
    at = found - np.maximum((found - posts.at[of]) * chance.uniform(0.5, 1.5, len(of)), 1 / 60)
    at = np.round(at * 3600) / 3600
    usual = np.ones(len(of))
    lost = at + ages_at_loss(platform, usual, found - at, chance)
    every, when = np.concatenate([times, usual]), np.concatenate([posts.at, at])
    watched = Watched(
        np.concatenate([seen.first, found]), np.round(np.concatenate([gone, lost]) * 3600) / 3600, when, len(posts)
    )
    return Happening(
        platform, posts, counts, every, causes(every, chance), hidden_from(platform, len(posts), chance),
        (10 ** chance.normal(2.5, 0.8, len(when))).astype(np.int64), seen, asked, of, watched,
        list(rereads(platform, watched, counts, seen.outages, chance)),
    )  # fmt: skip
