"""Commands that need no workspace's database: resolve, match, translate."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from spillover import registry
from spillover.campaign import read_campaign
from spillover.commands import _out
from spillover.config import open_workspace
from spillover.errors import CollectError, UsageError
from spillover.links import resolve as resolve_address
from spillover.matching import Matcher
from spillover.translate import translate as translate_file


def resolve(asked: Namespace) -> int:
    """Print what each address points to, in the order given; ``-`` reads addresses from stdin, one a line."""
    _out.rows(map(_resolved, _inputs(asked.urls)), asked.style)
    return _out.FINE


def match(asked: Namespace) -> int:
    """Print the best match of each line of stdin; exactly one line out for each line in."""
    path = open_workspace(asked.workspace).campaign_file(asked.campaign)
    if not path.is_file():
        raise UsageError(f"no campaign {asked.campaign!r}; see: spillover campaign list")
    matcher = Matcher(read_campaign(path))
    _out.rows((_matched(matcher, number, text) for number, text in enumerate(_lines(), start=1)), asked.style)
    return _out.FINE


def translate(asked: Namespace) -> int:
    """Print what a collector makes of one recorded answer."""
    if not asked.file.is_file():
        raise UsageError(f"{asked.file}: no such file")
    collector = registry.load(asked.collector)
    try:
        for row in translate_file(collector, asked.mode, asked.file, query=asked.query, posts=asked.post):
            _out.rows([row], "json")
    except CollectError as error:
        raise UsageError(f"{asked.file}: {error}") from error
    return _out.FINE


def _resolved(url: str) -> dict[str, Any]:
    found = resolve_address(url)
    told_apart = {"post_id": found.post_id} if found.post_id != found.id else {}
    return {
        "input": url,
        "platform": found.platform,
        "kind": found.kind,
        "id": found.id,
        "canonical": found.canonical,
        "needs_network": found.needs_network,
        "private": found.private,
        **told_apart,
    }


def _matched(matcher: Matcher, number: int, text: str) -> dict[str, Any]:
    best = matcher.best(text)
    if best is None:
        return {"line": number, "matched": False, "kind": None, "term": None, "confidence": None}
    return {"line": number, "matched": True, "kind": best.kind, "term": best.term, "confidence": best.confidence}


def _inputs(urls: list[str]) -> Iterator[str]:
    for url in urls:
        if url == "-":
            yield from _lines()
        else:
            yield url


def _lines() -> Iterator[str]:
    """Yield the lines of stdin, ended by LF or CRLF only: a text may hold other line separators."""
    for line in sys.stdin.buffer:
        yield line.rstrip(b"\n").rstrip(b"\r").decode("utf-8", "replace")
