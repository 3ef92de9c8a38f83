"""The parts of SKUs and model numbers, and the sizes, that find a product."""

from __future__ import annotations

import pytest

from search.text.codes import codes_of_name, codes_of_sku, joined, sizes


@pytest.mark.parametrize("text", ["NW-0077", "nw 77", "nw0077", "0077", "77", "NW/0077", "nw_77"])
def test_a_sku_is_found_by_its_parts_however_they_are_written(text: str) -> None:
    assert joined(text) in codes_of_sku("NW-0077")


@pytest.mark.parametrize("text", ["WH-1000XM4", "wh1000xm4", "1000XM4", "xm4", "wh 1000", "1000", "acmeheadphones"])
def test_a_model_number_in_a_name_is_found_by_its_parts(text: str) -> None:
    assert joined(text) in codes_of_name("Acme Headphones WH-1000XM4")


@pytest.mark.parametrize("text", ["Größe 12/B", "grosse12b", "12/b", "GRÖSSE 12"])
def test_a_sku_may_have_blanks_slashes_and_umlauts(text: str) -> None:
    assert joined(text) in codes_of_sku("Größe 12/B")


def test_words_are_no_codes_but_two_in_one_are() -> None:
    assert codes_of_name("Smart watch") == ["smartwatch"]
    assert codes_of_name("La Pastora") == []
    assert codes_of_name("T-shirt 3 pack") == ["tshirt", "3", "tshirt3", "3pack"]
    assert codes_of_sku("CHAI-XL") == ["chaixl"]
    assert codes_of_sku("+/+") == []


def test_a_long_code_has_few_parts() -> None:
    assert len(codes_of_sku("1-2-3-4-5-6-7-8-9-10-11-12")) <= 37


@pytest.mark.parametrize("text", ["500 g", "500g", "0.5 kg", "0,5 kg", "500 grams", "500-g", "0.500 Kilo"])
def test_a_size_is_the_same_however_it_is_written(text: str) -> None:
    assert sizes([text]) == ["500g"]


def test_all_sizes_of_a_text_are_found_and_nothing_else() -> None:
    assert sizes(["24 - 12 oz bottles", None, "75 cl, 750 cc, 1,000 g", 'a 55" screen']) == [
        "12oz",
        "750ml",
        "1000g",
        "55inch",
    ]
    assert sizes(["12 glasses", "5 men", "v1.5 l10n", "1.2.3 g"]) == []
