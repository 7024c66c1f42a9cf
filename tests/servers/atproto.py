"""A real AT Protocol network on loopback: PLC directory and PDS, or with an AppView, PostgreSQL and Valkey (7 s).

``install_atproto.sh`` puts it below ``.servers``; it needs npm and a compiler, takes two minutes, and is done once.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

HERE = Path(__file__).resolve().parent
HOME = HERE.parents[1] / ".servers/atproto"
ADMIN = ("admin", "admin-pass")
POSTS = "app.bsky.feed.post"


@dataclass
class Account:
    """Somebody who writes."""

    did: str
    pds: str
    headers: dict[str, str] = field(repr=False)

    def call(self, method: str, **body: Any) -> dict[str, Any]:
        """Call a procedure of the PDS."""
        answer = httpx.post(f"{self.pds}/xrpc/{method}", headers=self.headers, json=body, timeout=30)
        answer.raise_for_status()
        return dict(answer.json()) if answer.content else {}

    def write(self, text: str, collection: str = POSTS, **fields: Any) -> dict[str, Any]:
        """Write a record; return its address and its hash."""
        record = {"$type": collection, "createdAt": "2026-11-01T00:00:00Z"} | fields | ({"text": text} if text else {})
        return self.call("com.atproto.repo.createRecord", repo=self.did, collection=collection, record=record)

    def delete(self, uri: str) -> None:
        """Delete a post."""
        rkey = uri.rpartition("/")[2]
        self.call("com.atproto.repo.deleteRecord", repo=self.did, collection=POSTS, rkey=rkey)


@dataclass
class Network:
    """The addresses of the servers."""

    pds: str
    plc: str
    appview: str | None = None

    def account(self) -> Account:
        """Open an account."""
        name = f"u{uuid4().hex[:10]}"
        asked = {"handle": f"{name}.test", "email": f"{name}@x.test", "password": "made-up"}
        answer = httpx.post(f"{self.pds}/xrpc/com.atproto.server.createAccount", json=asked, timeout=30)
        answer.raise_for_status()
        told = answer.json()
        return Account(told["did"], self.pds, {"Authorization": f"Bearer {told['accessJwt']}"})

    def take_down(self, subject: dict[str, str], *, at: str | None = None) -> None:
        """Take an account or a post down, as its host's moderation does; ``at`` the PDS unless said otherwise."""
        asked = {"subject": subject, "takedown": {"applied": True, "ref": "x"}}
        url = f"{at or self.pds}/xrpc/com.atproto.admin.updateSubjectStatus"
        httpx.post(url, auth=ADMIN, json=asked, timeout=30).raise_for_status()


@contextmanager
def running(*, appview: bool = False) -> Iterator[Network]:
    """Run the servers; skip loudly where they cannot be installed."""
    if shutil.which("npm") is None:
        pytest.skip("npm is missing (Debian: apt-get install npm): no AT Protocol server")
    subprocess.run([HERE / "install_atproto.sh"], check=True, timeout=900)
    with ExitStack() as stack:
        told: dict[str, str] = {}
        if appview:
            python = [HOME / "node-venv/bin/python", HERE / "atproto_databases.py"]
            told = json.loads(stack.enter_context(_line(python, {})))
        mode = "appview" if appview else "pds"
        node = [HOME / "node/bin/node", HERE / "atproto.mjs", mode]
        yield Network(**json.loads(stack.enter_context(_line(node, told | {"ATPROTO": str(HOME)}))))


@contextmanager
def _line(command: list[str | Path], environ: dict[str, str]) -> Iterator[str]:
    """Run a server that says one line when it is ready, and ends when nobody speaks to it any more."""
    quiet = {"LOG_ENABLED": "false", "NODE_ENV": "test"}
    with (HOME / f"{Path(command[1]).name}.log").open("w") as log:
        server = subprocess.Popen(
            command,
            env=os.environ | quiet | environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            line = next((said for said in server.stdout if said.startswith("{")), None)
            if line is None:
                raise RuntimeError(f"{command[1]} did not start: {Path(log.name).read_text('utf-8')[-2000:]}")
            yield line
        finally:
            server.stdin.close()
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            server.stdout.close()
