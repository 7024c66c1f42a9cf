"""What the posts of a campaign share with one another: links, sets of hashtags, texts, parents, videos; by whom, and when.

Only posts whose author is known by a pseudonym, and whose time is known to the minute, have rows; the others are counted.
What a repost carries is its parent's, so it counts for its parent alone. A text is compared without case, addresses and
spacing, and from ten characters on; a set of hashtags from two on; videos where a campaign has more than one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis._coshares import Shares, Whole
from analysis._scope import SCOPE
from analysis._time import naive

OBJECTS = ("link", "hashtags", "text", "parent", "video")

_POSTS = f"""
WITH {SCOPE}, ours AS (
    SELECT s.*, c.author, m.video, p.hashtags,
           CASE WHEN len(p.links) > 0 THEN p.links ELSE regexp_extract_all(p.text, 'https?://[^\\s<>"]+') END AS links, epoch_us(s.published_at) // 1000000 AS sent,
           coalesce(p.published_precision, '') AS precision,
           trim(regexp_replace(regexp_replace(lower(concat_ws(' ', p.title, p.text)), 'https?://\\S+', '', 'g'), '\\s+', ' ', 'g')) AS words
    FROM scope s JOIN held.post p USING (post_key) CROSS JOIN k
    JOIN held.post_campaign c ON c.post_key = s.post_key AND c.campaign_id = k.campaign_id
    JOIN held.member m ON m.post_key = s.post_key AND m.campaign_id = k.campaign_id
    WHERE s.account IS NOT NULL
)"""
_SHARES = f"""
{_POSTS}, timed AS (
    FROM ours WHERE author IS NOT NULL AND sent IS NOT NULL AND precision IN ('second', 'minute')
), parents AS (
    SELECT DISTINCT post_key, parent_key, relation FROM held.edge SEMI JOIN timed USING (post_key)
    WHERE $as_of::TIMESTAMP IS NULL OR seen_at <= $as_of::TIMESTAMP
), own AS (
    FROM timed ANTI JOIN (FROM parents WHERE relation IN ('repost', 'forward')) USING (post_key)
), tagged AS (
    SELECT post_key, list_sort(list_distinct(list_transform(hashtags, lambda tag: lower(tag)))) AS tags FROM own
), shares AS (
    SELECT DISTINCT post_key, 'link' AS object, unnest(links) AS thing FROM own
    UNION ALL SELECT post_key, 'hashtags', array_to_string(tags, ' ') FROM tagged WHERE len(tags) >= 2
    UNION ALL SELECT post_key, 'text', words FROM own WHERE len(words) >= 10
    UNION ALL SELECT DISTINCT post_key, 'parent', parent_key::VARCHAR FROM parents
    UNION ALL SELECT post_key, 'video', video::VARCHAR FROM own WHERE (SELECT count(DISTINCT video) FROM own) > 1
)
SELECT {{names}}, object, precision = 'minute' AS rough, sent, sent // 3600 AS hour, region AS place, lang AS tongue, post_key AS post,
       hash(thing) AS thing, hash(author) AS account -- whole numbers are moved and numbered faster than words
FROM shares JOIN timed USING (post_key) WHERE thing IS NOT NULL ORDER BY {{names}}, object, sent, post, thing"""
_LEFT_OUT = f"""
{_POSTS} SELECT {{names}}, count(*) AS posts, count(*) FILTER (author IS NULL) AS unnamed,
       count(*) FILTER (author IS NOT NULL AND (sent IS NULL OR precision NOT IN ('second', 'minute'))) AS untimed
FROM ours GROUP BY {{names}}"""


@dataclass(frozen=True)
class Sharing:
    """The shares of one kind of object in one cell of an answer.

    ``rough`` tells whose times are known to the minute only; ``among`` numbers the clock hour, region and language.
    """

    cell: tuple[object, ...]
    object: str
    shares: Shares
    rough: npt.NDArray[np.bool_]
    among: Whole
    posts: int
    unnamed: int
    untimed: int


def sharings(
    con: duckdb.DuckDBPyConnection, campaign: str, keys: Sequence[str], as_of: datetime | None
) -> Iterator[Sharing]:
    """Yield what is shared, for each cell and kind of object that has any."""
    names, parameters = ", ".join(keys), {"campaign": campaign, "as_of": naive(as_of)}
    rows = con.execute(_SHARES.format(names=names), parameters).df()
    counts = {
        row[: len(keys)]: row[len(keys) :] for row in con.execute(_LEFT_OUT.format(names=names), parameters).fetchall()
    }
    for (*cell, kind), part in rows.groupby([*keys, "object"], sort=True):
        among: Whole = part.groupby(["hour", "place", "tongue"]).ngroup().to_numpy().astype(np.int64)
        rough = part["rough"].to_numpy(bool)
        yield Sharing(tuple(cell), str(kind), _shares(part), rough, among, *counts[tuple(cell)])


def _shares(part: pd.DataFrame) -> Shares:
    post, thing, account = (pd.factorize(part[name])[0].astype(np.int64) for name in ("post", "thing", "account"))
    return Shares(post, thing, account, part["sent"].to_numpy(np.int64))
