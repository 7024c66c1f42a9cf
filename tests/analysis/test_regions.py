"""In which regions posts are: expected numbers, what is unknown, what is hidden, and whether the intervals hold."""

from __future__ import annotations

import importlib.util
import json
from datetime import datetime, timedelta

import numpy as np
import pytest

from analysis import _audiences as audiences
from analysis import _fusion as fusion
from analysis import _region_counts as counts
from analysis.questions import answer
from analysis.regions import distributions, held_out, regions
from tests.conftest import ROOT

NOON = datetime(2026, 3, 1, 12)
HOUR = timedelta(hours=1)
SIMPLIFIED, TRADITIONAL = "香港的示威者在街头发表讲话，视频被删除了", "香港示威者發表講話，影片被刪除"
ENGLISH, JAPANESE, RUSSIAN = (
    "The protesters speak up, their video was removed",
    "抗議者が街頭で演説する動画",
    "Видео с протестующими было удалено",
)


@pytest.fixture(scope="module")
def maker():
    spec = importlib.util.spec_from_file_location("make_region_weights", ROOT / "docs" / "make_region_weights.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def told(store, metric="posts", platform=None, **more):
    rows = regions(store.derive(), "made-up", **more).to_dict("records")
    return {
        row["keys"]["region"]: row
        for row in rows
        if row["metric"] == metric and row["keys"].get("platform") == platform
    }


def test_what_platform_and_language_point_to_is_expected_there(store):
    store.many_posts([{"platform": "x", "text": JAPANESE}] * 30 + [{"platform": "vk", "text": RUSSIAN}] * 12)
    store.many_posts(
        [{"platform": "weibo", "text": SIMPLIFIED}] * 40 + [{"platform": "youtube", "text": TRADITIONAL}] * 20
    )
    found = told(store)
    assert found["JP"]["value"] > 27 and found["CN"]["value"] > 37 and found["RU"]["value"] > 9
    assert found["TW"]["value"] > found["HK"]["value"] > 0 and found["TW"]["high"] > 15
    assert told(store, platform="youtube").get("CN", {"value": 0.0})["value"] < 2
    assert sum(row["value"] for row in found.values() if not row["suppressed"]) == pytest.approx(102)
    assert all(row["low"] <= row["value"] <= row["high"] for row in found.values() if row["value"] is not None)
    assert {row["verdict"] for row in found.values()} == {"uncalibrated", None}


def test_a_post_that_shows_nothing_is_unknown_and_spread_over_no_region(store):
    store.many_posts([{"platform": "youtube", "text": "🔥 12"}] * 20 + [{"platform": "weibo", "text": SIMPLIFIED}] * 30)
    found, shares = told(store), told(store, "share")
    assert (found["unknown"]["value"], shares["unknown"]["value"]) == (20, pytest.approx(0.4))
    assert sum(row["value"] for name, row in found.items() if name != "unknown") == pytest.approx(30)
    assert sum(row["value"] for name, row in shares.items() if name != "unknown") == pytest.approx(1)


def test_unknown_is_told_where_it_is_nothing_and_where_it_is_all(store):
    store.many_posts([{"platform": "x"}] * 9)
    rows = regions(store.derive(), "made-up").to_dict("records")
    assert [(r["keys"]["region"], r["value"]) for r in rows if r["metric"] == "share" and "platform" not in r["keys"]][
        -1
    ] == ("unknown", 1)
    store.many_posts([{"platform": "weibo", "text": SIMPLIFIED}] * 9)
    assert told(store, platform="weibo")["unknown"]["value"] == 0


def test_a_stated_region_counts_and_a_province_counts_for_its_country(store):
    store.many_posts([{"platform": "youtube", "text": ENGLISH, "region": "ZA", "region_basis": "outlet"}] * 12)
    store.many_posts([{"platform": "bilibili", "text": SIMPLIFIED, "region": "CN-GD", "region_basis": "ip_label"}] * 9)
    found = told(store)
    assert found["ZA"]["value"] == pytest.approx(12, abs=0.3) and found["CN"]["value"] == pytest.approx(9, abs=0.2)
    assert not [name for name in found if len(name) > 2 and name not in ("elsewhere", "unknown")]
    assert found["ZA"]["rests_on"].startswith("21 posts state a region")


def test_a_chart_says_where_its_readers_are_and_counts_from_when_it_was_read(store):
    for key in store.many_posts([{"platform": "youtube", "text": ENGLISH}] * 10):
        store.insert("listing", post_key=key, list="top", region="GB", rank=1, observed_at=NOON + 2 * HOUR, run_id="r")
    later = told(store)["GB"]["value"]
    assert later > 8 and told(store, as_of=NOON + HOUR).get("GB", {"value": 0.0})["value"] < later / 2


def test_a_region_of_few_accounts_is_hidden_and_cannot_be_worked_out(store):
    stated = {"platform": "youtube", "text": ENGLISH, "region_basis": "outlet"}
    store.many_posts(
        [stated | {"region": "GB"}] * 30 + [stated | {"region": "NZ"}] * 2 + [stated | {"region": "US"}] * 9
    )
    found = told(store)
    assert found["NZ"]["suppressed"] and found["NZ"]["value"] is None and found["NZ"]["n"] is None
    assert sum(row["suppressed"] for row in found.values()) >= 2
    assert all(
        row["suppressed"] for row in told(store, platform="youtube", by=("platform",)).values() if row["value"] is None
    )


def test_an_answer_is_plain_rows_and_no_post_or_account_is_in_it(store):
    store.many_posts(
        [{"platform": "weibo", "text": SIMPLIFIED, "id": f"the-id-{n}", "author": f"somebody{n}"} for n in range(8)]
    )
    text = json.dumps(answer(store.derive(), "regions", "made-up", by=["platform"], as_of=None))
    assert "the-id" not in text and "somebody" not in text and "示威" not in text
    assert answer(store.con, "regions", "made-up", by=["region"], as_of="2026-02-01T00:00Z") == []


def test_the_region_of_each_post_is_a_distribution_for_other_answers(store):
    store.many_posts([{"platform": "vk", "text": RUSSIAN}] * 9 + [{"platform": "x"}] * 3)
    frame = distributions(store.derive(), "made-up")
    assert frame.sum(axis=1).to_numpy() == pytest.approx(np.ones(12))
    assert (frame["RU"] > 0.6).sum() == 9 and (frame["unknown"] == 1).sum() == 3


def test_five_hundred_labelled_posts_replace_the_defaults_and_are_checked(store):
    labelled = [{"platform": "telegram", "text": RUSSIAN, "region": "KZ", "region_basis": "outlet"}] * 250
    labelled += [{"platform": "telegram", "text": ENGLISH, "region": "IN", "region_basis": "outlet"}] * 250
    store.many_posts(labelled + [{"platform": "telegram", "text": RUSSIAN}] * 100)
    found = told(store)
    assert found["KZ"]["value"] > 340 and found["KZ"]["verdict"] is None
    assert "learned from 500 labelled posts" in found["KZ"]["rests_on"]
    (check,) = [row for row in regions(store.con, "made-up").to_dict("records") if row["metric"] == "calibration_error"]
    assert check["n"] == 500 and check["value"] <= 0.03 and check["verdict"] is None


def test_intervals_hold_the_truth_and_what_is_said_of_posts_is_calibrated(maker):
    rng, held, said, right = np.random.default_rng(20), [], [], []
    names = audiences.world().regions
    for stated in [0.9, 0.3, 0.0] * 4:
        posts, truth = maker.world(rng, 350, stated)
        found = counts.draw(posts, fusion.learn(posts[posts["stated"].notna()]), 80)
        real = np.bincount(truth, minlength=len(names))
        drawn = found.counts.sum(axis=1)
        for column, region in enumerate(found.regions[:-1]):
            if found.posts[:, column].sum() >= 4:
                low, high = np.quantile(drawn[:, column], [0.025, 0.975])
                held.append(low <= real[names.index(region)] <= high)
        blind = posts["stated"].isna().to_numpy() & (stated > 0)
        said.extend(found.posts[blind].max(axis=1))
        right.extend(np.array(found.regions)[found.posts[blind].argmax(axis=1)] == np.array(names)[truth[blind]])
    assert len(held) > 60 and 0.9 <= np.mean(held) <= 0.99
    assert abs(np.mean(said) - np.mean(right)) <= 0.03


def test_held_out_posts_are_predicted_from_the_other_half_alone(maker):
    posts, truth = maker.world(np.random.default_rng(21), 300, 1.0)
    posts["stated"] = np.array(audiences.world().regions)[truth]
    right = held_out(posts)[1]
    assert 0.5 < right.mean() < 0.995  # their own labels would make it 1
    mixed = posts.assign(stated=np.random.default_rng(22).permutation(posts["stated"]))
    assert held_out(mixed)[1].mean() < mixed["stated"].value_counts(normalize=True).iloc[0] + 0.05


def test_the_default_weights_are_those_that_the_code_finds(maker):
    assert maker.text() == maker.FILE.read_text("utf-8"), "run: python docs/make_region_weights.py"
