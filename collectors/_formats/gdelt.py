"""GDELT's lists of articles: JSON as GDELT writes it, its refusals in plain text with status 200, and the articles."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors._formats.fields import Json, at, text
from collectors._formats.web import found_at
from spillover import Answer, Broken, Changed, Page, Post, RateLimited, Refused, Reject, country, is_wall, language

_ESCAPE = re.compile(r'\\(?!["\\/bfnrtu])')  # GDELT does not escape backslashes in titles
_REFUSALS = ("too short", "too common", "too long", "invalid", "unsupported", "must be", "must contain", "not allowed")


def page(answer: Answer) -> tuple[Page, int]:
    """Return the articles of an answer, each once, and how many came; raise what another answer stands for."""
    found: dict[str, Post] = {}
    rejects: list[Reject] = []
    articles = _articles(answer)
    for line, row in enumerate(articles, 1):
        try:
            post = article(row)
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            rejects.append(Reject(line=line, reason=f"{type(error).__name__}: {error}"))
            continue
        found[post.id] = post
    if rejects and not found:
        raise Changed(f"no article can be read: {rejects[0].reason}")
    return Page(posts=[*found.values()], rejects=rejects), len(articles)


def _articles(answer: Answer) -> list[Json]:
    told = _told(answer)
    articles: Any = told.get("articles") if told else []  # {} is GDELT's word for nothing
    if not isinstance(articles, list):
        raise Changed(f"articles of another shape: an object with {', '.join(list(told)[:9])}")
    return articles


def _told(answer: Answer) -> Json:
    text = answer.body.decode("utf-8-sig", "replace").strip()
    if not text.startswith("{"):
        raise _refusal(text, answer)
    for attempt in (text, _ESCAPE.sub(r"\\\\", text)):
        try:
            told: Json = json.loads(attempt, strict=False)  # control characters stand in titles as they are
        except (ValueError, RecursionError):
            continue
        return told
    raise Broken("half an answer: its JSON has no end")


def _refusal(text: str, answer: Answer) -> Exception:
    said = " ".join(text.split())[:200]
    if "limit requests" in said.lower():
        return RateLimited(said, retry_at=answer.fetched_at + timedelta(minutes=1))
    if said.startswith("<"):
        walled = is_wall(answer.body)
        return Refused("GDELT answered with a bot wall") if walled else Broken("GDELT answered with a page of HTML")
    if any(word in said.lower() for word in _REFUSALS):
        return Refused(said)
    return Changed(f"what came is no list of articles: {said}")


def article(found: Json) -> Post:
    """Return an article of a list; raise ValueError and its kin for what is none."""
    place = found_at(found["url"])
    region, seen = country(found.get("sourcecountry") or ""), found.get("seendate")
    return Post(
        id=place.id,
        platform=place.platform,
        url=place.url,
        kind="article",
        title=text(at(found, "title")),
        published_at=datetime.strptime(seen, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if seen else None,
        published_precision="minute",
        lang=language(found.get("language") or ""),
        region=region,
        region_basis="outlet" if region else None,
    )
