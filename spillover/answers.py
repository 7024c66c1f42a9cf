"""Reading an answer: JSON where JSON was promised, a bot wall known for what it is, an unknown shape said as such."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from spillover.contract import Answer
from spillover.errors import Broken, Changed, Refused

# Pages that stand between a reader and the answer. They come with 200 as well as with 403 and 503.
_WALL = re.compile(
    r"captcha|cf-chl-|challenge-platform|just a moment\.\.\.|ddos-guard|attention required|are you a robot"
    r"|unusual traffic|verify you are human|access denied|perimeterx|datadome|anubis"
    r"|访问异常|安全验证|подтвердите, что",
    re.IGNORECASE,
)
_LOOK = 20_000  # bytes of a page that are looked at for a wall


def read_json(answer: Answer) -> Any:
    """Return what an answer holds as JSON.

    Raises Refused for a bot wall, Broken for another page or half an answer, Changed for what is no JSON at all.
    """
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _trouble(answer, error) from error


def is_wall(body: bytes) -> bool:
    """Say whether a page asks us to prove that we are no machine."""
    return _WALL.search(body[:_LOOK].decode("utf-8", "replace")) is not None


@contextmanager
def known_shape(what: str = "an item") -> Iterator[None]:
    """Raise Changed for what goes wrong while an answer is read: its shape is not the one that we know."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError, OverflowError) as error:
        raise Changed(f"{what} of another shape: {type(error).__name__} {error}"[:300]) from error


def _trouble(answer: Answer, error: Exception) -> Exception:
    body, host = answer.body.lstrip(), answer.url.partition("://")[2].partition("/")[0]
    if body[:1] == b"<":
        return (
            Refused(f"{host} answered with a bot wall", body=answer.body)
            if is_wall(body)
            else Broken(f"{host} answered with a page in the place of JSON", body=answer.body)
        )
    if not body or "truncated" in str(error):
        return Broken(f"{host}: half an answer", body=answer.body)
    return Changed(f"{host} answered with what is no JSON", body=answer.body)
