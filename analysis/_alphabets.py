"""The letters of languages that share a script: one letter that an alphabet lacks speaks against the language.

From the languages' orthographies as CLDR's exemplar characters give them (Unicode-3.0), loans left in where they are common.
"""

from __future__ import annotations

import re

_CYRILLIC = {
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "be": "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
    "bg": "абвгдежзийклмнопрстуфхцчшщъьюя",
    "sr": "абвгдђежзијклљмнњопрстћуфхцчџш",
    "mk": "абвгдѓежзѕијклљмнњопрстќуфхцчџш",
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "ky": "абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя",
    "mn": "абвгдеёжзийклмноөпрстуүфхцчшщъыьэюя",
    "tt": "аәбвгдеёжҗзийклмнңоөпрстуүфхһцчшщъыьэюя",
    "tg": "абвгғдеёжзиӣйкқлмнопрстуӯфхҳчҷшъэюя",
}
_LATIN = {  # what stands beside a to z
    "en": "éï",
    "es": "áéíñóúü",
    "pt": "àáâãçéêíóôõú",
    "ca": "àçéèíïòóúü",
    "fr": "àâæçéèêëîïôœùûüÿ",
    "it": "àèéìíîòóù",
    "de": "äöüß",
    "nl": "áéëíïóöúü",
    "sv": "åäöé",
    "da": "åæøé",
    "no": "åæøéòô",
    "fi": "äöåšž",
    "tr": "âçğıîöşûü̇",
    "az": "çəğıöşü̇",
    "pl": "ąćęłńóśźż",
    "cs": "áčďéěíňóřšťúůýž",
    "sk": "áäčďéíĺľňóôŕšťúýž",
    "hu": "áéíóöőúüű",
    "ro": "âăîșşțţ",
    "hr": "čćđšž",
    "sl": "čšž",
    "id": "é",
    "ms": "é",
    "tl": "ñ",
    "sw": "",
    "ha": "ɓɗƙƴ",
}
_ARABIC = {
    "ar": "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي",
    "fa": "ءآأؤئابپتثجچحخدذرزژسشصضطظعغفقکگلمنهوی",
    "ur": "ءآأؤئابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوہھیےۓ",
    "ug": "ئابتجچخدرزژسشغفقكگڭلمنھوۇۆۈۋېىيەپ",
    "ps": "ءآأؤئابپتټثجځچڅحخدډذرړزژږسشښصضطظعغفقکګگلمنڼهوۀيېۍیئ",
}
_LETTERS = {name: frozenset(letters) for table in (_CYRILLIC, _LATIN, _ARABIC) for name, letters in table.items()}
_MARKED = re.compile(
    r"[\u00e0-\u00f6\u00f8-\u024f\u0253\u0257\u0307\u0400-\u052f\u0621-\u063a\u0641-\u064a\u066e-\u06d3\u06d5]"
)


def marks(text: str) -> frozenset[str]:
    """Return the letters of a text that some alphabets have and others lack."""
    return frozenset(_MARKED.findall(text.lower()))


def fits(language: str, letters: frozenset[str]) -> bool:
    """Say whether a language's alphabet has these letters; true of a language whose alphabet we do not list."""
    alphabet = _LETTERS.get(language)
    return alphabet is None or letters <= alphabet


def fitting(letters: frozenset[str]) -> list[str]:
    """Return the languages whose alphabet has all of these letters."""
    return [language for language, alphabet in _LETTERS.items() if letters and letters <= alphabet]
