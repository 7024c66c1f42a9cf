"""What platforms say of posts that cannot be seen, and what it means."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spillover import read_wording
from spillover.testing import CAUSES

ROOT = Path(__file__).resolve().parents[1]
with (ROOT / "tests" / "recorded" / "wordings" / "made_up_said.tsv").open(encoding="utf-8") as table:
    SAID = [
        (row["platform"] or None, row["said"], row["status"], row["cause"] or None)
        for row in csv.DictReader(table, dialect="excel-tab", quoting=csv.QUOTE_NONE)
    ]
NO_NOTICES = [
    "",
    " ",
    "...",
    "Why my video was removed from YouTube",
    "The court removed the video from evidence, and nobody was told why",
    "Account suspended for years: how a streamer fought back against the platform",
    "视频博主因侵权被起诉",
    "某明星发微博称视频已被删除引发热议",
    "Суд удалил судью с поля",
    "Видео с котиком набрало миллион просмотров",
    "This video has not been removed",
    "This video is available in your country",
    "The channel is great and this video is wonderful",
    "该视频已被删除？真相在这里",
    "Эта страница удалена? Нет!",
    "This video has been removed?",
    "由于用户设置，你无法回复评论",
]


@pytest.mark.parametrize(("platform", "said", "status", "cause"), SAID)
def test_words_of_a_platform_are_read(platform: str | None, said: str, status: str, cause: str | None) -> None:
    found = read_wording(said, platform)
    assert found is not None
    assert (found.status, found.cause, found.basis) == (status, cause, "stated")


@pytest.mark.parametrize(("platform", "said", "status", "cause"), SAID)
def test_dress_does_not_matter(platform: str | None, said: str, status: str, cause: str | None) -> None:
    found = read_wording(said.upper().replace("'", "’").replace(" ", "\u00a0 ") + "。", platform)
    assert found is not None
    assert (found.status, found.cause) == (status, cause)


@pytest.mark.parametrize("said", NO_NOTICES)
def test_other_texts_mean_nothing(said: str) -> None:
    assert all(read_wording(said, platform) is None for platform in (None, "youtube", "weibo", "vk", "telegram"))


@given(st.text(max_size=200), st.sampled_from([None, "youtube", "weibo", "reddit"]))
def test_no_text_at_random_is_gone(said: str, platform: str | None) -> None:
    found = read_wording(said, platform)
    assert found is None or found.status == "unknown"


@pytest.mark.parametrize(
    ("platform", "said", "kept"),
    [
        (
            "youtube",
            "This video is no longer available due to a copyright claim by Jane Doe",
            "This video is no longer available due to a copyright claim by …",
        ),
        (
            "x",
            "@jane's Post has been withheld in Germany, France in response to a legal demand. Learn more",
            "… has been withheld in Germany, France in response to a legal demand",
        ),
        (
            "x",
            "@jane has been withheld in Jane Doe in response to a legal demand",
            "… has been withheld in … in response to a legal demand",
        ),
        ("youtube", "The account of Jane Doe has been terminated", "The account … has been terminated"),
        (
            "vk",
            "Видеозапись Анны Ивановой была изъята из публичного доступа в связи с обращением правообладателя.",
            "Видеозапись … была изъята из публичного доступа в связи с обращением правообладателя",
        ),
        ("weibo", "抱歉，此微博已被作者删除。查看帮助：http://t.cn/zWSudZc", "抱歉，此微博已被作者删除"),
        (
            "weibo",
            "该账号因被投诉违反《微博社区公约》的相关规定，现已无法查看。",
            "该账号因被投诉违反《微博社区公约》的相关规定，现已无法查看",
        ),
    ],
)
def test_words_are_kept_without_names(platform: str, said: str, kept: str) -> None:
    found = read_wording(said, platform)
    assert found is not None
    assert found.said == kept


@pytest.mark.parametrize(
    "said",
    [
        "This content isn't available, try again later.",
        "Video unavailable. Please try again later",
        "此内容无法查看，请完成验证",
        "Видео недоступно. Повторите попытку позже",
    ],
)
def test_a_wall_hides_what_it_stands_before(said: str) -> None:
    found = read_wording(said, "youtube")
    assert found is not None
    assert (found.status, found.cause) == ("unknown", "error")


def test_words_of_one_platform_say_nothing_of_another() -> None:
    assert read_wording("[removed]", "youtube") is None
    assert read_wording("[removed]") is None
    long_enough = read_wording("This channel can't be displayed because it violated local laws.")
    assert long_enough is not None
    assert long_enough.cause == "legal"


def test_what_is_longer_than_a_notice_is_none() -> None:
    assert read_wording("This video has been removed by the uploader. " + "word " * 200, "youtube") is None


def test_every_phrase_has_a_known_meaning() -> None:
    for entry in json.loads((ROOT / "spillover" / "wordings.json").read_text("utf-8"))["wordings"]:
        assert entry["status"] in ("gone", "withheld", "private", "unknown")
        assert entry.get("cause") in (None, *CAUSES)
        assert entry["says"]


def test_youtubes_recorded_states_are_all_known(shared: Path) -> None:
    lines = (shared / "data" / "takedown" / "youtube_playability_not_ok.ndjson").read_text("utf-8").splitlines()
    states = [json.loads(line)["playabilityStatus"] for line in lines]
    said = {text for state in states for text in (state.get("reason"), *(state.get("messages") or [])) if text}
    read = {text: read_wording(text, "youtube") for text in said}
    assert [text for text, found in read.items() if found is None] == []
    assert Counter(found.status for found in read.values() if found) == {"unknown": 13, "private": 3, "withheld": 2}


def test_phrases_that_others_collected_are_known(shared: Path) -> None:
    lists = json.loads((shared / "data" / "takedown" / "deletion_phrases_bellingcat.json").read_text("utf-8"))
    names = {"TWITTER": "x", "GENERIC": None}
    read = {
        (name, said): read_wording(said, names.get(name, name.lower()))
        for name, known in lists.items()
        for said in known
    }
    assert [where for where, found in read.items() if found is None] == [("GENERIC", "access denied")]  # a wall of ours
    assert {found.status for found in read.values() if found} == {"gone", "private", "unknown"}


def test_reasons_that_maintainers_wrote_are_mostly_known_and_none_contradicts(shared: Path) -> None:
    lines = (shared / "data" / "takedown" / "ytdlp_skip_reasons.ndjson").read_text("utf-8").splitlines()
    read = [(reason, read_wording(reason)) for reason in (json.loads(line)["reason"] for line in lines)]
    assert len(read) == 478
    assert sum(found is not None for _, found in read) >= 340
    shut = ("geo", "outside", "login", "logging in", "premium", "subscri")
    gone = [reason.lower() for reason, found in read if found and found.status == "gone"]
    assert [reason for reason in gone if any(word in reason for word in shut)] == []


def test_news_and_headlines_are_no_removals(shared: Path) -> None:
    spread = shared / "data" / "spread"
    with gzip.open(spread / "telegram_ru_news_2024.ndjson.gz", "rt", encoding="utf-8") as lines:
        texts = [(json.loads(line)["text"] or "")[:300] for line in islice(lines, 0, None, 300)]
    with gzip.open(spread / "weibo_hot_search" / "first_seen_2025.csv.gz", "rt", encoding="utf-8") as rows:
        texts += [row["title"] for row in islice(csv.DictReader(rows), 0, None, 40)]
    assert len(texts) > 250
    assert [text for text in texts for name in (None, "telegram", "weibo") if read_wording(text, name)] == []
