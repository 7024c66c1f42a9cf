"""What was read last at an address, so that it is not read twice: ETag, Last-Modified, and a digest of the body."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import blake2b

from msgspec.structs import replace

from spillover.contract import Answer
from spillover.errors import Broken

_MOST = 1000  # addresses; the one that was read longest ago goes first


class Marks:
    """Marks by address."""

    def __init__(self, saved: Mapping[str, Mapping[str, str]]) -> None:
        self._marks: OrderedDict[str, dict[str, str]] = OrderedDict((url, dict(mark)) for url, mark in saved.items())

    def get_state(self) -> dict[str, dict[str, str]]:
        """Return what later marks need to know, as JSON."""
        return dict(self._marks)

    def ask(self, url: str) -> dict[str, str]:
        """Return the headers that ask for the body only if it changed."""
        mark = self._marks.get(url, {})
        wanted = {"If-None-Match": mark.get("etag"), "If-Modified-Since": mark.get("modified")}
        return {name: value for name, value in wanted.items() if value}

    def read(self, url: str, answer: Answer) -> Answer:
        """Remember an answer; return it without its body where that is the one we have read already."""
        before = self._marks.pop(url, {})
        if answer.status == 304:
            return self._not_modified(url, before, answer)
        if answer.status != 200:
            return answer
        digest = blake2b(answer.body, digest_size=16).hexdigest()
        found = {"etag": answer.headers.get("etag"), "modified": answer.headers.get("last-modified"), "digest": digest}
        self._marks[url] = {name: value for name, value in found.items() if value}
        while len(self._marks) > _MOST:
            self._marks.popitem(last=False)
        return replace(answer, body=b"", unchanged=True) if before.get("digest") == digest else answer

    def _not_modified(self, url: str, before: dict[str, str], answer: Answer) -> Answer:
        if not before:
            raise Broken("answered 304 although we hold nothing")
        self._marks[url] = before
        return replace(answer, body=b"", unchanged=True)
