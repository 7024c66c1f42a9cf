"""Turns against a made-up platform whose truth is known: canaries, controls, the schedule of re-reads, suspected losses."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from spillover.campaigns import Campaigns
from spillover.collect import Run, Tally, Task
from spillover.collection import Collection
from spillover.config import Workspace
from spillover.contract import AccountState, Measure, Mode, Page, Parent, Post
from spillover.store import Store
from spillover.turn import Turn
from tests.world import SimulatedClock, World, WorldCollector, serving

CAMPAIGN = """
name = "bridge"
title = "A bridge that opened"
phrases.en = ["the bridge has opened today"]
{more}
[[videos]]
title.en = "Opening of the northern bridge"
"""
ABOUT = "they say the bridge has opened today"
OTHER = "a recipe for plum cake"
TITLE, PHRASE = "title:Opening of the northern bridge", "phrase:the bridge has opened today"


@dataclass
class Stage:
    """A workspace, a platform and a clock."""

    workspace: Workspace
    store: Store
    world: World
    campaigns: Campaigns

    def turn(self, mode: Mode = "search") -> list[Tally]:
        collection = Collection(self.workspace, self.store, self.campaigns, threading.Event(), self.world.clock)
        turn = Turn(
            WorldCollector, mode, self.campaigns.read("bridge"), self.campaigns.subject("bridge"), self.store, threading.Event(),
            gates=self.workspace.gates, allow_private=True, clock=self.world.clock,
        )  # fmt: skip
        return list(collection.follow(turn))

    def later(self, **span: float) -> Stage:
        self.world.clock.at += timedelta(**span)
        return self

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.store.rows(query)

    def status(self, id: str) -> tuple[Any, ...]:
        return self.rows(f"SELECT status, cause, basis FROM statuses WHERE id = '{id}'")[0]

    def due(self) -> set[str]:
        """Return what a re-read would ask for now."""
        asked = len(self.world.asked)
        self.turn("reread")
        return {id for path in self.world.asked[asked:] for id in path.split("ids=")[1].split("%2C")}


@pytest.fixture
def stage(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    yield from staged(workspace, monkeypatch, "")


def staged(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, more: str) -> Iterator[Stage]:
    workspace.campaign_file("bridge").write_text(CAMPAIGN.format(more=more))
    monkeypatch.setattr("spillover.client.backoff_s", lambda attempt: 1.0)
    monkeypatch.setattr("spillover.campaign_check._known_collectors", lambda: ["world"], raising=False)
    store = Store(workspace)
    with serving(World(SimulatedClock())) as world:
        monkeypatch.setenv("SPILLOVER_WORLD_BASE_URL", f"http://127.0.0.1:{world.port}")
        yield Stage(workspace, store, world, Campaigns(workspace, store))
    store.close()


def peopled(stage: Stage, others: int = 8) -> Stage:
    """Let the platform hold a post about the bridge and some about other things; look once."""
    stage.world.post("about", ABOUT)
    for number in range(others):
        stage.world.post(f"other-{number}", OTHER)
    stage.turn()
    return stage


def test_a_matched_post_gets_three_controls_found_by_the_same_run(stage: Stage) -> None:
    peopled(stage)
    assert stage.rows("SELECT id, count(*), bool_and(agrees = ['age', 'lang', 'size']) FROM controls GROUP BY id") == [
        ("about", 3, True)
    ]
    roles = dict(stage.rows("SELECT role, count(*) FROM posts GROUP BY role"))
    assert roles == {"match": 1, "control": 3}


def test_of_a_control_no_words_and_no_author_are_kept(stage: Stage) -> None:
    peopled(stage)
    assert stage.rows("SELECT DISTINCT text, title, author FROM posts WHERE role = 'control'") == [(None, None, None)]


def test_a_post_that_has_its_controls_gets_no_others(stage: Stage) -> None:
    peopled(stage)
    for _ in range(3):
        stage.later(minutes=20).turn()
    assert stage.rows("SELECT count(*) FROM controls") == [(3,)]


def test_controls_are_read_again_on_the_schedule_of_what_they_stand_beside(stage: Stage) -> None:
    peopled(stage).later(minutes=20)
    assert {"about"} < stage.due()
    assert len(stage.later(minutes=1).due()) == 0


def test_the_counts_of_controls_are_taken_though_they_match_no_term(stage: Stage) -> None:
    peopled(stage)
    for item in stage.world.items.values():
        item.views = 77
    stage.later(minutes=20).turn("reread")
    assert stage.rows("SELECT role, views, count(*) FROM posts JOIN latest USING (post_key) GROUP BY ALL ORDER BY role") == [
        ("control", 77, 3), ("match", 77, 1),
    ]  # fmt: skip
    assert stage.rows("SELECT DISTINCT text, author FROM posts WHERE role = 'control'") == [(None, None)]


def test_the_distance_between_readings_doubles_up_to_a_day(stage: Stage) -> None:
    peopled(stage)
    wait_s, waits = 900.0, []
    for _ in range(9):
        assert "about" not in stage.later(seconds=wait_s - 60).due()
        assert "about" in stage.later(seconds=62).due()
        waits.append(round(wait_s / 60))
        wait_s = min(2 * (wait_s + 2), 86_400)
    assert waits == [15, 30, 60, 120, 241, 482, 964, 1440, 1440]


def test_after_a_change_the_distance_is_halved(stage: Stage) -> None:
    peopled(stage)
    for hours in (0.5, 1.5, 4):
        assert "about" in stage.later(hours=hours).due()
    stage.world.items["about"].views = 10_000
    assert "about" in stage.later(hours=8.5).due()
    assert "about" not in stage.later(hours=4).due()
    assert "about" in stage.later(hours=0.5).due()


def test_absence_is_believed_after_two_readings_with_a_control_up(stage: Stage) -> None:
    peopled(stage).later(minutes=20).turn("reread")
    assert stage.status("about") == ("up", None, "stated")
    stage.world.items["about"].gone = True
    stage.later(hours=1).turn("reread")
    assert stage.status("about") == ("unconfirmed", "missing", "absent")
    assert "about" not in stage.later(minutes=5).due()
    assert len(stage.later(minutes=6).due()) == 4  # its controls are asked beside it
    assert stage.status("about") == ("gone", "missing", "absent")
    [(last_up_at, first_missing_at)] = stage.rows(
        "SELECT last_up_at, first_missing_at FROM statuses WHERE id = 'about'"
    )
    assert first_missing_at - last_up_at > timedelta(minutes=59)


def test_without_a_control_absence_stays_unconfirmed(stage: Stage) -> None:
    peopled(stage, others=0).later(minutes=20).turn("reread")
    stage.world.items["about"].gone = True
    for _ in range(4):
        stage.later(hours=2).turn("reread")
    assert stage.status("about") == ("unconfirmed", "missing", "absent")


def test_a_stated_removal_is_believed_at_once_with_the_platforms_words(stage: Stage) -> None:
    peopled(stage)
    stage.world.items["about"].stated = "Removed for breaking rule 7, see @moderator and “somebody”"
    stage.later(minutes=20).turn("reread")
    assert stage.status("about") == ("gone", "platform", "stated")
    assert stage.rows("SELECT said FROM statuses WHERE id = 'about'") == [("Removed for breaking rule 7, see … and …",)]


def test_a_post_that_comes_back_is_up(stage: Stage) -> None:
    peopled(stage).later(minutes=20).turn("reread")
    stage.world.items["about"].gone = True
    for _ in range(2):
        stage.later(hours=2).turn("reread")
    assert stage.status("about")[0] == "gone"
    stage.world.items["about"].gone = False
    stage.later(days=2).turn("reread")
    assert stage.status("about") == ("up", None, "stated")


def test_when_the_controls_vanish_too_it_is_our_fault_and_no_removal(stage: Stage) -> None:
    peopled(stage).later(minutes=20).turn("reread")
    stage.world.trouble = "nothing"
    [tally] = stage.later(hours=1).turn("reread")
    assert tally.outcome == "broken"
    assert "3 of 3 controls" in str(tally.reason)
    stage.later(hours=1).turn("reread")
    assert stage.status("about") == ("up", None, "stated")


def test_a_search_that_misses_what_it_knew_is_broken_and_not_empty(stage: Stage) -> None:
    peopled(stage)
    stage.world.trouble = "nothing"
    tallies = stage.later(minutes=15).turn()
    assert [tally.outcome for tally in tallies] == ["broken", "broken"]
    assert "canary" in str(tallies[0].reason)
    stage.world.trouble = ""
    assert [tally.outcome for tally in stage.later(minutes=15).turn()] == ["answered", "answered"]


def test_a_subject_of_which_nothing_new_comes_is_looked_for_from_its_newest_posts(stage: Stage) -> None:
    peopled(stage)
    assert [tally.outcome for tally in stage.later(days=2).turn()] == ["answered", "answered"]
    stage.world.trouble = "nothing"
    assert [tally.outcome for tally in stage.later(days=2).turn()] == ["broken", "broken"]
    stage.world.trouble = ""
    assert [tally.outcome for tally in stage.later(hours=1).turn()] == ["answered", "answered"]
    assert stage.later(days=9).turn()[0].outcome == "answered"  # too long ago to be asked for


def test_a_canary_that_is_really_gone_is_given_up_at_the_third_miss(stage: Stage) -> None:
    stage.world.post("only", ABOUT)
    stage.turn()
    stage.world.items["only"].gone = True
    outcomes = [stage.later(minutes=15).turn()[0].outcome for _ in range(4)]
    assert outcomes == ["broken", "broken", "cut_short", "answered"]


def test_an_empty_platform_is_empty_and_not_broken(stage: Stage) -> None:
    assert [tally.outcome for tally in stage.turn()] == ["answered", "answered"]
    assert [tally.outcome for tally in stage.later(minutes=15).turn()] == ["answered", "answered"]


def test_a_refusal_moves_no_window_and_removes_nothing(stage: Stage) -> None:
    peopled(stage).later(minutes=20).turn("reread")
    stage.world.trouble = "403"
    for mode in ("search", "reread"):
        assert stage.later(hours=1).turn(mode)[0].outcome == "refused"
    assert stage.status("about") == ("up", None, "stated")
    stage.world.trouble = ""
    [first, *_] = stage.later(hours=3).turn()
    assert first.window.since is not None
    assert first.window.since < stage.world.clock.now() - timedelta(hours=4)


def test_queries_behind_a_spent_budget_are_written_down_as_not_asked(stage: Stage) -> None:
    for _ in range(12):
        stage.turn()
    [first, second] = stage.turn()
    assert (first.outcome, second.outcome) == ("not_asked", "not_asked")
    assert "budget 'search'" in str(first.reason)
    ledger = dict(stage.rows("SELECT outcome, count(*) FROM runs GROUP BY outcome"))
    assert ledger == {"answered": 24, "not_asked": 2}
    assert stage.rows("SELECT sum(asked) FROM runs WHERE outcome = 'not_asked'") == [(0,)]
    assert json.loads(stage.rows("SELECT spent FROM runs WHERE outcome = 'answered' LIMIT 1")[0][0]) == {"search": 1}


def test_spending_is_known_after_a_restart(stage: Stage) -> None:
    stage.turn()
    [path] = stage.workspace.gates.glob("world-*.json")
    assert sum(json.loads(path.read_text())["spent"]["search"].values()) == 2


def test_every_run_says_how_far_it_lay_behind(stage: Stage) -> None:
    stage.turn()
    assert stage.rows("SELECT max(lag_s) < 1, count(lag_s) FROM runs") == [(True, 2)]


def test_the_end_of_an_account_is_the_end_of_the_posts_that_we_hold_of_it_and_of_no_others(stage: Stage) -> None:
    peopled(stage)
    subject = stage.campaigns.subject("bridge")
    ended = AccountState(id="account of about", status="gone", said="takendown", checked_at=stage.world.clock.now())
    other = AccountState(id="somebody else", status="gone", checked_at=stage.world.clock.now())
    Run(Task("world", "stream", subject, "stream"), stage.workspace.spool).follow([Page(accounts=[ended, other])])
    stage.store.drain()
    assert stage.rows("SELECT id, status, cause, said FROM statuses") == [("about", "gone", "account", "takendown")]
    back = AccountState(
        id="account of about", status="up", basis="inferred", checked_at=stage.later(hours=1).world.clock.now()
    )
    Run(Task("world", "stream", subject, "stream"), stage.workspace.spool).follow([Page(accounts=[back])])
    stage.store.drain()
    assert stage.status("about")[0] == "gone"  # until a reading says otherwise
    stage.later(hours=1).turn("reread")
    assert stage.status("about") == ("up", None, "stated")


def test_what_a_platform_states_of_a_posts_origin_is_kept_as_an_edge(stage: Stage) -> None:
    child = Post(id="child", text=ABOUT, parents=(Parent(id="about", relation="repost"),))
    page = Page(posts=[Post(id="about", text=ABOUT), child])
    Run(Task("world", "search", stage.campaigns.subject("bridge"), "q"), stage.workspace.spool).follow([page])
    stage.store.drain()
    assert stage.rows("SELECT id, relation, parent_id FROM edges") == [("child", "repost", "about")]


def test_of_a_measure_the_last_reading_of_a_stretch_counts(stage: Stage) -> None:
    subject, at = stage.campaigns.subject("bridge"), stage.world.clock.now()
    for value in (3.0, None, 5.0):
        measure = Measure(series="articles", subject="q", unit="articles", value=value, since=at, until=at, region="CN")
        stage.later(minutes=1)
        run = Run(Task("world", "search", subject, "q"), stage.workspace.spool, clock=stage.world.clock)
        run.follow([Page(measures=[measure])])
        stage.store.drain()
    assert stage.rows("SELECT collector, series, region, value FROM measures") == [("world", "articles", "CN", 5.0)]
