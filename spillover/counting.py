"""Counts as platforms print them: exact, rounded ("1.2万", "3,4 тыс.", "1.2M"), open ("100万+") or not shown."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from spillover.contract import Count, Interval

_BIGGEST = 2**63 - 1  # what a column of whole numbers holds
_NOT_SHOWN = frozenset(
    {"", "-", "--", "—", "–", "n/a", "na", "null", "none", "nan", "undefined", "$undefined", "unknown"}
)

# How platforms shorten numbers. Only what means one thing in every language that uses it.
_UNITS = {
    1_000: ("k", "тыс", "тыс.", "тис", "тис.", "千", "천", "tys.", "tys", "tsd.", "tsd", "mil", "rb", "ألف", "हज़ार"),
    10_000: ("万", "萬", "만", "w"),
    100_000: ("lakh", "लाख"),
    1_000_000: ("m", "млн", "млн.", "mln", "mln.", "mio", "mio.", "mi", "mn", "jt", "مليون", "million", "millions"),
    10_000_000: ("crore", "cr", "करोड़"),
    100_000_000: ("亿", "億", "억"),
    1_000_000_000: ("b", "bn", "g", "млрд", "млрд.", "mrd", "mrd.", "mld", "mld.", "billion"),
}
_FACTORS = {unit: factor for factor, units in _UNITS.items() for unit in units}
# Words that stand beside a count on a page and say what is counted.
_COUNTED = re.compile(
    r"\s*(?:次?(?:观看|觀看|播放|阅读|閱讀|讨论|討論|点赞|評論|评论)|次|人|回視聴|回|views?|plays?|likes?|watching|reads?|comments?|shares?"
    r"|просмотр\w*|лайк\w*|перегляд\w*|vistas?|visualiza\w*|reproduc\w*|vues?|aufrufe?|조회수?|회)\.?$"
)
_GROUPED = re.compile(
    r"\d{1,3}([,.' \u2019])\d{2,3}(?:\1\d{2,3})*(?<=\1\d{3})"
)  # thousands, and lakhs as India groups them
_THOUSANDS = re.compile(r",(?=\d{3}$)")  # "1,234万" groups; no platform prints three decimals after a comma
_NUMBER = re.compile(r"(?P<number>\d+(?:[.,٫]\d+)?)\s*(?P<unit>[^\d\s+.,]+\.?)?\s*(?P<open>\+)?")


def read_count(value: object) -> Count:
    """Return a count: an int, an ``Interval`` where the platform rounds, ``None`` where it shows none.

    "1.2万" may be anything from 11,500 to 12,499; "100万+" is a million or more. Raises ValueError, with the reason,
    for what is no count: negative, not whole, not a number, beyond 2**63 - 1.
    """
    if type(value) is int:
        return _checked(value)
    if value is None:
        return None
    if isinstance(value, str):
        return _checked(int(value)) if value.isdecimal() and len(value) < 20 else _read_text(value)
    if isinstance(value, float):
        return _read_float(value)
    raise ValueError(f"{_cut(value)} is no count; a number is needed")


def _checked(number: int) -> int:
    if 0 <= number <= _BIGGEST:
        return number
    raise ValueError(f"{_cut(number)} is {'negative' if number < 0 else 'beyond 2**63 - 1'}; a count is neither")


def _read_float(value: float) -> int | None:
    if not value.is_integer():  # neither are NaN and infinity
        raise ValueError(f"{value} is no whole number; a count is one")
    return _checked(int(value))


@lru_cache(maxsize=4096)
def _read_text(text: str) -> Count:
    plain = unicodedata.normalize("NFKC", text).replace("\u202f", " ").strip().casefold()
    if plain in _NOT_SHOWN:
        return None
    plain = _COUNTED.sub("", plain).strip()
    if _GROUPED.fullmatch(plain):
        return _checked(int(re.sub(r"\D", "", plain)))
    found = _NUMBER.fullmatch(plain)
    if found is None or (found["unit"] and found["unit"] not in _FACTORS):
        raise ValueError(f"{_cut(text)} is no count; write a whole number, or one such as 1.2万, 3,4 тыс., 1.2M")
    number = Decimal(_THOUSANDS.sub("", found["number"]).replace(",", ".").replace("٫", "."))
    return _shown(number, _FACTORS.get(found["unit"] or "", 1), bool(found["open"]), text)


def _shown(number: Decimal, factor: int, is_open: bool, text: str) -> Count:
    """Return the bounds of a number that was rounded to its last digit."""
    shown = number * factor
    if shown != int(shown):
        raise ValueError(f"{_cut(text)} is no whole number; a count is one")
    whole = _checked(int(shown))
    if is_open:
        return Interval(whole, None, whole)
    if factor == 1:
        return whole
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)  # only NaN and infinity have another
    half = factor * Decimal(10) ** exponent / 2
    return Interval(max(0, int(whole - half)), int(whole + half) - 1, whole) if half >= 1 else whole


def _cut(value: object) -> str:
    text = (
        f"a number of {value.bit_length()} bits" if isinstance(value, int) and value.bit_length() > 128 else repr(value)
    )
    return text if len(text) <= 60 else text[:60] + "…"
