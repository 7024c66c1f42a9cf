"""Real sinks on loopback take what is sent; what an address hides is never shown; a wrong address names its fix."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from spillover import notify, redaction
from spillover.errors import UsageError
from spillover.notify import Message
from tests.conftest import ROOT
from tests.servers import sinks

SAID = Message("c/crossing/KR", "c: KR 已到达", "KR is reached: 12 posts.\n\nRests on: 首次 <b>&amp;</b>.")


def test_a_mail_server_takes_a_mail_with_the_name_of_the_event() -> None:
    with sinks.mail() as (address, box):
        notify.check(address)
        assert notify.send(address, SAID) == (True, None)
        (got,) = box.got
    assert (got["subject"], got["rcpt"], got["from"]) == (SAID.title, "desk@test.example", "tracker@test.example")
    assert got["text"].split() == SAID.text.split() and got["x-spillover-event"] == SAID.key


def test_ntfy_itself_takes_a_message(tmp_path: Path) -> None:
    with sinks.ntfy(tmp_path) as host:
        assert notify.send(f"ntfy://{host}/desk", SAID).taken
        (got,) = sinks.of_topic(host, "desk")
    assert (got["title"], got["message"]) == (SAID.title, SAID.text)


def test_a_webhook_takes_a_message_that_carries_the_name_of_the_event_twice() -> None:
    with sinks.hook() as hook:
        assert notify.send(hook.address, SAID).taken
        (got,) = hook.got
    assert (got["title"], got["message"], got["event"]) == (SAID.title, SAID.text, SAID.key)
    assert got["headers"]["Idempotency-Key"] == SAID.key


@pytest.mark.parametrize("status", [302, 401, 403, 404, 500])
def test_a_sink_that_says_no_has_not_taken_it(status: int) -> None:
    with sinks.hook() as hook:
        hook.status = status
        outcome = notify.send(hook.address, SAID)
    assert not outcome.taken and str(status) in str(outcome.reason)
    assert "a-token" not in str(outcome.reason)


@pytest.mark.slow
def test_a_slow_mail_server_is_waited_for() -> None:
    with sinks.mail() as (address, box):
        box.delay_s = 18.0  # longer than the library itself would wait
        assert notify.send(address, SAID).taken
        assert len(box.got) == 1


def test_a_slow_sink_is_waited_for() -> None:
    with sinks.hook() as hook:
        hook.delay_s = 5.0  # longer than the library itself would wait
        assert notify.send(hook.address, SAID).taken
        assert len(hook.got) == 1


@pytest.mark.parametrize("address", ["json://127.0.0.1:1/x", "ntfy://127.0.0.1:1/desk", "mailto://127.0.0.1:1/?from=a@b.example&to=c@d.example&mode=insecure"])  # fmt: skip
def test_a_dead_sink_has_not_taken_it(address: str) -> None:
    assert not notify.send(address, SAID).taken


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("mailtos://me:s3cretword@mail.test.example?to=desk@test.example", "mailtos://mail.test.example/…"),
        ("ntfys://tk_abcdefghijkl@ntfy.test.example/desk", "ntfys://ntfy.test.example/…"),
        ("ntfy://a-secret-topic", "ntfy://…"),
        ("jsons://hooks.test.example:8443/hook/0123456789abcdef0123", "jsons://hooks.test.example:8443/…"),
        ("tgram://123456789:abcdefg_hijklmnop/12315544/", "tgram://…"),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", "discord://…"),
    ],
)
def test_an_address_is_shown_without_what_is_secret(address: str, shown: str) -> None:
    assert notify.check(address) == shown


def test_what_an_address_holds_is_taken_out_of_logs_and_data(caplog: pytest.LogCaptureFixture) -> None:
    address = "mailtos://me:pa%20ss-word@mail.test.example?to=desk@test.example"
    notify.learn(address)
    redaction.watch_logs()
    logging.getLogger("apprise").warning("sending to %s with %s", address, "pa ss-word")
    assert "pa ss-word" not in caplog.text and "pa%20ss-word" not in caplog.text
    assert "pa ss-word" not in redaction.hide("the word is pa ss-word")


@pytest.mark.parametrize(
    ("address", "fix"),
    [
        ("https://hooks.test.example/x", "for a webhook write jsons://HOST/PATH"),
        ("desk@test.example", "write mailtos://USER:PASSWORD@HOST"),
        ("smtp://mail.test.example", "for mail write mailto://"),
        ("carrier-pigeon://roof", "docs/alerts.md has an address of each kind"),
        ("mailto://", "it lacks a part"),
        ("ntfy://", "it lacks a part"),
        ("slack://only-one", "it lacks a part"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused_with_the_fix(address: str, fix: str) -> None:
    with pytest.raises(UsageError, match=fix):
        notify.check(address)


def test_the_library_is_loaded_when_something_is_sent_and_not_before() -> None:
    code = "import sys, spillover.owner, spillover.commands.alerts; sys.exit('apprise' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
