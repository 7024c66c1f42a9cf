"""GDELT's own files: mentions, events and the knowledge graph (GKG 1 and 2), with column names or, as published, without.

A row names the article that it was read from, which is the post; the event itself is none. The same article comes in
many rows. Times are when GDELT saw the article, in steps of 15 minutes; GKG 1 says the day only.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from collectors._formats.fields import Item, Seen, links_in, published, unique
from collectors._formats.headers import Columns
from collectors._formats.languages import from_three
from collectors._formats.web import known_as
from spillover import Post

NAME = "gdelt_tables"
# What the published files hold, which have no header; the number of columns tells them apart.
_MENTIONS = [
    "GlobalEventID",
    "EventTimeDate",
    "MentionTimeDate",
    "MentionType",
    "MentionSourceName",
    "MentionIdentifier",
    "SentenceID",
    "Actor1CharOffset",
    "Actor2CharOffset",
    "ActionCharOffset",
    "InRawText",
    "Confidence",
    "MentionDocLen",
    "MentionDocTone",
    "MentionDocTranslationInfo",
    "Extras",
]
_GKG = [
    "GKGRECORDID",
    "DATE",
    "SourceCollectionIdentifier",
    "SourceCommonName",
    "DocumentIdentifier",
    "Counts",
    "V2Counts",
    "Themes",
    "V2Themes",
    "Locations",
    "V2Locations",
    "Persons",
    "V2Persons",
    "Organizations",
    "V2Organizations",
    "V2Tone",
    "Dates",
    "GCAM",
    "SharingImage",
    "RelatedImages",
    "SocialImageEmbeds",
    "SocialVideoEmbeds",
    "Quotations",
    "AllNames",
    "Amounts",
    "TranslationInfo",
    "Extras",
]
_EVENTS = {61: (59, 60), 58: (56, 57)}  # columns of events 2.0 and 1.0: where DATEADDED and SOURCEURL stand
_STAMP, _RECORD, _NUMBER = re.compile(r"\d{14}"), re.compile(r"\d{14}-T?\d+"), re.compile(r"\d{6,}")
_SOURCE_LANGUAGE, _TITLE = re.compile(r"srclc:([a-z]{3})"), re.compile(r"<PAGE_TITLE>(.*?)</PAGE_TITLE>")
_WEB = "1"  # of MentionType and SourceCollectionIdentifier: others name no address


def unnamed(values: Sequence[str]) -> list[str] | None:
    """Return the names of the columns of a published file, of which this is the first row; None for any other."""
    if len(values) == len(_MENTIONS) and all(map(_STAMP.fullmatch, values[1:3])):
        return _MENTIONS
    if len(values) == len(_GKG) and _RECORD.fullmatch(values[0]):
        return _GKG
    if len(values) in _EVENTS and _NUMBER.fullmatch(values[0]) and len(values[1]) == len("20250101"):
        names = [f"column {number}" for number in range(len(values))]
        names[0] = "GlobalEventID"
        for place, name in zip(_EVENTS[len(values)], ("DATEADDED", "SOURCEURL"), strict=True):
            names[place] = name
        return names
    return None


def fits(names: Sequence[str]) -> bool:
    """Say whether these are the columns of such a file, or its first row."""
    columns = Columns(names)
    return (
        (columns.has("globaleventid") and columns.has("mentionidentifier", "sourceurl"))
        or columns.has("gkgrecordid")
        or (columns.has("sourceurls") and columns.has("cameoeventids"))
        or unnamed(names) is not None
    )


def items(names: Sequence[str], seen: Seen) -> Callable[[Sequence[Any]], Iterator[Item]]:
    """Return what yields the articles of a row."""
    columns = Columns(names)

    def read(values: Sequence[Any]) -> Iterator[Item]:
        row = columns.row(values)
        kind = row("MentionType", "SourceCollectionIdentifier")
        if kind not in (None, 1, _WEB):
            raise ValueError(
                f"MentionType, SourceCollectionIdentifier: {kind}: no page of the web; the source has no address"
            )
        said = row("MentionIdentifier", "DocumentIdentifier", "SOURCEURL", "SOURCEURLS")
        if said is None:
            raise ValueError("url: nothing; the row names no article")
        for url in str(said).split("<UDIV>") if columns.has("SOURCEURLS") else (str(said),):
            yield _article(url, row, seen)

    return read


def _article(url: str, row: Callable[..., Any], seen: Seen) -> Post:
    place = known_as(url)
    seen_at = published(row("MentionTimeDate", "DATEADDED", "DATE"), "DATE", seen)
    extras = str(row("Extras") or "")
    title = _TITLE.search(extras)
    told = _SOURCE_LANGUAGE.search(str(row("MentionDocTranslationInfo", "TranslationInfo") or ""))
    return Post(
        id=place.id,
        platform=place.platform,
        url=place.url,
        kind="article",
        title=html.unescape(title[1]).strip() or None if title else None,
        published_at=seen_at.at,
        published_precision="minute" if seen_at.precision == "second" else seen_at.precision,
        lang=from_three(told[1]) if told else None,
        links=unique(link for link in links_in(str(row("SocialVideoEmbeds") or "").replace(";", " "))),
    )
