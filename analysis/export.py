"""Everything that may leave the workspace: reach, crossings, coverage and dehydrated posts, as CSV and Parquet.

No author, no title, no text. A cell that is not shown on a page is not in a file, and no file gives one away.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from analysis._disclosure import SMALL, crowds, suppress
from analysis._files import Table, write_folder
from analysis._scope import SCOPE
from analysis._time import aware
from analysis.coverage import ledger
from analysis.crossings import first_seen
from analysis.reach import COUNTS, increments, posts_sql, reach
from spillover.policies import Policies

HIDDEN = "suppressed"
_LISTED = f"""
WITH {SCOPE}
SELECT l.list, coalesce(l.region, 'unknown') AS region, l.observed_at::DATE::VARCHAR AS day,
       l.post_key, l.rank, s.account
FROM scope s JOIN held.listing l USING (post_key)"""
_COUNTS = ", ".join(f"r.{m}, r.{m}_low, r.{m}_high" for m in COUNTS)
_POSTS = f"""
SELECT r.platform, p.id, p.url, p.kind, p.published_at, p.published_precision, r.lang, r.region, p.policy,
       m.role, m.kind AS match_kind, m.confidence, r.band, r.first_seen_at, r.observed_at AS last_read_at, {_COUNTS}
FROM ({{posts}}) r JOIN held.post p USING (post_key)
JOIN held.campaign k ON k.name = $campaign
JOIN held.member m ON m.post_key = r.post_key AND m.campaign_id = k.campaign_id
ORDER BY r.platform, p.id"""


def export(
    con: duckdb.DuckDBPyConnection, campaign: str, directory: str | Path, policies: Policies | None = None
) -> list[Path]:
    """Write the tables of a campaign into a folder, all or nothing, and return the files.

    What it says: what the pages show, and each post by its public id, so that others can look it up where it still is.
    What it does not say: who wrote a post, or what; a post whose id names an account has a stand-in and no address. Of a
    platform whose terms let only ids leave, a post has no counts and times; of one that lets nothing leave, no row.
    Formula: the tables of reach, increments, first_seen and coverage; manifest.json has SHA-256 and rows of each file.
    Unknowns: empty; the region or language of a post says ``suppressed`` where it stands in a cell that is not shown.
    """
    terms = policies or Policies.read()
    by_platform, by_region, by_lang = (reach(con, campaign, by=by) for by in (("platform",), ("region",), ("lang",)))
    tables = {
        "reach_by_platform": _flat(by_platform),
        "reach_by_region": _flat(by_region),
        "reach_by_lang": _flat(by_lang),
        "increments_by_day": increments(con, campaign, grain="day"),
        "first_seen": first_seen(con, campaign),
        "coverage": ledger(con, campaign),
        "listings": _listings(con, campaign),
        "posts": _by_terms(_posts(con, campaign, {"": by_platform, "region": by_region, "lang": by_lang}), terms),
    }
    return write_folder(
        Path(directory), _about(con, campaign, terms), [Table(name, frame) for name, frame in tables.items()]
    )


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table of reach with a column for each key."""
    keys = pd.DataFrame(frame["keys"].tolist(), index=frame.index, dtype=object)
    return pd.concat([keys, frame.drop(columns=["question", "keys", "verdict"])], axis=1)


def _listings(con: duckdb.DuckDBPyConnection, campaign: str) -> pd.DataFrame:
    parameters = {"campaign": campaign, "as_of": None}
    keys = ("list", "region", "day")
    frame = con.execute(
        f"""SELECT list, region, day, count(DISTINCT post_key) AS posts, min(rank) AS best_rank FROM ({_LISTED})
        GROUP BY ALL ORDER BY ALL""",
        parameters,
    ).df()
    frame = frame.astype({"posts": "Int64", "best_rank": "Int64"})
    frame, _ = suppress(frame, crowds(con, keys, _LISTED, parameters)[0], values=("posts", "best_rank"))
    return frame


def _posts(con: duckdb.DuckDBPyConnection, campaign: str, shown: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return a row a post, without the places and the counts that would give a hidden cell away."""
    query = _POSTS.format(posts=posts_sql(past=False))
    frame = con.execute(query, {"campaign": campaign, "as_of": None}).df()
    counts = [f"{m}{bound}" for m in COUNTS for bound in ("", "_low", "_high")]
    frame = frame.astype(dict.fromkeys(counts, "Int64"))
    for split in ("region", "lang"):
        frame[split] = frame[split].mask(_in_hidden(frame, split, shown[split]), HIDDEN)
    platforms = _hidden(shown[""])
    for m in COUNTS:
        gone = frame["platform"].map(lambda platform, m=m: (f"known_{m}", platform) in platforms).astype(bool)
        for bound in ("", "_low", "_high"):
            frame[f"{m}{bound}"] = frame[f"{m}{bound}"].mask(gone)
    return aware(frame, "published_at", "first_seen_at", "last_read_at")


def _by_terms(frame: pd.DataFrame, policies: Policies) -> pd.DataFrame:
    """Leave out what the terms of each post's platform do not let out of a workspace."""
    allowed = frame["policy"].map(lambda policy: policies.of(policy).redistribute).astype(str)
    shown = frame[allowed != "none"].copy()
    bare = allowed[allowed != "none"] == "ids"
    for column in ("published_at", "last_read_at", *(f"{m}{bound}" for m in COUNTS for bound in ("", "_low", "_high"))):
        shown[column] = shown[column].mask(bare)
    return shown.reset_index(drop=True)


def _hidden(frame: pd.DataFrame) -> set[tuple[str, ...]]:
    """Return the cells of a table of reach that are not shown, each after its metric."""
    rows = frame[frame["suppressed"]]
    return {(metric, *keys.values()) for metric, keys in zip(rows["metric"], rows["keys"], strict=True)}


def _in_hidden(frame: pd.DataFrame, split: str, shown: pd.DataFrame) -> pd.Series[bool]:
    """Return which posts stand in a cell that is not shown, or show a count that their cell does not."""
    cells = _hidden(shown)
    gone = pd.Series(False, index=frame.index)
    for metric, known in {"posts": None, **{f"known_{m}": m for m in COUNTS}}.items():
        inside = [
            (metric, platform, place) in cells for platform, place in zip(frame["platform"], frame[split], strict=True)
        ]
        gone |= pd.Series(inside, index=frame.index, dtype=bool) & (True if known is None else frame[known].notna())
    return gone


def _about(con: duckdb.DuckDBPyConnection, campaign: str, terms: Policies) -> dict[str, Any]:
    """Return what the manifest says of the campaign: its title, version, and whose terms bind how many posts."""
    named = con.execute("SELECT title, version FROM campaigns WHERE name = ?", [campaign]).fetchall()
    policies = con.execute(
        f"WITH {SCOPE} SELECT policy, count(*) FROM scope JOIN held.post USING (post_key) GROUP BY ALL ORDER BY ALL",
        {"campaign": campaign, "as_of": None},
    ).fetchall()
    title, version = named[0] if named else (None, None)
    return {
        "campaign": campaign,
        "title": title,
        "version": version,
        "posts_by_policy": dict(policies),
        "terms": {
            name: {"redistribute": terms.of(name).redistribute, "terms": terms.of(name).terms} for name, _ in policies
        },
        "smallest_cell": SMALL,
    }
