"""A campaign file is read, or every problem in it is named with file, line, key and the nearest right thing."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spillover.campaign import KEYS, VIDEO_KEYS, Campaign, Video, check_campaign, describe, queries, read_campaign
from spillover.campaign_report import Problem
from spillover.errors import CampaignError
from spillover.toml_lines import lines_of
from tests.conftest import ROOT

SMALLEST = 'name = "a"\ntitle = "b"\n[[videos]]\ntitle.en = "Why I contacted the CIA"\n'
HEAD = 'name = "a"\ntitle = "b"\n'  # two lines
VIDEO = '[[videos]]\ntitle.en = "Why I contacted the CIA"\n'


@pytest.fixture
def write(tmp_path: Path):
    def write(text: str | bytes) -> Path:
        path = tmp_path / "campaign.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def problems(write):
    def problems(text: str | bytes) -> list[tuple[int, str, str | None]]:
        return [(problem.line, problem.key, problem.nearest) for problem in check_campaign(write(text))]

    return problems


def test_name_title_and_one_video_with_one_title_are_enough(write) -> None:
    campaign = read_campaign(write(SMALLEST))
    assert campaign == Campaign(
        name="a", title="b", videos=(Video(titles={"en": ("Why I contacted the CIA",)}),), source=SMALLEST
    )
    assert campaign.live
    assert not campaign.sample


def test_every_key_is_read(write) -> None:
    campaign = read_campaign(
        write(
            """
