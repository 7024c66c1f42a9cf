"""Addresses in running text of any language."""

from __future__ import annotations

import re

from spillover.links.rules import Rules
from spillover.links.splitting import LONGEST, trim

# What ends an address besides a space: quotes, brackets and points of all scripts, arrows, emoji, private and control characters.
_ENDS = (
    r"\s<>\"`{|}\\^\x00-\x20\x7f-\xbf\u060c\u061b\u061f\u06d4\u0964\u0965\u2000-\u200b\u200e-\u206f\u20a0-\u2bff\u3000-\u3004"
    r"\u3008-\u3020\u3030\ufe00-\ufe6f\ufeff\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ud800-\uf8ff\ufff0-\uffff"
    r"\U0001f000-\U0001faff\U000e0000-\U000e01ef"
)
# Scripts without spaces between words: glued to an address they are the sentence, not the address, unless they begin a part of it.
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fff\u3005-\u3007\u3021-\u9fff\ua000-\ua4cf\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_BODY = rf"(?:[^{_ENDS}{_UNSPACED}]|(?<=[/=_+&#%.{_UNSPACED}-])[{_UNSPACED}])"
_APPS = r"(?:at|lbry|tg|bilibili|snssdk1128|snssdk1233|vnd\.youtube|sinaweibo|xhsdiscover|twitter)://"
_IN_TEXT = (
    re.compile(  # upper and lower case are one in places only: in a class, the Kelvin sign would stand for every k
        rf"(?i:https?)://{_BODY}+"
        rf"|(?<![A-Za-z0-9+.-])(?i:{_APPS}){_BODY}+"
        r"|(?<![A-Za-z0-9_.-])nostr:(?:nevent|note|naddr)1[a-z0-9]{20,}"
        r"|(?<![A-Za-z0-9_@./:=&?%#-])(?:[A-Za-z0-9][A-Za-z0-9-]*+\.)+[A-Za-z]{2,24}(?!\.?[A-Za-z0-9_@-])(?::\d{1,5})?"
        rf"(?:[/?#]{_BODY}*)?"
    )
)
_NEXT = re.compile(r"(?<![/=?&%:])https?://|&(?:lt|gt|quot|nbsp|apos|#39);", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z0-9.]+:(?!\d)", re.IGNORECASE)
_SHUTS = {")": "(", "]": "["}


def found_in(text: str, rules: Rules) -> list[str]:
    """Return the addresses in a text, in order. One without a scheme counts if its host is known, or begins with www."""
    found: list[str] = []
    if "." not in text and ":" not in text:
        return found
    at = 0
    while match := _IN_TEXT.search(text, at):
        link = _cut(match[0])
        at = match.start() + max(len(link), 1)
        if (
            len(link) <= LONGEST
            and not _is_cut_off(link, text[at : at + 3])
            and (_SCHEME.match(link) or _is_known(link, rules))
        ):
            found.append(link)
    return found


def _cut(link: str) -> str:
    """Cut at the next address, at an escaped bracket of a page's source, at a bracket that was opened before the address."""
    if follows := _NEXT.search(link, 7):
        link = link[: follows.start()]
    if ")" in link or "]" in link:
        link = link[: _balanced(link)]
    return trim(link)


def _balanced(link: str) -> int:
    """Return where a bracket is shut that was not opened in the link."""
    opened = dict.fromkeys(_SHUTS.values(), 0)
    for at, letter in enumerate(link):
        if letter in opened:
            opened[letter] += 1
        elif letter in _SHUTS:
            opened[_SHUTS[letter]] -= 1
            if opened[_SHUTS[letter]] < 0:
                return at
    return len(link)


def _is_cut_off(link: str, follows: str) -> bool:
    """Return whether only the beginning of an address is shown; …… is how a Chinese sentence trails off."""
    return (
        link.endswith("...") or follows.startswith("...") or (follows.startswith("…") and not follows.startswith("……"))
    )


def _is_known(link: str, rules: Rules) -> bool:
    host = re.split(r"[/?#:]", link, maxsplit=1)[0].lower()
    return host.startswith("www.") or rules.site(host) is not None
