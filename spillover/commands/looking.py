"""Commands that look: show, sql, export, collectors."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from spillover.commands import _out
from spillover.config import find_workspace, open_workspace
from spillover.errors import UsageError
from spillover.owner import Desk


def show(asked: Namespace) -> int:
    """Print the answer about one campaign, or the answers about two beside each other."""
    if len(asked.campaign) > 2:
        raise UsageError(f"--campaign was given {len(asked.campaign)} times: one is asked about, or two are compared")
    campaign, beside = (*asked.campaign, None)[:2]
    by = [part.strip() for part in asked.by.split(",") if part.strip()] if asked.by else ["platform"]
    with Desk(open_workspace(asked.workspace)) as desk:
        found = desk.command(
            "show", question=asked.question, campaign=campaign, by=by, as_of=asked.as_of, beside=beside
        )["rows"]
    _out.rows(found, asked.style)
    return _out.FINE


def sql(asked: Namespace) -> int:
    with Desk(open_workspace(asked.workspace)) as desk:
        table = desk.sql(asked.query)
    names = table.column_names
    if len(set(names)) < len(names):
        raise UsageError("two columns have the same name; give them names with AS")
    for batch in table.to_batches(max_chunksize=10_000):
        _out.rows(batch.to_pylist(), asked.style)
    return _out.FINE


def export(asked: Namespace) -> int:
    with Desk(open_workspace(asked.workspace)) as desk:
        files = desk.command("export", campaign=asked.campaign, directory=str(asked.directory.resolve()))["files"]
    _out.rows([{"file": name} for name in files], asked.style)
    return _out.FINE


def collectors(asked: Namespace) -> int:
    with Desk(open_workspace(asked.workspace)) as desk:
        _out.rows(desk.command("collectors")["collectors"], asked.style)
    return _out.FINE


def plan(asked: Namespace) -> int:
    """Print what a campaign will cost a day: one that is registered, by name, or a file that is not saved yet."""
    path, workspace = Path(asked.campaign), find_workspace(asked.workspace)
    if path.suffix == ".toml" and not workspace.exists():  # nobody else draws on the budgets then
        from spillover import plan as planner
        from spillover.campaign import read_campaign

        found = planner.costs(read_campaign(path))
    else:
        named = str(path.resolve()) if path.suffix == ".toml" else asked.campaign
        with Desk(open_workspace(asked.workspace)) as desk:
            found = desk.command("plan", campaign=named)["plan"]
    _out.rows(found, asked.style)
    return _out.FOUND if any(row.get("fits") is False for row in found) else _out.FINE


def collect(asked: Namespace) -> int:
    with Desk(open_workspace(asked.workspace)) as desk:
        runs = desk.command(
            "collect", campaign=asked.campaign, collector=asked.collector, since=asked.since, until=asked.until
        )["runs"]
    _out.rows(runs, asked.style)
    if not runs:
        _out.talk(
            "nothing to collect: no active campaign is live; name one with --campaign, or see: spillover collectors"
        )
    return _out.FOUND if any(run["outcome"] != "answered" for run in runs) else _out.FINE
