"""Converts country names as people write them, in any language, to alpha-2 codes."""

from __future__ import annotations

import gettext
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pycountry

from chassis.types.countries import COUNTRIES, RESERVED

COMMON_NAMES = {
    "aland": "AX",
    "britain": "GB",
    "burma": "MM",
    "cape verde": "CV",
    "caribbean netherlands": "BQ",
    "congo brazzaville": "CG",
    "congo kinshasa": "CD",
    "dr congo": "CD",
    "east timor": "TL",
    "england": "GB",
    "falkland islands": "FK",
    "french southern and antarctic lands": "TF",
    "great britain": "GB",
    "holland": "NL",
    "hong kong sar china": "HK",
    "ivory coast": "CI",
    "macao sar china": "MO",
    "macau": "MO",
    "macedonia": "MK",
    "micronesia": "FM",
    "myanmar burma": "MM",
    "northern ireland": "GB",
    "palestine": "PS",
    "palestinian territories": "PS",
    "pitcairn islands": "PN",
    "russia": "RU",
    "saint helena": "SH",
    "saint martin": "MF",
    "saint vincent": "VC",
    "saint vincent and grenadines": "VC",
    "scotland": "GB",
    "sint maarten": "SX",
    "south georgia and south sandwich islands": "GS",
    "swaziland": "SZ",
    "the netherlands": "NL",
    "turkey": "TR",
    "u s outlying islands": "UM",
    "u s virgin islands": "VI",
    "uae": "AE",
    "uk": "GB",
    "us virgin islands": "VI",
    "vatican": "VA",
    "vatican city": "VA",
    "wales": "GB",
}
"""English names that ISO 3166-1 does not have, as `_plain` returns them, such as those of CLDR."""

_NOT_LETTERS = re.compile(r"[\W_]+")


@cache
def alpha_2(name: str) -> str:
    """The code of a country's name (common or official, in any language) or code. Raises ValueError."""
    plain = _plain(name)
    found = _english_names().get(plain) or COMMON_NAMES.get(plain) or _translated_names().get(plain)
    if found is None:
        raise ValueError(f"{name!r} is not a country")
    return found


def _plain(name: str) -> str:
    """A name without accents and punctuation, in lower case: `St. Kitts & Nevis` is `saint kitts and nevis`."""
    decomposed = unicodedata.normalize("NFKD", name.replace("&", " and "))
    letters = "".join(character for character in decomposed if not unicodedata.combining(character))
    words = _NOT_LETTERS.sub(" ", letters.casefold()).split()
    if len(words) == 1:  # ST is a code
        return words[0]
    return " ".join("saint" if word == "st" else word for word in words)


@cache
def _english_names() -> dict[str, str]:
    """The names and codes of ISO 3166-1 and of its reserved codes."""
    found = {code.lower(): code for code in COUNTRIES}
    found |= {_plain(name): code for code, name in RESERVED.items()}
    for country in pycountry.countries:
        names = (country.alpha_3, country.numeric, *_names(country))
        found |= {_plain(name): country.alpha_2 for name in names}
    return found


def _names(country: Any) -> list[str]:
    names = (country.name, getattr(country, "common_name", None), getattr(country, "official_name", None))
    return [name for name in names if name]


@cache
def _translated_names() -> dict[str, str]:
    """The names in other languages that are the name of one country in all of them."""
    codes: dict[str, set[str]] = {}
    for plain, code in _translations():
        codes.setdefault(plain, set()).add(code)
    return {plain: found.pop() for plain, found in codes.items() if len(found) == 1}


def _translations() -> Iterator[tuple[str, str]]:
    for file in sorted(Path(pycountry.LOCALES_DIR).glob("*/LC_MESSAGES/iso3166-1.mo")):
        with file.open("rb") as content:
            translation = gettext.GNUTranslations(content)
        for country in pycountry.countries:
            for name in _names(country):
                if (translated := translation.gettext(name)) != name and (plain := _plain(translated)):
                    yield plain, country.alpha_2
