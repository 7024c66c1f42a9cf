"""Which posts an answer is about: those of one campaign that match, were kept by choice, or were accepted in review.

Rejected posts and controls are out, and so are posts that match an edited campaign no longer.
Each post carries the account that it rests on: its author's pseudonym, or itself where the author is not shown.
It is NULL where nobody private stands behind it: published rows without an account, publishers by name, the campaign's own video.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

SPLITS = ("platform", "region", "lang", "band")
BANDS = ("reviewed", "high", "medium", "low", "kept")  # of posts in scope

SCOPE = """
k AS (SELECT campaign_id FROM held.campaign WHERE name = $campaign),
verdicts AS (
    SELECT post_key, arg_max(verdict, (reviewed_at, verdict)) AS verdict
    FROM held.review JOIN k USING (campaign_id)
    WHERE $as_of::TIMESTAMP IS NULL OR reviewed_at <= $as_of::TIMESTAMP GROUP BY post_key
),
scope AS (
    SELECT p.post_key, p.platform, coalesce(p.region, 'unknown') AS region, coalesce(p.lang, 'unknown') AS lang,
           CASE WHEN v.verdict = 'accept' THEN 'reviewed' WHEN m.kind IS NULL THEN m.role
                WHEN m.confidence >= 0.9 THEN 'high' WHEN m.confidence >= 0.6 THEN 'medium' ELSE 'low' END AS band,
           CASE WHEN (p.policy <> 'published' OR c.author IS NOT NULL) AND c.publisher IS NULL
                 AND p.kind IS DISTINCT FROM 'topic' -- of the platform
                 AND NOT coalesce(m.kind = 'link' AND m.term = p.url, false)
                THEN coalesce(hex(c.author), p.post_key::VARCHAR) END AS account,
           p.first_seen_at, p.published_at, c.run_id
    FROM held.member m
    JOIN k ON k.campaign_id = m.campaign_id
    JOIN held.post p ON p.post_key = m.post_key
    JOIN held.post_campaign c ON c.post_key = m.post_key AND c.campaign_id = m.campaign_id
    LEFT JOIN verdicts v ON v.post_key = m.post_key
    WHERE v.verdict IS DISTINCT FROM 'reject'
      AND (v.verdict = 'accept' OR m.role = 'kept' OR (m.role = 'match' AND m.kind IS NOT NULL))
      AND ($as_of::TIMESTAMP IS NULL OR p.first_seen_at <= $as_of::TIMESTAMP)
)"""


def splits(by: Sequence[str]) -> tuple[str, ...]:
    """Return the columns to split by, platform first: counts of different platforms are never added up."""
    unknown = [name for name in by if name not in SPLITS]
    if unknown:
        raise ValueError(f"no split by {', '.join(map(repr, unknown))}: choose from {', '.join(SPLITS)}")
    return ("platform", *dict.fromkeys(name for name in by if name != "platform"))


def margins(keys: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the tables that these keys can be summed to, smallest first and the full one last; platform stays."""
    first, *rest = keys
    for size in range(len(rest) + 1):
        for chosen in combinations(rest, size):
            yield (first, *chosen)
