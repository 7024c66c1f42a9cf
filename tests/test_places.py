"""Names of countries and languages against the codes that we store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spillover.places import country, language


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("United States", "US"), ("China", "CN"), ("Russia", "RU"), ("Turkey", "TR"), ("Czech Republic", "CZ"),
        ("Burma", "MM"),
        ("Cote dIvoire", "CI"), ("Côte d'Ivoire", "CI"), ("Congo", "CG"), ("Democratic Republic of the Congo", "CD"),
        ("Bosnia-Herzegovina", "BA"), ("Macedonia", "MK"), ("South Korea", "KR"), ("North Korea", "KP"),
        ("Hong Kong", "HK"),
        ("Taiwan", "TW"), ("Kosovo", "XK"), ("Gaza Strip", "PS"), ("Saint Lucia", "LC"), ("TRINIDAD AND TOBAGO", "TT"),
        ("Vietnam, Democratic Republic of", "VN"), ("Bahamas, The", "BS"), ("Undesignated Sovereignty", None),
        ("", None), ("Atlantis", None),
    ],
)  # fmt: skip
def test_a_country_is_known_by_its_names(name: str, code: str | None) -> None:
    assert country(name) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [("English", "en"), ("Chinese", "zh"), ("NorwegianNynorsk", "nn"), ("Norwegian", "no"), ("Sinhalese", "si"),
    ("Persian", "fa"), ("", None)],
)  # fmt: skip
def test_a_language_is_known_by_its_names(name: str, code: str | None) -> None:
    assert language(name) == code


def test_every_country_of_the_list_has_a_code(shared: Path) -> None:
    given = json.loads((shared / "data" / "reference" / "iso3166-1.json").read_text("utf-8"))["3166-1"]
    known = json.loads((Path(__file__).parents[1] / "spillover" / "data" / "territories.json").read_text("utf-8"))[
        "names"
    ]
    assert {row["alpha_2"] for row in given} | {"XK"} == set(known)


def test_no_name_stands_for_two_countries() -> None:
    known = json.loads((Path(__file__).parents[1] / "spillover" / "data" / "territories.json").read_text("utf-8"))[
        "names"
    ]
    wrong = [(name, code) for code, names in known.items() for name in names if country(name) != code]
    assert wrong == []
