"""Files as they come: packed, cut off, in any encoding, with bad rows among good ones."""

from __future__ import annotations

import gzip
import json
import random
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.file import File, detect
from spillover import Client, Interval, Parent, Source, UnknownFormat
from spillover.errors import UsageError
from tests.collectors.loading import load, written

GOOD: dict[str, Any] = {
    "platform": "youtube", "id": "dQw4w9WgXcQ", "url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ", "title": "标题, with a comma", "text": "one #tag\nтекст",
    "author": "UC1", "published_at": "2026-03-15T10:00:00Z", "lang": "en", "region": "US", "views": 1000, "likes": 10, "shares": None, "comments": 0,
    "observed_at": "2026-03-16T00:00:00Z",
}  # fmt: skip


def row(number: int, **other: Any) -> dict[str, Any]:
    return GOOD | {"id": f"video{number:06d}", "url": None} | other


def as_csv(rows: list[dict[str, Any]], sign: str = ",", end: str = "\r\n") -> str:
    def cell(value: Any) -> str:
        text = "" if value is None else str(value)
        return '"' + text.replace('"', '""') + '"' if any(part in text for part in (sign, '"', "\n")) else text

    return (
        end.join(
            sign.join(cell(value) for value in values)
            for values in [list(rows[0]), *(list(each.values()) for each in rows)]
        )
        + end
    )


# The obvious names


@pytest.mark.parametrize("kind", ["jsonl", "csv", "tsv", "semicolons", "array", "pretty", "parquet"])
def test_a_table_with_the_obvious_names_needs_no_mapping(tmp_path: Path, kind: str) -> None:
    rows = [GOOD, row(2, views="1.2万", likes=None)]
    path = tmp_path / "posts"
    if kind == "jsonl":
        written(path, rows)
    elif kind in ("array", "pretty"):
        written(path, json.dumps(rows, indent=2 if kind == "pretty" else None))
    elif kind == "parquet":
        pq.write_table(pa.Table.from_pylist([each | {"views": str(each["views"])} for each in rows]), path)
    else:
        written(path, as_csv(rows, {"csv": ",", "tsv": "\t", "semicolons": ";"}[kind]))
    found = load(path)
    assert found.format == "table" and not found.rejects
    first, second = found.posts
    assert (first.platform, first.id, first.url, first.title, first.text) == tuple(
        GOOD[name] for name in ("platform", "id", "url", "title", "text")
    )
    assert first.published_at == datetime(2026, 3, 15, 10, tzinfo=UTC) and first.observed_at == datetime(
        2026, 3, 16, tzinfo=UTC
    )
    assert first.counts is not None and first.author is not None and second.counts is not None
    assert (first.counts.views, first.counts.likes, first.counts.shares, first.counts.comments) == (1000, 10, None, 0)
    assert (first.author.id, first.lang, first.region, first.hashtags) == ("UC1", "en", "US", ("tag",))
    assert (second.counts.views, second.counts.likes) == (Interval(11_500, 12_499, 12_000), None)


def test_an_address_alone_says_platform_and_id(tmp_path: Path) -> None:
    found = load(
        written(
            tmp_path / "posts",
            [{"url": "https://youtu.be/dQw4w9WgXcQ?si=x", "views": 5}, {"url": "https://example.org/x", "views": 5}],
        )
    )
    assert [(post.platform, post.id) for post in found.posts] == [("youtube", "dQw4w9WgXcQ")]
    assert [reject.line for reject in found.rejects] == [2] and "platform" in found.rejects[0].reason


