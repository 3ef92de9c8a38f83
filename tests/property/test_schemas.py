"""What the OpenAPI documents say is taken is what is taken: each type's schema against its validator."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import TypeAdapter, ValidationError

from chassis.types.postal_addresses import Latitude, Longitude
from chassis.types.products import AnySku, Price, Sku
from chassis.types.text import Description, Line, Prose
from chassis.types.text import Query as Searched
from orders.line_models import Discount, Quantity
from orders.models import Amount
from products.models import Measure, NewSku

TEXTS = [Line, Prose, Description, Searched, Sku, NewSku, AnySku]
DECIMALS = [Price, Measure, Amount, Discount, Latitude, Longitude]


def agree(kind: Any, value: Any) -> bool:
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    try:
        adapter.validate_python(value)
        is_taken = True
    except ValidationError:
        is_taken = False
    return bool(Draft202012Validator(adapter.json_schema()).is_valid(value)) is is_taken


@pytest.mark.parametrize("kind", TEXTS)
@given(text=st.text(st.characters(codec="utf-8", max_codepoint=0xFFFF), max_size=210))
@example("")
@example(" \u00a0")
@example("\u200b")
@example("a\nb")
@example("a\tb")
@example("\u202e")
@example("a" * 200)
@example("a" * 201)
def test_texts(kind: Any, text: str) -> None:
    assume(len(unicodedata.normalize("NFC", text)) <= len(text))  # a length after a change is beyond JSON Schema
    assume(not text.endswith("\n"))  # where `$` of Python's regular expressions also matches, unlike that of others

    assert agree(kind, text)


@pytest.mark.parametrize("kind", DECIMALS)
@given(text=st.from_regex(r"-?[0-9]{0,13}\.?[0-9]{0,6}", fullmatch=True))
@example("0")
@example("1.0000")
@example("1.00000000001")
@example("90.0")
@example("90.01")
@example("180")
@example("1e3")
@example(" 1")
@example("NaN")
@example("Infinity")
def test_decimals_as_texts(kind: Any, text: str) -> None:
    assume(not text.startswith("-") or kind in (Latitude, Longitude))  # -0 is 0, which is not worth a pattern

    assert agree(kind, text)


@pytest.mark.parametrize("kind", DECIMALS)
@pytest.mark.parametrize(
    "number", [0, -1, 1, 90, 91, 180, 181, 999_999_999, 10**9, 10**12 - 1, 10**12, 0.5, True, None]
)
def test_decimals_as_numbers(kind: Any, number: Any) -> None:
    assert agree(kind, number)


@pytest.mark.parametrize("quantity", [0, 1, 1.0, 1.5, "1", True, None, 1_000_000, 1_000_001])
def test_quantities(quantity: Any) -> None:
    assert agree(Quantity, quantity)


@given(sku=st.text(st.sampled_from("aZ0 ./+#\\é%'\""), max_size=66))
@example("bulk")
@example("suggestions")
@example(".")
@example("..")
@example("...")
def test_skus(sku: str) -> None:
    assume(sku == sku.strip() or sku.strip(". "))  # JSON Schema does not know that " ." is "."

    assert agree(NewSku, sku)
