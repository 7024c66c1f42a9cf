"""Make the sample data from the collections it is cut from: ``python examples/make_sample.py SHARED/data``.

The same input gives the same bytes. What is taken, and why, stands in sample/README.md.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
YOUTUBE, WEIBO = "sample-youtube-trending", "cia-china-2025"  # names of the campaigns that the files are for
FIRST_DAY, LAST_DAY = "2026-03-26", "2026-04-15"
WEIBO_DAYS = ("2024-10-28", "2025-05-06", "2025-06-25")
# chosen by hand: films, music and news of studios, labels and broadcasters; the language is that of the title
VIDEOS = {
    "_gyultVTesk": "ko",
    "O_UAV5Ckr-g": "ko",
    "om6HdemgTKQ": "ko",
    "Ztbv7ChTQRM": "ko",
    "uYcNZLJ3KmU": "ko",
    "diBO0gMuTXo": "ko",
    "7F1ET2XHQfk": "ko",
    "cfaybWG25D4": "ko",
    "ygYPwsjyCzQ": "ko",
    "D54StAZFUrc": "ko",
    "K-F7906Jq9U": "ko",
    "2yj0FlkF6VE": "ko",
    "t4r9boEAlZk": "ja",
    "YnczpEoeaDM": "en",
    "wIgduzASI6A": "zh-Hant",
    "yiYOHK1F4cg": "en",
    "PYlar41MkvM": "en",
    "94mq0YBsn8U": "en",
    "bgITZIvFIqA": "en",
    "w6FEGa4azy8": "en",
    "KAd9i3kllzQ": "en",
    "s-dr_KJvmO4": "en",
    "KWoTyfPsqbE": "en",
    "dKmPEhJ4wjY": "en",
    "WqTO4uk1siU": "en",
    "nUsrYVxrDwI": "en",
    "7tIC16OCb0k": "en",
    "72zXataH1H8": "fr",
    "Mzgx9dp0Jdw": "fr",
    "E8-LB6Vzb2A": "es",
    "vso1LpaQRbo": "tr",
    "jU1TflSPHZ0": "ru",
    "W8MfxpJ-EfE": "hi",
    "Ans8Y59cvds": "hi",
    "F2m4HPLvj-4": "hi",
    "GVizJ_jpUnw": "hi",
    "v2X41lnPy5k": "ar",
    "RIu4sFKGi6E": "en",
    "0HjdiohVOik": "en",
    "s1-pfiVMKAs": "en",
    "oSeqs_xeqv4": "en",
    "U1MqJBVn8Rk": "en",
    "PMd1at7OwiE": "en",
    "X21JsHLHnY8": "en",
    "kgv8jf_8dm0": "en",
    "a8RHqN93qfo": "en",
    "8BJc-L19h0E": "en",
    "Vg-EQ7MOu6I": "en",
    "j0vI3fVJSgE": "en",
}
COLUMNS = ("video_id", "country", "rank", "fetched_at", "published_at", "title", "default_language", "audio_language",
           "duration_raw", "views", "likes", "comments")  # fmt: skip

_CHARTS = """
SELECT fetched_at::DATE::VARCHAR AS day, video_id, country, rank,
       strftime(fetched_at, '%Y-%m-%dT%H:%M:%S.%f+00:00'),
       strftime(published_at, '%Y-%m-%dT%H:%M:%SZ'), title,
       default_language, audio_language, duration_s, views, likes, comments
FROM read_parquet($observations) JOIN read_parquet($videos) USING (v)
WHERE video_id IN (SELECT unnest($chosen)) AND fetched_at::DATE BETWEEN $first::DATE AND $last::DATE
ORDER BY day, country, rank, video_id"""
_HEAD = """# Sample data: real, published rows, replayed without a network; sample/README.md tells their source.
name = "sample-youtube-trending"
title = "Sample: videos that crossed borders on YouTube's charts"
sample = true
live = false
"""


def make(data: Path, into: Path = HERE) -> None:
    """Write the chart files, the hot-search files and the campaign file."""
    titles = {}
    for day, rows in groupby(_charts(data / "spread" / "youtube_trending"), key=lambda row: row[0]):
        kept = [_chart_row(row) for row in rows]
        titles |= {row[0]: row[5] for row in kept}
        _write_gz(into / "sample" / YOUTUBE / f"youtube_trending_{day}.csv.gz", [COLUMNS, *kept])
    for day in WEIBO_DAYS:
        source = data / "spread" / "weibo_hot_search" / f"first_seen_{day[:4]}.csv.gz"
        _write(into / "sample" / WEIBO / f"weibo_hot_{day}.csv", _of_day(source, day))
    campaign = _HEAD + "".join(_video(video, lang, titles[video]) for video, lang in VIDEOS.items())
    (into / f"{YOUTUBE}.toml").write_text(campaign, encoding="utf-8")


def _charts(folder: Path) -> list[tuple[object, ...]]:
    given = {
        "observations": str(next(folder.glob("observations_*.parquet"))),
        "videos": str(next(folder.glob("videos_*.parquet"))),
        "chosen": list(VIDEOS),
        "first": FIRST_DAY,
        "last": LAST_DAY,
    }
    with duckdb.connect() as con:
        return con.execute(_CHARTS, given).fetchall()


def _chart_row(row: Sequence[object]) -> tuple[object, ...]:
    _, *kept = row
    kept[8] = _duration(int(str(kept[8])))
    return tuple(kept)


def _duration(seconds: int) -> str:
    """Return a duration as the chart files write it: PT1H2M3S, without the parts that are 0."""
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    parts = "".join(f"{value}{unit}" for value, unit in ((hours, "H"), (minutes, "M"), (rest, "S")) if value)
    return f"PT{parts or '0S'}"


def _of_day(source: Path, day: str) -> list[list[str]]:
    with gzip.open(source, "rt", encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    return [head, *(row for row in rows if row[head.index("day")] == day)]


def _video(video: str, lang: str, title: object) -> str:
    quoted = str(title).replace("\\", "\\\\").replace('"', '\\"')
    return f'\n[[videos]]\nurl = "https://www.youtube.com/watch?v={video}"\ntitle.{lang} = "{quoted}"\n'


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _write(path: Path, rows: Iterable[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_csv(rows))


def _write_gz(path: Path, rows: Iterable[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(_csv(rows), compresslevel=9, mtime=0))  # no clock: the same rows give the same bytes


if __name__ == "__main__":
    make(Path(sys.argv[1] if len(sys.argv) > 1 else HERE.parent / "../shared/data"))
