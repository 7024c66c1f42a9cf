"""Times as files and pages write them: numbers of any unit, ISO 8601, RFC 822, dates without a year, "15小时前"."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from spillover._ago import ago, day_word

Moment = tuple[datetime, str]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)  # nothing was posted outside
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_CLOCK = r"(?P<hour>\d{1,2})[:：](?P<minute>\d{2})(?:[:：](?P<second>\d{2})(?:[.,]\d+)?)?"
# Hours east of Greenwich of the names that RFC 822 defines, and of some that mean one thing only.
ZONES = {
    "Z": 0, "UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "MSK": 3, "JST": 9, "KST": 9, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3,
}  # fmt: skip
_ZONE = rf"(?P<zone>{'|'.join(ZONES)}|[+-]\d{{2}}:?\d{{2}})"
_NAMED = re.compile(  # "Tue Jul 16 10:00:00 +0800 2019", "Jul 16, 2019"
    rf"(?:[a-z]{{3,9}},?\s+)?(?P<name>[a-z]{{3}})[a-z]*\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<year0>\d{{4}}))?"
    rf"(?:,?\s+{_CLOCK})?(?:\s+{_ZONE})?(?:\s+(?P<year>\d{{4}}))?",
    re.IGNORECASE,
)
_RFC_822 = re.compile(  # "Tue, 16 Jul 2019 10:00:00 +0800", "16 Jul 2019"
    rf"(?:[a-z]{{3,9}},?\s+)?(?P<day>\d{{1,2}})\s+(?P<name>[a-z]{{3}})[a-z]*\.?,?\s+(?P<year>\d{{4}})(?:,?\s+{_CLOCK})?(?:\s+{_ZONE})?",
    re.IGNORECASE,
)
_DATED = re.compile(  # "2019/7/16 10:00", "2019年7月16日 10:00", "16.07.2019", "06-27", "6月27日 18:00"
    rf"(?:(?P<year>\d{{4}})(?:[-/.]|\s*年\s*))?(?P<month>\d{{1,2}})(?:[-/.]|\s*月\s*)(?P<day>\d{{1,2}})\s*[日号號]?(?:[ T]*{_CLOCK})?(?:\s*{_ZONE})?"
)
_DAY_FIRST = re.compile(
    rf"(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}})(?:,?\s*{_CLOCK})?(?:\s*{_ZONE})?"
)
_COMPACT = re.compile(
    r"(?P<year>(?:19|20)\d{2})(?P<month>0[1-9]|1[0-2])(?P<day>[0-2]\d|3[01])(?:(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?P<second>[0-5]\d))?"
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_ISO_DAY, _ISO_MINUTE = 10, 16  # lengths of 2019-07-16 and 2019-07-16T10:00


class TooCoarse(ValueError):
    """A time that is known to no better than a week: "3 months ago"."""


def read_time(value: object, *, seen_at: datetime | None = None, zone: tzinfo = UTC) -> Moment:
    """Return the moment, aware and in UTC, and how precisely it is known: second, minute, hour or day.

    Numbers are seconds, milliseconds, microseconds or nanoseconds, told apart by size. ``zone`` is that of texts which
    say none; ``seen_at`` is when a text such as "06-27" or "3 hours ago" was read. A day stands at its first second in
    its zone. Raises ValueError, with the reason, for what is no time; ``TooCoarse`` for "3 months ago".
    """
    if type(value) is str and len(value) > 18 and (whole := _written_out(value)) is not None:
        return whole, "second"
    if isinstance(value, str):
        return _bounded(_read_text(value.strip(), seen_at, zone), value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _bounded(_read_number(value, zone), value)
    if isinstance(value, datetime):
        return _bounded((_utc(value, zone), "second"), value)
    if isinstance(value, date):
        return _bounded((_utc(datetime(value.year, value.month, value.day), zone), "day"), value)
    raise ValueError(f"{_cut(value)} is no time")


def _written_out(value: str) -> datetime | None:
    """Return the time of a text that says all, in UTC: most do, and need no more than this."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is UTC and 1990 <= moment.year < 2100 else None


def _bounded(moment: Moment, value: object) -> Moment:
    if _FIRST <= moment[0] < _LAST:
        return moment
    raise ValueError(f"{_cut(value)} would be in the year {moment[0].year}; posts are from 1990 to 2099")


def _utc(moment: datetime, zone: tzinfo) -> datetime:
    if moment.tzinfo is UTC:
        return moment
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{moment.isoformat()} is beyond the calendar") from error


