"""Google News: the editions that suit a query, and an edition's feed of results."""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

from msgspec.structs import replace

from collectors._formats import feeds
from collectors._formats.fields import unique
from spillover import Answer, Broken, Changed, Page, Post, Query, Refused

# Editions as Google writes them, COUNTRY:language, as SearXNG's engine for Google News lists them; by language.
_EDITIONS = {
    "ar": "EG:ar SA:ar AE:ar LB:ar", "bg": "BG:bg", "bn": "BD:bn IN:bn", "cs": "CZ:cs", "de": "DE:de AT:de CH:de", "el": "GR:el",
    "en": "US:en GB:en CA:en AU:en IN:en ZA:en NG:en SG:en",
    "es": "ES:es MX:es-419 AR:es-419 CO:es-419 CL:es-419 PE:es-419 VE:es-419 CU:es-419 US:es-419",
    "fr": "FR:fr BE:fr CA:fr CH:fr MA:fr SN:fr", "he": "IL:he", "hi": "IN:hi", "hu": "HU:hu", "id": "ID:id", "it": "IT:it", "ja": "JP:ja",
    "ko": "KR:ko", "lt": "LT:lt", "lv": "LV:lv", "ml": "IN:ml", "mr": "IN:mr", "nl": "NL:nl BE:nl", "no": "NO:no", "pl": "PL:pl",
    "pt": "BR:pt-419 PT:pt-150", "ro": "RO:ro", "ru": "RU:ru UA:ru", "sk": "SK:sk", "sl": "SI:sl", "sr": "RS:sr", "sv": "SE:sv",
    "ta": "IN:ta", "te": "IN:te", "th": "TH:th", "tr": "TR:tr", "uk": "UA:uk", "vi": "VN:vi",
    "zh": "CN:zh-Hans TW:zh-Hant HK:zh-Hant",
}  # fmt: skip
_SCRIPTS = {  # of a query that names no language
    "ja": r"[\u3040-\u30ff]", "zh": r"[\u3400-\u9fff]", "ko": r"[\uac00-\ud7af]", "ru": r"[\u0400-\u04ff]", "ar": r"[\u0600-\u06ff]",
    "he": r"[\u0590-\u05ff]", "th": r"[\u0e00-\u0e7f]", "el": r"[\u0370-\u03ff]", "hi": r"[\u0900-\u097f]",
}  # fmt: skip
_NOTICES = ("This feed is not available", "该提要不可用")  # come as the one entry of a feed, with status 200


def editions(query: Query) -> tuple[str, ...]:
    """Return the editions to ask: those of the query's language, of its country alone where it names one that has some."""
    lang = (
        query.lang or next((tag for tag, script in _SCRIPTS.items() if re.search(script, query.text)), "en")
    ).lower()
    known = _EDITIONS.get(lang.partition("-")[0], "").split()
    return tuple(edition for edition in known if edition[:2] == query.region) or tuple(known)


def address(edition: str) -> dict[str, str]:
    """Return the parameters that name an edition; all three must agree."""
    country, _, language = edition.partition(":")
    base = language.partition("-")[0]
    named = edition == "CA:fr" or base in ("en", "pt", "zh")
    hl = "es-419" if language == "es-419" else f"{base}-{country}" if named else base
    return {"hl": hl, "gl": country, "ceid": edition}


def page(answer: Answer, edition: str) -> tuple[Page, str]:
    """Return the articles of an answer, and the edition that Google served; raise where it is no feed of Google News."""
    feed = feeds.parse(answer)
    if feeds.breaks_off(feed):
        raise Broken("half a feed")
    if not str(feed.feed.get("generator", "")).startswith("NFE/"):
        raise Changed("a feed, but not one of Google News")
    served = _edition(feed.feed.get("link")) or _edition(answer.url) or edition
    found = Page()
    feeds.take(feed, found, answer.fetched_at, partial(_article, country=served[:2]))
    if found.rejects and not found.posts:
        notice = str(feed.entries[0].get("title", "")).startswith(_NOTICES)
        raise Refused("Google News shows no feed to us") if notice else Changed(found.rejects[0].reason)
    return found, served


def _article(entry: Any, feed: Any, now: datetime, *, country: str) -> Post:
    post, source = feeds.article(entry, feed, now), entry.get("source", {})
    outlet = source.get("title")
    if not outlet or not post.url or "/articles/" not in post.url:
        raise ValueError("an entry that names no outlet, or links to no article")
    title = (post.title or "").removesuffix(f" - {outlet}")
    says_more = post.text and not post.text.startswith(title)  # mostly it says the title and the outlet again
    return replace(
        post,
        title=title or None,
        text=post.text if says_more else None,
        author=None,
        links=unique([source.get("href"), *(link for link in post.links if link != post.url)]),
        region=country,
        region_basis="edition",
    )


def _edition(url: str | None) -> str | None:
    return parse_qs(urlsplit(url or "").query).get("ceid", [None])[0]
