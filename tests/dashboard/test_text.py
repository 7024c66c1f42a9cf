"""Words and numbers, and that text from outside stays text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dashboard._text import count, html_text, label_text, listed, markdown_text, minute, number, plain, short, span


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "unknown"),
        (pd.NA, "unknown"),
        (0, "0"),
        (999, "999"),
        (12_345, "12,345"),
        (1_234_567, "1.23M"),
        (-5, "-5"),
    ],
)
def test_a_number_is_read_as_people_say_it(value: object, said: str) -> None:
    assert number(value) == said


def test_a_short_number_has_three_figures() -> None:
    assert [short(n) for n in (7, 1_234, 56_789, 5_678_901, 2e9)] == ["7", "1.23k", "56.8k", "5.68M", "2B"]


def test_one_thing_is_not_many() -> None:
    assert (count(1, "post"), count(0, "post"), count(1200, "post")) == ("1 post", "0 posts", "1,200 posts")


def test_a_long_list_says_how_many_are_left() -> None:
    assert [listed(list("ABCDEF"[:n]), 3) for n in (0, 1, 2, 6)] == ["", "A", "A and B", "A, B, C and 3 others"]


def test_a_length_of_time_has_its_sensible_unit() -> None:
    lengths = (timedelta(seconds=20), timedelta(minutes=5), timedelta(hours=7), timedelta(days=3))
    assert [span(length) for length in lengths] == ["20 seconds", "5 minutes", "7 hours", "3 days"]


def test_a_moment_is_told_in_its_zone() -> None:
    moment = datetime(2026, 3, 5, 20, 5, tzinfo=UTC)
    assert minute(moment, UTC) == "5 Mar 2026 20:05 UTC"
    assert minute(moment, ZoneInfo("Asia/Shanghai")) == "6 Mar 2026 04:05 CST"


def test_text_from_outside_is_one_line_without_marks_that_turn_it_around() -> None:
    assert plain("a\u202eb\u2069c\nd\x00e\u2028f") == "abc d e f"
    assert len(plain("x" * 5000)) == 300


def test_html_shows_tags_as_text() -> None:
    assert html_text('<b onclick="x">&') == "<bdi>&lt;b onclick=&quot;x&quot;&gt;&amp;</bdi>"


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_a_label_keeps_its_direction_to_itself(text: str) -> None:
    shown = label_text(text)
    assert shown[0] == "\u2068"
    assert shown[-1] == "\u2069"
    assert not re.search("[\u202a-\u202e\u2066\u2067]", shown)


@given(st.text(alphabet="*_`[]()<>!#:$~|&@/\\ w.htp-red{}\n", max_size=40))
def test_markdown_has_no_bare_mark_left(text: str) -> None:
    inside = markdown_text(text)[1:-1]
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_`\[\]<>#:$~|&!@]", re.sub(r"\\[!-/:-@\[-`{-~]", "", inside))
    assert "://" not in inside
    assert not re.search(r"www\\?\.", inside)


def test_an_error_is_shown_with_a_number_and_without_its_reason() -> None:
    def page() -> None:
        from dashboard._errors import error_card

        assert error_card(ValueError("a secret reason"))

    shown = AppTest.from_function(page).run().error[0].value
    assert re.search(r"\(error [0-9a-f]{8}\)", shown)
    assert "secret" not in shown
