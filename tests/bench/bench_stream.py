"""How many Jetstream frames a second one core translates and matches: ``python -m tests.bench.bench_stream``.

The frames are the recorded ones (one post in nine), repeated with other authors and ids, so that no cache of ours lives
on the repetition. Time is that of the processor, so that what else runs on the machine counts less.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from collectors._formats.jetstream import ZDICT
from collectors.bluesky import Bluesky
from spillover import Answer, Post
from spillover.campaign import Campaign, read_campaign
from spillover.matching import Matcher
from tests.jetstream_server import packer, second

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "tests/recorded/bluesky/jetstream.jsonl"
FRAMES, FRAMES_OF_SECOND, FRAMES_OF_PEERS, TERMS, RUNS = 200_000, 50_000, 10_000, 66, 3


class Frames:
    """A client that has the frames already."""

    def __init__(self, frames: list[bytes]) -> None:
        self._frames = frames

    def now(self) -> datetime:
        return datetime.now(UTC)

    def get(self, url: str, **_: object) -> Answer:
        raise AssertionError(f"a stream asks for no page: {url}")

    def frames(self, url: str) -> Iterator[bytes]:
        yield from self._frames


def recorded(count: int) -> list[bytes]:
    """Return so many frames: the recording again and again, by other authors and with other ids."""
    once = RECORDED.read_bytes().splitlines()
    rounds = -(-count // len(once))
    return [
        frame.replace(b'"did":"did:plc:', b'"did":"did:plc:%d' % i).replace(b'"rkey":"', b'"rkey":"%d' % i)
        for i in range(rounds)
        for frame in once
    ][:count]


def campaign() -> Campaign:
    """Return the terms of the founding campaigns, filled up with videos of the sample."""
    founding = [
        read_campaign(ROOT / "examples" / name) for name in ("cia-china-2025.toml", "russia-recruitment-2025.toml")
    ]
    videos = [video for one in founding for video in one.videos]
    phrases = {f"{one.name} {lang}": terms for one in founding for lang, terms in one.phrases.items()}
    missing = TERMS - sum(len(terms) for terms in (*phrases.values(), *(t for v in videos for t in v.titles.values())))
    sample = read_campaign(ROOT / "examples/sample-youtube-trending.toml").videos[:missing]
    return Campaign(name="bench", title="bench", videos=(*videos, *sample), phrases=phrases)


def terms_of(chosen: Campaign) -> list[str]:
    titles = [title for video in chosen.videos for titles in video.titles.values() for title in titles]
    return [*titles, *(phrase for phrases in chosen.phrases.values() for phrase in phrases)]


def posts_of(frames: list[bytes]) -> Iterator[Post]:
    for page in Bluesky(Frames(frames)).stream((), None):
        yield from page.posts


def per_second(work: Callable[[], object], frames: int) -> float:
    """Return the best of some runs: what the machine can do when left alone."""
    took = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        took.append(time.process_time() - start)
    return frames / min(took)


def match_all(matcher: Matcher, frames: list[bytes]) -> int:
    """Match as the door does: the post's own address is one of its links."""
    return sum(
        matcher.best(post.text, title=post.title, links=(post.url or "", *post.links), hashtags=post.hashtags)
        is not None
        for post in posts_of(frames)
    )


def main() -> None:
    chosen = campaign()
    terms, matcher = terms_of(chosen), Matcher(chosen)
    assert len(terms) == TERMS, f"{len(terms)} terms"
    assert all(matcher.best(term) for term in terms), "a matcher that finds nothing is fast"
    either = re.compile("|".join(map(re.escape, terms)), re.IGNORECASE)
    either_raw = re.compile(b"|".join(re.escape(term.encode()) for term in terms), re.IGNORECASE)
    frames = recorded(FRAMES)
    few = frames[:FRAMES_OF_PEERS]
    ours = per_second(lambda: match_all(matcher, frames), len(frames))
    again = [second(json.loads(frame), seq) for seq, frame in enumerate(frames[:FRAMES_OF_SECOND])]
    packed = list(map(packer(ZDICT), again))
    rows = [
        ("translate", per_second(lambda: list(map(id, posts_of(frames))), len(frames))),
        (f"translate + match, {TERMS} terms", ours),
        ("the same, version 2", per_second(lambda: match_all(matcher, again), len(again))),
        ("the same, version 2 compressed", per_second(lambda: match_all(matcher, packed), len(packed))),
        (
            "translate + re.I on the posts' texts",
            per_second(lambda: [either.search(post.text or "") for post in posts_of(few)], len(few)),
        ),
        ("re.I on the raw frames", per_second(lambda: [either_raw.search(frame) for frame in few], len(few))),
    ]
    for name, rate in rows:
        print(f"{name:40} {rate:>12,.0f} frames/s {ours / rate:>10,.2f} x")
    print(f"{'must reach':40} {100_000:>12,} frames/s")


if __name__ == "__main__":
    main()
