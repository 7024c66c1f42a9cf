"""Stories and counts of Media Cloud, and its national collections: which country's outlets each one holds.

Numbers of the collections: mediacloud/web-search, mcweb/backend/sources/data/country-collections.json (Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors._formats.fields import Json, Seen, language, published, text
from collectors._formats.web import found_at
from spillover import Measure, Post

COLLECTIONS = {
    "AE": 34412114, "AR": 34412043, "AT": 34412245, "AU": 34412282, "BD": 34412132, "BE": 34412298, "BR": 34412257,
    "BY": 34412217, "CA": 34411583, "CH": 34411591, "CL": 34412295, "CN": 34412193, "CO": 34412358, "CZ": 34412292,
    "DE": 34412409, "DK": 34412412, "EG": 34412471, "ES": 34412356, "FI": 34412208, "FR": 34412146, "GB": 34412476,
    "GR": 34412477, "HK": 34412306, "HU": 34412252, "ID": 34412392, "IE": 34412271, "IL": 34412391, "IN": 34412118,
    "IR": 34412284, "IT": 34412372, "JP": 34412056, "KE": 34412126, "KR": 34412127, "KZ": 34412415, "MA": 34412321,
    "MN": 34412201, "MO": 34412111, "MX": 34412427, "MY": 34412243, "NG": 38376341, "NL": 34412382, "NO": 34412171,
    "NZ": 34412098, "PE": 34412158, "PH": 34412313, "PK": 34412272, "PL": 34412416, "PT": 34412337, "RO": 34412235,
    "RS": 34412475, "RU": 34412232, "SA": 34412050, "SE": 34412223, "SG": 34412474, "SK": 34412152, "TH": 34412328,
    "TR": 34412131, "TW": 34412361, "UA": 38381103, "US": 34412234, "VE": 34412387, "VN": 34412246, "ZA": 34412238,
}  # fmt: skip
# Two questions a minute are all that there is, so a text is looked for where its language is read.
_READ_IN = {
    "ar": "EG SA AE MA", "bn": "BD", "cs": "CZ", "da": "DK", "de": "DE AT CH", "el": "GR", "en": "US GB IN AU CA",
    "es": "ES MX AR CO", "fa": "IR", "fi": "FI", "fr": "FR BE CA", "he": "IL", "hi": "IN", "hu": "HU", "id": "ID",
    "it": "IT", "ja": "JP", "kk": "KZ", "ko": "KR", "mn": "MN", "ms": "MY", "nl": "NL BE", "no": "NO", "nb": "NO",
    "pl": "PL", "pt": "BR PT", "ro": "RO", "ru": "RU UA BY KZ", "sk": "SK", "sr": "RS", "sv": "SE", "th": "TH",
    "tr": "TR", "uk": "UA", "ur": "PK", "vi": "VN", "zh": "CN TW HK SG",
}  # fmt: skip


def countries(lang: str | None, region: str | None) -> list[str]:
    """Return the countries whose news to ask: the one that is named, else those that read a language, else a few."""
    if region:
        return [region] if region in COLLECTIONS else []
    return _READ_IN.get((lang or "").split("-")[0].lower(), "US GB CN RU JP DE FR IN").split()


def story(item: Json, country: str, now: datetime) -> Post:
    """Return a story; its outlet's country is that of the collection it was found in."""
    where = found_at(item["url"])
    date = published((item.get("publish_date") or "")[:10], "publish_date", Seen(None, now))
    return Post(
        id=where.id,
        platform=where.platform,
        url=where.url,
        kind="article",
        title=text(item["title"]),
        published_at=date.at,
        published_precision="day",
        lang=language(item.get("language")),
        region=country,
        region_basis="outlet",
    )


def measures(days: list[Any], words: str, country: str) -> Iterator[Measure]:
    """Yield for each day how many articles match, and how many there are at all."""
    for day in days:
        yield _measure("articles", words, day["count"], day["date"], country)
        if day.get("total_count") is not None:
            yield _measure("articles.all", "all", day["total_count"], day["date"], country)


def _measure(series: str, subject: str, value: Any, date: str, country: str) -> Measure:
    since = datetime.fromisoformat(date[:10]).replace(tzinfo=UTC)
    until = since + timedelta(days=1)
    return Measure(
        series=series, subject=subject, value=float(value), unit="articles", since=since, until=until, region=country
    )
