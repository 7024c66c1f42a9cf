"""Fields of a record, read with care: wrong nesting is a missing field, an unreadable value is a reason to reject."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

from spillover import Author, Availability, Count, Counts, Post, Reading, TooCoarse, read_count, read_time

Json = dict[str, Any]
CHINA = timezone(timedelta(hours=8))  # no other offset since 1991, and no need for a table of zones


@dataclass(frozen=True)
class Seen:
    """When a record was read: as the answer says, and, for texts such as "3 hours ago", at the latest."""

    observed_at: datetime | None
    latest: datetime

    def at(self, moment: datetime | None) -> Seen:
        """Return the same with a moment that the answer says."""
        return self if moment is None else Seen(moment, moment)


@dataclass(frozen=True)
class Trouble:
    """A record within an answer that could not be read."""

    reason: str
    record: Any


Item = Post | Reading | Availability | Trouble


def at(value: Any, *path: str | int) -> Any:
    """Return what lies on a path of keys and places, or None where the path breaks off."""
    for step in path:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, dict) else None
        else:
            value = value[step] if isinstance(value, list) and len(value) > step else None
    return value


def first(record: Mapping[str, Any], *names: str) -> Any:
    """Return the first of some fields that says anything."""
    return next((value for name in names if (value := record.get(name)) not in (None, "")), None)


def dicts(value: Any) -> list[Json]:
    """Return the objects of a list; nothing for what is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


_NO_ID = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffd]")


def identity(value: Any, name: str = "id") -> str:
    """Return an id as text; raise ValueError where it is missing or has lost digits on its way through a program."""
    if isinstance(value, str):
        found = value.strip()
        if re.fullmatch(r"\d(?:[.,]\d+)?[eE]\+?\d+", found):
            raise ValueError(f"{name}: {found} has lost digits in a spreadsheet; keep the column as text")
        if found and len(found) <= 1000 and not _NO_ID.search(found):
            return found
        if found:
            raise ValueError(f"{name}: {len(found)} characters, some of them unreadable, are no id")
    elif isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return str(value)
    elif isinstance(value, float) and value.is_integer():
        if abs(value) < 2**53:
            return str(int(value))
        raise ValueError(f"{name}: {value} has lost digits; keep ids as text or whole numbers")
    raise ValueError(f"{name}: {shown(value)} is no id; every record needs one")


def shown(value: Any) -> str:
    """Return a value as a message shows it."""
    text = (
        "nothing"
        if value in (None, "")
        else repr(value)
        if not isinstance(value, (dict, list))
        else f"a {type(value).__name__}"
    )
    return text if len(text) <= 60 else text[:60] + "…"


def count(value: Any, name: str) -> Count:
    """Return a count; raise ValueError with the name of the field."""
    try:
        return read_count(value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def counts(record: Any, *, views: str = "", likes: str = "", shares: str = "", comments: str = "") -> Counts:
    """Return the counts of a record by the names of its fields; a name that is not given is a count not shown."""
    found = record if isinstance(record, dict) else {}
    return Counts(
        views=count(found.get(views), views), likes=count(found.get(likes), likes),
        shares=count(found.get(shares), shares), comments=count(found.get(comments), comments),
    )  # fmt: skip


def above_zero(value: Any) -> Any:
    """Return a count where 0 is what a platform writes for one that it does not show."""
    return None if value in (0, "0", -1, "-1") else value


@dataclass(frozen=True)
class Published:
    """When a post was published, where it says."""

    at: datetime | None = None
    precision: str = "second"


def published(value: Any, name: str, seen: Seen, zone: tzinfo = UTC) -> Published:
    """Return when a post was published; 0 and nothing mean unknown, and so does "3 months ago"."""
    if value in (None, "", 0, "0"):
        return Published()
    try:
        return Published(*read_time(value, seen_at=seen.latest, zone=zone))
    except TooCoarse:
        return Published()
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def moment(value: Any) -> datetime | None:
    """Return when an answer was recorded, or None where that cannot be read: it is no reason to reject a post."""
    try:
        return read_time(value)[0]
    except ValueError:
        return None


def account(stable: Any, *names: Any, followers: Any = None) -> Author | None:
    """Return an author by the stable id of the account, else by the first name; None without either.

    ``followers`` are kept where they are a whole number.
    """
    known = tuple(dict.fromkeys(str(name) for name in names if isinstance(name, (str, int)) and str(name).strip()))
    found = str(stable) if isinstance(stable, (str, int)) and stable not in ("", 0, "0") else None
    if found is None and not known:
        return None
    size = int(followers) if isinstance(followers, (int, str)) and str(followers).isdecimal() else None
    return Author(id=found or known[0], names=known, followers=size)


def bare(check: Availability, url: str | None, kind: str = "post") -> Post:
    """Return the post of which only a check is known, so that the check has something to be about."""
    return Post(id=check.id, platform=check.platform, url=url, kind=kind, observed_at=check.checked_at)


_TAG, _BREAK = re.compile(r"<(?:/?[a-zA-Z!][^<>]*)>"), re.compile(r"<(?:br|/p|/div)\b[^<>]*>", re.IGNORECASE)
_IMAGE = re.compile(r"<img[^<>]*\balt=[\"']?([^\"'<>\s]+)[^<>]*>", re.IGNORECASE)


def plain(value: Any) -> str | None:
    """Return a text without markup; an image stands by its alternative text, as emoticons do on Weibo."""
    if not isinstance(value, str) or not value:
        return None
    if "<" in value:
        value = _TAG.sub("", _BREAK.sub("\n", _IMAGE.sub(r"\1", value)))
    if "&" in value:
        value = html.unescape(value)
    return value.replace("\u200b", "").strip() or None


def text(value: Any) -> str | None:
    """Return a text as it is; None for what is none, or empty."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def language(value: Any) -> str | None:
    """Return a declared language; None for the codes by which platforms say that they could not tell."""
    if not isinstance(value, str) or value.lower() in (
        "",
        "un",
        "und",
        "zxx",
        "qme",
        "qst",
        "qht",
        "qam",
        "qct",
        "art",
    ):
        return None
    return value


_HASHTAG, _LINK = re.compile(r"#(\w+(?:[·.]\w+)*)"), re.compile(r"https?://[^\s<>()\[\]\"'，。！？、）】]+")


def hashtags_in(value: str | None) -> tuple[str, ...]:
    """Return the hashtags that stand in a text, without their sign."""
    if not value:
        return ()
    if "＃" in value:
        value = value.replace("＃", "#")
    return (*dict.fromkeys(_HASHTAG.findall(value)),) if "#" in value else ()


def links_in(value: str | None) -> tuple[str, ...]:
    """Return the addresses that stand in a text."""
    return unique(_LINK.findall(value)) if value and "://" in value else ()


def unique(values: Iterable[Any]) -> tuple[str, ...]:
    """Return the texts among some values, each once."""
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str) and value))


_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d{2})")
_PERIOD = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


def seconds(value: Any) -> float | None:
    """Return a duration in seconds: a number, "13:59", "14150:36", "PT4M34S"; None for what is none."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value) if 0 < value < 1e8 else None
    if not isinstance(value, str):
        return None
    if value.replace(".", "", 1).isdecimal():
        return seconds(float(value))
    if clock := _CLOCK.fullmatch(value.strip()):
        return seconds(sum(int(part or 0) * unit for part, unit in zip(clock.groups(), (3600, 60, 1), strict=True)))
    if period := _PERIOD.fullmatch(value.strip()):
        return seconds(
            sum(float(part or 0) * unit for part, unit in zip(period.groups(), (86400, 3600, 60, 1), strict=True))
        )
    return None
