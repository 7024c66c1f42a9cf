"""An event is raised once and due until it was taken: over restarts, failures and kills."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from spillover.alerting import ATTEMPTS, LONGEST_RETRY, Alerting
from spillover.campaign import read_campaign
from spillover.config import Workspace
from spillover.notify import Outcome
from spillover.store import Store
from spillover.targets import KINDS, Target
from tests.test_cli import CAMPAIGN
from tests.world import BEGIN, SimulatedClock

HOUR = timedelta(hours=1)
THEN = BEGIN.replace(tzinfo=None)
TAKEN, FAILED = Outcome(True), Outcome(False, "the sink is dead")


class Happened(NamedTuple):
    """An event as an analysis gives it."""

    kind: str
    where: str
    since: datetime = THEN
    calm_h: float | None = None
    told_by: str | None = None
    lasts: timedelta = timedelta(0)

    @property
    def keys(self) -> dict[str, str]:
        return {"region": self.where}

    @property
    def series(self) -> str:
        return f"{self.kind}/{self.where}"

    @property
    def key(self) -> str:
        return self.series if self.calm_h is None else f"{self.series}@{self.since:%H:%M}"

    @property
    def until(self) -> datetime:
        return self.since + self.lasts

    title, text, rests_on = "a title", "What happened.", "12 posts"  # type: ignore[assignment]


class Desk:
    """The store of a workspace with its alerts, and a clock that a test moves."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace, self.clock = workspace, SimulatedClock()
        self.open()

    def open(self) -> None:
        self.store = Store(self.workspace)
        self.alerting = Alerting(self.store, self.clock)

    def restart(self) -> None:
        self.store.close()
        self.open()

    def tell(self, target: Target, outcome: Outcome | None = TAKEN) -> str | None:
        """Tell what is due and return its name; without an outcome the process dies before it hears one."""
        due = self.alerting.next_due(target)
        if due is None:
            return None
        self.alerting.begin(target, due)
        if outcome is not None:
            self.alerting.end(target, due, outcome)
        return due.message.key


@pytest.fixture
def desk(workspace: Workspace) -> Iterator[Desk]:
    made = Desk(workspace)
    workspace.campaign_file("bridge").write_text(CAMPAIGN)
    made.store.save_campaign(read_campaign(workspace.campaign_file("bridge")))
    yield made
    made.store.close()


def target(name: str = "desk", **given: Any) -> Target:
    return Target(name, "json://127.0.0.1/", **{"campaign": None, "on": KINDS, "since": BEGIN} | given)


def test_an_event_is_raised_once_and_told_once_also_after_a_restart(desk: Desk) -> None:
    assert desk.alerting.take_in("bridge", [Happened("crossing", "KR"), Happened("crossing", "KR")]) == 1
    assert desk.tell(target()) == "bridge/crossing/KR"
    desk.restart()
    assert desk.alerting.take_in("bridge", [Happened("crossing", "KR")]) == 0
    assert desk.tell(target()) is None


def test_what_was_decided_and_not_told_is_told_after_a_restart(desk: Desk) -> None:
    desk.alerting.take_in("bridge", [Happened("crossing", "KR")])
    desk.restart()
    assert desk.tell(target()) == "bridge/crossing/KR"


def test_what_was_under_way_when_the_process_died_is_sent_again_under_the_same_name(desk: Desk) -> None:
    desk.alerting.take_in("bridge", [Happened("crossing", "KR")])
    first = desk.tell(target(), None)
    desk.restart()
    assert desk.tell(target()) == first == "bridge/crossing/KR"
    assert desk.tell(target()) is None


@pytest.mark.parametrize(
    ("hours", "new"), [(0, 0), (5, 0), (23, 0), (25, 1), (49, 1)]
)  # a series is calm again after a day
def test_an_event_that_goes_on_is_the_same_event(desk: Desk, hours: int, new: int) -> None:
    desk.alerting.take_in("bridge", [Happened("burst", "KR", calm_h=24)])
    assert desk.alerting.take_in("bridge", [Happened("burst", "KR", THEN + hours * HOUR, calm_h=24)]) == new
    assert desk.alerting.take_in("bridge", [Happened("burst", "KR", THEN - 9 * HOUR, calm_h=24, lasts=99 * HOUR)]) == 0


