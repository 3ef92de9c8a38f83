"""What Elasticsearch keeps of a row."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contracts.products import Category, ProductRow, StockedProduct
from search.documents import ONLY_SEARCHED, document
from search.response import read_response

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def a_row(**changes: Any) -> ProductRow:
    row = {
        "sku": "NW-0001",
        "name": "Chai",
        "description": None,
        "price": Decimal("18.0000"),
        "currency": "USD",
        "type": None,
        "length": None,
        "width": None,
        "height": None,
        "weight": Decimal("1.250"),
        "unit": "10 boxes x 30 bags",
        "categories": '[{"name": "Beverages", "description": null}]',
        "active": True,
        "created_at": NOON,
        "updated_at": NOON,
        "version": 3,
    }
    return ProductRow(**row | changes)


def test_a_document_has_the_price_as_a_client_sees_it():
    assert document(a_row()).price == "18.00"
    assert document(a_row(currency="JPY", price=Decimal("18.0000"))).price == "18"
    assert document(a_row(price=Decimal("0.0125"))).price == "0.0125"


def test_a_deleted_row_is_marked_one_version_later():
    deleted = document(a_row(is_deleted=True))

    assert (deleted.deleted, deleted.version) == (True, 4)
    assert (document(a_row()).deleted, document(a_row()).version) == (False, 3)


def test_a_document_has_the_stock_of_its_product():
    stocked = StockedProduct.of(a_row(), '["lima", "quito"]', 40)
    found = document(stocked)

    assert (found.available_at, found.in_stock, found.version, found.availability_version) == (
        ["lima", "quito"],
        True,
        3,
        40,
    )
    assert stocked.document_version == 43
    assert (document(a_row()).available_at, document(a_row()).in_stock) == ([], False)
    assert StockedProduct.of(a_row(is_deleted=True), '["lima"]', 40).document_version == 44


@pytest.mark.parametrize(("currency", "price"), [("BGN", "18.00"), ("ITL", "18"), ("ZZZ", "18.00")])
def test_a_row_in_a_currency_that_no_list_has_any_more_is_read(currency, price):
    assert document(a_row(currency=currency, price=Decimal("18.0000"))).price == price


def test_a_category_without_a_slug_gets_that_of_its_name():
    assert document(a_row()).categories == [Category(slug="beverages", name="Beverages", path=["beverages"])]


@pytest.mark.parametrize("categories", ["", "{}", '[{"title": "x"}]'])
def test_a_row_with_other_categories_is_refused(categories):
    with pytest.raises(msgspec.MsgspecError):
        document(a_row(categories=categories))


def test_a_document_from_before_the_tree_is_shown_without_categories():
    source = msgspec.to_builtins(document(a_row()), builtin_types=(datetime,))
    source["hierarchies"] = source.pop("categories")
    hit = {"_source": source | {"created_at": "x", "updated_at": "x"}, "sort": [1]}

    [found] = read_response(msgspec.json.encode({"hits": {"hits": [hit]}})).found

    assert found.product.categories == []


def test_the_index_returns_all_but_what_is_only_searched() -> None:
    index = json.loads((Path(__file__).parents[3] / "products" / "indexing" / "index.json").read_text())

    assert index["mappings"]["_source"]["excludes"] == list(ONLY_SEARCHED)
