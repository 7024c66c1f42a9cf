"""In the workspace of a made-up world the Overview shows what is true beside what is said; nowhere else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from spillover.owner import Owner
from tests.dashboard.conftest import Open
from tests.dashboard.stage import CHARTS, MIXED

AS_OF = "2026-03-30T00:00:00Z"


@pytest.fixture
def truth(owner: Owner) -> Iterator[Path]:
    row = {"question": "reach", "by": "platform", "metric": "posts", "keys": {"platform": "youtube"}, "value": 4321}
    path = owner.workspace.parent / "truth.json"
    path.write_text(
        json.dumps({"campaign": CHARTS, "answers": [row | {"as_of": AS_OF}, row | {"as_of": "2099-01-01T00:00:00Z"}]})
    )
    yield path
    path.unlink()


def test_truth_stands_beside_what_is_said_of_the_same_moment(owner: Owner, open_page: Open, truth: Path) -> None:
    at = open_page(c=CHARTS)
    assert not at.exception
    (table,) = [frame.value for frame in at.dataframe if "truth" in frame.value]
    said = owner.command("show", question="reach", campaign=CHARTS, by=["platform"], as_of=AS_OF)["rows"]
    (posts,) = [row["value"] for row in said if row["metric"] == "posts"]
    assert table[["as of", "truth", "value"]].to_numpy().tolist() == [[AS_OF, "4321", str(posts)]]


def test_another_campaign_of_the_same_workspace_has_no_truth(open_page: Open, truth: Path) -> None:
    at = open_page(c=MIXED)
    assert not at.exception and not [frame for frame in at.dataframe if "truth" in frame.value]