name = "my-campaign-2"
title = "T"
origin_region = "US"
hashtags = ["#SpyVideo", "招募间谍"]
platforms = ["youtube", "gdelt"]
feeds = ["https://example.org/a.xml", "http://127.0.0.1:8000/feed", "https://example.org/a.xml"]
stop = 2026-12-31
live = false
sample = true
exclude.en = ["job advertisement"]
schedule = { youtube = "6h", gdelt = "15m" }
phrases."zh-Hant" = "招募間諜影片"
[[videos]]
url = "https://youtu.be/dQw4w9WgXcQ"
title = { en = ["One long title", "Another title"], zh-Hans = "美中情局招募间谍" }
[[videos]]
[videos.title]
ru = "Третье название"
"""
        )
    )
    assert campaign.videos[0].titles == {"en": ("One long title", "Another title"), "zh-Hans": ("美中情局招募间谍",)}
    assert campaign.videos[0].url == "https://youtu.be/dQw4w9WgXcQ"
    assert campaign.videos[1].titles == {"ru": ("Третье название",)}
    assert campaign.hashtags == ("SpyVideo", "招募间谍")
    assert campaign.phrases == {"zh-Hant": ("招募間諜影片",)}
    assert campaign.exclude == {"en": ("job advertisement",)}
    assert campaign.platforms == ("youtube", "gdelt")
    assert campaign.feeds == ("https://example.org/a.xml", "http://127.0.0.1:8000/feed")
    assert campaign.every == {"youtube": 21600, "gdelt": 900}
    assert (campaign.stop, campaign.live, campaign.sample, campaign.origin_region) == (
        date(2026, 12, 31),
        False,
        True,
        "US",
    )


@pytest.mark.parametrize("text", ["\ufeff" + SMALLEST, SMALLEST.replace("\n", "\r\n")], ids=["BOM", "CRLF"])
def test_byte_order_marks_and_windows_line_ends_do_no_harm(write, text: str) -> None:
    assert read_campaign(write(text)).name == "a"


WRONG = {
    "an unknown key": (HEAD + 'pharses.en = ["x"]\n' + VIDEO, (3, "pharses", "phrases")),
    "an unknown table": (HEAD + VIDEO + "[[video]]\n", (5, "video", "videos")),
    "an unknown key of a video": (HEAD + VIDEO + 'titel.ru = "x"\n', (5, "videos.titel", "title")),
    "a key that slid into a video": (HEAD + VIDEO + 'hashtags = ["spyvideo"]\n', (5, "videos.hashtags", None)),
    "a wrong type": (HEAD + "hashtags = 5\n" + VIDEO, (3, "hashtags", 'hashtags = ["…"]')),
    "a number for true": (HEAD + "live = 1\n" + VIDEO, (3, "live", "live = true")),
    "a wrong type in a list": (HEAD + 'phrases.en = [\n "spy story",\n 5,\n]\n' + VIDEO, (5, "phrases.en", '"…"')),
    "a title without language": (HEAD + '[[videos]]\ntitle = "The title"\n', (4, "videos.title", 'title.en = "…"')),
    "a language that is none": (HEAD + VIDEO + 'title.xx = "The title"\n', (5, "videos.title.xx", None)),
    "a country for a language": (HEAD + VIDEO + 'title.cn = "招募间谍"\n', (5, "videos.title.cn", "zh")),
    "a locale for a language": (HEAD + VIDEO + 'title.pt_br = "Um título"\n', (5, "videos.title.pt_br", "pt-BR")),
    "a small script": (HEAD + VIDEO + 'title.zh-hans = "招募间谍"\n', (5, "videos.title.zh-hans", "zh-Hans")),
    "a region that is none": (HEAD + 'origin_region = "UK"\n' + VIDEO, (3, "origin_region", "GB")),
    "a country by name": (HEAD + 'origin_region = "Russia"\n' + VIDEO, (3, "origin_region", "RU")),
    "a region in small letters": (HEAD + 'origin_region = "us"\n' + VIDEO, (3, "origin_region", "US")),
    "a date as text": (HEAD + 'stop = "31.12.2026"\n' + VIDEO, (3, "stop", "2026-12-31")),
    "a time for a date": (HEAD + "stop = 2027-01-02T10:00:00Z\n" + VIDEO, (3, "stop", "2027-01-02")),
    "a name with capitals": ('name = "My Campaign"\ntitle = "b"\n' + VIDEO, (1, "name", "my-campaign")),
    "an unknown collector": (HEAD + 'platforms = [\n  "youtub"]\n' + VIDEO, (4, "platforms", "youtube")),
    "an unknown collector's schedule": (HEAD + '[schedule]\ngdlet = "1h"\n' + VIDEO, (4, "schedule.gdlet", "gdelt")),
    "a bare number for how often": (HEAD + "schedule.gdelt = 900\n" + VIDEO, (3, "schedule.gdelt", '"900s"')),
    "never for how often": (HEAD + 'schedule.gdelt = "0m"\n' + VIDEO, (3, "schedule.gdelt", '"15m"')),
    "no address": (HEAD + VIDEO + 'url = "the video"\n', (5, "videos.url", "https://…")),
    "a private link": (HEAD + VIDEO + 'url = "https://t.me/+AbCdEfGhIjKlMnOp"\n', (5, "videos.url", None)),
    "a short link": (HEAD + VIDEO + 'url = "https://bit.ly/3abcdef"\n', (5, "videos.url", None)),
    "a channel": (HEAD + VIDEO + 'url = "https://www.youtube.com/@CIA"\n', (5, "videos.url", None)),
    "a feed that is no address": (HEAD + 'feeds = ["ftp://x.org/a"]\n' + VIDEO, (3, "feeds", "https://…")),
    "a common phrase": (HEAD + 'phrases.en = ["a spy story", "video"]\n' + VIDEO, (3, "phrases.en", None)),
    "a common hashtag": (HEAD + 'hashtags = ["viral"]\n' + VIDEO, (3, "hashtags", None)),
    "a hashtag with a space": (HEAD + 'hashtags = ["#spy video"]\n' + VIDEO, (3, "hashtags", "#spyvideo")),
    "a phrase of punctuation": (HEAD + 'phrases.en = "!!!"\n' + VIDEO, (3, "phrases.en", None)),
    "the same video twice": (HEAD + VIDEO + VIDEO.replace("the CIA", "THE CIA!"), (6, "videos.title.en", None)),
    "an empty video": (HEAD + VIDEO + "[[videos]]\n", (5, "videos", 'title.en = "…"')),
    "no name": ('title = "b"\n' + VIDEO, (1, "name", 'name = "my-campaign"')),
    "no videos": (HEAD, (1, "videos", "[[videos]]")),
    "no title at all": (HEAD + '[[videos]]\nurl = "https://youtu.be/dQw4w9WgXcQ"\n', (3, "videos", 'title.en = "…"')),
    "an impossible day": (HEAD + "stop = 2026-02-30\n" + VIDEO, (3, "stop", None)),
    "half a table": (HEAD + VIDEO + 'url = "x\n', (5, "url", None)),
    "a key twice": (HEAD + 'title = "c"\n' + VIDEO, (3, "title", None)),
    "a NUL byte": (HEAD + 'hashtags = ["\0"]\n', (3, "", None)),
    "another encoding": ('name = "a"\ntitle = "Видео"\n'.encode("cp1251"), (2, "", None)),
    "UTF-16": (SMALLEST.encode("utf-16"), (1, "", None)),
    "brackets without end": ("a = " + "[" * 100_000, (1, "", None)),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_one_problem_is_named_with_line_key_and_nearest(problems, what: str) -> None:
    text, expected = WRONG[what]
    assert problems(text) == [expected]


def test_the_same_address_in_another_form_is_the_same_video(problems) -> None:
    text = HEAD + VIDEO + 'url = "https://youtu.be/dQw4w9WgXcQ"\n[[videos]]\ntitle.en = "Other title"\n'
    assert problems(text + 'url = "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3s"\n') == [(8, "videos.url", None)]


def test_every_problem_comes_in_one_go_in_the_order_of_lines(problems) -> None:
    text = """
name = "A B"
origin = "US"
phrases.en = [
  "video", # too common
  7,
]
[[videos]]
title.zz = "x"
[[videos]]
[videos.title]
en = [ "fine title here",
       "" ]
