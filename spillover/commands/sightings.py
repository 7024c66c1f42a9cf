"""The sighting command: what only a person may see, into a campaign."""

from __future__ import annotations

import base64
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from spillover.commands import _out
from spillover.config import open_workspace
from spillover.errors import UsageError
from spillover.owner import Desk
from spillover.sightings import BIGGEST, FIELDS


def add(asked: Namespace) -> int:
    """Take in one sighting; return when its row can be read. 1 says that this very reading was held already."""
    said = {name: getattr(asked, name) for name in FIELDS if getattr(asked, name) is not None}
    said.setdefault("seen_at", datetime.now(UTC).isoformat())  # the same moment when the command is said twice
    picture = _read(asked.screenshot) if asked.screenshot else None
    with Desk(open_workspace(asked.workspace)) as desk:
        found = desk.command("sighting_add", campaign=asked.campaign, said=said, picture=picture)
    _out.rows([found], asked.style)
    if picture:
        _out.talk("the screenshot is kept in the workspace's folder evidence/; it can show names: it is never exported")
    if not found["new_reading"]:
        _out.talk("this reading was held already; nothing was added but the verdict")
    return _out.FINE if found["new_reading"] else _out.FOUND


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > BIGGEST:
            raise UsageError(f"--screenshot: {path} is larger than {BIGGEST >> 20} MB; make it smaller")
        return base64.b64encode(path.read_bytes()).decode()
    except OSError as error:
        raise UsageError(f"--screenshot: {path}: {error.strerror or error}") from error
