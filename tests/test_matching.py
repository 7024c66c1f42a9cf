"""A text is matched to a campaign by link, title, phrase, hashtag, whatever dress the words are in."""

from __future__ import annotations

import csv
import gzip
import json
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spillover.campaign import Campaign, Video, read_campaign
from spillover.errors import CampaignError
from spillover.matching import Matcher
from spillover.rarity import points
from tests.conftest import ROOT

CIA = Matcher(read_campaign(ROOT / "examples/cia-china-2025.toml"))
RUSSIA = Matcher(read_campaign(ROOT / "examples/russia-recruitment-2025.toml"))
WEIBO = ("中方严正抗议CIA公然发布投靠指南", "中方强烈谴责美中情局招募间谍", "美CIA发中文视频招间谍")


def matcher(
    *phrases: str,
    title: str = "No title like this",
    url: str | None = None,
    hashtags: tuple[str, ...] = (),
    exclude: tuple[str, ...] = (),
) -> Matcher:
    return Matcher(
        Campaign(
            name="a",
            title="b",
            videos=(Video(url=url, titles={"en": (title,)}),),
            phrases={"en": phrases},
            hashtags=hashtags,
            exclude={"en": exclude},
        )
    )


FOUND = (
    ("CIA", "the CIA's new video"),
    ("CIA", "the C.I.A. said"),
    ("CIA", "C I A"),
    ("CIA", "ＣＩＡ！"),
    ("CIA", "美CIA发中文视频招间谍"),
    ("CIA", "#CIA"),
    ("ЦРУ", "…в ЦРУ."),
    ("中央情报局", "中_央_情_报_局"),
    ("中央情报局", "美国中央情報局招募"),
    ("中央情报局", "中央\n情报局"),
    ("中央情報局", "【中央情报局】"),
    ("美中情局", "美🔥中情局"),
    ("美中情局", "美👨‍👩‍👧中❤️情局"),
    ("裡面的間諜", "里面的间谍"),
    ("vídeos de la CIA para espías", "los VIDEOS de la CIA — para espias"),
    ("worn-out shoes of spies", "worn out shoes of spies"),
    ("worn-out shoes of spies", "wornout shoes of spies"),
    ("It's time I start working", "Its time I start\n\nworking!"),
    ("It's time I start working", "“It’s time, I start working”"),
    ("Why I contacted the CIA", "#WhyIContactedTheCIA"),
    ("вербовка китайцев", "ВЕРБОВКА  китайцев"),
    ("中央情报局 招募视频", "这段招募视频来自中央情报局"),
    ("CIA 招募视频", "招募视频：CIA出品"),
    ("CIA + recruitment", "recruitment by the CIA"),
    ("スパイ勧誘動画", "中国人ｽﾊﾟｲ勧誘動画"),
    ("중앙정보국", "미국 중앙정보국이 공개한"),
    ("हिंदी गुप्तचर", "यह हिंदी गुप्तचर है"),
    ("ครอบครัวสายลับ", "ดูครอบครัวสายลับกัน"),
)
NOT_FOUND = (
    ("CIA", "social"),
    ("CIA", "especial gracias"),
    ("CIA", "C ia"),
    ("CIA", "AC IA"),
    ("CIA", "so\u200bcia\u200bl"),
    ("CIA", "CIAO"),
    ("CIA", "CIA2025x"),
    ("ЦРУ", "ЦРУшник"),
    ("spy story", "spystory"),
    ("Why I contacted the CIA", "Why we contacted the CIA"),
    ("中央情报局", "中央" + "。" * 30 + "情报局"),
    ("中央情报局 招募视频", "中央情报局" + "字" * 200 + "招募视频"),
    ("中央情报局 招募视频", "中央情报局"),
    ("CIA 招募视频", "招募视频social"),
    ("CIA + recruitment", "recruitment by social media"),
)


@pytest.mark.parametrize(("phrase", "text"), FOUND)
def test_a_phrase_is_found_in_any_dress(phrase: str, text: str) -> None:
    found = matcher(phrase).best(text)
    assert found is not None
    assert (found.kind, found.term) == ("phrase", phrase)


