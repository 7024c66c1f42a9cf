"""The answer on the retweets that CooRTweet ships (MIT), as posts of a campaign: what the method notes found by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.coordination import coordination

_LOAD = """
CREATE TEMP TABLE w AS SELECT row_number() OVER () AS post_key, * FROM read_parquet(?);
INSERT INTO held.post BY NAME
SELECT post_key, 'x' AS platform, post_key::VARCHAR AS id, 'x' AS policy, make_timestamp(ts::BIGINT * 1000000) AS published_at,
    'second' AS published_precision, published_at AS first_seen_at, published_at AS last_seen_at FROM w;
INSERT INTO held.post_campaign BY NAME
SELECT post_key, 1 AS campaign_id, 'match' AS role, md5(account_id::VARCHAR)[:16]::BLOB AS author, 'r' AS run_id FROM w;
INSERT INTO held.match BY NAME
SELECT post_key, 1 AS campaign_id, 1 AS version, 'title' AS kind, 0.95 AS confidence, make_timestamp(ts::BIGINT * 1000000) AS matched_at FROM w;
INSERT INTO held.edge BY NAME
SELECT post_key, -1 - object_id AS parent_key, 'repost' AS relation, make_timestamp(ts::BIGINT * 1000000) AS seen_at, 'r' AS run_id FROM w"""


def test_real_retweets_are_in_step_and_half_of_their_pairs_are_chance(store, shared: Path):
    load, *rest = _LOAD.split(";")
    store.con.execute(load, [str(shared / "data" / "methods" / "coortweet_russian_int.parquet")])
    for statement in rest:
        store.con.execute(statement)
    frame = coordination(store.derive(), "made-up")
    assert set(frame["verdict"]) == {"more in step than chance allows"}
    found = {
        (row["keys"]["within_s"], row["keys"]["at_least"]): (row["n"], row["value"])
        for row in frame.to_dict("records")
        if row["metric"] == "share_by_chance" and not row["suppressed"] and row["n"]
    }
    assert {at: n for at, (n, _) in found.items()} == {
        (60, 2): 32,
        (300, 2): 392,
        (300, 3): 64,
        (300, 4): 18,
        (300, 5): 11,
    }
    assert found[60, 2][1] == pytest.approx(0.33, rel=0.25)
    assert found[300, 2][1] == pytest.approx(0.52, rel=0.25)
    assert found[300, 3][1] == pytest.approx(0.16, rel=0.25)
    assert found[300, 5][1] < 0.04
