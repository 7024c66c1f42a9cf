"""Find the posts in an answer, wherever they lie in it, whoever wrapped it, and whichever endpoint gave it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from collectors._formats import (
    bilibili,
    bluesky_views,
    cdx_answers,
    crowdtangle,
    douyin,
    feed_files,
    gdelt_articles,
    hackernews_answers,
    instagram,
    jetstream,
    mastodon_answers,
    media_ccc,
    nostr_events,
    oembed,
    peertube_answers,
    reddit,
    telegram_export,
    telegram_files,
    telegram_news,
    threads,
    tiktok,
    vk_answers,
    wechat_channels,
    weibo,
    weibo_list,
    x_api_v1,
    x_api_v2,
    x_compliance,
    x_graphql,
    xiaohongshu,
    youtube_api,
    youtube_lists,
    youtube_player,
    youtube_search,
    zeeschuimer,
)  # fmt: skip
from collectors._formats.fields import Item, Json, Seen, Trouble, at, moment

_LOOKED_AT = 20_000  # objects of one answer, when it is asked what the answer is at all


class Format(Protocol):
    """What a module of this package is that reads answers."""

    NAME: str

    def finds(self, record: Json) -> bool: ...
    def knows(self, record: Json) -> bool: ...
    def read(self, record: Json, seen: Seen) -> Iterator[Item]: ...


# Envelopes first, then the shapes with the clearest marks.
FORMATS: tuple[Format, ...] = (
    zeeschuimer, cdx_answers, oembed, youtube_player, feed_files, telegram_files, mastodon_answers, jetstream, bluesky_views, telegram_export, telegram_news, x_graphql, x_api_v2, x_compliance, x_api_v1,
    youtube_api, youtube_search, youtube_lists, reddit, crowdtangle, media_ccc, nostr_events, peertube_answers, hackernews_answers, gdelt_articles, vk_answers, douyin, bilibili, wechat_channels, weibo, weibo_list, tiktok, xiaohongshu,
    threads, instagram,
)  # fmt: skip


class Found(NamedTuple):
    """A record, the format that knows it, and when it was seen."""

    format: Format
    record: Json
    seen: Seen


def records(value: Any, seen: Seen, formats: Sequence[Format] = FORMATS) -> Iterator[Found]:
    """Yield the records in a value in their order; what lies within a record is left to its format."""
    waiting: list[tuple[Any, Seen]] = [(value, seen)]
    while waiting:
        here, when = waiting.pop()
        if isinstance(here, list):
            waiting.extend((part, when) for part in reversed(here) if isinstance(part, (dict, list)))
        elif isinstance(here, dict):
            when = when.at(_recorded_at(here))
            found = next((each for each in formats if each.finds(here)), None)
            if found is not None:
                yield Found(found, here, when)
            else:
                waiting.extend((part, when) for part in reversed([*_parts(here)]))


def items(found: Found) -> Iterator[Item]:
    """Yield what a record says; what cannot be read of it is trouble."""
    try:
        yield from found.format.read(found.record, found.seen)
    except ValueError as error:
        yield Trouble(str(error), found.record)
    except (
        TypeError,
        AttributeError,
        LookupError,
    ) as error:  # a field that holds a list where a text should be, and the like
        yield Trouble(f"a field has a shape that {found.format.NAME} does not have ({error})", found.record)


def known(value: Any, formats: Sequence[Format] = FORMATS) -> Format | None:
    """Return the format of an answer that holds no post, such as a list that ended; None for what is no answer."""
    waiting, looked_at = [value], 0
    while waiting and looked_at < _LOOKED_AT:
        here = waiting.pop()
        looked_at += 1
        if isinstance(here, list):
            waiting.extend(reversed(here))
        elif isinstance(here, dict):
            if (found := next((each for each in formats if each.knows(here)), None)) is not None:
                return found
            waiting.extend(reversed([*_parts(here)]))
    return None


def total(value: Any, found: Format) -> int | None:
    """Return how many results the platform claims to have, where its answer says."""
    path: tuple[str, ...] | None = getattr(found, "TOTAL", None)
    waiting, looked_at = [value], 0
    while path and waiting and looked_at < _LOOKED_AT:
        here = waiting.pop()
        looked_at += 1
        claimed = at(here, *path)
        if isinstance(claimed, int) and claimed >= 0:
            return claimed
        waiting.extend(
            part for part in (here.values() if isinstance(here, dict) else here) if isinstance(part, (dict, list))
        )
    return None


def is_exchange(value: Any) -> bool:
    """Say whether this is a recorded request with its answer: one without posts is no record that was lost."""
    return isinstance(value, dict) and "body" in value and ("status" in value or "url" in value)


def _parts(record: Json) -> Iterator[Any]:
    """Yield what lies in an object; a body may be JSON that was written as a text."""
    for name, part in record.items():
        if isinstance(part, (dict, list)):
            yield part
        elif name == "body" and isinstance(part, str) and part[:1] in ("{", "["):
            try:
                yield json.loads(part)
            except (ValueError, RecursionError):
                continue


def _recorded_at(record: Json) -> datetime | None:
    """Return when an answer was given, where its wrapping says: twarc, a relay, a recorded exchange, the platform itself."""
    if "__twarc" in record:
        return moment(at(record, "__twarc", "retrieved_at"))
    if "time_stamp" in record and ("router" in record or "request_id" in record):
        return moment(record["time_stamp"])
    if "headers" in record and "status" in record:
        said = at(record, "headers", "date") or at(record, "headers", "Date")
        return moment(said[0] if isinstance(said, list) and said else said)
    if isinstance(record.get("extra"), dict) and "now" in record["extra"]:
        return moment(record["extra"]["now"])
    return None
