"""Addresses that carry another: redirect pages, archives' copies, addresses of apps. Read without a network."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from urllib.parse import unquote

from spillover.links.rules import Rules, Site
from spillover.links.splitting import Parts, clean, split

_FULL = re.compile(r"https?:", re.IGNORECASE)
_BARE_ADDRESS = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}/\S+", re.IGNORECASE)


def inner(site: Site, parts: Parts) -> str | None:
    """Return the address that this one carries, as clean text; None where it carries none."""
    for path, names in site.wrappers:
        if (
            parts.path == path
            or parts.path == path.rstrip("/")
            or (path[-1] == "*" and parts.path.startswith(path[:-1]))
        ):
            value = _carried(parts, parts.parameter(names) or "")
            if value is not None:
                return value
    return _embedded(site, parts) if site.embedded else None


def web_form(rules: Rules, scheme: str, text: str) -> str | None:
    """Return the web address of an app's address; ``lbry://@a#b/c#d`` names claims with #, the web with a colon."""
    for name, pattern, web in rules.schemes:
        if name == scheme and (match := pattern.match(text)):
            return web.format(**{group: value.replace("#", ":") for group, value in match.groupdict().items()})
    return None


def _carried(parts: Parts, value: str) -> str | None:
    if value.startswith("a1"):  # as Bing writes it
        value = _decoded(value[2:]) or value
    value = clean(value)
    if value.startswith("/"):
        return f"https:{value}" if value.startswith("//") else f"{parts.scheme}://{parts.host}{value}"
    if _FULL.match(value) or _BARE_ADDRESS.fullmatch(value):
        return value if split(value) else None
    return None


def _decoded(value: str) -> str | None:
    try:
        return urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode()
    except ValueError:
        return None


def _embedded(site: Site, parts: Parts) -> str | None:
    whole = f"{parts.raw_path}?{parts.query}" if parts.query else parts.raw_path
    for pattern in site.embedded:
        if match := pattern.search(whole):
            url: str = match["url"]
            return clean(unquote(url) if "?" not in url and "%" in url else url)
    return None
