"""What may stand in a campaign file: one function a type of value.

Each reports what is wrong with a value and gives back what can be used of it.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from spillover.campaign_report import Report, as_written, close_to, of_type
from spillover.folding import squeeze
from spillover.links import resolve
from spillover.places import country
from spillover.rarity import too_common
from spillover.registry import names
from spillover.toml_lines import Path

_LONGEST_TERM = 1_000
_MOST_TERMS = 5_000
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TAG = re.compile(r"([a-z]{2,3})(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?")  # language, script, region of BCP 47
_EVERY = re.compile(r"(\d{1,6}) ?(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_BASE = re.compile(r"(https?|wss?)://[^\s/@?#]+(/[^\s?#@]*)?", re.IGNORECASE)  # no login, no query
_WEB = re.compile(r"https?://[^/\s.]+(\.[^/\s.]+)*(:\d+)?(/\S*)?", re.IGNORECASE)
_NO_VIDEOS = ("channel", "invite")

_MISTAKEN = {
    "cn": "zh",
    "jp": "ja",
    "kr": "ko",
    "ua": "uk",
    "cz": "cs",
    "gr": "el",
    "zh-cn": "zh-Hans",
    "zh-tw": "zh-Hant",
}
_MISTAKEN_REGIONS = {"UK": "GB", "EN": "GB", "USA": "US", "RUS": "RU", "CHN": "CN", "EL": "GR"}


def slug(value: object, path: Path, report: Report) -> str:
    """Read a short name: lower-case letters, digits, hyphens."""
    if not of_type(value, str, path, report, example='name = "my-campaign"'):
        return ""
    if not _SLUG.fullmatch(value) or len(value) > 64:
        nearest = "-".join(re.findall(r"[a-z0-9]+", value.lower()))[:64] or "my-campaign"
        report.add(path, "must be lower-case letters, digits and single hyphens, at most 64", nearest)
    return value


def text(value: object, path: Path, report: Report) -> str:
    """Read a text that is not empty."""
    if not of_type(value, str, path, report, example=f'{path[-1]} = "…"'):
        return ""
    if not value.strip():
        report.add(path, "is empty")
    return value.strip()


def switch(value: object, path: Path, report: Report) -> bool:
    """Read true or false."""
    return of_type(value, bool, path, report, example=f"{path[-1]} = true") and value


def day(value: Any, path: Path, report: Report) -> date | None:
    """Read a date: 2026-12-31, with or without quotes."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        nearest = value.date().isoformat() if isinstance(value, datetime) else "2026-12-31"
        report.add(path, f"must be a date (year-month-day), not {as_written(value)}", nearest)
    return None


def region(value: object, path: Path, report: Report) -> str | None:
    """Read an ISO 3166-1 alpha-2 code."""
    if not of_type(value, str, path, report, example='origin_region = "US"'):
        return None
    if value not in _regions():
        nearest = _MISTAKEN_REGIONS.get(value.upper()) or country(value) or close_to(value, sorted(_regions()))
        report.add(path, f"{value!r} is no country code of two capitals (ISO 3166-1)", nearest)
    return value


def texts(value: Any, path: Path, report: Report) -> tuple[str, ...]:
    """Read one text or a list of texts to look for."""
    if isinstance(value, str):
        return (value,) if _can_be_found(value, path, report) else ()
    if not of_type(value, list, path, report, example=f'{path[-1]} = ["…"]'):
        return ()
    return tuple(term for i, term in enumerate(value) if _can_be_found(term, (*path, i), report))


def by_language(value: Any, path: Path, report: Report) -> dict[str, tuple[str, ...]]:
    """Read texts by language: a table from BCP 47 tag to one text or a list."""
    if not of_type(value, dict, path, report, example=f'{path[-1]}.en = "…"'):
        return {}
    return {
        tag: texts(terms, (*path, tag), report)
        for tag, terms in value.items()
        if _is_language(tag, (*path, tag), report)
    }


def phrases(value: Any, path: Path, report: Report) -> dict[str, tuple[str, ...]]:
    """Read phrases by language; refuse one that would match half the web."""
    found = by_language(value, path, report)
    for tag, terms in found.items():
        _refuse_common(terms, value[tag], (*path, tag), report)
    return found


def hashtags(value: Any, path: Path, report: Report) -> tuple[str, ...]:
    """Read hashtags, with or without #."""
    if not of_type(value, list, path, report, example='hashtags = ["…"]'):
        return ()
    found = texts(value, path, report)
    for i, tag in enumerate(value):
        if isinstance(tag, str) and re.search(r"\s", tag.strip()):
            report.add((*path, i), f"{tag!r} has a space in it; a hashtag has none", "".join(tag.split()))
    _refuse_common(found, value, path, report)
    return tuple(tag.strip().lstrip("#＃") for tag in found)


def link(value: object, path: Path, report: Report) -> str | None:
    """Read the public address of a video."""
    if not of_type(value, str, path, report, example='url = "https://…"'):
        return None
    address = resolve(value.strip())
    if address.private:
        report.add(
            path, "is a private link (only people who were given it can open it); only public addresses are followed"
        )
    elif address.needs_network and address.id is None:
        report.add(path, "is a short link, which names no video; open it and give the address that it leads to")
    elif address.kind in _NO_VIDEOS:
        report.add(path, f"is the address of a {address.kind}, not of a video")
    elif address.platform is None and not _WEB.fullmatch(value.strip()):
        report.add(path, f"{value!r} is no web address", "https://…")
    return value.strip()


