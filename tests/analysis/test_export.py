"""What leaves the workspace; on made-up rows."""

from __future__ import annotations

import csv
import hashlib
import json
import resource
from contextlib import contextmanager
from datetime import datetime, timedelta

import pyarrow.parquet as pq
import pytest

from analysis.export import export
from spillover.errors import UsageError
from spillover.policies import Policies, Policy

NOON = datetime(2026, 3, 1, 12)
HOUR = timedelta(hours=1)
FREE = Policies({"default": Policy(redistribute="all")})


def read(folder, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def written(store, folder):
    """Two regions that are shown, one that is not, and one that is hidden for its sake."""
    for region, authors in {"HK": 2, "TW": 6, "JP": 9}.items():
        for key in store.posts_of(authors, region=region, lang="en", title="a secret title", text="a secret text"):
            store.reading(key, NOON + HOUR, views=250)
    store.insert("campaign_version", campaign_id=1, version=1, title="Made up", source="", saved_at=NOON)
    export(store.derive(), "made-up", folder)
    return folder


def test_every_table_is_there_twice_and_its_hash_is_right(written):
    manifest = json.loads((written / "manifest.json").read_text(encoding="utf-8"))
    names = {path.name for path in written.iterdir()} - {"manifest.json"}
    assert {entry["file"] for entry in manifest["files"]} == names
    assert len(names) == 16
    for entry in manifest["files"]:
        content = (written / entry["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        assert len(content) == entry["bytes"]


def test_csv_and_parquet_hold_the_same_rows(written):
    for path in written.glob("*.parquet"):
        table = pq.read_table(path)
        with path.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        assert head == table.column_names
        assert len(rows) == table.num_rows
        if "id" in head:
            assert str(table.schema.field("id").type) == "string"
            assert [row[head.index("id")] for row in rows] == table["id"].to_pylist()


def test_no_author_title_or_text_leaves(written):
    everything = b"".join(path.read_bytes() for path in written.glob("*.csv"))
    assert b"secret" not in everything
    assert not {"author", "title", "text", "account"} & set(read(written, "posts")[0])


def test_what_a_page_hides_no_file_shows(written):
    regions = {
        row["region"]: row["value"] for row in read(written, "reach_by_region") if row["metric"] == "known_views"
    }
    assert regions == {"HK": "", "TW": "", "JP": "2250"}
    posts = read(written, "posts")
    assert [row["region"] for row in posts].count("suppressed") == 8
    assert {row["region"] for row in posts} == {"suppressed", "JP"}
    assert {row["region"] for row in read(written, "first_seen") if row["suppressed"] == "true"} == {"HK", "TW"}
    manifest = json.loads((written / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["suppressed_rows"]["reach_by_region"] == 2 * 5  # two regions, five numbers each


def test_the_posts_of_a_platform_that_is_hidden_have_no_counts(store, folder):
    store.posts_of(3, platform="bilibili")
    store.posts_of(6)
    export(store.derive(), "made-up", folder, FREE)
    views = {(row["platform"], row["views"], row["views_low"]) for row in read(folder, "posts")}
    assert views == {("bilibili", "", ""), ("youtube", "100", "100")}


def test_the_few_posts_that_show_a_count_lose_their_region(store, folder):
    keys = store.posts_of(9, region="JP")
    store.posts_of(9, region="TW")
    for n, key in enumerate(range(1, 19)):
        store.reading(key, NOON + HOUR, likes=1) if n < 2 or n > 9 else None
    export(store.derive(), "made-up", folder, FREE)
    rows = read(folder, "posts")
    assert {row["region"] for row in rows if row["likes"]} == {"suppressed"}
    assert len(keys) == 9


def test_a_post_whose_id_names_an_account_has_a_stand_in_and_no_address(store, folder):
    for n in range(5):
        store.reading(store.post(author=f"a{n}", id=f"standin{n}", url=None, platform="bluesky"), NOON, views=1)
    export(store.derive(), "made-up", folder)
    assert {(row["id"], row["url"]) for row in read(folder, "posts")} == {(f"standin{n}", "") for n in range(5)}


def test_ids_are_quoted_and_no_cell_is_a_formula(store, folder):
    for n, name in enumerate(("=1+1", "-abc", "+1", "@x", "\tx", "12345678901234567890")):
        store.reading(store.post(author=f"a{n}", id=name), NOON, views=1)
    export(store.derive(), "made-up", folder)
    raw = (folder / "posts.csv").read_text(encoding="utf-8")
    assert '"12345678901234567890"' in raw
    assert {row["id"] for row in read(folder, "posts")} == {
        "'=1+1", "'-abc", "'+1", "'@x", "'\tx", "12345678901234567890",
    }  # fmt: skip
    assert "-abc" in pq.read_table(folder / "posts.parquet")["id"].to_pylist()


def test_times_are_utc_and_say_so(written):
    assert {row["first_seen_at"] for row in read(written, "posts")} == {"2026-03-01T12:00:00Z"}
    assert str(pq.read_table(written / "posts.parquet").schema.field("first_seen_at").type) == "timestamp[us, tz=UTC]"


def test_rejected_posts_and_controls_stay_here(store, folder):
    store.posts_of(6)
    store.posts_of(6, role="control", kind=None)
    store.insert("review", post_key=1, campaign_id=1, verdict="reject", reviewer="made-up", reviewed_at=NOON)
    export(store.derive(), "made-up", folder)
    assert len(read(folder, "posts")) == 5


def test_chart_places_are_summed_by_list_region_and_day(store, folder):
    for n in range(3):
        key = store.post(policy="published")
        for hour in (0, 5, 24):
            store.insert(
                "listing", post_key=key, list="top", region="HK", rank=9 - n, observed_at=NOON + hour * HOUR, run_id="r"
            )
    export(store.derive(), "made-up", folder)
    rows = [
        {name: row[name] for name in ("list", "region", "day", "posts", "best_rank")}
        for row in read(folder, "listings")
    ]
    assert rows == [
        {"list": "top", "region": "HK", "day": day, "posts": "3", "best_rank": "7"}
        for day in ("2026-03-01", "2026-03-02")
    ]


def test_an_empty_campaign_exports_empty_tables(store, folder):
    files = export(store.derive(), "made-up", folder)
    assert len(files) == 17
    assert read(folder, "posts") == []


def test_an_earlier_export_is_replaced(written, store):
    assert len(read(written, "posts")) == 17
    store.posts_of(5, region="JP")
    export(store.derive(), "made-up", written)
    assert len(read(written, "posts")) == 22
    assert [path.name for path in written.parent.iterdir()] == ["out"]


def test_a_folder_with_other_files_is_refused_and_left_alone(written, store):
    (written / "notes.txt").write_text("mine")
    before = {path.name: path.read_bytes() for path in written.iterdir()}
    with pytest.raises(UsageError, match=r"notes\.txt"):
        export(store.con, "made-up", written)
    assert {path.name: path.read_bytes() for path in written.iterdir()} == before


def test_a_foreign_manifest_is_not_ours(store, folder):
    folder.mkdir()
    (folder / "manifest.json").write_text('{"files": []}')
    with pytest.raises(UsageError, match="not our export"):
        export(store.derive(), "made-up", folder)


@contextmanager
def no_room():
    """Let no file grow beyond a few bytes, as on a full disk; not for longer, or the test's own report has no room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_nothing_is_left_behind_when_it_fails(store, folder):
    store.posts_of(6)
    store.derive()
    with pytest.raises(OSError, match="File too large"), no_room():
        export(store.con, "made-up", folder)
    assert list(folder.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("platform", "rows", "views"), [("youtube", 6, {""}), ("facebook", 0, set()), ("bilibili", 6, {"100"})]
)
def test_of_a_post_only_what_its_platforms_terms_allow_leaves(store, folder, platform, rows, views):
    store.posts_of(6, platform=platform)
    export(store.derive(), "made-up", folder)
    shown = read(folder, "posts")
    assert len(shown) == rows
    assert {row["views"] for row in shown} == views
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["posts_by_policy"] == {platform: 6}
    assert manifest["terms"][platform]["redistribute"] in ("all", "ids", "none")
