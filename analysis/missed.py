"""What we did not find: how many posts at least, and how many of the newest will still come to light."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from analysis._capture import Estimate, best_log_linear, chao2, chapman
from analysis._disclosure import SMALL, WITHHELD, crowds_of, hidden
from analysis._nowcast import LEAST, delays, nowcast
from analysis._rows import AT_LEAST, INSUFFICIENT, as_answer
from analysis._scope import SCOPE
from analysis._time import iso, naive

LEAST_TWICE = 7  # items found by two routes: with fewer an estimate means nothing (Robson and Regier, 1964)
ALIKE = 1.25  # Chao2 takes routes for equal; of shares .8, .1 and .1 it makes seven times what was missed
LEAST_DELAYS = 30
MOST_ROUTES = 4
LONGEST = 72  # looks: what is found later than that counts as found by chance
LONG = 2  # times the usual stretch, as after an outage
NEARLY = 0.95  # of a stretch of which more than this share is in, nothing need be estimated

# sources that search the news by an index of their own, and know an article by its address (docs/decisions/0011)
SOURCES = ("gdelt", "mediacloud", "naver", "kakao")
_FOUND = f"""
WITH {SCOPE}, brought AS (
    SELECT post_key, run_id FROM scope
    UNION SELECT post_key, run_id FROM held.observation SEMI JOIN scope USING (post_key)
    WHERE $as_of::TIMESTAMP IS NULL OR observed_at <= $as_of::TIMESTAMP
), routes AS (
    SELECT s.platform AS unit, s.post_key::VARCHAR AS item, min(s.account) AS account,
           list_sort(list(DISTINCT r.collector || ' ' || r.mode)) AS routes
    FROM scope s JOIN brought b USING (post_key) JOIN runs r ON r.run_id = b.run_id AND r.campaign = $campaign
    WHERE r.mode <> 'reread' GROUP BY ALL
    UNION ALL
    SELECT NULL, p.id, min(s.account), list_sort(list(DISTINCT p.platform))
    FROM scope s JOIN held.post p USING (post_key)
    WHERE p.platform IN (SELECT unnest($sources)) AND starts_with(p.id, 'https://') GROUP BY p.id
)
SELECT unit, routes, count(*) AS items, list(DISTINCT account) FILTER (account IS NOT NULL) AS accounts
FROM routes GROUP BY ALL ORDER BY ALL"""
_LOOKS = """
SELECT collector, date_trunc('hour', moment) AS hour, max(moment) AS moment FROM (
    SELECT collector, unnest(CASE WHEN mode = 'stream' AND window_to > window_from -- an hour of a stream is a look
        THEN list_append(range(date_trunc('hour', window_from) + INTERVAL '59 minutes 59 seconds', window_to, INTERVAL 1 HOUR),
                         window_to - INTERVAL 1 MICROSECOND)
        ELSE [started_at] END) AS moment
    FROM runs WHERE campaign = $campaign AND (outcome IN ('answered', 'cut_short') OR (mode = 'stream' AND outcome = 'running'))
      AND mode NOT IN ('reread', 'load') AND ($as_of::TIMESTAMP IS NULL OR started_at <= $as_of::TIMESTAMP))
WHERE $as_of::TIMESTAMP IS NULL OR moment <= $as_of::TIMESTAMP GROUP BY ALL"""
_DELAYED = f"""
WITH {SCOPE}
SELECT s.platform, s.account, r.collector, s.published_at,
       date_trunc('hour', CASE WHEN r.mode = 'stream' THEN s.first_seen_at ELSE r.started_at END) AS hour
