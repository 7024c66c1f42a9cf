"""Any table with a row a post. The obvious names need no mapping; a mapping file names the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache
from operator import itemgetter
from typing import Any

from collectors._formats.fields import Seen, at, count, hashtags_in, identity, language, published, seconds, shown, text
from collectors._formats.headers import Columns, folded, is_nan
from collectors._formats.mapping import ALIASES, RELATIONS, Rules
from collectors._formats.regions import from_code, from_label
from spillover import Author, Count, Counts, Parent, Post, UsageError, read_time

NAME = "table"

_PLATFORMS = {
    "twitter": "x",
    "rednote": "xiaohongshu",
    "xhs": "xiaohongshu",
    "truth": "truthsocial",
    "truth_social": "truthsocial",
    "wechat": "wechat_channels",
}


def fits(names: Sequence[str], mapping: Rules | None = None) -> bool:
    """Say whether each row of such a table can be told from others: by an address, or an id and its platform."""
    places = _places(names, mapping or Rules())
    if mapping is not None:
        return places["id"] is not None or places["url"] is not None
    return places["url"] is not None or (places["id"] is not None and places["platform"] is not None)


def _places(names: Sequence[str], mapping: Rules) -> dict[str, int | None]:
    columns = Columns(names)
    claimed = {folded(name) for name in mapping.columns.values()}
    places = {}
    for ours, theirs in ALIASES.items():
        if ours in mapping.columns:
            places[ours] = columns.place(mapping.columns[ours])
        else:  # what the mapping gives to one field is not also another
            places[ours] = columns.place(*(name for name in theirs if folded(name) not in claimed))
    return places


def reader(names: Sequence[str], seen: Seen, mapping: Rules | None = None) -> Callable[[Sequence[Any]], Post]:
    """Return what makes a post of a row of values; it raises ValueError with the name of the field that cannot be read."""
    rules = mapping or Rules()
    for ours, theirs in rules.columns.items():
        if folded(theirs) not in Columns(names).places:
            raise UsageError(f"columns.{ours}: no column {theirs!r}; there are {', '.join(map(str, names))[:500]}")
    places = _places(names, rules)
    absent = len(names)
    pick = itemgetter(*(absent if place is None else place for place in places.values()))
    default_platform, zone = rules.platform or "", rules.zone
    default_observed = rules.observed_at or seen.observed_at

    def post(values: Sequence[Any]) -> Post:
        (
            platform, native_id, url, kind, title, body, author, name, published_at, lang, region, views, likes, shares, comments, observed_at,
            hashtags, links, duration, followers, *stated,
        ) = pick((*values, None))  # fmt: skip
        seen_at = _seen_at(observed_at, zone) if observed_at else default_observed
        if url:
            url = _address(url)
        platform = _platform(platform) or default_platform
        if not (platform and native_id not in (None, "")) or (url and not _says(url, native_id, platform)):
            platform, native_id, url = _resolved(platform, native_id, url)
        date = _date(published_at, seen_at, seen, zone) if published_at else _NO_DATE
        return Post(
            id=native_id
            if type(native_id) is str and native_id.isalnum() and len(native_id) < 100
            else identity(native_id),
            platform=platform,
            url=url or None,
            kind=kind or "post",
            title=_text(title) if title else None,
            text=_text(body) if body else None,
            author=_author(author, name, followers) if author or name else None,
            published_at=date[0],
            published_precision=date[1],
            lang=language(lang) if lang else rules.lang,
            region=_region(region) if region else rules.region,
            hashtags=_list(hashtags)
            if hashtags
            else (hashtags_in(body) if body and type(body) is str and "#" in body else ()),
            links=_list(links) if links else (),
            parents=_parents(stated) if any(stated) else (),
            duration_s=seconds(duration) if duration else None,
            counts=Counts(
                views=_count(views, "views"),
                likes=_count(likes, "likes"),
                shares=_count(shares, "shares"),
                comments=_count(comments, "comments"),
            ),
            observed_at=seen_at,
        )

    return post


# Where the end of an address is not all of the id, or another form of it.
_IN_PARTS = frozenset({"bilibili", "mastodon", "nostr", "odysee", "peertube", "rutube", "telegram", "vk", "weibo"})
_NO_DATE: tuple[datetime | None, str] = (None, "second")


def _date(value: Any, seen_at: datetime | None, seen: Seen, zone: tzinfo) -> tuple[datetime | None, str]:
    if type(value) is str and len(value) > 18:  # most say it whole
        try:
            return read_time(value, zone=zone)
        except ValueError:
            pass  # said below, with what the date is relative to
    date = published(value, "published_at", seen.at(seen_at), zone)
    return date.at, date.precision


def _seen_at(value: Any, zone: tzinfo) -> datetime | None:
    try:
        return read_time(value, zone=zone)[0]
    except ValueError as error:
        raise ValueError(f"observed_at: {error}") from None


def _count(value: Any, name: str) -> Count:
    kind = type(value)
    if kind is int and 0 <= value < 2**63:
        return value  # type: ignore[no-any-return]
    if value is None or value == "" or is_nan(value):  # NaN: a column of whole numbers that had gaps
        return None
    return int(value) if kind is str and value.isdecimal() and len(value) < 19 else count(value, name)


def _text(value: Any) -> str | None:
    return value if type(value) is str else text(value)


def _platform(value: Any) -> str:
    if type(value) is str:
        return _named(value)
    if value is None or is_nan(value):
        return ""
    raise ValueError(f"platform: {shown(value)} is no name")


@lru_cache(maxsize=1024)
def _named(value: str) -> str:
    """Return a platform's name from one such as "YouTube" or "www.tiktok.com"."""
    name = value.strip().lower().removeprefix("www.").replace(" ", "_")
    for ending in (".com", ".net", ".cn", ".tv", ".ru"):
        name = name.removesuffix(ending)
    return _PLATFORMS.get(name, name)


