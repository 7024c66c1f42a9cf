"""YouTube, by its Data API v3: search for videos, and read again those that we hold.

Terms: stored data lives 30 days unless the operator was accepted for longer; YouTube's numbers are shown as YouTube's
and never summed with others. Limits: 100 searches and 10,000 units a day, reset at midnight Pacific; a search ends near
500 results and is not exhaustive, so it counts from below. Titles of searches come with HTML entities, others do not.

Not confirmed by a recorded answer [U]: statistics, status and contentDetails (read in their documented form), that
``order=date`` is strict, that the key is taken from the header, and that a video that is gone is merely absent.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from spillover import (
    Answer,
    Author,
    Availability,
    Broken,
    Budget,
    BudgetSpent,
    Changed,
    CollectError,
    Collector,
    Cost,
    Counts,
    Known,
    Mode,
    Page,
    Post,
    Query,
    RateLimited,
    Refused,
    Window,
    read_count,
    read_time,
)

_API = "https://www.googleapis.com/youtube/v3"
_PACIFIC = "America/Los_Angeles"
_CEILING = 450  # a search that gave this many has met YouTube's own end near 500
_PARTS = "snippet,statistics,status,contentDetails"
_ID = re.compile(r"[\w-]{11}", re.ASCII)
_OPERATORS = re.compile(r'[|"]|(?<!\w)-+')  # in a query these mean or, exactly, not
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_CAUSES = {
    **dict.fromkeys(("claim", "copyright", "legal", "trademark"), "legal"),
    **dict.fromkeys(("duplicate", "inappropriate", "length", "termsOfUse"), "platform"),
    **dict.fromkeys(("uploaderAccountClosed", "uploaderAccountSuspended"), "account"),
}
_SPENT = {"quotaExceeded", "dailyLimitExceeded"}
_TOO_FAST = {"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"}
_NO_KEY = {"keyInvalid", "keyExpired", "forbidden", "accessNotConfigured", "ipRefererBlocked", "API_KEY_INVALID"}


class Youtube(Collector):
    """Search by date, newest first; the cursor says what was asked and down to where it has been read."""

    name = "youtube"
    hosts = ("www.googleapis.com",)
    finds = frozenset({"link", "title", "phrase", "hashtag"})
    terms = "https://developers.google.com/youtube/terms/developer-policies"
    needs = ("YOUTUBE_API_KEY",)
    budgets: ClassVar[Mapping[str, Budget]] = {
        "search": Budget(limit=100, zone=_PACIFIC),
        "units": Budget(limit=10_000, unit="units", zone=_PACIFIC),
    }
    costs: ClassVar[Mapping[Mode, Cost]] = {"search": Cost(bucket="search"), "reread": Cost(bucket="units", batch=50)}
    every_s = 6 * 3600

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        words = _words(query)
        if words is None:
            yield Page(done=True, cut_short="YouTube finds only links to its own videos")
            return
        asked = {"part": "snippet", "type": "video", "order": "date", "maxResults": "50", "q": words}
        asked |= {"regionCode": query.region} if query.region else {}
        at = json.loads(cursor) if cursor else {"since": _stamp(window.since), "until": _stamp(window.until)}
        page = Page()
        while not page.done:
            page = self._found(asked, at)
            yield page
            at = json.loads(page.cursor) if page.cursor else at

    def reread(self, posts: Sequence[Known]) -> Iterator[Page]:
        for start in range(0, max(len(posts), 1), 50):
            ids = [post.id for post in posts[start : start + 50]]
            asked = {"part": _PARTS, "id": ",".join(ids), "maxResults": "50"}
            answer, told = self._ask("videos", asked, "units")
            with _known_shape():
                found = [_video(item) for item in told["items"]]
                standing = [_standing(item) for item in told["items"]]
            there = {post.id for post in found}
            standing += [_absent(id) for id in ids if id not in there]
            window = Window(since=answer.fetched_at, until=answer.fetched_at)
            yield Page(posts=found, availability=standing, window=window, done=start + 50 >= len(posts))

    def _found(self, asked: dict[str, str], at: dict[str, Any]) -> Page:
        """Ask for one page of a search and say which stretch of time it covers."""
        place = {"publishedAfter": at["since"], "publishedBefore": at["until"], "pageToken": at.get("token")}
        answer, told = self._ask("search", asked | {name: value for name, value in place.items() if value}, "search")
        with _known_shape():
            videos = [item for item in told["items"] if item["id"]["kind"] == "youtube#video"]
            posts = [_post(item["id"]["videoId"], item, html.unescape) for item in videos]
            seen, token = at.get("seen", 0) + len(told["items"]), told.get("nextPageToken")
            total = told.get("pageInfo", {}).get("totalResults")
        done = not token
        cut_short = "500-result ceiling" if done and seen >= _CEILING else None
        until = _time(at.get("edge") or at["until"]) or answer.fetched_at
        oldest = min((post.published_at for post in posts if post.published_at), default=until)
        since = (_time(at["since"]) if done and not cut_short else None) or min(oldest, until)
        page = Page(
            posts=posts, window=Window(since=since, until=until), claimed_total=total, cut_short=cut_short, done=done
        )
        if not done:
            page.cursor = json.dumps({**at, "token": token, "edge": _stamp(min(oldest, until)), "seen": seen})
        return page

    def _ask(self, what: str, asked: dict[str, str], budget: str) -> tuple[Answer, dict[str, Any]]:
        key = {"X-Goog-Api-Key": self.secrets.get("YOUTUBE_API_KEY", "")}
        try:
            answer = self.client.get(f"{_API}/{what}", params=asked, headers=key, spend=budget)
        except CollectError as error:
            raise _refusal(_json(error.body), self.client.now()) or error from None
        told = _json(answer.body)
        if refused := _refusal(told, answer.fetched_at):
            raise refused
        kind = {"search": "youtube#searchListResponse", "videos": "youtube#videoListResponse"}[what]
        if told.get("kind") != kind:
            raise Changed(f"{what}: wanted {kind}, came {told.get('kind')!r:.60}")
        return answer, told


def _post(id: str, item: dict[str, Any], clean: Callable[[str], str] = str) -> Post:
    shown = item.get("snippet", {})
    channel = shown.get("channelId")
    return Post(
        id=id,
        url=f"https://www.youtube.com/watch?v={id}",
        kind="video",
        title=clean(shown["title"]) if "title" in shown else None,
        text=clean(shown["description"]) if "description" in shown else None,
        author=Author(id=channel, names=tuple(filter(None, [shown.get("channelTitle")]))) if channel else None,
        published_at=_time(shown.get("publishedAt")),
        lang=shown.get("defaultAudioLanguage") or shown.get("defaultLanguage"),
    )


def _video(item: dict[str, Any]) -> Post:
    shown, details = item.get("statistics", {}), item.get("contentDetails", {})
    counts = Counts(
        views=read_count(shown.get("viewCount")),
        likes=read_count(shown.get("likeCount")),
        comments=read_count(shown.get("commentCount")),
    )
    return replace(_post(item["id"], item), counts=counts, duration_s=_seconds(details.get("duration")))


def _standing(item: dict[str, Any]) -> Availability:
    """Say how a video stands. ``allowed=[]`` means nowhere, ``blocked=[]`` nowhere blocked."""
    state, limits = item.get("status", {}), item.get("contentDetails", {}).get("regionRestriction", {})
    allowed, blocked = (tuple(limits[name]) if name in limits else None for name in ("allowed", "blocked"))
    if state.get("uploadStatus") in ("rejected", "deleted", "failed"):
        return Availability(id=item["id"], status="gone", cause=_CAUSES.get(state.get("rejectionReason", "")))
    if state.get("privacyStatus") == "private":
        return Availability(id=item["id"], status="private", cause="author")
    if allowed is None and not blocked:
        return Availability(id=item["id"], status="up", blocked_in=blocked)
    return Availability(id=item["id"], status="withheld", cause="geo", allowed_in=allowed, blocked_in=blocked)


def _absent(id: str) -> Availability:
    return Availability(id=id, status="unknown", cause="missing", basis="absent")


def _words(query: Query) -> str | None:
    """Return what to ask for; None for a link to another platform."""
    if query.kind != "link":
        words = _OPERATORS.sub(" ", query.text).strip()
        return f"#{words.lstrip('#')}" if query.kind == "hashtag" else words
    parts = urlsplit(query.text)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    if host not in ("youtube.com", "youtu.be"):
        return None
    named = parse_qs(parts.query).get("v", [parts.path.rstrip("/").rpartition("/")[2]])[0]
    return named if _ID.fullmatch(named) else None


def _refusal(told: dict[str, Any], now: datetime) -> CollectError | None:
    """Return what an error answer stands for; None where it is no error answer or says nothing of use."""
    error = told.get("error")
    if not isinstance(error, dict):
        return Broken("YouTube answered with an error and no reason") if error else None
    said = {row.get("reason") for name in ("errors", "details") for row in error.get(name, []) if isinstance(row, dict)}
    message = f"YouTube answered {error.get('code')}: {', '.join(sorted(filter(None, said))) or error.get('status')}"
    if said & _SPENT:
        local = now.astimezone(ZoneInfo(_PACIFIC))
        midnight = datetime.combine(local.date() + timedelta(days=1), time.min, local.tzinfo)
        return BudgetSpent(message, retry_at=midnight.astimezone(UTC))
    if said & _TOO_FAST or error.get("code") == 429:
        return RateLimited(message)
    return Refused(message) if said & _NO_KEY or error.get("code") in (401, 403) else Broken(message)


def _json(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


@contextmanager
def _known_shape() -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Changed(f"an item of another shape: {type(error).__name__} {error}") from error


def _time(text: str | None) -> datetime | None:
    return read_time(text)[0] if text else None


def _stamp(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _seconds(text: str | None) -> float | None:
    """Return the seconds of an ISO 8601 duration; None for a live stream, which says zero."""
    found = _DURATION.fullmatch(text or "")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0, 0)
    return float(86400 * days + 3600 * hours + 60 * minutes + seconds) or None
