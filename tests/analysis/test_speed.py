"""How fast counts grow, on made-up rows; how often the intervals hold is tested with the formulas, in test_growth.py."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import log

import numpy as np
import pandas as pd
import pytest

from analysis.speed import speed

NOON = datetime(2026, 3, 1, 12)
HOUR = timedelta(hours=1)


def rows(frame: pd.DataFrame, platform: str = "youtube") -> dict[str, dict[str, object]]:
    return {row["metric"]: row for row in frame.to_dict("records") if row["keys"]["platform"] == platform}


def read(store, growth, *, posts: int = 20, hours=range(0, 72, 4), **given) -> None:
    """Make posts whose expected count at an hour is ``growth(hour)``, each of a size of its own, with overdispersed steps."""
    chance = np.random.default_rng(17)
    for n in range(posts):
        key = store.post(author=f"{given}{n}", first_seen_at=NOON, **given)
        size, count, before = chance.lognormal(1, 0.5), 0, None
        for hour in hours:
            if before is not None:
                count += int(chance.poisson(size * chance.gamma(4, 1 / 4) * (growth(hour) - growth(before))))
            before = hour
            store.reading(key, NOON + hour * HOUR, views=count)


def test_growth_that_doubles_every_day_is_seen_to(store):
    read(store, lambda hour: 50 * 2 ** (hour / 24))
    found = rows(speed(store.derive(), "made-up"))
    assert found["doubling_hours"]["low"] < 24 < found["doubling_hours"]["high"]
    assert found["doubling_hours"]["high"] < 40 and found["doubling_hours"]["verdict"] is None
    assert (
        found["velocity"]["n"] == 20
        and found["velocity"]["low"] < found["velocity"]["value"] < found["velocity"]["high"]
    )


def test_growth_that_halves_every_day_is_falling(store):
    read(store, lambda hour: 1e4 * (1 - 2 ** (-hour / 24)))
    found = rows(speed(store.derive(), "made-up"))
    assert found["doubling_hours"]["verdict"] == "falling" and found["doubling_hours"]["value"] is None
    assert found["halving_hours"]["low"] < 24 < found["halving_hours"]["high"]


def test_steady_growth_is_neither_and_says_how_fast_it_may_double_at_most(store):
    read(store, lambda hour: 30 * hour)
    found = rows(speed(store.derive(), "made-up"))
    assert "halving_hours" not in found and found["doubling_hours"]["verdict"] == "cannot tell"
    assert found["doubling_hours"]["value"] is None and found["doubling_hours"]["low"] > 24


def test_velocity_is_the_rate_of_the_last_day_exactly_where_growth_is_even(store):
    for n in range(6):
        key = store.post(author=f"a{n}", first_seen_at=NOON)
        for hour in (0, 10, 40, 50, 60):
            store.reading(key, NOON + hour * HOUR, views=1000 + (0 if hour < 40 else 12 * (hour - 40)))
    assert rows(speed(store.derive(), "made-up"))["velocity"]["value"] == pytest.approx(6 * 12)


def test_an_outage_is_no_fall_of_velocity(store):
    read(store, lambda hour: 30 * hour, hours=(*range(0, 50, 2), *range(66, 72, 2)))
    found = rows(speed(store.derive(), "made-up"))
    assert found["doubling_hours"]["verdict"] == "cannot tell"


def test_a_correction_takes_nothing_from_velocity(store):
    for n in range(6):
        key = store.post(author=f"a{n}", first_seen_at=NOON)
        for hour, views in ((0, 100), (2, 120), (4, 60), (6, 70), (8, 80)):
            store.reading(key, NOON + hour * HOUR, views=views)
    assert rows(speed(store.derive(), "made-up"))["velocity"]["value"] == pytest.approx(6 * 20 / 8)


@pytest.mark.parametrize(("posts", "hours"), [(4, range(0, 24, 2)), (20, (0, 1)), (6, (0, 1, 2))])
def test_too_few_posts_or_readings_are_insufficient(store, posts, hours):
    read(store, lambda hour: 30 * hour, posts=posts, hours=hours, policy="published")
    frame = speed(store.derive(), "made-up")
    assert frame["value"].isna().all() or (posts, len(hours)) == (6, 3)
    assert set(frame["verdict"]) <= {"insufficient", "cannot tell", None}


def test_few_private_accounts_are_suppressed_and_platforms_stay_apart(store):
    read(store, lambda hour: 30 * hour, posts=4, platform="bilibili")
    read(store, lambda hour: 30 * hour, posts=8)
    frame = speed(store.derive(), "made-up")
    assert rows(frame, "bilibili")["velocity"]["suppressed"] and rows(frame, "bilibili")["velocity"]["n"] is None
    assert not rows(frame)["velocity"]["suppressed"]


def test_as_of_a_moment_equals_a_store_that_ends_then(store):
    read(store, lambda hour: 50 * 2 ** (hour / 24), hours=range(0, 96, 6))
    store.derive()
    moment = NOON + 50 * HOUR
    past = speed(store.con, "made-up", as_of=moment)
    store.con.execute("DELETE FROM held.observation WHERE observed_at > ?", [moment])
    pd.testing.assert_frame_equal(past, speed(store.derive(), "made-up"))
    assert log(2) / past.set_index("metric")["value"]["doubling_hours"] == pytest.approx(log(2) / 24, rel=0.5)
