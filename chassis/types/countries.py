"""Countries that postal addresses name: ISO 3166-1, and its reserved codes that carriers deliver to."""

from __future__ import annotations

from collections.abc import Mapping

import pycountry

RESERVED: Mapping[str, str] = {
    "AC": "Ascension Island",
    "EA": "Ceuta and Melilla",
    "IC": "Canary Islands",
    "TA": "Tristan da Cunha",
    "XK": "Kosovo",
}
"""Codes beside the list with their names. ISO reserves AC and TA for the Universal Postal Union, EA and IC for customs;
XK is user-assigned, and the code of Kosovo for the European Commission, CLDR and carriers."""

COUNTRIES: frozenset[str] = frozenset({*(country.alpha_2 for country in pycountry.countries), *RESERVED})
"""The alpha-2 codes that are accepted."""
