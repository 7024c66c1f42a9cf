"""A day's budget shared among campaigns: it lasts the day, nobody starves, and what fits keeps its pace."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spillover.__main__ import main
from spillover.campaigns import Campaigns
from spillover.collection import Collection
from spillover.config import Workspace
from spillover.contract import Budget, Collector, Cost, Mode, Page, Query, Window
from spillover.sharing import DAY_S, Demand, paces, spread
from spillover.store import Store
from tests.world import BEGIN, SimulatedClock, World, WorldCollector, serving

HOUR_S = 3600
CAMPAIGN = """
name = "NAME"
title = "T"
platforms = ["PLATFORM"]
phrases.en = PHRASES
[[videos]]
title.en = "Opening of the northern bridge"
"""


def write(workspace: Workspace, name: str, platform: str, phrases: int) -> None:
    listed = json.dumps([f"the bridge number {number} of {name} has opened" for number in range(phrases)])
    text = CAMPAIGN.replace("NAME", name).replace("PLATFORM", platform).replace("PHRASES", listed)
    workspace.campaign_file(name).write_text(text)


def test_what_fits_keeps_its_pace() -> None:
    found = spread(100, {"a": Demand(6 * HOUR_S, 10, 1), "b": Demand(6 * HOUR_S, 15, 1)})
    assert {name: (pace.every_s, pace.queries) for name, pace in found.items()} == {
        "a": (6 * HOUR_S, 10),
        "b": (6 * HOUR_S, 15),
    }


def test_what_does_not_fit_is_asked_at_longer_distances() -> None:
    assert spread(100, {"a": Demand(6 * HOUR_S, 37, 1)})["a"].every_s == pytest.approx(37 / 100 * DAY_S, abs=1)


def test_a_modest_campaign_pays_nothing_for_one_that_wants_too_much() -> None:
    found = spread(100, {"modest": Demand(6 * HOUR_S, 5, 1), "greedy": Demand(HOUR_S, 40, 1)})
    assert found["modest"].every_s == 6 * HOUR_S
    assert found["greedy"].every_s == pytest.approx(40 / 80 * DAY_S, abs=1)


def test_a_turn_that_is_more_than_a_days_share_asks_as_many_as_the_share_holds() -> None:
    demand = Demand(6 * HOUR_S, 150, 1)
    pace = spread(100, {"large": demand, "other": Demand(6 * HOUR_S, 150, 1)})["large"]
    assert (pace.queries, pace.every_s, pace.stretched_s(demand)) == (50, DAY_S, 3 * DAY_S)


DEMANDS = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.builds(Demand, st.integers(60, 3 * DAY_S), st.integers(1, 400), st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.7])),
    min_size=1,
    max_size=8,
)


@given(DEMANDS, st.integers(10, 10_000))
def test_no_day_holds_more_than_its_room_and_nobody_is_left_out(wanted: dict[str, Demand], room: int) -> None:
    found = spread(room, wanted)
    assert set(found) == set(wanted)
    a_day = {name: pace.queries * wanted[name].each * DAY_S / pace.every_s for name, pace in found.items()}
    assert sum(a_day.values()) <= room * 1.001
    least = room / len(wanted)
    for name, demand in wanted.items():
        assert found[name].stretched_s(demand) >= demand.every_s - 1
        assert a_day[name] >= min(demand.a_day, least) * 0.99 - 0.01


class Kept(Collector):
    name = "kept"
    finds = frozenset({"title", "phrase"})
    budgets: ClassVar[dict[str, Budget]] = {"calls": Budget(limit=100, reserve=0.4)}
    costs: ClassVar[dict[Mode, Cost]] = {"search": Cost(bucket="calls")}
    every_s = 6 * HOUR_S

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        raise NotImplementedError


class Paid(Kept):
    name = "paid"
    budgets: ClassVar[dict[str, Budget]] = {"money": Budget(limit=20_000_000, unit="microdollars", per="month")}
    costs: ClassVar[dict[Mode, Cost]] = {"search": Cost(bucket="money", amount=7_500_000)}


def read(workspace: Workspace, store: Store, names: Sequence[str]) -> Campaigns:
    campaigns = Campaigns(workspace, store)
    for name in names:
        campaigns.save(name)
        store.set_campaign(name, live=True)
    return campaigns


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spillover.campaign_check.names", lambda: ["kept", "paid", "world"])
    mine = {"world": WorldCollector, "kept": Kept, "paid": Paid}
    monkeypatch.setattr("spillover.registry.load", mine.__getitem__)


@pytest.mark.usefixtures("known")
def test_what_is_kept_for_re_reads_is_not_shared_out(workspace: Workspace) -> None:
    write(workspace, "one", "kept", 29)
    store = Store(workspace)
    campaign = read(workspace, store, ["one"]).read("one")
    assert paces(Kept, [campaign])["one"].every_s == DAY_S / 2  # 30 queries out of 60
    store.close()


@pytest.mark.usefixtures("known")
def test_the_dearest_answer_there_can_be_stretches_nothing(workspace: Workspace) -> None:
    write(workspace, "one", "paid", 3)
    store = Store(workspace)
    assert paces(Paid, [read(workspace, store, ["one"]).read("one")])["one"].every_s == 6 * HOUR_S
    store.close()


@pytest.mark.usefixtures("known")
def test_every_query_is_asked_as_often_as_every_other_and_the_budget_lasts(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bucket of 8 a day, two campaigns: one of 8 queries that alone would take it all, one of 2."""
    write(workspace, "large", "world", 7)
    write(workspace, "small", "world", 1)
    store = Store(workspace)
    clock = SimulatedClock(BEGIN)
    campaigns = read(workspace, store, ["large", "small"])
    with serving(World(clock)) as world:
        monkeypatch.setenv("SPILLOVER_WORLD_BASE_URL", f"http://127.0.0.1:{world.port}")
        monkeypatch.setenv("SPILLOVER_ALLOW_PRIVATE", "1")
        monkeypatch.setenv("SPILLOVER_WORLD_SEARCH_LIMIT", "8")
        monkeypatch.setattr(WorldCollector, "every_s", 12 * HOUR_S)
        collection = Collection(workspace, store, campaigns, threading.Event(), clock)
        every = {
            name: pace.every_s
            for name, pace in paces(WorldCollector, [campaigns.read(n) for n in ("large", "small")]).items()
        }
        due = dict.fromkeys(every, BEGIN)
        while (name := min(due, key=due.__getitem__)) and due[name] < BEGIN + timedelta(days=3):
            clock.at = max(clock.at, due[name])
            collection.turn("world", "search", name)
            due[name] += timedelta(seconds=every[name])
    rows = store.rows("SELECT campaign, query, count(*) FROM runs WHERE outcome = 'answered' GROUP BY ALL")
    asked = {name: Counter({query: n for campaign, query, n in rows if campaign == name}) for name in every}
    assert (len(asked["large"]), len(asked["small"])) == (8, 2)
    assert max(asked["large"].values()) - min(asked["large"].values()) <= 1
    stopped = store.rows("SELECT count(*) FROM runs WHERE outcome = 'not_asked' AND reason LIKE '%used up%'")
    assert stopped == [(0,)]
    store.close()


def test_the_plan_says_what_others_take_and_how_often_each_query_is_asked(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    write(workspace, "one", "youtube", 19)
    where = ["--workspace", str(workspace.root), "--json"]

    def search(campaign: str) -> tuple[int, dict[str, object]]:
        capsys.readouterr()
        code = main(["plan", "--campaign", campaign, *where])
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return code, next(row for row in rows if row["mode"] == "search")

    code, alone = search("one")
    assert (code, alone["fits"], alone["others_a_day"], alone["note"]) == (0, True, 0, None)
    write(workspace, "two", "youtube", 19)
    assert main(["campaign", "resume", "two", "--live", "on", *where]) == 0
    code, beside = search("one")
    assert (code, beside["fits"], beside["others_a_day"]) == (1, False, 80)
    assert beside["note"] == "each query is asked every 9.6 h instead of 6 h, so that the day's budget lasts"
    assert search(str(workspace.campaign_file("one")))[1] == beside  # a file that is not saved is planned alike
