"""New views over time out of counters that are read rarely, round and fall; on made-up rows whose truth is known."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from analysis.series import series
from tests.analysis.conftest import MadeUp

NOON = datetime(2026, 3, 1, 12)
HOUR = timedelta(hours=1)


def new(frame: pd.DataFrame, metric: str = "new_views") -> pd.DataFrame:
    rows = frame[frame["metric"] == metric]
    return rows.assign(start=[keys["start"] for keys in rows["keys"]]).set_index("start")


def read_alike(store: MadeUp, readings: dict[float, int], posts: int = 6) -> list[int]:
    """Make posts that were all read at these hours after noon, and showed these views."""
    keys = [store.post(author=f"a{n}", first_seen_at=NOON) for n in range(posts)]
    for key in keys:
        for hour, views in readings.items():
            store.reading(key, NOON + hour * HOUR, views=views)
    return keys


def test_ten_an_hour_is_ten_in_every_hour_however_it_is_read(store):
    read_alike(store, {hour: round(100 + 10 * hour) for hour in (0, 0.5, 1.7, 2, 7.1, 7.3, 12)})
    found = new(series(store.derive(), "made-up"))
    assert found["value"].tolist() == [pytest.approx(60, abs=1e-9)] * 12
    assert [row["n"] for row in found.to_dict("records")] == [6] * 12


def test_the_hours_add_up_to_what_was_read(store):
    chance = np.random.default_rng(6)
    total = 0
    for _ in range(40):
        key = store.post(policy="published", first_seen_at=NOON)
        minutes = np.unique(chance.integers(0, 5000, 10))
        views = np.cumsum(chance.integers(0, 10_000, len(minutes)))
        for minute, count in zip(minutes.tolist(), views.tolist(), strict=True):
            store.reading(key, NOON + minute / 60 * HOUR, views=count)
        total += int(views[-1] - views[0])
    store.derive()
    for grain in ("hour", "6h", "day"):
        found = new(series(store.con, "made-up", grain=grain))
        assert not found["suppressed"].any() and found["value"].sum() == pytest.approx(total, rel=1e-9)


def test_nothing_comes_before_the_first_reading_and_nothing_is_said_after_the_last(store):
    read_alike(store, {1.5: 100, 3.5: 300})
    found = new(series(store.derive(), "made-up"))
    assert found["value"].tolist() == [300, 600, 300]
    assert found["verdict"].tolist() == [None, None, "at least"]
    assert found["high"].tolist()[:2] == [1200, 1200] and found["high"].iloc[2] is None


def test_an_old_page_between_two_readings_is_no_fall(store):
    read_alike(store, {0: 100, 1: 200, 2: 150, 3: 300})
    frame = series(store.derive(), "made-up")
    assert new(frame)["value"].tolist() == [600, 300, 300]
    assert new(frame, "corrections_views").empty


def test_a_fall_that_two_readings_show_is_a_correction_and_what_is_left_counts(store):
    read_alike(store, {0: 100, 1: 200, 2: 150, 3: 160})
    frame = series(store.derive(), "made-up")
    assert new(frame)["value"].tolist() == [300, 0, 60]
    (taken,) = new(frame, "corrections_views").reset_index().to_dict("records")
    assert (taken["start"], taken["value"], taken["n"]) == ("2026-03-01T14:00Z", 300, 6)


def test_a_fall_within_two_percent_or_within_rounding_is_no_correction(store):
    read_alike(store, {0: 1000, 1: 2000, 2: 1990, 3: 1985})
    for key in store.posts_of(6, platform="bilibili", views=12_000):
        for hour, views in ((1, 13_000), (2, 12_000), (3, 12_000)):
            bounds = {"views_low": views - 500, "views_high": views + 499}
            store.reading(key, NOON + hour * HOUR, views=views, **bounds)
    assert new(series(store.derive(), "made-up"), "corrections_views").empty


def test_an_outage_is_bridged_and_never_reads_as_a_fall(store):
    """The true count grows by 50 an hour; for ten hours nobody looks, and in the end half of the posts are not read again."""
    keys = read_alike(store, {hour: 50 * hour for hour in (*range(6), *range(16, 21))}, posts=12)
    for key in keys[:6]:
        for hour in range(21, 24):
            store.reading(key, NOON + hour * HOUR, views=50 * hour)
    found = new(series(store.derive(), "made-up"))
    assert found["value"].tolist()[:20] == [pytest.approx(600)] * 20
    assert found["value"].tolist()[20:] == [300] * 3
    assert found["verdict"].tolist() == [None] * 20 + ["at least"] * 3
    highs = [np.inf if high is None else high for high in found["high"]]
    assert all(high >= low for high in highs for low in found["low"]), "no hour is said to be below another"


def test_a_post_that_the_platform_calls_gone_is_not_waited_for(store):
    keys = read_alike(store, {0: 0, 1: 50}, posts=12)
    for key in keys[:6]:
        store.reading(key, NOON + 2 * HOUR, views=100)
        store.reading(key, NOON + 3 * HOUR, views=150)
    for key in keys[6:]:
        store.insert(
            "availability",
            post_key=key,
            checked_at=NOON + 2 * HOUR,
            run_id="r",
            vantage="v",
            status="gone",
            basis="stated",
        )
    assert new(series(store.derive(), "made-up"))["verdict"].tolist() == [None, None, None]


def test_the_bounds_hold_the_truth_of_every_hour(store):
    chance = np.random.default_rng(5)
    truth = np.zeros(48)
    for n in range(30):
        hourly = chance.poisson(chance.lognormal(3, 1) * np.exp(-np.arange(48) / 20))
        count = np.concatenate([[0], np.cumsum(hourly)])
        key, read = store.post(author=f"a{n}", first_seen_at=NOON), {0, 48, *chance.choice(48, 7)}
        truth += hourly
        for hour in read:
            step = 10 ** max(0, len(str(count[hour])) - 3)  # three digits are shown
            low = int(count[hour] // step * step)
            bounds = {"views_low": low, "views_high": low + step - 1}
            store.reading(key, NOON + int(hour) * HOUR, views=low, **bounds)
    found = new(series(store.derive(), "made-up"))
    low, high = found["low"].astype(float).to_numpy(), found["high"].astype(float).to_numpy()
    assert len(found) == 48 and np.all((low <= truth) & (truth <= high))
    assert new(series(store.con, "made-up", grain="day"))["value"].sum() == pytest.approx(truth.sum(), rel=0.02)


def test_hidden_counts_make_no_growth(store):
    keys = read_alike(store, {0: 100, 2: 300})
    for key in keys:
        store.reading(key, NOON + HOUR, likes=5)
    frame = series(store.derive(), "made-up")
    assert new(frame)["value"].tolist() == [600, 600]
    assert new(frame, "new_likes").empty


def test_hours_of_few_accounts_are_not_shown_and_neither_are_their_corrections(store):
    read_alike(store, {0: 100, 1: 200, 2: 150, 3: 150}, posts=4)
    frame = series(store.derive(), "made-up")
    assert len(frame) == 4 and frame["suppressed"].all() and frame[["value", "low", "high", "n"]].isna().all(axis=None)


def test_as_of_a_day_equals_a_store_that_ends_that_day(store):
    for n in range(6):
        key = store.post(author=f"a{n}", first_seen_at=NOON + n * HOUR)
        for step in range(9):
            store.reading(key, NOON + (n + step * 7) * HOUR, views=1000 - 240 * (step in (4, 5)) + 90 * step)
    store.derive()
    days = [NOON + hours * HOUR for hours in (-1, 9, 31, 44, 90)]
    past = [series(store.con, "made-up", grain="6h", as_of=day) for day in days]
    for day, frame in reversed(list(zip(days, past, strict=True))):
        for table, column in {"observation": "observed_at", "post": "first_seen_at"}.items():
            store.con.execute(f"DELETE FROM held.{table} WHERE {column} > ?", [day])
        pd.testing.assert_frame_equal(frame, series(store.derive(), "made-up", grain="6h"))
    assert len({len(frame) for frame in past}) == 5 and (past[-1]["metric"] == "corrections_views").any()


def test_without_readings_there_is_nothing_to_say(store):
    assert series(store.derive(), "made-up").empty
