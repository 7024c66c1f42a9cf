"""Nostr events (NIP-01) as posts: notes, reposts, comments, articles and videos.

An event's id is the SHA-256 of what it says, so what was changed on its way is found out. Whether its key signed it is not
checked, for no library that we have knows Schnorr's signatures: a relay could make up an event in anybody's name. The
time is the author's own claim.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

from msgspec.structs import replace

from collectors._formats.fields import Json, hashtags_in, links_in, seconds, text, unique
from spillover import Author, Availability, Parent, Post, read_time

_ID = re.compile(r"[0-9a-f]{64}")  # what else a tag may hold is an address, and names a key
REPOSTS = (6, 16)
DELETION = 5
KINDS = {
    1: "post", 6: "repost", 16: "repost", 21: "video", 22: "video", 1111: "comment", 30023: "article", 34235: "video", 34236: "video",
}  # fmt: skip


def posts(event: Json) -> Iterator[Post]:
    """Yield the event's post; of a repost also the original that it quotes, as an aside; of a deletion none."""
    checked(event)
    if event["kind"] == DELETION:
        return
    if event["kind"] not in KINDS:
        raise ValueError(f"kind {event['kind']} was not asked for")
    original = _original(event) if event["kind"] in REPOSTS else None
    if original is None:
        yield _post(event)
        return
    repost = _post(event)
    shown = {"text": original.text, "title": original.title, "links": original.links, "hashtags": original.hashtags}
    yield replace(repost, lang=original.lang, **shown)
    yield replace(original, aside=True)


def checked(event: Json) -> Json:
    """Return the event; raise ValueError where its id is not that of what it says."""
    said = [0, *(event[name] for name in ("pubkey", "created_at", "kind", "tags", "content"))]
    whole = json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode()
    if sha256(whole).hexdigest() != event["id"]:
        raise ValueError("the id is not that of what the event says")
    return event


def is_id(value: str) -> bool:
    """Say whether this can be the id of an event."""
    return _ID.fullmatch(value) is not None


def standings(ids: Sequence[str], events: Sequence[Json], *, heard_all: bool) -> list[Availability]:
    """Say of each id how it stands; what is nowhere is missing only where every relay that was asked answered."""
    whole = [event for event in events if _is_whole(event)]
    kept = {event["id"]: event["pubkey"] for event in whole if event["kind"] != DELETION}
    wishes = [(name, event) for event in whole if event["kind"] == DELETION for name in named(event, "e")]
    return [
        _present(post_id, kept[post_id], [wish for name, wish in wishes if name == post_id])
        if post_id in kept
        else _absent(post_id, heard_all and is_id(post_id), is_wished=any(name == post_id for name, _ in wishes))
        for post_id in ids
    ]


def _present(post_id: str, author: str, wishes: list[Json]) -> Availability:
    own = next((wish for wish in wishes if wish["pubkey"] == author), None)
    if own is None:
        return Availability(id=post_id, status="up")
    return Availability(id=post_id, status="gone", cause="author", said=text(own["content"]) or "deletion request")


def _absent(post_id: str, is_missing: bool, *, is_wished: bool) -> Availability:
    said = "a deletion request names it, of a key that could not be compared" if is_wished else None
    cause = "missing" if is_missing else "error"
    return Availability(id=post_id, status="unknown", cause=cause, basis="absent", said=said)


def _is_whole(event: Json) -> bool:
    try:
        return checked(event) is event
    except (KeyError, TypeError, ValueError):
        return False


def named(event: Json, name: str) -> list[str]:
    """Return the first values of the tags of a name."""
    return [tag[1] for tag in event["tags"] if len(tag) > 1 and tag[0] == name]


def _post(event: Json) -> Post:
    is_repost = event["kind"] in REPOSTS
    body = None if is_repost else text(event["content"])
    media = [part for tag in event["tags"] if tag[:1] == ["imeta"] for part in tag[1:]]
    files = [part.removeprefix("url ") for part in media if part.startswith("url http")]
    lengths = [part.removeprefix("duration ") for part in media if part.startswith("duration ")]
    languages = [tag[1] for tag in event["tags"] if tag[:1] == ["l"] and tag[2:3] == ["ISO-639-1"]]
    return Post(
        id=event["id"],
        url=f"https://njump.me/{event['id']}",
        kind=KINDS[event["kind"]],
        title=text(next(iter(named(event, "title")), None)),
        text=body,
        author=Author(id=event["pubkey"]),
        published_at=read_time(event["created_at"])[0],
        lang=next(iter(languages), None),
        hashtags=unique(tag.lstrip("#") for tag in (*named(event, "t"), *hashtags_in(body))),
        links=unique(link for name in (*named(event, "r"), *files, body or "") for link in links_in(name)),
        parents=tuple(_parents(event)),
        duration_s=next((found for length in lengths if (found := seconds(length))), None),
    )


def _parents(event: Json) -> Iterator[Parent]:
    """Yield what an event reposts or quotes (NIP-18), or answers (NIP-10, NIP-22)."""
    events = [tag for tag in event["tags"] if tag[:1] == ["e"] and len(tag) > 1]
    if event["kind"] == 1:
        marks = {tag[3]: tag[1] for tag in events if len(tag) > 3 and tag[3]}
        unmarked = [tag[1] for tag in events if len(tag) < 4 or not tag[3]]
        answered = marks.get("reply") or marks.get("root") or next(reversed(unmarked), "")
    else:
        answered = events[0][1] if events else ""
    relation = "repost" if event["kind"] in REPOSTS else "reply"
    stated = [(answered, relation), *((quoted, "quote") for quoted in named(event, "q"))]
    yield from (Parent(id=parent, relation=how) for parent, how in stated if _ID.fullmatch(parent))


def _original(event: Json) -> Post | None:
    """Return the event that a repost carries in its text; None where it carries none, or another than it names."""
    try:
        found: Any = json.loads(event["content"])
        if found["kind"] in REPOSTS or found["id"] not in named(event, "e"):
            return None
        return _post(checked(found))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return None
