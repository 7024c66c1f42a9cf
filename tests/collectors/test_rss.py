"""Feeds: recorded, made up, in every encoding, hostile, and from a real web server."""

from __future__ import annotations

import getpass
import json
import shutil
import socket
import subprocess
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.rss import Rss
from spillover.client import HttpClient, Place
from spillover.contract import Page, Query, Window
from spillover.errors import Broken, Changed, CollectError, RateLimited, Refused
from spillover.testing import Replay, check_page, check_search
from tests.collectors.casing import Case
from tests.servers import caddy

RECORDED = Path(__file__).resolve().parents[1] / "recorded" / "rss"
AT = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
FEED = Query(kind="feed", text="https://outlet.example/feed.xml")


def read(body: bytes | Path, window: Window | None = None) -> Page:
    return check_search(Rss(Replay(body, fetched_at=AT)), FEED, window)[0]


def a_feed(title: str, *, encoding: str = "utf-8", head: str = "", body: str = "") -> bytes:
    item = f"<item><guid>1</guid><title>{title}</title><description>{body}</description></item>"
    start = f"<?xml version='1.0' encoding='{encoding}'?>{head}"
    return f"{start}<rss version='2.0'><channel><title>t</title>{item}</channel></rss>".encode(encoding)


def test_an_article_comes_as_plain_text_with_what_it_shows() -> None:
    post = read(RECORDED / "made_up_news.xml").posts[0]
    assert (post.id, post.url, post.kind, post.platform) == (
        "https://outlet.example/1",
        "https://outlet.example/1",
        "article",
        "web",
    )
    assert (post.title, post.text) == ("Un vídeo & más", "Uno dos tres cuatro")
    assert post.published_at == datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
    assert post.lang == "es-mx"
    assert post.author is not None
    assert post.author.names == ("Ana Pérez",)
    assert post.counts is not None
    assert (post.counts.views, post.counts.comments) == (None, 12)


def test_what_an_article_carries_and_links_to_is_kept() -> None:
    links = read(RECORDED / "made_up_news.xml").posts[0].links
    assert links == (
        "https://www.youtube.com/embed/madeup_id01",
        "https://outlet.example/2",
        "https://outlet.example/1.mp4",
    )


def test_a_time_that_cannot_be_is_unknown() -> None:
    posts = read(RECORDED / "made_up_news.xml").posts
    assert [post.published_at for post in posts[1:]] == [None, None]


def test_an_outlet_is_no_author() -> None:
    assert read(RECORDED / "made_up_news.xml").posts[1].author is None


def test_an_entry_comes_once_and_one_without_id_and_link_is_a_reject() -> None:
    page = read(RECORDED / "made_up_news.xml")
    assert [post.id for post in page.posts] == [f"https://outlet.example/{n}" for n in (1, 2, 3)]
    assert [(reject.line, reject.reason) for reject in page.rejects] == [(4, "an entry with neither id nor link")]


def test_marks_that_are_no_markup_stay() -> None:
    assert [post.title for post in read(RECORDED / "made_up_news.xml").posts[1:]] == ["1 < 2", "AT&T"]


def test_a_channel_feed_gives_videos_with_views_and_no_likes_for_stars_are_ratings_of_both_directions() -> None:
    post = read(RECORDED / "made_up_youtube_channel.xml").posts[0]
    assert (post.platform, post.id, post.kind, post.title) == ("youtube", "madeup_id01", "video", "为什么 & why")
    assert post.counts is not None
    assert (post.counts.views, post.counts.likes) == (1086938, None)
    assert post.author is not None
    assert post.author.id == "UCmadeupmadeupmadeupmade"
    assert post.text == "First line\nSecond line https://example.org/x"


def test_a_short_video_of_a_channel_is_a_video_too_and_no_views_are_not_zero_views() -> None:
    body = (RECORDED / "made_up_youtube_channel.xml").read_bytes()
    post = read(body.replace(b"watch?v=", b"shorts/").replace(b'views="1086938"', b'views="0"')).posts[0]
    assert (post.platform, post.id, post.url) == (
        "youtube",
        "madeup_id01",
        "https://www.youtube.com/shorts/madeup_id01",
    )
    assert post.counts is not None
    assert post.counts.views is None


def test_a_feed_that_only_claims_a_video_is_not_believed() -> None:
    body = (RECORDED / "made_up_youtube_channel.xml").read_bytes()
    post = read(body.replace(b"https://www.youtube.com/watch", b"https://outlet.example/watch")).posts[0]
    assert (post.platform, post.kind, post.id) == ("web", "article", "https://outlet.example/watch?v=madeup_id01")


def test_a_feed_that_reaches_back_far_enough_covers_the_window() -> None:
    since = datetime(2026, 3, 2, tzinfo=UTC)
    page = read(RECORDED / "made_up_youtube_channel.xml", Window(since=since))
    assert (page.window, page.cut_short, page.done) == (Window(since=since, until=AT), None, True)


