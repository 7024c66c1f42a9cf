"""The owner's socket: who may speak to it, and what happens when one side goes away."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spillover.errors import CampaignError, SpilloverError, UsageError, without_words
from spillover.wire import Link, Server


def answer(command: str, arguments: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    if command == "fail":
        raise CampaignError("line 3: key colour")
    if command == "break":
        raise ZeroDivisionError("a fault of ours")
    return {"said": arguments}, b"x" * arguments.get("bytes", 0)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path / "private" / "owner.sock", answer)
    yield made
    made.close()


def test_a_command_gets_its_answer_and_its_bytes(server: Server) -> None:
    with Link(server.path) as link:
        assert link.ask("say", {"a": "从未"}) == ({"said": {"a": "从未"}}, b"")
        assert len(link.ask("say", {"bytes": 5_000_000})[1]) == 5_000_000


def test_an_error_keeps_its_kind_and_its_words(server: Server) -> None:
    with Link(server.path) as link:
        with pytest.raises(CampaignError, match="line 3: key colour"):
            link.ask("fail", {})
        with pytest.raises(SpilloverError, match="a fault of ours"):
            link.ask("break", {})
        assert link.ask("say", {})[0] == {"said": {}}


def test_only_its_owner_may_open_the_socket(server: Server) -> None:
    assert server.path.stat().st_mode & 0o777 == 0o600
    assert server.path.parent.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    with pytest.raises(UsageError, match="not a private folder"):
        Server(tmp_path / "open" / "owner.sock", answer)


def test_many_may_ask_at_once(server: Server) -> None:
    got: list[int] = []

    def ask(number: int) -> None:
        with Link(server.path) as link:
            got.append(link.ask("say", {"n": number})[0]["said"]["n"])

    threads = [threading.Thread(target=ask, args=[number]) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == list(range(30))


@pytest.mark.parametrize("junk", [b"", b"\xff" * 8, b"\0\0\0\5\0\0\0\0nojsn", b"GET / HTTP/1.1\r\n\r\n"])
def test_junk_ends_its_own_connection_only(server: Server, junk: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as raw:
        raw.connect(str(server.path))
        raw.sendall(junk)
    with Link(server.path) as link:
        assert link.ask("say", {})[0] == {"said": {}}


def test_nobody_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        Link(tmp_path / "owner.sock")


def test_an_error_in_a_log_says_where_and_never_what() -> None:
    try:
        int("a post's own words")
    except ValueError as error:
        shown = without_words(error)
    assert shown.startswith("ValueError at test_wire.py:") and "own words" not in shown
