"""Processes for tests that kill: an owner without pages, and an importer that says what it was promised.

``python -m tests.headless owner DIR`` prints ready and runs until it is ended.
``python -m tests.headless import DIR CAMPAIGN FILE...`` prints each file's name once its rows can be read.
"""

from __future__ import annotations

import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path

from spillover._where import own_process
from spillover.campaign import read_campaign
from spillover.campaigns import subject
from spillover.config import Workspace
from spillover.contract import Source
from spillover.loading import load_file
from spillover.owner import Desk, Owner


def own(workspace: Workspace) -> None:
    owner = Owner(workspace)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    owner.start()
    print("ready", flush=True)
    ended.wait()
    owner.close()


def bring(workspace: Workspace, name: str, files: list[str]) -> None:
    for file in files:
        with Desk(workspace) as desk:
            version = desk.command("campaign_save", name=name)["version"]
            door = replace(subject(workspace, read_campaign(workspace.campaign_file(name)), version), keep_all=True)
            tally, _, _ = load_file(workspace, door, Source(path=Path(file)))
            assert desk.command("drain", segments=tally.segment_ids)["found"] == len(tally.segment_ids)
        print(file, flush=True)


if __name__ == "__main__":
    own_process()
    place = Workspace(Path(sys.argv[2]))
    if sys.argv[1] == "owner":
        own(place)
    else:
        bring(place, sys.argv[3], sys.argv[4:])
