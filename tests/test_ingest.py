"""The door: what is kept, what is cut, and that no name gets through."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spillover.campaign import Campaign, Video
from spillover.contract import Author, Availability, Counts, Interval, Listing, Page, Post, Reading
from spillover.ingest import Subject, take_in
from spillover.matching import Matcher
from spillover.pseudonym import Key, throwaway_key

SEEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
CAMPAIGN = Campaign(
    name="made-up",
    title="Made up",
    origin_region=None,
    videos=(Video(url="https://youtu.be/dQw4w9WgXcQ", titles={"en": ("The bridge that was never built",)}),),
    phrases={"zh-Hans": ("从未建成的桥",)},
    hashtags=("neverbuilt",),
    exclude={},
    platforms=(),
    feeds=(),
    every={},
    stop=None,
    live=False,
    sample=False,
    source="",
)


def subject(key: Key | None = None, **more: object) -> Subject:
    return Subject(campaign_id=1, version=1, matcher=Matcher(CAMPAIGN), key=key or throwaway_key(), **more)  # type: ignore[arg-type]


def through(page: Page, **more: object) -> dict[str, list[dict]]:
    taken = take_in(page, subject(**more), platform="x", run_id="r", seen_at=SEEN)  # type: ignore[arg-type]
    return {name: table.to_pylist() for name, table in taken.tables.items()}


def test_only_what_matches_is_stored_and_everything_is_counted() -> None:
    page = Page(posts=[Post(id="1", text="从未建成的桥"), Post(id="2", text="cats")])
    taken = take_in(page, subject(), platform="x", run_id="r", seen_at=SEEN)
    assert (taken.posts, taken.matched) == (2, 1)
    assert taken.tables["post"].column("id").to_pylist() == ["1"]


def test_keep_all_keeps_the_rest_in_a_role_of_its_own() -> None:
    rows = through(Page(posts=[Post(id="1", text="从未建成的桥"), Post(id="2", text="cats")]), keep_all=True)
    assert [row["role"] for row in rows["post_campaign"]] == ["match", "kept"]
    assert len(rows["match"]) == 1 and len(rows["observation"]) == 2


def test_a_match_says_what_matched() -> None:
    (row,) = through(Page(posts=[Post(id="1", text="see youtube.com/watch?v=dQw4w9WgXcQ")]))["match"]
    assert (row["kind"], row["confidence"], row["video"]) == ("link", 1.0, 0)


def test_counts_keep_their_bounds_and_unknown_stays_unknown() -> None:
    counts = Counts(views=Interval(11500, 12499, 12000), likes=7, shares=Interval(1_000_000, None, 1_000_000))
    (row,) = through(Page(posts=[Post(id="1", text="#neverbuilt", counts=counts)]))["observation"]
    assert (row["views"], row["views_low"], row["views_high"]) == (12000, 11500, 12499)
    assert (row["likes"], row["likes_low"], row["likes_high"]) == (7, 7, 7)
    assert (row["shares_low"], row["shares_high"], row["comments"], row["comments_low"]) == (
        1_000_000,
        None,
        None,
        None,
    )


def test_times_are_turned_into_utc_and_the_moment_of_reading_stands_in() -> None:
    beijing = timezone(timedelta(hours=8))
    posts = [
        Post(
            id="1",
            text="#neverbuilt",
            published_at=datetime(2026, 3, 1, 8, tzinfo=beijing),
            observed_at=datetime(2026, 3, 1, 9, tzinfo=beijing),
        ),
        Post(id="2", text="#neverbuilt"),
    ]
    rows = through(Page(posts=posts))
    assert rows["post"][0]["published_at"] == datetime(2026, 3, 1)
    assert [row["observed_at"] for row in rows["observation"]] == [datetime(2026, 3, 1, 1), datetime(2026, 3, 1, 12)]
    assert rows["post"][1]["published_precision"] is None


def test_an_address_is_kept_without_its_account() -> None:
    page = Page(
        posts=[
            Post(
                id="9",
                url="https://x.com/Alice/status/1234567890123456789",
                text="#neverbuilt",
                links=("https://t.me/alice/5",),
            )
        ]
    )
    (row,) = through(page)["post"]
    assert row["url"] == "https://x.com/i/status/1234567890123456789" and row["links"] == []


def test_an_id_that_names_an_account_is_sealed_and_opens_with_the_key() -> None:
    key, native = throwaway_key(), "at://did:plc:abcdef/app.bsky.feed.post/3l6oveex3ii2l"
    page = Page(
        posts=[
            Post(
                id=native,
                platform="bluesky",
                url="https://bsky.app/profile/did:plc:abcdef/post/3l6oveex3ii2l",
                text="#neverbuilt",
            )
        ],
        availability=[Availability(id=native, platform="bluesky", status="gone", cause="author")],
        readings=[Reading(id=native, platform="bluesky", counts=Counts(likes=1))],
    )
    rows = through(page, key=key)
    assert rows["post"][0]["url"] is None and "did:" not in rows["post"][0]["id"]
    assert key.unseal("bluesky", rows["post_campaign"][0]["sealed"]) == native
    assert (
        len(
            {
                rows["post"][0]["post_key"],
                rows["availability"][0]["post_key"],
                *(row["post_key"] for row in rows["observation"]),
            }
        )
        == 1
    )


@pytest.mark.parametrize(
    "address", ["https://social.example/@alice_the_first/1", "https://medium.com/@alice_the_first/story-1", "https://t.me/alice_the_first/12", "https://medium.com/@alice_the_first"]
)  # fmt: skip
def test_an_address_that_stands_for_an_id_names_no_account_on_disk(address: str) -> None:
    key = throwaway_key()
    page = Page(
        posts=[Post(id=address, url=address, text="#neverbuilt")], availability=[Availability(id=address, status="up")]
    )
    taken = take_in(page, subject(key), platform="rss", run_id="r", seen_at=SEEN)
    rows = {name: table.to_pylist() for name, table in taken.tables.items()}
    assert "alice_the_first" not in repr(rows)
    assert key.unseal("rss", rows["post_campaign"][0]["sealed"]) == address
    assert rows["availability"][0]["post_key"] == rows["post"][0]["post_key"]


def test_no_name_of_an_account_is_in_any_row() -> None:
    author = Author(id="uid-4711", names=("alice_the_first", "Alice Wonder"))
    post = Post(
        id="1",
        url="https://www.tiktok.com/@alice_the_first/video/7123456789012345678",
        title="Alice Wonder: #neverbuilt",
        text="by @alice_the_first (uid-4711), thanks @bob_the_second and mail alice@wonder.example",
        author=author,
    )
    taken = take_in(Page(posts=[post]), subject(), platform="tiktok", run_id="r", seen_at=SEEN)
    sink = pa.BufferOutputStream()
    for table in taken.tables.values():
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    written = sink.getvalue().to_pybytes()
    for name in (b"alice_the_first", b"Alice Wonder", b"uid-4711", b"bob_the_second", b"wonder.example"):
        assert name not in written


def test_an_outlet_on_the_list_is_named() -> None:
    page = Page(posts=[Post(id="1", text="#neverbuilt", author=Author(id="UC1"))])
    rows = through(page, publishers={("x", "UC1"): "An Outlet"})
    assert rows["post_campaign"][0]["publisher"] == "An Outlet"


def test_one_video_on_many_charts_is_one_post_with_its_places() -> None:
    posts = [
        Post(
            id="1",
            text="#neverbuilt",
            observed_at=SEEN,
            counts=Counts(views=5),
            listing=Listing(list="trending", region=region, rank=rank),
        )
        for rank, region in enumerate(("HK", "TW", "RU"), start=1)
    ]
    rows = through(Page(posts=posts))
    assert len({row["post_key"] for row in rows["post"]}) == 1
    assert [(row["region"], row["rank"]) for row in rows["listing"]] == [("HK", 1), ("TW", 2), ("RU", 3)]


@pytest.mark.parametrize("count", [-1, 2**63, 10**40, Interval(0, 10**40, 5)])
def test_a_giant_or_negative_count_is_unknown_or_unbounded(count: object) -> None:
    (row,) = through(Page(posts=[Post(id="1", text="#neverbuilt", counts=Counts(views=count))]))["observation"]  # type: ignore[arg-type]
    assert row["views_high"] is None


@given(st.text(max_size=200), st.text(min_size=1, max_size=50))
def test_any_text_and_id_can_be_stored(text: str, post_id: str) -> None:
    author = Author(id=text or "a", names=(text,))
    page = Page(
        posts=[
            Post(
                id=post_id,
                title=text,
                text=text,
                author=author,
                hashtags=(text,),
                links=(text,),
                url=text,
                lang=text,
                region=text,
            )
        ]
    )
    rows = through(page, keep_all=True)
    assert len(rows["post"]) == 1
