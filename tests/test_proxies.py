"""Through a proxy, and with a private authority: names are left to the proxy, all other rules hold."""

from __future__ import annotations

import http.server
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from websockets.sync.server import serve

from spillover.client import HttpClient, Place, Rules
from spillover.contract import Collector
from spillover.errors import Broken, CollectError, Refused
from spillover.proxies import proxy_for
from tests.proxyserver import ProxyServer, proxy_server
from tests.tls import make_certificate

QUICK = Rules(attempts=1, connect_s=2, read_s=2, total_s=3, idle_s=5)
OUTSIDE = Place()  # no test on this machine is allowed more than anybody outside


def collector(*allowed: str) -> type[Collector]:
    class Made(Collector):
        name = "made"
        hosts = allowed or ("feeds.example", "sockets.example")
        per_minute = 6_000_000

    return Made


def a_client(*allowed: str, place: Place = OUTSIDE) -> HttpClient:
    return HttpClient(collector(*allowed), place, rules=QUICK)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"), "feeds.example", "sockets.example")


@pytest.fixture(scope="module")
def pages(certificate: Path) -> Iterator[int]:
    """A server over TLS that says ok, and leads where its path says."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            _, _, to = self.path.partition("?to=")
            self.send_response(302 if to else 200)
            if to:
                self.send_header("Location", to)
            self.send_header("Content-Length", "0" if to else "2")
            self.end_headers()
            self.wfile.write(b"" if to else b"ok")

        def log_message(self, *_: object) -> None: ...

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None: ...  # a client that does not trust us hangs up

    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = _context(certificate).wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture(scope="module")
def sockets(certificate: Path) -> Iterator[int]:
    with serve(lambda line: [line.send(f"{n}") for n in range(3)], "127.0.0.1", 0, ssl=_context(certificate)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.socket.getsockname()[1]
        server.shutdown()


@pytest.fixture
def proxy(pages: int, sockets: int, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProxyServer]:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with proxy_server({"feeds.example": pages, "sockets.example": sockets}) as server:
        monkeypatch.setenv("HTTPS_PROXY", server.url)
        yield server


def _context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_page_is_read_through_the_proxy_which_finds_its_name(proxy: ProxyServer) -> None:
    with a_client() as client:
        assert client.get("https://feeds.example/a?key=1").body == b"ok"
        assert client.get("https://feeds.example/b").body == b"ok"
    assert proxy.asked == ["CONNECT feeds.example:443 HTTP/1.1"]  # one tunnel, and nothing of the page in it


def test_frames_come_through_the_proxy(proxy: ProxyServer) -> None:
    with a_client() as client:
        assert list(islice(client.frames("wss://sockets.example/subscribe"), 3)) == [b"0", b"1", b"2"]
    assert proxy.asked[0].startswith("CONNECT sockets.example:443 HTTP/1.")


@pytest.mark.parametrize("name", ["https_proxy", "ALL_PROXY", "all_proxy"])
def test_the_proxy_is_named_as_other_programs_have_it(
    proxy: ProxyServer, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HTTPS_PROXY")
    monkeypatch.setenv(name, f"127.0.0.1:{proxy.port}")
    with a_client() as client:
        assert client.get("https://feeds.example/").body == b"ok"
    assert len(proxy.asked) == 1


@pytest.mark.parametrize("host", ["feeds.example", ".example", "*", "other.example,feeds.example:443"])
def test_what_no_proxy_names_is_spoken_to_directly(
    proxy: ProxyServer, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", host)
    assert proxy_for("https", "feeds.example", 443) is None
    with a_client() as client, pytest.raises(Broken, match="does not resolve"):
        client.get("https://feeds.example/")
    assert proxy.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/",
        "http://feeds.example/",
        "https://feeds.example@evil.example/",
        "https://user@feeds.example/",
    ],
)
def test_the_rules_of_hosts_and_schemes_hold_behind_a_proxy(proxy: ProxyServer, url: str) -> None:
    with a_client() as client, pytest.raises(Refused):
        client.get(url)
    assert proxy.asked == []


INSIDE = (
    "10.0.0.1", "127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "169.254.169.254", "192.168.1.1", "[::1]",
    "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "localhost", "a.localhost", "router", "printer.local", "metadata.google.internal",
    "nas.home.arpa", "localhost.",
)  # fmt: skip


@pytest.mark.parametrize("host", INSIDE)
def test_no_proxy_is_asked_for_what_lies_inside(proxy: ProxyServer, host: str) -> None:
    with a_client("*") as client:
        with pytest.raises(Refused):
            client.get(f"https://{host}/")
        with pytest.raises(Refused):
            list(client.frames(f"wss://{host}/"))
    assert proxy.asked == []


@pytest.mark.parametrize(
    "to", ["https://elsewhere.example/", "https://10.0.0.1/", "http://feeds.example/", "https://2130706433/"]
)
def test_a_redirect_is_checked_like_the_first_address(proxy: ProxyServer, to: str) -> None:
    with a_client() as client, pytest.raises(Refused):
        client.get(f"https://feeds.example/?to={to}")
    assert proxy.asked == ["CONNECT feeds.example:443 HTTP/1.1"]


def test_a_redirect_to_a_private_address_is_refused_also_where_every_host_is_allowed(proxy: ProxyServer) -> None:
    with a_client("*") as client, pytest.raises(Refused, match=r"169\.254\.169\.254"):
        client.get("https://feeds.example/?to=https://169.254.169.254/latest/meta-data")
    assert len(proxy.asked) == 1


def test_another_names_certificate_is_not_enough_behind_a_proxy(
    proxy: ProxyServer, pages: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy.names["other.example"] = pages
    with a_client("other.example") as client:
        with pytest.raises(Broken, match=r"[Cc]ert"):
            client.get("https://other.example/")
        with pytest.raises(Broken, match=r"[Cc]ert"):
            list(client.frames("wss://other.example/"))


def test_a_certificate_that_nobody_vouches_for_is_not_enough_behind_a_proxy(
    proxy: ProxyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with a_client() as client, pytest.raises(Broken, match=r"[Cc]ert"):
        client.get("https://feeds.example/")


def test_a_folder_of_certificates_is_trusted_as_well(
    proxy: ProxyServer, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("NOT RUN: needs the openssl command, which names certificates as OpenSSL looks for them")
    asked = ["openssl", "x509", "-hash", "-noout", "-in", str(certificate)]
    name = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    (tmp_path / f"{name}.0").write_bytes(certificate.read_bytes())
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with a_client() as client:
        assert client.get("https://feeds.example/").body == b"ok"
        assert next(client.frames("wss://sockets.example/")) == b"0"


def test_the_login_is_told_to_the_proxy_and_to_nobody_else(proxy: ProxyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://somebody:pass%20word@127.0.0.1:{proxy.port}")
    with a_client() as client:
        client.get("https://feeds.example/")
        next(client.frames("wss://sockets.example/"))
    assert all("roxy-Authorization: Basic c29tZWJvZHk6cGFzcyB3b3Jk" in head for head in proxy.heads)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\n\r\n",
        b"220 mail.example ESMTP\r\n",
        b"",
    ],
)
def test_a_proxy_that_gives_no_tunnel_breaks_the_run_and_shows_no_login(
    answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxy_server({}, answer) as server:
        monkeypatch.setenv("HTTPS_PROXY", f"http://somebody:password@127.0.0.1:{server.port}")
        for ask in (
            lambda: a_client().get("https://feeds.example/"),
            lambda: next(a_client().frames("wss://feeds.example/")),
        ):
            with pytest.raises(Broken) as caught:
                ask()
            assert "password" not in str(caught.value) and "c29tZWJvZHk" not in str(caught.value)


def test_a_proxy_where_nobody_listens_breaks_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    with a_client() as client:
        with pytest.raises(Broken):
            client.get("https://feeds.example/")
        with pytest.raises(Broken):
            next(client.frames("wss://feeds.example/"))


@pytest.mark.parametrize("address", ["socks5://127.0.0.1:1080", "http://", "ftp://127.0.0.1", "http://127.0.0.1:port"])
def test_a_proxy_that_we_cannot_speak_to_is_refused_with_the_fix(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    with a_client() as client, pytest.raises(CollectError, match="HTTPS_PROXY=http://host:port"):
        client.get("https://feeds.example/")


def test_a_proxy_that_says_nothing_obeys_the_time_that_was_set(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxy_server({}, b"HTTP/1.1 200 OK\r\n\r\n") as server:  # a tunnel into nothing
        monkeypatch.setenv("HTTPS_PROXY", server.url)
        started = time.monotonic()
        with a_client() as client, pytest.raises(Broken):
            client.get("https://feeds.example/")
    assert time.monotonic() - started < 4


def test_our_own_servers_are_reached_through_the_proxy_unless_it_is_told_otherwise(
    pages: int, monkeypatch: pytest.MonkeyPatch, certificate: Path
) -> None:
    with proxy_server({"localhost": pages}) as server:
        monkeypatch.setenv("HTTPS_PROXY", server.url)
        with a_client("localhost", place=Place(allow_private=True)) as client, pytest.raises(Broken, match=r"[Cc]ert"):
            client.get(f"https://localhost:{pages}/")
        assert server.asked == [f"CONNECT localhost:{pages} HTTP/1.1"]
