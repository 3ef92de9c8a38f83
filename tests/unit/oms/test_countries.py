"""Country names, as people write them."""

from __future__ import annotations

import pytest

from oms.company.lines.countries import alpha_2


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("UK", "GB"),
        ("USA", "US"),
        ("Venezuela", "VE"),
        ("Germany", "DE"),
        ("germany ", "DE"),
        ("PE", "PE"),
        ("Côte d'Ivoire", "CI"),
        ("Turkey", "TR"),
        ("Kosovo", "XK"),
        ("XK", "XK"),
        ("Canary Islands", "IC"),
        ("ST", "ST"),
        ("St. Kitts & Nevis", "KN"),
        ("Saint Kitts and Nevis", "KN"),
        ("Côte d’Ivoire", "CI"),
        ("Congo - Kinshasa", "CD"),
        ("Hong Kong SAR China", "HK"),
        ("Myanmar (Burma)", "MM"),
        ("Vatican City", "VA"),
        ("U.S. Virgin Islands", "VI"),
        ("Deutschland", "DE"),
        ("ÖSTERREICH", "AT"),
        ("España", "ES"),
        ("日本", "JP"),
        ("Niger", "NE"),
        ("Georgia", "GE"),
    ],
)
def test_a_country_is_known_by_its_names_and_codes(name: str, code: str) -> None:
    assert alpha_2(name) == code


@pytest.mark.parametrize("name", ["", "Utopia", "XX", "Ger", "Korea", "America", "saint", "-"])
def test_what_is_no_country_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a country"):
        alpha_2(name)
