"""Score worlds: import what collectors would have seen, ask the ordinary questions, hold the answers against the truth."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from spillover.campaign import read_campaign
from spillover.campaigns import subject
from spillover.config import Workspace
from spillover.contract import Source
from spillover.errors import Busy, UsageError
from spillover.loading import load_file
from spillover.owner import Desk
from spillover.wire import Link
from spillover.world.comparing import Scores

TRUTH, WORKSPACE = "truth.json", "workspace"
_KEPT = """
[{platform}] # nothing of it is anybody's, so no terms bind it
storage_days = 0
forget_causes = []
accepted = "a made-up world"
"""


def worlds(folders: Iterable[Path]) -> list[Path]:
    """Return the worlds among these folders, or right inside them; raise UsageError where there is none."""
    found = []
    for folder in folders:
        inside = [folder] if (folder / TRUTH).is_file() else sorted(path.parent for path in folder.glob(f"*/{TRUTH}"))
        if not inside:
            raise UsageError(f"{folder}: no {TRUTH} here; make a world with: spillover simulate {folder}")
        found += inside
    return found


def score(folders: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Yield the lines of all these worlds together."""
    scores = Scores()
    for folder in worlds(folders):
        scores.join(score_of(folder))
    yield from scores.lines()


def score_of(folder: Path) -> Scores:
    """Return the scores of one world."""
    scores = Scores()
    truth = json.loads((folder / TRUTH).read_text("utf-8"))
    workspace = _fresh(folder, truth["platforms"])
    with Desk(workspace) as desk:
        _import(folder, workspace, truth["campaign"], desk)
        for true, answer in answers(truth, desk):
            scores.compare(true, answer)
    return scores


def _fresh(folder: Path, platforms: Iterable[str]) -> Workspace:
    """Return an empty workspace in the world's folder, where a dashboard can open it afterwards."""
    workspace = Workspace((folder / WORKSPACE).resolve())
    with suppress(OSError), Link(workspace.socket):  # nobody listens: as it should be
        raise Busy(f"{workspace.root} is open; stop `spillover up` there first")
    shutil.rmtree(workspace.root, ignore_errors=True)
    workspace.make()
    workspace.policies.write_text("".join(_KEPT.format(platform=name) for name in platforms), "utf-8")
    return workspace


def _import(folder: Path, workspace: Workspace, name: str, desk: Desk) -> None:
    """Import the records as `spillover import` does; a world of which anything is rejected is a fault of ours."""
    shutil.copy(folder / "campaign.toml", workspace.campaign_file(name))
    version = desk.command("campaign_save", name=name)["version"]
    door = subject(workspace, read_campaign(workspace.campaign_file(name)), version)
    for path in sorted((folder / "records").glob("*.ndjson")):
        tally, rejects, _ = load_file(workspace, door, Source(path=path))
        desk.command("drain", segments=tally.segment_ids)
        if rejects.count or tally.outcome == "broken":
            raise UsageError(f"{path}: {rejects.count} records could not be read: {rejects.path} {tally.reason or ''}")


def answers(truth: dict[str, Any], desk: Desk) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Yield each true row with the answer that it is about; each question is asked once, by the ordinary path."""
    from analysis.questions import QUESTIONS  # a question that is not answered here has no score

    asked: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in (row for row in truth["answers"] if row["question"] in QUESTIONS):
        asked[row["question"], row["by"], row["as_of"]].append(row)
    for (question, by, as_of), rows in asked.items():
        said = {"question": question, "campaign": truth["campaign"], "by": by.split(","), "as_of": as_of}
        answer = desk.command("show", **said)["rows"]
        yield from ((row, answer) for row in rows)
