"""Where a collector may go: its own hosts, over TLS, at public addresses, within a time that somebody set.

The address that was checked is the address that is used: a name that resolves to a public address for the check and to
a private one for the connection gains nothing. Behind a proxy it is the proxy that resolves names: there only what an
address shows is checked (declared host, TLS, no figures of a private network, no name of one), and the operator's proxy
is trusted to lead nowhere else. Certificates are checked against the system's, or SSL_CERT_FILE and SSL_CERT_DIR.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from spillover.errors import Broken, Refused
from spillover.proxies import Proxy, proxy_for

_STEP_S = 1.0
_INSIDE = re.compile(
    r"^\.[^.]*$|\.(localhost|local|internal|intranet|lan|home|corp|home\.arpa)$"
)  # names of no public host
_NAT64 = IPv6Network("64:ff9b::/96")
_UNICAST = IPv6Network("2000::/3")  # all that was ever given out; what lies outside is a form of something else
_ASSIGNMENTS = IPv4Network("192.0.0.0/24")  # of protocols, not of hosts; the library takes some of it for public


class Guard:
    """Checks addresses before we speak to them. ``allow_private`` lets tests speak to this machine, without TLS."""

    def __init__(self, hosts: tuple[str, ...], *, allow_private: bool = False) -> None:
        self._hosts = tuple(host.lower() for host in hosts)
        self._allow_private = allow_private

    def check(self, url: str, *, schemes: tuple[str, ...] = ("https", "http")) -> str:
        """Return the host of an address that a collector may speak to; raise Refused otherwise.

        ``schemes`` are the safe one and, for tests, its bare form.
        """
        parts, host = _parse(url), self.place(url)[0]
        if parts.scheme not in (schemes if self._allow_private else schemes[:1]):
            raise Refused(f"{parts.scheme or 'no scheme'}://{host}: only {schemes[0]} addresses are read")
        if parts.userinfo:
            raise Refused(f"{host}: an address with a user name in it is not read")
        if not host or not any(_covers(rule, host) for rule in self._hosts):
            raise Refused(f"{host or 'no host'} is not among the hosts of this collector: {', '.join(self._hosts)}")
        return host

    def place(self, url: str) -> tuple[str, int]:
        """Return host and port of an address."""
        parts = _parse(url)
        return parts.raw_host.decode("ascii").lower().rstrip("."), parts.port or (
            80 if parts.scheme in ("http", "ws") else 443
        )

    def check_unresolved(self, host: str) -> None:
        """Raise Refused for a host of a private network that we leave to a proxy to find."""
        figures = _figures(host)
        private = not is_public(figures) if figures else bool(_INSIDE.search(f".{host}"))
        if private and not self._allow_private:
            raise Refused(f"{host} is not on the public internet")

    def resolve(self, host: str, port: int) -> list[str]:
        """Return the addresses of a name; raise Refused where one of them is not public, Broken where there is none."""
        try:
            found = socket.getaddrinfo(host.rstrip("."), port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Broken(f"{host}: the name does not resolve: {error}") from error
        addresses = list(dict.fromkeys(str(row[4][0]) for row in found))
        private = [address for address in addresses if not is_public(address)]
        if private and not self._allow_private:
            raise Refused(f"{host} leads to {private[0]}, which is not a public address")
        return addresses


class Transport(httpx.BaseTransport):
    """An httpx transport whose every connection passes the guard and whose every read obeys a deadline."""

    def __init__(self, guard: Guard, stop: threading.Event) -> None:
        self._guard = guard
        self.backend = _Backend(guard, stop)
        self._pools: dict[Proxy | None, httpcore.ConnectionPool] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        target = request.url
        url = httpcore.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
        answer = self._pool(str(target)).handle_request(
            httpcore.Request(
                request.method,
                url,
                headers=request.headers.raw,
                content=request.read(),
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions)

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()

    def _pool(self, url: str) -> httpcore.ConnectionPool:
        host, port = self._guard.place(url)
        proxy = proxy_for(urlsplit(url).scheme, host, port)
        if proxy is not None:
            self._guard.check_unresolved(host)
        if proxy not in self._pools:
            self._pools[proxy] = self._new_pool(proxy)
        return self._pools[proxy]

    def _new_pool(self, proxy: Proxy | None) -> httpcore.ConnectionPool:
        trusted = trusted_certificates()
        if proxy is None:
            return httpcore.ConnectionPool(ssl_context=trusted, network_backend=self.backend)
        return httpcore.HTTPProxy(
            proxy.url,
            proxy_auth=proxy.login,
            ssl_context=trusted,
            proxy_ssl_context=trusted if proxy.scheme == "https" else None,
            network_backend=_ToProxy(self.backend),
        )


def trusted_certificates() -> ssl.SSLContext:
    """Return what certificates are checked against, read anew once an hour: it takes 25 ms, and every run has a client."""
    return _read_certificates(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"), time.monotonic() // 3600)


@lru_cache(maxsize=1)
def _read_certificates(*_: object) -> ssl.SSLContext:
    return ssl.create_default_context()


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the public internet, also when an IPv4 address hides in it."""
    ip = ip_address(address.partition("%")[0])
    inner = _inner_ipv4(ip) if isinstance(ip, IPv6Address) else None
    if inner is not None:
        return is_public(str(inner))
    if ip in _ASSIGNMENTS or (isinstance(ip, IPv6Address) and ip not in _UNICAST):
        return False
    return ip.is_global and not ip.is_multicast


