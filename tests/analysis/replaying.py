"""Three days of a made-up campaign, day by day, by the path of everything that is collected, with answers kept each night."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

import analysis.coverage
import spillover.campaigns
import spillover.store
from analysis.questions import answer
from spillover import Author, Availability, Counts, Page, Parent, Post, Reading, Window, segments
from spillover.collect import Run, Task
from spillover.config import Workspace
from spillover.contract import Listing, Measure
from spillover.controls import Controls
from spillover.ingest import identify
from spillover.owner import Owner
from tests.world import SimulatedClock

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
CAMPAIGN = """name = "bridge"
title = "The video of the bridge"
live = false
origin_region = "{origin}"
phrases.en = ["bridge story", "{phrase}"]

[[videos]]
url = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
title.en = "The bridge that was never built"
"""
ASKED = (
    ("reach", "platform,band"), ("reach", "day"), ("crossings", "region"),
    ("removals", "platform"), ("removals", "country"), ("cascades", "platform"), ("coordination", "platform"), ("coverage", "platform"),
    ("coverage", "missed"),
)  # fmt: skip
Rows = list[dict[str, Any]]


class Replay:
    """A workspace whose clock moves from day to day; ``kept`` holds what was answered at the end of each."""

    def __init__(self, workspace: Workspace, clock: SimulatedClock) -> None:
        self.workspace, self.clock = workspace, clock
        self.number = 0
        self.kept: dict[datetime, dict[tuple[str, str], Rows]] = {}
        self.write("US", "crooked tower rising")
        self.owner = Owner(workspace)

    def write(self, origin: str, phrase: str) -> None:
        """Write the campaign's file as an analyst would."""
        text = CAMPAIGN.format(origin=origin, phrase=phrase)
        self.workspace.campaign_file("bridge").write_text(text, encoding="utf-8")

    def ask(self, as_of: datetime | None) -> dict[tuple[str, str], Rows]:
        with self.owner.cursor() as cursor:
            moment = None if as_of is None else as_of.isoformat()
            return {
                (question, by): answer(cursor, question, "bridge", by=by.split(","), as_of=moment)
                for question, by in ASKED
            }

    def run(
        self, page: Page, mode: Any = "search", collector: str = "youtube", seen_at: datetime | None = None, **more: Any
    ) -> None:
        """Take a page in as one run, now."""
        subject = replace(self.owner.campaigns.subject("bridge"), keep_all=mode == "load")
        Run(Task(collector, mode, subject, "phrase:bridge", **more), self.workspace.spool, clock=self.clock).follow(
            iter([page]), seen_at=seen_at
        )
        self.owner.store.drain()
        self.clock.at += MINUTE

    def review(self, number: int, verdict: str) -> None:
        subject = self.owner.campaigns.subject("bridge")
        key = identify("youtube", f"id{number:09}", None, subject.key).post_key
        row = {"post_key": key, "campaign_id": subject.campaign_id, "verdict": verdict, "reviewer": "one", "note": None}
        row |= {"reviewed_at": self.clock.at.replace(tzinfo=None)}
        segments.put(self.workspace.spool, {"review": pa.Table.from_pylist([row], schema=segments.SCHEMAS["review"])})
        self.owner.store.drain()

    def posts(self, count: int, *, words: str = "bridge story", region: str | None = "HK", **more: Any) -> list[Post]:
        """Return new posts of as many accounts, a quarter of an hour apart up to now."""
        made = []
        for _ in range(count):
            self.number += 1
            made.append(
                post(self.number, self.clock.at - HOUR * (1 + self.number % 5), words=words, region=region, **more)
            )
        return made

    def day(self) -> Iterator[int]:
        """Yield day after day; when the work of one is done, keep what is answered then."""
        for day in range(3):
            self.clock.at = BEGIN + day * DAY + 8 * HOUR
            yield day
            self.clock.at += HOUR
            self.kept[self.clock.at] = self.ask(None)