def test_a_mapping_names_from_which_post_a_row_came(tmp_path: Path) -> None:
    mapping = written(
        tmp_path / "map.toml",
        '[columns]\nrepost_of = "from"\nfollowers = "fans"\nauthor = "who"\n[defaults]\nplatform = "weibo"\n',
    )
    rows = "id,from,who,fans\n1,,ann,1200\n2,1,bob,many\n3,1.5e9,cid,\n"
    found = load(written(tmp_path / "posts.csv", rows), mapping=mapping)
    first, second = found.posts
    assert (first.parents, second.parents) == ((), (Parent(id="1", relation="repost"),))
    assert first.author and second.author and (first.author.followers, second.author.followers) == (1200, None)
    assert [reject.line for reject in found.rejects] == [4] and "repost_of" in found.rejects[0].reason


def test_what_a_row_answers_is_read_where_the_column_holds_an_id(tmp_path: Path) -> None:
    rows = [
        {"platform": "x", "id": "2", "in_reply_to_status_id": 1},
        {"platform": "x", "id": "3", "reply_to": "[]", "quoted_id": None},
    ]
    found = load(written(tmp_path / "posts.jsonl", rows))
    assert [post.parents for post in found.posts] == [(Parent(id="1", relation="reply"),), ()]


def test_a_mapping_names_columns_and_what_rows_leave_out(tmp_path: Path) -> None:
    mapping = written(
        tmp_path / "map.toml",
        '[columns]\nid = "nr"\nviews = "gespielt"\npublished_at = "wann"\n[defaults]\nplatform = "kuaishou"\nzone = "Asia/Shanghai"\n',
    )
    found = load(
        written(tmp_path / "posts.csv", "nr;gespielt;wann\n3xabc;3,4 тыс.;2026-03-15 10:00\n"), mapping=mapping
    )
    (post,) = found.posts
    assert (post.platform, post.id, post.published_at, post.published_precision) == (
        "kuaishou",
        "3xabc",
        datetime(2026, 3, 15, 2, tzinfo=UTC),
        "minute",
    )
    assert post.counts is not None and post.counts.views == Interval(3350, 3449, 3400)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[columns]\nviewz = "a"', "viewz"), ('[colums]\nviews = "a"', "colums"), ("[columns", "Expected"), ('[defaults]\nzone = "Mars/Olympus"', "zone|Mars"),
        ('[columns]\nviews = "nowhere"', "nowhere"), ("[columns]\nviews = 3", "views"), ("columns = 3", "columns"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        load(written(tmp_path / "posts.csv", "id,platform\n1,x\n"), mapping=written(tmp_path / "map.toml", text))


# Bad rows among good ones


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"views": "abc"}, "views.*abc"), ({"likes": -5}, "likes.*negative"), ({"views": 2**64}, "views"), ({"published_at": "gestern?"}, "published_at"),
        ({"id": 7.28e18}, "id.*lost digits"), ({"id": "7.28E+18"}, "id.*lost digits"), ({"id": None}, "id"), ({"id": {"a": 1}}, "id"), ({"platform": 5}, "platform"),
        ({"observed_at": "never"}, "observed_at"), ({"id": "a\u0000b"}, "id"), ({"comments": [1]}, "comments"), ({"url": 5}, "url"), ({"views": 1.5}, "views"),
    ],
)  # fmt: skip
def test_a_bad_field_rejects_its_row_and_is_named(tmp_path: Path, bad: dict[str, Any], said: str) -> None:
    found = load(written(tmp_path / "posts", [row(1), row(2) | bad, row(3)]))
    assert found.ids == ["video000001", "video000003"]
    (reject,) = found.rejects
    assert reject.line == 2 and len(reject.raw) <= 2000
    assert re.search(said, reject.reason), reject.reason


def test_lines_that_are_no_json_are_rejected_and_the_others_land(tmp_path: Path) -> None:
    lines = [json.dumps(row(number)).encode() for number in range(8)]
    lines[1] = lines[1][:40]
    lines[2] = lines[2].replace(b"video", b"vid\xffeo")
    lines[3] = lines[3].replace(b"video", b"vid\x00eo")
    lines[4] = b"[" * 100_000
    lines[5] = b"\0" * 500
    lines[6] = b"42"
    found = load(written(tmp_path / "posts", b"\xef\xbb\xbf" + b"\r\n".join(lines)))
    assert found.ids == ["video000000", "video000007"]
    assert [reject.line for reject in found.rejects] == [2, 3, 4, 5, 6, 7]
    reasons = " ".join(reject.reason for reject in found.rejects)
    assert all(word in reasons for word in ("cut off", "UTF-8", "NUL", "deep", "42"))


