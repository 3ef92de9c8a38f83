"""What `products` lets in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from products.models import NewProduct

CHAI = {"sku": "NW-0001", "name": "Chai", "price": "18.00", "currency": "USD"}


def faults(body: dict[str, Any]) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        NewProduct.model_validate(body)
    return [".".join(map(str, fault["loc"])) for fault in refused.value.errors()]


def test_a_product_needs_a_sku_a_name_and_a_price_with_its_currency():
    assert sorted(faults({})) == ["currency", "name", "price", "sku"]


@pytest.mark.parametrize("sku", ["a", "A.b_c-1", "0" * 64])
def test_a_sku_is_kept_as_it_is(sku):
    assert NewProduct.model_validate(CHAI | {"sku": sku}).sku == sku


NO_SKUS = [
    "", " ", ".", "..", " .. ", "a\n", "a\tb", "a\x00b", "a\x7f", "a" * 65, "\u0958" * 33, "a\u00a0b", "a\u200bb",
    "\ufeffa", "a\u202eb", "a\u2028b", "\u00ad", "\ud800", 5, None,
]  # fmt: skip
SKUS = [
    "A/B", "-a", "...", "a b", "50% +1 #2", "\"'\\", "茶", "😀" * 64, "?a=b&c", "Bulk", "قهوة", "%2F", "é", "İ",
]  # fmt: skip


@pytest.mark.parametrize(("sku", "stored"), [*((sku, sku) for sku in SKUS), (" a b ", "a b"), ("e\u0301", "\u00e9")])
def test_a_sku_has_any_visible_characters(sku, stored):
    assert NewProduct.model_validate(CHAI | {"sku": sku}).sku == stored


@pytest.mark.parametrize("sku", NO_SKUS)
def test_what_is_no_sku_is_refused(sku):
    assert faults(CHAI | {"sku": sku}) == ["sku"]


def test_a_sku_is_not_the_address_of_something_else():
    assert faults(CHAI | {"sku": "bulk"}) == ["sku"]


@pytest.mark.parametrize("price", ["18", "18.0", "18.0000", 18, 18.0])
def test_a_price_is_a_string_or_a_number(price):
    assert NewProduct.model_validate(CHAI | {"price": price}).price == Decimal(18)


@pytest.mark.parametrize("price", ["-0.01", -1, "1.00001", 1.00001, "1e3", "1_0", 10**12, "", "NaN", True, None])
def test_what_is_no_price_is_refused(price):
    assert faults(CHAI | {"price": price}) == ["price"]


@pytest.mark.parametrize(
    ("currency", "price"),
    [("USD", "0.0125"), ("JPY", "100.5"), ("KWD", "1.001"), ("CLF", "999999999999.9999")],
)
def test_a_price_may_have_more_decimals_than_its_currency(currency, price):
    assert NewProduct.model_validate(CHAI | {"currency": currency, "price": price}).price == Decimal(price)


def test_a_currency_may_be_in_small_letters():
    assert NewProduct.model_validate(CHAI | {"currency": "eur"}).currency == "EUR"


@pytest.mark.parametrize("currency", ["BGN", "HRK", "itl", "XXX", "XAU", "US", "dollar", "", 840, None])
def test_what_nobody_pays_with_is_refused(currency):
    assert faults(CHAI | {"currency": currency}) == ["currency"]


@pytest.mark.parametrize("weight", [-1, "1.2345", 10**9, "heavy", "Infinity"])
def test_a_measure_has_three_decimals_and_is_not_negative(weight):
    assert faults(CHAI | {"weight": weight}) == ["weight"]


@pytest.mark.parametrize("categories", [None, {}, ["Beverages"], [{}], ["a--b"], ["-a"], [""], ["a" * 65], ["a"] * 21])
def test_categories_are_at_most_twenty_slugs(categories):
    assert faults(CHAI | {"categories": categories})
    assert all(place.startswith("categories") for place in faults(CHAI | {"categories": categories}))


def test_a_description_may_have_lines_and_no_other_control_characters():
    assert NewProduct.model_validate(CHAI | {"description": "10 boxes\n30 bags"}).description == "10 boxes\n30 bags"

    assert faults(CHAI | {"description": "10 boxes\x00"}) == ["description"]
