"""The sample workspace: real, published data, replayed day by day through the ordinary path, without a network."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from spillover._where import ROOT
from spillover.campaign import read_campaign
from spillover.campaigns import Campaigns
from spillover.config import Workspace
from spillover.contract import Source
from spillover.loading import load_file
from spillover.owner import Owner
from spillover.policies import PUBLISHED

_AT_ONCE = 14  # days that are there when the dashboard opens; the schedule replays the rest
_MARK = "sample.txt"


def make_sample(root: Path) -> Workspace:
    """Make the sample workspace, or return it as it stands."""
    workspace = Workspace(root.resolve())
    if (workspace.root / _MARK).is_file():
        return workspace
    workspace.make()
    for path in sorted((ROOT / "examples").glob("*.toml")):
        name = read_campaign(path).name
        shutil.copyfile(path, workspace.campaign_file(name))
        workspace.inbox(name).mkdir(parents=True, exist_ok=True)
    owner = Owner(workspace)
    try:
        owner.campaigns.save_all()
        _fill(workspace, owner.campaigns)
    finally:
        owner.close()
    (workspace.root / _MARK).write_text("Sample data: see examples/sample/README.md for their sources.\n")
    return workspace


def _fill(workspace: Workspace, campaigns: Campaigns) -> None:
    """Load the first days at once and lay the others into the inbox, from where the schedule takes one a turn."""
    for folder in sorted(path for path in (ROOT / "examples" / "sample").iterdir() if path.is_dir()):
        for number, path in enumerate(sorted(folder.iterdir())):
            if number < _AT_ONCE:
                load_file(workspace, replace(campaigns.subject(folder.name), policy=PUBLISHED), Source(path=path))
            else:
                shutil.copyfile(path, workspace.inbox(folder.name) / path.name)
