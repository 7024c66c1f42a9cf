"""GDELT DOC 2.0: news articles of the whole world by the words in them, in 65 languages and their English translations.

Terms: free for any use with the source named. Limits: one request each 5 seconds (refused more often when the service
is busy), 250 articles an answer, three months back. An answer that is nearly full is asked for again in halves of its
time, down to 15 minutes; what is full even then counts from below. A time is when GDELT first saw the article.

No recorded answer was at hand: the documented form is read, and errors that others reported, which come as plain text
with status 200. Unconfirmed [U]: how phrases in Chinese and Japanese are cut into words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from spillover import (
    Answer,
    Broken,
    Changed,
    Collector,
    Page,
    Post,
    Query,
    RateLimited,
    Refused,
    Window,
    country,
    language,
)

_API = "https://api.gdeltproject.org/api/v2/doc/doc"
_MOST = 250
_NEARLY_FULL = 225
_SHORTEST = timedelta(minutes=15)  # GDELT's own step
_REACH = timedelta(days=90)
_STAMP = "%Y%m%d%H%M%S"
_ESCAPE = re.compile(r'\\(?!["\\/bfnrtu])')  # GDELT does not escape backslashes in titles
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")  # Japanese and Chinese: a phrase may look like a word
_REFUSALS = ("too short", "too long", "invalid", "unsupported", "must be", "must contain", "not allowed")


class Gdelt(Collector):
    """The cursor holds the stretches of time that are still to be asked for, the newest last."""

    name = "gdelt"
    hosts = ("api.gdeltproject.org",)
    finds = frozenset({"title", "phrase"})
    terms = "https://www.gdeltproject.org/about.html#termsofuse"
    per_minute = 12.0
    every_s = 3600

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        stretches, cut_short = _stretches(window, self.client.now()) if cursor is None else (_read_cursor(cursor), None)
        while stretches:
            since, until = stretches.pop()
            articles = self._articles(query, since, until)
            page = Page(posts=_posts(articles), window=Window(since=since, until=until), cut_short=cut_short)
            if len(articles) >= _NEARLY_FULL and until - since > _SHORTEST:
                middle = since + (until - since) / 2
                stretches += [(since, middle), (middle, until)]
                page.window = Window(since=until, until=until)  # its posts are real, but it covers nothing for certain
            elif len(articles) >= _NEARLY_FULL:
                page.cut_short = f"{_MOST} articles is all GDELT gives: a lower bound"
            page.done, page.cursor = not stretches, _write_cursor(stretches)
            yield page

    def _articles(self, query: Query, since: datetime, until: datetime) -> list[dict[str, Any]]:
        asked = {
            "query": _words(query.text),
            "mode": "ArtList",
            "format": "json",
            "maxrecords": str(_MOST),
            "sort": "DateDesc",
            "startdatetime": since.astimezone(UTC).strftime(_STAMP),
            "enddatetime": until.astimezone(UTC).strftime(_STAMP),
        }
        told = _told(self.client.get(_API, params=asked))
        articles = told.get("articles") if told else []  # {} is GDELT's word for nothing
        if not isinstance(articles, list) or not all(isinstance(row, dict) and row.get("url") for row in articles):
            raise Changed("articles of another shape")
        return articles


def _posts(articles: list[dict[str, Any]]) -> list[Post]:
    posts = {post.id: post for post in map(_post, articles)}
    return list(posts.values())


def _post(article: dict[str, Any]) -> Post:
    url = _without_fragment(article["url"])
    region = country(article.get("sourcecountry") or "")
    return Post(
        id=url,
        url=url,
        kind="article",
        title=article.get("title"),
        published_at=_seen_at(article.get("seendate")),
        published_precision="minute",
        lang=language(article.get("language") or ""),
        region=region,
        region_basis="outlet" if region else None,
    )


def _seen_at(text: str | None) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if text else None
    except ValueError as error:
        raise Changed(f"seendate: {error}") from error


def _stretches(window: Window, now: datetime) -> tuple[list[tuple[datetime, datetime]], str | None]:
    """Return what to ask for: the last day where nothing is said, and nothing before GDELT's own reach."""
    until = min(window.until or now, now)
    since = window.since or until - timedelta(days=1)
    floor = now - _REACH
    if until <= floor:
        since = until = floor
    cut_short = "GDELT reaches back three months" if since < floor or until == floor else None
    return [(max(since, floor), until)], cut_short


def _words(text: str) -> str:
    """Return a query for a text: in quotes where it is more than one word, for GDELT refuses short words in quotes."""
    words = re.sub(r'["()]+', " ", text).split()
    plain = " ".join(words)
    return plain if len(words) == 1 and plain.isalnum() and not _UNSPACED.search(plain) else f'"{plain}"'


def _told(answer: Answer) -> dict[str, Any]:
    text = answer.body.decode("utf-8-sig", "replace").strip()
    if not text.startswith("{"):
        raise _refusal(text, answer.fetched_at)
    for attempt in (text, _ESCAPE.sub(r"\\\\", text)):
        try:
            told = json.loads(attempt, strict=False)  # control characters stand in titles as they are
        except ValueError:
            continue
        return told if isinstance(told, dict) else {}
    raise Broken("half an answer: its JSON has no end")


def _refusal(text: str, now: datetime) -> Exception:
    said = " ".join(text.split())[:200]
    if "limit requests" in said.lower():
        return RateLimited(said, retry_at=now + timedelta(minutes=1))
    if said.startswith("<"):
        return Broken("GDELT answered with a page of HTML")
    if any(word in said.lower() for word in _REFUSALS):
        return Refused(said)
    return Changed(f"what came is no list of articles: {said}")


def _without_fragment(url: str) -> str:
    parts = urlsplit(url.strip())
    return urlunsplit(parts._replace(netloc=parts.netloc.lower(), fragment=""))


def _write_cursor(stretches: list[tuple[datetime, datetime]]) -> str | None:
    return json.dumps([[since.isoformat(), until.isoformat()] for since, until in stretches]) if stretches else None


def _read_cursor(cursor: str) -> list[tuple[datetime, datetime]]:
    return [(datetime.fromisoformat(since), datetime.fromisoformat(until)) for since, until in json.loads(cursor)]
