"""What is told of cascades, and what is not; on made-up shares, and on real ones of Weibo."""

from __future__ import annotations

import csv
import json
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from analysis import _seismic
from analysis._branching import reproduction
from analysis._doubling import doubling, growth
from analysis._means import mean
from analysis._parents import DIRECT, ORIGIN
from analysis._trees import NONE, forest
from analysis.cascades import cascades
from analysis.questions import answer
from tests.conftest import ROOT

NOON = datetime(2026, 3, 1, 12)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def share(store, post: int, parent: int, relation: str = "reply", when: datetime = NOON) -> None:
    store.insert("edge", post_key=post, parent_key=parent, relation=relation, seen_at=when, run_id="r")


def tree(store, parents: list[int | None], *, name: str = "", relation: str = "reply", **given: object) -> list[int]:
    """Make posts a minute apart, each of an account of its own, under the parents named by place."""
    start = given.pop("start", NOON)
    keys: list[int] = []
    for place, parent in enumerate(parents):
        at = start + place * MINUTE
        post = {"platform": "bluesky", "published_at": at, "first_seen_at": at} | given
        keys.append(store.post(author=f"{name}{place}", **post))
        if parent is not None:
            share(store, keys[-1], keys[parent], relation, at)
    return keys


def told(store, **given: object) -> dict[str, dict[str, object]]:
    frame = cascades(store.derive(), "made-up", **given)
    return {
        f"{row['metric']}{row['keys'].get('generation', '')}": row
        for row in frame.to_dict("records")
        if row["keys"]["platform"] == "bluesky"
    }


def values(found: dict[str, dict[str, object]], *names: str) -> list[object]:
    return [None if found[name]["suppressed"] else found[name]["value"] for name in names]


def test_a_cascade_is_told_by_size_depth_breadth_and_virality(store):
    tree(store, [None, 0, 0, 1, 1, 3])
    found = told(store)
    assert values(found, "cascades", "size", "depth", "breadth") == [1, 6, 3, 2]
    assert found["virality"]["value"] == pytest.approx(2 * (5 + 5 + 8 + 8 + 5) / 30)
    assert values(found, "posts_in_generation0", "posts_in_generation1", "posts_in_generation2") == [None] * 3
    assert found["size"]["verdict"] == "insufficient"
    assert found["size"]["rests_on"] == "1 cascades of 6 posts, 0 orphans among them"


def test_a_cascade_of_four_accounts_is_not_shown(store):
    tree(store, [None, 0, 0, 1])
    assert values(told(store), "cascades", "size", "largest_size", "depth") == [None] * 4


def test_many_posts_of_one_account_show_nothing(store):
    keys = tree(store, [None] + [0] * 9)
    store.con.execute("UPDATE held.post_campaign SET author = 'one'::BLOB")
    assert len(keys) == 10
    assert values(told(store), "stated_share", "cascades", "size", "depth") == [None] * 4


def test_the_largest_is_not_shown_where_all_others_hold_fewer_than_five_accounts(store):
    tree(store, [None] + [0] * 9)
    tree(store, [None, 0], name="few")
    assert values(told(store), "cascades", "largest_size") == [2, None]
    for n in range(2):
        tree(store, [None, 0], name=f"more{n}")
    assert values(told(store), "cascades", "largest_size") == [4, 10]


def test_intervals_of_means_are_between_cascades(store):
    for n in range(12):
        tree(store, [None] + [0] * (n % 4 + 1), name=f"t{n}-")
    row = told(store)["size"]
    assert (row["value"], row["n"], row["verdict"]) == (3.5, 12, None)
    assert 2.8 < row["low"] < 3.2
    assert 3.8 < row["high"] < 4.6


def test_a_parent_that_is_not_held_is_a_post_of_which_nothing_is_known(store):
    keys = tree(store, [None] * 6)
    for key in keys:
        share(store, key, 999)
    found = told(store)
    assert values(found, "cascades", "size", "depth", "orphan_share", "stated_share") == [1, 7, 1, 1, 1]