def test_a_feed_that_lost_its_older_entries_says_so() -> None:
    page = read(RECORDED / "made_up_youtube_channel.xml", Window(since=datetime(2026, 2, 1, tzinfo=UTC)))
    assert page.window == Window(since=datetime(2026, 3, 1, 12, tzinfo=UTC), until=AT)
    assert page.cut_short == "feed reaches back only to 2026-03-01T12:00:00Z"


def test_an_unchanged_feed_is_a_page_without_posts() -> None:
    window = Window(since=datetime(2026, 3, 2, tzinfo=UTC))
    page = read(b'{"status": 304, "headers": {}, "body": null}', window)
    assert (page.posts, page.done, page.window) == ([], True, Window(since=window.since, until=AT))


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("gb2312", "中央情报局发布视频"), ("gb18030", "中央情报局发布视频😀"), ("gbk", "習近平"),
        ("big5", "中央情報局發布影片"),
        ("koi8-r", "ЦРУ выпустило видео"), ("windows-1251", "Почему я ушёл"),
        ("iso-8859-5", "Москва"),
        ("shift_jis", "動画を公開"), ("euc-jp", "動画を公開"), ("iso-2022-jp", "動画を公開"), ("euc-kr", "영상 공개"),
        ("utf-16", "視頻 видео 🎬"), ("utf-16-le", "視頻"), ("utf-16-be", "視頻"),
        ("utf-32", "視頻 🎬"), ("utf-32-le", "視頻"),
        ("utf-8-sig", "视频 🎬"), ("windows-1256", "فيديو"), ("iso-8859-1", "vidéo"),
        ("tis-620", "วิดีโอ"),
    ],
)  # fmt: skip
def test_every_encoding_is_read_right(encoding: str, title: str) -> None:
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    body = a_feed(title).decode().replace("'utf-8'", f"'{declared}'").encode(encoding)
    assert read(body).posts[0].title == title


def test_recorded_encodings_and_entities_are_read() -> None:
    assert read(RECORDED / "euc-kr-item.xml").rejects
    assert read(RECORDED / "utf-16le-bom.xml").done
    assert read(RECORDED / "entity_in_doctype.xml").posts[0].id == "tag:example.com,2006-05-04:/blog/"


def test_a_language_that_is_no_tag_is_unknown() -> None:
    assert read(a_feed("x").replace(b"<title>t", b"<language>english, mostly</language><title>t")).posts[0].lang is None


LAUGHS = '<!DOCTYPE rss [\n<!ENTITY a0 "ha">\n'
LAUGHS += "".join(f'<!ENTITY a{step} "{f"&a{step - 1};" * 10}">\n' for step in range(1, 10)) + "]>"
LONG = f'<!DOCTYPE rss [<!ENTITY a "{"x" * 100_000}">]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32", "utf-7"])
def test_a_feed_that_would_unfold_is_broken_off(encoding: str) -> None:
    body = a_feed("&a;" * 10_000, head=LONG).decode().replace("'utf-8'", f"'{encoding}'").encode(encoding)
    with pytest.raises(Broken, match="unfold"):
        read(body)


@pytest.mark.parametrize(
    "head", [LAUGHS, LAUGHS.replace("\n", " "), LAUGHS.replace('"', "'"), LAUGHS.replace("ha", "h>a")]
)
def test_entities_within_entities_are_not_unfolded(head: str) -> None:
    with pytest.raises(Broken, match="unfold"):
        read(a_feed("&a9;", head=head))


def test_a_file_of_this_machine_is_not_read_into_a_feed() -> None:
    head = '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    name = Path("/etc/hostname").read_text("utf-8").strip() if Path("/etc/hostname").exists() else "localhost"
    assert name not in (read(a_feed("&a; x", head=head)).posts[0].title or "")
    with pytest.raises(Changed):
        read(b"/etc/passwd")


@pytest.mark.parametrize(
    "body",
    [
        a_feed("<a>" * 300_000), a_feed("&lt;!--" * 200_000), a_feed("&lt;" * 1_000_000),
        a_feed("x", body="&lt;a " * 100_000),
        b"<rss version='2.0'><channel><item><guid>g</guid><title>" + b"<![CDATA[" * 100_000,
        b"<rss version='2.0'><channel>" + b"<!-- " * 100_000, b"<rss version='2.0'>" + b"<" * 300_000,
    ],
    ids=["deep", "comments", "brackets", "attributes", "cdata", "loose comments", "loose brackets"],
)  # fmt: skip
def test_a_hostile_feed_costs_little_time(body: bytes) -> None:
    started = time.process_time()
    with suppress(CollectError):
        read(body)
    assert time.process_time() - started < 8


