"""Commands that look after a workspace: init, up, demo, doctor, verify, expire, rebuild."""

from __future__ import annotations

from argparse import Namespace

from spillover.commands import _out
from spillover.config import find_workspace, open_workspace
from spillover.errors import UsageError
from spillover.owner import Desk, serve


def init(asked: Namespace) -> int:
    """Make a workspace; one that exists stays as it is."""
    workspace = find_workspace(str(asked.directory) if asked.directory else asked.workspace)
    try:
        workspace.make()
    except OSError as error:
        raise UsageError(
            f"{workspace.root}: {error.strerror or error}; choose a folder that you may write to"
        ) from error
    with Desk(workspace):
        pass  # opening it makes the database
    _out.talk(f"workspace ready: {workspace.root}")
    _out.rows([{"workspace": str(workspace.root)}], asked.style)
    return _out.FINE


def up(asked: Namespace) -> int:
    serve(open_workspace(asked.workspace), port=asked.port, browser=asked.browser)
    return _out.FINE


def demo(asked: Namespace) -> int:
    """Open the sample workspace, made on the first call: real data, replayed by the schedule, no network."""
    from spillover.sample import make_sample

    given = find_workspace(asked.workspace)
    workspace = make_sample(given.root if asked.workspace else given.root.with_name("sample"))
    _out.talk(f"sample workspace: {workspace.root}")
    serve(workspace, port=asked.port, browser=asked.browser)
    return _out.FINE


def doctor(asked: Namespace) -> int:
    from spillover.doctor import examine

    found = list(examine(find_workspace(asked.workspace)))
    _out.rows(found, asked.style)
    return _out.FINE if all(row["ok"] for row in found) else _out.FOUND


def verify(asked: Namespace) -> int:
    with Desk(open_workspace(asked.workspace)) as desk:
        found = desk.command("verify")["findings"]
    _out.rows(found, asked.style)
    return _out.FINE if all(row["ok"] for row in found) else _out.FOUND


def expire(asked: Namespace) -> int:
    """Erase what platforms' terms no longer let us hold; the owner does it by itself every quarter of an hour."""
    with Desk(open_workspace(asked.workspace)) as desk:
        _out.rows(desk.command("expire")["expired"], asked.style)
    return _out.FINE


def rebuild(asked: Namespace) -> int:
    with Desk(open_workspace(asked.workspace)) as desk:
        desk.command("rebuild")
    return _out.FINE
