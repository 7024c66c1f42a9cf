"""Truth beside estimate: some rows of truth.json with what the answers say of them, for the page that opens a world."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from spillover.world.comparing import Row, is_about
from spillover.world.scoring import TRUTH

SHOWN = {"reach": ("platform", ("known_views", "posts")), "crossings": ("region", ("crossed_by",))}
Ask = Callable[[str, str, str], list[dict[str, Any]]]  # question, by, as of


def beside(workspace: Path, campaign: str, until: datetime, ask: Ask) -> Iterator[dict[str, Any]]:
    """Yield rows with truth, value, low and high, as of the last moment up to ``until``; none where this is no world."""
    path = workspace.parent / TRUTH
    truth = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    if truth.get("campaign") != campaign:
        return
    for question, (by, metrics) in SHOWN.items():
        rows = [
            row
            for row in truth["answers"]
            if (row["question"], row["by"]) == (question, by) and row["metric"] in metrics
        ]
        times = [row["as_of"] for row in rows if datetime.fromisoformat(row["as_of"]) <= until]
        for row in rows if times else ():
            if row["as_of"] == max(times):
                yield from _told(row, ask(question, by, row["as_of"]))


def _told(true: Row, answer: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    where = ", ".join(str(key) for key in true["keys"].values())
    for row in answer:
        if is_about(row, true):
            said = {name: "suppressed" if row["suppressed"] else row[name] for name in ("value", "low", "high")}
            yield {"metric": true["metric"], "where": where, "as of": true["as_of"], "truth": true["value"], **said}
