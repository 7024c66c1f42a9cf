"""Prove a workspace: the ledger against the rows, derived tables against what they derive from, rows against each other."""

from __future__ import annotations

from typing import Any

from spillover.store import Store

_LOST = "SELECT count(*) FROM {rows} r ANTI JOIN held.post p USING (post_key)"
_CHECKS = {  # name -> a query that counts what is wrong
    "ledger: no segment twice": "SELECT count(*) - count(DISTINCT segment_id) FROM held.segment",
    "ledger: as many readings as the segments brought": (
        "SELECT abs((SELECT count(*) FROM held.observation) + (SELECT coalesce(sum(rows), 0) FROM held.expiry WHERE what = 'observation') "
        "- (SELECT coalesce(sum(observations), 0) FROM held.segment))"
    ),
    "posts: no post twice": "SELECT count(*) - count(DISTINCT post_key) FROM held.post",
    "posts: no key stands for two posts": "SELECT count(*) FROM (SELECT post_key FROM held.post GROUP BY post_key HAVING count(DISTINCT (platform, id)) > 1)",
    "campaigns: no post twice in one": "SELECT count(*) - count(DISTINCT (post_key, campaign_id)) FROM held.post_campaign",
    "readings: none twice": "SELECT count(*) - count(DISTINCT (post_key, observed_at)) FROM held.observation",
    "readings: bounds in order": (
        "SELECT count(*) FROM held.observation WHERE views_low > views OR views > views_high OR likes_low > likes OR likes > likes_high "
        "OR shares_low > shares OR shares > shares_high OR comments_low > comments OR comments > comments_high"
    ),
    "readings: each has its post": _LOST.format(rows="held.observation"),
    "availability: each has its post": _LOST.format(rows="held.availability"),
    "listings: each has its post": _LOST.format(rows="held.listing"),
    "edges: each has its post": _LOST.format(rows="held.edge"),
    "controls: each has its post": _LOST.format(rows="held.control"),
    "matches: each has its post": _LOST.format(rows="held.match"),
    "runs: answers add up": (
        "SELECT count(*) FROM (FROM held.run QUALIFY row_number() OVER (PARTITION BY run_id ORDER BY seq DESC) = 1) "
        "WHERE asked <> answered + refused + broken"
    ),
}


def verify(store: Store) -> list[dict[str, Any]]:
    """Return a row a check: check, ok, detail."""
    found = [_row(name, int(store.rows(query)[0][0])) for name, query in _CHECKS.items()]
    found += [_row(f"derived: {name} equals its definition", count) for name, count in store.differences().items()]
    torn = len(list((store.workspace.spool / "bad").glob("*.arrows")))
    return [*found, _row("spool: no segment set aside as torn", torn)]


def _row(name: str, wrong: int) -> dict[str, Any]:
    return {"check": name, "ok": wrong == 0, "detail": "" if wrong == 0 else f"{wrong} wrong"}