def test_each_target_is_told_of_what_it_wants_since_it_was_added(desk: Desk) -> None:
    desk.alerting.take_in("bridge", [Happened("crossing", "CN")])
    desk.clock.at += HOUR
    desk.alerting.take_in("bridge", [Happened("crossing", "KR"), Happened("broken", "vk", calm_h=6)])
    late = target("late", since=desk.clock.at)
    assert {desk.tell(late), desk.tell(late), desk.tell(late)} == {"bridge/crossing/KR", "bridge/broken/vk@00:00", None}
    assert desk.tell(target("other", campaign="elsewhere")) is None
    assert desk.tell(target("waves", on=("removal_wave",))) is None


def test_one_event_under_two_names_is_told_once(desk: Desk) -> None:
    desk.alerting.take_in(
        "bridge", [Happened("crossing", "KR"), Happened("first_seen", "naver", told_by="crossing/KR")]
    )
    both, firsts = target("both"), target("firsts", on=("first_seen",))
    assert [desk.tell(both), desk.tell(both)] == ["bridge/crossing/KR", None]
    assert desk.tell(firsts) == "bridge/first_seen/naver"
    states = {row["key"]: row["deliveries"] for row in desk.alerting.recent([both, firsts])}
    assert states["bridge/first_seen/naver"] == {"both": "told with bridge/crossing/KR", "firsts": "taken"}


def test_a_first_sighting_is_told_where_the_crossing_is_older_than_the_target(desk: Desk) -> None:
    desk.alerting.take_in("bridge", [Happened("crossing", "KR")])
    desk.clock.at += HOUR
    desk.alerting.take_in("bridge", [Happened("first_seen", "naver", told_by="crossing/KR")])
    assert desk.tell(target(since=desk.clock.at)) == "bridge/first_seen/naver"


def test_a_collector_that_breaks_in_two_campaigns_is_told_of_once(desk: Desk, workspace: Workspace) -> None:
    workspace.campaign_file("tunnel").write_text(CAMPAIGN.replace("bridge", "tunnel", 1))
    desk.store.save_campaign(read_campaign(workspace.campaign_file("tunnel")))
    for campaign in ("bridge", "tunnel"):
        desk.alerting.take_in(campaign, [Happened("broken", "vk", calm_h=6)])
    assert desk.tell(target(), FAILED) == "bridge/broken/vk@00:00"
    desk.clock.at += HOUR
    assert [desk.tell(target()), desk.tell(target())] == ["tunnel/broken/vk@00:00", None]
    states = {row["key"]: row["deliveries"]["desk"] for row in desk.alerting.recent([target()])}
    assert states["bridge/broken/vk@00:00"] == "told with tunnel/broken/vk@00:00"
    assert desk.tell(target("tunnels", campaign="tunnel")) == "tunnel/broken/vk@00:00"


def test_a_dead_sink_rests_twice_as_long_each_time_also_over_a_restart(desk: Desk) -> None:
    desk.alerting.take_in("bridge", [Happened("crossing", "KR")])
    pauses = []
    for _ in range(6):
        assert desk.tell(target(), FAILED) == "bridge/crossing/KR"
        desk.restart()
        began = desk.clock.at
        while desk.alerting.next_due(target()) is None:
            desk.clock.at += timedelta(seconds=30)
        pauses.append((desk.clock.at - began).total_seconds())
    assert pauses == [30, 60, 120, 240, 480, 960]
    assert desk.tell(target()) == "bridge/crossing/KR"


def test_what_is_never_taken_is_given_up_after_days_and_says_why(desk: Desk) -> None:
    desk.alerting.take_in("bridge", [Happened("crossing", "KR")])
    began, attempts = desk.clock.at, 0
    while desk.tell(target(), FAILED):
        attempts += 1
        desk.clock.at += LONGEST_RETRY
    assert attempts == ATTEMPTS and desk.clock.at - began > timedelta(days=3)
    (row,) = desk.alerting.recent([target()])
    assert row["deliveries"] == {"desk": "given up: the sink is dead"}


def test_a_message_that_a_sink_refuses_does_not_hold_up_the_others(desk: Desk) -> None:
    desk.alerting.take_in("bridge", [Happened("crossing", "JP"), Happened("crossing", "KR")])
    assert desk.tell(target(), FAILED) == "bridge/crossing/JP"
    desk.clock.at += HOUR
    assert [desk.tell(target()), desk.tell(target())] == ["bridge/crossing/KR", "bridge/crossing/JP"]


def test_the_message_says_what_it_rests_on_and_which_event_it_is(desk: Desk) -> None:
    desk.alerting.take_in("bridge", [Happened("crossing", "KR")])
    due = desk.alerting.next_due(target())
    assert due is not None
    assert due.message.title == "bridge: a title"
    assert due.message.text == (
        "What happened.\n\nRests on: 12 posts.\nEvent bridge/crossing/KR, noticed 2026-03-01T00:00Z."
    )
