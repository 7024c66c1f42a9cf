"""What counts as gone, what is compared, and what is said of it; on made-up worlds whose truth is known."""

from __future__ import annotations

import json
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from analysis._spells import spells
from analysis.questions import answer
from analysis.removals import removals
from analysis.survival import survival
from tests.analysis.watching import HOUR, NOON, ROUNDS, Watch


def gone(store, **given) -> dict[int, float | None]:
    """Return by post when it was found gone, in hours since noon."""
    frame = spells(store.derive(), "made-up", **given)
    hours = (frame["gone_at"] - NOON) / pd.Timedelta(hours=1)
    return {key: None if pd.isna(hour) else hour for key, hour in zip(frame["post_key"], hours, strict=True)}


def rows(store, metric: str, **given) -> pd.DataFrame:
    frame = removals(store.derive(), "made-up", **given)
    return frame[frame["metric"] == metric].reset_index(drop=True)


def pick(frame: pd.DataFrame, metric: str, **keys: str):
    return next(row for row in frame.itertuples() if row.metric == metric and keys.items() <= row.keys.items())


def cell(store, metric: str, **keys: str):
    return pick(removals(store.derive(), "made-up"), metric, **keys)


def test_a_loss_lies_between_the_last_look_up_and_the_first_look_down(store):
    watch = Watch(store, matched=3, each=1)
    watch.lose(watch.matched[:1], 3.0)
    watch.check()
    frame = spells(store.derive(), "made-up").set_index("post_key")
    lost = frame.loc[watch.matched[0]]
    assert (lost["last_at"], lost["gone_at"]) == (NOON + 2 * HOUR, NOON + 4 * HOUR)
    assert frame["gone_at"].notna().sum() == 1


def test_an_absence_that_nothing_confirms_is_no_loss(store):
    watch = Watch(store, matched=3, each=1)
    watch.lose(watch.matched[:1], 180.0)
    watch.check()
    assert gone(store)[watch.matched[0]] is None
    assert list(spells(store.con, "made-up")["unconfirmed"]).count(True) == 1


def test_absence_in_runs_that_saw_no_control_is_no_loss(store):
    watch = Watch(store, matched=3, each=0)
    watch.lose(watch.matched[:1], 3.0)
    watch.check()
    assert gone(store)[watch.matched[0]] is None


@pytest.mark.parametrize("trouble", ["broken", "blind"])
def test_an_outage_never_reads_as_removals(store, trouble):
    watch = Watch(store, matched=30, each=2)
    watch.check(**{trouble: ROUNDS[5:8]})
    assert set(gone(store).values()) == {None}
    assert {row.value for row in rows(store, "gone_7d").itertuples()} == {0.0}


@pytest.mark.parametrize("trouble", ["broken", "blind"])
def test_an_outage_that_has_not_ended_reads_as_nothing_yet(store, trouble):
    watch = Watch(store, matched=30, each=2)
    watch.check(**{trouble: ROUNDS[10:]})
    assert set(gone(store).values()) == {None}
    assert cell(store, "gone_7d", group="matched", since="found").value is pd.NA  # nobody was watched for so long


def test_a_loss_within_an_outage_is_found_after_it(store):
    watch = Watch(store, matched=10, each=2)
    watch.lose(watch.matched[:1], 6.0)
    watch.check(blind=(8.0, 16.0))
    assert gone(store)[watch.matched[0]] == 23.0


def test_what_comes_back_was_not_removed(store):
    watch = Watch(store, matched=3, each=1)
    watch.lose(watch.matched[:1], 3.0)
    watch.check(ROUNDS[:10])
    watch.say(watch.matched[0], 60.0, "up")
    assert gone(store)[watch.matched[0]] is None


def test_a_post_that_a_search_shows_again_was_not_removed(store):
    watch = Watch(store, matched=3, each=1)
    watch.lose(watch.matched[:1], 3.0)
    watch.check(ROUNDS[:10])
    store.reading(watch.matched[0], NOON + 60 * HOUR)
    assert gone(store)[watch.matched[0]] is None


