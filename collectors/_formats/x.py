"""What the three shapes of X share: addresses, what "withheld" means, and what stands in the place of a post.

A repost (retweet) shows the counts of its original, so it has none of its own here; the original is a post of its own
wherever the answer holds it.
"""

from __future__ import annotations

import re
from typing import Any

from collectors._formats.fields import Json, Seen, dicts, first, unique
from spillover import Availability

NAME = "x"
_EVERYWHERE, _COPYRIGHT = "XX", "XY"  # pseudo-countries of the API
# What X writes in the place of a post, and what it says about the cause. The first that is found holds.
_NOT_SHOWN: tuple[tuple[str, str, str | None], ...] = (
    (r"deleted by the|^deleted$|bouncedeleted", "gone", "author"),
    (r"suspended", "gone", "account"),
    (r"no longer exists|deactivated", "gone", "account"),
    (r"limits who can view|protected", "private", "account"),
    (r"not authorized", "unknown", "account"),  # said of protected and of suspended accounts alike
    (r"violated|rules", "gone", "platform"),
    (r"withheld", "withheld", "legal"),
    (r"age-restricted|adult content|nsfw|logged ?out", "unknown", "age_or_login"),
)

_NAMED = re.compile(r"\s*\[[^\]]*\]")  # what X puts into brackets: an id, or an account


def address(post_id: Any) -> str:
    """Return the address of a post that names no account."""
    return f"https://x.com/i/status/{post_id}"


def not_shown(post_id: str, words: str, seen: Seen) -> Availability:
    """Return what the words in the place of a post say; "unavailable" alone says nothing about the cause."""
    status, cause = "unknown", "missing"
    for pattern, found, why in _NOT_SHOWN:
        if re.search(pattern, words, re.IGNORECASE):
            status, cause = found, why or ""
            break
    said = _NAMED.sub("", words) or None
    return Availability(id=post_id, platform=NAME, status=status, cause=cause, checked_at=seen.observed_at, said=said)  # type: ignore[arg-type]


def withheld(
    post_id: str, countries: Any, copyright_claim: Any, seen: Seen, *, scope: Any = None
) -> Availability | None:
    """Return in which countries a post is withheld, or None where it is not; ``scope`` says whether its whole account is."""
    codes = unique(countries) if isinstance(countries, list) else ()
    if not codes and not copyright_claim:
        return None
    everywhere = _EVERYWHERE in codes or bool(copyright_claim)
    return Availability(
        id=post_id,
        platform=NAME,
        status="withheld",
        cause="legal",
        allowed_in=() if everywhere else None,
        blocked_in=None if everywhere else tuple(code for code in codes if code != _COPYRIGHT),
        checked_at=seen.observed_at,
        said=f"withheld, scope: {scope}" if scope in ("tweet", "post", "user") else None,
    )


def links(entities: Any) -> tuple[str, ...]:
    """Return where the short links of a post lead."""
    parts = dicts(entities.get("urls")) if isinstance(entities, dict) else []
    return unique(first(part, "unwound_url", "expanded_url", "url") for part in parts)


def hashtags(entities: Any) -> tuple[str, ...]:
    """Return the hashtags of a post."""
    parts = dicts(entities.get("hashtags")) if isinstance(entities, dict) else []
    return unique(first(part, "tag", "text") for part in parts)


def duration(media: list[Json]) -> float | None:
    """Return the length of the first video of a post, in seconds."""
    for part in media:
        info = part.get("video_info")
        length = part.get("duration_ms") or (info.get("duration_millis") if isinstance(info, dict) else None)
        if isinstance(length, int) and length > 0:
            return length / 1000
    return None
