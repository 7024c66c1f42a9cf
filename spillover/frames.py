"""Frames of a web socket, until the run is stopped or the line is cut."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from spillover.contract import Answer
from spillover.errors import Broken
from spillover.guard import Guard
from spillover.pacing import judge
from spillover.proxies import proxy_for

_LOOK_S = 0.5  # how often a silent stream looks whether it shall stop


@dataclass(frozen=True)
class Limits:
    """What a stream may cost."""

    connect_s: float
    idle_s: float
    user_agent: str
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
    """Yield frames; end when ``stop`` is set; raise Broken when the line is cut or silent for too long."""
    with _open(url, guard, limits, headers) as line:
        _say(line, send)
        heard_at = time.monotonic()
        while not stop.is_set():
            try:
                frame = line.recv(timeout=_LOOK_S, decode=False)
            except TimeoutError:
                if time.monotonic() - heard_at > limits.idle_s:
                    raise Broken(f"the stream said nothing for {limits.idle_s:.0f} s") from None
                continue
            except ConnectionClosed as error:
                raise Broken(f"the stream was cut: {error}") from error
            heard_at = time.monotonic()
            yield frame


def _say(line: ClientConnection, send: Sequence[bytes]) -> None:
    try:
        for words in send:
            line.send(words, text=True)
    except ConnectionClosed as error:
        raise Broken(f"the stream was cut: {error}") from error


@contextmanager
def _open(url: str, guard: Guard, limits: Limits, headers: Mapping[str, str] | None) -> Iterator[ClientConnection]:
    host = guard.check(url, schemes=("wss", "ws"))
    try:
        line = connect(
            url,
            sock=_socket(url, guard, limits.connect_s),
            proxy=None,
            open_timeout=limits.connect_s,
            close_timeout=1.0,
            max_size=limits.biggest,
            user_agent_header=limits.user_agent,
            additional_headers=dict(headers or {}),
        )
    except InvalidStatus as error:
        raise _refusal(url, error) from error
    except (OSError, ValueError, WebSocketException) as error:
        raise Broken(f"{host}: no stream: {error}") from error
    with line:
        yield line


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
