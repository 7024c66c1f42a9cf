"""Where posts are withheld, from when to when, and what stands beside it; on made-up rows."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest

from analysis._spells import spells
from analysis.removals import removals
from analysis.withholding import withheld
from tests.analysis.watching import NOON, Watch

DAY = timedelta(days=1)


@pytest.fixture
def watch(store):
    """Twelve posts of which seven are withheld in two countries on the second day, and seen everywhere on the fourth."""
    watch = Watch(store, matched=12, each=1)
    watch.check([1.0])
    for post in watch.matched[:7]:
        watch.say(post, 30.0, "withheld", blocked_in=["DE", "RU"])
        watch.say(post, 80.0, "up")
    watch.say(watch.matched[8], 81.0, "up", blocked_in=[])
    return watch


def history(store, country: str, group: str = "matched", **given) -> list[tuple[str, int]]:
    frame = withheld(store.con, "made-up", **given)
    rows = frame[(frame["country"] == country) & (frame["group"] == group)]
    return list(zip(rows["day"].dt.strftime("%d"), rows["withheld"], strict=True))


def shares(store, **given) -> dict[tuple[str, str], tuple[float, int]]:
    frame = removals(store.con, "made-up", by=["country"], **given)
    rows = frame[frame["metric"] == "withheld"]
    return {
        (keys["country"], keys["group"]): (value, n)
        for keys, value, n in zip(rows["keys"], rows["value"], rows["n"], strict=True)
    }


def test_the_history_of_a_country_has_a_row_for_each_day_that_changed_it(store, watch):
    store.derive()
    assert history(store, "RU") == [("01", 0), ("02", 7), ("04", 0)]
    assert history(store, "RU", as_of=NOON + DAY + timedelta(hours=8)) == [("01", 0), ("02", 7)]
    assert history(store, "RU", "controls") == [("01", 0)]


def test_the_share_withheld_is_by_the_last_check_and_beside_controls(store, watch):
    store.derive()
    assert shares(store)["DE", "matched"] == (0.0, 12)
    assert shares(store, as_of=NOON + 2 * DAY)["DE", "matched"] == (pytest.approx(7 / 12), 12)
    assert shares(store, as_of=NOON + 2 * DAY)["DE", "controls"] == (0.0, 12)


def test_withheld_somewhere_is_not_gone(store, watch):
    assert spells(store.derive(), "made-up")["gone_at"].isna().all()


def test_allowed_in_some_countries_is_withheld_in_the_others(store, watch):
    for post in watch.matched[:7]:
        watch.say(post, 100.0, "withheld", allowed_in=["DE"])
    store.derive()
    assert (shares(store)["DE", "matched"][0], shares(store)["RU", "matched"][0]) == (0.0, pytest.approx(7 / 12))


def test_a_look_from_one_place_says_nothing_of_other_countries(store, watch):
    for post in watch.matched[:7]:
        watch.say(post, 100.0, "withheld", blocked_in=["RU"])
        watch.say(post, 101.0, "up", vantage="JP")
    store.derive()
    assert shares(store)["RU", "matched"][0] == pytest.approx(7 / 12)


def test_a_country_where_few_accounts_are_withheld_is_not_shown(store, watch):
    for post in watch.matched[:3]:
        watch.say(post, 100.0, "withheld", blocked_in=["FR"])
    store.derive()
    frame = removals(store.con, "made-up", by=["country"])
    row = next(row for row in frame.itertuples() if row.keys.get("country") == "FR" and row.keys["group"] == "matched")
    assert row.suppressed and pd.isna(row.value)
    assert [count for _, count in history(store, "FR")] == [pd.NA] * len(history(store, "FR"))


def test_a_block_of_a_platform_stands_beside_and_is_no_removal(store, watch):
    told = {"ooni.measurements": 40.0, "ooni.confirmed": 10.0, "ooni.anomaly": 12.0, "ooni.ok": 18.0}
    for series, value in told.items():
        for read, part in ((NOON, 0.5), (NOON + DAY, 1.0)):  # the later reading of a day replaces the earlier
            store.insert(
                "measure", campaign_id=1, collector="ooni", series=series, subject="youtube.com", unit="tests", region="RU",
                since=NOON - DAY, until=NOON, value=value * part, read_at=read, run_id="o",
            )  # fmt: skip
    frame = removals(store.derive(), "made-up", by=["country"])
    found = {row.metric: row for row in frame.itertuples() if "host" in row.keys}
    assert found["unreachable_confirmed"].keys == {"host": "youtube.com", "country": "RU"}
    assert (found["unreachable_confirmed"].value, found["unreachable_anomaly"].value) == (0.25, 0.3)
    assert (found["unreachable_confirmed"].n, found["unreachable_confirmed"].low) == (
        40,
        pytest.approx(0.1269, abs=1e-4),
    )
    past = removals(store.con, "made-up", by=["country"], as_of=NOON + timedelta(hours=1))
    assert [row.n for row in past.itertuples() if row.metric == "unreachable_confirmed"] == [20]
