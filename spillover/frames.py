"""Frames of a web socket, until the run is stopped or the line is cut."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from spillover.contract import Answer
from spillover.errors import Broken
from spillover.guard import Guard
from spillover.pacing import judge
from spillover.proxies import proxy_for

REDIRECTS = (301, 302, 303, 307, 308)
_LOOK_S = 0.5  # how often a silent stream looks whether it shall stop


@dataclass(frozen=True)
class Limits:
    """What a stream may cost."""

    connect_s: float
    idle_s: float
    user_agent: str
    quiet_s: float | None = None  # where silence is nothing unusual: after how much of it the other end is asked
    biggest: int = 4 * 2**20  # bytes of one frame, unpacked


def follow(
    url: str,
    guard: Guard,
    stop: threading.Event,
    limits: Limits,
    *,
    send: Sequence[bytes] = (),
    headers: Mapping[str, str] | None = None,
) -> Iterator[bytes]:
    """Yield frames; end when ``stop`` is set; raise Broken when the line is cut or silent for too long.

    A quiet one may be silent while the other end answers: then an empty frame says that it does.
    """
    with _open(url, guard, limits, headers) as line:
        _say(line, send)
        pulse = _Pulse(line, limits.quiet_s) if limits.quiet_s else None
        heard_at = time.monotonic()
        while not stop.is_set():
            try:
                frame = _heard(line, pulse)
            except ConnectionClosed as error:
                raise Broken(f"the stream was cut: {error}") from error
            if frame is not None:
                heard_at = time.monotonic()
                yield frame
            elif time.monotonic() - heard_at > limits.idle_s:
                raise Broken(f"the stream said nothing for {limits.idle_s:.0f} s")


class _Pulse:
    """Asks a silent line whether it is still there. What was sent before its answer has come before it."""

    def __init__(self, line: ClientConnection, after_s: float) -> None:
        self._line, self._after_s = line, after_s
        self._heard_at = time.monotonic()
        self._answer: threading.Event | None = None

    def rest(self) -> None:
        """Note that the line has just been heard."""
        self._heard_at, self._answer = time.monotonic(), None

    def beats(self) -> bool:
        """Say whether the line has answered; ask it where it has been silent for long."""
        if self._answer is None and time.monotonic() - self._heard_at >= self._after_s:
            self._answer = self._line.ping()
        return self._answer is not None and self._answer.is_set()


def _heard(line: ClientConnection, pulse: _Pulse | None) -> bytes | None:
    """Return the next frame, an empty one for a line that is quiet and there, None for silence."""
    try:
        frame = line.recv(timeout=_LOOK_S, decode=False)
    except TimeoutError:
        if pulse is None or not pulse.beats():
            return None
        frame = b""
    if pulse is not None:
        pulse.rest()
    return frame


def _say(line: ClientConnection, send: Sequence[bytes]) -> None:
    try:
        for words in send:
            line.send(words, text=True)
    except ConnectionClosed as error:
        raise Broken(f"the stream was cut: {error}") from error


@contextmanager
def _open(url: str, guard: Guard, limits: Limits, headers: Mapping[str, str] | None) -> Iterator[ClientConnection]:
    try:
        line = _connected(url, guard, limits, headers)
    except InvalidStatus as error:
        elsewhere = _sent_on(url, error)
        if elsewhere is None:
            raise _refusal(url, error) from error
        kept = headers if _is_below(guard.place(elsewhere)[0], guard.place(url)[0]) else None
        try:  # once: Mastodon's servers send their feeds' readers on to a host of its own
            line = _connected(elsewhere, guard, limits, kept)
        except InvalidStatus as again:
            raise _refusal(elsewhere, again) from again
    with line:
        yield line


def _connected(url: str, guard: Guard, limits: Limits, headers: Mapping[str, str] | None) -> ClientConnection:
    host = guard.check(url, schemes=("wss", "ws"))
    try:
        return connect(
            url,
            sock=_socket(url, guard, limits.connect_s),
            proxy=None,
            open_timeout=limits.connect_s,
            close_timeout=1.0,
            max_size=limits.biggest,
            user_agent_header=limits.user_agent,
            additional_headers=dict(headers or {}),
        )
    except (OSError, ValueError, WebSocketException) as error:
        for status in (error, error.__context__):  # the library tries to follow redirects itself, and cannot
            if isinstance(status, InvalidStatus):
                raise status from None
        raise Broken(f"{host}: no stream: {error}") from error


def _sent_on(url: str, error: InvalidStatus) -> str | None:
    """Return where a redirect leads, as the address of a web socket."""
    location = error.response.headers.get("Location") if error.response.status_code in REDIRECTS else None
    return re.sub(r"^http", "ws", urljoin(re.sub(r"^ws", "http", url), location)) if location else None


def _is_below(host: str, above: str) -> bool:
    """Say whether a key that is for one host may be told to another."""
    return host == above or host.endswith(f".{above}")


def _socket(url: str, guard: Guard, timeout_s: float) -> socket.socket:
    """Return a connection to an address that the guard has checked, or through the operator's proxy."""
    host, port = guard.place(url)
    proxy = proxy_for(urlsplit(url).scheme, host, port)
    if proxy is not None:  # the tunnel is ours: by itself the library would also follow redirects through it
        guard.check_unresolved(host)
        return proxy.tunnel(host, port, timeout_s)
    trouble: OSError = OSError("no address")
    for address in guard.resolve(host, port):
        try:
            return socket.create_connection((address, port), timeout=timeout_s)
        except OSError as error:
            trouble = error
    raise trouble


def _refusal(url: str, error: InvalidStatus) -> Exception:
    answer = error.response
    headers = {name.lower(): value for name, value in answer.headers.raw_items()}
    said = Answer(
        url=url,
        status=answer.status_code,
        headers=headers,
        body=bytes(answer.body or b""),
        fetched_at=datetime.now(UTC),
    )
    return judge(said) or Broken(f"no stream there: {answer.status_code}")