def test_the_first_stated_parent_counts(store):
    first, second, child, *_ = tree(store, [None] * 7)
    share(store, child, second, when=NOON)
    share(store, child, first, when=NOON + HOUR)
    for key in (4, 5, 6, 7):
        share(store, key, second)
    assert values(told(store), "cascades", "size") == [1, 6]


def test_of_parents_stated_at_once_what_is_shared_comes_before_what_is_answered(store):
    first, second, child, *others = tree(store, [None] * 7)
    share(store, child, first, "reply")
    share(store, child, second, "quote")
    for key in others:
        share(store, key, second)
    assert values(told(store), "cascades", "size") == [1, 6]


def test_a_cycle_is_cut_and_counted(store):
    keys = tree(store, [None, 0, 1, 2, 3])
    share(store, keys[0], keys[4])
    found = told(store)
    assert values(found, "cascades", "size", "depth") == [1, 5, 4]
    assert found["size"]["rests_on"].endswith("1 cycles cut")


def test_an_edge_to_another_platform_is_no_share(store):
    keys = tree(store, [None] * 6)
    other = store.post(author="elsewhere", platform="mastodon")
    for key in keys:
        share(store, key, other)
    assert values(told(store), "cascades", "stated_share") == [0, 0]


def test_where_only_the_first_post_is_named_there_is_no_shape_but_a_size(store):
    tree(store, [None] + [0] * 20, relation="repost", platform="weibo")
    frame = cascades(store.derive(), "made-up").set_index("metric")
    assert frame.loc["size", "value"] == 21
    for metric in ("depth", "virality", "reproduction_number"):
        assert pd.isna(frame.loc[metric, "value"])
        assert frame.loc[metric, "verdict"] == "insufficient"
        assert "a repost carries the first post alone" in frame.loc[metric, "rests_on"]


def test_shape_of_a_few_accounts_is_closed_though_the_platform_has_many(store):
    tree(store, [None] + [0] * 20, relation="repost")
    tree(store, [None, 0], name="few", relation="quote")
    assert values(told(store), "cascades", "depth", "virality") == [2, None, None]


def test_no_relation_is_called_direct_without_a_reason():
    relations = {"repost", "quote", "reply", "forward"}
    assert all(set(why) <= relations and all(why.values()) for why in DIRECT.values())
    assert all(ORIGIN.values())
    told_of = (ROOT / "docs/decisions/0015-cascades-and-crossings.md").read_text("utf-8")
    assert [name for name in DIRECT | ORIGIN if f"| {name} |" not in told_of] == []


def test_as_of_a_moment_equals_a_store_that_ends_then(store):
    rng = np.random.default_rng(1)
    for n in range(10):
        tree(
            store, [None, *(int(rng.integers(0, i)) for i in range(1, 8))], name=f"t{n}-", start=NOON + n * 10 * MINUTE
        )
    moments = [NOON + hours * HOUR / 2 for hours in (1, 2, 3)]
    past = [cascades(store.derive(), "made-up", as_of=moment) for moment in moments]
    for moment, frame in reversed(list(zip(moments, past, strict=True))):
        for table, column in {"post": "first_seen_at", "edge": "seen_at"}.items():
            store.con.execute(f"DELETE FROM held.{table} WHERE {column} > ?", [moment])
        pd.testing.assert_frame_equal(frame, cascades(store.derive(), "made-up"))
    assert past[0]["n"].max() < past[-1]["n"].max()


def test_the_answer_is_plain_rows_and_by_platform_only(store):
    tree(store, [None] + [0] * 9)
    rows = answer(store.derive(), "cascades", "made-up", by=["platform"], as_of=None)
    assert json.loads(json.dumps(rows)) == rows
    assert {"size", "virality", "reproduction_number", "doubling_hours", "final_size"} <= {
        row["metric"] for row in rows
    }
    with pytest.raises(ValueError, match="by platform, not by region"):
        cascades(store.con, "made-up", by=("region",))


def test_a_campaign_without_posts_gives_no_rows(store):
    assert cascades(store.derive(), "made-up").empty