def test_hidden_private_withheld_and_unread_posts_are_not_removed(store):
    watch = Watch(store, matched=5, each=1)
    watch.check(ROUNDS[:10])
    private, somewhere, nowhere, unread, hidden = watch.matched
    watch.say(private, 60.0, "private", cause="author")
    watch.say(somewhere, 60.0, "withheld", cause="geo", blocked_in=["RU"])
    watch.say(nowhere, 60.0, "withheld", cause="legal", allowed_in=[])
    watch.say(unread, 60.0, "unknown", cause="error")
    store.reading(hidden, NOON + 60 * HOUR, views=None)
    found = gone(store)
    assert {post for post, hour in found.items() if hour is not None} == {nowhere}
    frame = spells(store.derive(), "made-up").set_index("post_key")
    assert frame.loc[nowhere, "cause"] == "legal"
    assert frame.loc[somewhere, "last_at"] == NOON + 60 * HOUR
    assert frame.loc[private, "last_at"] == frame.loc[unread, "last_at"] == NOON + 47 * HOUR
    assert frame.loc[unread, "missed"] == 1


def test_the_archive_says_nothing_of_how_a_post_stands(store):
    watch = Watch(store, matched=3, each=1)
    watch.check(ROUNDS[:5])
    watch.say(watch.matched[0], 60.0, "gone", vantage="archive")
    assert gone(store)[watch.matched[0]] is None


def test_a_takedown_beside_controls_is_being_stopped(store):
    watch = Watch(store)
    watch.lose(watch.matched[:30], list(np.linspace(0.6, 90, 30)), "platform")
    watch.lose(watch.controls[:8], list(np.linspace(1, 150, 8)))
    watch.check()
    said = removals(store.derive(), "made-up")
    row = pick(said, "hazard_ratio", posts="all")
    assert row.verdict == "being stopped"
    assert row.low > 5
    share = pick(said, "gone_7d", group="matched", since="found")
    assert share.low < 0.75 < share.high
    assert pick(said, "cause_known", group="matched").value == 1.0
    assert pick(said, "gone_7d", group="matched", cause="platform").value == pytest.approx(0.75, abs=0.02)
    assert pick(said, "difference_7d", since="found").low > 0.4
    assert pick(said, "log_rank_p").value < 1e-6


def test_what_could_have_been_seen_comes_first_and_knows_nothing_of_the_answer(store):
    watch = Watch(store)
    watch.lose(watch.controls[:12], list(np.linspace(1, 150, 12)))
    watch.check()
    before = removals(store.derive(), "made-up").iloc[:3]
    assert list(before["metric"]) == ["power", "smallest_difference", "smallest_ratio"]
    store.con.execute("DELETE FROM held.availability WHERE post_key <= 20 AND checked_at > ?", [NOON + 3 * HOUR])
    for post in watch.matched[:20]:
        watch.say(post, 4.0, "gone", cause="platform")
    after = removals(store.derive(), "made-up").iloc[:3]
    pd.testing.assert_frame_equal(before, after)