@pytest.mark.parametrize(("phrase", "text"), NOT_FOUND)
def test_a_phrase_is_not_found_inside_other_words(phrase: str, text: str) -> None:
    assert matcher(phrase).best(text) is None


@pytest.mark.parametrize("text", ["look #cia", "#CIA!", "＃ＣＩＡ", "#cia #x", "#️⃣", "(#cia)", "#中情局 #cia中"])
def test_a_hashtag_is_exactly_one_tag(text: str) -> None:
    found = matcher(hashtags=("CIA",)).best(text)
    assert (found is not None) == (text not in ("#️⃣", "#中情局 #cia中"))


@pytest.mark.parametrize("text", ["#ciao", "#cia_x", "#_cia", "cia", "#notcia", "#c i a", "#cia2025"])
def test_a_hashtag_is_not_found_in_another(text: str) -> None:
    assert matcher(hashtags=("CIA",)).best(text) is None


def test_hashtags_that_a_platform_lists_count_with_and_without_their_sign() -> None:
    by_tag = matcher("spy video story", hashtags=("SpyVideo",))
    for tag in ("spyvideo", "#SpyVideo", "Spy_Video"):
        assert by_tag.best(None, hashtags=["x", tag]) is not None
    assert by_tag.best("nothing", hashtags=["spyvideos"]) is None
    assert by_tag.best(None, hashtags=["SpyVideoStory"]) is not None  # a phrase written as a tag


def test_a_link_in_any_form_proves_the_video() -> None:
    by_link = matcher("CIA video story", url="https://www.youtube.com/watch?v=dQw4w9WgXcQ")
    for text, links in (
        ("see https://youtu.be/dQw4w9WgXcQ?si=x now", ()),
        ("youtube.com/shorts/dQw4w9WgXcQ", ()),
        (None, ("https://m.youtube.com/watch?v=dQw4w9WgXcQ&t=3",)),
        ("CIA video story", ("https://example.org/", "https://youtu.be/dQw4w9WgXcQ")),
    ):
        found = by_link.best(text, links=links)
        assert found is not None
        assert (found.kind, found.confidence, found.video) == ("link", 1.0, 0)
    assert by_link.best("https://youtu.be/dQw4w9WgXcX") is None
    assert by_link.best("https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ") is None


def test_a_title_alone_never_proves_the_video() -> None:
    found = CIA.best("Watch: “Why I Contacted the CIA — For a Better Life”")
    assert found is not None
    assert (found.kind, found.video) == ("title", 1)
    assert 0.9 < found.confidence < 1


def test_a_title_of_everyday_words_counts_only_where_it_is_all() -> None:
    plain = matcher(title="My video")
    assert plain.best("I watched my video today", title="Another thing") is None
    whole = plain.best("some text", title="My Video!")
    assert whole is not None
    assert whole.confidence < 0.5


def test_what_tells_more_gives_more_confidence() -> None:
    phrases = ("CIA", "CIA recruits", "CIA Mandarin recruitment videos for officials")
    found = [matcher(phrase).best(phrase) for phrase in phrases]
    confidences = [match.confidence for match in found if match]
    assert confidences == sorted(set(confidences))
    assert sorted(phrases, key=points) == list(phrases)


def test_the_best_match_is_the_surest_and_all_of_them_are_told() -> None:
    every = Matcher(
        Campaign(
            name="a",
            title="b",
            videos=(
                Video(
                    url="https://youtu.be/dQw4w9WgXcQ", titles={"en": ("Why I contacted the CIA: for a better life",)}
                ),
            ),
            phrases={"en": ("contacted the CIA",)},
            hashtags=("spyvideo",),
        )
    )
    text = "#spyvideo Why I contacted the CIA: for a better life https://youtu.be/dQw4w9WgXcQ"
    assert [match.kind for match in every.matches(text)] == ["link", "title", "phrase", "hashtag"]
    assert every.best(text) == every.matches(text)[0]


