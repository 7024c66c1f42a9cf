"""The parts of a web address, as browsers read it; what they read in different ways is refused."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from msgspec import Struct

LONGEST = 8_192  # characters; what is longer is no address
_LONGEST_HOST = 253
_SPACES = " \t\r\n\0\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u3000\xa0"
_QUOTES = "<>\"'`“”‘’«»「」『』《》〈〉【】（），。、；：！？"
_FRONT = _SPACES + _QUOTES + "([{,;!*"
_BACK = _SPACES + _QUOTES + ",;!?*.:|#"
_OPENS = {")": "(", "]": "[", "}": "{"}
_PLAIN_ENDS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_-=")
_ESCAPED = re.compile(r"&(?:(?:amp|#0*38|#[xX]0*26);)+")  # as copied out of a page's source, once or more often
_WEB = re.compile(r"(https?):/{1,3}([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.IGNORECASE | re.DOTALL)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_BARE = re.compile(r"[^\s:/?#@]+\.(?:[^\W\d_]{2,63}|xn--[a-z0-9-]+)\.?(?::\d{1,5})?(?![^/?#])", re.IGNORECASE)
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+")
_PLAIN = re.compile(  # an address with nothing to mend, as most are
    r"(https?)://((?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+)(/[!$&-;=@-\[\]_a-z~]*)(?:\?([!$-;=?-\[\]_a-z~]*))?"
)
_ODD = re.compile(r"[^!#-;=?-\[\]_a-z~]")  # what stands in an address in percent form only
_PORTS = {"http": "80", "https": "443"}
_KEPT = "!#$%&'()*+,-./:;=?@[]_~"


class Parts(Struct):
    """A web address in parts. ``path`` is percent-decoded, ``raw_path`` and ``query`` are as they stand."""

    scheme: str
    host: str
    port: str  # "" where it is the scheme's own
    path: str
    raw_path: str
    query: str
    fragment: str
    parameters: dict[str, str] | None = None

    def parameter(self, names: tuple[str, ...]) -> str | None:
        """Return the decoded value of the first of these parameters that is there."""
        if self.parameters is None:
            self.parameters = _parameters(self.query)
        for name in names:
            if name in self.parameters:
                return self.parameters[name]
        return None


def clean(text: str) -> str:
    """Cut what stands around an address, and take off the escapes of a page's source."""
    if ";" in text:
        text = _ESCAPED.sub("&", text)
    if not text.startswith("http"):
        text = text.lstrip(_FRONT)
    return trim(text)


def trim(link: str) -> str:
    """Cut what ends the sentence, not the address: points, quotes, a bracket that was not opened in it."""
    if link[-1:] in _PLAIN_ENDS:
        return link
    end = len(link)
    surplus = {shut: link.count(shut) - link.count(opens) for shut, opens in _OPENS.items() if shut in link}
    while end:
        last = link[end - 1]
        if last in _OPENS and surplus[last] > 0:
            surplus[last] -= 1
        elif last not in _BACK or link.endswith("...", 0, end):
            break
        end -= 1
    return link[:end]


def split(text: str) -> Parts | None:
    """Return the parts of a clean web address, with or without its scheme; None where it is none."""
    plain = _PLAIN.fullmatch(text)
    if plain is not None and len(plain[2]) <= _LONGEST_HOST:
        scheme, host, path, query = plain.groups()
        return Parts(scheme, host, "", _decoded(path), path, query or "", "")
    return _mended(text)


def scheme_of(text: str) -> str:
    """Return the scheme of an address in lower case, "" where it has none."""
    match = _SCHEME.match(text)
    return match[0][:-1].lower() if match else ""


def _mended(text: str) -> Parts | None:
    match = _WEB.fullmatch(text)
    if match is None:
        text = _with_scheme(text)
        match = _WEB.fullmatch(text) if text else None
        if match is None:
            return None
    scheme, authority, path, query, fragment = match.groups()
    scheme = scheme.lower()
    host, _, port = authority.rpartition("@")[2].partition(":")
    host = _host(host)
    port = _port(port, scheme)
    if host is None or port is None or "\\" in authority:  # some take it for a slash, and so another host for the host
        return None
    path = _tidy(path) or "/"
    return Parts(scheme, host, port, _decoded(path), path, _tidy(query) if query else "", fragment or "")


def _decoded(path: str) -> str:
    if "%" in path:
        path = unquote(path)
    return "/" + path.lstrip("/") if path[1:2] == "/" else path


def _with_scheme(text: str) -> str:
    if text.startswith("//"):
        return "https:" + text
    return "https://" + text if _BARE.match(text) and not any(map(str.isspace, text)) else ""


def _host(host: str) -> str | None:
    host = host.lower().removesuffix(".")
    if not host.isascii():
        host = _ascii_form(host)
    return host if _HOST.fullmatch(host) and len(host) <= _LONGEST_HOST else None


def _ascii_form(host: str) -> str:
    """Return the ASCII form of a host; empty for one that only looks like an ASCII host (full-width letters)."""
    if len(host) > _LONGEST_HOST:
        return ""
    try:
        ascii_host = host.encode("idna").decode()
    except UnicodeError:
        return ""
    return ascii_host.lower() if "xn--" in ascii_host else ""


def _port(port: str, scheme: str) -> str | None:
    if not port:
        return ""
    if not (port.isascii() and port.isdigit()) or len(port) > 5 or int(port) > 65_535:
        return None
    port = str(int(port))
    return "" if port == _PORTS[scheme] else port


def _tidy(part: str) -> str:
    """Write in percent form what may not stand in an address as it is."""
    if _ODD.search(part) is None:
        return part
    return quote(part, safe=_KEPT, errors="surrogatepass")


def _parameters(query: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name not in pairs:
            pairs[name] = unquote(value.replace("+", " ")) if "%" in value or "+" in value else value
    return pairs
