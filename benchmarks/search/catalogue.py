"""The sample catalogue as rows of the topic `products`, and the synonyms that its merchant keeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import msgspec

from contracts import json_text
from contracts.products import ProductRow
from oms.company.northwind import Product, new_product
from search.synonyms import Synonyms

FOLDER = Path(__file__).parents[2] / "demo" / "northwind"
_FIRST_MADE = datetime(2026, 1, 1, tzinfo=UTC)


def rows() -> list[ProductRow]:
    """The 77 products, each made a minute after the one before."""
    lines = (FOLDER / "products.jsonl").read_bytes().splitlines()
    return [_row(number, msgspec.json.decode(line, type=Product)) for number, line in enumerate(lines)]


@cache
def synonyms() -> Synonyms:
    """The rules of the sample company."""
    return Synonyms(lines())


def lines() -> list[str]:
    """The file that has them."""
    return (FOLDER / "synonyms.txt").read_text(encoding="utf-8").splitlines()


def _row(number: int, product: Product) -> ProductRow:
    body = new_product(product)
    made_at = _FIRST_MADE + timedelta(minutes=number)
    said = {**body, "hierarchies": json_text.to_json_text(body["hierarchies"])}
    return msgspec.convert(
        {**said, "created_at": made_at, "updated_at": made_at, "version": 1}, ProductRow, strict=False
    )