def test_rows_of_a_broken_table_are_told_by_their_line(tmp_path: Path) -> None:
    text = 'platform,id,text\nx,1,"two\nlines"\nx,2\nx,3,"open\nx,4,fine\nx,5,fine,too many\n\nx,6,"a ""quote"""\nx,7,"never closed\n'
    found = load(written(tmp_path / "posts.csv", text))
    assert found.ids == ["1", "4", "6"] and found.of("1").text == "two\nlines" and found.of("6").text == 'a "quote"'
    assert [reject.line for reject in found.rejects] == [4, 5, 7, 10]


def test_a_line_of_two_hundred_megabytes_is_let_go_as_it_passes(tmp_path: Path) -> None:
    path = tmp_path / "posts"
    with path.open("wb") as file:
        file.write(json.dumps(row(1)).encode() + b"\n" + b'{"platform": "x", "id": "')
        for _ in range(200):
            file.write(b"a" * (1 << 20))
        file.write(b'"}\n' + json.dumps(row(3)).encode() + b"\n")
    found = load(path)
    assert found.ids == ["video000001", "video000003"]
    assert [(reject.line, "32 MB" in reject.reason, len(reject.raw) <= 2000) for reject in found.rejects] == [
        (2, True, True)
    ]


def test_ids_beyond_two_to_the_fifty_third_stay_exact(tmp_path: Path) -> None:
    ids = [2**53 + 1, 7584769166932233472, 18446744073709551617]
    found = load(written(tmp_path / "posts", [{"platform": "douyin", "id": each} for each in ids]))
    assert found.ids == [str(each) for each in ids]


def test_half_letters_and_numbers_that_json_forbids_are_read_as_far_as_they_go(tmp_path: Path) -> None:
    found = load(
        written(
            tmp_path / "posts",
            b'{"platform": "x", "id": "1", "text": "half \\ud83d"}\n{"platform": "x", "id": "2", "views": NaN}\n',
        )
    )
    assert found.ids == ["1", "2"] and found.of("2").counts is not None and found.of("2").counts.views is None  # type: ignore[union-attr]


def test_seconds_and_milliseconds_in_one_object_are_told_apart(tmp_path: Path) -> None:
    found = load(written(tmp_path / "posts", [row(1, published_at=1563242400, observed_at=1563242460000)]))
    assert found.posts[0].published_at == datetime(2019, 7, 16, 2, tzinfo=UTC) and found.posts[
        0
    ].observed_at == datetime(2019, 7, 16, 2, 1, tzinfo=UTC)


# Containers and encodings


