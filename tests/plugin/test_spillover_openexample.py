"""The collector keeps the contract on a good day, and says so on a bad one. Put recorded answers in place of these."""

import json

from spillover_openexample import Openexample

from spillover import Known, Query, Window
from spillover.testing import Replay, check_reread, check_search, check_trouble

ITEM = {
    "id": 1,
    "link": "https://openexample.example/1",
    "user": "u",
    "text": "t",
    "created": "2026-03-01T12:00:00Z",
    "reads": "1.2万",
}
FOUND = json.dumps({"items": [ITEM], "next": None}).encode()
QUERY = Query(kind="phrase", text="t")


def test_a_search_keeps_the_contract():
    [page] = check_search(Openexample(Replay(FOUND)), QUERY)
    assert page.posts[0].counts.views.shown == 12_000  # rounded: an interval, not a number
    assert page.posts[0].counts.likes is None  # not shown, which is not 0


def test_a_second_reading_says_of_each_post_what_came_back():
    [page] = check_reread(Openexample(Replay(FOUND)), [Known(id="1"), Known(id="2")])
    assert [check.status for check in page.availability] == ["up", "unknown"]


def test_trouble_is_said_and_not_taken_for_an_answer():
    check_trouble(Openexample, lambda collector: collector.search(QUERY, Window(), None))
    check_trouble(Openexample, lambda collector: collector.reread([Known(id="1")]))
