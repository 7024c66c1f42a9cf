"""TLS as outside of tests: the certificate is checked against the name, the connection goes to the checked address."""

from __future__ import annotations

import http.server
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from spillover.client import HttpClient, Place, Rules
from spillover.contract import Collector
from spillover.errors import Broken
from tests.tls import make_certificate


class Feeds(Collector):
    name = "made"
    hosts = ("feeds.example", "other.example")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"), "feeds.example")


@pytest.fixture
def port(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None: ...

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None: ...  # a client that does not trust us hangs up

    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        number = server.server_address[1]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("127.0.0.1", number))])
        yield number
        server.shutdown()


def test_a_name_with_its_own_certificate_is_read(port: int, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with HttpClient(Feeds, place=Place(allow_private=True)) as client:
        assert client.get(f"https://feeds.example:{port}/").body == b"ok"


def test_another_names_certificate_is_not_enough(port: int, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with (
        HttpClient(Feeds, rules=Rules(attempts=1), place=Place(allow_private=True)) as client,
        pytest.raises(Broken, match=r"[Cc]ert"),
    ):
        client.get(f"https://other.example:{port}/")


def test_a_certificate_that_nobody_vouches_for_is_not_enough(port: int) -> None:
    with (
        HttpClient(Feeds, rules=Rules(attempts=1), place=Place(allow_private=True)) as client,
        pytest.raises(Broken, match=r"[Cc]ert"),
    ):
        client.get(f"https://feeds.example:{port}/")
