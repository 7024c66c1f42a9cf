"""The collector of Mastodon against servers that run here, through the client that goes out."""

from __future__ import annotations

import importlib.util
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from collectors.mastodon import Mastodon
from spillover.client import HttpClient, Place, Rules
from spillover.contract import Counts, Known, Page, Post, Query, Window
from spillover.errors import Broken, Changed, CollectError, RateLimited, Refused
from tests.servers.mastodon_mock import MastodonMock, mastodon_mock
from tests.servers.snac import PROGRAM, Snac, snac

TAG = Query(kind="hashtag", text="CIA")
LINK = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
QUICK = Rules(read_s=1.0, total_s=1.5, connect_s=5.0)
PATIENT = Rules(read_s=5.0, attempts=5)  # snac lets a request wait while it has other things to do


@pytest.fixture(scope="module")
def mock() -> Iterator[MastodonMock]:
    if importlib.util.find_spec("mastodon_mock") is None:
        pytest.skip("NOT RUN: needs mastodon-mock (dependency group servers)")
    with mastodon_mock() as server:
        yield server


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snac]:
    if not PROGRAM.exists():
        pytest.skip("NOT RUN: needs snac2; run tests/servers/install_snac.sh")
    with snac(tmp_path_factory.mktemp("snac")) as server:
        yield server


@pytest.fixture(autouse=True)
def no_waiting_between_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spillover.client.backoff_s", lambda attempt: 0.01)


class Hearing(HttpClient):
    """Keeps the frames that came, so that a test can wait for one."""

    heard: list[str]

    def frames(self, url: str, **more: object) -> Iterator[bytes]:
        self.heard = []
        for frame in super().frames(url, **more):  # type: ignore[arg-type]
            self.heard.append(json.loads(frame)["event"])
            yield frame


Ask = Callable[..., Mastodon]


@pytest.fixture
def ask() -> Iterator[Ask]:
    """Return what makes a collector with a gate of its own: tests keep no pace."""
    with ExitStack() as clients:

        def made(base: str, token: str = "", stop: threading.Event | None = None, rules: Rules = QUICK) -> Mastodon:
            kind = type("Quick", (Mastodon,), {"per_minute": 6_000_000.0})
            secrets = {"MASTODON_TOKEN": token} if token else {}
            place = Place(secrets, (base,), allow_private=True)
            client = clients.enter_context(Hearing(kind, place, stop=stop, rules=rules))
            found: Mastodon = kind(client, secrets, (base,))
            return found

        yield made


def lately() -> Window:
    now = datetime.now(UTC)
    return Window(since=now - timedelta(days=1), until=now + timedelta(minutes=1))


def found_by(made: Mastodon, query: Query = TAG) -> list[Page]:
    return list(made.search(query, lately(), None))


def test_posts_are_found_by_their_hashtag_over_several_pages(mock: MastodonMock, ask: Ask) -> None:
    for number in range(90):
        mock.post(f"帖子 {number} {LINK} #Pages", language="zh")
    pages = found_by(ask(mock.base), Query(kind="hashtag", text="#pages"))
    assert [len(page.posts) for page in pages] == [40, 40, 10]
    assert [page.done for page in pages] == [False, False, True]
    assert len({post.id for page in pages for post in page.posts}) == 90
    first = pages[0].posts[0]
    assert (first.text, first.lang, first.links, first.hashtags) == (
        f"帖子 89 {LINK} #Pages",
        "zh",
        (LINK,),
        ("pages",),
    )


def test_counts_are_read_again_and_a_deletion_is_absence(mock: MastodonMock, ask: Ask) -> None:
    status = mock.post(f"{LINK} #Again")
    mock.act(status["id"], "favourite")
    mock.act(status["id"], "reblog")
    made = ask(mock.base)
    page = list(made.reread([Known(id=status["uri"])]))[-1]
    assert [(post.id, post.counts) for post in page.posts] == [(status["uri"], Counts(likes=1, shares=1, comments=0))]
    assert [check.status for check in page.availability] == ["up"]
    mock.delete(status["id"])
    page = list(made.reread([Known(id=status["uri"])]))[-1]
    assert [(check.id, check.status, check.basis) for check in page.availability] == [
        (status["uri"], "unknown", "absent")
    ]


def test_a_server_that_knows_no_list_of_posts_is_asked_for_each(mock: MastodonMock, ask: Ask) -> None:
    here, gone = mock.post("#Single"), mock.post("#Single")
    mock.delete(gone["id"])
    mock.fail("/api/v1/statuses", 1, type="status", status=404, body={"error": "Not Found"})
    pages = list(ask(mock.base).reread([Known(id=here["uri"]), Known(id=gone["uri"])]))
    assert [check.status for page in pages for check in page.availability] == ["up", "unknown"]


