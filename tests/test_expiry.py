"""Terms as data: what was not read again, what is gone, what a workspace may set aside, and that the proof still holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from spillover import collect
from spillover.config import Workspace
from spillover.contract import Author, Availability, Counts, Page, Post, Reading
from spillover.doctor import examine
from spillover.errors import UsageError
from spillover.expiry import overdue
from spillover.ingest import Subject
from spillover.policies import Policies
from spillover.pseudonym import throwaway_key
from spillover.store import Store
from spillover.verify import verify

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def store(workspace: Workspace):  # type: ignore[no-untyped-def]
    opened = Store(workspace)
    yield opened
    opened.close()


def take_in(store: Store, platform: str, page: Page, at: datetime, policy: str | None = None) -> None:
    subject = Subject(campaign_id=1, version=1, matcher=None, key=throwaway_key(), keep_all=True, policy=policy)
    collect.Run(collect.Task(platform, "search", subject, "q"), store.workspace.spool).follow([page], seen_at=at)
    store.drain()


def post(id: str = "p", **more: Any) -> Post:
    return Post(id=id, title="A title", text="Words", author=Author(id="an account"), counts=Counts(views=10), **more)


def words(store: Store) -> list[tuple[Any, ...]]:
    return store.rows("SELECT title, text FROM held.post ORDER BY post_key")


def sound(store: Store) -> bool:
    return all(row["ok"] for row in verify(store))


def test_what_was_read_again_in_time_stays_and_its_old_readings_go(store: Store) -> None:
    take_in(store, "youtube", Page(posts=[post()]), AT)
    take_in(store, "youtube", Page(posts=[post()]), AT + 20 * DAY)
    done = store.expire(Policies.read(), AT + 40 * DAY)
    assert [(row["what"], row["rows"]) for row in done] == [("observation", 1)]
    assert words(store) == [("A title", "Words")]
    assert store.rows("SELECT count(*) FROM observations") == [(1,)]
    assert sound(store)


def test_what_nobody_read_again_loses_words_author_address_and_id(store: Store) -> None:
    take_in(store, "youtube", Page(posts=[post(url="https://www.youtube.com/watch?v=dQw4w9WgXcQ")]), AT)
    store.expire(Policies.read(), AT + 31 * DAY)
    assert words(store) == [(None, None)]
    [(id, url)] = store.rows("SELECT id, url FROM held.post")
    assert id.startswith("forgotten:")
    assert url is None
    assert store.rows("SELECT author, sealed FROM held.post_campaign") == [(None, None)]
    assert sound(store)


def test_what_others_published_expires_never(store: Store) -> None:
    take_in(store, "youtube", Page(posts=[post()]), AT, policy="published")
    assert store.expire(Policies.read(), AT + 3650 * DAY) == []


def test_readings_that_will_not_stay_are_counted_beforehand(store: Store) -> None:
    take_in(store, "youtube", Page(posts=[post()]), AT)
    take_in(store, "youtube", Page(posts=[post("mine")]), AT, policy="published")
    take_in(store, "telegram", Page(posts=[post("theirs")]), AT)
    with store.cursor() as cursor:
        assert overdue(cursor, Policies.read(), AT + 29 * DAY) == []
        assert overdue(cursor, Policies.read(), AT + 31 * DAY) == [
            {"policy": "youtube", "readings": 1, "storage_days": 30}
        ]


@pytest.mark.parametrize(
    ("platform", "cause", "forgotten"),
    [
        ("x", "platform", True),
        ("x", "author", True),
        ("weibo", "author", True),
        ("weibo", "platform", False),
        ("weibo", "legal", False),
    ],
)
def test_a_stated_removal_is_honoured_within_a_day(store: Store, platform: str, cause: str, forgotten: bool) -> None:
    gone = Availability(id="p", status="gone", cause=cause, checked_at=AT + HOUR)
    take_in(store, platform, Page(posts=[post()], availability=[gone]), AT)
    assert store.expire(Policies.read(), AT + 2 * HOUR) == []
    store.expire(Policies.read(), AT + 26 * HOUR)
    assert (words(store) == [(None, None)]) == forgotten
    assert store.rows("SELECT status, cause FROM statuses") == [("gone", cause)]
    assert sound(store)


def test_what_is_only_missing_is_not_forgotten(store: Store) -> None:
    missing = Availability(id="p", status="unknown", cause="missing", basis="absent", checked_at=AT + HOUR)
    take_in(store, "weibo", Page(posts=[post()], availability=[missing]), AT)
    assert store.expire(Policies.read(), AT + 30 * DAY) == []


def test_expiring_twice_does_nothing_more_and_is_written_down_once(store: Store) -> None:
    take_in(store, "youtube", Page(posts=[post()]), AT)
    first = store.expire(Policies.read(), AT + 31 * DAY)
    assert {row["what"] for row in first} == {"author", "post", "observation"}
    assert store.expire(Policies.read(), AT + 32 * DAY) == []
    assert store.rows("SELECT count(*) FROM held.expiry") == [(3,)]


def test_the_sums_of_what_is_erased_go_with_it(store: Store) -> None:
    take_in(store, "youtube", Page(posts=[post()]), AT)
    reading = Reading(id="p", counts=Counts(views=500), observed_at=AT + HOUR)
    take_in(store, "youtube", Page(readings=[reading]), AT + HOUR)
    assert store.rows("SELECT sum(views) FROM held.reach_hourly") == [(490,)]
    store.expire(Policies.read(), AT + 31 * DAY)
    assert store.rows("SELECT sum(views) FROM held.reach_hourly") == [(None,)]
    assert sound(store)


def test_a_workspace_departs_from_the_terms_only_by_a_named_permission(tmp_path: Path) -> None:
    own = tmp_path / "policies.toml"
    own.write_text("[youtube]\nstorage_days = 0\n")
    with pytest.raises(UsageError, match="accepted"):
        Policies.read(own)
    own.write_text('[youtube]\nstorage_days = 0\naccepted = "Additional policies, accepted 2026-06-12"\n')
    assert Policies.read(own).of("youtube").storage_days == 0
    assert Policies.read(own).of("youtube").forget_h == 24


@pytest.mark.parametrize(
    ("text", "line", "fix"),
    [
        ("youtube = 3", 1, "write [youtube]"),
        ("[youtube]\naccepted = 'x'\nstorage = 3", 3, "write storage_days"),
        ("[youtube]\naccepted = 'x'\n\nstorage_days = '30 days'", 4, "storage_days = 30"),
        ("[youtube]\naccepted = 'x'\nstorage_days = -1", 3, "storage_days = 30"),
        ("[youtube]\naccepted = 'x'\nforget_causes = ['autor']", 3, "of author, platform"),
        ("[youtube]\naccepted = 'x'\nzzz = 1", 3, "write one of storage_days"),
        ("# mine\n[x]\naccepted='y'\nredistribute='some'", 4, '"ids"'),
        ("# mine\n[x]\nforget_h = 1", 2, "add accepted"),
    ],
)
def test_a_wrong_file_of_policies_is_named_with_its_line_and_the_fix(
    workspace: Workspace, text: str, line: int, fix: str
) -> None:
    workspace.policies.write_text(text)
    with pytest.raises(UsageError) as caught:
        Policies.read(workspace.policies)
    assert f"policies.toml:{line}: " in str(caught.value)
    assert fix in str(caught.value)
    assert [row["ok"] for row in examine(workspace) if row["check"] == "policies"] == [False]


def test_a_file_of_policies_that_is_no_toml_is_named(tmp_path: Path) -> None:
    own = tmp_path / "policies.toml"
    own.write_text("[youtube")
    with pytest.raises(UsageError, match=r"policies\.toml: .*end of document"):
        Policies.read(own)
