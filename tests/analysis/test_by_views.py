"""Whether what many see goes sooner: on made-up posts whose fate does, or does not, hang on their views."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.by_views import by_views
from analysis.questions import answer
from spillover.errors import UsageError
from tests.analysis.watching import HOUR, NOON, Watch


def watched(store, gone, views, *, matched=80):
    """Watch posts that had so many views an hour after publication; those of ``gone`` go at some hour of the first day."""
    watch = Watch(store, matched=matched, each=1)
    readings = [
        {"post_key": key, "observed_at": NOON, "run_id": "r", "views": int(count), "views_low": int(count), "views_high": int(count)}
        for key, count in zip(watch.matched, views, strict=True)
    ]  # fmt: skip
    watch.put("observation", readings)
    chance = np.random.default_rng(3)
    watch.lose([watch.matched[n] for n in gone], list(chance.uniform(0.1, 22, len(gone))), "platform")
    watch.check((0.5, 2, 6, 12, 23, 47))
    store.derive()
    return watch


def find(frame, metric, group="matched"):
    rows = [row for row in frame.to_dict("records") if row["metric"] == metric and row["keys"]["group"] == group]
    assert len(rows) == 1
    return rows[0]


def test_what_is_viewed_more_goes_sooner_where_it_does(store):
    watched(store, range(50, 80), [100 * (1 + n) for n in range(80)])
    row = find(by_views(store.con, "made-up"), "hazard_ratio_more_viewed")
    assert row["value"] > 4 and row["low"] > 1 and row["verdict"] == "more viewed go sooner"
    assert row["rests_on"].startswith("30 of 40 and 0 of 40 gone") or row["rests_on"].startswith("30 of 40 and 0")


def test_no_difference_is_seen_where_there_is_none(store):
    watched(store, range(0, 80, 4), [100 * (1 + n) for n in range(80)])
    row = find(by_views(store.con, "made-up"), "hazard_ratio_more_viewed")
    assert row["low"] < 1 < row["high"] and row["verdict"] == "no difference seen"


def test_views_at_removal_are_a_geometric_mean_of_what_is_gone(store):
    views = [10**3 if n % 2 else 10 for n in range(80)]
    watched(store, range(20), views)
    row = find(by_views(store.con, "made-up"), "views_at_removal")
    assert row["value"] == pytest.approx(np.sqrt(1001 * 11) - 1) and row["low"] < row["value"] < row["high"]
    assert row["n"] == 20 and row["rests_on"] == "20 of 20 posts that are gone had shown views"


def test_few_accounts_are_not_shown_and_hidden_views_are_in_neither_half(store):
    watched(store, range(3), [777] * 80)
    frame = by_views(store.con, "made-up")
    row = find(frame, "views_at_removal")
    assert row["suppressed"] and row["value"] is None and "777" not in str(frame.to_dict("records"))
    controls = find(frame, "hazard_ratio_more_viewed", "controls")
    assert (controls["n"], controls["verdict"]) == (0, "insufficient")


def test_it_is_asked_for_by_name(store):
    watched(store, range(50, 80), [100 * (1 + n) for n in range(80)])
    rows = answer(store.con, "removals", "made-up", by=["views"], as_of=(NOON + 90 * HOUR).isoformat())
    assert {row["metric"] for row in rows} == {"views_at_removal", "hazard_ratio_more_viewed"}
    plain = answer(store.con, "removals", "made-up", by=["platform"], as_of=None)
    assert not {row["metric"] for row in plain} & {row["metric"] for row in rows}
    with pytest.raises(UsageError, match="country"):
        answer(store.con, "removals", "made-up", by=["views", "country"], as_of=None)