def test_of_equals_the_earliest_is_the_best() -> None:
    found = matcher("first spy story", "other spy story").best("the other spy story and the first spy story")
    assert found is not None
    assert found.term == "other spy story"


def test_a_look_alike_stays_out_except_by_link() -> None:
    wary = matcher("contacted the CIA", exclude=("My Decision",), url="https://youtu.be/dQw4w9WgXcQ")
    assert wary.best("Why I contacted the CIA") is not None
    assert wary.best("Why I contacted the CIA: my decision") is None
    assert wary.best("Why I contacted the CIA", title="My decision") is None
    found = wary.best("Why I contacted the CIA: my decision https://youtu.be/dQw4w9WgXcQ")
    assert found is not None
    assert found.kind == "link"


COMMON = (
    "the", "video", "a", "x", "AI", "2025", "hello world", "breaking news",
    "的", "你好", "视频", "視頻", "中国", "中国人", "招募", "間諜",
    "и", "что", "видео", "новости", "el", "vídeo", "noticias de hoy", "les", "und", "das Video", "não", "che",
    "動画", "ありがとう", "です", "안녕하세요", "영상", "فيديو", "من", "video và", "haber", "yang",
)  # fmt: skip


@pytest.mark.parametrize("phrase", COMMON)
def test_a_phrase_that_would_match_half_the_web_is_refused_with_the_reason(phrase: str) -> None:
    with pytest.raises(CampaignError, match="half the web"):
        matcher(phrase)


@pytest.mark.parametrize(
    "phrase", ["CIA", "ЦРУ", "中情局", "俄军招募", "earthquake", "スパイ募集", "spy video story", "гадалка"]
)
def test_a_phrase_that_tells_something_is_taken(phrase: str) -> None:
    assert matcher(phrase).best(f"… {phrase} …") is not None


def test_no_everyday_phrase_of_the_list_is_in_more_texts_than_its_reason_says(shared: Path) -> None:
    """The words that we let through alone are rare in fact: each in under 1 of 1,000 titles of the charts."""
    titles = youtube_titles(shared)
    for phrase in ("CIA", "earthquake", "Douyin"):
        alone = matcher(phrase)
        assert sum(alone.best(title) is not None for title in titles) < len(titles) / 1000


FOUNDING_CIA = (
    "Why I contacted the CIA: to take control of my fate",
    "Why I contacted the CIA: for a better life",
    "「なぜ私はCIAに接触したのか──自分の人生を自分でコントロールするために」",
    "在黨內，我一邊往上升，一邊看著職位比我高的人，一個個被棄如弊履。但現在，我意識到我的命運與他們同樣，岌岌可危",
    "在党内，我一边往上升，一边看着职位比我高的人，一个个被弃如弊履",
    "但现在，我意识到我的命运与他们同样，岌岌可危",
    "discarded like worn-out shoes",
    "It's time I start working towards my own dreams",
    "美中情局招募间谍",
    *WEIBO,
    "美中情局公开招募“中国间谍”",
    "中央情报局 招募视频",
    "中央情報局 招募影片",
    "ЦРУ вербовка китайских чиновников видео",
    "CIA Mandarin recruitment videos",
    "vídeos de la CIA para captar espías chinos",
    "中国人スパイ勧誘動画",
    "The Reason for Stepping Forward: To Save the Future",
    "«Спасите будущее»",
    "任何有領導能力的人必定遭受忌憚、被無情絞殺",
    "我不能讓這些狂人來塑造我女兒未來的世界",
)
FOUNDING_RUSSIA = (
    "Do you want to show strength here? Is this the path that you long for? Be like them",
    "You are a man. Be one. Serve under a contract",
    "俄军招募",
    "俄罗斯 雇佣兵 招募 视频",
    "俄軍 招募 中國 傭兵",
    "вербовка китайцев контракт видео Douyin",
)
LOOK_ALIKES = (
    "Why I contacted the CIA: My Decision",
    "CIA video in Russian: “Why I Contacted the CIA — my decision”",
    "Why I made contact with the CIA",
    "The CIA is hiring: apply now for a career in intelligence",
    "CIA job advertisement: Mandarin speakers wanted",
    "China Mission Center language requirements: Mandarin officers for the CIA",
    "Why I contacted the CIA",
    "外交部感谢CIA局长提醒",
)


