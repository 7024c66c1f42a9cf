"""A real MediaWiki on SQLite behind PHP's own server.

Debian: apt-get install --no-install-recommends mediawiki php-cli php-sqlite3 php-mbstring php-xml php-intl
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

_CODE = Path("/usr/share/mediawiki")
_SETTINGS = "$wgMainCacheType = CACHE_NONE; $wgRateLimits = []; $wgJobRunRate = 0;\n"


@dataclass(frozen=True)
class MediaWiki:
    """A wiki that runs. ``url`` is its base, as that of a Wikipedia."""

    url: str
    folder: Path

    def write(self, title: str, text: str) -> None:
        """Save a page as anybody would."""
        self._maintain("edit", "--user", "Admin", title, said=text)

    def delete(self, title: str) -> None:
        """Delete a page as an administrator does."""
        titles = self.folder / "titles.txt"
        titles.write_text(f"{title}\n", "utf-8")
        self._maintain("deleteBatch", "-u", "Admin", str(titles))

    def _maintain(self, script: str, *arguments: str, said: str = "") -> None:
        command = ["php", str(_CODE / "maintenance" / f"{script}.php"), *arguments]
        subprocess.run(command, input=said.encode(), env=_environment(self.folder), check=True, capture_output=True)


@contextmanager
def mediawiki(folder: Path) -> Iterator[MediaWiki]:
    """Install a wiki into a folder, serve it, and stop it at the end; skip the test where there is none to install."""
    if not shutil.which("php") or not (_CODE / "api.php").exists():
        pytest.skip(
            "NOT RUN: needs Debian's packages mediawiki, php-cli, php-sqlite3, php-mbstring, php-xml and php-intl"
        )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    wiki = MediaWiki(f"http://127.0.0.1:{port}", folder)
    for name in ("data", "served"):
        (folder / name).mkdir()
    (folder / "served" / "w").symlink_to(_CODE)  # where Wikipedia has its api.php
    install = [
        "php",
        str(_CODE / "maintenance" / "install.php"),
        "--dbtype",
        "sqlite",
        "--dbpath",
        str(folder / "data"),
    ]
    install += ["--server", wiki.url, "--scriptpath", "/w", "--lang", "zh", "--pass", "a-long-password"]
    subprocess.run([*install, "--confpath", str(folder), "Wiki", "Admin"], check=True, capture_output=True)
    with (folder / "LocalSettings.php").open("a", encoding="utf-8") as settings:
        settings.write(_SETTINGS)
    serve = ["php", "-S", f"127.0.0.1:{port}", "-t", str(folder / "served")]
    log = (folder / "php.log").open("wb")
    with log, subprocess.Popen(serve, env=_environment(folder), stdout=log, stderr=log) as server:
        try:
            _wait(f"{wiki.url}/w/api.php?action=query&meta=siteinfo&format=json")
            yield wiki
        finally:
            server.terminate()


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "MW_CONFIG_FILE": str(folder / "LocalSettings.php")}


def _wait(url: str, patience_s: float = 30.0) -> None:
    deadline = time.monotonic() + patience_s
    while True:
        try:
            with urlopen(url, timeout=10) as answer:
                if b"generator" in answer.read():
                    return
        except OSError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.1)
