"""For authors of collectors: recorded answers instead of a network, and the rules of the contract as a check.

    def test_keeps_the_contract(recorded):
        client = Replay(recorded / "search.json")
        page = check_search(Weibo(client), QUERY, WINDOW)[0]
        assert page.posts[0].counts.likes is None  # hidden, not zero

A check raises ``BrokenContract`` that says which rule, where, and what stood there; it returns the pages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from math import isfinite
from typing import Any, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from spillover.contract import CAUSES as CAUSES
from spillover.contract import (
    AccountState,
    Availability,
    Basis,
    Budget,
    Collector,
    Count,
    Counts,
    Interval,
    Known,
    Measure,
    Page,
    Post,
    Query,
    Reading,
    Source,
    Status,
    Window,
)
from spillover.errors import CollectError
from spillover.replay import Replay, ReplayEnded

__all__ = [
    "BrokenContract",
    "Replay",
    "ReplayEnded",
    "check_collector",
    "check_load",
    "check_page",
    "check_reread",
    "check_search",
    "check_stream",
    "check_trouble",
]


def _exchange(status: int, body: str = "", **headers: str) -> bytes:
    return json.dumps({"status": status, "headers": headers, "body": body}).encode()


# What comes in the place of an answer. Each was met in the wild.
TROUBLE = {
    "an empty body": b"",
    "half an answer": b'{"items": [{"id": "1", "te',
    "another shape": b'{"surprise": {"of": "another kind"}}',
    "a list for an object": b'["surprise"]',
    "a number": b"7",
    "a page of the site": b"<!doctype html><html><head><title>Welcome</title></head><body>Hello</body></html>",
    "a bot wall": b"<html><title>Just a moment...</title><div id=cf-chl-widget></div></html>",
    "401": _exchange(401),
    "403": _exchange(403, "<html>Access denied</html>"),
    "429": _exchange(429, **{"retry-after": "60"}),
    "500": _exchange(500, "oops"),
    "503": _exchange(503, "<html>down for maintenance</html>"),
}
FINDS = ("link", "title", "phrase", "hashtag", "feed")
RELATIONS = ("repost", "quote", "reply", "forward")
PRECISIONS = ("second", "minute", "hour", "day")
_BIGGEST = 2**63 - 1
_REGION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class BrokenContract(AssertionError):
    """A collector breaks a rule of ``contract.py``."""


def check_collector(collector: type[Collector]) -> None:
    """Check what a collector declares."""
    name = getattr(collector, "name", None)
    _must(isinstance(name, str) and _NAME.fullmatch(name) is not None, "name: small letters, digits, _", name)
    _must(bool(collector.modes()), "a collector defines at least one mode", collector.__name__)
    _check_finds(collector)
    somewhere = bool(collector.hosts or collector.instances)
    _must(set(collector.modes()) == {"load"} or somewhere, "hosts or instances: where it may go", collector.hosts)
    _must(all(_is_host(host) for host in collector.hosts), "hosts: names, no scheme, no path", collector.hosts)
    _must(not collector.hosts or collector.terms.startswith("https://"), "terms: an https page", collector.terms)
    secrets = (*collector.needs, *collector.wants)
    _must(all(isinstance(need, str) and need.isupper() for need in secrets), "needs, wants: NAMES", secrets)
    _must(set(collector.services) <= set(collector.hosts), "services: names of declared hosts", collector.services)
    _must(all(_is_base(base) for base in collector.instances), "instances: https or wss addresses", collector.instances)
    _must(
        not collector.rereads or "reread" in collector.modes(),
        "rereads: only of one that reads again",
        collector.rereads,
    )
    _must(collector.every_s > 0 and collector.first_reread_s > 0, "every_s, first_reread_s: above 0", collector.every_s)
    _must(collector.per_minute > 0, "per_minute is above 0", collector.per_minute)
    for bucket, budget in collector.budgets.items():
        _must(_is_budget(budget), "budgets: a limit, a zone, a reserve below 1, rolling_s where it rolls", bucket)
    for mode, cost in collector.costs.items():
        known = mode in collector.modes() and cost.bucket in collector.budgets
        _must(known and cost.amount > 0 and cost.batch > 0, "costs: a declared mode, out of a declared budget", mode)


def check_search(
    collector: Collector, query: Query, window: Window | None = None, cursor: str | None = None
) -> list[Page]:
    """Run a search over a ``Replay`` and check all that comes."""
    _must(query.kind in collector.finds, "search is asked only for what the collector finds", query.kind)
    pages = _run(collector, lambda: collector.search(query, window or Window(), cursor))
    for number, page in enumerate(pages):
        _must(page.window is not None or page.cut_short is not None, "a page has a window or a reason", number)
        _must(page.done or page.cursor is not None, "a page has a cursor or is done", number)
    return pages


def check_reread(collector: Collector, posts: Sequence[Known]) -> list[Page]:
    """Run a re-read over a ``Replay``; every post that was asked for must be spoken of."""
    pages = _run(collector, lambda: collector.reread(posts))
    spoken = {check.id for page in pages for check in page.availability}
    spoken |= {item.id for page in pages for items in (page.readings, page.posts) for item in items}
    silent = [post.id for post in posts if post.id not in spoken]
    _must(not silent, "reread says of each post what came back", silent)
    return pages


def check_stream(collector: Collector, queries: Sequence[Query], cursor: str | None = None) -> list[Page]:
    """Follow a recorded stream to its end."""
    pages = _run(collector, lambda: collector.stream(queries, cursor))
    for number, page in enumerate(pages):
        _must(page.window is not None or page.cut_short is not None, "a page has a window or a reason", number)
        _must(page.cursor is not None, "a page of a stream says where to go on", number)
    return pages


def check_load(collector: Collector, source: Source) -> list[Page]:
    """Load a file."""
    return _run(collector, lambda: collector.load(source))


def check_trouble(collector: type[Collector], ask: Callable[[Any], Iterable[Page]]) -> None:
    """Run ``ask`` over answers that are none: each must raise a CollectError, or a page must say that it was cut short.

    Neither a post that is gone nor an empty answer may come of trouble: both would be false.
    """
    for trouble, recording in TROUBLE.items():
        made = collector(Replay(recording), dict.fromkeys((*collector.needs, *collector.wants), "a-secret"))
        try:
            for page in ask(made):
                gone = [check.id for check in page.availability if check.status not in ("unknown", "up")]
                _must(not gone, f"{trouble} removes nothing", gone)
                _must(bool(page.cut_short), f"{trouble} is not taken for an answer", page)
        except CollectError:
            continue


def check_page(page: Page) -> None:
    """Check every item of a page."""
    seen: set[tuple[str, str]] = set()
    for post in page.posts:
        _check_id(post)
        key = (post.platform, post.id)
        _must(key not in seen or post.observed_at is not None, "ids are unique in a page", key)
        seen.add(key)
        _check_post(post)
    for reading in page.readings:
        _check_id(reading)
        _check_counts(reading.counts)
        _check_time("observed_at", reading.observed_at)
    for check in page.availability:
        _check_id(check)
        _check_availability(check)
    for state in page.accounts:
        _check_id(state)
        _check_standing(state)
    for measure in page.measures:
        _check_measure(measure)
    window = page.window or Window()
    _check_time("window.since", window.since)
    _check_time("window.until", window.until)
    if window.since and window.until:
        _must(window.since <= window.until, "a window does not end before it begins", window)


def _run(collector: Collector, start: Callable[[], Iterable[Page]]) -> list[Page]:
    check_collector(type(collector))
    client = collector.client
    if not isinstance(client, Replay):
        raise TypeError("a check runs over a Replay")
    before = len(client.asked)
    iterator = iter(start())
    _must(len(client.asked) == before, "nothing is asked before the first page is wanted", client.asked)
    pages: list[Page] = []
    try:
        for page in iterator:
            _must(isinstance(page, Page), "a collector yields pages", page)
            check_page(page)
            pages.append(page)
    except ReplayEnded:
        pass  # it wanted more than was recorded
    own = tuple(host for base in collector.bases if (host := urlsplit(base).hostname))
    for url, _ in client.asked[before:]:
        _check_asked(url, (*collector.hosts, *own))
    _must(bool(pages), "a run yields at least one page, also when nothing was found", pages)
    return pages


def _check_finds(collector: type[Collector]) -> None:
    _must(collector.finds <= set(FINDS), f"finds: some of {', '.join(FINDS)}", collector.finds)
    seeks = bool({"search", "stream"} & set(collector.modes()))
    _must(seeks == bool(collector.finds), "finds: what search and stream answer, and nothing else", collector.finds)


def _check_asked(url: str, hosts: tuple[str, ...]) -> None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    allowed = any(rule in ("*", host) or (rule.startswith(".") and host.endswith(rule)) for rule in hosts)
    _must(allowed and parts.scheme in ("https", "wss"), "only declared hosts are asked, over TLS", url)


def _check_id(item: Post | Reading | Availability | AccountState) -> None:
    _must(isinstance(item.id, str) and bool(item.id.strip()), "ids are text and not empty", item.id)


def _check_measure(measure: Measure) -> None:
    _must(
        bool(measure.series and measure.subject and measure.unit), "a measure says what, of what, in what unit", measure
    )
    _check_time("since", measure.since)
    _check_time("until", measure.until)
    _must(measure.since <= measure.until, "a measure's stretch does not end before it begins", measure)
    _must(measure.region is None or _REGION.fullmatch(measure.region) is not None, "region: ISO 3166", measure.region)
    _must(measure.value is None or isfinite(measure.value), "a value is a number or None", measure.value)


def _check_post(post: Post) -> None:
    for parent in post.parents:
        _must(bool(parent.id) and parent.id != post.id, "a parent is another post", post.id)
        _must(parent.relation in RELATIONS, f"relation: one of {', '.join(RELATIONS)}", parent.relation)
    _must(post.url is None or _is_address(post.url), "an address is whole: https://…", post.url)
    _must(all(_is_address(link) for link in post.links), "links are whole addresses", post.links)
    _check_time("published_at", post.published_at)
    _check_time("observed_at", post.observed_at)
    _must(post.published_precision in PRECISIONS, "published_precision", post.published_precision)
    _must(post.region is None or _REGION.fullmatch(post.region) is not None, "region: ISO 3166", post.region)
    _must(post.region is None or post.region_basis is not None, "a region says where it comes from", post.id)
    _must(all(tag and not tag.startswith("#") for tag in post.hashtags), "hashtags stand without #", post.hashtags)
    if post.author is not None:
        _must(isinstance(post.author.id, str) and bool(post.author.id), "an author's id is text", post.author.id)
    if post.counts is not None:
        _check_counts(post.counts)


def _check_counts(counts: Counts) -> None:
    for name in ("views", "likes", "shares", "comments"):
        value = getattr(counts, name)
        _must(_is_count(value), "a count is a whole number, an Interval or None", (name, value))


def _check_standing(check: Availability | AccountState) -> None:
    _must(check.status in get_args(Status), f"status: one of {', '.join(get_args(Status))}", check.status)
    _must(check.cause is None or check.cause in CAUSES, f"cause: one of {', '.join(CAUSES)}", check.cause)
    _must(check.basis in get_args(Basis), f"basis: one of {', '.join(get_args(Basis))}", check.basis)
    _must(check.basis != "absent" or check.status == "unknown", "what is only absent is unknown", check.status)
    _check_time("checked_at", check.checked_at)


def _check_availability(check: Availability) -> None:
    _check_standing(check)
    places = (*(check.allowed_in or ()), *(check.blocked_in or ()))
    _must(all(_REGION.fullmatch(place) for place in places), "countries: ISO 3166-1 alpha-2", places)


def _check_time(name: str, moment: datetime | None) -> None:
    _must(moment is None or moment.tzinfo is not None, f"{name} carries a zone", moment)


def _is_count(value: Count) -> bool:
    if isinstance(value, Interval):
        high = _BIGGEST if value.high is None else value.high
        return type(value.low) is int and 0 <= value.low <= value.shown <= high <= _BIGGEST
    return value is None or (type(value) is int and 0 <= value <= _BIGGEST)


def _is_address(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("https", "http") and bool(parts.hostname)


def _is_budget(budget: Budget) -> bool:
    zoned = ZoneInfo(budget.zone).key == budget.zone
    rolls = (budget.rolling_s > 0) == (budget.per == "rolling")
    return budget.limit > 0 and zoned and rolls and 0 <= budget.reserve < 1


def _is_base(base: object) -> bool:
    return isinstance(base, str) and urlsplit(base).scheme in ("https", "wss") and not base.endswith("/")


def _is_host(host: object) -> bool:
    return isinstance(host, str) and bool(host) and not set(host) & set("/:@ ")


def _must(kept: bool, rule: str, stood: object) -> None:
    if not kept:
        raise BrokenContract(f"{rule} (found: {stood!r})")