@pytest.mark.parametrize("text", FOUNDING_CIA)
def test_every_public_name_of_the_cia_videos_matches_its_campaign_only(text: str) -> None:
    assert CIA.best(text) is not None
    assert RUSSIA.best(text) is None


@pytest.mark.parametrize("text", FOUNDING_RUSSIA)
def test_every_public_name_of_the_russian_videos_matches_its_campaign_only(text: str) -> None:
    assert RUSSIA.best(text) is not None
    assert CIA.best(text) is None


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_look_alikes_of_the_founding_cases_stay_out(text: str) -> None:
    assert CIA.best(text) is None
    assert RUSSIA.best(text) is None


def weibo_titles(shared: Path) -> Iterator[tuple[str, str]]:
    for path in sorted((shared / "data/spread/weibo_hot_search").glob("first_seen_*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            yield from ((row["day"], row["title"]) for row in csv.DictReader(file))


def youtube_titles(shared: Path) -> list[str]:
    (path,) = (shared / "data/spread/youtube_trending").glob("videos_*.parquet")
    titles: list[str] = pq.read_table(path, columns=["title"]).column(0).to_pylist()
    return titles


def matched(campaign: Matcher, texts: Iterable[str]) -> list[str]:
    return [text for text in texts if campaign.best(text) is not None]


def test_of_400_000_hot_searches_exactly_those_of_the_founding_case_match(shared: Path) -> None:
    """美方企图诱骗中方人员投靠中情局 of 2024-10-29 is the same affair, but no source names the video so: left out."""
    rows = list(weibo_titles(shared))
    assert len(rows) > 400_000
    assert [(day, title) for day, title in rows if CIA.best(title)] == [
        ("2024-10-28", "中方严正抗议CIA公然发布投靠指南"),
        ("2025-05-06", "中方强烈谴责美中情局招募间谍"),
        ("2025-05-07", "中方强烈谴责美中情局招募间谍"),
        ("2025-06-25", "美CIA发中文视频招间谍"),
    ]
    assert matched(RUSSIA, (title for _, title in rows)) == []


def test_russian_news_and_trending_titles_hold_no_false_match(shared: Path) -> None:
    with gzip.open(shared / "data/spread/telegram_ru_news_2024.ndjson.gz", "rt", encoding="utf-8") as file:
        texts = [text for line in file if (text := json.loads(line)["text"])]
    assert len(texts) > 10_000
    titles = youtube_titles(shared)
    assert len(titles) > 100_000
    for campaign in (CIA, RUSSIA):
        assert matched(campaign, texts) == []
        assert matched(campaign, titles) == []


@given(st.text())
def test_any_text_is_read_without_error(text: str) -> None:
    CIA.best(text, title=text, links=[text], hashtags=[text])


@pytest.mark.parametrize(
    "hostile",
    [
        "x" * 10_000_000,
        "cia" * 1_000_000,
        "cia " * 500_000,
        "中央情报局 " * 200_000,
        "\ud800" * 100,
        "\0" * 1000,
        "#" * 1_000_000,
    ],
    ids=["one word", "letters", "a term often", "half a term often", "surrogates", "NULs", "signs"],
)
def test_hostile_texts_take_a_bounded_time(hostile: str) -> None:
    began = time.monotonic()
    matcher("CIA", "中央情报局 招募视频", hashtags=("cia",)).best(hostile)
    assert time.monotonic() - began < 20


def test_terms_survive_noise_between_words() -> None:
    for noise in (" ", "\n", " — ", "🔥", "…", "\u200b ", "​\u202f"):
        text = noise.join(["Why", "I", "contacted", "the", "CIA:", "for", "a", "better", "life"])
        found = CIA.best(text)
        assert found is not None, repr(noise)
        assert found.kind == "title"
