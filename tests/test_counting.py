"""Counts as platforms print them: exact where they are, an interval where they are rounded, None where not shown."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spillover import Interval, read_count

EXACT = [
    (0, 0), (1234, 1234), (1234.0, 1234), ("1234", 1234), (" 7 ", 7), ("1,234", 1234), ("1.234.567", 1_234_567), ("12,34,567", 1_234_567),
    ("1 234", 1234), ("1\u202f234", 1234), ("1'234", 1234), ("１２３４", 1234), ("٧", 7), ("840次观看", 840), ("3 likes", 3), ("1 234 просмотра", 1234),
    (2**63 - 1, 2**63 - 1), ("1.2345万", 12345),
]  # fmt: skip
ROUNDED = [
    ("1.2万", 11_500, 12_499, 12_000),
    ("3,4 тыс.", 3_350, 3_449, 3_400),
    ("1.2M", 1_150_000, 1_249_999, 1_200_000),
    ("15K", 14_500, 15_499, 15_000),
    ("12.5萬", 124_500, 125_499, 125_000),
    ("1,2 млн просмотров", 1_150_000, 1_249_999, 1_200_000),
    ("31万讨论", 305_000, 314_999, 310_000),
    ("8.3亿阅读", 825_000_000, 834_999_999, 830_000_000),
    ("1.2億回視聴", 115_000_000, 124_999_999, 120_000_000),
    ("3.4만", 33_500, 34_499, 34_000),
    ("1,234万", 12_335_000, 12_344_999, 12_340_000),
    ("4.4K views", 4_350, 4_449, 4_400),
    ("2 lakh", 150_000, 249_999, 200_000),
]


@pytest.mark.parametrize(("shown", "count"), EXACT)
def test_a_number_that_is_written_out_is_exact(shown: object, count: int) -> None:
    assert read_count(shown) == count


@pytest.mark.parametrize(("shown", "low", "high", "middle"), ROUNDED)
def test_a_rounded_number_is_an_interval(shown: str, low: int, high: int, middle: int) -> None:
    assert read_count(shown) == Interval(low, high, middle)


@pytest.mark.parametrize(
    ("shown", "low"), [("100万+", 1_000_000), ("9999+", 9_999), ("10万+阅读", 100_000), ("1K+", 1_000)]
)
def test_an_open_number_has_no_upper_bound(shown: str, low: int) -> None:
    assert read_count(shown) == Interval(low, None, low)


@pytest.mark.parametrize("shown", [None, "", "--", "-", "N/A", "null", "nan", " "])
def test_a_hidden_count_is_none(shown: object) -> None:
    assert read_count(shown) is None


@pytest.mark.parametrize(
    "shown",
    [
        "abc",
        -5,
        "-5",
        float("nan"),
        float("inf"),
        12.5,
        "1.23",
        "1,23",
        2**63,
        "9" * 30,
        10**500,
        True,
        [],
        {},
        b"7",
        "1e5",
        "1.2E+15",
        "1.2.3",
        "12万3",
        "K",
    ],
)
def test_what_is_no_count_is_refused_with_a_reason(shown: object) -> None:
    with pytest.raises(ValueError, match=r"count|number"):
        read_count(shown)


@given(st.integers(0, 2**63 - 1))
def test_every_whole_number_comes_back(number: int) -> None:
    assert read_count(number) == read_count(str(number)) == read_count(f"{number:,}") == number


@given(st.integers(0, 10**9), st.sampled_from([("k", 1_000), ("万", 10_000), ("M", 10**6), ("亿", 10**8)]))
def test_the_true_count_lies_within_the_interval(number: int, unit: tuple[str, int]) -> None:
    name, factor = unit
    shown = (number * 10 + factor // 2) // factor  # rounded to one decimal, as platforms do
    read = read_count(f"{shown // 10}.{shown % 10}{name}")
    low, high = (read.low, read.high) if isinstance(read, Interval) else (read, read)
    assert low is not None and high is not None and low <= number <= high


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.none(), st.booleans(), st.binary()))
def test_anything_at_all_is_a_count_or_refused(value: object) -> None:
    with suppress(ValueError):
        read = read_count(value)
        assert read is None or isinstance(read, Interval) or 0 <= read < 2**63
