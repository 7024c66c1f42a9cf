"""YouTube Data API v3: videos, search results and playlist items, asked for or saved. Comments, channels and the rest are no posts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from collectors._formats.fields import (
    Item,
    Json,
    Seen,
    account,
    at,
    counts,
    first,
    hashtags_in,
    identity,
    language,
    links_in,
    plain,
    published,
    seconds,
    text,
    unique,
)  # fmt: skip
from spillover import Availability, Page, Post, Reject

NAME = "youtube_api"
PLATFORM = "youtube"
TOTAL = ("pageInfo", "totalResults")
_STUBS = {"Deleted video": "gone", "Private video": "private"}  # titles of what a playlist holds and nobody may see
_REJECTED = {"rejected": "platform", "deleted": None, "failed": None}
_CAUSES = {
    **dict.fromkeys(("claim", "copyright", "legal", "trademark"), "legal"),
    **dict.fromkeys(("duplicate", "inappropriate", "length", "termsOfUse"), "platform"),
    **dict.fromkeys(("uploaderAccountClosed", "uploaderAccountSuspended"), "account"),
}
_COUNTRY = re.compile(r"[A-Z]{2}")
_OTHERS = ("youtube#channel", "youtube#playlist")  # what a search may bring beside videos


def finds(record: Json) -> bool:
    """Say whether this is a video, or a result or an item of a list that is one."""
    kind = record.get("kind")
    if kind in ("youtube#video", "youtube#playlistItem"):
        return True
    return kind == "youtube#searchResult" and at(record, "id", "videoId") is not None


def knows(record: Json) -> bool:
    """Say whether this is any other answer of this API, an error too."""
    return str(record.get("kind")).startswith("youtube#") or isinstance(at(record, "error", "errors"), list)


def page(items: list[Json], seen: Seen) -> Page:
    """Return what the items of a list say; raise ValueError where not one of them can be read."""
    found = Page()
    if not isinstance(items, list):
        raise ValueError("items is no list")
    for place, item in enumerate(items, 1):
        if at(item, "id", "kind") in _OTHERS:
            continue
        try:
            said = [*read(item, seen)]
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            found.rejects.append(Reject(line=place, reason=f"{type(error).__name__}: {error}"))
            if isinstance(video_id := at(item, "id"), str):  # a video that was asked for is there, whatever it says
                found.availability.append(Availability(id=video_id, status="unknown", cause="error", basis="inferred"))
            continue
        found.posts += [one for one in said if isinstance(one, Post)]
        found.availability += [one for one in said if isinstance(one, Availability)]
    if found.rejects and not found.posts:
        raise ValueError(f"none of {len(items)} items can be read: {found.rejects[0].reason}")
    return found


def standing(video_id: str, there: bool) -> Availability:
    """Return how a video stands of which a list says nothing more than that it is there, or not even that."""
    if there:
        return Availability(id=video_id, status="up")
    return Availability(id=video_id, status="unknown", cause="missing", basis="absent")


def read(record: Json, seen: Seen) -> Iterator[Item]:
    """Yield the video, and what its answer says about who may see it."""
    snippet, details = record.get("snippet"), record.get("contentDetails")
    video_id = identity(
        at(record, "id", "videoId")
        or at(snippet, "resourceId", "videoId")
        or at(details, "videoId")
        or record.get("id")
    )
    yield from _availability(record, video_id, seen)
    if at(snippet, "title") in _STUBS and record["kind"] == "youtube#playlistItem":
        return
    title, body = text(at(snippet, "title")), text(at(snippet, "description"))
    if record["kind"] == "youtube#searchResult":  # search alone escapes its texts
        title, body = plain(title), plain(body)
    date = published(_date(record), "publishedAt", seen)
    yield Post(
        id=video_id,
        platform=PLATFORM,
        url=f"https://www.youtube.com/watch?v={video_id}",
        kind="video",
        title=title,
        text=body,
        author=_channel(record),
        published_at=date.at,
        published_precision=date.precision,
        lang=language(at(snippet, "defaultAudioLanguage") or at(snippet, "defaultLanguage")),
        hashtags=unique((*hashtags_in(title), *hashtags_in(body))),
        links=links_in(body),
        duration_s=seconds(at(details, "duration")),
        counts=counts(record.get("statistics"), views="viewCount", likes="likeCount", comments="commentCount"),
        observed_at=seen.observed_at,
    )


def _date(record: Json) -> Any:
    """Return when the video was published: for an item of a playlist, ``snippet.publishedAt`` is when it was put there."""
    if record["kind"] == "youtube#playlistItem":
        return at(record, "contentDetails", "videoPublishedAt")
    return at(record, "snippet", "publishedAt")


def _channel(record: Json) -> Any:
    snippet = record.get("snippet")
    if record["kind"] == "youtube#playlistItem":  # the other pair of fields names who owns the playlist
        return account(at(snippet, "videoOwnerChannelId"), at(snippet, "videoOwnerChannelTitle"))
    return account(at(snippet, "channelId"), at(snippet, "channelTitle"))


def _availability(record: Json, video_id: str, seen: Seen) -> Iterator[Availability]:
    stub = _STUBS.get(at(record, "snippet", "title")) if record["kind"] == "youtube#playlistItem" else None
    privacy, upload = at(record, "status", "privacyStatus"), at(record, "status", "uploadStatus")
    if stub or privacy == "private" or upload in _REJECTED:
        gone = upload in _REJECTED or stub == "gone"
        reason, shown = at(record, "status", "rejectionReason"), upload if upload in _REJECTED else privacy
        cause = _CAUSES.get(reason, _REJECTED[upload]) if upload in _REJECTED else None if stub == "gone" else "author"
        yield Availability(
            id=video_id,
            platform=PLATFORM,
            status="gone" if gone else "private",
            cause=cause,
            checked_at=seen.observed_at,
            said=" ".join(filter(None, (at(record, "snippet", "title") if stub else shown, reason))),
        )
        return
    limits = at(record, "contentDetails", "regionRestriction")
    if limits is not None:
        allowed, blocked = (_countries(limits, name) for name in ("allowed", "blocked"))
        withheld = allowed is not None or bool(blocked)  # an empty list of blocked countries means nowhere blocked
        yield Availability(
            id=video_id, platform=PLATFORM, status="withheld" if withheld else "up", cause="geo" if withheld else None,
            allowed_in=allowed, blocked_in=blocked, checked_at=seen.observed_at,
        )  # fmt: skip
    elif isinstance(record.get("contentDetails"), dict) and first(record, "status", "statistics") is not None:
        yield Availability(id=video_id, platform=PLATFORM, status="up", checked_at=seen.observed_at)


def _countries(limits: Json, name: str) -> tuple[str, ...] | None:
    """Return a list of countries, which may be empty, None where it is not given; raise ValueError for what is none."""
    if limits.get(name) is None:
        return None
    if not isinstance(limits[name], list) or not all(_COUNTRY.fullmatch(str(code)) for code in limits[name]):
        raise ValueError(f"regionRestriction: {name} is no list of countries")
    return tuple(limits[name])
