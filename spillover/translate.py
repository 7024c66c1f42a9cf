"""What a collector makes of one recorded answer, as the door would write it, with a key that is thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from spillover.contract import Collector, Mode, Page, Query, Source, Window
from spillover.errors import UsageError
from spillover.ingest import Subject, identify, take_in
from spillover.pseudonym import throwaway_key
from spillover.testing import Replay, ReplayEnded

Row = dict[str, Any]
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
)


def translate(collector_class: type[Collector], mode: Mode, path: Path) -> Iterator[Row]:
    """Yield a row a page, post, observation and availability; raise what the collector raises."""
    if mode not in collector_class.modes():
        raise UsageError(f"{collector_class.name} has no mode {mode}; it has: {', '.join(collector_class.modes())}")
    subject = Subject(campaign_id=0, version=0, matcher=None, key=throwaway_key(), keep_all=True)
    seen_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    pages = _pages(collector_class, mode, path)
    while True:
        try:
            page = next(pages)
        except (StopIteration, ReplayEnded):  # the recording is at its end; a live run would go on from the cursor
            return
        yield from _rows(page, subject, collector_class.name, seen_at)


def _pages(collector_class: type[Collector], mode: Mode, path: Path) -> Iterator[Page]:
    collector = collector_class(Replay(path), dict.fromkeys(collector_class.needs, "not-needed"))
    if mode == "load":
        return collector.load(Source(path=path))
    if mode == "reread":
        return collector.reread(())
    query = Query(kind=min(collector_class.finds, default="phrase"), text="recorded")
    if mode == "stream":
        return collector.stream([query], None)
    return collector.search(query, Window(), None)


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
    for post, author in zip(posts, authors, strict=True):
        yield (
            {"type": "post"}
            | {field: post.get(field) for field in _POST}
            | {"author": author.hex() if author else None}
        )
    yield from _measures(page, name)
    for kind in ("observation", "availability"):
        for row in tables[kind].to_pylist() if kind in tables else []:
            platform, post_id = known[row.pop("post_key")]
            yield {"type": kind, "platform": platform, "id": post_id} | {
                key: row[key] for key in row if key not in ("campaign_id", "run_id", "aside")
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
