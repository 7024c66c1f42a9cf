"""Answers of Mastodon's API into pages: which stretch a timeline covers, and how posts stand that were asked for again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from collectors._formats.fields import Json, Seen, at, moment
from collectors._formats.mastodon import is_public, items
from collectors._formats.paging import Pager
from spillover import Answer, Availability, Broken, Changed, Page, Window, known_shape, read_json

_NEXT = re.compile(r"<[^>]*[?&]max_id=([^&>]+)[^>]*>;\s*rel=\"?next")
_NOT_THERE = {
    404: Availability(id="", status="unknown", cause="missing", basis="absent"),
    410: Availability(id="", status="gone", said="410 Gone"),
    451: Availability(id="", status="withheld", cause="legal", said="451 Unavailable For Legal Reasons"),
}


def page_of(records: list[Any], seen: Seen, host: str, *, searched: bool = False) -> Page:
    """Return a page of statuses; raise Changed where not one of them can be read."""
    pager, odd = Pager(), 0
    for line, record in enumerate(records, start=1):
        try:
            for item in items(record, seen, host, searched=searched):
                pager.add(item, line)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            odd += 1
            pager.reject(line, f"{type(error).__name__}: {error}"[:200], record)
    if odd and odd == len(records):
        raise Changed(f"none of {odd} statuses can be read: {pager.page.rejects[0].reason}")
    return pager.page


def timeline(answer: Answer, host: str, asked: Json, *, searched: bool) -> Page:
    """Return a page of a timeline, newest first: what stretch it covers, and where it goes on."""
    records = _listed(answer, "statuses" if searched else "")
    return _placed(page_of(records, _seen(answer), host, searched=searched), records, asked, answer)


def read_again(answer: Answer, host: str, numbers: Mapping[str, str]) -> Page:
    """Say how the posts stand that were asked for by their numbers on this server."""
    records = _records(answer, numbers)
    page = page_of(records, _seen(answer), host)
    page.window = Window(since=answer.fetched_at, until=answer.fetched_at)
    there = {
        str(record["id"]): is_public(record) for record in records if at(record, "id") and at(record, "visibility")
    }
    for number, id in numbers.items():
        if number not in there:
            page.availability.append(replace(_NOT_THERE.get(answer.status, _NOT_THERE[404]), id=id))
        elif there[number]:
            page.availability.append(Availability(id=id, status="up"))
        else:
            page.availability.append(Availability(id=id, status="private", cause="author"))
    return page


def _records(answer: Answer, numbers: Mapping[str, str]) -> list[Any]:
    if answer.status == 200:
        told = read_json(answer)
        if not isinstance(told, list) and at(told, "id") not in numbers:
            raise Changed(f"wanted a status that was asked for, came {_shape(told)}")
        return told if isinstance(told, list) else [told]
    if answer.status == 404 and at(read_json(answer), "error") is None:
        raise Changed("404 without an error: this is not the API")
    return []


def _listed(answer: Answer, member: str) -> list[Any]:
    if answer.status != 200:
        raise Broken(f"{answer.url.partition('://')[2].partition('/')[0]} answered {answer.status}")
    told = read_json(answer)
    with known_shape("an answer"):
        found = told[member] if member else told
    if not isinstance(found, list):
        raise Changed(f"wanted a list of statuses, came {_shape(told)}")
    return found


def _placed(page: Page, records: list[Any], asked: Json, answer: Answer) -> Page:
    link, last = answer.headers.get("link"), str(at(records[-1:], 0, "id") or "")
    found = _NEXT.search(link) if link is not None else None
    goes_on = found[1] if found else last if link is None else ""  # some servers give no Link
    if goes_on and goes_on == asked.get("max_id"):
        goes_on, page.cut_short = "", "the server gives the same page again"
    since, until = moment(asked["since"]), moment(asked.get("edge") or asked["until"]) or answer.fetched_at
    dates = (moment(at(record, "created_at")) for record in reversed(records))
    oldest = min(next(filter(None, dates), until), until)
    page.done = not goes_on or (since is not None and oldest <= since)
    ended = page.done and not page.cut_short
    page.window = Window(since=(min(since, until) if since else None) if ended else oldest, until=until)
    if not page.done:
        page.cursor = json.dumps({**asked, "edge": oldest.isoformat(), "max_id": goes_on})
    return page


def _seen(answer: Answer) -> Seen:
    return Seen(answer.fetched_at, answer.fetched_at)


def _shape(told: Any) -> str:
    """Return what an answer is, without what it says: that can name accounts."""
    return f"an object of {', '.join(sorted(told)[:8]) or 'nothing'}" if isinstance(told, dict) else type(told).__name__
