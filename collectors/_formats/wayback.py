"""Captures of the Wayback Machine's index: what a page answered when the archive looked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from spillover import (
    Answer,
    Availability,
    Broken,
    Changed,
    Known,
    Page,
    RateLimited,
    Refused,
    Reject,
    Window,
    known_shape,
    read_json,
    resolve,
)

EXCLUDED = b"AccessControlException"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_STAMP = "%Y%m%d%H%M%S"
FIELDS = ["timestamp", "original", "statuscode", "mimetype", "digest"]
# A page of these that is taken down answers 404 or 410. All others (YouTube, TikTok, VK, X, …) say 200 and tell it in words.
HONEST = (
    "dailymotion",
    "gdelt",
    "kakao",
    "mastodon",
    "mediacloud",
    "naver",
    "niconico",
    "peertube",
    "rss",
    "vimeo",
    "web",
)
_LATER = ("error:too-many-daily-captures", "error:too-many-requests", "error:user-session-limit")
_GONE, _EMPTY = ("404", "410"), "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"  # the digest of no bytes: redirects of every kind


def video(url: str) -> Known | None:
    """Return the video that an address names, by its plain address; None where it names none that we know."""
    found = resolve(url)
    if not (found.platform and found.post_id and found.canonical):
        return None
    return Known(id=found.post_id, platform=found.platform, url=found.canonical)


def looked(post: Known, at: datetime) -> Availability:
    """Return that the archive was asked: of the post as it stands now that says nothing."""
    return Availability(
        id=post.id, platform=post.platform, status="unknown", basis="inferred", checked_at=at, vantage="archive"
    )


def table(answer: Answer) -> tuple[list[Any], str | None]:
    """Return the captures of an answer and the key of the next one; raise what its own errors mean."""
    if answer.unchanged:
        return [], None
    if b"org.archive." in answer.body[:200]:  # they come as text, also with status 200
        raise (Refused if EXCLUDED in answer.body else Broken)("the archive answers with an error", body=answer.body)
    rows, key = read_json(answer), None
    if answer.status != 200 or not isinstance(rows, list):
        raise Changed(f"the archive's index answers {answer.status} without a table")
    if len(rows) > 2 and rows[-2] == [] and isinstance(rows[-1], list) and len(rows[-1]) == 1:
        key, rows = str(rows[-1][0]), rows[:-2]
    if rows and rows[0] != FIELDS:
        raise Changed(f"captures with other columns: {str(rows[0])[:100]}")
    return rows[1:], key


def stamp(moment: datetime | None) -> str | None:
    """Return a moment as the archive writes it."""
    return moment.astimezone(UTC).strftime(_STAMP) if moment else None


def moment(stamp: str | None) -> datetime | None:
    """Return the moment of a stamp; raise ValueError for what is none."""
    return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC) if stamp else None


def checks(rows: Sequence[Any], post: Known) -> tuple[list[Availability], list[Reject]]:
    """Return what the captures say, of a run of captures that say the same the first and the last.

    Those two are what a bracket of a removal needs; ``collapse=digest`` would keep the first only.
    """
    found: list[Availability] = []
    rejects: list[Reject] = []
    statuses: dict[str, set[str]] = {}
    for number, row in enumerate(rows, 1):
        try:
            written, _, status, _, digest = row
            at = datetime.strptime(written, _STAMP).replace(tzinfo=UTC)
        except (ValueError, TypeError) as error:
            rejects.append(Reject(line=number, reason=f"capture {number}: {error}"))
            continue
        if status != "-":
            statuses.setdefault(digest, set()).add(status)
        elif digest != _EMPTY and len(known := statuses.get(digest, set())) == 1:
            (status,) = known  # the same bytes as before: a record of a revisit carries no status of its own
        found.append(check(post, status, at))
    if rejects and not found:
        raise Changed(f"no capture could be read; {rejects[0].reason}")
    return list(_edges(found)), rejects


def check(post: Known, status: str, at: datetime) -> Availability:
    """Return what one capture says of a post."""
    said, cause = "unknown", "error"
    if status in _GONE:
        said, cause = "gone", "missing"
    elif status == "451":
        said, cause = "withheld", "legal"
    elif re.fullmatch(r"2\d\d", status):
        said, cause = ("up" if post.platform in HONEST else "unknown"), ""
    return Availability(
        id=post.id,
        platform=post.platform,
        status=said,  # type: ignore[arg-type]  # one of the four above
        cause=cause or None,
        basis="inferred",
        checked_at=at,
        vantage="archive",
        evidence=f"wayback:{stamp(at)}",
    )


def saved(answer: Answer, post: Known) -> tuple[Page | None, str]:
    """Return what came of a capture that was asked for, None while it goes on, and the name of the work."""
    told = read_json(answer)
    with known_shape("the state of a capture"):
        job, state, error = told.get("job_id"), told.get("status"), told.get("status_ext")
        if error in _LATER:
            raise RateLimited(f"the archive asks us to come back later: {error}")
        if state == "success":
            at = datetime.strptime(told["timestamp"], _STAMP).replace(tzinfo=UTC)
            done = check(post, str(told.get("http_status") or 200), at)
            return Page(availability=[done], window=Window(since=at, until=at), done=True), ""
        if state != "error" and job:
            return None, str(job)
        said = error or told.get("message")
    if not said:
        raise Changed("neither a job nor a reason came")
    return Page(done=True, cut_short=f"not saved: {said}"[:200]), ""


def _edges(found: list[Availability]) -> Iterator[Availability]:
    for _, run in groupby(found, key=lambda check: (check.status, check.cause)):
        same = list(run)
        yield from same[:1] if len(same) == 1 else (same[0], same[-1])
