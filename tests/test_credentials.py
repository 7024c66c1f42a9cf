"""Secrets: the environment, then the keyring, then the operator's file."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from spillover import credentials, redaction
from spillover.config import find_workspace, secret
from spillover.errors import UsageError

NAME = "MADE_UP_API_KEY"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stand in an empty folder, with a workspace beside it and no keyring."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("SPILLOVER_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.setattr(credentials, "find_spec", lambda name: None)
    find_workspace(None)
    credentials._from_keyring.cache_clear()
    yield
    credentials._from_keyring.cache_clear()


def write(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / ".streamlit" / "secrets.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


def a_keyring(monkeypatch: pytest.MonkeyPatch, held: dict[tuple[str, str], str] | type[Exception]) -> None:
    """Put a keyring in place that holds these, or fails."""

    class KeyringError(Exception):
        pass

    def get_password(service: str, name: str) -> str | None:
        if isinstance(held, dict):
            return held.get((service, name))
        raise KeyringError("locked") if held is Exception else held("no bus")

    made = ModuleType("keyring")
    made.get_password, made.errors = get_password, ModuleType("errors")  # type: ignore[attr-defined]
    made.errors.KeyringError = KeyringError
    monkeypatch.setitem(sys.modules, "keyring", made)
    monkeypatch.setattr(credentials, "find_spec", lambda name: made)


def test_what_is_nowhere_is_none() -> None:
    assert secret(NAME) is None


def test_our_own_name_in_the_environment_comes_before_the_plain_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "the plain one")
    assert secret(NAME) == "the plain one"
    monkeypatch.setenv(f"SPILLOVER_{NAME}", "our own")
    assert secret(NAME) == "our own"


def test_the_keyring_comes_after_the_environment_and_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "here", f'[spillover]\n{NAME} = "from the file"\n')
    a_keyring(monkeypatch, {("spillover", NAME): "from the keyring"})
    assert secret(NAME) == "from the keyring"
    monkeypatch.setenv(NAME, "from the environment")
    assert secret(NAME) == "from the environment"


@pytest.mark.parametrize("trouble", [Exception, RuntimeError, OSError])
def test_a_keyring_that_fails_is_said_once_and_stands_in_nobodys_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, trouble: type[Exception]
) -> None:
    write(tmp_path / "here", f'[spillover]\n{NAME} = "from the file"\n')
    a_keyring(monkeypatch, trouble)
    assert [secret(NAME), secret(NAME)] == ["from the file"] * 2
    assert [record.getMessage().split()[0] for record in caplog.records] == ["event=keyring"]


def test_without_the_extra_no_keyring_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)  # an import would fail
    assert secret(NAME) is None


@pytest.mark.parametrize(
    "text",
    [
        f'[spillover]\n{NAME} = "x1234567"',
        '[spillover.made_up]\napi_key = "x1234567"',
        '[spillover.MADE]\nUP_API_KEY = "x1234567"',
    ],
)
def test_a_file_names_a_secret_whole_or_by_its_collector(tmp_path: Path, text: str) -> None:
    write(tmp_path / "here", text)
    assert secret(NAME) == "x1234567"


def test_the_workspaces_file_comes_before_the_current_folders(tmp_path: Path) -> None:
    write(tmp_path / "here", f'[spillover]\n{NAME} = "from here"\nOTHER_API_KEY = "only here"\n')
    write(tmp_path / "workspace", f'[spillover]\n{NAME} = "from the workspace"\n')
    assert (secret(NAME), secret("OTHER_API_KEY")) == ("from the workspace", "only here")


def test_a_file_that_is_written_anew_is_read_anew(tmp_path: Path) -> None:
    write(tmp_path / "here", f'[spillover]\n{NAME} = "before"\n')
    assert secret(NAME) == "before"
    path = write(tmp_path / "here", f'[spillover]\n{NAME} = "after"\n')
    path.touch()
    assert secret(NAME) == "after"


@pytest.mark.parametrize(
    "text", ["", "[other]\nx = 1", f"[spillover]\n{NAME} = 7", f'[spillover]\n{NAME} = ""', "spillover = 3"]
)
def test_a_file_that_does_not_name_it_has_none(tmp_path: Path, text: str) -> None:
    write(tmp_path / "here", text)
    assert secret(NAME) is None


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o400, False), (0o644, True), (0o660, True)])
def test_a_file_that_others_can_read_is_warned_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: int, warned: bool
) -> None:
    write(tmp_path / "here", f'[spillover]\n{NAME} = "x1234567"\n', mode)
    assert [secret(NAME), secret(NAME)] == ["x1234567"] * 2
    said = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(said) == warned and all("fix=chmod-600" in line and "x1234567" not in line for line in said)


@pytest.mark.parametrize("text", ['[spillover]\nkey = "topsecret', "[spillover\n", "\udcff"])
def test_a_file_that_is_no_toml_names_itself_and_quotes_nothing(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "here", "")
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError) as caught:
        secret(NAME)
    assert str(path) in str(caught.value) and "topsecret" not in str(caught.value)


def test_a_secret_that_was_asked_for_is_hidden_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "a key like none other")
    secret(NAME)
    assert redaction.redact("said a key like none other here") == "said [secret] here"
