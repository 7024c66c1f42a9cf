"""Results of Naver's search, as its API gives them: titles with markup, times in Korea's own."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from collectors._formats.fields import Json, Seen, account, plain, published
from collectors._formats.web import found_at
from spillover import Post

_KOREA = timezone(timedelta(hours=9))


def read(kind: str, item: Json, now: datetime) -> Post:
    """Return a result of one kind: news, blog, cafearticle, webkr."""
    where = found_at(item.get("originallink") or item["link"])
    date = published(item.get("pubDate") or item.get("postdate"), "pubDate", Seen(None, now), _KOREA)
    shown_at = item["link"] if kind == "news" and item["link"] != where.url else None
    return Post(
        id=where.id,
        platform=where.platform,
        url=where.url,
        kind={"news": "article", "webkr": "page"}.get(kind, "post"),
        title=plain(item["title"]),
        text=plain(item.get("description")),
        author=account(item.get("bloggerlink"), item.get("bloggername")),
        published_at=date.at,
        published_precision=date.precision,
        region="KR" if kind == "news" else None,
        region_basis="edition" if kind == "news" else None,
        links=(shown_at,) if shown_at else (),
    )
