"""A mapping file: which column of a table is which field, and what holds where a row says nothing.

[columns]
views = "play_count"        # our name = theirs
[defaults]
platform = "kuaishou"       # for rows that say none
zone = "Asia/Shanghai"      # of times that say none
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from collectors._formats.fields import shown
from spillover import UsageError, read_time

# Our names, and what other programs call the same. The first that is there counts.
ALIASES: dict[str, tuple[str, ...]] = {
    "platform": ("platform", "source_platform", "network"),
    "id": ("id", "post_id", "native_id", "item_id", "video_id", "tweet_id", "id_str"),
    "url": ("url", "post_url", "permalink", "link", "webpage_url", "tiktok_url"),
    "kind": ("kind",),
    "title": ("title", "subject", "headline"),
    "text": ("text", "body", "full_text", "message", "caption", "description", "desc", "content"),
    "author": (
        "author_id",
        "channel_id",
        "user_id",
        "account_id",
        "author",
        "uploader_id",
        "username",
        "user_name",
        "page_name",
    ),
    "name": (
        "author",
        "author_name",
        "author_fullname",
        "author_full",
        "username",
        "user_name",
        "nickname",
        "channel_title",
        "screen_name",
        "page_name",
    ),
    "published_at": (
        "published_at",
        "publish_date",
        "created_at",
        "unix_timestamp",
        "create_time",
        "post_created",
        "timestamp",
        "date",
        "upload_date",
    ),
    "lang": ("lang", "language"),
    "region": ("region", "country", "country_code", "ip_location", "ip_label"),
    "views": ("views", "view_count", "play_count", "plays", "impression_count", "impressions", "post_views"),
    "likes": ("likes", "like_count", "digg_count", "favorite_count", "favourites_count", "num_likes", "upvotes"),
    "shares": (
        "shares",
        "share_count",
        "reposts",
        "repost_count",
        "retweet_count",
        "retweets",
        "forwards",
        "reblogs_count",
    ),
    "comments": ("comments", "comment_count", "num_comments", "replies", "reply_count", "replies_count"),
    "observed_at": (
        "observed_at",
        "fetched_at",
        "collected_at",
        "retrieved_at",
        "timestamp_collected",
        "captured_at",
        "recorded_at",
        "recorded",
        "scraped_at",
    ),
    "hashtags": ("hashtags", "tags"),
    "links": ("links", "urls", "link_url"),
    "duration_s": ("duration_s", "duration", "video_duration"),
    "followers": ("followers", "follower_count", "followers_count", "author_followers"),
    "repost_of": ("retweeted_id", "retweeted_status_id"),
    "quote_of": ("quoted_id", "quoted_status_id"),
    "reply_to": ("in_reply_to_id", "in_reply_to_status_id", "in_reply_to_tweet_id"),
    "forward_of": (),
}
# Which relation to the post whose id stands there a column states. They are the last of the names above. Where a mapping
# does not name it, a column counts by a name that says it holds an id: in "reply_to" some programs write accounts.
RELATIONS = {"repost_of": "repost", "quote_of": "quote", "reply_to": "reply", "forward_of": "forward"}
_FIELDS = tuple(ALIASES)


@dataclass(frozen=True)
class Rules:
    """What a mapping file says."""

    columns: Mapping[str, str] = field(default_factory=dict)
    platform: str | None = None
    zone: tzinfo = UTC
    lang: str | None = None
    region: str | None = None
    observed_at: datetime | None = None


_DEFAULTS = ("platform", "zone", "lang", "region", "observed_at")


def read_mapping(path: Path) -> Rules:
    """Read a mapping file; raise UsageError that names the file, the key and what is right."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: {error}") from error
    columns, defaults = _section(path, found, "columns", _FIELDS), _section(path, found, "defaults", _DEFAULTS)
    if strange := found.keys() - {"columns", "defaults"}:
        raise UsageError(f"{path}: {min(strange)}: a mapping has [columns] and [defaults] only")
    try:
        zone = ZoneInfo(defaults["zone"]) if "zone" in defaults else UTC
        observed_at = read_time(defaults["observed_at"], zone=zone)[0] if "observed_at" in defaults else None
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UsageError(f"{path}: defaults: {error}") from error
    return Rules(columns, defaults.get("platform"), zone, defaults.get("lang"), defaults.get("region"), observed_at)


def _section(path: Path, found: dict[str, Any], name: str, keys: Sequence[str]) -> dict[str, str]:
    section = found.get(name, {})
    if not isinstance(section, dict):
        raise UsageError(f"{path}: {name}: write it as a table, [{name}]")
    for key, value in section.items():
        if key not in keys:
            raise UsageError(f"{path}: {name}.{key}: no such key; there are {', '.join(keys)}")
        if not isinstance(value, str):
            raise UsageError(f"{path}: {name}.{key}: {shown(value)} is no text")
    return section