def test_a_truncated_gzip_gives_its_rows_and_one_reject(tmp_path: Path) -> None:
    shuffled = random.Random(7)
    rows = [row(number, text="".join(shuffled.choices("abcdefghij ", k=200))) for number in range(20_000)]
    for content in ("".join(json.dumps(each) + "\n" for each in rows), as_csv(rows)):
        packed = gzip.compress(content.encode())
        found = load(written(tmp_path / "posts.gz", packed[: len(packed) // 2]))
        assert 5_000 < len(found.posts) < 15_000 and found.ids == [
            f"video{number:06d}" for number in range(len(found.posts))
        ]
        (reject,) = found.rejects
        assert "breaks off" in reject.reason and reject.line > len(found.posts)


def test_every_member_of_a_zip_is_a_file_of_its_own(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("../../a.jsonl", json.dumps(row(1)) + "\n{")
        archive.writestr("b.csv", as_csv([row(2)]))
        archive.writestr("c.json.gz", gzip.compress(json.dumps([row(3)]).encode()))
        archive.writestr("readme.txt", "nothing to see here")
        archive.writestr("__MACOSX/._a", b"\0\1")
    found = load(tmp_path / "all.zip")
    assert found.ids == ["video000001", "video000002", "video000003"]
    assert ["a.jsonl" in found.rejects[0].reason, "readme.txt" in found.rejects[1].reason] == [True, True] and len(
        found.rejects
    ) == 2


def test_what_unpacks_to_absurd_sizes_is_let_go(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    with gzip.open(path, "wb", compresslevel=9) as file:
        file.write((json.dumps(row(1)) + "\n").encode())
        for _ in range(300):
            file.write(b" " * (1 << 20))
    found = load(path)
    assert found.ids == ["video000001"] and "times its size" in found.rejects[0].reason


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("layout", ["jsonl", "csv"])
def test_unicode_of_any_kind_is_read(tmp_path: Path, encoding: str, layout: str) -> None:
    rows = [row(number) for number in range(3)]
    content = as_csv(rows) if layout == "csv" else "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in rows)
    found = load(written(tmp_path / "posts", content.encode(encoding)))
    assert [post.title for post in found.posts] == ["标题, with a comma"] * 3 and not found.rejects


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("gb18030", "中情局发布招募视频，外交部回应"),
        ("cp1251", "ЦРУ опубликовало видео для россиян"),
        ("cp1252", "Vidéo publiée à l’été"),
    ],
)
def test_an_old_encoding_is_told_by_its_letters(tmp_path: Path, encoding: str, title: str) -> None:
    found = load(
        written(
            tmp_path / "posts.csv", as_csv([row(number, title=title, text="") for number in range(4)]).encode(encoding)
        )
    )
    assert [post.title for post in found.posts] == [title] * 4 and not found.rejects


def test_one_line_in_another_encoding_does_not_change_the_others(tmp_path: Path) -> None:
    lines = [json.dumps(row(number), ensure_ascii=False).encode() for number in range(3)]
    lines[1] = json.dumps(row(1), ensure_ascii=False).encode("gb18030")
    found = load(written(tmp_path / "posts", b"\n".join(lines)))
    assert found.ids == ["video000000", "video000002"] and found.posts[0].title == GOOD["title"]
    assert [reject.line for reject in found.rejects] == [2]


# What is no file of ours


@pytest.mark.parametrize("content", [b"", b"\n \r\n", b"\0\0\0", b"\xef\xbb\xbf"])
def test_an_empty_file_is_said_to_be_empty(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnknownFormat, match="empty"):
        load(written(tmp_path / "posts", content))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b,c\n1,2,3\n", "columns a, b, c"), (b'{"foo": 1, "bar": 2}\n', "foo, bar"), (b"%PDF-1.7 ...", "a PDF"), (b"PAR1broken", "Parquet"),
        (b"PK\3\4broken", "zip"), (bytes(range(256)) * 9, "binary"), (b'{"half": ', "nothing can be read"), (b"<html></html>", "columns"), (b"[]", "nothing"),
    ],
)  # fmt: skip
def test_an_unknown_format_says_what_was_seen(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(UnknownFormat, match=said):
        load(written(tmp_path / "posts", content))
    with pytest.raises(UnknownFormat):
        detect(Source(path=tmp_path / "posts"))


def test_a_format_that_does_not_exist_names_those_that_do(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match="zeeschuimer"):
        load(written(tmp_path / "posts", [GOOD]), format="nonsense")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat):
        load(tmp_path)


# Size


def test_pages_stay_small_whatever_the_file(tmp_path: Path) -> None:
    rows = [row(number) for number in range(12_345)]
    for content in ("".join(json.dumps(each) + "\n" for each in rows), as_csv(rows), json.dumps(rows, indent=1)):
        found = load(written(tmp_path / "posts", content))
        assert len(found.posts) == 12_345 and found.biggest_page <= 5_100 and not found.rejects


def test_the_format_is_told_without_reading_the_whole(tmp_path: Path) -> None:
    assert detect(Source(path=written(tmp_path / "posts", [GOOD]))) == "table"


def test_read_is_posts_and_rejects(tmp_path: Path) -> None:
    rows = [row(number, views="x" if number % 7 == 0 else number) for number in range(700)]
    found = load(written(tmp_path / "posts", rows))
    assert (len(found.posts), len(found.rejects)) == (600, 100)


# Anything at all

CONTENT = [
    "".join(json.dumps(row(number), ensure_ascii=False) + "\n" for number in range(5)).encode(), as_csv([row(number) for number in range(5)]).encode(),
    json.dumps([row(number) for number in range(5)], indent=1).encode(), gzip.compress(json.dumps(GOOD).encode()),
    (Path(__file__).parents[1] / "recorded/file/bilibili_search.json").read_bytes(), (Path(__file__).parents[1] / "recorded/file/youtube_chart.zip").read_bytes(),
    (Path(__file__).parents[1] / "recorded/file/x_graphql_thread.json").read_bytes(), (Path(__file__).parents[1] / "recorded/file/x_api_v2_twarc.jsonl").read_bytes(),
]  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(CONTENT), st.randoms(use_true_random=False), st.integers(0, 30))
def test_no_damage_to_a_file_escapes_as_another_error(
    tmp_path: Path, content: bytes, chance: random.Random, changes: int
) -> None:
    damaged = bytearray(content)
    for _ in range(changes):
        place = chance.randrange(len(damaged) or 1)
        damaged[place : place + chance.choice([0, 1, 1, 5])] = chance.choice(
            [b"", bytes([chance.randrange(256)]), b'"', b"{", b"null", b"[1,[]]", b"\n", b'{"a":"b"}']
        )
    if chance.random() < 0.3:
        del damaged[chance.randrange(len(damaged) or 1) :]
    try:
        found = load(written(tmp_path / "posts", bytes(damaged)))
    except UsageError:
        return
    assert all(reject.line >= 1 and reject.reason for reject in found.rejects)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([each for each in CONTENT if each[:1] in (b"{", b"[")]), st.data())