def _parse(url: str) -> httpx.URL:
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise Refused(f"not an address: {error}") from error


def _figures(host: str) -> str | None:
    """Return the IP address that a host is, also where it is written as 127.1, 0x7f000001 or 2130706433; None for a name."""
    try:
        return str(ip_address(host.strip("[]").partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


def _inner_ipv4(ip: IPv6Address) -> IPv4Address | None:
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


def _covers(rule: str, host: str) -> bool:
    return rule in ("*", host) or (rule.startswith(".") and host.endswith(rule))


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _Backend(httpcore.NetworkBackend):
    """Connects through the guard. ``deadline`` (monotonic seconds) bounds all reads and writes together.

    A server that sends a byte now and then never runs into the timeout of a single read.
    """

    def __init__(self, guard: Guard, stop: threading.Event) -> None:
        self._guard, self.stop = guard, stop
        self._inner = httpcore.SyncBackend()
        self.deadline = float("inf")

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        trouble: Exception | None = None
        until = time.monotonic() + self.left(timeout)
        for address in self._addresses(host, port):
            left_s = max(0.1, until - time.monotonic())
            try:
                inner = self._inner.connect_tcp(address, port, left_s, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
            else:
                return _Stream(inner, self)
        raise httpcore.ConnectError(f"{host}: {trouble}")

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            return self._guard.resolve(host, port)
        except Broken as error:  # a resolver that fails now may answer in a second
            raise httpcore.ConnectError(str(error)) from error

    def left(self, timeout: float | None) -> float:
        """Return the seconds that a step may take."""
        left = self.deadline - time.monotonic()
        if left <= 0 or self.stop.is_set():
            raise httpcore.ReadTimeout("the answer took too long")
        return left if timeout is None else min(left, timeout)


class _ToProxy(_Backend):
    """Connects to the operator's proxy, wherever that is; the deadline is that of the backend behind it."""

    def __init__(self, behind: _Backend) -> None:
        super().__init__(Guard(("*",), allow_private=True), behind.stop)
        self._behind = behind

    def left(self, timeout: float | None) -> float:
        return self._behind.left(timeout)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, backend: _Backend) -> None:
        self._inner, self._backend = inner, backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        until = time.monotonic() + self._backend.left(timeout)
        while True:  # in short steps, so that a run that is stopped does not sit out the timeout
            step_s = self._backend.left(_STEP_S)
            try:
                return self._inner.read(max_bytes, step_s)
            except httpcore.ReadTimeout:
                if time.monotonic() >= until:
                    raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._backend.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, self._backend.left(timeout)), self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
