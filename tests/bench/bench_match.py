"""How fast texts are held against 66 terms, beside a case-insensitive regular expression of the same terms.

Run ``python -m tests.bench.bench_match``. Times are printed and never asserted.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

from spillover.campaign import Campaign, read_campaign
from spillover.matching import Matcher

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("SPILLOVER_SHARED", ROOT.parent / "shared")) / "data"
TEXTS = 50_000
TERMS = 66


def campaign() -> Campaign:
    """Return the terms of both founding cases, and made-up ones of the same kinds up to 66."""
    first, second = (read_campaign(path) for path in sorted((ROOT / "examples").glob("*-2025.toml")))
    videos = first.videos + second.videos
    titles = [title for video in videos for found in video.titles.values() for title in found]
    names = [name for found in (*first.phrases.values(), *second.phrases.values()) for name in found]
    made_up = [f"{name} {word}" for word in ("volume two", "volume three") for name in names]
    phrases = [*names, *made_up][: TERMS - len(titles)]
    return Campaign(name="bench", title="bench", videos=videos, phrases={"und": tuple(phrases)})


def texts() -> list[tuple[str, list[str]]]:
    """Return kinds of texts, each repeated or cut to the same number."""
    ascii_text = "Just had the most wonderful coffee at the new place, can't believe it took me so long to go! "
    mixed_text = "今天的天气真好，我们去公园散步吧。🔥🔥 hello world 美国 just had coffee, não? "
    kinds = [("made up, ASCII", [(ascii_text * 2)[:120]]), ("made up, mixed", [(mixed_text * 3)[:120]])]
    if not SHARED.is_dir():
        print(f"given material is not at {SHARED}: made-up texts only")
    else:
        kinds += [
            ("posts of Jetstream", _jetstream()),
            ("hot searches, Chinese", _weibo()),
            ("news posts, Russian", _telegram()),
        ]
    return [(kind, list(islice(cycle(found), TEXTS))) for kind, found in kinds]


def _jetstream() -> list[str]:
    rows = (SHARED / "api/bluesky/jetstream_v1_2026-07-04.jsonl").read_text("utf-8").splitlines()
    records = (json.loads(row).get("commit", {}).get("record", {}) for row in rows)
    return [record["text"] for record in records if record.get("text")]


def _weibo() -> list[str]:
    with gzip.open(SHARED / "spread/weibo_hot_search/first_seen_2025.csv.gz", "rt", encoding="utf-8") as file:
        return [row["title"] for row in islice(csv.DictReader(file), TEXTS)]


def _telegram() -> list[str]:
    with gzip.open(SHARED / "spread/telegram_ru_news_2024.ndjson.gz", "rt", encoding="utf-8") as file:
        return [text[:300] for line in file if (text := json.loads(line)["text"])]


def seconds(read: Callable[[str], object], found: list[str]) -> float:
    """Return the best of three runs over all texts."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        for text in found:
            read(text)
        times.append(time.perf_counter() - began)
    return min(times)


def main() -> None:
    registered = campaign()
    by_language = [video.titles for video in registered.videos] + [registered.phrases]
    terms = [term for found in by_language for some in found.values() for term in some]
    ours, theirs = Matcher(registered), re.compile("|".join(map(re.escape, terms)), re.IGNORECASE)
    print(f"{len(terms)} terms, {TEXTS:,} texts of each kind")
    for kind, found in texts():
        mine, regex = seconds(ours.best, found), seconds(theirs.search, found[: TEXTS // 10]) * 10
        length = sum(map(len, found)) / len(found)
        rate = f"{len(found) / mine:>9,.0f}/s, {mine / len(found) * 1e6:5.2f} µs a text"
        other = f"regular expression {len(found) / regex:>9,.0f}/s"
        print(f"{kind:<22} {length:4.0f} characters: {rate}; {other}: {regex / mine:.1f} times")


if __name__ == "__main__":
    main()