FROM scope s JOIN held.post p USING (post_key) JOIN runs r ON r.run_id = s.run_id AND r.campaign = $campaign
WHERE p.published_at IS NOT NULL AND coalesce(p.published_precision, 'second') <> 'day' AND r.mode NOT IN ('reread', 'load')
ORDER BY ALL"""


def missed(con: duckdb.DuckDBPyConnection, campaign: str, *, as_of: datetime | None = None) -> pd.DataFrame:
    """Return how many posts each platform has at least beside those that we found, and how many articles, by captures.

    What it says: how many more there are at least, where two routes or more found the same ones independently.
    What it does not say: how many there are. What is hard to find is found by no route, and what one route leads to is
    easier for the next: both make this too low. Two routes into one index of a platform share what that index lacks.
    Formula: two routes: Chapman (1951); three or four: Poisson log-linear with pairs by BIC (Fienberg, 1972), and Chao2
    (1987) where each found about as many; interval log-normal in what was missed (Chao, 1987). A route is a collector and a
    mode, for articles a source.
    Unknowns: which run found a post again is known from its readings; one that made none is not seen to have found it.
    Articles of sources that do not give the address (feeds, Google News) cannot be told to be the same, and are left out.
    Fewer than two routes, or 7 items that two found, are ``insufficient``.
    """
    parameters = {"campaign": campaign, "as_of": naive(as_of), "sources": list(SOURCES)}
    frame = con.execute(_FOUND, parameters).df()
    rows: list[dict[str, Any]] = []
    for unit, part in frame.groupby("unit", dropna=False, sort=True):
        keys = {"articles": "by source"} if pd.isna(unit) else {"platform": unit}
        found = Counter({tuple(r): int(n) for r, n in zip(part["routes"], part["items"], strict=True)})
        rows += [
            {"question": "coverage", "keys": keys, "suppressed": False} | row for row in _captured(found, _few(part))
        ]
    return as_answer(rows)


def newest(con: duckdb.DuckDBPyConnection, campaign: str, *, as_of: datetime | None = None) -> pd.DataFrame:
    """Return how many posts of the newest stretches between two looks there will be, when all delays have passed.

    What it says: posts published in a stretch that we found (n), and how many we shall have found with their delays as before.
    What it does not say: what we shall never find; or anything, where a platform's delays have just changed.
    Formula: n / F by reverse-time hazards (Lawless, Canadian Journal of Statistics 22, 1994, 15); delays count in looks, not in
    hours, so that waiting for the next look, and an outage, is no delay. Interval: negative binomial, F drawn from its betas.
    Unknowns: stretches of which less than a fifth can have been seen, or twice as long as usual, have no row; posts dated to
    the day, from before the first look, or out of files are left out; fewer than 30 delays are ``insufficient``.
    """
    parameters = {"campaign": campaign, "as_of": naive(as_of)}
    looks, posts = con.execute(_LOOKS, parameters).df(), con.execute(_DELAYED, parameters).df()
    rows: list[dict[str, Any]] = []
    for platform, part in posts.groupby("platform", sort=True):
        asked = looks[looks["collector"].isin(part["collector"].unique())]
        mine = asked.sort_values(by=["moment"]).drop_duplicates("hour", keep="last")
        rows += [{"question": "coverage", "metric": "nowcast"} | row for row in _newest(str(platform), part, mine)]
    return as_answer(rows)


def _few(part: pd.DataFrame) -> bool:
    """Say whether 1 to 4 private accounts stand behind all items, or behind those that two routes found."""
    twice = part[[len(routes) > 1 for routes in part["routes"]]]
    crowds = (set().union(*held["accounts"].dropna()) for held in (part, twice))  # published data rest on nobody
    return any(0 < len(crowd) < SMALL for crowd in crowds)


def _captured(found: Mapping[tuple[str, ...], int], few: bool) -> list[dict[str, Any]]:
    """Return the rows of one platform: what is missing at least, from how many items each set of routes found."""
    name = "missed_at_least"
    per_route = Counter({route: 0 for routes in found for route in routes})
    for routes, items in found.items():
        per_route.update(dict.fromkeys(routes, items))
    chosen = [route for route, _ in sorted(per_route.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_ROUTES]]
    counts: Counter[tuple[int, ...]] = Counter()
    for routes, items in found.items():
        counts[tuple(int(route in routes) for route in chosen)] += items
    counts.pop((0,) * len(chosen), None)
    n, twice = sum(counts.values()), sum(items for history, items in counts.items() if sum(history) > 1)
    if few:
        return [{"metric": name, "rests_on": WITHHELD, "suppressed": True}]
    if len(chosen) < 2:
        return [
            {
                "metric": name,
                "n": n,
                "rests_on": f"one route, {chosen[0]}: nothing to compare it with",
                "verdict": INSUFFICIENT,
            }
        ]
    told = f"{n} items by {', '.join(chosen)}; {twice} by more than one"
    if twice < LEAST_TWICE:
        return [{"metric": name, "n": n, "rests_on": told, "verdict": INSUFFICIENT}]
    return [_estimate(metric, n, f"{told}; {how}", fit) for metric, how, fit in _fits(counts, n, len(chosen))]


def _fits(counts: Mapping[tuple[int, ...], int], n: int, routes: int) -> list[tuple[str, str, Estimate | None]]:
    once, twice = (sum(items for history, items in counts.items() if sum(history) == times) for times in (1, 2))
    if routes == 2:
        first, second = (sum(items for history, items in counts.items() if history[place]) for place in (0, 1))
        return [("missed_at_least", "Chapman", chapman(first, second, counts.get((1, 1), 0)))]
    model = best_log_linear(counts)
    pairs = f"log-linear, {len(model.pairs)} pairs" if model else "log-linear, no fit"
    fits: list[tuple[str, str, Estimate | None]] = [("missed_at_least", pairs, model.estimate if model else None)]
    sizes = [sum(items for history, items in counts.items() if history[place]) for place in range(routes)]
    if max(sizes) <= ALIKE * min(sizes):
        fits.append(("missed_at_least_chao2", "Chao2", chao2(n, once, twice, routes)))
    return fits


def _estimate(metric: str, n: int, rests_on: str, fit: Estimate | None) -> dict[str, Any]:
    if fit is None:
        return {"metric": metric, "n": n, "rests_on": rests_on, "verdict": INSUFFICIENT}
    numbers = {"value": fit.total - n, "low": fit.low - n, "high": fit.high - n}
    return {"metric": metric, "n": n, "rests_on": rests_on, "verdict": AT_LEAST} | numbers


def _newest(platform: str, posts: pd.DataFrame, looks: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of one platform: the stretches between looks that are not yet complete, oldest first."""
    hours, moments = looks["hour"].to_numpy(), looks["moment"].to_numpy()
    posts = posts[(posts["published_at"] >= moments[0]) & posts["hour"].isin(hours)] if len(looks) else posts[:0]
    born = np.searchsorted(moments, posts["published_at"].to_numpy()).astype(np.int64)
    seen = np.searchsorted(hours, posts["hour"].to_numpy()).astype(np.int64)
    born, now = np.minimum(born, seen), len(looks) - 1
    if len(posts) < LEAST_DELAYS:
        few = 0 < posts["account"].nunique() < SMALL
        told = {
            "rests_on": f"{len(posts)} posts with a delay; {LEAST_DELAYS} are needed",
            "n": len(posts),
            "suppressed": False,
        }
        hide = {"rests_on": WITHHELD, "n": None, "suppressed": True}
        return [{"keys": {"platform": platform}, "verdict": None if few else INSUFFICIENT} | (hide if few else told)]
    longest = min(LONGEST, int((seen - born).max()))
    found = delays(born, seen, now, longest)
    used = seen - born <= longest
    counts = np.bincount((now - born)[used], minlength=longest + 1)[: longest + 1]
    small = hidden(crowds_of(posts.assign(start=born)[used], ("platform", "start")))[("platform", "start")]
    lengths = np.diff(moments)  # of the stretches; posts of a long one had more time than their delays in looks tell
    rows = []
    for age, one in reversed(list(enumerate(nowcast(counts, found)))):
        if not LEAST <= one.share < NEARLY or age >= now or lengths[now - age - 1] > LONG * np.median(lengths):
            continue
        start, until = (pd.Timestamp(moments[place]).to_pydatetime() for place in (now - age - 1, now - age))
        told = {"keys": {"platform": platform, "start": iso(start), "until": iso(until)}}
        rests_on = f"posts found so far, of which {one.share:.0%} can be in; delays of {len(posts)} posts"
        numbers = {
            "value": one.total,
            "low": one.low,
            "high": one.high,
            "n": one.seen,
            "suppressed": False,
            "rests_on": rests_on,
        }
        hide = {"rests_on": WITHHELD, "suppressed": True}
        rows.append(told | (hide if (platform, now - age) in small else numbers))
    return rows
