"""The language of a text: by script, by two detectors and by the letters that alphabets lack."""

from __future__ import annotations

import json
import socket
from collections import defaultdict

import pytest

from analysis import _language
from analysis._language import chinese, spoken


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("抗議者が街頭で演説する動画", "ja"), ("香港示威者發表講話，影片被刪除", "zh-Hant"), ("香港示威者发表讲话，视频被删除", "zh-Hans"),
        ("香港", "zh"), ("시위대 영상이 삭제되었다", "ko"), ("Відео з протестувальниками видалено", "uk"),
        ("Видео с протестующими было удалено", "ru"), ("El vídeo de los manifestantes fue eliminado", "es"),
        ("The video of the protest was removed", "en"), ("ئۇيغۇر تىلى", "ug"), ("วิดีโอของผู้ประท้วง", "th"), ("🔥🔥 12:30", None),
        ("https://example.org/the-video-of-the-protest", None),
    ],
)  # fmt: skip
def test_a_text_tells_its_language(text, language):
    assert spoken(text).language == language


def test_a_letter_that_an_alphabet_lacks_speaks_against_the_language():
    assert spoken("Змінити пароль").language == "uk"
    assert spoken("Змяніць пароль, калі ласка, ў").language == "be"


def test_chinese_is_undecided_where_no_character_tells():
    assert chinese("中文人口") == "zh"
    assert chinese("發") == "zh-Hant" and chinese("发") == "zh-Hans"


def test_nothing_is_fetched_to_tell_a_language(monkeypatch):
    def refuse(*_: object) -> None:
        raise AssertionError("a detector asked the network")

    _language._lite.cache_clear()
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert _language._spoken("El vídeo de los manifestantes fue eliminado").language == "es"


def test_texts_are_remembered_by_their_digest_and_not_without_end(monkeypatch):
    monkeypatch.setattr(_language, "_known", {})
    monkeypatch.setattr(_language, "_REMEMBERED", 3)
    for number in range(7):
        spoken(f"the video number {'x' * number}")
    assert len(_language._known) <= 3 and all(isinstance(key, bytes) and len(key) == 8 for key in _language._known)


def test_short_strings_of_24_languages_are_told_as_well_as_the_best_vote_measured(shared):
    right: dict[str, list[bool]] = defaultdict(list)
    for catalogue, language, text in json.loads(
        (shared / "data" / "methods" / "langid_django_po.json").read_text("utf-8")
    ):
        right[catalogue].append((spoken(text).language or "").split("-")[0] == language)
    told = [hit for hits in right.values() for hit in hits]
    assert sum(told) / len(told) >= 0.79
    assert all(sum(right[name]) / len(right[name]) >= 0.99 for name in ("zh_Hans", "zh_Hant"))
