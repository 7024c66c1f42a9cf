"""What may stand in a campaign file: one function a type of value. Each reports what is wrong and gives back what can be used."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from msgspec import Struct

from spillover.folding import squeeze
from spillover.links import resolve
from spillover.rarity import too_common
from spillover.registry import names
from spillover.toml_lines import Path, nearest_line

_LONGEST_TERM = 1_000
_MOST_TERMS = 5_000
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TAG = re.compile(r"([a-z]{2,3})(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?")  # language, script, region of BCP 47
_EVERY = re.compile(r"(\d{1,6}) ?(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_WEB = re.compile(r"https?://[^/\s.]+(\.[^/\s.]+)*(:\d+)?(/\S*)?", re.IGNORECASE)
_NO_VIDEOS = ("channel", "invite")

# ISO 639-1, ISO 3166-1 alpha-2
_LANGUAGES = frozenset(
    [
        "aa",
        "ab",
        "ae",
        "af",
        "ak",
        "am",
        "an",
        "ar",
        "as",
        "av",
        "ay",
        "az",
        "ba",
        "be",
        "bg",
        "bi",
        "bm",
        "bn",
        "bo",
        "br",
        "bs",
        "ca",
        "ce",
        "ch",
        "co",
        "cr",
        "cs",
        "cu",
        "cv",
        "cy",
        "da",
        "de",
        "dv",
        "dz",
        "ee",
        "el",
        "en",
        "eo",
        "es",
        "et",
        "eu",
        "fa",
        "ff",
        "fi",
        "fj",
        "fo",
        "fr",
        "fy",
        "ga",
        "gd",
        "gl",
        "gn",
        "gu",
        "gv",
        "ha",
        "he",
        "hi",
        "ho",
        "hr",
        "ht",
        "hu",
        "hy",
        "hz",
        "ia",
        "id",
        "ie",
        "ig",
        "ii",
        "ik",
        "io",
        "is",
        "it",
        "iu",
        "ja",
        "jv",
        "ka",
        "kg",
        "ki",
        "kj",
        "kk",
        "kl",
        "km",
        "kn",
        "ko",
        "kr",
        "ks",
        "ku",
        "kv",
        "kw",
        "ky",
        "la",
        "lb",
        "lg",
        "li",
        "ln",
        "lo",
        "lt",
        "lu",
        "lv",
        "mg",
        "mh",
        "mi",
        "mk",
        "ml",
        "mn",
        "mr",
        "ms",
        "mt",
        "my",
        "na",
        "nb",
        "nd",
        "ne",
        "ng",
        "nl",
        "nn",
        "no",
        "nr",
        "nv",
        "ny",
        "oc",
        "oj",
        "om",
        "or",
        "os",
        "pa",
        "pi",
        "pl",
        "ps",
        "pt",
        "qu",
        "rm",
        "rn",
        "ro",
        "ru",
        "rw",
        "sa",
        "sc",
        "sd",
        "se",
        "sg",
        "si",
        "sk",
        "sl",
        "sm",
        "sn",
        "so",
        "sq",
        "sr",
        "ss",
        "st",
        "su",
        "sv",
        "sw",
        "ta",
        "te",
        "tg",
        "th",
        "ti",
        "tk",
        "tl",
        "tn",
        "to",
        "tr",
        "ts",
        "tt",
        "tw",
        "ty",
        "ug",
        "uk",
        "ur",
        "uz",
        "ve",
        "vi",
        "vo",
        "wa",
        "wo",
        "xh",
        "yi",
        "yo",
        "za",
        "zh",
        "zu",
    ]
)
_REGIONS = frozenset(
    [
        "AD",
        "AE",
        "AF",
        "AG",
        "AI",
        "AL",
        "AM",
        "AO",
        "AQ",
        "AR",
        "AS",
        "AT",
        "AU",
        "AW",
        "AX",
        "AZ",
        "BA",
        "BB",
        "BD",
        "BE",
        "BF",
        "BG",
        "BH",
        "BI",
        "BJ",
        "BL",
        "BM",
        "BN",
        "BO",
        "BQ",
        "BR",
        "BS",
        "BT",
        "BV",
        "BW",
        "BY",
        "BZ",
        "CA",
        "CC",
        "CD",
        "CF",
        "CG",
        "CH",
        "CI",
        "CK",
        "CL",
        "CM",
        "CN",
        "CO",
        "CR",
        "CU",
        "CV",
        "CW",
        "CX",
        "CY",
        "CZ",
        "DE",
        "DJ",
        "DK",
        "DM",
        "DO",
        "DZ",
        "EC",
        "EE",
        "EG",
        "EH",
        "ER",
        "ES",
        "ET",
        "FI",
        "FJ",
        "FK",
        "FM",
        "FO",
        "FR",
        "GA",
        "GB",
        "GD",
        "GE",
        "GF",
        "GG",
        "GH",
        "GI",
        "GL",
        "GM",
        "GN",
        "GP",
        "GQ",
        "GR",
        "GS",
        "GT",
        "GU",
        "GW",
        "GY",
        "HK",
        "HM",
        "HN",
        "HR",
        "HT",
        "HU",
        "ID",
        "IE",
        "IL",
        "IM",
        "IN",
        "IO",
        "IQ",
        "IR",
        "IS",
        "IT",
        "JE",
        "JM",
        "JO",
        "JP",
        "KE",
        "KG",
        "KH",
        "KI",
        "KM",
        "KN",
        "KP",
        "KR",
        "KW",
        "KY",
        "KZ",
        "LA",
        "LB",
        "LC",
        "LI",
        "LK",
        "LR",
        "LS",
        "LT",
        "LU",
        "LV",
        "LY",
        "MA",
        "MC",
        "MD",
        "ME",
        "MF",
        "MG",
        "MH",
        "MK",
        "ML",
        "MM",
        "MN",
        "MO",
        "MP",
        "MQ",
        "MR",
        "MS",
        "MT",
        "MU",
        "MV",
        "MW",
        "MX",
        "MY",
        "MZ",
        "NA",
        "NC",
        "NE",
        "NF",
        "NG",
        "NI",
        "NL",
        "NO",
        "NP",
        "NR",
        "NU",
        "NZ",
        "OM",
        "PA",
        "PE",
        "PF",
        "PG",
        "PH",
        "PK",
        "PL",
        "PM",
        "PN",
        "PR",
        "PS",
        "PT",
        "PW",
        "PY",
        "QA",
        "RE",
        "RO",
        "RS",
        "RU",
        "RW",
        "SA",
        "SB",
        "SC",
        "SD",
        "SE",
        "SG",
        "SH",
        "SI",
        "SJ",
        "SK",
        "SL",
        "SM",
        "SN",
        "SO",
        "SR",
        "SS",
        "ST",
        "SV",
        "SX",
        "SY",
        "SZ",
        "TC",
        "TD",
        "TF",
        "TG",
        "TH",
        "TJ",
        "TK",
        "TL",
        "TM",
        "TN",
        "TO",
        "TR",
        "TT",
        "TV",
        "TW",
        "TZ",
        "UA",
        "UG",
        "UM",
        "US",
        "UY",
        "UZ",
        "VA",
        "VC",
        "VE",
        "VG",
        "VI",
        "VN",
        "VU",
        "WF",
        "WS",
        "YE",
        "YT",
        "ZA",
        "ZM",
        "ZW",
    ]
)
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


class Problem(Struct, frozen=True):
    """One thing that is wrong in a campaign file, and the nearest right thing."""

    file: str
    line: int
    key: str
    message: str
    nearest: str | None = None

    def __str__(self) -> str:
        key = f" {self.key}:" if self.key else ""
        nearest = f"; nearest: {self.nearest}" if self.nearest else ""
        return f"{self.file}:{self.line}:{key} {self.message}{nearest}"


class Report:
    """The problems of one file, each with its line."""

    def __init__(self, file: str, lines: Mapping[Path, int]) -> None:
        self.file, self.lines = file, dict(lines)
        self.problems: list[Problem] = []
        self.terms = 0

    def add(self, path: Path, message: str, nearest: str | None = None) -> None:
        """Note that something is wrong at a path."""
        key = ".".join(str(part) for part in path if isinstance(part, str))
        self.problems.append(Problem(self.file, nearest_line(self.lines, path), key, message, nearest))


Check = Callable[[Any, Path, Report], Any]


def close_to(word: str, right: frozenset[str] | list[str]) -> str | None:
    """Return the nearest of some right words, or None where none is near."""
    found = get_close_matches(word.lower(), {r.lower(): r for r in right}, n=1)
    return next((r for r in right if found and r.lower() == found[0]), None)


def of_type(value: Any, kind: type, path: Path, report: Report, *, example: str) -> bool:
    """Say whether a value is of a type; report it where it is not."""
    if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return True
    words = {str: "a text", list: "a list", dict: "a table", bool: "true or false"}
    report.add(path, f"must be {words[kind]}, not {_as_written(value)}", example)
    return False


def slug(value: Any, path: Path, report: Report) -> str:
    """Read a short name: lower-case letters, digits, hyphens."""
    if not of_type(value, str, path, report, example='name = "my-campaign"'):
        return ""
    if not _SLUG.fullmatch(value) or len(value) > 64:
        nearest = "-".join(re.findall(r"[a-z0-9]+", value.lower()))[:64] or "my-campaign"
        report.add(path, "must be lower-case letters, digits and single hyphens, at most 64", nearest)
    return value


def text(value: Any, path: Path, report: Report) -> str:
    """Read a text that is not empty."""
    if not of_type(value, str, path, report, example=f'{path[-1]} = "…"'):
        return ""
    if not value.strip():
        report.add(path, "is empty")
    return value.strip()


def switch(value: Any, path: Path, report: Report) -> bool:
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
        report.add(path, f"must be a date (year-month-day), not {_as_written(value)}", nearest)
    return None


def region(value: Any, path: Path, report: Report) -> str | None:
    """Read an ISO 3166-1 alpha-2 code."""
    if not of_type(value, str, path, report, example='origin_region = "US"'):
        return None
    if value not in _REGIONS:
        nearest = _MISTAKEN_REGIONS.get(value.upper()) or close_to(value, sorted(_REGIONS))
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


def link(value: Any, path: Path, report: Report) -> str | None:
    """Read the public address of a video."""
    if not of_type(value, str, path, report, example='url = "https://…"'):
        return None
    address = resolve(value.strip())
    if address.private:
        report.add(
            path, "is a private link (only people who were given it can open it); only public addresses are followed"
        )
    elif address.needs_network:
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
            report.add((*path, i), f"{_as_written(address)} is no http or https address", "https://…")
    return _once(value)


def collectors(value: Any, path: Path, report: Report) -> tuple[str, ...]:
    """Read names of collectors."""
    if not of_type(value, list, path, report, example='platforms = ["youtube"]'):
        return ()
    return _once([name for i, name in enumerate(value) if _is_collector(name, (*path, i), report)])


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
        report.add(path, f'must say how often as "30s", "15m", "6h" or "1d", not {_as_written(value)}', f'"{nearest}"')
        return 0
    return seconds


def _is_collector(name: Any, path: Path, report: Report) -> bool:
    known = names()
    if isinstance(name, str) and (name in known):
        return True
    report.add(
        path, f"there is no collector {_as_written(name)}; there are: {', '.join(known)}", close_to(str(name), known)
    )
    return False


def _is_language(tag: str, path: Path, report: Report) -> bool:
    found = _TAG.fullmatch(tag)
    if found and (len(found[1]) == 3 or found[1] in _LANGUAGES):
        return True
    report.add(path, f"{tag!r} is no language tag (BCP 47: en, ru, zh-Hans, pt-BR)", _nearest_language(tag))
    return False


def _nearest_language(tag: str) -> str | None:
    parts = re.split(r"[-_]", tag)
    shapes = {2: str.upper, 4: str.title}
    plain = "-".join([parts[0].lower(), *(shapes.get(len(part), str)(part) for part in parts[1:])])
    plain = _MISTAKEN.get(plain.lower(), plain)
    found = _TAG.fullmatch(plain)
    return plain if found and (len(found[1]) == 3 or found[1] in _LANGUAGES) else None


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


def _once(values: list[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str)))


def _as_written(value: Any) -> str:
    shown = str(value).lower() if isinstance(value, bool) else repr(value) if isinstance(value, str) else str(value)
    return shown if len(shown) <= 60 else shown[:60] + "…"


def walk(table: Mapping[str, Any], known: Mapping[str, Check], path: Path, report: Report) -> Iterator[tuple[str, Any]]:
    """Yield what each known key of a table holds; report the unknown ones."""
    for key, value in table.items():
        if key in known:
            yield key, known[key](value, (*path, key), report)
        else:
            report.add((*path, key), "is no key here", close_to(key, list(known)))
