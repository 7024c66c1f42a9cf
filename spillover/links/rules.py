"""The rules of address_rules.json, by host."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from msgspec import Struct, field

from spillover.links.address import Address
from spillover.links.native_ids import NORMAL
from spillover.links.splitting import Parts

_PREFIXES = ("www", "m", "mobile", "amp")
_GOOGLE = re.compile(r"(?:[a-z0-9-]+\.)?google\.(?:com|cat|[a-z]{2}|com?\.[a-z]{2})")
_SAFE = re.compile(r"[A-Za-z0-9_.:/@-]+")
_KEPT = ":/@!$&'()*+,;=~"
Json = dict[str, Any]


class Rule(Struct, frozen=True):
    """One form of address of one platform."""

    platform: str
    kind: str
    path: Callable[[str], re.Match[str] | None] | None
    query: tuple[
        tuple[tuple[str, ...], bool, Callable[[str], re.Match[str] | None]], ...
    ]  # names, all of them, what they say
    canonical: str
    normal: Callable[[dict[str, str], str], str | None] | None
    needs_network: bool
    private: bool
    carries_account: bool
    post_id: str  # a template; empty where the id tells a post from all others of its platform

    def read(self, parts: Parts) -> Address | None:
        """Return what the address points to, None where it is not of this form."""
        groups: dict[str, str] = {}
        if self.path is not None:
            match = self.path(parts.path)
            if match is None:
                return None
            groups = match.groupdict()
        for names, joined, search in self.query:
            value = _joined(parts, names) if joined else parts.parameter(names)
            match = search(value) if value is not None else None
            if match is None:
                return None
            groups = {**groups, **match.groupdict()}
        return self._address(groups, parts.host)

    def _address(self, groups: dict[str, str], host: str) -> Address | None:
        native = self.normal(groups, host) if self.normal else groups.get("id")
        if self.private:
            return Address(self.platform, self.kind, native, private=True)
        if native is None:
            return None
        canonical = self.canonical.format_map({**groups, "id": _quoted(native), "host": host})
        post_id = self.post_id.format_map({**groups, "id": native}) if self.post_id else native
        return Address(
            self.platform, self.kind, native, canonical, self.needs_network, False, self.carries_account, post_id
        )


class Site(Struct):
    """What is known of a host."""

    platform: str | None = None
    rules: list[tuple[int, Rule]] = field(
        default_factory=list
    )  # with its place in the file: the first that fits counts
    is_short: bool = False
    short_paths: list[re.Pattern[str]] = field(default_factory=list)
    wrappers: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    embedded: list[re.Pattern[str]] = field(default_factory=list)
    names_accounts: bool = False
    readers: list[Rule] = field(default_factory=list)  # the rules, in their order

    def join(self, other: Site) -> None:
        """Take over what holds for the whole domain of this host."""
        self.platform = self.platform or other.platform
        self.rules = sorted({**dict(self.rules), **dict(other.rules)}.items(), key=lambda placed: placed[0])
        self.short_paths += other.short_paths
        self.wrappers += other.wrappers
        self.embedded += other.embedded
        self.names_accounts |= other.names_accounts


class Rules:
    """All rules, ready to be looked up."""

    def __init__(self, data: Json) -> None:
        self.sites: dict[str, Site] = {}  # by host, and by ".domain"
        self.anywhere: list[Rule] = []
        self.strip = frozenset(data["strip"]["exact"])
        self.strip_prefixes = tuple(data["strip"]["prefix"])
        self.schemes: list[tuple[str, re.Pattern[str], str]] = [
            (scheme, re.compile(pattern, re.IGNORECASE), web) for scheme, pattern, web in data["schemes"]
        ]
        self.account_ids = frozenset(data["account_ids"])
        self._add_rules(data)
        patterns = [
            entry["path"]
            for entry in data["rules"]
            if entry.get("hosts", data["hosts"].get(entry["platform"])) == ["*"]
        ]
        self._may_be_anywhere = re.compile("|".join(patterns).replace("?P<id>", "?:").replace("?P<local>", "?:"))
        self._add_front_ends(data)
        self._add_ways(data)
        self._join_domains()

    def site(self, host: str) -> Site | None:
        """Return what is known of a host, by its own name or by that of a domain above it."""
        found = self.sites.get(host)
        at = -1
        while found is None and (at := host.find(".", at + 1)) > 0:
            found = self.sites.get(host[at:])
        return found or self._aside(host)

    def read_anywhere(self, path: str) -> list[Rule]:
        """Return the rules for hosts that belong to no platform, if one of them may fit the path."""
        return self.anywhere if self._may_be_anywhere.search(path) else []

    def tracks(self, name: str) -> bool:
        """Return whether a parameter only tracks who reads or shares."""
        return name in self.strip or name.startswith(self.strip_prefixes)

    def _aside(self, host: str) -> Site | None:
        if "google." in host and _GOOGLE.fullmatch(host):
            return self.sites["google.*"]
        prefix, _, rest = host.partition(".")
        return self.sites.get(rest) if prefix in _PREFIXES else None

    def _at(self, host: str) -> Site:
        if host.startswith("."):
            self.sites.setdefault(host[1:], Site())
        return self.sites.setdefault(host, Site())

    def _add_rules(self, data: Json) -> None:
        for place, entry in enumerate(data["rules"]):
            rule = _rule(entry)
            hosts = entry.get("hosts") or data["hosts"][rule.platform]
            if hosts == ["*"]:
                self.anywhere.append(rule)
                continue
            for host in hosts:
                site = self._at(host)
                site.platform = rule.platform
                site.rules.append((place, rule))

    def _add_front_ends(self, data: Json) -> None:
        for platform, hosts in data["front_ends"].items():
            like = self.sites[data["hosts"][platform][0]]
            for host in hosts:
                self._at(host).join(like)

    def _add_ways(self, data: Json) -> None:
        for platform, hosts in data["short"].items():
            for host in hosts:
                site = self._at(host)
                site.is_short = True
                site.platform = site.platform or (None if platform == "any" else platform)
        for host, pattern in data["short_paths"]:
            self._at(host).short_paths.append(re.compile(pattern))
        for host, path, names in data["wrappers"]:
            self._at(host).wrappers.append((path, tuple(names)))
        for host, pattern in data["embedded"]:
            self._at(host).embedded.append(re.compile(pattern, re.DOTALL))
        for host in data["account_hosts"]:
            self._at(host).names_accounts = True

    def _join_domains(self) -> None:
        for host, site in sorted(self.sites.items(), key=lambda item: len(item[0])):  # a domain before what is below it
            for above in _domains_above(host):
                site.join(self.sites.get(above, _EMPTY))
            if _GOOGLE.fullmatch(host):
                site.join(self.sites["google.*"])
        for site in self.sites.values():
            site.readers = [rule for _, rule in site.rules]


_EMPTY = Site()


@cache
def load() -> Rules:
    """Return the rules that we ship; reading them takes some 30 ms, once."""
    return Rules(json.loads((files("spillover") / "address_rules.json").read_text("utf-8")))


def _domains_above(host: str) -> Iterator[str]:
    """Yield the domains that a host is in: "a.b.c" -> ".a.b.c", ".b.c", ".c"."""
    if not host.startswith("."):
        yield "." + host
    at = host.find(".", 1)
    while at > 0:
        yield host[at:]
        at = host.find(".", at + 1)


def _rule(entry: Json) -> Rule:
    return Rule(
        platform=entry["platform"],
        kind=entry["kind"],
        path=re.compile(entry["path"]).search if "path" in entry else None,
        query=tuple(_parameter(names, pattern) for names, pattern in entry.get("query", {}).items()),
        canonical=entry.get("canonical", ""),
        normal=NORMAL[entry["normal"]] if "normal" in entry else None,
        needs_network=entry.get("needs_network", False),
        private=entry.get("private", False),
        carries_account=entry.get("carries_account", False),
        post_id=entry.get("post_id", ""),
    )


def _parameter(names: str, pattern: str) -> tuple[tuple[str, ...], bool, Callable[[str], re.Match[str] | None]]:
    return tuple(re.split(r"[|+]", names)), "+" in names, re.compile(pattern).search


def _joined(parts: Parts, names: tuple[str, ...]) -> str | None:
    values = [value for name in names if (value := parts.parameter((name,)))]
    return "\n".join(values) if len(values) == len(names) else None


def _quoted(native: str) -> str:
    return native if _SAFE.fullmatch(native) else quote(native, safe=_KEPT)
