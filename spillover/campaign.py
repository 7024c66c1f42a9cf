"""The campaign file: what an analyst registered.

Reading, checking, help and docs/campaign-file.md all come from ``KEYS``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import Struct

from spillover import campaign_check as check
from spillover.campaign_report import Check, Problem, Report, of_type, walk
from spillover.contract import Query
from spillover.errors import CampaignError
from spillover.folding import squeeze
from spillover.links import resolve
from spillover.toml_lines import Path as Place
from spillover.toml_lines import lines_of

_BIGGEST = 1_000_000  # bytes; the longest real one has a few thousand
_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


class Video(Struct, frozen=True, kw_only=True):
    """A video of a campaign: its address where one is known, its titles by language."""

    url: str | None = None
    titles: dict[str, tuple[str, ...]] = {}


class Campaign(Struct, frozen=True, kw_only=True):
    """A campaign file, read. ``every`` is in seconds; no ``platforms`` means all that need no key."""

    name: str
    title: str
    origin_region: str | None = None
    videos: tuple[Video, ...] = ()
    phrases: dict[str, tuple[str, ...]] = {}
    hashtags: tuple[str, ...] = ()
    exclude: dict[str, tuple[str, ...]] = {}
    platforms: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    instances: dict[str, tuple[str, ...]] = {}
    canaries: dict[str, str] = {}
    every: dict[str, int] = {}
    stop: date | None = None
    live: bool = True
    sample: bool = False
    source: str = ""


class Key(Struct, frozen=True):
    """One key of a campaign file: how it is read, what it means, how it is written."""

    name: str
    read: Check
    type: str
    meaning: str
    example: str
    needed: bool = False


VIDEO_KEYS = (
    Key(
        "url",
        check.link,
        "address",
        "The public address of the video, where you know it.",
        'url = "https://www.youtube.com/watch?v=…"',
    ),
    Key(
        "title",
        check.by_language,
        "text or list, by language",
        "The titles of the video, each under its language (BCP 47).",
        'title.en = "Why I contacted the CIA: for a better life"',
    ),
)


def _video(value: Any, path: Place, report: Report) -> Video:
    if not of_type(value, dict, path, report, example="[[videos]]"):
        return Video()
    known = {key.name: key.read for key in VIDEO_KEYS}
    mine = {name: held for name, held in value.items() if name in known or name not in _BY_NAME}
    for name in value.keys() - mine.keys():
        report.add((*path, name), f"belongs to the campaign, not to a video: write {name!r} above the first [[videos]]")
    read = dict(walk(mine, known, path, report))
    if not value.keys() & known.keys():
        report.add(path, "a video needs a title or an address", 'title.en = "…"')
    return Video(url=read.get("url"), titles=read.get("title", {}))


def _videos(value: Any, path: Place, report: Report) -> tuple[Video, ...]:
    if not of_type(value, list, path, report, example="[[videos]]"):
        return ()
    videos = tuple(_video(item, (*path, i), report) for i, item in enumerate(value))
    if not any("title" in item for item in value if isinstance(item, dict)):
        report.add(path, "no video has a title; one is needed", 'title.en = "…"')
    seen: dict[object, int] = {}
    for i, video in enumerate(videos):
        for mark, key in _marks(video):
            if seen.setdefault(mark, i) != i:
                report.add((*path, i, *key), f"is the same as of video {seen[mark] + 1}: a video stands once")
    return videos


def _marks(video: Video) -> Iterator[tuple[object, Place]]:
    """Yield what tells a video from others, and under which key it stands."""
    if video.url:
        address = resolve(video.url)
        yield (address.platform, address.post_id) if address.post_id else video.url, ("url",)
    for tag, titles in video.titles.items():
        for title in dict.fromkeys(squeeze(title) for title in titles):
            yield (tag, title), ("title", tag)


KEYS = (
    Key(
        "name",
        check.slug,
        "short name",
        "Its name in commands: lower-case letters, digits, hyphens.",
        'name = "my-campaign"',
        True,
    ),
    Key("title", check.text, "text", "What people read on the pages.", 'title = "Videos that address officials"', True),
    Key(
        "origin_region",
        check.region,
        "country code",
        "Where the videos come from (ISO 3166-1).",
        'origin_region = "US"',
    ),
    Key(
        "phrases",
        check.phrases,
        "list, by language",
        "Names, lines, headlines by which others speak of the videos.",
        'phrases.en = ["CIA Mandarin recruitment videos"]',
    ),
    Key("hashtags", check.hashtags, "list", "Hashtags, with or without #.", 'hashtags = ["WhyIContactedTheCIA"]'),
    Key(
        "exclude",
        check.by_language,
        "list, by language",
        "Look-alikes: a text that says one of these matches by link only.",
        'exclude.en = ["Why I made contact with the CIA"]',
    ),
    Key(
        "platforms",
        check.collectors,
        "list",
        "Which collectors look; without it all that need no key.",
        'platforms = ["youtube", "bluesky", "gdelt", "rss"]',
    ),
    Key(
        "feeds",
        check.addresses,
        "list of addresses",
        "News feeds (RSS, Atom) that are read.",
        'feeds = ["https://example.org/news.xml"]',
    ),
    Key(
        "instances",
        check.instances,
        "lists of addresses, by collector",
        "Which servers to ask, where a platform is many: Mastodon, PeerTube, Nostr.",
        'instances.mastodon = ["https://mastodon.social", "https://o3o.ca"]',
    ),
    Key(
        "canaries",
        check.canaries,
        "text, by collector",
        "What each collector must be able to find; a turn that does not is broken, not empty.",
        'canaries.youtube = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"',
    ),
    Key("stop", check.day, "date", "The last day of live collection.", "stop = 2026-12-31"),
    Key(
        "live",
        check.switch,
        "true or false",
        "Whether the network is asked; true unless said otherwise.",
        "live = false",
    ),
    Key(
        "sample",
        check.switch,
        "true or false",
        "Whether this is a sample and is labelled so on every page.",
        "sample = true",
    ),
    Key("schedule", check.schedule, "table", "How often each collector asks: s, m, h, d.", 'schedule.youtube = "6h"'),
    Key("videos", _videos, "[[videos]]", "A video; as many as there are.", "[[videos]]", True),
)
_BY_NAME = {key.name: key for key in KEYS}


def read_campaign(path: Path) -> Campaign:
    """Read a campaign file; raise CampaignError that names every problem with its line and key."""
    campaign, problems = _read(path)
    if campaign is None or problems:
        raise CampaignError("\n".join(str(problem) for problem in problems))
    return campaign


def check_campaign(path: Path) -> list[Problem]:
    """Return every problem of a campaign file, in the order of its lines."""
    return _read(path)[1]


def queries(campaign: Campaign, finds: frozenset[str]) -> list[Query]:
    """Return what to ask a collector that answers these kinds, each once, in a stable order.

    A title is asked for as a phrase where a collector knows phrases and no titles.
    """
    title_as = "title" if "title" in finds else "phrase"
    asked = [
        *(Query(kind="link", text=video.url) for video in campaign.videos if video.url),
        *(Query(kind=title_as, text=text, lang=tag) for video in campaign.videos for tag, text in _each(video.titles)),
        *(Query(kind="phrase", text=text, lang=tag) for tag, text in _each(campaign.phrases)),
        *(Query(kind="hashtag", text=tag) for tag in campaign.hashtags),
        *(Query(kind="feed", text=address) for address in campaign.feeds),
    ]
    return list({(query.kind, query.text): query for query in reversed(asked) if query.kind in finds}.values())[::-1]


def describe() -> str:
    """Return the keys of a campaign file as a Markdown table, for help and docs."""
    rows = ["| key | value | meaning | example |", "|---|---|---|---|"]
    for key in (*KEYS, *VIDEO_KEYS):
        place = "" if key in KEYS else " of `[[videos]]`"
        needed = " **Needed.**" if key.needed else ""
        rows.append(f"| `{key.name}`{place} | {key.type} | {key.meaning}{needed} | `{key.example}` |")
    return "\n".join(rows)


def _each(by_language: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    return ((tag, " ".join(text.replace(" + ", " ").split())) for tag, texts in by_language.items() for text in texts)


def _read(path: Path) -> tuple[Campaign | None, list[Problem]]:
    try:
        source = _source(path)
        table = tomllib.loads(source)
        report = Report(str(path), lines_of(source))
    except _Unreadable as error:
        return None, [Problem(str(path), error.line, "", str(error))]
    except ValueError as error:  # tomllib.TOMLDecodeError is one, and so is what int() says to ten thousand digits
        return None, [_no_toml(str(path), source, error)]
    except RecursionError:
        return None, [Problem(str(path), 1, "", "brackets are nested too deep to be a campaign")]
    return _campaign(table, source, report), sorted(report.problems, key=lambda problem: problem.line)


def _campaign(table: dict[str, Any], source: str, report: Report) -> Campaign:
    read = dict(walk(table, {key.name: key.read for key in KEYS}, (), report))
    for key in KEYS:
        if key.needed and key.name not in table:
            report.add((key.name,), "is missing", key.example)
    read["every"] = read.pop("schedule", {})
    return Campaign(**{"name": "", "title": ""} | read, source=source)


class _Unreadable(Exception):
    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


def _source(path: Path) -> str:
    """Return the text of a file; raise _Unreadable for what is no text of ours."""
    if path.is_dir():
        raise _Unreadable("is a folder; name the campaign file in it")
    try:
        with path.open("rb") as file:
            raw = file.read(_BIGGEST + 1)
    except OSError as error:
        raise _Unreadable(f"cannot be read: {error.strerror}") from error
    if len(raw) > _BIGGEST:
        raise _Unreadable(f"is bigger than {_BIGGEST // 1_000_000} MB; that is no campaign file")
    if raw[:2] in _BOMS:
        raise _Unreadable(f"is written in {_BOMS[raw[:2]]}; save it as UTF-8")
    if b"\0" in raw:
        raise _Unreadable("has a NUL byte in it; it is no text, or damaged", raw.count(b"\n", 0, raw.index(b"\0")) + 1)
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _Unreadable(f"is not UTF-8 (byte {raw[error.start]:#04x}); save it as UTF-8", line) from error


def _no_toml(file: str, source: str, error: ValueError) -> Problem:
    found = re.search(r" \(at line (\d+), column (\d+)\)$", str(error))
    rows = source.splitlines() or [""]
    line = min(int(found[1]), len(rows)) if found else len(rows)
    message = str(error)[: found.start()] if found else re.sub(r" \(at end of document\)$", "", str(error))
    key = re.match(r"\s*([\w.-]+)\s*=", rows[line - 1])
    where = f", column {found[2]}" if found else ""
    return Problem(file, line, key[1] if key else "", f"is no TOML{where}: {message[:200]}")
