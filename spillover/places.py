"""Countries and languages by their English names: the codes that we store, and where the names come from."""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from importlib.resources import files


def country(name: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of a country's English name (Kosovo: XK); None where it is none we know."""
    return _codes("territories.json").get(_folded(name))


def language(name: str) -> str | None:
    """Return the BCP 47 code of a language's English name; None where it is none we know."""
    return _codes("languages.json").get(_folded(name))


@cache
def _codes(file: str) -> dict[str, str]:
    names: dict[str, list[str]] = json.loads((files("spillover") / "data" / file).read_text("utf-8"))["names"]
    return {_folded(spelling): code for code, known in names.items() for spelling in known}


def _folded(name: str) -> str:
    """Drop accents, blanks and marks: one name is written with and without them."""
    plain = unicodedata.normalize("NFKD", name.replace("&", "and").replace("St.", "Saint")).casefold()
    return "".join(letter for letter in plain if letter.isalnum())
