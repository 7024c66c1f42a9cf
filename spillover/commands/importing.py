"""The import command: files of an analyst into a campaign, by the same path as everything that is collected."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

from spillover.campaign import read_campaign
from spillover.campaigns import subject
from spillover.commands import _out
from spillover.config import open_workspace
from spillover.contract import Source
from spillover.controls import EACH
from spillover.errors import UsageError
from spillover.ingest import Subject
from spillover.loading import load_file
from spillover.owner import Desk
from spillover.policies import PUBLISHED


def import_(asked: Namespace) -> int:
    """Import each file; return when its rows can be read. A file that cannot be read does not stop the others."""
    workspace = open_workspace(asked.workspace)
    path = workspace.campaign_file(asked.campaign)
    if not path.is_file():
        raise UsageError(f"no campaign {asked.campaign!r}; see: spillover campaign list")
    worst = _out.FINE
    with Desk(workspace) as desk:
        version = desk.command("campaign_save", name=asked.campaign)["version"]
        door = replace(
            subject(workspace, read_campaign(path), version),
            keep_all=asked.keep_all,
            policy=PUBLISHED if asked.published else None,
        )
        for file in asked.files:
            line, code = _import_one(
                desk, door, Source(path=file, format=asked.format, mapping=asked.mapping), workspace, asked.campaign
            )
            _out.rows([line], asked.style)
            worst = max(worst, code)
        _warn(desk.command("overdue")["overdue"])
    return worst


def _warn(overdue: list[dict[str, Any]]) -> None:
    """Say what will not stay, before somebody looks for it in vain."""
    for row in overdue:
        _out.talk(
            f"{row['readings']} readings of {row['policy']} are older than the {row['storage_days']} days for which its terms "
            "let us hold them: `spillover up` and `spillover expire` erase them. Import a data set that others published "
            "with --published; a permission of your own goes into policies.toml"
        )


def _import_one(desk: Desk, door: Subject, source: Source, workspace: Any, campaign: str) -> tuple[dict[str, Any], int]:
    line: dict[str, Any] = {
        "file": str(source.path),
        "format": None,
        "read": 0,
        "posts": 0,
        "new_posts": 0,
        "observations": 0,
    }
    line |= {"matched": 0, "duplicates": 0, "rejected": 0, "rejects": None}
    if (trouble := _unreadable(source.path)) is not None:
        _out.talk(trouble)
        return line | {"error": trouble}, _out.WRONG
    try:
        tally, rejects, format_name = load_file(workspace, door, source, served=_served(desk, campaign))
    except UsageError as error:
        _out.talk(str(error))
        return line | {"error": str(error)}, _out.WRONG
    drained = desk.command("drain", segments=tally.segment_ids)
    line |= {
        "format": format_name, "read": tally.posts + tally.rejected, "posts": tally.posts - drained["duplicates"],
        "new_posts": drained["new_posts"], "observations": drained["observations"], "matched": tally.matched,
        "duplicates": drained["duplicates"], "rejected": tally.rejected, "runs": tally.runs_elsewhere, "rejects": str(rejects.path) if rejects.count else None,
    }  # fmt: skip
    if tally.outcome == "broken":
        _out.talk(f"{source.path}: {tally.reason}")
        return line | {"error": tally.reason}, _out.FOUND
    if tally.rejected:
        _out.talk(f"{source.path}: {tally.rejected} of {line['read']} records could not be read; why: {rejects.path}")
    return line, _out.FOUND if tally.rejected else _out.FINE


def _served(desk: Desk, campaign: str) -> frozenset[int]:
    """Return the posts of a campaign that have as many controls as a post gets."""
    found = desk.sql(f"SELECT campaign, post_key FROM controls GROUP BY ALL HAVING count(*) >= {EACH}").to_pylist()
    return frozenset(row["post_key"] for row in found if row["campaign"] == campaign)


def _unreadable(path: Path) -> str | None:
    try:
        with path.open("rb"):
            return None
    except OSError as error:
        return f"{path}: {error.strerror or error}"
