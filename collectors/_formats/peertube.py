"""Videos as PeerTube's API gives them: an instance about those that it knows, Sepia Search about all that it indexed."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from msgspec import DecodeError
from msgspec.json import decode
from msgspec.structs import replace

from collectors._formats.fields import (
    Json,
    Seen,
    account,
    at,
    counts,
    hashtags_in,
    identity,
    language,
    links_in,
    published,
    seconds,
    text,
    unique,
)
from collectors._formats.paging import Pager
from spillover import (
    Answer,
    Availability,
    Broken,
    Changed,
    CollectError,
    Page,
    Post,
    Window,
    known_shape,
    read_json,
    read_time,
)

_TO_ALL = (1, 2)  # privacy: public, unlisted
_REFUSALS = (  # what an instance says of a video that it does not show: by the code of the error, else by its words
    ("video_requires_password", Availability(id="", status="private", cause="author")),
    ("does_not_respect_follow_constraints", Availability(id="", status="unknown")),  # the instance's own choice
    ("private/internal/b", Availability(id="", status="withheld")),  # which of the three is not said
)
_NOT_THERE = {
    404: Availability(id="", status="unknown", cause="missing", basis="absent"),
    410: Availability(id="", status="gone"),
    451: Availability(id="", status="withheld", cause="legal"),
}


def video(record: Json, seen: Seen) -> Post:
    """Return a video. Its id is the same on every instance, and its address is that of its home."""
    date = published(record["publishedAt"], "publishedAt", seen)
    about = text(record.get("description")) or text(record.get("truncatedDescription"))
    who = record["account"]
    author = account(who.get("url"), who.get("name"), who.get("displayName"))
    followers = who.get("followersCount")
    return Post(
        id=identity(record["uuid"], "uuid").lower(),
        url=record["url"],
        kind="video",
        title=text(record["name"]),
        text=about,
        author=replace(author, followers=followers) if author and isinstance(followers, int) else author,
        published_at=date.at,
        published_precision=date.precision,
        lang=language(at(record, "language", "id")),
        hashtags=unique((*(record.get("tags") or ()), *hashtags_in(about))),
        links=links_in(about),
        duration_s=seconds(record.get("duration")),
        counts=counts(record, views="views", likes="likes", comments="comments"),
        observed_at=seen.observed_at,
    )


def listed(answer: Answer, asked: Json | None = None) -> Page:
    """Return the videos of a search; ``asked`` is what its cursor says, none for a search by ids."""
    if answer.status != 200:
        raise Broken(f"{answer.url.partition('://')[2].partition('/')[0]} answered {answer.status} to a search")
    told = read_json(answer)
    with known_shape("an answer"):
        records, total = told["data"], told["total"]
        if not isinstance(records, list) or type(total) is not int:
            raise TypeError("data is no list, or total no number")
    page = _page_of(records, Seen(answer.fetched_at, answer.fetched_at))
    if asked is None:
        page.window = Window(since=answer.fetched_at, until=answer.fetched_at)
        return page
    return _placed(page, asked, len(records), total)


def shown(video_id: str, answer: Answer) -> Page:
    """Say how one video stands that was asked for."""
    told = read_json(answer)
    if answer.status != 200:
        return Page(availability=[_not_there(video_id, answer.status, told)])
    if text(at(told, "uuid")) != video_id:
        raise Changed("wanted the video that was asked for, came something else")
    page = _page_of([told], Seen(answer.fetched_at, answer.fetched_at))
    standing = Availability(
        id=video_id, status="up" if page.posts else "private", cause=None if page.posts else "author"
    )
    page.availability.append(standing)
    return page


def refused(video_id: str, error: CollectError) -> Page:
    """Say how a video stands by the reason of a refusal; raise it again where it is about us, not about the video."""
    try:
        told = decode(error.body)
    except (DecodeError, UnicodeDecodeError):
        raise error from None
    said = text(at(told, "detail")) or text(at(told, "error")) or ""
    code = text(at(told, "code")) or (text(at(told, "type")) or "").rpartition("/")[2]
    standing = next((kind for words, kind in _REFUSALS if words == code or words in said), None)
    if standing is None:
        raise error
    return Page(availability=[replace(standing, id=video_id, said=said)])


def _page_of(records: list[Any], seen: Seen) -> Page:
    pager, odd = Pager(), 0
    for line, record in enumerate(records, start=1):
        try:
            if record["privacy"]["id"] in _TO_ALL:
                pager.add(video(record, seen), line)
            else:
                pager.reject(line, f"privacy: {at(record, 'privacy', 'id')!r:.20} is not public, left out", None)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            odd += 1
            pager.reject(line, f"{type(error).__name__}: {error}"[:200], record)
    if odd and odd == len(records):
        raise Changed(f"none of {odd} videos can be read: {pager.page.rejects[0].reason}")
    return pager.page


def _not_there(video_id: str, status: int, told: Any) -> Availability:
    said = text(at(told, "detail")) or text(at(told, "error"))
    if said is None:
        raise Changed(f"{status} without a reason: this is not the API")
    return replace(_NOT_THERE[status], id=video_id, said=said)


def _placed(page: Page, asked: Json, given: int, total: int) -> Page:
    """Say down to where a search has read, newest first, and where it goes on."""
    edge, since = _time(asked["edge"]), _time(asked["since"]) if asked["since"] else None
    dates = [post.published_at for post in page.posts if post.published_at]
    in_order = dates == sorted(dates, reverse=True)  # else it is not known what lies between
    oldest = min(dates[-1], edge) if dates and in_order else edge
    seen = asked["start"] + given
    stuck = not given and oldest >= _time(asked["until"])
    page.done, page.claimed_total = seen >= total or stuck, asked.get("claimed", total)
    page.cut_short = "the server says that there are more, and gives none" if page.done and seen < total else None
    ended = page.done and not page.cut_short
    page.window = Window(since=(min(since, edge) if since else None) if ended else oldest, until=edge)
    if not page.done:  # where its results end, it is asked for those below the oldest that it gave
        below = {"start": seen} if given else {"start": 0, "until": oldest.isoformat()}
        page.cursor = json.dumps({**asked, "edge": oldest.isoformat(), "claimed": page.claimed_total, **below})
    return page


def _time(said: str) -> datetime:
    return read_time(said)[0]
