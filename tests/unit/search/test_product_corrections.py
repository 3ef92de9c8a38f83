"""Which word a misspelt one may be corrected to."""

from __future__ import annotations

import pytest

from search.text.corrections import correction


@pytest.mark.parametrize(
    ("word", "better"),
    [
        ("tae", "tea"),
        ("bred", "bread"),
        ("chese", "cheese"),
        ("hering", "herring"),
        ("kamembert", "camembert"),
        ("mozarela", "mozzarella"),
    ],
)
def test_a_word_with_a_slip_is_corrected(word: str, better: str) -> None:
    assert correction(word, ["unlike", better], []) == better
    assert correction(word, [], ["unlike", better]) == better


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("sofa", "soda"),
        ("ham", "jam"),
        ("ham", "has"),
        ("gluten", "gute"),
        ("bears", "pears"),
        ("te", "tea"),
        ("a", "b"),
    ],
)
def test_a_short_word_is_not_made_another(word: str, other: str) -> None:
    assert correction(word, [other], [other]) is None


def test_the_nearest_word_is_taken_and_one_of_products_before_one_of_synonyms() -> None:
    assert correction("chocolatte", ["chocolates", "chocolate"], []) == "chocolate"
    assert correction("peper", ["pepper"], ["paper"]) == "pepper"
    assert correction("spicey", ["spiced"], ["spicy"]) == "spicy"
    assert correction("peper", ["taper"], ["pepper"]) == "pepper"
    assert correction("pepper", ["pepper"], []) is None
