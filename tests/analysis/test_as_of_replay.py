"""What is answered as of a day is what was answered on that day, whatever came later and speaks of earlier."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from spillover.config import Workspace
from tests.analysis.replaying import ASKED, Replay, replayed


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    workspace = Workspace(tmp_path_factory.mktemp("replay") / "workspace")
    workspace.make()
    with pytest.MonkeyPatch.context() as monkeypatch:
        made = replayed(workspace, monkeypatch)
        yield made
        made.owner.close()


@pytest.fixture(scope="module")
def looked_back(replay: Replay):
    return {moment: replay.ask(moment) for moment in replay.kept}


def numbers(row: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers of a row so that sums of fractions in another order are the same."""
    return {name: pytest.approx(value, rel=1e-9) for name, value in row.items() if isinstance(value, float)}


@pytest.mark.parametrize(("question", "by"), ASKED)
def test_the_answer_as_of_a_day_is_the_one_that_was_given_on_it(
    replay: Replay, looked_back, question: str, by: str
) -> None:
    for moment, kept in replay.kept.items():
        then, now = kept[question, by], looked_back[moment][question, by]
        assert len(then) == len(now), moment
        for one, other in zip(then, now, strict=True):
            assert {**one, **numbers(one)} == other, moment


@pytest.mark.parametrize(("question", "by"), ASKED)
def test_the_days_differ_or_the_replay_proves_nothing(replay: Replay, question: str, by: str) -> None:
    first, *_, last = (kept[question, by] for kept in replay.kept.values())
    assert first != last and any(row["value"] is not None or row["low"] is not None for row in last)