@pytest.mark.parametrize(("removing", "verdict"), [(True, "consistent with being let through"), (False, "cannot tell")])
def test_alike_is_let_through_only_where_the_platform_removes_anything(store, removing, verdict):
    watch = Watch(store, matched=300, each=3)
    rng = np.random.default_rng(4)
    for posts in (watch.matched, watch.controls):
        watch.lose(
            posts[: len(posts) // 2], list(rng.uniform(0.3, 160, len(posts) // 2)), "platform" if removing else None
        )
    watch.check(ROUNDS[::2])
    row = cell(store, "hazard_ratio", posts="all")
    assert row.verdict == verdict
    assert 1 / 1.5 < row.low < row.high < 1.5


def test_posts_that_are_easy_to_find_are_stopped_and_the_others_are_not(store):
    watch = Watch(store, matched=400, each=2)
    store.con.execute("UPDATE held.match SET kind = 'phrase' WHERE post_key % 2 = 0")
    easy, hard = watch.matched[::2], watch.matched[1::2]
    rng = np.random.default_rng(6)
    watch.lose(easy[:180], list(rng.uniform(0.3, 60, 180)), "platform")
    watch.lose(hard[:120], list(rng.uniform(0.3, 160, 120)))
    watch.lose(watch.controls[:480], list(rng.uniform(0.3, 160, 480)))
    rng.shuffle(watch.controls)
    watch.check(ROUNDS[::2])
    store.con.execute("UPDATE held.control SET post_key = 1 + (control_key * 7919) % 400")
    assert cell(store, "hazard_ratio", posts="all").verdict == "being stopped where found"


def test_too_few_posts_are_insufficient(store):
    watch = Watch(store, matched=10)
    watch.lose(watch.matched[:9], 3.0, "platform")
    watch.check()
    said = removals(store.derive(), "made-up")
    assert pick(said, "hazard_ratio", posts="all").verdict == "insufficient"
    assert pick(said, "difference_24h", since="found").verdict == "insufficient"


def test_nothing_lost_is_an_upper_bound_and_cannot_tell(store):
    Watch(store, matched=30).check()
    said = removals(store.derive(), "made-up")
    share = pick(said, "gone_24h", group="matched", since="found")
    assert (share.value, share.low, round(share.high, 4)) == (0.0, 0.0, 0.1157)
    assert pick(said, "hazard_ratio", posts="all").verdict == "cannot tell"


def test_few_accounts_are_not_shown_and_nothing_is_said_of_them(store):
    watch = Watch(store, matched=30)
    store.con.execute(
        "UPDATE held.post_campaign SET author = from_hex(repeat('0' || (post_key % 3), 16)) WHERE role = 'match'"
    )
    watch.lose(watch.matched[:25], list(np.linspace(1, 20, 25)), "account")
    watch.check()
    frame = removals(store.derive(), "made-up")
    about = frame[[keys.get("group") != "controls" for keys in frame["keys"]]]
    assert about["suppressed"].all() and about[["value", "low", "high", "n"]].isna().all(axis=None)
    assert set(about["verdict"].dropna()) == {"insufficient"}
    controls = frame[[keys.get("group") == "controls" for keys in frame["keys"]]]
    assert not controls["suppressed"].any()
    curve = survival(store.con, "made-up")
    assert curve.loc[curve["group"] == "matched", "up_after"].isna().all()


def test_a_cause_of_few_accounts_is_not_shown_nor_what_would_give_it_away(store):
    watch = Watch(store, matched=40)
    watch.lose(watch.matched[:3], 3.0, "author")
    watch.lose(watch.matched[3:10], 3.0, "platform")
    watch.lose(watch.matched[10:22], 3.0, "legal")
    watch.check()
    shown = {row.keys["cause"]: row.suppressed for row in rows(store, "gone_7d").itertuples() if "cause" in row.keys}
    assert shown == {"author": True, "platform": True, "legal": False}


def test_platforms_are_never_added_up(store):
    Watch(store, matched=25).check()
    Watch(store, matched=25, platform="bilibili").check([hour + 0.01 for hour in ROUNDS])
    frame = removals(store.derive(), "made-up")
    assert {keys["platform"] for keys in frame["keys"]} == {"youtube", "bilibili"}
    assert set(frame.loc[frame["metric"] == "hazard_ratio", "n"]) == {100}


def test_a_control_stands_in_the_cell_of_its_post(store):
    Watch(store, matched=25, region="HK").check()
    frame = rows(store, "gone_24h", by=["platform", "region"])
    assert {(row.keys["region"], row.keys["group"], row.n) for row in frame.itertuples()} == {
        ("HK", "matched", 25),
        ("HK", "controls", 75),
    }


def test_a_post_that_is_rejected_takes_its_controls_along(store):
    watch = Watch(store, matched=30)
    watch.check()
    for post in watch.matched[:5]:
        store.insert("review", campaign_id=1, post_key=post, verdict="reject", reviewer="r", reviewed_at=NOON)
    counts = spells(store.derive(), "made-up").groupby("group").size()
    assert dict(counts) == {"matched": 25, "controls": 75}


def test_as_of_a_moment_equals_a_store_that_ends_there(store):
    watch = Watch(store, matched=30)
    watch.lose(watch.matched[:20], list(np.linspace(0.6, 90, 20)), "platform")
    watch.lose(watch.matched[20:25], list(np.linspace(0.6, 40, 5)))
    watch.lose(watch.controls[:20], list(np.linspace(1, 150, 20)))
    watch.check(blind=(8.0,), broken=(31.0,))
    moments = [NOON + hour * HOUR + timedelta(minutes=1) for hour in (8.0, 31.0, 95.0)]
    store.derive()
    past = [
        (removals(store.con, "made-up", as_of=moment), survival(store.con, "made-up", as_of=moment))
        for moment in moments
    ]
    for moment, (answers, curve) in reversed(list(zip(moments, past, strict=True))):
        for table, column in {"availability": "checked_at", "run": "started_at", "observation": "observed_at"}.items():
            store.con.execute(f"DELETE FROM held.{table} WHERE {column} > ?", [moment])
        store.derive()
        pd.testing.assert_frame_equal(answers, removals(store.con, "made-up"))
        pd.testing.assert_frame_equal(curve, survival(store.con, "made-up"))


def test_a_curve_is_boxes_and_a_band_and_a_line_only_where_looks_are_close(store):
    watch = Watch(store, matched=30)
    watch.lose(watch.matched[:10], list(np.linspace(50, 90, 10)))
    watch.check(np.arange(1.0, 100.0))
    curve = survival(store.derive(), "made-up")
    assert set(curve.loc[curve["group"] == "matched", "kind"]) == {"box", "band", "line"}
    boxes = curve[(curve["kind"] == "box") & (curve["group"] == "matched")]
    assert boxes["up_after"].iloc[-1] == pytest.approx(2 / 3)
    assert (boxes["end_h"] - boxes["start_h"] == 1).all()


def test_without_controls_nothing_is_concluded(store):
    watch = Watch(store, matched=30, each=0)
    watch.lose(watch.matched, 3.0, "platform")
    watch.check()
    said = removals(store.derive(), "made-up")
    assert pick(said, "hazard_ratio").verdict == pick(said, "difference_7d").verdict == "insufficient"
    assert pick(said, "gone_24h", group="matched").value == pytest.approx(1.0, abs=1e-3)


def test_by_age_a_post_counts_from_when_it_was_found(store):
    watch = Watch(store, matched=30, each=2, published_at=NOON - 3 * HOUR)
    watch.lose(watch.matched[:12], list(np.linspace(30, 90, 12)))
    watch.check()
    said = removals(store.derive(), "made-up")
    share = pick(said, "gone_7d", group="matched", since="published")
    assert "of what was up at an age of 4 h" in share.rests_on
    assert share.low < 0.4 < share.high


def test_posts_without_a_date_have_no_answer_by_age(store):
    Watch(store, matched=25, each=1, published_at=None).check()
    assert all(keys.get("since") != "published" for keys in removals(store.derive(), "made-up")["keys"])


def test_nothing_held_is_an_empty_answer(store):
    assert removals(store.derive(), "made-up").empty
    assert survival(store.con, "made-up").empty


def test_the_answer_is_rows_of_json(store):
    watch = Watch(store, matched=25)
    watch.lose(watch.matched[:10], 3.0, "platform")
    watch.check()
    found = json.loads(json.dumps(answer(store.derive(), "removals", "made-up", by=["platform", "lang"], as_of=None)))
    assert {row["verdict"] for row in found} == {None, "being stopped"}
    assert found[0]["keys"] == {"platform": "youtube", "lang": "unknown"}


def test_what_others_published_stands_for_itself_and_is_shown(store):
    for number in range(3):
        store.post(policy="published", kind="title", region=f"R{number}")
    frame = spells(store.derive(), "made-up")
    assert frame["account"].isna().all()
    assert not removals(store.con, "made-up")["suppressed"].any()
