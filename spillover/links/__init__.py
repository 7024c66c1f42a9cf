"""Addresses into typed values: which platform, what kind of thing, which id, and a canonical form.

The rules are data (address_rules.json). A look-alike host matches nothing, a private link is refused, an address carried
inside another is unwrapped, and a short link says that it needs one read. No network is touched here.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from spillover.links.address import NOTHING, WEB, Address
from spillover.links.finding import found_in
from spillover.links.rules import Rules, Site, load
from spillover.links.splitting import LONGEST, Parts, clean, scheme_of, split, trim
from spillover.links.unwrapping import inner, web_form

__all__ = ["NOTHING", "WEB", "Address", "id_carries_account", "links_in", "platform_of", "resolve"]

_UNWRAPS = 5
_NAMES_ACCOUNT = re.compile(r"/(?:@|~|(?:u|users?|profiles?|members?|people|accounts?)/)")
_NOWHERE = Site()


def resolve(url: str) -> Address:
    """Return what an address points to; never raises. ``NOTHING`` where it is no http(s) address and no app's that we know."""
    if len(url) > LONGEST:
        return NOTHING
    rules = load()
    text = clean(url)
    for _ in range(_UNWRAPS + 1):
        parts = split(text) or _app_parts(rules, text)
        if parts is None:
            return NOTHING
        site = rules.site(parts.host) or _NOWHERE
        carried = inner(site, parts) if site.wrappers or site.embedded else None
        if carried is None:
            return _read(rules, site, parts)
        text = carried
    return NOTHING


def id_carries_account(platform: str) -> bool:
    """Return whether the ids of posts on this platform name an account."""
    return platform in load().account_ids


def platform_of(host: str) -> str | None:
    """Return the platform that a host belongs to: "www.tiktok.com" -> "tiktok"."""
    site = load().site(host.lower())
    return site.platform if site else None


def links_in(text: str) -> list[str]:
    """Return the addresses that stand in a text, with or without a scheme, in order; display links that were cut off are left out."""
    return found_in(text, load())


def _app_parts(rules: Rules, text: str) -> Parts | None:
    web = web_form(rules, scheme_of(text), text)
    return split(web) if web else None


def _read(rules: Rules, site: Site, parts: Parts) -> Address:
    if not parts.port:  # a platform's pages are on its scheme's own port
        if parts.fragment and parts.path == "/" and site.rules:
            parts = _routed(parts)
        for rule in rules.read_anywhere(parts.path) if site is _NOWHERE else site.readers:
            found = rule.read(parts)
            if found is not None:
                return found
    return _page(rules, site, parts)


def _routed(parts: Parts) -> Parts:
    """Return the page that a fragment names, as in twitter.com/#!/someone/status/1."""
    route = unquote(parts.fragment) if parts.fragment.startswith("%2F") else parts.fragment
    if not route.startswith(("/", "!/")):
        return parts
    return split(f"{parts.scheme}://{parts.host}/{route.lstrip('!/')}") or parts


def _page(rules: Rules, site: Site, parts: Parts) -> Address:
    """Return a page that no rule reads. On a platform nearly every such page belongs to an account."""
    page = _generic(rules, parts)
    if (trimmed := trim(page)) != page:  # without its fragment it ends in what a reader would trim
        return resolve(trimmed)
    platform = None if parts.port else site.platform
    short = site.is_short and len(parts.path) > 1
    if site.short_paths and not short:
        short = any(pattern.search(parts.path) for pattern in site.short_paths)
    on_platform = platform is not None and not short and (len(parts.path) > 1 or parts.query != "")
    carries_account = on_platform or site.names_accounts or _NAMES_ACCOUNT.search(parts.path) is not None
    return Address(platform, None, None, page, short, False, carries_account)


def _generic(rules: Rules, parts: Parts) -> str:
    """Return the address without its fragment and without what only tracks its reader."""
    port = f":{parts.port}" if parts.port else ""
    page = f"{parts.scheme}://{parts.host}{port}{parts.raw_path}"
    kept = (
        [part for part in parts.query.split("&") if part and not rules.tracks(part.partition("=")[0])]
        if parts.query
        else []
    )
    return f"{page}?{'&'.join(kept)}" if kept else page
