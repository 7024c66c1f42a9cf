"""The pictures before they are drawn: small, without empty layers, and without numbers that nobody knows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from dashboard import _charts
from dashboard._axes import Picture
from dashboard._theme import DARK, LIGHT, Ink
from dashboard._view import View

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
VIEW = View(("workspace", 1), "c", SINCE, SINCE + timedelta(days=3))
NONE = pd.DataFrame(columns=["since", "until", "platform"]).astype(
    dict.fromkeys(("since", "until"), "datetime64[us, UTC]")
)


def steps(**platforms: list[int | None]) -> pd.DataFrame:
    rows = [
        {
            "start": pd.Timestamp(SINCE + hour * timedelta(hours=1)),
            "platform": name,
            "views": views,
            "suppressed": views is None,
        }
        for name, values in platforms.items()
        for hour, views in enumerate(values)
    ]
    return pd.DataFrame(rows).astype({"views": "Int64"})


def lanes(frame: pd.DataFrame, unwatched: pd.DataFrame = NONE, ink: Ink = LIGHT) -> Picture:
    return _charts.lanes(frame, VIEW, ink, value="views", height=60, unwatched=unwatched)


def layers(picture: Picture) -> list[dict[str, Any]]:
    return list(picture[0]["layer"])


def test_every_layer_has_rows_and_shares_one_axis() -> None:
    picture = lanes(steps(youtube=[5, 9, 2], vk=[None, None]))
    assert {layer["data"]["name"] for layer in layers(picture)} == set(picture[1])
    assert all(len(frame) for frame in picture[1].values())
    assert len({json.dumps(layer["encoding"]["x"]["scale"]) for layer in layers(picture)}) == 1


def test_a_lane_of_suppressed_steps_names_no_number() -> None:
    spec, frames = lanes(steps(youtube=[5, 9], vk=[None, None]))
    words = json.dumps(spec)
    assert "suppressed" in words
    assert "top 9" in words
    assert "top 1 " not in words
    assert len(frames["hidden"]) == 2


def test_each_platform_has_its_own_scale() -> None:
    _, frames = lanes(steps(youtube=[10, 1000], bilibili=[1, 2]))
    tallest = (
        frames["bars"].assign(height=frames["bars"]["high"] - frames["bars"]["low"]).groupby("who")["height"].max()
    )
    assert tallest.round(6).nunique() == 1


def test_a_step_without_a_row_is_no_bar() -> None:
    frame = steps(youtube=[5, 5, 5, 5])
    _, frames = lanes(frame[frame["start"] != frame["start"].iloc[2]])
    assert len(frames["bars"]) == 3
    assert frames["whole"]["run"].nunique() == 2


def test_counters_that_fall_are_drawn_below_the_floor() -> None:
    _, frames = lanes(steps(youtube=[100, -50]))
    assert (frames["bars"]["high"] < frames["bars"]["low"]).tolist() == [False, True]


def test_gaps_lie_over_growth_that_is_spread_and_under_posts_that_were_seen() -> None:
    gap = pd.DataFrame(
        {"since": [pd.Timestamp(SINCE)], "until": [pd.Timestamp(SINCE + timedelta(hours=1))], "platform": ["youtube"]}
    )
    names = [layer["data"]["name"] for layer in layers(lanes(steps(youtube=[5, 9]), gap))]
    assert names[-1] == "gaps"
    posts = steps(youtube=[5, 9]).rename(columns={"views": "posts"})
    picture = _charts.lanes(posts, VIEW, LIGHT, value="posts", height=60, unwatched=gap)
    assert [layer["data"]["name"] for layer in layers(picture)][1] == "gaps"


def test_a_picture_carries_the_inks_of_its_theme() -> None:
    frame = steps(youtube=[5, 9])
    assert LIGHT.text in json.dumps(lanes(frame)[0])
    assert DARK.text in json.dumps(lanes(frame, ink=DARK)[0])


def test_a_strip_joins_equal_states_that_follow_each_other() -> None:
    hours = [pd.Timestamp(SINCE + hour * timedelta(hours=1)) for hour in range(6)]
    states = ["watched", "watched", "not_watched", "refused", "refused", "watched"]
    frame = pd.DataFrame({"collector": "rss", "start": hours, "state": states, "share": 1.0})
    _, frames = _charts.strip(frame, VIEW, timedelta(hours=1), LIGHT)
    assert list(frames["seen"]["state"]) == ["watched", "refused", "watched"]


def test_a_platform_with_a_hostile_name_stays_data() -> None:
    name = 'x"]})[0]; alert(1) //'
    spec, _ = lanes(steps(**{name: [1, 2]}))
    axis = next(layer["encoding"]["y"]["axis"] for layer in layers((spec, {})))
    words = axis["labelExpr"].removeprefix("(").removesuffix(")[datum.value]")
    assert json.loads(words)["0"][0] == name
