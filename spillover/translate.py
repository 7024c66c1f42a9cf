"""What a collector makes of one recorded answer, as the door would write it, with a key that is thrown away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from spillover import registry
from spillover.contract import Collector, Known, Mode, Page, Post, Query, Source, Window
from spillover.controls import magnitude
from spillover.errors import CollectError, UsageError
from spillover.ingest import Subject, identify, take_in
from spillover.links import resolve
from spillover.pseudonym import throwaway_key
from spillover.testing import Replay, ReplayEnded

Row = dict[str, Any]
_DAY, _LOOK, _MONTH = re.compile(rb"20\d\d-\d\d-\d\d"), 1 << 20, timedelta(days=31)
_POST = (
    "platform",
    "id",
    "url",
    "title",
    "text",
    "author",
    "published_at",
    "lang",
    "region",
    "kind",
    "published_precision",
    "region_basis",
    "duration_s",
    "hashtags",
    "links",
)


# What a recording may be the answer to, where nobody says: the first that the answer fits is taken.
_LIKELY = (
    Query(kind="phrase", text="recorded"),
    Query(kind="title", text="recorded"),
    Query(kind="hashtag", text="recorded"),
    Query(kind="link", text="https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
    Query(kind="feed", text="https://feeds.example/feed.xml"),
    Query(kind="feed", text="https://t.me/s/recorded"),
)


def translate(
    collector_class: type[Collector], mode: Mode, path: Path, *, query: str | None = None, posts: Sequence[str] = ()
) -> Iterator[Row]:
    """Yield a row a page, post, observation and availability; raise what the collector raises.

    ``query`` (``kind:text``) and ``posts`` say what the recording is the answer to, where that cannot be told from it.
    """
    if mode not in collector_class.modes():
        raise UsageError(f"{collector_class.name} has no mode {mode}; it has: {', '.join(collector_class.modes())}")
    subject = Subject(campaign_id=0, version=0, matcher=None, key=throwaway_key(), keep_all=True)
    seen_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    for page in _pages(collector_class, mode, path, _queries(collector_class, query), posts):
        yield from _rows(page, subject, collector_class.name, seen_at)


def _queries(collector_class: type[Collector], said: str | None) -> list[Query]:
    if said is None:
        finds = collector_class.finds
        return [query for query in _LIKELY if query.kind in finds] or list(_LIKELY[:1])
    kind, _, text = said.partition(":")
    if kind not in collector_class.finds or not text:
        raise UsageError(f"--query: {said!r}; write kind:text, of the kinds {', '.join(sorted(collector_class.finds))}")
    return [Query(kind=kind, text=text)]


def _pages(
    collector_class: type[Collector], mode: Mode, path: Path, queries: list[Query], posts: Sequence[str]
) -> Iterator[Page]:
    client = Replay(path)
    collector = collector_class(client, dict.fromkeys(collector_class.needs, "not-needed"))
    if mode == "load":
        yield from collector.load(Source(path=path))
        return
    if mode == "search":
        yield from _search(collector_class, path, queries)
        return
    known = _posts(collector_class, path, posts) if mode == "reread" else []
    with suppress(ReplayEnded):  # the recording is at its end; a live run would go on from the cursor
        yield from collector.reread(known) if mode == "reread" else collector.stream(queries, None)
    if not client.asked:
        raise UsageError(_unread(collector_class.name, path, "--post ID"))


def _search(collector_class: type[Collector], path: Path, queries: list[Query]) -> Iterator[Page]:
    """Yield the pages of the first query that the recording answers, with content if there is one; else raise why not."""
    read: list[Page] | None = None
    trouble: CollectError | None = None
    for query, window in product(queries, (Window(), *_windows(path))):
        client, pages = Replay(path), list[Page]()
        collector = collector_class(client, dict.fromkeys(collector_class.needs, "not-needed"))
        error = _follow(collector, query, window, pages)
        if client.asked and any(_has_content(page) for page in pages):
            yield from pages
            if error is not None:
                raise error
            return
        trouble = trouble or error
        read = pages if read is None and error is None and client.asked else read
    if read is None:
        raise trouble or UsageError(_unread(collector_class.name, path, "--query KIND:TEXT"))
    yield from read


def _windows(path: Path) -> Iterator[Window]:
    """Yield the days of which a recording speaks, if they are a month at most: of others an answer may be refused."""
    with path.open("rb") as file:
        said = sorted({found.decode() for found in _DAY.findall(file.read(_LOOK))})
    with suppress(ValueError, IndexError):
        since, until = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (said[0], said[-1]))
        if until - since <= _MONTH:
            yield Window(since=since, until=until + timedelta(days=1))


def _follow(collector: Collector, query: Query, window: Window, pages: list[Page]) -> CollectError | None:
    """Gather the pages of a search; return the error in which it ends."""
    try:
        pages.extend(collector.search(query, window, None))
    except ReplayEnded:
        return None
    except CollectError as error:
        return error
    return None


def _has_content(page: Page) -> bool:
    return any((page.posts, page.readings, page.availability, page.accounts, page.measures, page.rejects))


def _posts(collector_class: type[Collector], path: Path, said: Sequence[str]) -> list[Known]:
    """Return the posts to read again: those that are named, else those that the recording is about."""
    platforms = collector_class.rereads or (collector_class.name,)
    known = {(post.platform, post.id): post for post in (_named(one, platforms) for one in said)}
    with suppress(UsageError):
        for page in () if known else registry.load("file")(Replay(path)).load(Source(path=path)):
            known |= {
                (check.platform, check.id): Known(id=check.id, platform=check.platform) for check in page.availability
            }
            known |= {
                (one.platform, one.id): Known(id=one.id, platform=one.platform, url=one.url) for one in page.posts
            }
    found = [post for post in known.values() if post.platform in platforms]
    if not found:
        raise UsageError(_unread(collector_class.name, path, "--post ID"))
    return found


def _named(said: str, platforms: Sequence[str]) -> Known:
    """Return a post by its address, by ``platform:id``, or by its id alone on the first platform."""
    if "://" in said and (address := resolve(said)).post_id and address.platform:
        return Known(id=address.post_id or "", platform=address.platform, url=address.canonical)
    platform, _, post_id = said.partition(":")
    return Known(id=post_id, platform=platform) if platform in platforms else Known(id=said, platform=platforms[0])


def _unread(name: str, path: Path, how: str) -> str:
    return f"{path}: {name} asked for nothing that it could answer; say what it is the answer to: {how}"


def _rows(page: Page, subject: Subject, name: str, seen_at: datetime) -> Iterator[Row]:
    window = page.window or Window()
    yield {
        "type": "page", "from": window.since, "to": window.until, "done": page.done, "cursor": page.cursor,
        "claimed_total": page.claimed_total, "cut_short": page.cut_short, "rejected": len(page.rejects),
    }  # fmt: skip
    tables = take_in(page, subject, platform=name, run_id="translate", seen_at=seen_at).tables
    known = _known(page, subject, name)
    authors = tables["post_campaign"].column("author").to_pylist() if "post_campaign" in tables else []
    posts = tables["post"].to_pylist() if "post" in tables else []
    shown = [post for post in page.posts if not post.aside]
    for post, author, given in zip(posts, authors, shown, strict=True):
        yield (
            {"type": "post"}
            | {field: post.get(field) for field in _POST}
            | {"author": author.hex() if author else None}
            | _beside(given, subject, name)
        )
    yield from _measures(page, name)
    for kind in ("observation", "availability"):
        for row in tables[kind].to_pylist() if kind in tables else []:
            platform, post_id = known[row.pop("post_key")]
            yield {"type": kind, "platform": platform, "id": post_id} | {
                key: row[key] for key in row if key not in ("campaign_id", "run_id", "aside")
            }


def _beside(post: Post, subject: Subject, name: str) -> Row:
    """Return what a post says of others: the posts that it came from, and its place on a list."""
    platform = post.platform or name
    above = [(parent.platform or platform, parent) for parent in post.parents]
    parents = [
        {"platform": place, "id": identify(place, parent.id, None, subject.key).id, "relation": parent.relation}
        for place, parent in above
    ]
    place = post.listing
    return {
        "followers_log2": magnitude(post.author.followers) if post.author else None,
        "parents": parents,
        "listing": place and {"list": place.list, "region": place.region, "rank": place.rank},
    }


def _measures(page: Page, name: str) -> Iterator[Row]:
    for measure in page.measures:
        row = {field: getattr(measure, field) for field in measure.__struct_fields__}
        yield {"type": "measure", "collector": name, **row}


def _known(page: Page, subject: Subject, name: str) -> dict[int, tuple[str, str]]:
    items = [
        (item.platform or name, item.id) for items in (page.posts, page.readings, page.availability) for item in items
    ]
    keyed = [(platform, identify(platform, item_id, None, subject.key)) for platform, item_id in items]
    return {who.post_key: (platform, who.id) for platform, who in keyed}
