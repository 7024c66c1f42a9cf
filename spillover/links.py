"""Addresses into typed values: which platform, what kind of thing, which id, and a canonical form.

The rules are data (address_rules.json). A look-alike host matches nothing, a private link is refused, an address carried
inside another is unwrapped, and a short link says that it needs one read. No network is touched here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import resources
from typing import Any
from urllib.parse import unquote

from msgspec import Struct

from spillover.native_ids import NORMAL

_BRACKETS = {")": "(", "]": "[", "}": "{"}
_LONGEST = 8_192  # characters; what is longer is no address
_UNWRAPS = 5
_PORTS = {"http": "80", "https": "443"}
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=:)")
_EDGES = " \t\r\n\0<>\"'“”‘’«»「」『』《》【】（）()[]{}，。、；：！？,;!"
_ENDS = " \t\r\n\0,;!<>\"'“”‘’«»「」『』《》【】（），。、；：！？"
_IN_TEXT = re.compile(
    r"https?://[^\s<>\"'“”「」『』《》【】（），。、；！？\u200b]+"
    r"|(?<![\w@./-])(?:[a-z0-9-]+\.)+(?:com|net|org|tv|be|me|ru|cn|jp|kr|it|ly|gg|app|social|video|io|co)(?:/[\w\-./?=&%#@:~+]*)?",
    re.IGNORECASE | re.ASCII,
)


class Address(Struct, frozen=True):
    """What an address points to. All None where it is no web address, or points nowhere that we know."""

    platform: str | None
    kind: str | None
    id: str | None
    canonical: str | None
    needs_network: bool = False  # the id is known only after one read
    private: bool = False  # not public: never collected
    carries_account: bool = False  # the canonical form or the id names an account


class _Parts(Struct, frozen=True):
    scheme: str
    host: str
    port: str  # "" where it is the scheme's own
    path: str  # percent-decoded
    raw_path: str
    query: str


class _Rule(Struct, frozen=True):
    platform: str
    kind: str
    hosts: tuple[str, ...]
    path: re.Pattern[str] | None
    query: tuple[tuple[str, re.Pattern[str]], ...]
    canonical: str | None
    normal: Callable[[dict[str, str], str], str | None] | None
    private: bool
    needs_network: bool
    carries_account: bool


NOTHING = Address(None, None, None, None)


def resolve(url: str) -> Address:
    """Return what an address points to; never raises."""
    return _resolve(url) if len(url) <= _LONGEST else NOTHING


def id_carries_account(platform: str) -> bool:
    """Return whether the ids of posts on this platform name an account."""
    return platform in _ACCOUNT_IDS


def platform_of(host: str) -> str | None:
    """Return the platform that a host belongs to."""
    return next((rule.platform for rule in _candidates(host.lower()) if "*" not in rule.hosts), None)


def links_in(text: str) -> list[str]:
    """Return the addresses that stand in a text, with or without a scheme, in order."""
    if "." not in text:
        return []
    found = []
    for match in _IN_TEXT.finditer(text):
        link = _trimmed(match[0])
        follows = text[match.start() + len(link) : match.start() + len(link) + 3]
        cut_off = link.endswith(("...", "…")) or follows.startswith(("…", "..."))
        if not cut_off and ("://" in link or platform_of(_host_of(link)) or _host_of(link) in _SHORT):
            found.append(link)
    return found


@lru_cache(maxsize=4096)
def _resolve(url: str) -> Address:
    parts = _split(url)
    for _ in range(_UNWRAPS):
        inner = _unwrapped(parts) if isinstance(parts, _Parts) else None
        if inner is None:
            break
        parts = _split(inner)
    if not isinstance(parts, _Parts):
        return parts
    short = _is_short(parts)
    if not parts.port:
        for rule in _candidates(parts.host):
            found = _apply(rule, parts)
            if found is not None:
                return found
    canonical = _generic(parts)
    return Address(
        platform_of(parts.host) if short else None, "short" if short else None, None, canonical, needs_network=short
    )


def _split(url: str) -> _Parts | Address:
    """Split an address; return an Address where it needs no more (an app's own scheme, or no web address)."""
    url = _trimmed(url.lstrip(_EDGES).rstrip(_ENDS))
    while "&amp;" in url:  # as copied out of a page's source
        url = url.replace("&amp;", "&")
    if url.startswith("//"):
        url = "https:" + url
    scheme_match = _SCHEME.match(url)
    scheme = scheme_match[0].lower() if scheme_match else ""
    if scheme not in _PORTS:
        if scheme in _APPS or (scheme and "." not in scheme):
            return _app_scheme(scheme, url)
        url, scheme = "https://" + url, "https"
    rest = url[len(scheme) + 1 :]
    if not rest.startswith("//"):
        return NOTHING
    return _web_parts(scheme, rest[2:])


def _web_parts(scheme: str, rest: str) -> _Parts | Address:
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    authority, rest = rest[:end], rest[end:].partition("#")[0]
    if "\\" in authority:
        return NOTHING  # browsers and servers disagree about what the host is
    host, _, port = authority.rpartition("@")[2].partition(":")
    host = host.lower().removesuffix(".")
    if not host.isascii():
        host = _punycode(host)
    if not _HOST.fullmatch(host) or not (port == "" or port.isdigit()):
        return NOTHING
    raw_path, _, query = rest.partition("?")
    path = unquote(raw_path) if "%" in raw_path else raw_path
    return _Parts(scheme, host, "" if port == _PORTS[scheme] else port, path or "/", raw_path or "/", query)


def _punycode(host: str) -> str:
    """Return the ASCII form of a host; empty for one that only looks like an ASCII host (full-width letters)."""
    try:
        ascii_host = host.encode("idna").decode()
    except UnicodeError:
        return ""
    return ascii_host if "xn--" in ascii_host else ""


def _app_scheme(scheme: str, url: str) -> Address:
    for name, pattern, web in _APP_SCHEMES:
        if scheme == name and (match := pattern.match(url)):
            return _resolve(web.format(**match.groupdict()))
    return NOTHING


def _candidates(host: str) -> Iterator[_Rule]:
    yield from _EXACT.get(host, ())
    tail = host
    while True:
        _, dot, tail = tail.partition(".")
        if not dot:
            break
        yield from _SUFFIX.get(tail, ())
    yield from _ANY


def _apply(rule: _Rule, parts: _Parts) -> Address | None:
    groups: dict[str, str] = {}
    if rule.path is not None:
        match = rule.path.search(parts.path)
        if match is None:
            return None
        groups.update({name: value for name, value in match.groupdict().items() if value is not None})
    if rule.query:
        found = _query_groups(rule, _parameters(parts.query))
        if found is None:
            return None
        groups.update(found)
    return _address(rule, groups, parts)


def _address(rule: _Rule, groups: dict[str, str], parts: _Parts) -> Address | None:
    host = parts.host
    if rule.private:
        return Address(rule.platform, rule.kind, None, None, private=True)
    private = rule.platform == "vimeo" and _unlisted(parts)
    native = rule.normal(groups, host) if rule.normal else groups.get("id") or groups.get("id2")
    if native is None:
        return None
    handle = groups.get("id2") is not None or (rule.platform == "bluesky" and not groups["actor"].startswith("did:"))
    if groups.get("id2") is not None:
        canonical: str | None = f"https://www.youtube.com/{native}"  # a name that one read turns into a channel's id
    else:
        canonical = (
            rule.canonical.format(**{**groups, "id": native.removeprefix(f"{host}/"), "host": host})
            if rule.canonical
            else None
        )
    network = rule.needs_network or handle
    return Address(rule.platform, rule.kind, native, canonical, network, private, rule.carries_account)


def _query_groups(rule: _Rule, parameters: dict[str, str]) -> dict[str, str] | None:
    groups: dict[str, str] = {}
    for names, pattern in rule.query:
        optional = names.endswith("?")
        value = _value(names.removesuffix("?"), parameters)
        match = pattern.search(value) if value is not None else None
        if match is None:
            if optional:
                continue
            return None
        groups.update({name: inner for name, inner in match.groupdict().items() if inner is not None})
    return groups


def _value(names: str, parameters: dict[str, str]) -> str | None:
    if "+" in names:
        values = [parameters.get(name) for name in names.split("+")]
        return None if None in values else "\n".join(value for value in values if value is not None)
    return next((parameters[name] for name in names.split("|") if name in parameters), None)


def _parameters(query: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name:
            pairs.setdefault(name, unquote(value.replace("+", " ")) if "%" in value or "+" in value else value)
    return pairs


def _unlisted(parts: _Parts) -> bool:
    """Vimeo's hash, behind the id or as ``h=``, is the key of an unlisted video."""
    return bool(re.match(r"^/(?:video/)?\d{6,12}/[0-9a-f]{8,12}(?:/|$)", parts.path)) or "h" in _parameters(parts.query)


def _unwrapped(parts: _Parts) -> str | None:
    """Return the address that this one carries, if it is a wrapper or an archive's copy."""
    for prefix, names in _WRAPPERS.get(parts.host, ()):
        if parts.path == prefix or (prefix.endswith("*") and parts.path.startswith(prefix[:-1])):
            value = _value("|".join(names), _parameters(parts.query))
            if value and value.startswith(("http://", "https://", "www.")):
                return value
    if parts.host.startswith(("google.", "www.google.")) and parts.path == "/url":
        value = _value("q|url", _parameters(parts.query))
        return value if value and value.startswith("http") else None
    for host, pattern in _EMBEDDED:
        if parts.host == host and (
            match := pattern.search(f"{parts.path}?{parts.query}" if parts.query else parts.path)
        ):
            return re.sub(r"^(https?):/+", r"\1://", match["url"])
    return None


def _is_short(parts: _Parts) -> bool:
    if any(parts.host == host and re.match(prefix, parts.path) for host, prefix in _SHORT_PATHS):
        return True
    return parts.host.removeprefix("www.") in _SHORT and len(parts.path) > 1


def _generic(parts: _Parts) -> str:
    """Return the address without what only tracks its reader."""
    kept = [part for part in parts.query.split("&") if part and not _tracks(part.partition("=")[0])]
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.host}{port}{parts.raw_path}" + (f"?{'&'.join(kept)}" if kept else "")


def _tracks(name: str) -> bool:
    return name in _STRIP or name.startswith(_STRIP_PREFIXES)


def _host_of(link: str) -> str:
    return re.split(r"[/?#:]", link.partition("://")[2] or link, maxsplit=1)[0].lower()


def _trimmed(link: str) -> str:
    """Cut what ends the sentence, not the address: points, and a bracket that was not opened in it."""
    while link and not link.endswith("...") and (link[-1] in ".,;:!?'\"*" or _closes_nothing(link)):
        link = link[:-1]
    return link


def _closes_nothing(link: str) -> bool:
    opens = _BRACKETS.get(link[-1])
    return opens is not None and link.count(link[-1]) > link.count(opens)


def _load() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(resources.files("spillover").joinpath("address_rules.json").read_text("utf-8"))
    return data


def _compiled(entry: dict[str, Any]) -> _Rule:
    return _Rule(
        platform=entry["platform"],
        kind=entry["kind"],
        hosts=tuple(entry["hosts"]),
        path=re.compile(entry["path"]) if "path" in entry else None,
        query=tuple((names, re.compile(pattern)) for names, pattern in entry.get("query", {}).items()),
        canonical=entry.get("canonical"),
        normal=NORMAL[entry["normal"]] if "normal" in entry else None,
        private=entry.get("private", False),
        needs_network=entry.get("needs_network", False),
        carries_account=entry.get("carries_account", False),
    )


def _by_host(
    rules: list[_Rule], front_ends: dict[str, list[str]]
) -> tuple[dict[str, list[_Rule]], dict[str, list[_Rule]], list[_Rule]]:
    exact: dict[str, list[_Rule]] = {}
    suffix: dict[str, list[_Rule]] = {}
    for rule in rules:
        for host in rule.hosts:
            if host.startswith("."):
                suffix.setdefault(host[1:], []).append(rule)
            elif host != "*":
                exact.setdefault(host, []).append(rule)
    for platform, hosts in front_ends.items():
        for host in hosts:  # the same paths as on the platform that they stand for
            exact.setdefault(host, []).extend(rule for rule in rules if rule.platform == platform)
    return exact, suffix, [rule for rule in rules if "*" in rule.hosts]


_DATA = _load()
_RULES = [_compiled(entry) for entry in _DATA["rules"]]
_EXACT, _SUFFIX, _ANY = _by_host(_RULES, _DATA["front_ends"])
_ACCOUNT_IDS = frozenset(rule.platform for rule in _RULES if rule.carries_account and rule.kind in ("post", "video"))
_SHORT = frozenset(_DATA["redirectors"]["hosts"])
_SHORT_PATHS = [
    (host, re.compile(re.escape(prefix).replace(r"\*", "[^/]+")))
    for host, prefix in _DATA["redirectors"]["path_prefixes"]
]
_WRAPPERS: dict[str, list[tuple[str, list[str]]]] = {}
for _host, _path, _names in _DATA["wrappers"]["rules"]:
    _WRAPPERS.setdefault(_host, []).append((_path, _names))
_EMBEDDED = [(host, re.compile(pattern)) for host, pattern in _DATA["wrappers"]["path_embedded"]]
_STRIP = frozenset(_DATA["strip"]["exact"])
_STRIP_PREFIXES = tuple(_DATA["strip"]["prefix"])
_APP_SCHEMES = [
    (
        "at",
        re.compile(r"at://(?P<actor>[^/]+)/app\.bsky\.feed\.post/(?P<rkey>\w+)"),
        "https://bsky.app/profile/{actor}/post/{rkey}",
    ),
    ("nostr", re.compile(r"nostr:(?P<id>\w+)"), "https://njump.me/{id}"),
    ("tg", re.compile(r"tg://resolve/?\?domain=(?P<chan>\w+)&post=(?P<msg>\d+)"), "https://t.me/{chan}/{msg}"),
    ("vnd.youtube", re.compile(r"vnd\.youtube:(?://)?(?P<id>[\w-]{11})"), "https://youtu.be/{id}"),
    ("bilibili", re.compile(r"bilibili://video/(?:av)?(?P<aid>\d+)"), "https://www.bilibili.com/video/av{aid}"),
    ("snssdk1128", re.compile(r"snssdk1128://aweme/detail/(?P<id>\d+)"), "https://www.douyin.com/video/{id}"),
    ("peertube", re.compile(r"peertube:(?P<host>[^:/]+):(?P<id>[0-9A-Za-z-]+)"), "https://{host}/w/{id}"),
    ("lbry", re.compile(r"lbry://(?P<id>[^\s]+)"), "https://odysee.com/{id}"),
]
_APPS = frozenset(name for name, _, _ in _APP_SCHEMES)
