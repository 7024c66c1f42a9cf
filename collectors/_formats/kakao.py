"""Results of Kakao's Daum search, and its refusals, which come with status 400."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

from collectors._formats.fields import Json, Seen, account, plain, published, seconds, text
from collectors._formats.web import found_at
from spillover import Broken, CollectError, Post, RateLimited, Refused

_KOREA = timezone(timedelta(hours=9))
_KIND = {"web": "page", "vclip": "video"}
_REFUSED = {-3, -4, -5, -6, -8, -9, -12, -401, -903}


def read(kind: str, item: Json, now: datetime) -> Post:
    """Return a result of one kind: web, vclip, blog, cafe. A café is no account, a blog is named after one."""
    where = found_at(item["url"])
    date = published(item.get("datetime"), "datetime", Seen(None, now), _KOREA)
    return Post(
        id=where.id,
        platform=where.platform,
        url=where.url,
        kind=_KIND.get(kind, "post"),
        title=plain(item["title"]),
        text=plain(item.get("contents")),
        author=account(None, text(item.get("blogname") or item.get("author"))),
        published_at=date.at,
        published_precision=date.precision,
        duration_s=seconds(item.get("play_time")),
    )


def refusal(body: bytes, now: datetime) -> CollectError | None:
    """Return what an answer without results means; None where it says nothing of the kind."""
    try:
        told = json.loads(body)
        code, kind = told.get("code"), told.get("errorType")
    except (ValueError, AttributeError):
        return None
    if code == -10 or kind in ("RequestThrottled", "TooManyRequests"):
        midnight = now.astimezone(_KOREA).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return RateLimited("Kakao: the day's quota is used up", retry_at=midnight)
    if code in _REFUSED or kind in ("AccessDeniedError", "InvalidAppKey"):
        return Refused(f"Kakao refuses: {code or kind}")
    return Broken(f"Kakao answers with error {code or kind}") if code or kind else None
