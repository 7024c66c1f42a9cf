"""Commands about campaigns: add, list, show, check, pause, resume, archive."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from spillover.campaign import check_campaign, read_campaign
from spillover.commands import _out
from spillover.config import Workspace, open_workspace
from spillover.errors import UsageError
from spillover.matching import Matcher
from spillover.owner import Desk


def add(asked: Namespace) -> int:
    """Copy a campaign file into the workspace, or put a new version in the place of the old one."""
    workspace = open_workspace(asked.workspace)
    campaign = read_campaign(asked.file)
    Matcher(campaign)  # refuses a term that would match half the web, before anything is written
    with Desk(workspace) as desk:
        _install(workspace, campaign.name, asked.file)
        saved = desk.command("campaign_save", name=campaign.name)
    _out.talk(f"{campaign.name}: version {saved['version']}")
    if saved["backfill_needed"]:
        _out.talk(f"{saved['rematched']} stored posts were matched again; what was not stored needs a back-fill:")
        _out.talk(f"  spillover collect --once --campaign {campaign.name} --since DATE   (and import your files again)")
    _out.rows([saved], asked.style)
    return _out.FINE


def list_(asked: Namespace) -> int:
    with Desk(open_workspace(asked.workspace)) as desk:
        _out.rows(desk.command("campaign_list")["campaigns"], asked.style)
    return _out.FINE


def show(asked: Namespace) -> int:
    path = open_workspace(asked.workspace).campaign_file(asked.name)
    if not path.is_file():
        raise UsageError(f"no campaign {asked.name!r}; see: spillover campaign list")
    campaign = read_campaign(path)
    if asked.style == "text":
        print(campaign.source, end="")
        return _out.FINE
    fields = {name: getattr(campaign, name) for name in campaign.__struct_fields__ if name != "source"}
    fields["videos"] = [{"url": video.url, "titles": video.titles} for video in campaign.videos]
    _out.rows([fields], asked.style)
    return _out.FINE


def check(asked: Namespace) -> int:
    problems = check_campaign(asked.file)
    found = [
        {
            "file": str(problem.file),
            "line": problem.line,
            "key": problem.key,
            "message": problem.message,
            "nearest": problem.nearest,
        }
        for problem in problems
    ]
    if asked.style == "text":
        for row in found:
            nearest = f"; did you mean {row['nearest']}?" if row["nearest"] else ""
            print(f"{row['file']}:{row['line']}: {row['key']}: {row['message']}{nearest}")
    else:
        _out.rows(found, asked.style)
    _out.talk(f"{asked.file}: {len(found)} problems" if found else f"{asked.file}: fine")
    return _out.WRONG if found else _out.FINE


def change(asked: Namespace) -> int:
    """Pause, resume or archive; ``--live on|off`` with resume switches live collection."""
    with Desk(open_workspace(asked.workspace)) as desk:
        desk.command(f"campaign_{asked.action}", name=asked.name)
        if getattr(asked, "live", None):
            desk.command("campaign_live", name=asked.name, live=asked.live == "on")
    return _out.FINE


def _install(workspace: Workspace, name: str, file: Path) -> None:
    target = workspace.campaign_file(name)
    if target.exists() and target.samefile(file):
        return
    hidden = target.with_name(f".{name}.tmp")
    hidden.write_bytes(file.read_bytes())
    hidden.replace(target)
    workspace.inbox(name).mkdir(parents=True, exist_ok=True)
