"""Bluesky against the real servers of the network: a PDS whose firehose we follow, and an AppView that counts."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.bluesky import Bluesky
from spillover import Counts, Known, Page, Parent, Query, Window
from spillover.client import HttpClient, Place
from spillover.config import Workspace
from spillover.store import Store
from spillover.testing import check_page
from tests.jetstream_server import LiveJetstream, serving
from tests.servers.atproto import Network, running
from tests.servers.firehose import bridged
from tests.test_stream import EACH, WRITES, Reader, follow_while

pytestmark = pytest.mark.slow
FILM = "https://www.youtube.com/watch?v=V5lDo-jw8mA"


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with running(appview=True) as servers:
        yield servers


@pytest.fixture
def collector(network: Network, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bluesky]:
    monkeypatch.setattr(Bluesky, "per_minute", 60_000.0)
    monkeypatch.setenv("SPILLOVER_BLUESKY_BASE_URL", network.pds)
    monkeypatch.setenv("SPILLOVER_BLUESKY_PLC_BASE_URL", network.plc)
    for service in ("API", "SEARCH"):
        monkeypatch.setenv(f"SPILLOVER_BLUESKY_{service}_BASE_URL", str(network.appview))
    with HttpClient(Bluesky, Place(allow_private=True)) as client:
        yield Bluesky(client)


def soon(look: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    """Look until it is so: an AppView follows its PDS a moment later."""
    until = time.monotonic() + 30
    while not wanted(found := look()) and time.monotonic() < until:
        time.sleep(0.3)
    return found


def reread(collector: Bluesky, *uris: str) -> list[Page]:
    pages = list(collector.reread([Known(id=uri) for uri in uris]))
    for page in pages:
        check_page(page)
    return pages


def standing(pages: list[Page]) -> list[tuple[str, str | None]]:
    return [(check.status, check.cause) for check in pages[0].availability]


def test_counts_and_quotes_of_an_appview_are_read_and_what_it_leaves_out_is_unknown(
    network: Network, collector: Bluesky
) -> None:
    one, two = network.account(), network.account()
    post = one.write("Look at this film")
    ref = {"uri": post["uri"], "cid": post["cid"]}
    two.write("", "app.bsky.feed.like", subject=ref)
    two.write("", "app.bsky.feed.repost", subject=ref)
    two.write("I do", reply={"root": ref, "parent": ref})
    quote = two.write("See", embed={"$type": "app.bsky.embed.record", "record": ref})
    pages = soon(lambda: reread(collector, post["uri"]), lambda pages: len(pages) > 1 and bool(pages[1].posts))
    assert [reading.counts for reading in pages[0].readings] == [Counts(likes=1, shares=1, comments=1)]
    assert standing(pages) == [("up", None)]
    assert [(found.id, found.text, found.parents) for found in pages[1].posts] == [
        (quote["uri"], "See", (Parent(id=post["uri"], relation="quote"),))
    ]
    one.delete(post["uri"])
    pages = soon(lambda: reread(collector, post["uri"]), lambda pages: not pages[0].readings)
    assert standing(pages) == [("unknown", "missing")]


def test_a_post_that_an_appview_takes_down_is_left_out_by_it(network: Network, collector: Bluesky) -> None:
    post = network.account().write("Take this down")
    assert standing(soon(lambda: reread(collector, post["uri"]), lambda pages: bool(pages[0].readings))) == [
        ("up", None)
    ]
    subject = {"$type": "com.atproto.repo.strongRef", "uri": post["uri"], "cid": post["cid"]}
    network.take_down(subject, at=network.appview)
    pages = soon(lambda: reread(collector, post["uri"]), lambda pages: not pages[0].readings)
    assert standing(pages) == [("unknown", "missing")]
    assert [(check.cause, check.basis) for check in pages[1].availability] == [("platform", "inferred")]


def test_a_search_of_an_appview_finds_a_phrase_in_chinese(network: Network, collector: Bluesky) -> None:
    post = network.account().write("我为什么联系中情局", facets=[link(0, 9)], langs=["zh"])
    query, window = Query(kind="phrase", text="联系中情局"), Window(until=datetime.now(UTC) + timedelta(days=1))
    (page,) = soon(lambda: list(collector.search(query, window, None)), lambda pages: bool(pages[0].posts))
    check_page(page)
    assert [(found.id, found.lang, found.links) for found in page.posts] == [(post["uri"], "zh", (FILM,))]


def link(start: int, end: int) -> dict[str, object]:
    feature = {"$type": "app.bsky.richtext.facet#link", "uri": FILM}
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [feature]}


@pytest.mark.parametrize("version", [1, 2])
def test_what_is_written_to_a_pds_while_its_stream_is_cut_is_all_there_once(
    version: int, network: Network, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, chance, uris = network.account(), random.Random(version), set[str]()
    server = LiveJetstream(cuts=[1, *(chance.randrange(EACH) for _ in range(6))], versions=[version])
    store = Store(workspace)
    reader = Reader(store)
    with bridged(network.pds, server), serving(server, monkeypatch):
        uris.add(author.write("the first")["uri"])
        reader.turn()
        follow_while(reader, server, lambda number: uris.add(author.write(f"post {number} {FILM}")["uri"]))
        until = time.monotonic() + 20
        while not {uri for uri, _ in reader.held()} >= uris and time.monotonic() < until:
            reader.look()
    assert len(server.asked) >= 7
    assert len(uris) == WRITES
    mine = [uri for uri, _ in reader.held() if author.did in uri]
    assert sorted(mine) == sorted(uris)
    store.close()


def test_what_an_author_deletes_is_gone_and_an_account_that_is_taken_down_is_told(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, server, stop = network.account(), LiveJetstream(versions=[2]), threading.Event()
    subject = {"$type": "com.atproto.admin.defs#repoRef", "did": author.did}
    with bridged(network.pds, server), serving(server, monkeypatch):
        uri = author.write("I shall regret this")["uri"]
        author.delete(uri)
        network.take_down(subject)
        soon(lambda: b"".join(server.frames), lambda said: b'"takendown"' in said)
        threading.Timer(1.0, stop.set).start()
        with HttpClient(Bluesky, Place(allow_private=True), stop=stop) as client:
            pages = list(Bluesky(client).stream((), None))
    for page in pages:
        check_page(page)
    gone = [check for page in pages for check in page.availability if check.id == uri]
    assert [(check.status, check.cause, check.basis) for check in gone] == [("gone", "author", "stated")]
    states = [state for page in pages for state in page.accounts if state.id == author.did]
    assert (states[-1].status, states[-1].said) == ("gone", "takendown")  # before it can come that it was opened
