"""Load a file and keep all that comes of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from collectors.file import File
from spillover import Availability, Client, Post, Reading, Reject, Source


@dataclass
class Loaded:
    """What one load gave."""

    format: str | None = None
    posts: list[Post] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    availability: list[Availability] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    claimed: list[int | None] = field(default_factory=list)
    biggest_page: int = 0

    @property
    def ids(self) -> list[str]:
        return [post.id for post in self.posts]

    def of(self, post_id: str) -> Post:
        return next(post for post in self.posts if post.id == post_id)


def load(path: Path, **asked: Any) -> Loaded:
    """Load a file to its end."""
    collector, found = File(cast(Client, None)), Loaded()
    for page in collector.load(Source(path=path, **asked)):
        found.posts += page.posts
        found.readings += page.readings
        found.availability += page.availability
        found.rejects += page.rejects
        found.claimed.append(page.claimed_total)
        found.biggest_page = max(found.biggest_page, len(page.posts))
    found.format = collector.format_name
    return found


def written(path: Path, content: str | bytes | Iterable[Any]) -> Path:
    """Write a text, bytes, or values as JSON lines."""
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, str):
        path.write_text(content, "utf-8")
    else:
        path.write_text("".join(json.dumps(value, ensure_ascii=False) + "\n" for value in content), "utf-8")
    return path
