"""Weibo: posts (``mblog``) as the mobile and the desktop site answer, with the post that a repost carries.

Times without a zone are China's; a day without a year is the last of that name. A post that is gone is told by the
text that stands in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from collectors._formats.fields import (
    CHINA,
    Item,
    Json,
    Published,
    Seen,
    Trouble,
    account,
    at,
    count,
    dicts,
    first,
    identity,
    links_in,
    plain,
    published,
    seconds,
    text,
    unique,
)  # fmt: skip
from collectors._formats.regions import from_label
from spillover import Availability, Counts, Parent, Post, read_time

NAME = "weibo"
TOTAL = ("cardlistInfo", "total")
_HREF = re.compile(r"(?:data-url|href)=[\"']([^\"']+)[\"']")
_HASHTAG = re.compile(r"#([^#\n]{1,60})#")
_FIRST_SECOND = 515_483_463  # what a post's number counts from
_SUPER_TOPIC = "[超话]"
# What stands in the place of a post that is not shown, and what it says about the cause. The first that is found holds.
_NOT_SHOWN: tuple[tuple[str, str, str | None], ...] = (
    (r"作者删除|原作者删除", "gone", "author"),
    (r"隐私设置|仅展示|仅.{0,6}可见|没有查看权限|无查看权限|权限设置", "private", "author"),
    (r"账号|帐号", "gone", "account"),
    (r"投诉|公约|管理规定|法律法规|违反|违规", "gone", "platform"),
    (r"抱歉|不存在|无法查看|已被删除", "unknown", "missing"),
)


def finds(record: Json) -> bool:
    """Say whether this is a post: a card of users, topics or advertising has none of its marks."""
    return (
        "text" in record
        and ("mid" in record or "mblogid" in record)
        and ("attitudes_count" in record or "user" in record or "deleted" in record)
    )


def knows(record: Json) -> bool:
    """Say whether this is an answer that may hold posts: it ended, or holds other cards only."""
    return "cardlistInfo" in record or "card_type" in record


def read(record: Json, seen: Seen, *, aside: bool = False) -> Iterator[Item]:
    """Yield the post, and, aside, the one that it reposts."""
    post_id = identity(first(record, "mid", "idstr", "id"), "mid")
    original = record.get("retweeted_status")
    if (check := _availability(record, post_id, seen)) is not None:
        yield check
    else:
        yield _post(record, post_id, original if isinstance(original, dict) else None, seen, aside=aside)
    if isinstance(original, dict):
        try:
            yield from read(original, seen, aside=True)
        except ValueError as error:
            yield Trouble(f"retweeted_status: {error}", original)


def _post(record: Json, post_id: str, original: Json | None, seen: Seen, *, aside: bool) -> Post:
    date = _date(record.get("created_at"), post_id, seen)
    label = from_label(record.get("region_name"))
    markup = first(record, "text") or ""
    body = plain(first(record, "raw_text", "text_raw")) or plain(markup)
    video = _video(record)
    carried = (_address(first(original, "mid", "idstr", "id")),) if original else ()
    return Post(
        id=post_id,
        platform=NAME,
        url=_address(post_id),
        kind="repost" if original is not None else "video" if video else "post",
        title=text(at(video, "titles", 0, "title")) or text(at(video, "kol_title")) if video else None,
        text=body,
        author=account(
            at(record, "user", "idstr") or at(record, "user", "id"),
            at(record, "user", "screen_name"),
            followers=at(record, "user", "followers_count"),
        ),
        published_at=date.at,
        published_precision=date.precision,
        region=label,
        region_basis="ip_label" if label else None,
        hashtags=unique(tag.replace(_SUPER_TOPIC, "").strip() for tag in _HASHTAG.findall(body or "")),
        links=unique((*carried, *_links(record, markup, body))),
        parents=_parents(original),
        duration_s=seconds(at(video, "duration")),
        counts=_counts(record, video if original is None else None),
        observed_at=seen.observed_at,
        aside=aside,
    )


def _parents(original: Json | None) -> tuple[Parent, ...]:
    """Return the post that is reposted: always the first one, the steps between are not given."""
    found = first(original, "mid", "idstr", "id") if original else None
    return (Parent(id=identity(found, "retweeted_status.mid"), relation="repost"),) if found else ()


def _date(said: Any, post_id: str, seen: Seen) -> Published:
    """Return when a post was made. Where the page says no year or no day, its number does: it counts from its second."""
    try:
        return Published(*read_time(said, zone=CHINA))
    except ValueError:
        made_at = _made_at(post_id)
    if made_at is None or seen.observed_at is not None:
        return published(said, "created_at", seen, CHINA)
    by_text = published(said, "created_at", Seen(None, made_at + timedelta(days=1)), CHINA)
    is_dated = isinstance(said, str) and said[:1].isdecimal() and "-" in said
    if is_dated and by_text.at is not None and abs(by_text.at - made_at) > timedelta(days=1):
        return published(said, "created_at", seen, CHINA)
    return Published(made_at, "second")


def _made_at(post_id: str) -> datetime | None:
    """Return the second that the upper bits of a number hold; so it was in all posts at hand, and it is checked by the day."""
    if not post_id.isdecimal() or not 15 <= len(post_id) <= 17:
        return None
    return datetime.fromtimestamp((int(post_id) >> 22) + _FIRST_SECOND, UTC)


def _address(post_id: Any) -> str | None:
    return f"https://m.weibo.cn/detail/{post_id}" if post_id else None


def _counts(record: Json, video: Json | None) -> Counts:
    """Return the counts; plays are those of the video, which the page prints rounded or the record holds whole."""
    plays = at(record, "page_info", "play_count") or at(video, "play_count") or at(video, "online_users_number")
    return Counts(
        views=count(plays, "play_count") if video else None,
        likes=count(record.get("attitudes_count"), "attitudes_count"),
        shares=count(record.get("reposts_count"), "reposts_count"),
        comments=count(record.get("comments_count"), "comments_count"),
    )


def _video(record: Json) -> Json | None:
    info = at(record, "page_info", "media_info")
    return info if isinstance(info, dict) and at(record, "page_info", "type") in ("video", 11, "11") else None


def _links(record: Json, markup: str, body: str | None) -> Iterator[str]:
    """Yield the addresses of a post, without those of people, topics and cards of the site itself."""
    yield from links_in(body)
    for part in dicts(record.get("url_struct")):
        yield from (found for name in ("long_url", "short_url") if isinstance(found := part.get(name), str))
    for href in _HREF.findall(markup):
        address = plain(href) or ""
        if "sinaurl" in address:
            address = next(iter(parse_qs(urlsplit(address).query).get("u", ())), address)
        if address.startswith("http") and not re.match(
            r"https?://(?:m\.)?(?:s\.)?weibo\.(?:cn|com)/(?:p/|search|n/|k/|weibo\?)", address
        ):
            yield address


def _availability(record: Json, post_id: str, seen: Seen) -> Availability | None:
    """Return what a record says that has no author any more: its text is the platform's."""
    if isinstance(record.get("user"), dict) and not record.get("deleted"):
        return None
    words = plain(record.get("text")) or ""
    for pattern, status, cause in _NOT_SHOWN:
        if re.search(pattern, words):
            return Availability(id=post_id, platform=NAME, status=status, cause=cause, checked_at=seen.observed_at)  # type: ignore[arg-type]
    if "user" in record and record["user"] is None:
        return Availability(id=post_id, platform=NAME, status="unknown", cause="missing", checked_at=seen.observed_at)
    raise ValueError("user: missing, and the text is none that stands in the place of a post")
