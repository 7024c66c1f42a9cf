"""Commands about evidence: save."""

from __future__ import annotations

from argparse import Namespace

from spillover.commands import _out
from spillover.config import open_workspace
from spillover.owner import Desk


def save(asked: Namespace) -> int:
    """Have the Wayback Machine copy a campaign's videos, or one of its posts, and print where each copy is."""
    with Desk(open_workspace(asked.workspace)) as desk:
        copies = desk.command("evidence_save", campaign=asked.campaign, post=asked.post)["copies"]
    _out.rows(copies, asked.style)
    return _out.FOUND if any(copy["evidence"] is None for copy in copies) else _out.FINE
