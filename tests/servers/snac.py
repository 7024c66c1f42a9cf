"""snac2, a real fediverse server that speaks a part of Mastodon's API in its own way. install_snac.sh brings it."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

PROGRAM = Path(__file__).resolve().parents[2] / ".servers" / "snac" / "usr" / "bin" / "snac"


class Snac:
    """The server, as those who have accounts there use it."""

    def __init__(self, base: str, passwords: dict[str, str]) -> None:
        self.base, self.host = base, base.partition("://")[2]
        self._passwords = passwords
        self._tokens: dict[str, str] = {}

    def post(self, account: str, text: str, **more: str) -> dict[str, Any]:
        """Post a status."""
        return self._ask(account, "/api/v1/statuses", {"status": text, **more})

    def act(self, account: str, status_id: str, what: str) -> dict[str, Any]:
        """Reblog or favourite a status."""
        return self._ask(account, f"/api/v1/statuses/{status_id}/{what}", {})

    def token(self, account: str) -> str:
        """Return what the account logs in with."""
        if account not in self._tokens:
            asked = {"login": account, "passwd": self._passwords[account]}
            self._tokens[account] = self._patiently("/oauth/x-snac-get-token", asked, {}).text.strip()
        return self._tokens[account]

    def _ask(self, account: str, path: str, said: dict[str, str]) -> dict[str, Any]:
        key = {"Authorization": f"Bearer {self.token(account)}"}
        found: dict[str, Any] = self._patiently(path, said, key).raise_for_status().json()
        return found

    def _patiently(self, path: str, said: dict[str, str], key: dict[str, str]) -> httpx.Response:
        """Send a form; now and then this server cuts a connection before it has done anything."""
        for _ in range(4):
            try:
                return httpx.post(self.base + path, data=said, headers=key, trust_env=False, timeout=3)
            except httpx.TransportError:
                continue
        raise RuntimeError(f"snac did not answer {path}")


@contextmanager
def snac(folder: Path, accounts: Sequence[str] = ("ana", "bo")) -> Iterator[Snac]:
    """Start a server with some accounts in a folder, and stop it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        host = f"127.0.0.1:{free.getsockname()[1]}"
    data = folder / "snac"
    _run(f"127.0.0.1\n{host.partition(':')[2]}\n{host}\n\n\n", "init", str(data))
    settings = json.loads((data / "server.json").read_text("utf-8"))
    settings |= {"protocol": "http", "disable_email_notifications": True, "show_instance_timeline": True}
    settings["num_threads"] = 16  # a connection that is kept open holds one
    (data / "server.json").write_text(json.dumps(settings), "utf-8")
    told = {name: _run(f"{name}\n", "adduser", str(data), name) for name in accounts}
    passwords = {name: re.findall(r"User password is (\S+)", said)[0] for name, said in told.items()}
    process = subprocess.Popen(
        [PROGRAM, "httpd", str(data)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    )
    try:
        _await(process, f"http://{host}/")
        yield Snac(f"http://{host}", passwords)
    finally:
        process.kill()
        process.wait(10)


def _run(said: str, *arguments: str) -> str:
    done = subprocess.run([PROGRAM, *arguments], input=said, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def _await(process: subprocess.Popen[bytes], url: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(url, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"snac did not start; it ended with {process.poll()}")