def addresses(value: Any, path: Path, report: Report) -> tuple[str, ...]:
    """Read addresses of feeds."""
    if not of_type(value, list, path, report, example='feeds = ["https://…"]'):
        return ()
    for i, address in enumerate(value):
        if not (isinstance(address, str) and _WEB.fullmatch(address)):
            report.add((*path, i), f"{as_written(address)} is no http or https address", "https://…")
    return _once(value)


def collectors(value: Any, path: Path, report: Report) -> tuple[str, ...]:
    """Read names of collectors."""
    if not of_type(value, list, path, report, example='platforms = ["youtube"]'):
        return ()
    return _once([name for i, name in enumerate(value) if _is_collector(name, (*path, i), report)])


def instances(value: Any, path: Path, report: Report) -> dict[str, tuple[str, ...]]:
    """Read which servers of a platform are asked."""
    if not of_type(value, dict, path, report, example='instances.mastodon = ["https://mastodon.social"]'):
        return {}
    return {
        name: tuple(base.rstrip("/") for base in _bases(bases, (*path, name), report))
        for name, bases in value.items()
        if _is_collector(name, (*path, name), report)
    }


def canaries(value: Any, path: Path, report: Report) -> dict[str, str]:
    """Read what each collector must be able to find."""
    if not of_type(value, dict, path, report, example='canaries.youtube = "https://…"'):
        return {}
    return {
        name: words
        for name, named in value.items()
        if _is_collector(name, (*path, name), report) and (words := text(named, (*path, name), report))
    }


def _bases(value: Any, path: Path, report: Report) -> tuple[str, ...]:
    if not of_type(value, list, path, report, example='["https://mastodon.social"]'):
        return ()
    for i, base in enumerate(value):
        if not (isinstance(base, str) and _BASE.fullmatch(base)):
            report.add((*path, i), f"{as_written(base)} is no address of a server", '"https://mastodon.social"')
    return _once([base for base in value if isinstance(base, str) and _BASE.fullmatch(base)])


def schedule(value: Any, path: Path, report: Report) -> dict[str, int]:
    """Read how often each collector asks, in seconds."""
    if not of_type(value, dict, path, report, example='[schedule] youtube = "15m"'):
        return {}
    found = {
        name: _every(often, (*path, name), report)
        for name, often in value.items()
        if _is_collector(name, (*path, name), report)
    }
    return {name: seconds for name, seconds in found.items() if seconds}


def _every(value: Any, path: Path, report: Report) -> int:
    found = _EVERY.fullmatch(value) if isinstance(value, str) else None
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if not 1 <= seconds <= 366 * 86400:
        nearest = f"{value}s" if isinstance(value, int) and not isinstance(value, bool) and value > 0 else "15m"
        report.add(path, f'must say how often as "30s", "15m", "6h" or "1d", not {as_written(value)}', f'"{nearest}"')
        return 0
    return seconds


def _is_collector(name: Any, path: Path, report: Report) -> bool:
    known = names()
    if isinstance(name, str) and (name in known):
        return True
    report.add(
        path, f"there is no collector {as_written(name)}; there are: {', '.join(known)}", close_to(str(name), known)
    )
    return False


def _is_language(tag: str, path: Path, report: Report) -> bool:
    found = _TAG.fullmatch(tag)
    if found and (len(found[1]) == 3 or found[1] in _languages()):
        return True
    report.add(path, f"{tag!r} is no language tag (BCP 47: en, ru, zh-Hans, pt-BR)", _nearest_language(tag))
    return False


def _nearest_language(tag: str) -> str | None:
    parts = re.split(r"[-_]", tag)
    shapes = {2: str.upper, 4: str.title}
    plain = "-".join([parts[0].lower(), *(shapes.get(len(part), str)(part) for part in parts[1:])])
    plain = _MISTAKEN.get(plain.lower(), plain)
    found = _TAG.fullmatch(plain)
    return plain if found and (len(found[1]) == 3 or found[1] in _languages()) else None


def _can_be_found(term: Any, path: Path, report: Report) -> bool:
    if not of_type(term, str, path, report, example='"…"'):
        return False
    report.terms += 1
    if report.terms == _MOST_TERMS + 1:
        report.add(path, f"is one term too many: a campaign holds at most {_MOST_TERMS}")
    if not squeeze(term):
        report.add(path, f"{term[:40]!r} has no letter or digit to look for")
    elif len(term) > _LONGEST_TERM:
        report.add(path, f"is {len(term)} characters long; at most {_LONGEST_TERM} are looked for")
    else:
        return True
    return False


def _refuse_common(terms: tuple[str, ...], written: Any, path: Path, report: Report) -> None:
    for term in terms:
        if reason := too_common(term):
            report.add((*path, written.index(term)) if isinstance(written, list) else path, f"{term!r} {reason}")


@cache
def _codes() -> list[frozenset[str]]:
    rows = (files("spillover") / "data" / "codes.txt").read_text(encoding="utf-8").splitlines()
    return [frozenset(row.split()) for row in rows if not row.startswith("#")]


def _languages() -> frozenset[str]:
    return _codes()[0]


def _regions() -> frozenset[str]:
    return _codes()[1]


def _once(values: list[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str)))
