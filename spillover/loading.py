"""Reading a file that an analyst brings, by the path of everything that is collected."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from spillover import registry
from spillover.collect import RejectsFile, Run, Tally, Task
from spillover.config import Workspace
from spillover.contract import Source
from spillover.errors import UsageError
from spillover.ingest import Subject


def load_file(
    workspace: Workspace, subject: Subject, source: Source, *, served: frozenset[int] = frozenset()
) -> tuple[Tally, RejectsFile, str | None]:
    """Read a file through the ordinary path; return what came of it, its rejects and the name of its format.

    ``served`` are posts that have their controls already: a file can tell of searches that found more of them.
    """
    collector = registry.load("file")(_Offline())
    rejects = RejectsFile(_rejects_path(workspace, source.path))
    run = Run(Task("file", "load", subject, source.path.name, served=served), workspace.spool)
    seen_at = datetime.fromtimestamp(source.path.stat().st_mtime, UTC)
    with _rare_collections():
        tally = run.follow(rejects.watch(collector.load(source)), seen_at=seen_at)
    return tally, rejects, getattr(collector, "format_name", None)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for cycles rarely while rows gather: they hold none, and looking at them all was a third of an import."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


class _Offline:
    """The client of a collector that reads files."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def get(self, url: str, **_: Any) -> Any:
        raise UsageError(f"a file is read without the network; {url} was asked for")

    def post(self, url: str, body: bytes, **_: Any) -> Any:
        raise UsageError(f"a file is read without the network; {url} was asked for")

    def frames(self, url: str, **_: Any) -> Iterator[bytes]:
        raise UsageError(f"a file is read without the network; {url} was asked for")

    def refund(self, bucket: str, amount: int) -> None:
        """Nothing is spent on a file."""


def _rejects_path(workspace: Workspace, path: Path) -> Path:
    return workspace.root / "rejects" / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{path.name}.jsonl"
