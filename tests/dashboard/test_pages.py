"""The pages without a browser: that their numbers are those of the analyses, and what they say where there are none."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from analysis import crossings, overview, reach
from dashboard._text import number, short
from spillover import registry
from spillover.owner import Owner
from tests.dashboard.conftest import Open
from tests.dashboard.stage import CHARTS, CIA, EMPTY, MIXED


def metrics(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def below(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.delta for metric in at.metric}


def words(at: AppTest) -> str:
    return " ".join(str(block.proto.body) for block in at.get("html"))


def test_the_numbers_of_the_overview_are_those_of_the_analyses(owner: Owner, open_page: Open) -> None:
    with owner.cursor() as cursor:
        known = overview.headline(cursor, CHARTS)
        regions = crossings.first_seen(cursor, CHARTS)["region"].nunique()
    at = open_page(c=CHARTS)
    assert metrics(at) == {
        "Posts": number(known["posts"]["value"]),
        "Regions": number(regions),
        "Platforms": number(known["platforms"]["value"]),
        "Known views, YouTube": short(known["known_views"]["youtube"]["value"]),
    }
    assert f"<b>{known['posts']['value']} posts</b> on <b>YouTube</b>, in <b>{regions} regions</b>" in words(at)


def test_the_campaign_with_most_readings_is_shown_first(owner: Owner, open_page: Open) -> None:
    assert open_page().selectbox(key="c").value == CHARTS


def test_views_are_never_added_over_platforms(owner: Owner, open_page: Open) -> None:
    with owner.cursor() as cursor:
        frame = reach.reach(cursor, MIXED)
    known = frame[frame["metric"] == "known_views"]
    shown = {keys["platform"]: value for keys, value in zip(known["keys"], known["value"], strict=True)}
    at = open_page(c=MIXED)
    labels = [label for label in metrics(at) if "view" in label.lower()]
    assert labels[:2] == ["Known views, YouTube", "Known views, Bilibili"]
    assert len(labels) == 3
    assert short(shown["youtube"] + shown["bilibili"]) not in " ".join([*metrics(at).values(), words(at)])


def test_rounded_suppressed_and_hidden_counts_are_told_apart(owner: Owner, open_page: Open) -> None:
    at = open_page(c=MIXED)
    assert (metrics(at)["Known views, YouTube"], below(at)["Known views, YouTube"]) == ("384k", "as shown")
    assert below(at)["Known views, Bilibili"] == "between 322,000 and 349,972"
    at.pills(key="p").set_value(["vk"]).run()
    assert metrics(at)["Known views, VK"] == "suppressed"
    at.pills(key="p").set_value(["x"]).run()
    assert metrics(at)["Known views, X"] == "unknown"
    assert "0" not in (metrics(at)["Known views, X"], metrics(at)["Posts"])


def test_posts_that_are_suppressed_are_not_counted_and_said_so(owner: Owner, open_page: Open) -> None:
    at = open_page(c=MIXED)
    assert metrics(at)["Posts"] == "26"
    assert "(VK: suppressed, fewer than 5 accounts)" in words(at)


def test_a_shorter_range_changes_what_is_new_and_not_what_is_held(owner: Owner, open_page: Open) -> None:
    at = open_page(c=CHARTS)
    held, new = metrics(at)["Posts"], below(at)["Posts"]
    at.segmented_control(key="r").set_value("7d").run()
    assert not at.exception
    assert metrics(at)["Posts"] == held
    assert below(at)["Posts"] != new


def test_as_of_a_day_shows_what_was_known_then(owner: Owner, open_page: Open) -> None:
    earlier = open_page(c=CHARTS, asof="2026-03-28")
    assert int(metrics(earlier)["Posts"]) < int(metrics(open_page(c=CHARTS))["Posts"])


def test_a_certainty_band_leaves_out_what_matches_less_surely(owner: Owner, open_page: Open) -> None:
    with owner.cursor() as cursor:
        frame = reach.reach(cursor, CHARTS, by=("platform", "band"))
    posts = frame[frame["metric"] == "posts"]
    high = sum(value for keys, value in zip(posts["keys"], posts["value"], strict=True) if keys["band"] == "high")
    assert metrics(open_page(c=CHARTS, q="high"))["Posts"] == str(high)


def test_a_deep_link_opens_the_same_view(owner: Owner, open_page: Open) -> None:
    at = open_page(
        c=MIXED, r="2026-01-01..2026-01-02", p="youtube", reg="HK", q="high", asof="2026-01-03", tz="Asia/Shanghai"
    )
    assert at.selectbox(key="c").value == MIXED
    assert at.segmented_control(key="r").value == "custom"
    assert [str(day) for day in at.date_input(key="days").value] == ["2026-01-01", "2026-01-02"]
    assert at.pills(key="p").value == ["youtube"]
    assert at.multiselect(key="reg").value == ["HK"]
    assert at.selectbox(key="q").value == "high"
    assert str(at.date_input(key="asof").value) == "2026-01-03"
    assert at.selectbox(key="tz").value == "Asia/Shanghai"


def test_a_bad_deep_link_is_ignored(owner: Owner, open_page: Open) -> None:
    at = open_page(c="no-such", r="99 y", p="<b>", reg=["XX", "../.."], q="0.3", asof="2026-13-45", tz="Mars/Olympus")
    assert at.selectbox(key="c").value == CHARTS
    assert at.segmented_control(key="r").value == "all"
    assert (at.multiselect(key="reg").value, at.selectbox(key="tz").value) == ([], "UTC")
    assert dict(at.query_params) == {}


def test_the_address_holds_codes_and_leaves_defaults_out(owner: Owner, open_page: Open) -> None:
    at = open_page()
    assert dict(at.query_params) == {}
    at.segmented_control(key="r").set_value("7d").run()
    at.selectbox(key="c").set_value(MIXED).run()
    assert dict(at.query_params) == {"r": "7d", "c": MIXED}


def test_a_change_of_page_keeps_the_filters(owner: Owner, open_page: Open) -> None:
    at = open_page(c=MIXED, r="7d")
    at.switch_page("dashboard/timeline.py").run()
    assert at.selectbox(key="c").value == MIXED
    assert at.segmented_control(key="r").value == "7d"


def test_another_campaign_drops_filters_that_it_does_not_know(owner: Owner, open_page: Open) -> None:
    at = open_page(c=MIXED, p="bilibili", reg="HK")
    at.selectbox(key="c").set_value(CIA).run()
    assert not at.exception
    assert at.multiselect(key="reg").value == []


def test_a_filter_that_leaves_nothing_is_named_and_can_be_taken_off(owner: Owner, open_page: Open) -> None:
    at = open_page(c=CHARTS, q="reviewed")
    assert "certainty" in at.info[0].value
    at.button(key="take_off").click().run()
    assert "Posts" in metrics(at)


def test_a_region_of_charts_does_not_empty_the_page(owner: Owner, open_page: Open) -> None:
    at = open_page(c=CHARTS, reg="HK")
    assert metrics(at)["Regions"] == "1"
    assert "No post names Hong Kong as its own region" in at.caption[0].value


def test_a_region_of_posts_narrows_their_counts(owner: Owner, open_page: Open) -> None:
    assert metrics(open_page(c=MIXED, reg="HK"))["Posts"] == "8"


def test_an_empty_workspace_says_how_to_begin(bare_owner: Owner, open_page: Open) -> None:
    at = open_page()
    assert [block.value for block in at.code] == [
        "spillover campaign add FILE",
        "spillover import FILE... --campaign NAME",
        "spillover demo",
    ]


def test_without_an_owner_the_page_says_how_to_start(open_page: Open) -> None:
    assert "spillover up" in open_page().info[0].value


def test_a_campaign_without_data_shows_no_numbers(owner: Owner, open_page: Open) -> None:
    at = open_page(c=EMPTY)
    assert metrics(at) == {}
    assert "No data yet" in words(at)
    assert at.code[0].value == f"spillover import FILE... --campaign {EMPTY}"


def test_the_sample_is_labelled_on_every_page(owner: Owner, open_page: Open) -> None:
    for page in ("overview", "timeline", "collectors"):
        at = open_page(page, c=CHARTS)
        assert any("Sample data" in block.value for block in at.markdown), page


def test_the_days_on_which_nobody_looked_are_admitted(owner: Owner, open_page: Open) -> None:
    assert "On 2 of 21 days from 26 Mar 2026 nobody looked" in words(open_page(c=CHARTS))
    assert "Nobody looked on <b>2 of 21 days</b>" in words(open_page("collectors", c=CHARTS))


def test_refused_and_broken_runs_are_named_with_their_reason_as_text(owner: Owner, open_page: Open) -> None:
    said = words(open_page("collectors", c=CIA))
    assert "1 run refused, 1 run broken" in said
    assert "&lt;img src=x" in said
    assert "<img" not in said


def test_the_ledger_is_that_of_the_analysis(owner: Owner, open_page: Open) -> None:
    frame = open_page("collectors", c=CIA).dataframe[0].value
    assert list(zip(frame["collector"], frame["runs"], frame["refused"], frame["broken"], strict=True)) == [
        ("file", 3, 0, 0),
        ("rss", 2, 1, 1),
    ]


def test_every_source_says_whether_it_can_look_and_what_it_lacks(
    owner: Owner, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPILLOVER_YOUTUBE_API_KEY", raising=False)
    at = open_page("collectors", c=CIA)
    rows = {row["name"]: row for row in at.dataframe[1].value.to_dict("records")}
    assert rows.keys() == set(registry.names())
    assert (rows["youtube"]["state"], rows["youtube"]["asks"]) == ("off", "search, reread")
    assert "YOUTUBE_API_KEY" in rows["youtube"]["why"] and "100 search" in rows["youtube"]["left"]
    assert rows["x"]["left"].startswith("$")


def test_a_collector_that_is_broken_now_is_named_before_anything_else(owner: Owner, open_page: Open) -> None:
    with owner.cursor() as cursor:
        cursor.execute(
            """INSERT INTO held.run BY NAME SELECT * REPLACE ('again' AS run_id, now()::TIMESTAMP AS started_at, now()::TIMESTAMP AS ended_at,
               'broken' AS outcome) FROM held.run WHERE collector = 'rss' AND outcome = 'broken' LIMIT 1"""
        )
    at = open_page("collectors", c=CHARTS)
    assert "<b><bdi>rss</bdi></b> is broken: that nothing came says nothing." in words(at)
    assert at.dataframe[1].value.iloc[0]["name"] == "rss"
    assert "<img" not in words(at)


def test_a_campaign_is_paused_and_resumed(owner: Owner, open_page: Open) -> None:
    at = open_page("collectors", c=CHARTS)
    at.button(key="pause").click().run()
    assert state_of(owner, CHARTS)["state"] == "paused"
    at.button(key="resume").click().run()
    assert state_of(owner, CHARTS)["state"] == "active"


def test_live_collection_is_one_switch(owner: Owner, open_page: Open) -> None:
    at = open_page("collectors", c=CHARTS)
    at.toggle[0].set_value(True).run()
    assert state_of(owner, CHARTS)["live"] is True
    assert at.toggle[0].value is True
    at.toggle[0].set_value(False).run()
    assert state_of(owner, CHARTS)["live"] is False


def state_of(owner: Owner, name: str) -> dict[str, object]:
    rows = owner.command("campaign_list")["campaigns"]
    return next(row for row in rows if row["name"] == name)


def test_answers_are_kept_until_something_is_committed(owner: Owner, open_page: Open) -> None:
    at = open_page(c=MIXED)
    before = below(at)["Known views, Bilibili"]
    with owner.cursor() as cursor:
        cursor.execute(
            """INSERT INTO held.observation BY NAME SELECT * REPLACE (TIMESTAMP '2026-01-05' AS observed_at, views_high + 1 AS views_high)
               FROM held.observation WHERE views_low < views_high AND observed_at = '2026-01-03 06:00'"""
        )
    at.run()
    assert below(at)["Known views, Bilibili"] == before  # behind the store's back: no new version of the data
    owner.store.rebuild()
    at.run()
    assert below(at)["Known views, Bilibili"] == "between 322,000 and 349,979"


def test_a_sighting_is_entered_on_the_page_and_counts_as_reviewed(owner: Owner, open_page: Open) -> None:
    at = open_page("collectors", c=CIA)
    at.text_input(key="sighting_url").set_value("https://www.kuaishou.com/short-video/3xj8yd6c7d9a8bs")
    at.text_input(key="sighting_views").set_value("1.2万")
    at.text_input(key="sighting_by").set_value("reviewer 7")
    next(button for button in at.button if button.label == "Keep it").click().run()
    assert not at.exception and "The sighting on kuaishou is kept, reviewed." in words(at)
    with owner.cursor() as cursor:
        found = cursor.execute("SELECT band FROM posts WHERE platform = 'kuaishou'").fetchall()
    assert found == [("reviewed",)] and at.text_input(key="sighting_url").value == ""


def test_a_sighting_that_is_refused_says_why_and_stays_filled(owner: Owner, open_page: Open) -> None:
    at = open_page("collectors", c=CIA)
    at.text_input(key="sighting_url").set_value("https://t.me/c/1234567890/5")
    next(button for button in at.button if button.label == "Keep it").click().run()
    assert not at.exception and "Not kept: url: it leads into a private place" in words(at)
    assert at.text_input(key="sighting_url").value == "https://t.me/c/1234567890/5"
