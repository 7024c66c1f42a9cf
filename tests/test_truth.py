"""A made-up platform whose truth is known: whatever happens to it, no post is called gone that is not, and bounds hold the truth."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spillover.config import Workspace
from tests.test_turn import Stage, peopled, staged

KINDS = (
    "nothing happens",
    "vanishes",
    "is removed with words",
    "comes back",
    "an outage",
    "errors",
    "a ban",
    "all is well",
)
TROUBLES = {"an outage": "nothing", "errors": "500", "a ban": "429", "all is well": ""}
STEPS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(11, 3000)), min_size=3, max_size=9)


@dataclass
class Truth:
    """When the post was there: moments at which it went and came back, in turn."""

    went: list[datetime] = field(default_factory=list)
    came: list[datetime] = field(default_factory=list)

    @property
    def is_up(self) -> bool:
        return len(self.went) == len(self.came)


@contextmanager
def a_stage() -> Iterator[Stage]:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        workspace = Workspace(Path(folder) / "workspace")
        workspace.make()
        yield from staged(workspace, patch, "")


def happen(stage: Stage, truth: Truth, kind: str) -> None:
    item, now = stage.world.items["about"], stage.world.clock.now().replace(tzinfo=None)
    if kind in TROUBLES:
        stage.world.trouble = TROUBLES[kind]
    elif kind in ("vanishes", "is removed with words") and truth.is_up:
        item.gone, item.stated = True, "It was removed for breaking rule 7." if "words" in kind else ""
        truth.went.append(now)
    elif kind == "comes back" and not truth.is_up:
        item.gone, item.stated = False, ""
        truth.came.append(now)


def check(stage: Stage, truth: Truth) -> None:
    query = "SELECT id, status, last_up_at, first_missing_at, last_checked_at FROM statuses"
    found = {id: rest for id, *rest in stage.rows(query)}
    assert not [id for id, (status, *_) in found.items() if status == "gone" and id != "about"]  # controls never went
    if "about" not in found or found["about"][0] != "gone":
        return
    _, last_up_at, first_missing_at, last_checked_at = found["about"]
    assert truth.went  # there was something to be seen
    seen = [went for went in truth.went if went <= first_missing_at]
    assert seen and (last_up_at is None or last_up_at <= first_missing_at)
    assert last_up_at is None or any(went >= last_up_at for went in seen)
    came_since = [came for came in truth.came if came > seen[-1]]
    assert not came_since or came_since[0] >= first_missing_at  # it was really gone when it was first missed
    if not stage.world.trouble:
        assert not truth.is_up or last_checked_at < truth.came[-1]


@settings(max_examples=5, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_no_post_is_called_gone_that_is_not(steps: list[tuple[str, int]]) -> None:
    with a_stage() as stage:
        truth = Truth()
        peopled(stage).later(minutes=20).turn("reread")
        for kind, minutes in steps:
            happen(stage, truth, kind)
            stage.later(minutes=minutes).turn("reread")
            check(stage, truth)
            stage.later(minutes=11).turn("reread")
            check(stage, truth)
        stage.world.trouble = ""
        for _ in range(3):
            stage.later(days=2).turn("reread")
            check(stage, truth)
        assert (stage.status("about")[0] == "gone") is not truth.is_up
