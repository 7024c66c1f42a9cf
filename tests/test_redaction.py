"""A key that is planted in answers, errors and addresses is in no log, no database and no output."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from spillover import redaction, segments
from spillover.client import HttpClient, Place, Rules
from spillover.collect import Run, Task
from spillover.commands import _out
from spillover.config import Workspace
from spillover.contract import Collector, Page, Post, Query, Window
from spillover.errors import Broken, Changed, CollectError
from spillover.ingest import Subject
from spillover.pseudonym import Key
from tests.badserver import bad_server, reply

KEY = "k3y+of/nobody==wörd"
WRITTEN = "k3y%2Bof%2Fnobody%3D%3Dw%C3%B6rd"


@pytest.fixture(autouse=True)
def nobody_elses_secrets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, empty in (("_known", set()), ("_values", None)):
        monkeypatch.setattr(redaction, name, empty)
    yield


@pytest.fixture
def known() -> None:
    redaction.learn([KEY, None, "", "short"])


def test_a_secret_is_taken_out_as_it_is_and_as_an_address_writes_it(known: None) -> None:
    assert redaction.redact(f"a {KEY} b {WRITTEN} c short") == "a [secret] b [secret] c short"
    assert redaction.hide(f"?key=1&x={WRITTEN}") == "?key=1&x=[secret]"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("https://a.example/?access_token=abc&x=1", "https://a.example/?access_token=[secret]&x=1"),
        ("https://a.example/?x=1&key=abc#top", "https://a.example/?x=1&key=[secret]#top"),
        ("vk.com/video?hash=abc&h=12;xsec_token=zz", "vk.com/video?hash=[secret]&h=[secret]"),
        ("https://a.example/#access_token=abc", "https://a.example/#access_token=[secret]"),
        ("GET /?API_KEY=abc HTTP/1.1", "GET /?API_KEY=[secret] HTTP/1.1"),
        ("http://user:password@proxy.example:80/", "http://[secret]@proxy.example:80/"),
        ("monkey=3, keyword=4, width=5 and path=6", "monkey=3, keyword=4, width=5 and path=6"),
        ("https://a.example/?monkey=1&path=2", "https://a.example/?monkey=1&path=2"),
    ],
)
def test_parameters_that_carry_a_key_are_taken_out_of_what_people_read(text: str, clean: str) -> None:
    assert redaction.redact(text) == clean


def test_where_nothing_is_known_nothing_is_changed() -> None:
    assert (redaction.hide(KEY), redaction.plain_pattern()) == (KEY, None)


def test_a_record_is_clean_in_its_message_arguments_and_traceback(known: None) -> None:
    written = io.StringIO()
    log = logging.getLogger("made.up")
    handler = logging.StreamHandler(written)
    handler.addFilter(redaction.Redactor())
    log.addHandler(handler)
    try:
        log.warning("at %s with %d", f"https://a.example/?x={WRITTEN}", 7)
        log.warning("plain %s", "words")
        try:
            raise ValueError(f"{KEY} is wrong")
        except ValueError:
            log.exception("failed with %s", KEY, stack_info=True)
        log.warning(f"{KEY} %s %s", "too few")  # what does not fit is for the logging module to complain about
    finally:
        log.removeHandler(handler)
    assert KEY not in written.getvalue() and WRITTEN not in written.getvalue()
    assert "at https://a.example/?x=[secret] with 7\nplain words\n" in written.getvalue()
    assert "ValueError: [secret] is wrong" in written.getvalue()


def test_a_record_without_a_secret_keeps_its_arguments() -> None:
    record = logging.LogRecord("made.up", logging.INFO, __file__, 1, "%s %d", ("words", 7), None)
    assert redaction.Redactor().filter(record)
    assert record.args == ("words", 7)


def test_every_log_of_our_processes_is_watched_whoever_writes_it() -> None:
    code = (
        "import logging, sys\n"
        "from spillover import redaction\n"
        "redaction.watch_logs(); redaction.watch_logs()\n"
        "redaction.learn([sys.argv[1]])\n"
        "logging.basicConfig()\n"
        "logging.getLogger('somebody.elses').warning('with %s', sys.argv[1])\n"
    )
    done = subprocess.run([sys.executable, "-c", code, KEY], capture_output=True, text=True, check=True)
    assert done.stderr == "WARNING:somebody.elses:with [secret]\n"


def test_errors_of_a_collection_are_clean(known: None) -> None:
    assert (
        str(Changed(f"at https://a.example/?token=1 with {KEY}"))
        == "at https://a.example/?token=[secret] with [secret]"
    )


class Leaky(Collector):
    """Its platform says the key back everywhere, and it passes that on."""

    name = "leaky"
    hosts = ("127.0.0.1",)
    finds = frozenset({"phrase"})
    needs = ("LEAKY_KEY",)
    per_minute = 6_000_000

    def search(self, query: Query, window: Window, cursor: str | None):  # type: ignore[no-untyped-def]
        said = self.client.get(query.text, params={"access_token": self.secrets["LEAKY_KEY"]}).body.decode()
        post = Post(
            id=f"1-{said}",
            url=f"https://a.example/?x={WRITTEN}",
            title=said,
            text=f"text {said}",
            hashtags=(said, "plain"),
            links=(f"https://b.example/?y={WRITTEN}",),
            published_at=datetime(2026, 11, 1, tzinfo=UTC),
        )
        yield Page(posts=[post], window=window, cursor=f"next {said}", cut_short=f"cut {said} ?key=5")
        raise ValueError(f"cannot read {said}")


def a_run(workspace: Workspace, url: str) -> Run:
    task = Task("leaky", "search", Subject(1, 1, None, Key(bytes(32)), keep_all=True), f"phrase:{KEY}")
    run = Run(task, workspace.spool)
    secrets = {"LEAKY_KEY": KEY}
    with HttpClient(Leaky, Place(secrets=secrets, allow_private=True), rules=Rules(attempts=1)) as client:
        run.follow(Leaky(client, secrets).search(Query(kind="phrase", text=url), Window(), None))
    return run


def test_a_key_that_a_platform_says_back_is_in_no_file_no_log_and_no_output(
    workspace: Workspace, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with bad_server() as server:
        run = a_run(workspace, server.on("/", reply(200, KEY.encode())))
    tally = run.tally
    for style in ("json", "csv", "text"):
        _out.rows([{"reason": tally.reason, "said": [KEY], "more": {"url": f"?x={WRITTEN}"}}], style)
    shown = capsys.readouterr()
    written = b"".join(path.read_bytes() for path in workspace.root.rglob("*") if path.is_file())
    for text in (written.decode("utf-8", "replace"), caplog.text, shown.out, shown.err, str(tally.reason)):
        assert KEY not in text and WRITTEN not in text
    assert (tally.posts, tally.outcome, tally.reason) == (1, "broken", "ValueError: cannot read [secret]")
    assert "[secret]" in shown.out and b"text [secret]" in written and b"https://b.example" in written


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 302])
def test_an_answer_that_refuses_says_no_key(workspace: Workspace, status: int) -> None:
    with bad_server() as server:
        url = server.on(
            "/", reply(status, KEY.encode(), Location=f"https://elsewhere.example/?x={WRITTEN}", Retry_After="900")
        )
        tally = a_run(workspace, url).tally
    assert tally.reason and KEY not in tally.reason and WRITTEN not in tally.reason


def test_a_segment_keeps_what_is_no_secret_to_the_letter(tmp_path: Path, known: None) -> None:
    rows = {"id": ["a", None, f"b{KEY}"], "tags": [["x", KEY], None, []], "n": [1, 2, None]}
    table = pa.table(rows, schema=pa.schema([("id", pa.string()), ("tags", pa.list_(pa.string())), ("n", pa.int64())]))
    assert segments._without_secrets(table).to_pylist() == [
        {"id": "a", "tags": ["x", "[secret]"], "n": 1},
        {"id": None, "tags": None, "n": 2},
        {"id": "b[secret]", "tags": [], "n": None},
    ]
    clean = table.slice(0, 2).set_column(1, "tags", pa.array([["x"], None], pa.list_(pa.string())))
    assert segments._without_secrets(clean) is clean


def test_a_command_that_fails_says_no_key(tmp_path: Path) -> None:
    asked = [sys.executable, "-m", "spillover", "translate", "youtube", "search", f"{tmp_path}/?access_token=abcdef"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])
    assert done.returncode == 2
    assert "access_token=[secret]" in done.stderr and "abcdef" not in done.stderr


def test_an_error_keeps_its_body_for_the_collector_and_out_of_its_words() -> None:
    redaction.learn([KEY])
    error: CollectError = Broken(f"no {KEY}", body=KEY.encode())
    assert (error.body, str(error)) == (KEY.encode(), "no [secret]")
