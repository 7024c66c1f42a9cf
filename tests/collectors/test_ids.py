"""One post, one id: what collectors and formats store is what the post's own address says, so that whoever enters it finds it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import cast

import pytest

from collectors.file import File
from spillover import Client, Source
from spillover.contract import Post
from spillover.errors import CollectError, UnknownFormat
from spillover.links import resolve
from spillover.testing import Replay
from tests.collectors.cases import all_cases
from tests.collectors.casing import RECORDED, Case

NAMED = all_cases()
SHORTEST = 5  # of a made-up number
# Addresses that name the post by another id than its platform's programs do: each is what the site itself shows.
NAMED_OTHERWISE = {
    "mastodon": "of snac an address is the id itself; what a bridge shows is at home elsewhere",
    "wikimedia": "a page's number, which stays where its title does not",
    "googlenews": "a redirect of Google's; the article's own address is not in it",
    "media_ccc": "the site writes a slug, its programs a GUID",
    "rss": "an entry without an address of its own is known by its feed's id",
}  # fmt: skip


def posts_of(case: Case) -> Iterator[Post]:
    secrets = dict.fromkeys((*case.collector.needs, *case.collector.wants), "not-needed")
    answers = [
        json.dumps({"status": status, "headers": headers, "body": body.decode()}).encode()
        for status, headers, body in case.exchanges()
    ]
    with suppress(CollectError):  # the recording is at its end
        for page in case.ask(case.collector(Replay(*answers), secrets, case.instances)):
            yield from page.posts


def posts_in(path: Path) -> Iterator[Post]:
    with suppress(UnknownFormat):  # the answers of a collector only
        for page in File(cast(Client, None)).load(Source(path=path)):
            yield from page.posts


def odd(posts: Iterable[Post], name: str) -> list[tuple[str, str, str | None]]:
    """Return the posts whose address says another id than the one they have."""
    found = []
    for post in posts:
        platform, address = post.platform or name, resolve(post.url or "")
        elsewhere = platform in NAMED_OTHERWISE and address.platform != platform
        if post.url is None or elsewhere or len(post.id) < SHORTEST or (address.needs_network and address.id is None):
            continue
        said = address.post_id if address.platform else address.page_id
        if said != post.id or address.platform not in (None, platform):
            found.append((post.id, post.url, said))
    return found


@pytest.mark.parametrize(("name", "case"), NAMED, ids=[name for name, _ in NAMED])
def test_a_collector_stores_the_id_that_the_address_says(name: str, case: Case) -> None:
    assert odd(posts_of(case), case.collector.name) == []


@pytest.mark.parametrize("folder", sorted({path.name for path in RECORDED.iterdir() if path.is_dir()} - {"urls"}))
def test_a_format_stores_the_id_that_the_address_says(folder: str) -> None:
    files = (path for path in sorted((RECORDED / folder).rglob("*")) if path.is_file())
    assert [found for path in files for found in odd(posts_in(path), "file")] == []


def test_so_do_the_formats_of_all_material(shared: Path) -> None:
    files = [path for path in sorted((shared / "data/api").rglob("*")) if path.is_file()]
    here = "http://localhost:3000"  # a server that was recorded on its author's own machine
    found = [one for path in files for one in odd(posts_in(path), "file")]
    assert [one for one in found if not one[0].startswith(here)] == []
