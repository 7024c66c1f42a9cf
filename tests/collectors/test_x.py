"""X's answers, recorded and made up to the documented form; and money, which must not be spent twice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from collectors.x import X
from spillover.client import HttpClient, Place, Rules
from spillover.contract import Budget, Collector, Counts, Known, Page, Parent, Query, Window
from spillover.errors import Broken, BudgetSpent, Changed, CollectError, RateLimited, Refused
from spillover.testing import Replay, check_collector, check_reread, check_search
from tests.badserver import BadServer, bad_server, reply
from tests.collectors.casing import RECORDED, Case
from tests.collectors.loading import load

HERE = RECORDED / "x"
AT = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
SINCE = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
TITLE = Query(kind="title", text="Why I left")
ASKED = [Known(id=str(number)) for number in range(1, 8)]
COUNTS, FIRST, LAST = "made_up_counts.json", "made_up_search_first.json", "made_up_search_last.json"
LOOKUP = "made_up_lookup.json"


def _searches(collector: Collector) -> Iterator[Page]:
    return collector.search(TITLE, Window(), None)


def _rereads(collector: Collector) -> Iterator[Page]:
    return collector.reread(ASKED)


CASES: list[Case] = [
    Case(X, _searches, [HERE / COUNTS, HERE / FIRST, HERE / LAST]),
    Case(X, _rereads, [HERE / LOOKUP]),
]


class Till(Replay):
    """A replay that keeps what was set aside and what was given back."""

    def __init__(self, *recordings: Path | bytes, fetched_at: datetime | None = None) -> None:
        super().__init__(*recordings, fetched_at=fetched_at)
        self.paid: list[int] = []
        self.headers: list[Mapping[str, str]] = []

    def get(self, url: str, **more: Any) -> Any:
        self.paid.append(more["cost"])
        self.headers.append(more["headers"])
        return super().get(url, params=more["params"])

    def refund(self, bucket: str, amount: int) -> None:
        self.paid.append(-amount)


def x(*recordings: str | bytes, at: datetime = AT) -> X:
    found = [HERE / name if isinstance(name, str) else name for name in recordings]
    return X(Till(*found, fetched_at=at), {"X_BEARER_TOKEN": "s3cret"})


def till(collector: X) -> Till:
    assert isinstance(collector.client, Till)
    return collector.client


def packed(**told: Any) -> bytes:
    return json.dumps(told).encode()


def test_it_keeps_the_contract() -> None:
    check_collector(X)
    assert X.optional  # it costs money: on only where a campaign names it


def test_counts_come_before_posts_an_hour_each() -> None:
    collector = x(COUNTS, FIRST, LAST)
    page = check_search(collector, TITLE, Window(since=SINCE, until=AT))[0]
    assert [(hour.series, hour.subject, hour.value, hour.unit) for hour in page.measures] == [
        ("posts", "Why I left", number, "posts") for number in (0, 2, 1)
    ]
    assert (page.measures[1].since, page.measures[1].until) == (SINCE.replace(hour=21), SINCE.replace(hour=22))
    assert (page.claimed_total, page.posts) == (3, [])
    url, asked = till(collector).asked[0]
    assert url == "https://api.x.com/2/tweets/counts/recent"
    assert asked == {
        "query": '"Why I left"', "granularity": "hour", "start_time": "2026-11-22T20:00:00Z", "end_time": "2026-11-22T22:59:30Z",
    }  # fmt: skip


def test_posts_come_with_counts_account_links_and_what_they_share() -> None:
    post, repost, original = check_search(x(COUNTS, FIRST, LAST), TITLE, Window(since=SINCE, until=AT))[1].posts
    assert (post.id, post.url, post.kind) == (
        "1992000000000000003",
        "https://x.com/i/status/1992000000000000003",
        "post",
    )
    assert post.counts == Counts(views=5120, likes=40, shares=7, comments=3)
    assert post.author is not None
    assert (post.author.id, post.author.names, post.author.followers) == ("901", ("made_up_1", "Made Up 1"), 100)
    assert (post.lang, post.hashtags, post.links) == (
        "zh",
        ("为什么我离开",),
        ("https://www.youtube.com/watch?v=abcdefghijk",),
    )
    assert post.published_at == datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
    assert (repost.kind, repost.counts, repost.aside) == ("repost", Counts(), False)  # its counts are its original's
    assert repost.parents == (Parent(id=original.id, relation="repost"),)
    assert (original.aside, original.counts) == (True, Counts(views=90000, likes=800, shares=12, comments=0))


def test_a_reply_that_quotes_names_both() -> None:
    page = check_search(x(COUNTS, FIRST, LAST), TITLE, Window(since=SINCE, until=AT))[2]
    parents = {(parent.relation, parent.id) for parent in page.posts[0].parents}
    assert parents == {("reply", "1991000000000000001"), ("quote", "1991000000000000009")}
    assert [(check.id, check.status, check.basis) for check in page.availability] == [
        ("1991000000000000009", "unknown", "absent")
    ]


def test_a_withheld_post_names_its_countries() -> None:
    (check,) = check_search(x(COUNTS, FIRST, LAST), TITLE, Window(since=SINCE, until=AT))[1].availability
    assert (check.status, check.cause, check.basis, check.blocked_in) == ("withheld", "legal", "stated", ("DE", "RU"))
    assert check.said == "withheld, scope: tweet"


def test_pages_go_on_and_say_down_to_where_they_have_read() -> None:
    collector = x(COUNTS, FIRST, LAST)
    counted, first, last = check_search(collector, TITLE, Window(since=SINCE, until=AT))
    end, middle = AT - timedelta(seconds=30), datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
    assert [page.window for page in (counted, first, last)] == [
        Window(since=end, until=end), Window(since=middle, until=end), Window(since=SINCE, until=middle),
    ]  # fmt: skip
    assert [page.done for page in (counted, first, last)] == [False, False, True]
    assert till(collector).asked[2][1]["next_token"] == "b26v89c19zqg8o3f"


def test_a_search_goes_on_where_its_cursor_says_and_counts_no_second_time() -> None:
    first = check_search(x(COUNTS, FIRST), TITLE, Window(since=SINCE, until=AT))[1]
    again = x(LAST)
    (last,) = check_search(again, TITLE, Window(since=AT, until=AT), first.cursor)
    assert till(again).asked[0][1]["next_token"] == "b26v89c19zqg8o3f"
    assert last.done
    assert last.window == Window(since=SINCE, until=first.window.since if first.window else None)


def test_a_cursor_that_left_the_seven_days_is_let_go() -> None:
    first = check_search(x(COUNTS, FIRST), TITLE, Window(since=SINCE, until=AT))[1]
    later = x("made_up_counts_nothing.json", at=AT + timedelta(days=8))
    (page,) = check_search(later, TITLE, Window(since=SINCE, until=AT + timedelta(days=8)), first.cursor)
    assert (page.done, page.cut_short) == (True, "X searches the last seven days")


def test_nothing_found_costs_one_count_and_covers_the_window() -> None:
    collector = x("made_up_counts_nothing.json")
    (page,) = check_search(collector, TITLE, Window(since=SINCE, until=AT))
    assert (page.posts, page.done, page.claimed_total) == ([], True, 0)
    assert page.window == Window(since=SINCE, until=AT - timedelta(seconds=30))
    assert (len(till(collector).asked), sum(till(collector).paid)) == (1, 5_000)


def test_posts_that_went_away_since_they_were_counted_are_no_error() -> None:
    page = check_search(x(COUNTS, "made_up_search_nothing.json"), TITLE, Window(since=SINCE, until=AT))[1]
    assert (page.posts, page.done, page.window) == ([], True, Window(since=SINCE, until=AT - timedelta(seconds=30)))


def test_no_more_than_three_hundred_posts_of_a_query_are_worth_their_money() -> None:
    post = json.loads((HERE / FIRST).read_text("utf-8"))["data"][0]
    many = packed(data=[post | {"id": str(n)} for n in range(100)], meta={"result_count": 100, "next_token": "more"})
    pages = check_search(
        x(packed(data=[], meta={"total_tweet_count": 9_000}), many, many, many, many), TITLE, Window(since=SINCE)
    )
    assert [len(page.posts) for page in pages] == [0, 100, 100, 100]
    assert (pages[-1].done, pages[-1].cut_short) == (True, "the newest 300 of 9000 posts are worth their money")


def test_the_worst_case_is_set_aside_and_what_did_not_come_is_given_back() -> None:
    collector = x(COUNTS, FIRST, LAST)
    check_search(collector, TITLE, Window(since=SINCE, until=AT))
    # a count; ten posts with accounts and two references each; less what came: three posts and an account, a post and one
    assert till(collector).paid == [5_000, 0, 250_000, -(250_000 - 25_000), 250_000, -(250_000 - 15_000)]


def test_the_newer_names_of_fields_are_read_too() -> None:
    found = (HERE / FIRST).read_text("utf-8")
    for old, new in (
        ("retweet_count", "repost_count"),
        ("referenced_tweets", "referenced_posts"),
        ('"tweets"', '"posts"'),
    ):
        found = found.replace(old, new)
    found = found.replace('"scope": "tweet"', '"scope": "post"')
    hours = (HERE / COUNTS).read_text("utf-8").replace("tweet_count", "post_count")
    pages = check_search(x(hours.encode(), found.encode(), LAST), TITLE, Window(since=SINCE, until=AT))
    assert [hour.value for hour in pages[0].measures] == [0, 2, 1]
    assert pages[1].posts == check_search(x(COUNTS, FIRST, LAST), TITLE, Window(since=SINCE, until=AT))[1].posts
    assert pages[1].availability[0].said == "withheld, scope: post"


def test_a_recorded_page_is_read() -> None:
    page = check_search(x(packed(data=[], meta={"total_tweet_count": 4}), "posts_with_expansions.json"), TITLE)[1]
    assert [post.parents[0].relation if post.parents else None for post in page.posts if not post.aside] == [
        "repost", None, "quote", "reply",
    ]  # fmt: skip
    assert page.posts[1].links == ("https://www.youtube.com/watch?v=QVwWPfxE93U",)
    assert page.posts[1].author is not None
    assert page.posts[1].author.followers == 189


def test_the_key_is_in_a_header_and_in_no_address() -> None:
    collector = x(COUNTS, FIRST, LAST)
    check_search(collector, TITLE)
    assert "s3cret" not in repr(till(collector).asked)
    assert till(collector).headers[0] == {"Authorization": "Bearer s3cret"}


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("title", 'The "Why" OR -not from:me (re-upload)', '"The Why OR -not from:me (re-upload)"'),
        ("phrase", "为什么我离开", '"为什么我离开"'),
        ("hashtag", "#whyileft", "#whyileft"),
        ("hashtag", "＃为什么", "#为什么"),
        ("link", "https://youtu.be/abcdefghij-?si=x", 'url:"abcdefghij-"'),
        ("link", "https://example.org/a?b=1", 'url:"example.org/a?b=1"'),
        ("title", "word " * 200, f'"{("word " * 102).strip()}"'),
    ],
)
def test_queries_are_written_in_its_language(kind: str, text: str, words: str) -> None:
    collector = x("made_up_counts_nothing.json")
    check_search(collector, Query(kind=kind, text=text))
    assert till(collector).asked[0][1]["query"] == words
    assert len(words) <= 512


def test_what_is_no_word_or_too_old_is_not_asked() -> None:
    collector = x()
    (empty,) = check_search(collector, Query(kind="title", text='" "'))
    (old,) = check_search(collector, TITLE, Window(since=SINCE - timedelta(days=90), until=SINCE - timedelta(days=60)))
    assert empty.cut_short is not None
    assert old.cut_short is not None
    assert till(collector).asked == []


def test_more_than_seven_days_are_cut_to_what_x_searches() -> None:
    (page,) = check_search(x("made_up_counts_nothing.json"), TITLE, Window(since=AT - timedelta(days=30), until=AT))
    assert page.cut_short == "X searches the last seven days"
    assert page.window is not None
    assert page.window.since == AT - timedelta(days=7) + timedelta(minutes=1)


def test_a_reread_says_of_each_post_what_came_back() -> None:
    collector = x(LOOKUP)
    (page,) = check_reread(collector, ASKED)
    assert {check.id: (check.status, check.cause, check.basis) for check in page.availability} == {
        "1": ("up", None, "stated"),
        "2": ("withheld", "legal", "stated"),
        "3": ("unknown", "missing", "absent"),
        "4": ("unknown", "account", "stated"),  # X says the same of protected and of suspended accounts
        "5": ("gone", "account", "stated"),
        "6": ("private", "account", "stated"),
        "7": ("unknown", "missing", "absent"),  # not even mentioned
    }
    assert [reading.id for reading in page.readings] == ["1", "2"]
    assert page.readings[0].counts == Counts(views=91000, likes=810, shares=13, comments=9)
    assert page.posts == []  # a text without the names of its account would be kept with them
    assert till(collector).asked[0][1]["ids"] == "1,2,3,4,5,6,7"
    assert sum(till(collector).paid) == 10_000  # of seven posts two came


def test_what_x_said_is_kept_without_names() -> None:
    (page,) = check_reread(x(LOOKUP), ASKED)
    said = {check.id: check.said for check in page.availability}
    assert said["5"] == "The author of tweet has been suspended:."
    assert said["4"] == "Sorry, you are not authorized to see the Tweet with ids:."


def test_posts_that_are_all_gone_are_no_error() -> None:
    (page,) = check_reread(x("made_up_lookup_all_gone.json"), [Known(id="3")])
    assert [(check.id, check.status, check.basis) for check in page.availability] == [("3", "unknown", "absent")]


def test_a_hundred_posts_are_read_at_once() -> None:
    collector = x("made_up_lookup_all_gone.json", "made_up_lookup_all_gone.json")
    pages = check_reread(collector, [Known(id=str(number)) for number in range(101)])
    assert [page.done for page in pages] == [False, True]
    assert [len(asked["ids"].split(",")) for _, asked in till(collector).asked] == [100, 1]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("made_up_usage_capped.json", BudgetSpent),
        ("made_up_credits_depleted.json", BudgetSpent),
        (packed(status=402, body=""), BudgetSpent),
        ("made_up_too_many.json", RateLimited),
        ("made_up_not_enrolled.json", Refused),
        (packed(status=401, body={"title": "Unauthorized", "type": "about:blank", "status": 401}), Refused),
        (packed(status=503, body={"title": "Service Unavailable", "type": "about:blank", "status": 503}), Broken),
        ("made_up_error_with_200.json", Broken),
        (packed(errors=[{"title": "Unauthorized", "type": "about:blank"}]), Refused),
        (packed(status=404, body={"title": "Not Found Error", "type": "about:blank"}), Broken),
        ("made_up_search_changed.json", Changed),
        ("search_with_default_fields.json", Changed),  # posts without what was asked for
        (packed(data={"id": "1"}, meta={"result_count": 1}), Changed),
        (packed(data=[]), Changed),
        (b"{}", Changed),
        (b"[]", Changed),
        (b'{"data": [', Broken),
        (b"<html>Just a moment...</html>", Refused),
        (b"<html>hello</html>", Broken),
        (b"", Broken),
    ],
)
def test_trouble_is_told_and_never_taken_for_nothing_found(answer: str | bytes, error: type[CollectError]) -> None:
    with pytest.raises(error) as caught:
        list(x(COUNTS, answer).search(TITLE, Window(since=SINCE, until=AT), None))
    assert type(caught.value) is error
    with pytest.raises(error):
        list(x(answer).search(TITLE, Window(since=SINCE, until=AT), None))


@pytest.mark.parametrize("answer", [b"{}", b"[]", "made_up_error_with_200.json", "search_with_default_fields.json"])
def test_a_reread_believes_no_answer_of_another_shape(answer: str | bytes) -> None:
    with pytest.raises(CollectError):
        list(x(answer).reread(ASKED))


def test_an_answer_that_is_an_error_costs_nothing() -> None:
    collector = x("made_up_credits_depleted.json")
    with pytest.raises(BudgetSpent) as caught:
        list(collector.reread(ASKED))
    assert sum(till(collector).paid) == 0
    assert caught.value.retry_at == AT + timedelta(days=1)


def test_an_odd_post_among_good_ones_is_rejected() -> None:
    told = json.loads((HERE / LAST).read_text("utf-8"))
    told["data"].append({"id": {}, "text": "x", "author_id": "9", "created_at": "2026-11-22T21:00:00Z"})
    page = check_search(x(COUNTS, packed(**told)), TITLE, Window(since=SINCE, until=AT))[1]
    assert (len(page.posts), len(page.rejects)) == (1, 1)


def test_a_result_of_a_compliance_job_tells_deleted_from_suspended() -> None:
    found = load(RECORDED / "file" / "made_up_x_compliance.jsonl")
    assert found.format == "x_compliance"
    assert [(check.id, check.status, check.cause, check.said) for check in found.availability] == [
        ("1", "gone", "author", "deleted"),
        ("2", "gone", "platform", "bounced"),
        ("3", "private", "account", "protected"),
        ("4", "gone", "account", "suspended"),
        ("5", "gone", "account", "deactivated"),
    ]
    assert found.availability[0].checked_at == datetime(2026, 11, 11, 8, 30, tzinfo=UTC)
    assert len(found.rejects) == 1  # scrub_geo took the place off a post, which still stands


# Money, over HTTP


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[BadServer]:
    with bad_server() as started:
        monkeypatch.setenv("SPILLOVER_X_BASE_URL", f"http://127.0.0.1:{started.port}")
        started.on("/2/tweets/counts/recent", reply(body=packed(data=[], meta={"total_tweet_count": 200})))
        started.on("/2/tweets/search/recent", reply(body=a_page_of_ten()))
        started.on("/2/tweets", reply(body=(HERE / LOOKUP).read_bytes()))
        yield started


def a_page_of_ten() -> bytes:
    told = json.loads((HERE / FIRST).read_text("utf-8"))
    posts = [told["data"][0] | {"id": str(number), "author_id": str(number)} for number in range(10)]
    accounts = [told["includes"]["users"][0] | {"id": str(number)} for number in range(10)]
    return packed(data=posts, includes={"users": accounts}, meta={"result_count": 10, "next_token": "more"})


def a_process(folder: Path, mode: str = "search", dollars: float = 1.0) -> X:
    """Return the collector as a new process has it: nothing remembered but what is on the disk."""

    class Afresh(X):
        per_minute = 6_000_000
        budgets: ClassVar[Mapping[str, Budget]] = {
            "money": Budget(limit=int(dollars * 1e6), unit="microdollars", per="month", reserve=0.5)
        }

    place = Place({"X_BEARER_TOKEN": "s3cret"}, gates=folder, mode=mode, allow_private=True)  # type: ignore[arg-type]
    return Afresh(HttpClient(Afresh, place, rules=Rules(attempts=1)), {"X_BEARER_TOKEN": "s3cret"})


def spent(folder: Path) -> int:
    (gate,) = folder.glob("x-*.json")
    (amount,) = json.loads(gate.read_text("utf-8"))["spent"]["money"].values()
    return int(amount)


def followed(pages: Iterator[Page]) -> tuple[list[Page], CollectError | None]:
    found = []
    try:
        for page in pages:
            found.append(page)
    except CollectError as error:
        return found, error
    return found, None


def test_money_stops_hard_and_stays_spent_after_a_restart(server: BadServer, tmp_path: Path) -> None:
    pages, error = followed(a_process(tmp_path).search(TITLE, Window(), None))
    # half a dollar is for searches: a count, and pages of ten at 0.15 while 0.25 can be set aside for one
    assert [len(page.posts) for page in pages] == [0, 10, 10]
    assert isinstance(error, BudgetSpent)
    assert error.retry_at is not None
    assert spent(tmp_path) == 5_000 + 2 * 150_000
    asked = len(server.heads)
    assert asked == 3
    again, error = followed(a_process(tmp_path).search(TITLE, Window(), pages[-1].cursor))
    assert (again, len(server.heads)) == ([], asked)
    assert isinstance(error, BudgetSpent)
    assert spent(tmp_path) == 305_000


def test_what_is_kept_for_rereads_is_theirs(server: BadServer, tmp_path: Path) -> None:
    followed(a_process(tmp_path).search(TITLE, Window(), None))
    (page,) = a_process(tmp_path, mode="reread").reread(ASKED)
    assert len(page.readings) == 2
    assert spent(tmp_path) == 305_000 + 2 * 5_000


def test_money_is_set_aside_before_the_request_leaves(server: BadServer, tmp_path: Path) -> None:
    seen: list[int] = []

    def look(send: Any, head: str) -> None:
        seen.append(spent(tmp_path))
        reply(body=(HERE / LOOKUP).read_bytes())(send, head)

    server.on("/2/tweets", look)
    list(a_process(tmp_path, mode="reread").reread(ASKED))
    assert (seen, spent(tmp_path)) == ([35_000], 10_000)


def test_an_answer_that_never_came_is_taken_for_paid(server: BadServer, tmp_path: Path) -> None:
    server.on("/2/tweets", lambda send, head: None)
    with pytest.raises(Broken):
        list(a_process(tmp_path, mode="reread").reread(ASKED))
    assert spent(tmp_path) == 35_000