"""
    assert [line for line, _, _ in problems(text)] == [1, 2, 3, 5, 6, 9, 13]


def test_a_message_reads_file_line_key_what_nearest(write) -> None:
    path = write(HEAD + 'pharses.en = ["x"]\n' + VIDEO)
    with pytest.raises(CampaignError) as raised:
        read_campaign(path)
    assert str(raised.value) == f"{path}:3: pharses: is no key here; nearest: phrases"


def test_a_folder_a_missing_and_a_huge_file_are_named(tmp_path: Path) -> None:
    huge = tmp_path / "huge.toml"
    with huge.open("wb") as file:
        file.truncate(100_000_000)
    for path, word in ((tmp_path, "folder"), (tmp_path / "none.toml", "No such file"), (huge, "bigger")):
        (problem,) = check_campaign(path)
        assert word in problem.message
        with pytest.raises(CampaignError):
            read_campaign(path)


@given(st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_give_problems_and_no_other_error(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "any.toml"
    path.write_bytes(raw)
    assert all(isinstance(problem, Problem) and problem.line >= 1 for problem in check_campaign(path))


VALUES = st.recursive(
    st.one_of(
        st.booleans(), st.integers(-5, 5), st.text(max_size=3).map(lambda text: "'" + text.translate(DROP) + "'")
    ),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: "[\n" + ",\n".join(map(str, items)) + "]"),
    max_leaves=5,
)
DROP = {code: None for code in (*range(32), 39, 127, *range(0xD800, 0xE000))}


@given(st.dictionaries(st.sampled_from([key.name for key in KEYS] + ["videos.title", "x"]), VALUES, max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_at_any_key_gives_problems_and_no_other_error(tmp_path: Path, table: dict[str, object]) -> None:
    path = tmp_path / "any.toml"
    rows = (f"{key} = {str(value).lower() if isinstance(value, bool) else value}" for key, value in table.items())
    path.write_text("\n".join(rows), "utf-8")
    check_campaign(path)


def test_lines_are_found_in_every_way_to_write_toml() -> None:
    text = '''# comment [x]
title = """
two
lines ] """
a.b."c.d" = [ # [
  'x', ["y",
  "]"], { k = 1, l.m = [1,
  2] },
]
when = 1979-05-27 07:32:00
[phrases]
en = "\\"one"
[[videos]]
[[videos]]
[videos.title]
ru = ["q"
  ,"w"]
'''
    tomllib.loads(text)
    lines = lines_of(text)
    expected = {
        ("title",): 2, ("a", "b", "c.d"): 5, ("a", "b", "c.d", 0): 6, ("a", "b", "c.d", 1, 1): 7,
        ("a", "b", "c.d", 2, "l", "m", 1): 8, ("when",): 10, ("phrases", "en"): 12, ("videos", 0): 13,
        ("videos", 1): 14,
        ("videos", 1, "title"): 15, ("videos", 1, "title", "ru", 1): 17,
    }  # fmt: skip
    assert {path: lines[path] for path in expected} == expected


def test_queries_are_stable_and_each_stands_once(write) -> None:
    campaign = read_campaign(
        write(
            'name = "a"\ntitle = "b"\nphrases.en = ["Spy video story", "CIA + recruitment"]\nhashtags = ["spyvideo"]\n'
            'feeds = ["https://example.org/f"]\n[[videos]]\nurl = "https://youtu.be/dQw4w9WgXcQ"\n'
            'title.en = "Spy video story"\n'
        )
    )
    asked = [(query.kind, query.text) for query in queries(campaign, frozenset({"link", "phrase", "hashtag", "feed"}))]
    assert asked == [
        ("link", "https://youtu.be/dQw4w9WgXcQ"),
        ("phrase", "Spy video story"),
        ("phrase", "CIA recruitment"),
        ("hashtag", "spyvideo"),
        ("feed", "https://example.org/f"),
    ]
    assert [query.kind for query in queries(campaign, frozenset({"title"}))] == ["title"]
    assert queries(campaign, frozenset()) == []


@pytest.mark.parametrize("name", ["cia-china-2025", "russia-recruitment-2025"])
def test_the_samples_are_right_and_do_not_ask_the_network(name: str) -> None:
    campaign = read_campaign(ROOT / "examples" / f"{name}.toml")
    languages = {*campaign.phrases, *(tag for video in campaign.videos for tag in video.titles)}
    assert campaign.name == name
    assert (campaign.live, campaign.sample) == (False, True)
    assert {"en", "zh-Hans", "zh-Hant", "ru", "es", "ja"} <= languages
    assert [video.url for video in campaign.videos if video.url] == []  # no address was found, and none is made up


def test_the_page_on_campaign_files_is_in_step_with_the_code() -> None:
    page = (ROOT / "docs/campaign-file.md").read_text("utf-8")
    begin, end = "<!-- keys: begin -->\n", "\n<!-- keys: end -->"
    assert page[page.index(begin) + len(begin) : page.index(end)] == describe()


@pytest.mark.parametrize("key", [key for key in KEYS if key.name != "videos"], ids=lambda key: key.name)
def test_every_example_of_a_key_is_right(problems, key) -> None:
    if "bluesky" in key.example:
        pytest.importorskip("collectors.bluesky")
    rest = "".join(row for row in (HEAD).splitlines(keepends=True) if not row.startswith(key.name))
    assert problems(f"{key.example}\n{rest}{VIDEO}") == []


def test_every_key_of_a_video_is_documented() -> None:
    assert {key.name for key in VIDEO_KEYS} == {"url", "title"}