def test_shares_that_double_every_two_hours_are_seen_to(store):
    times = [h + (k + 0.5) / n for h in range(10) for n in [round(2 ** (h / 2))] for k in range(n)]
    root = store.post(author="root", platform="bluesky", published_at=NOON, first_seen_at=NOON)
    for k, hours in enumerate(times):
        at = NOON + hours * HOUR
        share(
            store, store.post(author=f"a{k}", platform="bluesky", published_at=at, first_seen_at=NOON + 10 * HOUR), root
        )
    row = told(store)["doubling_hours"]
    assert row["value"] == pytest.approx(2, rel=0.1)
    assert row["low"] < 2 < row["high"]
    assert row["verdict"] == "growing"


def test_the_final_size_needs_followers_and_says_its_interval(store, shared):
    """The paper's kind of cascade: one real one, six hours after its first post; 15,562 shares came in the end."""
    times, followers = np.loadtxt(shared / "data/methods/seismic_tweet.csv", delimiter=",", skiprows=1, unpack=True)
    keep = times <= 21_600
    sized = np.round(np.log2(followers + 1)).astype(int)
    frame = pd.DataFrame({"t": times[keep], "f": sized[keep], "k": np.arange(1, keep.sum() + 1)})  # noqa: F841  # read by SQL
    store.con.execute("""
        INSERT INTO held.post BY NAME SELECT k AS post_key, 'bluesky' AS platform, 'p' || k AS id, 'bluesky' AS policy,
            TIMESTAMP '2026-03-01 12:00' + to_seconds(t) AS published_at, published_at AS first_seen_at,
            published_at AS last_seen_at FROM frame;
        INSERT INTO held.post_campaign BY NAME SELECT k AS post_key, 1 AS campaign_id, 'kept' AS role,
            k::VARCHAR::BLOB AS author, 'r' AS run_id, f AS followers_log2 FROM frame;
        INSERT INTO held.edge BY NAME SELECT k AS post_key, 1 AS parent_key, 'repost' AS relation,
            TIMESTAMP '2026-03-01 12:00' AS seen_at, 'r' AS run_id FROM frame WHERE k > 1""")
    row = told(store)["final_size"]
    assert row["low"] < 15_562 < row["high"] < 10 * row["low"]
    assert row["value"] == pytest.approx(15_562, rel=0.1)
    store.con.execute("UPDATE held.post_campaign SET followers_log2 = NULL")
    row = told(store)["final_size"]
    assert pd.isna(row["value"])
    assert row["verdict"] == "insufficient"


def test_infectiousness_and_final_size_are_those_of_the_reference(shared):
    times, followers = np.loadtxt(shared / "data/methods/seismic_tweet.csv", delimiter=",", skiprows=1, unpack=True)
    with (shared / "data/methods/seismic_reference_full.csv").open() as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)][1:]
    assert len(rows) == 360
    for row in rows:
        weights = _seismic.weigh(times, row["t"])
        near = followers[: weights.sofar + 1]
        p = _seismic.infectiousness(weights, near)
        assert p == pytest.approx(row["infectiousness"], rel=1e-6)
        assert float(_seismic.final_size(weights, near, p=p)) == pytest.approx(row["pred"], rel=1e-5)


def test_a_cascade_that_nobody_shared_lately_has_no_upper_end():
    weights = _seismic.weigh(np.array([0.0, 5.0]), 9000.0)
    assert _seismic.forecast(weights, np.array([10, 3])).high == np.inf


def spread(rng: np.random.Generator, number: float, until: float) -> tuple[list[int], list[float]]:
    """Make 60 cascades with Poisson children after exponential delays of two hours; what comes later is not seen yet."""
    parents, times = [], []
    for _ in range(60):
        waiting = [(NONE, rng.uniform(0, 0.8 * until), 3.0)]
        while waiting:
            parent, at, expected = waiting.pop()
            if at > until:
                continue
            parents.append(parent)
            times.append(at)
            here = len(times) - 1
            waiting += [(here, at + rng.exponential(2.0), number) for _ in range(rng.poisson(expected))]
    return parents, times


@pytest.mark.parametrize("number", [0.3, 0.6, 0.8])
def test_the_interval_of_the_reproduction_number_holds_the_truth(number):
    rng = np.random.default_rng(7)
    held = []
    for _ in range(100):
        parents, times = spread(rng, number, 48.0)
        found = reproduction(forest(np.array(parents)), np.array(times), 48.0).number
        held.append(found.low <= number <= found.high)
    assert 0.9 <= np.mean(held) <= 1


