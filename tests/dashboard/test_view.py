"""What the filter bar means, when nobody looked, and the steps of the staircase."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from dashboard import _coverage, _data
from dashboard._crossings import staircase
from dashboard._names import REGIONS, platform, region, sphere
from dashboard._view import View, days, is_zone, stretch

FIRST, LAST = datetime(2026, 3, 1, 5, 30, tzinfo=UTC), datetime(2026, 3, 31, 12, tzinfo=UTC)
VIEW = View(("workspace", 1), "c", FIRST, LAST)


@pytest.mark.parametrize(
    ("code", "since", "until"),
    [
        ("all", datetime(2026, 3, 1, 5, tzinfo=UTC), LAST),
        ("24h", LAST - timedelta(hours=24), LAST),
        ("30d", datetime(2026, 3, 1, 12, tzinfo=UTC), LAST),
        ("2026-03-05..2026-03-06", datetime(2026, 3, 5, tzinfo=UTC), datetime(2026, 3, 7, tzinfo=UTC)),
        ("2026-03-30..2026-04-20", datetime(2026, 3, 30, tzinfo=UTC), LAST),
    ],
)
def test_a_range_ends_with_what_is_held(code: str, since: datetime, until: datetime) -> None:
    assert stretch(code, (FIRST, LAST), None) == (since, until)


def test_a_range_ends_with_the_day_that_is_asked_for() -> None:
    as_of = datetime(2026, 3, 10, tzinfo=UTC)
    assert stretch("7d", (FIRST, LAST), as_of) == (as_of - timedelta(days=7), as_of)


@pytest.mark.parametrize("code", ["", "2026-03-05", "2026-03-06..2026-03-05", "2026-02-30..2026-03-01", "x..y"])
def test_what_is_no_range_of_days_is_none(code: str) -> None:
    assert days(code) is None
    assert days("2026-03-05..2026-03-06") == (date(2026, 3, 5), date(2026, 3, 6))


def test_zones_are_names_and_nothing_else() -> None:
    assert [is_zone(code) for code in ("UTC", "Asia/Shanghai", "../../etc/passwd", "", "Mars")] == [
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize("length", [1, 8, 9, 92, 93, 400])
def test_a_picture_has_a_few_hundred_steps_at_most(length: int) -> None:
    view = replace(VIEW, since=LAST - timedelta(days=length))
    assert (view.until - view.since) / view.step <= 400


def test_every_region_has_a_name_and_an_unknown_code_is_shown_as_it_is() -> None:
    assert len(REGIONS) == 249
    assert (region("HK"), region("XK"), platform("youtube"), platform("mystery")) == (
        "Hong Kong",
        "XK",
        "YouTube",
        "mystery",
    )
    assert [sphere(code) for code in ("weibo", "vk", "rss", "youtube")] == ["cn", "ru", "news", "open"]


def looks(monkeypatch: pytest.MonkeyPatch, **collectors: list[tuple[int, int]]) -> None:
    """Let collectors have watched these days of March, each from the start of one to the start of another."""

    def at(day: int) -> pd.Timestamp:
        return pd.Timestamp(datetime(2026, 3, day, tzinfo=UTC))

    ledger = [
        {
            "collector": name,
            "answered": len(spans),
            "cut_short": 0,
            "first_from": at(spans[0][0]),
            "last_to": at(spans[-1][1]),
        }
        for name, spans in collectors.items()
    ]
    gaps = [
        {"collector": name, "since": at(a[1]), "until": at(b[0])}
        for name, spans in collectors.items()
        for a, b in pairwise(spans)
    ]
    monkeypatch.setattr(_data, "ledger", lambda _: pd.DataFrame(ledger))
    monkeypatch.setattr(_data, "gaps", lambda _: pd.DataFrame(gaps, columns=["collector", "since", "until"]))


def unwatched(platform: str) -> list[tuple[int, int]]:
    view = replace(VIEW, since=datetime(2026, 3, 1, tzinfo=UTC), until=datetime(2026, 3, 20, tzinfo=UTC))
    rows = _coverage.unwatched(view, [platform])
    return [(a.day, b.day) for a, b in zip(rows["since"], rows["until"], strict=True)]


def test_a_gap_is_where_no_collector_of_the_platform_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    looks(monkeypatch, file=[(1, 4), (9, 20)], rss=[(1, 6), (11, 20)])
    assert unwatched("youtube") == [(6, 9)]


def test_a_platform_with_a_collector_of_its_own_is_watched_by_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    looks(monkeypatch, bluesky=[(1, 4), (9, 20)], rss=[(1, 20)])
    assert unwatched("bluesky") == [(4, 9)]
    assert unwatched("web") == []


def test_one_look_a_day_leaves_no_gap_but_a_missed_day_does(monkeypatch: pytest.MonkeyPatch) -> None:
    looks(monkeypatch, file=[(day, day) for day in range(1, 21) if day not in (7, 8)])
    assert unwatched("youtube") == [(6, 9)]


def test_before_the_first_look_and_after_the_last_nobody_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    looks(monkeypatch, rss=[(5, 10), (10, 15)])
    assert unwatched("web") == [(1, 5), (15, 20)]


def sights(*looks_: tuple[int, int]) -> pd.DataFrame:
    """Return so many regions for each look, a look a day; the first look has nothing before it."""
    rows: list[dict[str, Any]] = []
    for day, regions in looks_:
        before = pd.Timestamp(datetime(2026, 3, day - 1, tzinfo=UTC)) if rows else pd.NaT
        seen = pd.Timestamp(datetime(2026, 3, day, tzinfo=UTC))
        rows += [
            {
                "name": f"{day}-{n}",
                "first_seen_at": seen,
                "last_unseen_at": before,
                "note": "",
                "first_look": pd.isna(before),
            }
            for n in range(regions)
        ]
    return pd.DataFrame(rows)


def test_few_regions_have_a_step_each() -> None:
    assert list(staircase(sights((2, 1), (3, 2)))["name"]) == ["2-0", "3-0", "3-1"]


def test_many_regions_of_one_look_share_a_row_and_none_is_lost() -> None:
    steps = staircase(sights((2, 40), (3, 2), (4, 30)))
    assert len(steps) <= 22
    assert {"3-0", "3-1"} <= set(steps["name"])
    more = sum(int(name.split()[0]) for name in steps["name"] if "region" in name)
    assert more + sum("region" not in name for name in steps["name"]) == 72
