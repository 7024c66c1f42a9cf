"""The tests' own walls: broken on purpose, because a wall that lets through proves nothing."""

from __future__ import annotations

import os
import pwd
import socket
import urllib.request
from pathlib import Path

import pytest


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80)])
def test_no_test_reaches_another_machine(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as one:
        for attempt in (one.connect, one.connect_ex):
            with pytest.raises(AssertionError, match="no network but loopback"):
                attempt(address)


def test_no_test_asks_for_the_address_of_a_name() -> None:
    with pytest.raises(OSError, match="no network but loopback"):
        urllib.request.urlopen("http://example.org/", timeout=5)


def test_an_address_in_figures_needs_no_looking_up() -> None:
    assert socket.getaddrinfo("192.0.2.1", 80)


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        for host in ("127.0.0.1", "localhost"):
            socket.create_connection((host, server.getsockname()[1]), timeout=5).close()


def test_no_test_sees_the_developer_s_own_settings() -> None:
    assert not [name for name in os.environ if name.startswith("SPILLOVER_") and name != "SPILLOVER_SHARED"]
    assert Path.home() != Path(pwd.getpwuid(os.getuid()).pw_dir)