def test_a_mean_of_nothing_is_nothing_and_of_one_has_no_interval():
    assert mean([]).n == 0
    assert np.isnan([mean([3]).low, mean([3]).high]).all()
    assert mean([0] * 30).high == pytest.approx(0.1)  # the rule of three


def test_growth_of_even_counts_is_none_and_of_nothing_unknown():
    assert growth([5] * 12).rate == pytest.approx(0, abs=1e-12)
    assert np.isnan(growth([0] * 12).rate)
    assert doubling(growth([2**n for n in range(8)]))[0] == pytest.approx(1)
    assert doubling(growth([9, 7, 5, 3]))[0] == np.inf


_WEIBO = """
CREATE TEMP TABLE w AS
    SELECT cascade, seq, t_s, parent_seq, "user", root_time_unix FROM read_parquet($reposts) a JOIN read_parquet($roots) b USING (cascade)
    WHERE cascade < $most
    UNION ALL SELECT cascade, -1, 0, NULL, -cascade - 1, root_time_unix FROM read_parquet($roots) WHERE cascade < $most;
CREATE TEMP TABLE n AS SELECT *, row_number() OVER (ORDER BY cascade, seq) AS post_key FROM w;
INSERT INTO held.post BY NAME SELECT post_key, $platform AS platform, 'p' || post_key AS id, $platform AS policy,
    make_timestamp((root_time_unix + t_s) * 1000000) AS published_at, coalesce(published_at, TIMESTAMP '2012-01-01') AS first_seen_at, first_seen_at AS last_seen_at FROM n;
INSERT INTO held.post_campaign BY NAME SELECT post_key, 1 AS campaign_id, 'kept' AS role, "user"::VARCHAR::BLOB AS author, 'r' AS run_id FROM n;
INSERT INTO held.edge BY NAME SELECT n.post_key, coalesce(p.post_key, r.post_key) AS parent_key, 'repost' AS relation,
    TIMESTAMP '2012-01-01' AS seen_at, 'r' AS run_id
FROM n JOIN n r ON r.cascade = n.cascade AND r.seq = -1 LEFT JOIN n p ON p.cascade = n.cascade AND p.seq = n.parent_seq AND p.seq >= 0
WHERE n.seq >= 0"""


def reposted(store, shared, platform: str, most: int) -> pd.DataFrame:
    """Load real cascades of Weibo; a repost whose parent is not shown hangs on the first post."""
    folder = shared / "data/spread/cascades"
    known = {
        "reposts": str(folder / "weibo_ced_reposts.parquet"),
        "roots": str(folder / "weibo_ced_cascades.parquet"),
        "platform": platform,
        "most": most,
    }
    for statement in _WEIBO.split(";"):
        store.con.execute(statement, {name: value for name, value in known.items() if f"${name}" in statement})
    return cascades(store.derive(), "made-up").set_index("metric")


def test_real_cascades_of_weibo_have_the_sizes_of_the_file_and_no_shape(store, shared):
    frame = reposted(store, shared, "weibo", 120)
    sizes = store.con.execute("SELECT count(*) FROM w GROUP BY cascade HAVING count(*) > 1").df().iloc[:, 0]
    row = frame.loc["size"]
    assert (frame.loc["cascades", "value"], row["value"]) == (len(sizes), pytest.approx(sizes.mean()))
    assert row["low"] < sizes.mean() < row["high"]
    assert frame.loc["largest_size", "value"] == sizes.max()
    assert frame.loc["virality", "verdict"] == "insufficient"


def test_the_same_cascades_have_a_low_virality_where_the_direct_parent_is_taken_as_shown(store, shared):
    """Most reposts hang on the first post, so the mean distance stays near 2 (as Goel et al. found elsewhere)."""
    frame = reposted(store, shared, "vk", 120)
    row = frame.loc["virality"]
    assert 2 < row["low"] < row["value"] < row["high"] < 4
    assert frame.loc["reproduction_number", "verdict"] == "shrinking"