def post(number: int, published: datetime, *, words: str, region: str | None, views: int = 100, **more: Any) -> Post:
    return Post(
        id=f"id{number:09}", platform="youtube", title=f"{words} number {number % 3}", author=Author(id=f"someone{number}", followers=900),
        published_at=published, lang="en", region=region, counts=Counts(views=views, likes=views // 9), **more,
    )  # fmt: skip


def live(replay: Replay) -> None:
    """Play the three days: every kind of row, some of it late, some of it changed later."""
    for day in replay.day():
        now = replay.clock.at
        window = Window(since=BEGIN if day == 0 else now - DAY, until=now)
        if day == 0:
            replay.owner.campaigns.save_all()
        fresh = (
            replay.posts(12)
            + replay.posts(7, region="TW", kind="video")
            + replay.posts(6, words="crooked tower rising")
        )
        fresh += replay.posts(6, parents=(Parent(id=f"id{1 + day:09}", relation="quote"),))
        first = fresh[0]
        others = [post(9000 + 100 * day + n, now - 2 * HOUR, words="cats", region=None) for n in range(40)]
        replay.run(Page(posts=fresh + others, window=window, done=True), controls=Controls())
        charted = [
            post(n, BEGIN, words="bridge story", region="HK", listing=Listing(list="top", region="JP", rank=n))
            for n in range(1, 7)
        ]
        replay.run(Page(posts=charted, done=True), collector="weibo_hot")
        replay.run(
            Page(posts=replay.posts(6, words="broken pillar falling"), done=True),
            mode="load",
            collector="file",
            seen_at=now,
        )
        again(replay, day)
        if day == 1:
            replay.review(2, "reject")
            late_readings(replay)
            replay.write("HK", "broken pillar falling")
            replay.owner.campaigns.save_all()
            replay.clock.at += MINUTE
        if day == 2:
            replay.review(2, "accept")
            replay.review(5, "reject")
            from_the_archive(replay)
            late_posts(replay, first)


def again(replay: Replay, day: int) -> None:
    """Read all posts again twice, half an hour apart; some of the first day are gone by the third."""
    numbers = [*range(1, replay.number + 1), *(9000 + 100 * d + n for d in range(day + 1) for n in range(12))]
    for _ in range(2):
        replay.clock.at += 30 * MINUTE
        lost = [n for n in numbers if day >= 2 and 12 <= n < 20]
        checks = [
            Availability(id=f"id{n:09}", status="unknown" if n in lost else "up", basis="absent" if n in lost else "stated",
                         cause="missing" if n in lost else None, blocked_in=("RU",) if n % 4 == 0 and day else ())
            for n in numbers
        ]  # fmt: skip
        readings = [Reading(id=f"id{n:09}", counts=Counts(views=100 + 50 * day + n)) for n in numbers if n not in lost]
        replay.run(Page(availability=checks, readings=readings, done=True), mode="reread")
    day_of = Window(since=replay.clock.at - DAY, until=replay.clock.at)
    tests = [
        Measure(series=f"ooni.{name}", subject="youtube.com", value=value, unit="tests", since=day_of.since, until=day_of.until, region="RU")
        for name, value in (("measurements", 90.0), ("confirmed", 9.0 + day), ("anomaly", 3.0))
    ]  # fmt: skip
    replay.run(Page(measures=tests, done=True), collector="ooni")


def late_readings(replay: Replay) -> None:
    """Bring, on the second day, a file with readings of the first, higher than all others, and of before it."""
    moments = (BEGIN + 4 * HOUR, BEGIN + 8 * HOUR + 30 * MINUTE, BEGIN + 20 * HOUR)
    posts = [
        post(n, BEGIN, words="bridge story", region="HK", views=5000 + n, observed_at=at)
        for n in range(1, 13)
        for at in moments
    ]
    replay.run(Page(posts=posts, done=True), mode="load", collector="file", seen_at=moments[-1])


def from_the_archive(replay: Replay) -> None:
    """Find, on the last day, what an archive saw on the first: posts, places on a chart, and that some were gone."""
    at = BEGIN + 9 * HOUR
    posts = [
        post(500 + n, BEGIN + HOUR, words="bridge story", region="KR", observed_at=at, listing=Listing(list="top", region="KR", rank=n))
        for n in range(1, 8)
    ]  # fmt: skip
    checks = [
        Availability(id=f"id{n:09}", status="gone", cause="platform", basis="stated", checked_at=at, vantage="page")
        for n in range(25, 32)
    ]
    replay.run(Page(posts=posts, availability=checks, done=True), collector="wayback")


def late_posts(replay: Replay, parent: Post) -> None:
    """Bring, on the last day, a file of posts that somebody saw on the first, which share others, and one control that matches."""
    at = BEGIN + 9 * HOUR
    parents = (Parent(id=parent.id, relation="quote"), Parent(id="id000000003", relation="quote"))
    posts = [
        post(700 + n, BEGIN + 2 * HOUR, words="bridge story", region="SG", observed_at=at, parents=parents)
        for n in range(9)
    ]
    posts += [post(9000 + n, BEGIN + 6 * HOUR, words="bridge story", region="HK", observed_at=at) for n in range(3)]
    replay.run(Page(posts=posts, done=True), mode="load", collector="file", seen_at=at)


def replayed(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Replay:
    """Return the workspace after its three days; the store and the campaigns go by the same clock as the runs."""
    clock = SimulatedClock(BEGIN)

    class Moved(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return clock.at.astimezone(tz)

    for module in (spillover.store, spillover.campaigns, analysis.coverage):
        monkeypatch.setattr(module, "datetime", Moved)
    replay = Replay(workspace, clock)
    live(replay)
    return replay
