"""From the firehose of a real PDS into our Jetstream: what a Jetstream server does, which cannot be installed here."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from atproto import CAR, models, parse_subscribe_repos_message
from atproto_subscription.frames import Frame, MessageFrame
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.jetstream_server import Jetstream


@contextmanager
def bridged(pds: str, server: Jetstream) -> Iterator[None]:
    """Feed all that a PDS says from now on into a server."""
    url = f"{pds.replace('http', 'ws', 1)}/xrpc/com.atproto.sync.subscribeRepos"
    with connect(url, proxy=None, max_size=None) as line:
        thread = threading.Thread(target=_pass_on, args=(line, server))
        thread.start()
        try:
            yield
        finally:
            line.close()
            thread.join()


def _pass_on(line: ClientConnection, server: Jetstream) -> None:
    try:
        for raw in line:
            assert isinstance(raw, bytes)
            frame = Frame.from_bytes(raw)
            if isinstance(frame, MessageFrame):
                for event in _events(parse_subscribe_repos_message(frame)):
                    server.add(json.dumps({"time_us": time.time_ns() // 1000, **event}).encode())
    except ConnectionClosed:
        pass  # the test is over


def _events(said: Any) -> Iterator[dict[str, Any]]:
    if isinstance(said, models.ComAtprotoSyncSubscribeRepos.Account):
        account = {name: value for name, value in said.model_dump().items() if value is not None}
        yield {"did": said.did, "kind": "account", "account": account}
    elif isinstance(said, models.ComAtprotoSyncSubscribeRepos.Commit):
        blocks = CAR.from_bytes(said.blocks).blocks if said.blocks else {}
        for op in said.ops:
            collection, _, rkey = op.path.partition("/")
            commit = {"rev": said.rev, "operation": op.action, "collection": collection, "rkey": rkey}
            if op.cid is not None:
                commit |= {"cid": str(op.cid), "record": blocks[op.cid]}
            yield {"did": said.repo, "kind": "commit", "commit": commit}
