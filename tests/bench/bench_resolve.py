"""How long one address takes, beside two peers on the same addresses in the same run.

Run ``python -m tests.bench.bench_resolve``. Times are those of the processor. Nothing is remembered from one address to the next: ours keeps no cache.
The peers do less: ural writes a normal form and reads YouTube's ids, yt-dlp says which of its extractors fits.
"""

from __future__ import annotations

import gzip
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path

from spillover.links import links_in, resolve

RECORDED = Path(__file__).resolve().parents[1] / "recorded" / "urls"
SHARED = Path(os.environ.get("SPILLOVER_SHARED", Path(__file__).resolve().parents[3] / "shared")) / "data" / "urls"
FEW = 150  # addresses for the peer that tries nearly 2,000 patterns on each

Peer = tuple[str, Callable[[str], object], int | None]  # name, what it does, how many addresses it is given


def addresses() -> dict[str, list[str]]:
    """Return real addresses by kind."""
    rows = (RECORDED / "ytdlp_tests.ndjson").read_text("utf-8").splitlines()
    kinds = {"addresses on platforms": [json.loads(row)["url"] for row in rows]}
    if SHARED.is_dir():
        with gzip.open(SHARED / "ytdlp_urls_other_sites.ndjson.gz", "rt", encoding="utf-8") as file:
            kinds["addresses of other sites"] = [json.loads(row)["url"] for row in file]
        with gzip.open(SHARED / "shared_links_minet.txt.gz", "rt", encoding="utf-8") as file:
            kinds["links as people share them"] = file.read().split()
    return {kind: list(dict.fromkeys(found)) for kind, found in kinds.items()}


def peers() -> list[Peer]:
    """Return the peers that are installed."""
    found: list[Peer] = []
    try:
        from ural import normalize_url
        from ural.youtube import parse_youtube_url

        found += [("ural normalize_url", normalize_url, None), ("ural parse_youtube_url", parse_youtube_url, None)]
    except ImportError:
        print("ural is not installed: not measured")
    try:
        from yt_dlp.extractor import list_extractor_classes

        classes = list(list_extractor_classes())
        found.append(("yt-dlp suitable()", lambda url: next((ie for ie in classes if ie.suitable(url)), None), FEW))
    except ImportError:
        print("yt-dlp is not installed: not measured")
    return found


def microseconds(read: Callable[[str], object], found: list[str]) -> float:
    """Return the best of three runs, for one address."""
    for url in islice(found, FEW):  # patterns are compiled at first use, theirs and ours
        with suppress(ValueError):
            read(url)
    times = []
    for _ in range(3):
        began = time.process_time()
        for url in found:
            with suppress(ValueError):  # ural raises for some addresses
                read(url)
        times.append(time.process_time() - began)
    return min(times) / len(found) * 1e6


def main() -> None:
    others = peers()
    for kind, found in addresses().items():
        ours = microseconds(resolve, found)
        print(f"{kind} ({len(found):,}): resolve {ours:.1f} µs an address")
        for name, read, few in others:
            theirs = microseconds(read, found[:: max(1, len(found) // few)] if few else found)
            print(f"    {name}: {theirs:,.1f} µs, {theirs / ours:.1f} times ours")
    texts = [f"看视频{url}，太可怕 see also {url}" for found in addresses().values() for url in found]
    print(
        f"links_in: {microseconds(links_in, texts):.1f} µs a text of {sum(map(len, texts)) // len(texts)} characters with two links"
    )


if __name__ == "__main__":
    main()
