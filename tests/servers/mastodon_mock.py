"""A stateful server that speaks Mastodon's API (PyPI mastodon-mock): posts, edits, deletions, live feeds, faults at will."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

_TOKEN = "mock_token"  # of its built-in account
_PATIENCE_S = 60.0


class MastodonMock:
    """The server, as one who has an account there uses it."""

    def __init__(self, base: str) -> None:
        self.base, self.host = base, base.partition("://")[2]
        self.token = f"{_TOKEN}@{self.host}"  # as our setting wants it
        self._http = httpx.Client(base_url=base, headers={"Authorization": f"Bearer {_TOKEN}"}, trust_env=False)

    def post(self, text: str, **more: str) -> dict[str, Any]:
        """Post a status."""
        return self._done(self._http.post("/api/v1/statuses", json={"status": text, **more}))

    def act(self, status_id: str, what: str) -> dict[str, Any]:
        """Reblog or favourite a status."""
        return self._done(self._http.post(f"/api/v1/statuses/{status_id}/{what}"))

    def edit(self, status_id: str, text: str) -> None:
        """Change a status."""
        self._done(self._http.put(f"/api/v1/statuses/{status_id}", json={"status": text}))

    def delete(self, status_id: str) -> None:
        """Take a status away."""
        self._done(self._http.delete(f"/api/v1/statuses/{status_id}"))

    def fail(self, path: str, count: int, **effect: Any) -> None:
        """Answer the next requests for a path with a fault."""
        fault = {"match": {"path": path}, "effect": effect, "count": count}
        self._http.post("/api/v1/_mock/faults", json=fault).raise_for_status()

    def close(self) -> None:
        """Let the connection go."""
        self._http.close()

    def _done(self, answer: httpx.Response) -> dict[str, Any]:
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


@contextmanager
def mastodon_mock() -> Iterator[MastodonMock]:
    """Start a server with nothing on it, and stop it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        host = f"127.0.0.1:{free.getsockname()[1]}"
    asked = ["serve", "--in-memory", "--host", "127.0.0.1", "--port", host.partition(":")[2], "--domain", host]
    process = subprocess.Popen(
        [sys.executable, "-m", "mastodon_mock", *asked], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    server = MastodonMock(f"http://{host}")
    try:
        _await(process, f"{server.base}/api/v2/instance")
        yield server
    finally:
        server.close()
        process.kill()  # asked to end it would wait for each request that it lets hang
        process.wait(10)


def _await(process: subprocess.Popen[bytes], url: str) -> None:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError(f"mastodon-mock did not start; it ended with {process.poll()}")