@pytest.mark.parametrize(
    "body", [b"", b"\0" * 100, b"<!doctype html><html><title>x</title><p>no feed", b'{"error": 1}']
)
def test_what_is_no_feed_is_changed(body: bytes) -> None:
    with pytest.raises(Changed):
        read(body)


def test_a_feed_over_the_limit_is_broken() -> None:
    with pytest.raises(Broken, match="more than"):
        read(a_feed("x" * (8 * 2**20)))


def test_a_truncated_feed_gives_what_came() -> None:
    whole = (RECORDED / "made_up_news.xml").read_bytes()
    page = read(whole[: whole.index(b"the same again")])
    assert [post.id for post in page.posts] == ["https://outlet.example/1", "https://outlet.example/2"]
    assert page.cut_short == "the feed breaks off"


def test_an_empty_feed_is_a_page_without_posts() -> None:
    window = Window(since=datetime(2026, 3, 2, tzinfo=UTC))
    page = read(b"<rss version='2.0'><channel><title>t</title></channel></rss>", window)
    assert (page.posts, page.done, page.window, page.cut_short) == (
        [],
        True,
        Window(since=window.since, until=AT),
        None,
    )


@pytest.mark.parametrize(
    ("status", "error"), [(404, Broken), (410, Broken), (403, Refused), (429, RateLimited), (503, Broken)]
)
def test_a_feed_that_does_not_come_says_nothing_of_its_entries(status: int, error: type[CollectError]) -> None:
    with pytest.raises(error, match=str(status)):
        read(json.dumps({"status": status, "headers": {}, "body": "<html>"}).encode())


def test_a_bot_wall_refuses() -> None:
    with pytest.raises(Refused):
        read(b"<!doctype html><html><title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/x.js'>")


def test_no_feed_of_the_corpus_brings_the_collector_down(shared: Path) -> None:
    corpus = zipfile.ZipFile(shared / "data" / "feeds" / "feedparser_corpus.zip")
    names = [name for name in corpus.namelist() if name.endswith(".xml")]
    posts = 0
    for name in names:
        page = read(corpus.read(name))
        check_page(page)
        posts += len(page.posts)
    assert len(names) > 700
    assert posts > 70


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A real web server over a folder; yields the folder and its address."""
    binary = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    if binary is None:
        pytest.skip("NOT RUN: needs nginx; install the package nginx-light")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "www").mkdir()
    temporary = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"user {getpass.getuser()}; pid {tmp_path}/pid; "
        f"error_log {tmp_path}/error.log; daemon off; worker_processes 1; events {{}} "
        f"http {{ {temporary} access_log {tmp_path}/access.log; gzip on; gzip_types text/xml; gzip_min_length 1; "
        f"types {{ text/xml xml; }} server {{ listen 127.0.0.1:{port}; root {tmp_path}/www; }} }}"
    )
    with subprocess.Popen(
        [binary, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "early.log")]
    ) as process:
        _wait_for(port)
        yield tmp_path / "www", f"http://127.0.0.1:{port}"
        process.terminate()


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the web server did not start")


def read_thrice(folder: Path, address: str) -> None:
    """Read a feed, read it again unchanged, and again when it has changed."""
    shutil.copy(RECORDED / "made_up_news.xml", folder / "feed.xml")
    query = Query(kind="feed", text=f"{address}/feed.xml")

    def a_run(state: dict[str, object]) -> tuple[Page, dict[str, object]]:
        with HttpClient(Rss, marks=state, place=Place(allow_private=True)) as client:
            return next(iter(Rss(client).search(query, Window(), None))), client.get_state()

    first, state = a_run({})
    second, state = a_run(state)
    (folder / "feed.xml").write_bytes((RECORDED / "made_up_youtube_channel.xml").read_bytes())
    third, _ = a_run(state)
    assert [len(page.posts) for page in (first, second, third)] == [3, 0, 1]
    assert second.done


def test_a_real_web_server_sends_a_feed_once(nginx: tuple[Path, str]) -> None:
    folder, address = nginx
    read_thrice(folder, address)
    log = (folder.parent / "access.log").read_text()
    assert [line.split('" ')[1].split()[0] for line in log.splitlines()] == ["200", "304", "200"]


def test_another_web_server_sends_a_feed_once(tmp_path: Path) -> None:
    folder = tmp_path / "www"
    folder.mkdir()
    with caddy.serve(folder, tmp_path) as (address, log):
        read_thrice(folder, address)
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert [line["status"] for line in lines if "status" in line] == [200, 304, 200]


CASES = [
    Case(Rss, lambda rss: rss.search(FEED, Window(), None), [RECORDED / "made_up_news.xml"]),
    Case(Rss, lambda rss: rss.search(FEED, Window(), None), [RECORDED / "made_up_youtube_channel.xml"]),
]