def _read_number(value: float, zone: tzinfo) -> Moment:
    if isinstance(value, int) and (found := _COMPACT.fullmatch(str(value) if value < 10**15 else "")):
        return _assembled(found, None, zone)
    for unit, per_second in ((1e11, 1), (1e14, 1_000), (1e17, 1_000_000), (1e20, 1_000_000_000)):
        if 0 < value < unit:
            seconds, rest = divmod(value, per_second)
            return _EPOCH + timedelta(seconds=seconds, microseconds=rest * 1_000_000 // per_second), "second"
    raise ValueError(f"{_cut(value)} is no time: not a number of seconds, milli-, micro- or nanoseconds since 1970")


def _read_text(text: str, seen_at: datetime | None, zone: tzinfo) -> Moment:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _read_other(text, seen_at, zone)
    if text.isdecimal():  # 20190716 is a day; 1563242400 would be read as one of the year 1563
        return _read_number(int(text), zone)
    if len(text) > _ISO_MINUTE:
        return _utc(moment, zone), "second"
    return _utc(moment, zone), "day" if len(text) <= _ISO_DAY else "minute" if ":" in text[_ISO_DAY:] else "hour"


def _read_other(text: str, seen_at: datetime | None, zone: tzinfo) -> Moment:
    if len(text) < 21 and _NUMBER.fullmatch(text):
        return _read_number(int(text) if text.isdecimal() else float(text), zone)
    if len(text) > 60:
        raise ValueError(f"{_cut(text)} is no time")
    for pattern in (_DATED, _NAMED, _RFC_822, _DAY_FIRST):
        if found := pattern.fullmatch(text):
            return _assembled(found, seen_at, zone)
    return _read_relative(text, seen_at, zone)


def _read_relative(text: str, seen_at: datetime | None, zone: tzinfo) -> Moment:
    plain = text.casefold()
    if found := day_word(plain):
        days, clock = found
        if seen_at is None:
            raise ValueError(f"{_cut(text)} says no day: when it was read must be known")
        day = seen_at.astimezone(zone) - timedelta(days=days)
        if clock is None:
            return _utc(day.replace(hour=0, minute=0, second=0, microsecond=0), zone), "day"
        return _utc(day.replace(hour=clock[0], minute=clock[1], second=0, microsecond=0), zone), "minute"
    if passed := ago(plain):
        if passed.precision is None:
            raise TooCoarse(f"{_cut(text)} is known to no better than a week")
        if seen_at is None:
            raise ValueError(f"{_cut(text)} says no moment: when it was read must be known")
        return _utc(_shifted(seen_at, passed.span), zone), passed.precision
    raise ValueError(f"{_cut(text)} is no time; write it as 2026-03-15T10:00:00Z")


def _assembled(found: re.Match[str], seen_at: datetime | None, zone: tzinfo) -> Moment:
    """Return the moment of a date whose parts a pattern named."""
    part = found.groupdict()
    zone = _zone(part.get("zone")) or zone
    month = int(part["month"]) if part.get("month") else _MONTHS.get(part["name"].casefold(), 0)
    year = part.get("year") or part.get("year0")
    hour, minute, second = (int(part.get(name) or 0) for name in ("hour", "minute", "second"))

    def of(year: int) -> datetime:
        try:
            return _utc(datetime(year, month, int(part["day"]), hour, minute, second, tzinfo=zone), zone)
        except (ValueError, OverflowError) as error:
            raise ValueError(f"{_cut(found[0])} is no time: {error}") from error

    precision = "second" if part.get("second") else "minute" if part.get("hour") else "day"
    return (of(int(year)) if year else _latest(of, found[0], seen_at)), precision


def _latest(of: Callable[[int], datetime], text: str, seen_at: datetime | None) -> datetime:
    """Return the last day of that name before it was read; a day's grace, because the zone may be the reader's."""
    if seen_at is None:
        raise ValueError(f"{_cut(text)} says no year: when it was read must be known")
    for year in range(seen_at.year + 1, seen_at.year - 8, -1):  # 29 February may be up to eight years back
        try:
            moment = of(year)
        except ValueError:
            continue
        if moment <= seen_at + timedelta(days=1):
            return moment
    raise ValueError(f"{_cut(text)} is no day of any year")


def _zone(name: str | None) -> tzinfo | None:
    if name is None:
        return None
    if name.upper() in ZONES:
        return timezone(timedelta(hours=ZONES[name.upper()]))
    digits = name[1:].replace(":", "")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-span if name[0] == "-" else span)


def _shifted(moment: datetime, span: timedelta) -> datetime:
    try:
        return moment - span
    except OverflowError as error:
        raise ValueError(f"{span} before {moment.isoformat()} is beyond the calendar") from error


def _cut(value: object) -> str:
    text = (
        f"a number of {value.bit_length()} bits" if isinstance(value, int) and value.bit_length() > 128 else repr(value)
    )
    return text if len(text) <= 60 else text[:60] + "…"
