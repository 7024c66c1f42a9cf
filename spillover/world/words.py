"""What posts of a made-up world say: a video that does not exist, in six languages, and talk about nothing."""

from __future__ import annotations

LANGUAGES = ("en", "zh-Hans", "zh-Hant", "ru", "ja", "uk")
TITLES = {
    "en": "The lighthouse keeper of Marrow Bay speaks",
    "zh-Hans": "马罗湾灯塔守望人的自白",
    "zh-Hant": "馬羅灣燈塔守望人的自白",
    "ru": "Исповедь смотрителя маяка в заливе Марроу",
    "ja": "マロー湾の灯台守の告白",
    "uk": "Сповідь доглядача маяка в затоці Марроу",
}
PHRASES = {
    "en": "they put out the lamp of Marrow Bay",
    "zh-Hans": "他们熄灭了马罗湾的灯",
    "zh-Hant": "他們熄滅了馬羅灣的燈",
    "ru": "они погасили лампу в заливе Марроу",
    "ja": "マロー湾の灯を消した",
    "uk": "вони погасили лампу в затоці Марроу",
}
_TALK = {lang: words.split() for lang, words in {
    "en": "today morning again people coffee weather market river street garden window bread train music summer paper",
    "zh-Hans": "今天 早上 大家 咖啡 天气 市场 河边 街道 花园 窗户 面包 火车 音乐 夏天 报纸 周末",
    "zh-Hant": "今天 早上 大家 咖啡 天氣 市場 河邊 街道 花園 窗戶 麵包 火車 音樂 夏天 報紙 週末",
    "ru": "сегодня утром снова люди кофе погода рынок река улица сад окно хлеб поезд музыка лето газета",
    "ja": "今日 朝 みんな コーヒー 天気 市場 川 道 庭 窓 パン 電車 音楽 夏 新聞 週末",
    "uk": "сьогодні зранку знову люди кава погода ринок річка вулиця сад вікно хліб потяг музика літо газета",
}.items()}  # fmt: skip
SPOKEN = {  # of a region's posts, in shares
    "US": {"en": 0.75, "zh-Hans": 0.25}, "GB": {"en": 1.0}, "DE": {"en": 1.0}, "TW": {"zh-Hant": 0.9, "en": 0.1}, "HK": {"zh-Hant": 1.0},
    "CN": {"zh-Hans": 1.0}, "JP": {"ja": 0.9, "en": 0.1}, "RU": {"ru": 1.0}, "KZ": {"ru": 1.0}, "UA": {"uk": 0.6, "ru": 0.4},
}  # fmt: skip


def talk(lang: str, number: int) -> str:
    """Return four words about nothing; another number gives others."""
    words = _TALK[lang]
    return " ".join(words[number * factor // 16 % len(words)] for factor in (16, 37, 101, 211))


def campaign(name: str, platforms: tuple[str, ...], origin: str) -> str:
    """Return the campaign file of a world."""
    titles = "\n".join(f'title.{lang} = "{title}"' for lang, title in TITLES.items())
    phrases = "\n".join(f'phrases.{lang} = ["{phrase}"]' for lang, phrase in PHRASES.items())
    return f"""# A made-up world: nothing of it happened. truth.json, beside this file, says what was true in it.
name = "{name}"
title = "The lighthouse keeper (a made-up world)"
origin_region = "{origin}"
live = false
hashtags = ["MarrowBayLamp"]
{phrases}

[[videos]]
{titles}
"""
