"""What posts show of a region: platform, language, hashtags, charts, and what is stated; patterns of it, not posts, are computed with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import pandas as pd

from analysis._language import spoken
from analysis._scope import SCOPE

# How sure a stated region is to be that of the post or its audience; the platform's or the outlet's word, not a guess of ours.
TRUST = {
    "reviewer": 0.995, "edition": 0.99, "outlet": 0.99, "list": 0.99, "chart": 0.99, "ip_label": 0.98, "tagged": 0.95, "declared": 0.85,
}  # fmt: skip
_OTHER_BASIS = 0.9
PATTERN = ("platform", "language", "sure", "tag", "listed")
LABELS = 4000  # labelled posts that are learned from at most, as many of each platform as there is room for
_SURE, _GUESS = (
    (0.9, 0.97),
    (0.6, 0.7),
)  # share of the votes, and how far the language is then believed; below nothing is told
_TAGS = 8  # hashtags of a post that are looked at

_POSTS = """
    p.post_key, p.platform, p.lang, left(p.region, 2) AS stated, p.region_basis AS basis, left(p.title, 400) AS title, left(p.text, 400) AS text,
    p.hashtags, (SELECT list_sort(list(DISTINCT left(l.region, 2))) FROM held.listing l WHERE l.post_key = p.post_key AND l.region IS NOT NULL
                 AND ($as_of::TIMESTAMP IS NULL OR l.observed_at <= $as_of::TIMESTAMP)) AS listed"""
_OWN = f"WITH {SCOPE} SELECT {_POSTS}, s.account FROM scope s JOIN held.post p USING (post_key) ORDER BY p.post_key"
# a labelled post states its region, or stands on the charts of one region only; keys are digests, so their order is by lot
_LABELLED = f"""
WITH labelled AS (SELECT * FROM (SELECT {_POSTS} FROM held.post p
    WHERE ($as_of::TIMESTAMP IS NULL OR p.first_seen_at <= $as_of::TIMESTAMP)) WHERE stated IS NOT NULL OR len(listed) = 1)
SELECT * FROM labelled QUALIFY row_number() OVER (PARTITION BY platform ORDER BY post_key) <= greatest($labels // (
    SELECT greatest(count(DISTINCT platform), 1) FROM labelled), 50) ORDER BY post_key"""


def own(con: duckdb.DuckDBPyConnection, parameters: Mapping[str, Any]) -> pd.DataFrame:
    """Return the posts in scope with what they show of a region."""
    return _shown(con.execute(_OWN, dict(parameters)).df())


def labelled(con: duckdb.DuckDBPyConnection, parameters: Mapping[str, Any]) -> pd.DataFrame:
    """Return posts of the whole workspace whose region is stated, for learning what the other signals say."""
    asked = {"as_of": parameters["as_of"], "labels": LABELS}
    found = _shown(con.execute(_LABELLED, asked).df())
    alone = found["stated"].isna()
    found.loc[alone, "stated"], found.loc[alone, "listed"] = found.loc[alone, "listed"], ""
    return found


def _shown(posts: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with the columns of a pattern; texts are read here and go no further."""
    told = [_told(row) for row in zip(posts.pop("title"), posts.pop("text"), posts.pop("lang"), strict=True)]
    posts["language"], posts["sure"] = [name for name, _ in told], [sure for _, sure in told]
    posts["tag"] = ""
    posts["hashtags"] = [_folded(tags) for tags in posts["hashtags"]]
    posts["listed"] = ["".join(listed) if isinstance(listed, Iterable) else "" for listed in posts["listed"]]
    posts["trust"] = [TRUST.get(basis, _OTHER_BASIS) for basis in posts.pop("basis")]
    posts["stated"] = posts["stated"].astype(object).where(posts["stated"].notna(), None)
    return posts


def _told(row: tuple[Any, Any, Any]) -> tuple[str, float]:
    """Return a post's language and how far it is believed: what its words say, else what was declared; both agreed are sure."""
    text = " ".join(part for part in row[:2] if isinstance(part, str))
    declared = _tag(row[2])
    found = spoken(text)
    language = found.language or ""
    if language and language.split("-")[0] == declared.split("-")[0]:
        return (declared if language == "zh" else language), _SURE[1]
    if language and found.share >= _SURE[0]:
        return language, _SURE[1]
    if declared:
        return declared, _GUESS[1]
    return (language, _GUESS[1]) if found.share >= _GUESS[0] else ("", 0.0)


def _tag(declared: object) -> str:
    """Return a declared language as our tables name it: the script of Chinese, of all others the language alone."""
    if not isinstance(declared, str) or declared in ("", "und", "unknown", "zxx", "mul"):
        return ""
    language, *parts = declared.replace("_", "-").split("-")
    if language.lower() not in ("zh", "yue", "cmn"):
        return language.lower()
    marks = {part.upper() for part in parts}
    traditional, simplified = {"HANT", "TW", "HK", "MO"}, {"HANS", "CN", "SG"}
    return "zh-Hant" if marks & traditional else "zh-Hans" if marks & simplified else "zh"


def _folded(tags: object) -> tuple[str, ...]:
    if not isinstance(tags, Iterable):
        return ()
    return tuple(dict.fromkeys(str(tag).casefold().lstrip("#") for tag in tags))[:_TAGS]
