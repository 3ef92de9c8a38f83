"""Converts country names as people write them to ISO 3166-1 alpha-2."""

from __future__ import annotations

from functools import cache

import pycountry

COMMON_NAMES = {
    "brunei": "BN",
    "england": "GB",
    "great britain": "GB",
    "holland": "NL",
    "ivory coast": "CI",
    "russia": "RU",
    "scotland": "GB",
    "swaziland": "SZ",
    "the netherlands": "NL",
    "turkey": "TR",
    "uae": "AE",
    "uk": "GB",
    "wales": "GB",
}
"""Names that pycountry does not know. It knows USA (as alpha-3) and Venezuela (as common name)."""


@cache
def alpha_2(name: str) -> str:
    """The alpha-2 code of a country name (common or official) or code. Raises ValueError."""
    known = COMMON_NAMES.get(name.strip().lower())
    if known is not None:
        return known
    try:
        return str(pycountry.countries.lookup(name.strip()).alpha_2)
    except LookupError:
        raise ValueError(f"{name!r} is not a country") from None
