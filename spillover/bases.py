"""Where a collector's addresses really lead: the platform itself, or what the operator put in its place.

``SPILLOVER_<NAME>_BASE_URL`` stands for every host of a collector, ``SPILLOVER_<NAME>_<SERVICE>_BASE_URL`` for one of
several. A collector writes the platform's own addresses and knows nothing of this.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from spillover.contract import Collector

_SOCKETS = {"https": "wss", "http": "ws", "wss": "wss", "ws": "ws"}
_PAGES = {"wss": "https", "ws": "http"}


@dataclass(frozen=True)
class Bases:
    """The addresses that an operator set for one collector: by host, "" for all others."""

    by_host: Mapping[str, str]

    @classmethod
    def of(cls, collector: type[Collector], environ: Mapping[str, str] = os.environ) -> Bases:
        """Read them from the environment."""
        prefix = f"SPILLOVER_{collector.name.upper()}"
        set_here = {"": environ.get(f"{prefix}_BASE_URL", "")} | {
            host: environ.get(f"{prefix}_{service.upper()}_BASE_URL", "")
            for host, service in collector.services.items()
        }
        return cls({host: base.rstrip("/") for host, base in set_here.items() if base})

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return the hosts that a collector may now talk to as well."""
        return tuple(host for base in self.by_host.values() if (host := urlsplit(base).hostname))

    def instances(self, asked: tuple[str, ...]) -> tuple[str, ...]:
        """Return the instances to ask: the operator's, where one is set."""
        general = self.by_host.get("")
        return (general,) if general and asked else asked

    def lead(self, url: str) -> str:
        """Return the address to fetch in the place of one that a collector wrote."""
        parts = urlsplit(url)
        base = self.by_host.get(parts.hostname or "") or self.by_host.get("")
        if base is None or url == base or url.startswith((f"{base}/", f"{base}?")):
            return url
        to = urlsplit(base)
        scheme = _SOCKETS[to.scheme] if parts.scheme in _PAGES else _PAGES.get(to.scheme, to.scheme)
        if parts.scheme in _PAGES and url.startswith(f"{scheme}://{to.netloc}{to.path}"):
            return url  # a web socket of an instance that is the base itself
        return parts._replace(scheme=scheme, netloc=to.netloc, path=_joined(to.path, parts.path)).geturl()


def _joined(prefix: str, path: str) -> str:
    """Return a path below a prefix; one that a base and an address both name ("/youtube/v3") stands once."""
    return path if not prefix or path == prefix or path.startswith(f"{prefix}/") else f"{prefix}{path}"
