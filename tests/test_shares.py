"""A day's searches are shared: one query that finds without end leaves the others, and the day's later turns, their part."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from spillover.budgets import Portion, Purse
from spillover.config import Workspace
from spillover.contract import Budget
from spillover.owner import Owner
from tests.badserver import Behaviour, Send, bad_server, reply
from tests.world import SimulatedClock

NOON = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)  # 05:00 in Los Angeles, the day after its clocks went forward
CAMPAIGN = """name = "bridge"
title = "The video of the bridge"
platforms = ["youtube"]
phrases.en = ["everybody talks about this bridge", "nobody talks about that bridge", "somebody talks about another bridge"]

[[videos]]
title.en = "The bridge that was never built"
"""


class Searches:
    """YouTube's search: one query has a page after each page, the others find nothing."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.trouble = 0

    def behave(self) -> Behaviour:
        def answer(send: Send, head: str) -> object:
            words = parse_qs(urlsplit(head.split(" ")[1]).query)["q"][0]
            self.asked.append(words)
            if self.trouble:
                return reply(self.trouble)(send, head)
            told: dict[str, object] = {
                "kind": "youtube#searchListResponse",
                "items": [],
                "pageInfo": {"totalResults": 0},
            }
            if words.startswith("everybody"):
                told |= {
                    "items": [_hit(len(self.asked), number) for number in range(50)],
                    "nextPageToken": f"P{len(self.asked)}",
                }
            return reply(200, json.dumps(told).encode())(send, head)

        return answer

    def counts(self) -> dict[str, int]:
        found = {words.split()[0]: self.asked.count(words) for words in dict.fromkeys(self.asked)}
        self.asked.clear()
        return found


def _hit(page: int, number: int) -> dict[str, object]:
    return {
        "kind": "youtube#searchResult", "id": {"kind": "youtube#video", "videoId": f"{page:05}{number:06}"},
        "snippet": {"publishedAt": f"2026-03-08T{23 - page % 24:02}:00:00Z", "title": "Something else"},
    }  # fmt: skip


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> Iterator[Searches]:
    made = Searches()
    monkeypatch.setenv("YOUTUBE_API_KEY", "a-secret-of-the-test")
    monkeypatch.setenv("SPILLOVER_ALLOW_PRIVATE", "1")
    monkeypatch.setenv("SPILLOVER_YOUTUBE_SEARCH_LIMIT", "24")  # the pace is kept, so a hundred would take minutes
    with bad_server() as server:
        monkeypatch.setenv("SPILLOVER_YOUTUBE_BASE_URL", f"http://127.0.0.1:{server.port}")
        server.on("/youtube/v3/search", made.behave())
        yield made


def test_a_query_without_end_leaves_the_others_and_later_turns_their_part(
    workspace: Workspace, searches: Searches
) -> None:
    workspace.campaign_file("bridge").write_text(CAMPAIGN, encoding="utf-8")
    owner, clock = Owner(workspace), SimulatedClock(NOON)
    owner.collection.clock = clock
    owner.campaigns.save_all()
    turns = []
    for _ in range(4):
        owner.collection.turn("youtube", "search", "bridge")
        turns.append(searches.counts())
        clock.at += timedelta(hours=6)
    for turn in turns:  # four queries, three of which find nothing, have each been asked in each turn
        assert {name: count for name, count in turn.items() if name != "everybody"} == {
            "The": 1, "nobody": 1, "somebody": 1,
        }  # fmt: skip
    assert all(turn["everybody"] >= 2 for turn in turns)
    assert sum(sum(turn.values()) for turn in turns[:3]) <= 24
    reasons = owner.store.rows(
        "SELECT outcome, reason FROM runs WHERE query LIKE 'phrase:everybody%' ORDER BY started_at"
    )
    assert {outcome for outcome, _ in reasons} == {"cut_short"}
    assert "its share of what is left of budget 'search'" in reasons[0][1]
    assert owner.store.rows("SELECT DISTINCT outcome FROM runs WHERE query NOT LIKE 'phrase:everybody%'") == [
        ("answered",)
    ]
    owner.close()


def test_a_platform_that_fails_is_broken_and_its_queries_have_not_used_up_their_share(
    workspace: Workspace, searches: Searches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spillover.client.backoff_s", lambda attempt: 0.0)
    workspace.campaign_file("bridge").write_text(CAMPAIGN + 'url = "https://youtu.be/NYkpk_l2bMw"\n', encoding="utf-8")
    monkeypatch.setenv("SPILLOVER_YOUTUBE_SEARCH_LIMIT", "100")
    searches.trouble = 503
    owner = Owner(workspace)
    owner.collection.clock = SimulatedClock(NOON)
    owner.campaigns.save_all()
    [first, *_] = owner.collection.turn("youtube", "search", "bridge")
    assert (first.outcome, first.broken) == ("broken", 1)
    owner.close()


@pytest.mark.parametrize(
    ("portion", "share"),
    [
        (Portion(left=1, each=1, every_s=86_400), 100),  # once a day: all of it
        (Portion(left=4, each=4, every_s=86_400), 25),
        (Portion(left=1, each=1, every_s=6 * 3600), 25),  # four turns a day
        (Portion(left=5, each=5, every_s=60), 1),  # never nothing
        (Portion(left=5, each=5, every_s=60, least={"search": 4}), 4),
    ],
)
def test_a_share_is_a_part_of_what_is_left_for_the_turns_of_the_day(portion: Portion, share: int) -> None:
    purse = Purse({"search": Budget(limit=100, zone="UTC")})
    assert purse.share("search", portion, datetime(2026, 3, 9, tzinfo=UTC)) == share


def test_what_is_kept_for_readings_is_shared_by_no_search() -> None:
    purse = Purse({"search": Budget(limit=100, reserve=0.6)})
    assert purse.share("search", Portion(1, 1, 86_400), datetime(2026, 3, 9, tzinfo=UTC)) == 40


def test_a_rolling_budget_is_shared_by_the_queries_of_a_turn() -> None:
    purse = Purse({"search": Budget(limit=100, per="rolling", rolling_s=900)})
    assert purse.share("search", Portion(4, 4, 60), datetime(2026, 3, 9, tzinfo=UTC)) == 25
