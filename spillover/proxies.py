"""The proxy between us and the network, where the operator's environment names one.

``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY`` and ``NO_PROXY`` are read as other programs read them, in capitals or not.
A web socket goes through the proxy of its pages. Only ``http://`` and ``https://`` proxies are spoken to (``CONNECT``);
web sockets go through ``http://`` ones only.
"""

from __future__ import annotations

import http.client
import socket
from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]  # typeshed lacks one

from spillover import redaction
from spillover.errors import Broken, Refused

_PAGES = {"wss": "https", "ws": "http"}


@dataclass(frozen=True)
class Proxy:
    """A proxy and what it is logged in to with."""

    scheme: str
    host: str
    port: int
    login: tuple[str, str] | None = None

    @property
    def url(self) -> str:
        """Return its address, without the login."""
        return f"{self.scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    def tunnel(self, host: str, port: int, timeout_s: float) -> socket.socket:
        """Return a connection through the proxy; raise OSError where it gives none."""
        if self.scheme != "http":
            raise Broken("a web socket goes through a proxy whose address begins with http:// only")
        line = http.client.HTTPConnection(self.host, self.port, timeout=timeout_s)
        line.set_tunnel(host, port, headers=self._login_header())
        try:
            line.connect()
        except (http.client.HTTPException, OSError) as error:
            line.close()
            raise error if isinstance(error, OSError) else OSError("what the proxy says is no HTTP") from error
        return line.sock

    def _login_header(self) -> dict[str, str]:
        if self.login is None:
            return {}
        return {"Proxy-Authorization": "Basic " + b64encode(":".join(self.login).encode()).decode("ascii")}


def proxy_for(scheme: str, host: str, port: int) -> Proxy | None:
    """Return the proxy that leads to a host; None where we speak to it directly. Raise Refused for one of no use."""
    known = getproxies_environment()
    address = known.get(_PAGES.get(scheme, scheme)) or known.get("all")
    if not address or proxy_bypass_environment(f"{host}:{port}", known) or proxy_bypass_environment(host, known):
        return None
    return _read(address if "://" in address else f"http://{address}")


def _read(address: str) -> Proxy:
    try:
        parts = urlsplit(address)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused("the proxy in the environment is of no use: write HTTPS_PROXY=http://host:port")
    login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    redaction.learn(login[1:] if login else ())
    return Proxy(parts.scheme, parts.hostname, port, login)
