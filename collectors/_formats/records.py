"""Our own lines, as ``spillover translate --json`` prints them: a post and its observation are joined again.

An observation belongs to the last post of its platform and id before it; one without a post is a reading of a post that
is held already. A line "run" tells of a run elsewhere: the lines up to the next one are what it brought.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from collectors._formats.documents import Document
from collectors._formats.fields import Json, at, identity, moment, shown, text, unique
from collectors._formats.paging import Pager
from collectors._formats.record_parts import author, listing, measure, number, other_run, parents
from spillover import (
    Availability,
    Count,
    Counts,
    Interval,
    OtherRun,
    Page,
    Post,
    Reading,
    Window,
    read_count,
    read_time,
)

NAME = "records"
_TYPES = ("page", "run", "measure", "post", "observation", "availability")
_METRICS = ("views", "likes", "shares", "comments")
_STATUSES = ("up", "withheld", "private", "gone", "unknown")


def finds(record: Any) -> bool:
    """Say whether this is one of our lines."""
    kind = at(record, "type")
    return kind in ("page", "run") or (kind in _TYPES and "platform" in record and "id" in record)


def pages(documents: Iterable[Document], pager: Pager) -> Iterator[Page]:
    """Yield pages; a line "page" or "run" ends the one before, and what follows a run is its."""
    waiting: dict[tuple[str, str], Post] = {}
    run: OtherRun | None = None
    for document in documents:
        begins = at(document.value, "type") in ("page", "run")
        if begins or len(waiting) >= pager.size:
            pager.posts.extend(waiting.values())
            waiting.clear()
            yield from _under(run, pager.flush())
        try:
            begun = _take(document, waiting, pager)
        except (ValueError, TypeError) as error:
            pager.reject(document.line, str(error), document.raw)
        else:
            if begun is not None:
                run = begun
                yield Page(run=run)  # it may have brought nothing, which is something to know
        if pager.is_full():
            yield from _under(run, pager.flush())
    pager.posts.extend(waiting.values())
    yield from _under(run, pager.end())


def _under(run: OtherRun | None, pages: Iterable[Page]) -> Iterator[Page]:
    for page in pages:
        page.run = run
        yield page


def _take(document: Document, waiting: dict[tuple[str, str], Post], pager: Pager) -> OtherRun | None:
    """Add what a line says; return the run that it begins."""
    record = document.value
    kind = at(record, "type")
    if document.trouble is not None or kind not in _TYPES:
        raise ValueError(document.trouble or f"type: {shown(kind)} is none of {', '.join(_TYPES)}")
    if kind == "page":
        _begin(pager.page, record)
    elif kind == "post":
        post = _post(record)
        if (before := waiting.pop((post.platform, post.id), None)) is not None:
            pager.posts.append(before)
        waiting[post.platform, post.id] = post
    elif kind == "run":
        return other_run(record)
    elif kind == "measure":
        pager.page.measures.append(measure(record))
    else:
        _attach(record, waiting, pager)
    return None


def _begin(page: Page, record: Json) -> None:
    since, until = moment(record.get("from")), moment(record.get("to"))
    page.window = Window(since=since, until=until) if since or until else None
    page.claimed_total = record["claimed_total"] if isinstance(record.get("claimed_total"), int) else None
    page.cut_short = text(record.get("cut_short"))


def _post(record: Json) -> Post:
    published_at = record.get("published_at")
    return Post(
        id=identity(record.get("id")),
        platform=identity(record.get("platform"), "platform"),
        url=text(record.get("url")),
        kind=text(record.get("kind")) or "post",
        title=text(record.get("title")),
        text=text(record.get("text")),
        author=author(record),
        published_at=read_time(published_at)[0] if published_at else None,
        published_precision=text(record.get("published_precision")) or "second",
        lang=text(record.get("lang")),
        region=text(record.get("region")),
        region_basis=text(record.get("region_basis")),
        hashtags=unique(record.get("hashtags") or ()),
        links=unique(record.get("links") or ()),
        duration_s=number(record, "duration_s"),
        parents=parents(record),
        listing=listing(record),
    )


def _attach(record: Json, waiting: dict[tuple[str, str], Post], pager: Pager) -> None:
    """Join an observation to its post; keep an availability as it is."""
    platform, post_id = identity(record.get("platform"), "platform"), identity(record.get("id"))
    if record["type"] == "availability":
        pager.availability.append(_availability(record, platform, post_id))
        return
    observed_at = read_time(record["observed_at"])[0] if record.get("observed_at") else None
    counts = Counts(**{metric: _count(record, metric) for metric in _METRICS})
    post = waiting.pop((platform, post_id), None)
    if post is None:
        pager.readings.append(Reading(id=post_id, platform=platform, counts=counts, observed_at=observed_at))
    else:
        pager.posts.append(replace(post, counts=counts, observed_at=observed_at))


def _count(record: Json, metric: str) -> Count:
    value, low, high = (record.get(f"{metric}{end}") for end in ("", "_low", "_high"))
    if not isinstance(value, int) or not isinstance(low, int) or low == high:
        return read_count(value)
    if not (high is None or isinstance(high, int)):
        raise ValueError(f"{metric}_high: {shown(high)} is no count")
    return Interval(low, high, value)


def _availability(record: Json, platform: str, post_id: str) -> Availability:
    if record.get("status") not in _STATUSES:
        raise ValueError(f"status: {shown(record.get('status'))} is none of {', '.join(_STATUSES)}")
    allowed, blocked = (
        tuple(record[name]) if isinstance(record.get(name), list) else None for name in ("allowed_in", "blocked_in")
    )
    return Availability(
        id=post_id, platform=platform, status=record["status"], cause=text(record.get("cause")), basis=record.get("basis") or "stated",
        allowed_in=allowed, blocked_in=blocked, checked_at=read_time(record["checked_at"])[0] if record.get("checked_at") else None,
    )  # fmt: skip
