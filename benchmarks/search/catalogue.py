"""The sample catalogue as rows of the topic `products`, and its synonyms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from contracts import json_text
from contracts.products import ProductRow
from oms.company.products import Product, product_body
from search.synonyms import Synonyms

FOLDER = Path(__file__).parents[2] / "demo" / "northwind"
_FIRST_CREATED = datetime(2026, 1, 1, tzinfo=UTC)


def rows() -> list[ProductRow]:
    """The 77 products, created a minute apart."""
    lines = (FOLDER / "products.jsonl").read_bytes().splitlines()
    return [_row(number, msgspec.json.decode(line, type=Product)) for number, line in enumerate(lines)]


@cache
def synonyms() -> Synonyms:
    """The synonyms of the sample company."""
    return Synonyms(lines())


def lines() -> list[str]:
    """The lines of the synonyms file."""
    return (FOLDER / "synonyms.txt").read_text(encoding="utf-8").splitlines()


@cache
def _tree() -> dict[str, dict[str, Any]]:
    lines = (FOLDER / "categories.jsonl").read_bytes().splitlines()
    return {each["slug"]: each for each in map(msgspec.json.decode, lines)}


def with_categories(body: dict[str, Any]) -> dict[str, Any]:
    """The body of a product of the sample company with copies of its categories in place of their slugs."""
    copies = [{"slug": slug, "name": _tree()[slug]["name"], "path": _path(slug)} for slug in body["categories"]]
    return {**body, "categories": copies}


def _path(slug: str) -> list[str]:
    parent = _tree()[slug].get("parent")
    return [*(_path(parent) if parent else []), slug]


def _row(number: int, product: Product) -> ProductRow:
    body = with_categories(product_body(product))
    created_at = _FIRST_CREATED + timedelta(minutes=number)
    values = {**body, "categories": json_text.to_json_text(body["categories"])}
    return msgspec.convert(
        {**values, "created_at": created_at, "updated_at": created_at, "version": 1}, ProductRow, strict=False
    )
