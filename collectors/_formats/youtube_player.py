"""YouTube's player answers: one video, its counts, where it may be played, and in whose words it may not be.

The endpoint is not public; a saved answer is the analyst's. It comes with status 200 even for a video that is gone. The
answer about a video that cannot be played does not name it: the recorded request or a field beside it does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from collectors._formats.fields import (
    Item,
    Json,
    Seen,
    account,
    at,
    bare,
    count,
    first,
    hashtags_in,
    identity,
    links_in,
    moment,
    published,
    seconds,
    text,
)  # fmt: skip
from spillover import Availability, Counts, Post, read_wording

NAME = "youtube_player"
PLATFORM = "youtube"
_COUNTRIES = 249  # of ISO 3166-1: a list of all of them is no limit
_ENDPOINT = re.compile(r"/youtubei/v\d+/(?:player|reel/reel_item_watch)\b")


def finds(record: Json) -> bool:
    """Say whether this is a recorded question to the player, or what it answers."""
    if "body" in record and "url" in record:
        return _ENDPOINT.search(str(record["url"])) is not None
    return isinstance(record.get("playabilityStatus"), dict) or (
        "videoId" in (record.get("videoDetails") or ())
        and ("microformat" in record or "viewCount" in record["videoDetails"])
    )


def knows(record: Json) -> bool:
    """Nothing else is answered."""
    return False


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield how the video stands, and what is shown of it."""
    answer, asked = (_body(record), _asked_for(record)) if "body" in record and "url" in record else (record, None)
    details, facts = answer.get("videoDetails"), at(answer, "microformat", "playerMicroformatRenderer")
    named = (
        at(details, "videoId")
        or at(facts, "externalVideoId")
        or asked
        or record.get("video_id")
        or record.get("videoId")
    )
    if named is None and "playabilityStatus" not in answer:
        return  # another answer of the same endpoint
    video_id = identity(named, "video_id")
    seen = seen.at(moment(first(record, "recorded", "first_recorded", "recorded_at")))
    is_shown = (isinstance(details, dict) and details.get("title")) or isinstance(facts, dict)
    if isinstance(answer.get("playabilityStatus"), dict):
        check = _standing(answer["playabilityStatus"], facts, video_id, seen)
        yield check
        if not is_shown:
            yield bare(check, f"https://www.youtube.com/watch?v={video_id}", "video")
    if is_shown:
        yield _video(video_id, details or {}, facts or {}, seen)


def _video(video_id: str, details: Json, facts: Json, seen: Seen) -> Post:
    date = published(first(facts, "publishDate", "uploadDate"), "publishDate", seen)
    body = text(first(details, "shortDescription") or _words(facts.get("description")))
    views = None if details.get("isUpcoming") else first(details, "viewCount") or facts.get("viewCount")
    return Post(
        id=video_id,
        platform=PLATFORM,
        url=f"https://www.youtube.com/watch?v={video_id}",
        kind="video",
        title=text(details.get("title")) or _words(facts.get("title")),
        text=body,
        author=account(first(details, "channelId") or facts.get("externalChannelId"), details.get("author"), facts.get("ownerChannelName")),
        published_at=date.at,
        published_precision=date.precision,
        hashtags=hashtags_in(body),
        links=links_in(body),
        duration_s=seconds(first(details, "lengthSeconds") or facts.get("lengthSeconds")),
        counts=Counts(views=count(views, "viewCount"), likes=count(facts.get("likeCount"), "likeCount")),
        observed_at=seen.observed_at,
    )  # fmt: skip


def _standing(said: Json, facts: Any, video_id: str, seen: Seen) -> Availability:
    allowed = at(facts, "availableCountries")
    codes = tuple(code for code in allowed if isinstance(code, str)) if isinstance(allowed, list) and allowed else None
    words = _reason(said)
    if said.get("status") == "OK":
        limited = codes is not None and len(codes) < _COUNTRIES
        return Availability(
            id=video_id, platform=PLATFORM, status="withheld" if limited else "up", cause="geo" if limited else None,
            allowed_in=codes if limited else None, checked_at=seen.observed_at, vantage="page",
        )  # fmt: skip
    told = read_wording(words, PLATFORM) if words else None
    return Availability(
        id=video_id, platform=PLATFORM, status=told.status if told else "unknown", cause=told.cause if told else None,
        basis=told.basis if told else "stated", allowed_in=codes, checked_at=seen.observed_at, vantage="page",
        said=words.replace("\n", " ") or text(said.get("status")),
    )  # fmt: skip


def _reason(said: Json) -> str:
    """Return the words that stand in the place of a video."""
    screen = at(said, "errorScreen", "playerErrorMessageRenderer")
    messages = said.get("messages")
    parts = (said.get("reason"), _words(at(screen, "subreason")), *(messages if isinstance(messages, list) else ()))
    return "\n".join(dict.fromkeys(part.strip() for part in parts if isinstance(part, str) and part.strip()))


def _words(value: Any) -> str | None:
    """Return a text of the site: whole, or in runs."""
    runs = at(value, "runs")
    if isinstance(runs, list):
        return text("".join(str(run.get("text", "")) for run in runs if isinstance(run, dict)))
    return text(at(value, "simpleText") or at(value, "content"))


def _body(record: Json) -> Json:
    try:
        body = json.loads(record["body"]) if isinstance(record["body"], str) else record["body"]
    except ValueError:
        raise ValueError("body: no JSON; the answer was cut off") from None
    inner = at(body, "playerResponse")
    found = inner if isinstance(inner, dict) else body
    if not isinstance(found, dict):
        raise ValueError("body: no player answer")
    return found


def _asked_for(record: Json) -> str | None:
    """Return the video that the request names."""
    request = record.get("request_json")
    if isinstance(request, str):
        try:
            request = json.loads(request)
        except ValueError:
            request = None
    named = at(request, "videoId") or at(request, "playerRequest", "videoId")
    return text(named) or parse_qs(urlsplit(str(record["url"])).query).get("id", [None])[0]
