"""What every test stands on: no network but loopback, nobody's own settings, a fresh workspace."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from spillover.config import Workspace

settings.register_profile("patient", deadline=None)  # a busy machine is no reason to fail
settings.load_profile("patient")
ROOT = Path(__file__).resolve().parents[1]
RECORDED = Path(__file__).resolve().parent / "recorded"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of given material beside the checkout; a test that needs it is skipped, and says so, where it is not."""
    folder = Path(os.environ.get("SPILLOVER_SHARED", ROOT.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip(f"NOT RUN: needs the given material, which is not at {folder}")
    return folder


@pytest.fixture(autouse=True)
def nobodys_settings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if (name.startswith("SPILLOVER_") and name != "SPILLOVER_SHARED") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(home))


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    """Let no test out of this machine: a connection is a failed test, a name has no address."""
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded(self: socket.socket, address: Any) -> None:
        _must_be_here(self, address)
        connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        _must_be_here(self, address)
        return connect_ex(self, address)

    def looked_up(host: Any, *more: Any, **named: Any) -> Any:
        if _number(host) is None and not _is_here(host):  # figures need no looking up
            raise socket.gaierror(
                socket.EAI_NONAME, f"a test looked up {host!r}: the tests have no network but loopback"
            )
        return look_up(host, *more, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        patch.setattr(socket.socket, "connect_ex", guarded_ex)
        patch.setattr(socket, "getaddrinfo", looked_up)
        yield


def _must_be_here(one: socket.socket, address: Any) -> None:
    if one.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(address[0]):
        raise AssertionError(f"a test tried to reach {address}: the tests have no network but loopback")


def _is_here(host: Any) -> bool:
    number = _number(host)
    return host in (None, "", "localhost", b"localhost") if number is None else number.is_loopback


def _number(host: Any) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that stands there in figures, None for a name."""
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host)
    except ValueError:
        return None


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = Workspace(tmp_path / "workspace")
    made.make()
    return made


@pytest.fixture(scope="session")
def python() -> list[str]:
    """How to start our command line in a process of its own."""
    return [sys.executable, "-m", "spillover"]


@pytest.fixture
def checkout_first(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    yield