def test_no_value_in_the_place_of_another_escapes_as_another_error(
    tmp_path: Path, content: bytes, data: st.DataObject
) -> None:
    value = json.loads(content.splitlines()[0] if content.count(b"\n{") > 2 else content)
    places: list[tuple[Any, Any]] = []

    def collect(part: Any) -> None:
        for key in list(part) if isinstance(part, dict) else range(len(part)):
            places.append((part, key))
            if isinstance(part[key], (dict, list)):
                collect(part[key])

    collect(value)
    for part, key in data.draw(
        st.lists(st.sampled_from(range(len(places))).map(lambda number: places[number]), max_size=6)
    ):
        part[key] = data.draw(_VALUES)
    try:
        found = load(written(tmp_path / "posts", json.dumps(value)))
    except UsageError:
        return
    assert all(reject.reason for reject in found.rejects)


def test_a_reason_quotes_no_account(tmp_path: Path) -> None:
    urls = [
        "https://www.tiktok.com/@secretperson",
        "https://vm.tiktok.com/secretperson",
        "https://example.org/secretperson",
        "https://t.me/+secretperson",
    ]
    found = load(
        written(
            tmp_path / "posts",
            [{"url": url} for url in urls]
            + [row(1, id="secretperson\u0000"), row(2, author="secretperson", views="x")],
        )
    )
    assert len(found.rejects) == 6 and not any("secretperson" in reject.reason for reject in found.rejects)


def test_the_last_page_says_that_it_is_the_last(tmp_path: Path) -> None:
    path = written(tmp_path / "posts", [row(number) for number in range(12_000)])
    assert [page.done for page in File(cast(Client, None)).load(Source(path=path))] == [False, False, True]
