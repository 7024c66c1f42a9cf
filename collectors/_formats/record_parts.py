"""What a line of ours holds beside a post's own words: its author, where it came from, its place on a list, its run."""

from __future__ import annotations

from datetime import datetime
from math import isfinite
from typing import Any, get_args

from collectors._formats.fields import Json, dicts, identity, shown, text
from spillover import Author, Listing, Measure, Mode, OtherRun, Parent, Window, read_time

_OUTCOMES = ("answered", "refused", "broken", "cut_short", "not_asked")
_RELATIONS = ("repost", "quote", "reply", "forward")


def author(record: Json) -> Author | None:
    """Return the account that a line names, with the size of its audience: as a number, or as a power of two."""
    if not record.get("author"):
        return None
    followers, power = whole(record, "followers"), whole(record, "followers_log2")
    if followers is None and power is not None and 0 <= power < 63:
        followers = 2**power - 1
    return Author(id=str(record["author"]), followers=followers)


def parents(record: Json) -> tuple[Parent, ...]:
    """Return the posts that a post came from; raise ValueError for a relation that is none."""
    found = dicts(record.get("parents"))
    if strange := [one for one in found if one.get("relation") not in _RELATIONS]:
        raise ValueError(f"parents: {shown(strange[0].get('relation'))} is none of {', '.join(_RELATIONS)}")
    return tuple(
        Parent(id=identity(one.get("id"), "parents: id"), relation=one["relation"], platform=text(one.get("platform")) or "")
        for one in found
    )  # fmt: skip


def listing(record: Json) -> Listing | None:
    """Return a post's place on a list."""
    place = record.get("listing")
    if not isinstance(place, dict) or text(place.get("list")) is None:
        return None
    return Listing(list=text(place["list"]) or "", region=text(place.get("region")), rank=whole(place, "rank"))


def measure(record: Json) -> Measure:
    """Return a number that is about no post."""
    return Measure(
        series=_needed(record, "series"), subject=_needed(record, "subject"), unit=_needed(record, "unit"), value=number(record, "value"),
        since=_moment(record, "since"), until=_moment(record, "until"), region=text(record.get("region")), lang=text(record.get("lang")),
    )  # fmt: skip


def other_run(record: Json) -> OtherRun:
    """Return the run that a line tells of; raise ValueError that names the field and the fix."""
    mode: Any = record.get("mode") or "search"
    outcome: Any = record.get("outcome") or "answered"
    if mode not in get_args(Mode):
        raise ValueError(f"mode: {shown(mode)} is none of {', '.join(get_args(Mode))}")
    if outcome not in _OUTCOMES:
        raise ValueError(f"outcome: {shown(outcome)} is none of {', '.join(_OUTCOMES)}")
    started_at, since, until = _moment(record, "started_at"), _moment_if(record, "from"), _moment_if(record, "to")
    ended_at = _moment_if(record, "ended_at") or started_at
    if ended_at < started_at or (since and until and until < since):
        raise ValueError("ended_at, to: a run cannot end before it began; check both times and their zones")
    return OtherRun(
        id=identity(record.get("id") or record.get("run_id") or record["started_at"]), collector=_needed(record, "collector"),
        mode=mode, query=text(record.get("query")), started_at=started_at, ended_at=ended_at, outcome=outcome,
        window=Window(since=since, until=until), reason=text(record.get("reason")),
        **{name: whole(record, name) for name in ("asked", "answered", "refused", "broken", "claimed_total")},
    )  # fmt: skip


def number(record: Json, name: str) -> float | None:
    """Return a number, or None where it is not said; raise ValueError for what is none."""
    value: Any = record.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError(f"{name}: {shown(value)} is no number; leave it out where it is not known")
    return float(value)


def whole(record: Json, name: str) -> int | None:
    """Return a whole number that is not negative, or None where it is not said; raise ValueError for what is none."""
    value: Any = record.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise ValueError(f"{name}: {shown(value)} is no whole number from 0; leave it out where it is not known")
    return value


def _needed(record: Json, name: str) -> str:
    if (found := text(record.get(name))) is None:
        raise ValueError(f"{name}: missing; a {record.get('type')} needs it")
    return found


def _moment(record: Json, name: str) -> datetime:
    if (found := _moment_if(record, name)) is None:
        raise ValueError(f"{name}: missing; a {record.get('type')} needs it, like 2026-03-15T03:39Z")
    return found


def _moment_if(record: Json, name: str) -> datetime | None:
    if record.get(name) is None:
        return None
    try:
        return read_time(record[name])[0]
    except ValueError as error:
        raise ValueError(f"{name}: {error}; write it like 2026-03-15T03:39Z") from None
