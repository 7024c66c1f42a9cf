"""Manual sightings: what only a person may see (Kuaishou, WeChat, a screenshot), by the path of everything that is collected.

A person who enters a sighting states that it is about the campaign, so it is reviewed: its verdict is "accept".
A screenshot can show the names of accounts. It stays in the workspace's folder ``evidence/`` under its SHA-256, which is
all that the store holds of it, and no export takes it along.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import pyarrow as pa

from spillover import segments
from spillover.collect import Run, Task
from spillover.contract import Availability, Count, Counts, Page, Post, Status
from spillover.counting import read_count
from spillover.errors import UsageError
from spillover.ingest import Subject, identify
from spillover.links import Address, resolve
from spillover.timing import read_time

COLLECTOR = "sighting"
BIGGEST = 20 << 20  # bytes of a screenshot
COUNTS = ("views", "likes", "shares", "comments")
FIELDS = ("url", "platform", "id", "title", "text", "seen_at", "published_at", *COUNTS, "status", "said", "region", "lang", "note", "by")  # fmt: skip
_PLATFORM, _REGION = re.compile(r"[a-z0-9][a-z0-9_]{1,39}"), re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")
_LANG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_PICTURES = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif", b"RIFF": "webp", b"%PDF": "pdf"}
_SKEW = timedelta(minutes=10)


@dataclass(frozen=True)
class Sighting:
    """What a person saw, checked."""

    post: Post
    check: Availability
    reviewer: str
    note: str | None


def read(said: Mapping[str, str | None], picture: str | None, now: datetime) -> tuple[Sighting, bytes | None]:
    """Return a sighting and its screenshot; raise UsageError that names the field and the fix."""
    fields = {name: value.strip() for name, value in said.items() if isinstance(value, str) and value.strip()}
    if strange := fields.keys() - set(FIELDS):
        raise UsageError(f"{min(strange)}: no such field; there are {', '.join(FIELDS)}")
    content = _picture(picture)
    digest = sha256(content).hexdigest() if content is not None else None
    seen_at = _moment(fields, "seen_at", now) or now
    post = _post(fields, digest, seen_at, now)
    check = _check(fields, post, digest)
    if post.title is None and post.text is None and post.url is None and digest is None:
        raise UsageError("--title: nothing that was seen is said; give --title, --text, --url or --screenshot")
    return Sighting(post, check, fields.get("by", "analyst"), fields.get("note")), content


def keep(root: Path, spool: Path, subject: Subject, sighting: Sighting, content: bytes | None) -> dict[str, Any]:
    """Take in a sighting and its verdict; return what it is known by and the segments to drain."""
    if content is not None:
        _store(root / "evidence", content)
    post = sighting.post
    door = replace(subject, keep_all=True)
    run = Run(Task(COLLECTOR, "load", door, f"{COLLECTOR}:{post.platform}"), spool)
    tally = run.follow([Page(posts=[post], availability=[sighting.check], done=True)], seen_at=post.observed_at)
    if tally.outcome != "answered":
        raise UsageError(f"the sighting could not be taken in: {tally.reason}")
    who = identify(post.platform, post.id, post.url, subject.key)
    row = {
        "post_key": who.post_key, "campaign_id": subject.campaign_id, "verdict": "accept", "reviewer": sighting.reviewer,
        "note": sighting.note, "reviewed_at": datetime.now(UTC).replace(tzinfo=None),
    }  # fmt: skip
    review = pa.Table.from_pylist([row], schema=segments.SCHEMAS["review"])
    parts = [*tally.segment_ids, segments.put(spool, {"review": review})]
    return {
        "platform": post.platform, "id": who.id, "url": who.url, "observed_at": post.observed_at.isoformat() if post.observed_at else None,
        "status": sighting.check.status, "matched": bool(tally.matched), "band": "reviewed",
        "screenshot": sighting.check.evidence, "run_id": run.run_id, "segments": parts,
    }  # fmt: skip


def _post(fields: Mapping[str, str], digest: str | None, seen_at: datetime, now: datetime) -> Post:
    platform, post_id, url = _place(fields, digest)
    region, lang = fields.get("region"), fields.get("lang")
    if region and not _REGION.fullmatch(region):
        raise UsageError(f"--region: {region[:20]!r} is no code; write a country as CN, a province as CN-GD (ISO 3166)")
    if lang and not _LANG.fullmatch(lang):
        raise UsageError(f"--lang: {lang[:20]!r} is no language; write it as zh, or zh-Hant (BCP 47)")
    published = _moment(fields, "published_at", now)
    if published and published > seen_at + _SKEW:
        raise UsageError("--published-at: later than the post was seen; check it, and --seen-at")
    return Post(
        id=post_id,
        platform=platform,
        url=url,
        title=fields.get("title"),
        text=fields.get("text"),
        published_at=published,
        published_precision=_precision(fields),
        lang=lang,
        region=region,
        region_basis="reviewer" if region else None,
        counts=Counts(**{name: _count(fields.get(name), name) for name in COUNTS}),
        observed_at=seen_at,
    )


def _place(fields: Mapping[str, str], digest: str | None) -> tuple[str, str, str | None]:
    """Return the platform, the id and the address of what was seen."""
    platform, given, url = fields.get("platform", "").lower(), fields.get("id"), fields.get("url")
    if platform and not _PLATFORM.fullmatch(platform):
        raise UsageError(f"--platform: {platform[:40]!r} is no name; write it as kuaishou, wechat_channels, weibo")
    found = _address(url, platform, is_named=bool(given)) if url else None
    platform = platform or (found.platform if found and found.platform else "")
    if not platform:
        raise UsageError(
            "--platform: the address is of none that we know, or missing; say where it was seen, web for an article"
        )
    known = found.post_id if found and found.kind != "channel" else None
    return platform, given or known or _made_id(found, digest), url


def _address(url: str, platform: str, *, is_named: bool) -> Address:
    """Return what an address leads to; raise UsageError where that is no public post."""
    found = resolve(url)
    trouble = None
    if found.private:
        trouble = "--url: it leads into a private place; only what is public is kept"
    elif found.canonical is None:
        trouble = "--url: no web address; give it whole, with https://"
    elif found.platform and platform and found.platform != platform:
        trouble = f"--platform: the address is of {found.platform}; leave --platform out, or give the other address"
    elif found.kind == "channel" and not is_named:
        trouble = "--url: of a channel; give the address of the post, or its --id"
    elif found.needs_network and not is_named:
        trouble = "--url: a short link, which only leads elsewhere; open it and give the address where it ends"
    if trouble:
        raise UsageError(trouble)
    return found


def _made_id(found: Address | None, digest: str | None) -> str:
    """Return an id for what has none: its address, in a form that names nobody, or its picture."""
    if found and found.page_id:
        return found.page_id
    if digest:
        return f"screenshot-{digest[:32]}"
    raise UsageError("--id: nothing tells this post from others; give --url, --id, or a --screenshot")


def _check(fields: Mapping[str, str], post: Post, digest: str | None) -> Availability:
    status = fields.get("status", "up")
    if status not in get_args(Status):
        raise UsageError(f"--status: {status[:20]!r} is none; write one of {', '.join(get_args(Status))}")
    words = fields.get("said")
    if status in ("gone", "withheld", "private") and not words and digest is None:
        raise UsageError(f"--said: {status} is not proven; give the platform's own words, or a --screenshot of them")
    return Availability(
        id=post.id, platform=post.platform, status=status, basis="stated" if words or status != "up" else "inferred",  # type: ignore[arg-type]
        cause="missing" if status == "unknown" and not words else None, checked_at=post.observed_at, vantage="page", said=words,
        evidence=f"sha256:{digest}" if digest else None,
    )  # fmt: skip


def _moment(fields: Mapping[str, str], name: str, now: datetime) -> datetime | None:
    if name not in fields:
        return None
    try:
        found = read_time(fields[name], seen_at=now)[0]
    except ValueError as error:
        raise UsageError(f"{_flag(name)}: {error}; write it as 2025-05-01 18:30, in UTC or with its zone") from None
    if found > now + _SKEW:
        raise UsageError(f"{_flag(name)}: it is in the future; a time without a zone is read as UTC")
    return found


def _precision(fields: Mapping[str, str]) -> str:
    return read_time(fields["published_at"], seen_at=datetime.now(UTC))[1] if "published_at" in fields else "second"


def _count(said: str | None, name: str) -> Count:
    try:
        return read_count(said)
    except ValueError as error:
        raise UsageError(f"--{name}: {error}") from None


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _picture(packed: str | None) -> bytes | None:
    if not packed:
        return None
    try:
        content = base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        raise UsageError("--screenshot: it came damaged; give the file again") from None
    if len(content) > BIGGEST:
        raise UsageError(
            f"--screenshot: of {len(content) >> 20} MB; at most {BIGGEST >> 20} MB are kept, make it smaller"
        )
    if _ending(content) is None:
        raise UsageError("--screenshot: no picture; give a PNG, JPEG, GIF, WebP or PDF file")
    return content


def _ending(content: bytes) -> str | None:
    return next((ending for mark, ending in _PICTURES.items() if content.startswith(mark)), None)


def _store(folder: Path, content: bytes) -> None:
    """Keep a screenshot under its digest, for its owner's eyes only."""
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{sha256(content).hexdigest()}.{_ending(content)}"
    hidden = folder / f".{path.name}"
    hidden.write_bytes(content)
    hidden.chmod(0o600)
    hidden.rename(path)
