"""The same words in another dress are the same letters."""

from __future__ import annotations

import time
import unicodedata
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spillover.folding import Letters, fold, squeeze

SAME = (
    ("ＣＩＡ", "CIA"),
    ("𝐂𝐈𝐀", "cia"),
    ("Ⓒⓘⓐ", "cia"),
    ("vídeos", "videos"),
    ("VÍDEOS", "vi\u0301deos"),
    ("İstanbul", "istanbul"),
    ("Straße", "STRASSE"),
    ("Łódź", "lodz"),
    ("ΜΆΙΟΣ", "μάιος"),
    ("Ёлка", "елка"),
    ("за\u0301мок", "замок"),
    ("и\u0306", "й"),
    ("中央情報局", "中央情报局"),
    ("裡", "裏"),
    ("爲", "為"),
    ("啓", "啟"),
    ("衆", "眾"),
    ("ｶﾞｷﾞ", "ガギ"),
    ("か\u3099", "が"),
    ("한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8"),
    ("so\u200bcial", "social"),
    ("\u202ecia\u202c", "cia"),
    ("❤\ufe0fcia", "❤cia"),
    ("C\0I\ud800A", "cia"),
    ("z\u0301\u0302\u0303\u0304\u0305algo", "zalgo"),
    ("مُحَمَّد", "محمد"),
    ("⼭", "山"),
    ("CIA™", "cia"),
)
DIFFERENT = (
    ("й", "и"),
    ("が", "か"),
    ("ไม่", "ไม"),
    ("की", "का"),
    ("한", "하"),
    ("ї", "і"),
    ("أ", "ا"),
    ("CIA", "CIAO"),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_a_text_in_another_dress_folds_to_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)
    assert squeeze(one) == squeeze(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_marks_that_tell_words_apart_stay(one: str, other: str) -> None:
    assert squeeze(one) != squeeze(other)


def test_punctuation_stays_in_fold_and_goes_in_squeeze() -> None:
    assert fold("中_央，情🔥報局！") == "中_央,情🔥报局!"
    assert squeeze("中_央，情🔥報局！") == "中央情报局"


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert squeeze(squeeze(text)) == squeeze(text)


@given(st.text())
def test_letters_stand_where_they_say(text: str) -> None:
    letters = Letters(text)
    assert letters.folded == squeeze(text)
    assert len(letters.at) == len(letters.folded)
    assert letters.at == sorted(letters.at)
    assert all(0 <= place < len(letters.text) for place in letters.at)


@given(st.text(st.characters(max_codepoint=0x4FF)))
def test_equivalent_texts_fold_to_the_same(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.text(st.characters(max_codepoint=127)))
def test_the_short_way_for_ascii_says_what_the_long_one_says(text: str) -> None:
    assert squeeze(text) + "中" == squeeze(text + "中")
    assert fold(text) + "中" == fold(text + "中")


@pytest.mark.parametrize(
    "hostile", ["x" * 3_000_000, "e" + "\u0315\u0300" * 100_000, "\ud800" * 100_000, "\0" * 1_000_000]
)
def test_hostile_texts_take_a_bounded_time(hostile: str) -> None:
    began = time.monotonic()
    squeeze(hostile)
    assert time.monotonic() - began < 5  # putting 200,000 marks in order takes minutes


def test_every_traditional_character_of_opencc_is_known(shared: Path) -> None:
    for row in (shared / "data/reference/opencc_TSCharacters.txt").read_text(encoding="utf-8").splitlines():
        traditional, simplified = row.split("\t")
        assert fold(traditional) == fold(simplified.split()[0])


def test_regional_variants_of_opencc_are_one(shared: Path) -> None:
    for name in ("TWVariants", "HKVariants"):
        for row in (shared / f"data/reference/opencc_{name}.txt").read_text(encoding="utf-8").splitlines():
            character, variants = row.split("\t")
            if character != "幺":  # its variant 么 is the simplified form of 麼 as well
                assert {fold(variant) for variant in variants.split()} == {fold(character)}


def test_the_table_names_its_source() -> None:
    table = (files("spillover") / "data" / "traditional.txt").read_text(encoding="utf-8")
    assert "OpenCC" in table
    assert "Apache-2.0" in table
