"""Country names, as people write them."""

from __future__ import annotations

import pytest

from oms.company.countries import alpha_2


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
    ],
)
def test_a_country_is_known_by_its_names_and_codes(name: str, code: str) -> None:
    assert alpha_2(name) == code


@pytest.mark.parametrize("name", ["", "Utopia", "XX", "Ger"])
def test_what_is_no_country_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a country"):
        alpha_2(name)