def test_full_text_respects_who_declines_to_be_found(mock: MastodonMock, ask: Ask) -> None:
    mock.post("unmistakable words")  # the account of this server says indexable: false
    page = found_by(ask(mock.base, mock.token), Query(kind="phrase", text="unmistakable"))[0]
    assert page.posts == []
    assert len(page.rejects) == 1


def test_the_feed_tells_what_is_posted_edited_and_deleted(mock: MastodonMock, ask: Ask) -> None:
    stop = threading.Event()
    made = ask(mock.base, mock.token, stop)
    assert isinstance(made.client, Hearing)
    client, posted = made.client, []

    def act() -> None:
        while "update" not in getattr(client, "heard", ()):
            posted.append(mock.post(f"{LINK} #Live")["id"])
            time.sleep(0.1)
        mock.edit(posted[-1], f"edited {LINK} #Live")
        mock.delete(posted[-1])
        until = time.monotonic() + 20
        while "delete" not in client.heard and time.monotonic() < until:
            time.sleep(0.05)
        stop.set()

    actor = threading.Thread(target=act)
    actor.start()
    pages = list(made.stream([Query(kind="hashtag", text="#Live")], None))
    actor.join()
    posts = [post for page in pages for post in page.posts]
    assert {post.text for post in posts} == {f"{LINK} #Live"}
    gone = [(check.id, check.status, check.basis) for page in pages for check in page.availability]
    assert gone == [(posts[-1].id, "gone", "stated")]
    rejected = [reject.reason for page in pages for reject in page.rejects]
    assert rejected == [
        "event: 'status_update' is not known"
    ]  # Mastodon's own word, status.update, is in the recordings
    assert pages[-1].window is not None
    assert pages[-1].window.until is not None
    assert pages[-1].cursor == pages[-1].window.until.isoformat()


@pytest.mark.parametrize(
    ("effect", "error"),
    [
        ({"type": "ratelimit"}, RateLimited), ({"type": "status", "status": 503}, Broken),
        ({"type": "status", "status": 401}, Refused), ({"type": "malformed"}, Broken),
        ({"type": "malformed", "truncate": False}, Changed), ({"type": "timeout"}, Broken),
        ({"type": "status", "status": 200, "body": {"error": "no"}}, Changed),
    ],
)  # fmt: skip
def test_a_fault_is_the_right_error(
    mock: MastodonMock, ask: Ask, effect: dict[str, object], error: type[CollectError]
) -> None:
    mock.fail("/api/v1/timelines/*", 3, **effect)
    try:
        with pytest.raises(error):
            found_by(ask(mock.base))
    finally:
        httpx.delete(f"{mock.base}/api/v1/_mock/faults", trust_env=False).raise_for_status()


def test_what_the_server_says_of_a_post_is_of_mastodons_schema(mock: MastodonMock, shared: Path) -> None:
    validator = pytest.importorskip("tests.servers.mastodon_schema", reason="NOT RUN: needs jsonschema").of_statuses(
        shared
    )
    status = mock.post("plain words #Schema")  # with a link it has a card, which does not keep to the schema
    assert [error.message for error in validator.iter_errors(status)] == []


@pytest.mark.slow
def test_snac_is_read_without_links_and_with_its_own_numbers(odd: Snac, ask: Ask) -> None:
    first = odd.post("ana", f"我为什么联系中情局 {LINK} #CIA", language="zh")
    for number in range(45):
        odd.post("ana", f"{number} #CIA")
    odd.act("bo", first["id"], "reblog")
    odd.act("bo", first["id"], "favourite")
    until = time.monotonic() + 20
    posts: list[Post] = []
    while not any(post.aside for post in posts) and time.monotonic() < until:  # a boost is shown after a while
        pages = found_by(ask(odd.base, rules=PATIENT))
        posts = [post for page in pages for post in page.posts]
    assert {post.text for post in posts} >= {f"{number} #CIA" for number in range(45)}
    boost = next(post for post in posts if post.kind == "repost")
    original = next(post for post in posts if post.aside)
    assert (original.id, original.lang, original.counts) == (first["uri"], None, Counts(likes=1, shares=1, comments=0))
    assert boost.text == original.text == f"我为什么联系中情局 {LINK} #CIA"
    assert (pages[-1].done, pages[-1].cut_short) == (True, None)


@pytest.mark.slow
def test_snac_refuses_full_text_and_its_posts_stay_unknown(odd: Snac, ask: Ask) -> None:
    first = odd.post("ana", "#Closed")
    with pytest.raises(Refused):
        found_by(ask(odd.base, f"wrong@{odd.host}", rules=PATIENT), Query(kind="phrase", text="why"))
    page = next(ask(odd.base, rules=PATIENT).reread([Known(id=first["uri"])]))
    assert [(check.status, check.cause) for check in page.availability] == [("unknown", None)]
