"""Zeeschuimer: what a browser extension took down of what a person saw, one item a line, in an envelope.

``timestamp_collected`` is when it was seen. The envelope's ``user_agent`` and the viewer's identity are left where they
are. 4CAT exports the same items with the envelope folded into ``__import_meta``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from collectors._formats import (
    douyin,
    instagram,
    mastodon_like,
    picture_boards,
    threads,
    tiktok,
    x_graphql,
    xiaohongshu,
)
from collectors._formats.fields import Item, Json, Seen, at, moment, shown

NAME = "zeeschuimer"
Reader = Callable[[Json, Seen], Iterable[Item]]
_META = "__import_meta"
# A source is named by its host. The test of a shape keeps one that the platform changed from passing as an empty post.
_SOURCES: dict[str, tuple[Reader, Callable[[Json], bool] | None]] = {
    "tiktok": (tiktok.read, tiktok.finds),
    "douyin": (douyin.read, douyin.finds),
    "instagram": (instagram.read, lambda item: instagram.finds(item) or "code" in item),
    "threads": (threads.read, threads.finds),
    "twitter": (x_graphql.read, x_graphql.finds),
    "xiaohongshu": (xiaohongshu.read, lambda item: xiaohongshu.finds(item) or "note" in item),
    "truthsocial": (partial(mastodon_like.status, platform="truthsocial"), lambda item: "content" in item),
    "gab": (partial(mastodon_like.status, platform="gab"), lambda item: "c" in item or "content" in item),
    "9gag": (picture_boards.ninegag, lambda item: "creationTs" in item),
    "imgur": (picture_boards.imgur, lambda item: "created_at" in item),
    "pinterest": (picture_boards.pinterest, lambda item: "pinner" in item or "title" in item),
}
_SAME = {"x": "twitter", "rednote": "xiaohongshu", "truth": "truthsocial", "threads-net": "threads"}
_NO_POSTS = ("comments",)  # of TikTok and RedNote: remarks below a post are no posts


def finds(record: Json) -> bool:
    """Say whether this is an envelope."""
    return ("source_platform" in record and "data" in record) or _META in record


def knows(record: Json) -> bool:
    """Say whether this is an envelope of what is no post."""
    return False


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the post of an envelope; raise ValueError for a platform or a shape that is not known."""
    meta, item = (record[_META], record) if _META in record else (record, record["data"])
    source = str(at(meta, "source_platform"))
    name = source.lower().removeprefix("www.").split(".")[0]
    if name.endswith(_NO_POSTS) or (isinstance(item, dict) and "cid" in item and "digg_count" in item):
        return
    reader, fits = _SOURCES.get(_SAME.get(name, name), (None, None))
    if reader is None or fits is None:
        raise ValueError(
            f"source_platform: {shown(source)} is not one that can be read; those are {', '.join(sorted(_SOURCES))}"
        )
    if not isinstance(item, dict) or not fits(item):
        raise ValueError(f"data: no {name} item of a shape that is known; the platform may have changed it")
    yield from reader(item, seen.at(moment(at(meta, "timestamp_collected"))))
