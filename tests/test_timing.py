"""Times in every dress: numbers of any unit, ISO 8601, RFC 822, dates without a year, "3 hours ago" in many languages."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spillover import read_time
from spillover.timing import TooCoarse

CHINA = timezone(timedelta(hours=8))
SEEN = datetime(2019, 7, 16, 3, 22, 43, tzinfo=UTC)
NOON = datetime(2019, 7, 16, 2, tzinfo=UTC)  # ten o'clock in China


@pytest.mark.parametrize(
    "value",
    [
        1563242400, 1563242400000, 1563242400000000, 1563242400000000000, 1563242400.0, "1563242400", "1563242400000", "2019-07-16T02:00:00Z",
        "2019-07-16T10:00:00+08:00", "2019-07-16 10:00:00", "Tue Jul 16 10:00:00 +0800 2019", "Tue, 16 Jul 2019 02:00:00 GMT", "20190716100000",
        20190716100000, "2019-07-15 22:00:00 EDT", "2019/7/16 10:00:00", datetime(2019, 7, 16, 10), NOON.astimezone(CHINA),
    ],
)  # fmt: skip
def test_one_second_has_many_names(value: object) -> None:
    assert read_time(value, zone=CHINA) == (NOON, "second")


@pytest.mark.parametrize(
    ("value", "day", "precision"),
    [
        ("2019-07-16", (2019, 7, 16), "day"), ("20190716", (2019, 7, 16), "day"), (date(2019, 7, 16), (2019, 7, 16), "day"),
        ("2019年7月16日", (2019, 7, 16), "day"), ("Jul 16, 2019", (2019, 7, 16), "day"), ("16.07.2019", (2019, 7, 16), "day"),
        ("06-27", (2019, 6, 27), "day"), ("6月27日", (2019, 6, 27), "day"), ("12-30", (2018, 12, 30), "day"), ("02-29", (2016, 2, 29), "day"),
        ("昨天", (2019, 7, 15), "day"), ("前天", (2019, 7, 14), "day"), ("yesterday", (2019, 7, 15), "day"),
    ],
)  # fmt: skip
def test_a_day_stands_at_its_first_second_in_its_zone(value: object, day: tuple[int, int, int], precision: str) -> None:
    assert read_time(value, seen_at=SEEN, zone=CHINA) == (datetime(*day, tzinfo=CHINA), precision)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("昨天 18:00", datetime(2019, 7, 15, 18, tzinfo=CHINA)), ("今天 09:12", datetime(2019, 7, 16, 9, 12, tzinfo=CHINA)),
        ("06-27 18:00", datetime(2019, 6, 27, 18, tzinfo=CHINA)), ("2019-07-16T10:00", NOON), ("2019年7月16日 10:00", NOON),
        ("вчера в 18:30", datetime(2019, 7, 15, 18, 30, tzinfo=CHINA)),
    ],
)  # fmt: skip
def test_a_clock_without_seconds_is_known_to_the_minute(value: str, moment: datetime) -> None:
    assert read_time(value, seen_at=SEEN, zone=CHINA) == (moment, "minute")


@pytest.mark.parametrize(
    ("value", "passed", "precision"),
    [
        ("15小时前", timedelta(hours=15), "hour"), ("3 小時前", timedelta(hours=3), "hour"), ("5分钟前", timedelta(minutes=5), "minute"),
        ("10秒前", timedelta(seconds=10), "second"), ("2天前", timedelta(days=2), "day"), ("刚刚", timedelta(), "minute"), ("半小时前", timedelta(minutes=30), "hour"),
        ("10 hours ago", timedelta(hours=10), "hour"), ("an hour ago", timedelta(hours=1), "hour"), ("3h", timedelta(hours=3), "hour"),
        ("Streamed 3 days ago", timedelta(days=3), "day"), ("3 дня назад", timedelta(days=3), "day"), ("час назад", timedelta(hours=1), "hour"),
        ("21 минуту назад", timedelta(minutes=21), "minute"), ("3時間前", timedelta(hours=3), "hour"), ("3시간 전", timedelta(hours=3), "hour"),
        ("hace 3 horas", timedelta(hours=3), "hour"), ("vor 2 Stunden", timedelta(hours=2), "hour"), ("il y a 5 minutes", timedelta(minutes=5), "minute"),
        ("2 gün önce", timedelta(days=2), "day"), ("3 hari yang lalu", timedelta(days=3), "day"), ("1 giờ trước", timedelta(hours=1), "hour"),
    ],
)  # fmt: skip
def test_what_is_said_from_the_present_counts_back_from_when_it_was_read(
    value: str, passed: timedelta, precision: str
) -> None:
    assert read_time(value, seen_at=SEEN) == (SEEN - passed, precision)


@pytest.mark.parametrize("value", ["2 weeks ago", "3 months ago", "1个月前", "месяц назад", "3週間前", "2 years ago"])
def test_weeks_and_months_are_too_coarse_to_be_a_time(value: str) -> None:
    with pytest.raises(TooCoarse):
        read_time(value, seen_at=SEEN)


@pytest.mark.parametrize("value", ["06-27", "15小时前", "昨天 18:00"])
def test_a_text_without_a_year_needs_the_moment_it_was_read(value: str) -> None:
    with pytest.raises(ValueError, match="when it was read must be known"):
        read_time(value)


@pytest.mark.parametrize(
    "value",
    ["", "abc", 0, -1, 5, "7", True, None, [], float("nan"), float("inf"), 1e30, 10**40, "2019-02-30", "99-99", "2019-07-16T25:00", "0001-01-01T00:00:00",
     "9999-12-31T23:59:59-12:00", "999999 hours ago", "2150-01-01", "x" * 1000, "1 хрумба назад"],
)  # fmt: skip
def test_what_is_no_time_is_refused_with_a_reason(value: object) -> None:
    with pytest.raises(ValueError, match=r"time|calendar|year|known|day"):
        read_time(value, seen_at=SEEN)


@given(st.datetimes(datetime(1990, 1, 2), datetime(2099, 12, 30), timezones=st.just(UTC)))
def test_the_unit_of_a_number_is_told_by_its_size(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    stamp = round(whole.timestamp())
    for factor in (1, 1_000, 1_000_000, 1_000_000_000):
        if (
            not 19_900_000 <= stamp * factor < 21_000_000
            and not 19_900_101_000_000 <= stamp * factor < 21_000_000_000_000
        ):  # also dates without signs
            assert read_time(stamp * factor) == (whole, "second")
    assert read_time(moment.isoformat())[0] == moment


@given(
    st.one_of(
        st.text(max_size=40),
        st.floats(),
        st.integers(),
        st.none(),
        st.from_regex(r"\d{1,4}[-/. 年]\d{1,2}([-/. 月]\d{1,4})?( \d{1,2}:\d{2})?", fullmatch=True),
    )
)
def test_anything_at_all_is_a_time_or_refused(value: object) -> None:
    with suppress(ValueError):
        moment, precision = read_time(value, seen_at=SEEN, zone=CHINA)
        assert (
            moment.utcoffset() == timedelta()
            and 1990 <= moment.year < 2100
            and precision in ("second", "minute", "hour", "day")
        )