def _address(value: Any) -> str | None:
    if type(value) is str:
        return value.strip()
    if is_nan(value):
        return None
    raise ValueError(f"url: {shown(value)} is no address")


def _says(url: str, native_id: Any, platform: str) -> bool:
    """Say whether an address ends in the id as it stands, so that there is nothing to look up."""
    return platform not in _IN_PARTS and type(native_id) is str and url.endswith(native_id)


def _resolved(platform: str, native_id: Any, url: str | None) -> tuple[str, Any, str | None]:
    """Return how a post is known: as its address says, so that it has one id whoever brought it, else as the row says."""
    from spillover import resolve  # loaded by those tables only that need it

    if not url:
        raise ValueError(
            "id: nothing, and no url that would say it; every record needs an id and a platform, or an address"
        )
    address = resolve(url)
    if address.private:
        raise ValueError(f"url: of {_host(url)}, and private; only public posts are kept")
    if address.kind == "channel" and (not platform or native_id in (None, "")):
        raise ValueError(f"url: of {_host(url)}, and a channel; a record is one post")
    has_id = native_id not in (None, "")
    if address.platform and address.post_id and address.kind != "channel" and platform in ("", address.platform):
        return address.platform, native_id if has_id and address.needs_network else address.post_id, url
    if platform == "web" and address.platform is None and address.page_id and not address.needs_network:
        return platform, address.page_id, url
    if platform:
        return platform, native_id if has_id else address.page_id or url, url
    if address.needs_network:
        raise ValueError(f"url: of {_host(url)}, which only leads elsewhere; give the address where it ends")
    raise ValueError(
        f"platform: nothing, and {_host(url)} is none that we know; add a column platform, or [defaults] platform to a mapping"
    )


def _host(url: str) -> str:
    """Return the host of an address: the rest may name an account, which no message quotes."""
    found = re.match(r"(?:[a-z]+://)?([\w.:-]{1,80})(?:[/?#]|$)", url, re.IGNORECASE)
    return found[1] if found else "no host"


def _author(author: Any, name: Any, followers: Any) -> Author | None:
    known = _whole(followers)
    if type(author) is str and type(name) is str:
        return Author(id=author, names=(name,), followers=known)
    if isinstance(author, dict):
        found = [at(author, key) for key in ("id", "username", "handle", "name", "nickname")]
        names = [str(value) for value in found if isinstance(value, (str, int)) and value != ""]
        return Author(id=names[0], names=tuple(names), followers=known) if names else None
    stable, other = text(author) or text(name), text(name)
    return Author(id=stable, names=(other,) if other else (), followers=known) if stable else None


def _whole(value: Any) -> int | None:
    if value is None or value == "" or is_nan(value):
        return None
    try:
        found = _count(int(value) if type(value) is float and value.is_integer() else value, "followers")
    except ValueError:  # it sizes an account, and is no reason to lose a post
        return None
    return found if isinstance(found, int) else None


def _parents(stated: Sequence[Any]) -> tuple[Parent, ...]:
    """Return the posts from which a row says it came, on its own platform."""
    return tuple(
        Parent(id=identity(value, name), relation=relation)
        for (name, relation), value in zip(RELATIONS.items(), stated, strict=True)
        if value not in (None, "") and not is_nan(value)
    )


def _region(value: Any) -> str | None:
    return _coded(value) if type(value) is str else None


@lru_cache(maxsize=1024)
def _coded(value: str) -> str | None:
    return from_code(value) or from_label(value)


def _list(value: Any) -> tuple[str, ...]:
    """Return the items of a list, or of a text in which commas, semicolons or spaces part them."""
    if isinstance(value, (list, tuple)):
        parts: Iterator[Any] = iter(value)
    else:
        parts = iter(
            str(value).replace(";", ",").replace("|", ",").split(",")
            if any(sign in str(value) for sign in ",;|")
            else str(value).split()
        )
    return tuple(
        dict.fromkeys(part.strip().lstrip("#") for part in parts if isinstance(part, str) and part.strip().lstrip("#"))
    )
