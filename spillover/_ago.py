"""How pages in many languages say how long ago something was: "15小时前", "3 дня назад", "hace 2 horas", "вчера в 18:00"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

_DAYS = {
    0: "今天 今日 today сегодня сьогодні hoy hoje heute aujourd'hui oggi bugün 오늘",
    1: "昨天 昨日 yesterday вчера вчора ayer ontem gestern hier ieri dün 어제",
    2: "前天 一昨日 おととい позавчера позавчора anteayer vorgestern 그저께",
}
_DAY_WORDS = {word: days for days, words in _DAYS.items() for word in words.split()}
_DAY = re.compile(
    rf"(?P<word>{'|'.join(map(re.escape, _DAY_WORDS))})(?:[\s,，]*(?:at|в|о|um|à|às|a las|alle)?\s*(?P<hour>\d{{1,2}})[:：](?P<minute>\d{{2}}))?"
)

_NOW = frozenset(
    [
        "刚刚",
        "剛剛",
        "刚才",
        "just_now",
        "now",
        "только_что",
        "щойно",
        "ahora",
        "ahora_mismo",
        "gerade_eben",
        "à_l'instant",
        "たった今",
        "방금",
    ]
)
# Length in seconds, what it is precise to, and how its name begins.
_UNITS: tuple[tuple[int, str | None, str], ...] = (
    (1, "second", "秒 초 sec s sek секунд сек сегундо segundo seg secondi saniye detik giây"),
    (60, "minute", "分钟 分鐘 分 분 min m минут мин хвилин хв minuto dakika menit phút dk"),
    (
        3600,
        "hour",
        "小时 小時 时 時間 時间 시간 hour hr h час годин hora heure std stunde ore ora saat sa jam giờ uur godz",
    ),
    (86400, "day", "天 日 일 day d день дня дней дн днів días día dias dia jour tag giorn gün hari ngày dag dni"),
    (604800, None, "周 週 星期 週間 주 week w недел тижн seman woche settiman hafta minggu tuần tydz"),
    (2592000, None, "个月 個月 月 か月 ヶ月 ヵ月 カ月 개월 month mo месяц місяц mes mois monat mesi ay bulan tháng"),
    (31536000, None, "年 년 year yr y год лет рок año ano an jahr ann yıl tahun năm rok"),
)
_PREFIX = re.compile(r"(?:(?:streamed|premiered|edited|posted|live|обновлено|отредактировано)\s+)+")
_AGO = re.compile(
    r"(?P<before>hace|il y a|vor|há)?\s*(?P<count>\d{1,6}|半|一|两|兩|an?|one|un[aeo]?|eine[rmn]?|одну?)?\s*(?:个|個)?\s*"
    r"(?P<unit>[^\W\d][^\d]{0,11}?)\s*(?P<after>ago|之前|以前|前|전|назад|тому|önce|(?:yang )?lalu|trước|fa|temu|geleden)?"
)
_HALF = frozenset("半")


@dataclass(frozen=True)
class Passed:
    """A stretch of time, and what it is precise to; ``None`` for weeks, months and years."""

    span: timedelta
    precision: str | None


def day_word(plain: str) -> tuple[int, tuple[int, int] | None] | None:
    """Return how many days back a text such as "昨天 18:00" is, and its clock; the text is casefolded."""
    found = _DAY.fullmatch(plain)
    if found is None:
        return None
    if found["hour"] is None:
        return _DAY_WORDS[found["word"]], None
    hour, minute = int(found["hour"]), int(found["minute"])
    return (_DAY_WORDS[found["word"]], (hour, minute)) if hour < 24 and minute < 60 else None


def ago(plain: str) -> Passed | None:
    """Return how long ago a text such as "15小时前" says; the text is casefolded."""
    if plain.replace(" ", "_") in _NOW:
        return Passed(timedelta(), "minute")
    found = _AGO.fullmatch(_PREFIX.sub("", plain))
    if found is None or not (
        found["before"] or found["after"] or (found["count"] and len(found["unit"]) == 1 and found["unit"].isascii())
    ):
        return None
    unit = _unit(found["unit"])
    if unit is None:
        return None
    seconds, precision = unit
    count = (
        0.5
        if found["count"] in _HALF
        else int(found["count"])
        if (found["count"] or "").isdecimal()
        else 2
        if found["count"] in ("两", "兩")
        else 1
    )
    return Passed(timedelta(seconds=seconds * count), precision)


def _unit(name: str) -> tuple[int, str | None] | None:
    """Return the unit whose name begins most like this one: "часов" is an hour, "месяца" no minute."""
    best = max(
        (
            (len(stem), seconds, precision)
            for seconds, precision, stems in _UNITS
            for stem in stems.split()
            if _is(name, stem)
        ),
        default=None,
        key=lambda found: found[0],
    )
    return (best[1], best[2]) if best else None


def _is(name: str, stem: str) -> bool:
    return name == stem or (len(stem) > 1 and name.startswith(stem)) or (not stem.isascii() and name.startswith(stem))
