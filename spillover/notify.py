"""Handing a message to a mail server, to ntfy, to a webhook: the only file that knows Apprise.

An address of a target holds secrets (a password, a token, a hook's path), so nothing but its kind and a host that is no
secret is ever shown, and all that the library says is cleaned before it goes on. Redirects are not followed: a message
that is redirected was not taken.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from spillover import redaction
from spillover.errors import UsageError

if TYPE_CHECKING:
    from apprise import Apprise

CONNECT_S, ANSWER_S = (
    10,
    30,
)  # a sink that is slow to answer has taken the message; to give up early is to send it twice
_HOSTED = frozenset(("mailto", "mailtos", "ntfy", "ntfys", "json", "jsons", "xml", "xmls", "form", "forms", "matrix", "matrixs", "gotify", "gotifys", "mmost", "mmosts", "rocket", "rockets", "apprise", "apprises"))  # fmt: skip
_KEYED = ("json", "jsons", "form", "forms")  # what passes headers on for us
_HOST = re.compile(r"[\w-]+(\.[\w-]+)+|localhost|\[[0-9a-f:]+\]", re.IGNORECASE)
_LONG = 16  # letters from which a piece of a path is taken for a token
_FIX = {
    "http": "for a webhook write json://HOST/PATH",
    "https": "for a webhook write jsons://HOST/PATH",
    "smtp": "for mail write mailto://HOST:PORT/?from=…&to=…&mode=insecure",
    "smtps": "for mail write mailtos://USER:PASSWORD@HOST?to=…",
    "": "write mailtos://USER:PASSWORD@HOST?to=…, ntfys://HOST/TOPIC or jsons://HOST/PATH",
}


class Message(NamedTuple):
    """What is sent; ``key`` is the same whenever the same message is sent again, so that a sink can tell."""

    key: str
    title: str
    text: str


class Outcome(NamedTuple):
    """Whether a sink took a message, and why not."""

    taken: bool
    reason: str | None = None


def check(address: str) -> str:
    """Return how a target's address is shown; raise UsageError, with the fix, for one that leads nowhere."""
    learn(address)
    if not address.partition("://")[2].strip("/"):
        raise UsageError(_trouble(address))
    _open(address)
    return show(address)


def show(address: str) -> str:
    """Return an address without what is secret in it: its kind, and the host where that is no secret."""
    scheme, host = _split(address)
    named = host if scheme in _HOSTED and _HOST.fullmatch(host.partition(":")[0]) else ""
    return f"{scheme}://{named}{'/' if named else ''}…"


def learn(address: str) -> None:
    """Keep what an address holds out of all that is written and shown."""
    scheme, rest = address.partition("://")[::2]
    try:
        parts = urlsplit(f"x://{rest}")
    except ValueError:
        redaction.learn([address])
        return
    words = [address, rest, parts.password, parts.username if parts.password is None else None]
    pieces = (
        [parts.netloc.rpartition("@")[2], *parts.path.split("/")] if scheme not in _HOSTED else parts.path.split("/")
    )
    if scheme in _HOSTED and not _HOST.fullmatch(parts.netloc.rpartition("@")[2].partition(":")[0]):
        words.append(parts.netloc)  # a topic on a server that needs no name
    words += [piece for piece in pieces if len(piece) >= (_LONG if scheme in _HOSTED else 8)]
    words += [value for name, value in parse_qsl(parts.query) if re.search("pass|token|key|secret|auth", name, re.I)]
    redaction.learn(spelling for word in words if word for spelling in (word, unquote(word)))


def send(address: str, message: Message) -> Outcome:
    """Hand a message to a sink and wait for its word."""
    learn(address)
    try:
        result = _open(_marked(address, message)).notify(
            title=message.title, body=message.text, notify_type="info", body_format="text"
        )
    except UsageError as error:
        return Outcome(False, str(error))
    except (
        Exception
    ) as error:  # a hundred kinds of sinks, and each may raise what it likes; its words can quote the address
        return Outcome(False, f"not taken: {type(error).__name__}")
    if result:
        return Outcome(True)
    said = [entry.message for entry in result.logs()] if hasattr(result, "logs") else []
    return Outcome(False, _clean(said, address) or "not taken, and no reason given")


def _open(address: str) -> Apprise:
    from apprise import Apprise, AppriseAsset
    from apprise.exception import AppriseException

    asset = AppriseAsset(
        async_mode=False, storage_mode="memory", http_redirects=False, pgp_autogen=False, pem_autogen=False,
        app_id="Spillover", app_desc="Spillover", app_url="", image_url_logo="", image_url_mask="",
        service_timeout=0,
    )  # fmt: skip
    try:
        service = Apprise.instantiate(address, asset=asset, suppress_exceptions=False)
    except (AppriseException, TypeError, ValueError):
        service = None  # its words quote the address
    if service is None or not len(service):  # without a recipient or a topic there is nobody to tell
        raise UsageError(_trouble(address))
    is_mail = _split(address)[0].startswith("mailto")  # a mail server is given one time for all that it does
    service.socket_connect_timeout = float(ANSWER_S if is_mail else CONNECT_S)
    service.socket_read_timeout = float(ANSWER_S)
    opened = Apprise(asset=asset)
    opened.add(service)
    return opened


def _marked(address: str, message: Message) -> str:
    """Return an address with the event's name as a header, where its kind passes headers on."""
    scheme, _ = _split(address)
    if scheme not in _KEYED and not scheme.startswith("mailto"):
        return address
    name = "Idempotency-Key" if scheme in _KEYED else "X-Spillover-Event"
    value = re.sub(r"[^\w@:/.-]", "-", message.key, flags=re.ASCII)
    value = quote(value, safe="")
    extra = f"%2B{name}={value}" + (f"&%3Aevent={value}" if scheme in _KEYED else "")
    return f"{address}{'&' if '?' in address else '?'}{extra}"


def _split(address: str) -> tuple[str, str]:
    scheme, found, rest = address.partition("://")
    if not found:
        return "", ""
    return scheme.lower(), re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]


def _trouble(address: str) -> str:
    scheme, _ = _split(address)
    if scheme in _FIX:
        return f"{scheme + '://' if scheme else 'this'} is no kind of target: {_FIX[scheme]}"
    return f"{show(address)} leads nowhere: it lacks a part, or its kind is not known; docs/alerts.md has an address of each kind"


def _clean(said: list[str], address: str) -> str | None:
    """Return what a library said, in one line, without the address."""
    line = "; ".join(dict.fromkeys(" ".join(part.split()) for part in said))
    return redaction.redact(line.replace(address, show(address)))[:200] or None
